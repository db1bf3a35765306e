"""The feed over HTTP, on a real server."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any

import httpx2
import pytest

from adapters.topics import UnknownTopic
from tests.adapters.bus.fakes import eventually
from tests.support.served import Source, serving

PROBLEM = "application/problem+json"
STREAM = "text/event-stream; charset=utf-8"


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def client(source: Source) -> Iterator[httpx2.Client]:
    with (
        serving(source) as port,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}/feed", timeout=10) as client,
    ):
        yield client


def page(client: httpx2.Client, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/events", params=asked).raise_for_status().json()
    return found


def test_pages_go_on_where_the_last_one_ended(client: httpx2.Client, source: Source) -> None:
    source.log.many(25)
    seen, after = list[str](), 0
    while (found := page(client, after=after, limit=10))["next"] != after:
        seen += [event["id"] for event in found["events"]]
        after = found["next"]
    assert seen == source.log.ids()
    assert after == found["head"] == source.log.head()


def test_a_topic_that_matches_nothing_still_moves_on(client: httpx2.Client, source: Source) -> None:
    source.log.many(5)
    found = page(client, topic="mission.#")
    assert (found["events"], found["next"]) == ([], source.log.head())


NO_TOPIC = [{"topic": topic} for topic in ("", "partnership.", "é.#", "#." * 8000 + "x")]


@pytest.mark.parametrize(
    "asked", [{"after": -1}, {"after": "x"}, {"limit": 0}, {"limit": 1001}, *NO_TOPIC]
)
def test_what_makes_no_sense_is_refused(client: httpx2.Client, asked: dict[str, Any]) -> None:
    assert client.get("/events", params=asked).status_code == 422


def read(client: httpx2.Client, count: int, **headers: str) -> list[tuple[int, dict[str, Any]]]:
    found: list[tuple[int, dict[str, Any]]] = []
    with client.stream("GET", "/events/stream", headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        position = 0
        for line in response.iter_lines():
            if line.startswith("id: "):
                position = int(line[4:])
            elif line.startswith("data: "):
                found.append((position, json.loads(line[6:])))
                if len(found) == count:
                    break
    return found


def test_a_stream_goes_on_with_what_is_recorded_and_resumes(
    client: httpx2.Client, source: Source
) -> None:
    source.log.many(3)
    later = threading.Timer(0.5, lambda: source.log.many(3))
    later.start()
    first = read(client, 5)
    later.join()
    assert [event["id"] for _, event in first] == source.log.ids()[:5]
    rest = read(client, 1, **{"Last-Event-ID": str(first[-1][0])})
    assert [event["id"] for _, event in rest] == source.log.ids()[5:]


@pytest.mark.parametrize("last", ["x", "-1", str(2**63)])
def test_a_last_event_id_that_is_no_position_is_refused(client: httpx2.Client, last: str) -> None:
    assert client.get("/events/stream", headers={"Last-Event-ID": last}).status_code == 400


def test_a_reader_past_the_end_of_the_log_is_told_so_and_misses_nothing(
    client: httpx2.Client, source: Source
) -> None:
    source.log.many(3)
    past = source.log.head() + 1
    assert client.get("/events", params={"after": past}).status_code == 409
    assert client.get("/events/stream", headers={"Last-Event-ID": str(past)}).status_code == 409


def test_a_log_that_is_away_is_asked_for_later_and_a_stream_goes_on_when_it_is_back(
    client: httpx2.Client, source: Source
) -> None:
    source.log.many(1)
    later = threading.Timer(1.5, source.back)

    with client.stream("GET", "/events/stream") as response:
        lines = response.iter_lines()
        assert any(line.startswith("id: ") for line in lines)
        source.away = True
        asked = client.get("/events")
        later.start()
        assert any(line.startswith("id: ") for line in lines)

    assert (asked.status_code, asked.json()["problem"]) == (503, "Unavailable")
    assert "/secret" not in asked.text


def test_an_answer_is_not_kept_by_a_browser_nor_taken_for_something_else(
    client: httpx2.Client,
) -> None:
    headers = client.get("/events").headers
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_a_stream_too_many_is_refused_so_that_a_browser_comes_back_until_there_is_room(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.web.feed.MOST_STREAMS", 4)
    source.log.many(1)
    with ExitStack() as server:
        port = server.enter_context(serving(source))
        base = f"http://127.0.0.1:{port}/feed"
        client = server.enter_context(httpx2.Client(base_url=base, timeout=10))
        _one_too_many(client)


def _one_too_many(client: httpx2.Client) -> None:
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(client.stream("GET", "/events/stream"))
        refused = client.get("/events/stream")
    assert (refused.status_code, refused.headers["content-type"]) == (200, STREAM)
    assert refused.text == "retry: 5000\n: too many streams at a time\n\n"

    def let_in() -> bool:
        with client.stream("GET", "/events/stream") as response:
            return next(response.iter_lines()) == "retry: 2000"

    eventually(let_in, 10, "room after all streams closed")


def test_a_stream_is_refused_so_that_a_browser_comes_back_while_the_log_is_away(
    client: httpx2.Client, source: Source
) -> None:
    source.away = True
    refused = client.get("/events/stream")
    assert (refused.status_code, refused.text.splitlines()[0]) == (200, "retry: 5000")


def test_a_damaged_entry_is_named_and_what_is_before_it_is_given(
    client: httpx2.Client, source: Source
) -> None:
    source.log.many(3)
    source.log.rows[3] = source.log.rows[3]._replace(state=b"\xff")
    before = page(client)
    assert [event["id"] for event in before["events"]] == source.log.ids()[:1]
    answer = client.get("/events", params={"after": before["next"]})
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert answer.json()["mistakes"] == [
        "position: 4",
        "stream: partnership/CITY-1",
        "version: 1",
    ]
    with client.stream("GET", "/events/stream") as response:
        told = [line for line in response.iter_lines() if line.startswith("id: ")]
    assert told == ["id: 2"], "the stream ends before it"


NOT_US = "this server has another name"
NONSENSE = "the request makes no sense here"


@pytest.mark.parametrize(
    ("asked", "status", "detail"),
    [
        ({"headers": {"Host": "attacker.example"}}, 400, NOT_US),
        ({"headers": {"Host": "localhost.attacker.example"}}, 400, NOT_US),
        ({"url": "/nothing"}, 404, "there is nothing at /feed/nothing"),
        ({"method": "POST"}, 405, "Method Not Allowed"),
        ({"params": {"after": 1}}, 409, "the log ends at 0: a backup was restored"),
        ({"params": {"after": -1}}, 422, NONSENSE),
        ({"params": {"topic": "mision.#"}}, 422, UnknownTopic(topic="", near=()).title),
        (
            {"url": "/events/stream", "params": {"topic": "mision.#"}},
            422,
            UnknownTopic(topic="", near=()).title,
        ),
    ],
)
def test_every_refusal_is_told_in_one_way(
    client: httpx2.Client, asked: dict[str, Any], status: int, detail: str
) -> None:
    request: dict[str, Any] = {"method": "GET", "url": "/events", **asked}
    answer = client.request(**request)
    told = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert {name: answer.json()[name] for name in told} == told


def test_every_mistake_is_named(client: httpx2.Client) -> None:
    assert client.get("/events", params={"after": -1, "limit": "x"}).json()["mistakes"] == [
        "query.after: must be at least 0, and not '-1'",
        "query.limit: needs a whole number, and not 'x'",
    ]


def test_a_fault_of_the_program_is_told_like_a_refusal_and_not_what_it_was(
    client: httpx2.Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "head", lambda: 1 // 0)
    answer = client.get("/events")
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert answer.json()["detail"] == "a fault of the program: please report it"


def test_more_requests_than_there_is_room_for_are_asked_to_come_later(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.web.problems.MOST_REQUESTS", 0)
    answer = client.get("/events")
    assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
    assert answer.headers["retry-after"] == "5"


def test_schemas_are_served(client: httpx2.Client) -> None:
    names = client.get("/schemas").json()
    assert "partnership.reclassified.v1" in names
    schema = client.get("/schemas/partnership.reclassified.v1")
    assert schema.json()["title"] == "partnership.reclassified.v1"
    assert client.get("/asyncapi.json").json()["asyncapi"] == "3.0.0"
    for unknown in ("x", "asyncapi", "..%2Fasyncapi"):
        assert client.get(f"/schemas/{unknown}").status_code == 404
