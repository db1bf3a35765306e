"""Two servers on one PostgreSQL are one: drafts, forms, repeats, rate limits, and kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.services import EmptyDatabases, free_port
from tests.support.provider import Provider, providing
from tests.support.signing import BASE, Signing, signed_in, token_in
from tests.support.street import RECORDS, Street

pytestmark = [pytest.mark.server, pytest.mark.slow]

SECONDS = 60.0
ITEM = """meeting: {{id: 2002-03-01-{name}, on: 2002-03-01}}
items:
  - receive-request:
      request: {name}
      place: UA-KIEV
      group: {{name: Friends of Kiev, office: Chair}}
      asks: To be an International partner.
"""
KILLED = """
import os, signal
from application.command_bus import CommandBus
handle = CommandBus.handle
def killed(self, *envelopes, **more):
    if {after}:
        handle(self, *envelopes, **more)
    os.kill(os.getpid(), signal.SIGKILL)
CommandBus.handle = killed
from adapters.cli.main import main
main()
"""
"""A server that kill -9 ends as it records: before its commit, or after it and before all else."""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing() as started:
        yield started


@pytest.fixture(scope="module")
def signing(
    empty_databases: EmptyDatabases,
    provider: Provider,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Signing]:
    folder = tmp_path_factory.mktemp("street")
    with empty_databases.one() as url:
        street = Street.on_postgres(url, folder)
        street.done("setup")
        street.done("record", RECORDS)
        yield Signing(street, folder, provider)


@pytest.fixture
def servers(signing: Signing) -> Iterator[tuple[FastAPI, FastAPI]]:
    with signing.server() as one, signing.server() as other:
        yield one, other


def beside(client: TestClient, app: FastAPI) -> TestClient:
    """The same browser at another server."""
    return TestClient(app, base_url=BASE, cookies=dict(client.cookies), follow_redirects=False)


def head(client: TestClient) -> int:
    return int(client.get("/ready").json()["position"])


def drafted(client: TestClient, name: str) -> str:
    """The address of a draft."""
    text = ITEM.format(name=name)
    token = token_in(client.get("/record").text)
    told = {"token": token, "draft": text, "seen": str(head(client))}
    kept = client.post("/record/store", data=told)
    assert kept.status_code == 303, kept.text
    return kept.headers["location"]


def at_once(*calls: Callable[[], int]) -> list[int]:
    """What the calls return that begin together."""
    ready, found = threading.Barrier(len(calls)), dict[int, int]()

    def run(number: int, call: Callable[[], int]) -> None:
        ready.wait(SECONDS)
        found[number] = call()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    return [found[number] for number in range(len(calls))]


def status_of(client: TestClient, path: str, form: Mapping[str, str]) -> int:
    return client.post(path, data=form).status_code


def requests_called(client: TestClient, name: str) -> int:
    rows = client.get("/api/v1/requests").json()
    return sum(row["request"] == name for row in rows)


# --- at once --------------------------------------------------------------------------------------


def test_a_draft_that_both_approve_at_once_is_recorded_once(
    servers: tuple[FastAPI, FastAPI],
) -> None:
    one, other = servers
    clara, carl = signed_in(one, "clara"), signed_in(one, "carl")
    for number in range(3):
        draft, before = drafted(clara, f"both-{number}"), head(carl)
        form = {"token": token_in(carl.get(draft).text), "seen": str(before)}
        there = beside(carl, other)

        path = f"{draft}/approve"
        approvals = [partial(status_of, each, path, form) for each in (carl, there)]
        assert sorted(at_once(*approvals)) == [303, 409]
        assert requests_called(there, f"both-{number}") == 1
        assert "This draft was recorded" in clara.get(draft).text


def test_a_draft_is_approved_or_withdrawn_never_both(servers: tuple[FastAPI, FastAPI]) -> None:
    one, other = servers
    clara, carl = signed_in(one, "clara"), signed_in(other, "carl")
    for number in range(3):
        draft, before = drafted(clara, f"either-{number}"), head(carl)
        approval = {"token": token_in(carl.get(draft).text), "seen": str(before)}
        token = token_in(clara.get("/record").text)
        statuses = at_once(
            partial(status_of, carl, f"{draft}/approve", approval),
            partial(status_of, clara, f"{draft}/withdraw", {"token": token}),
        )
        assert sorted(statuses) == [303, 409]
        assert requests_called(clara, f"either-{number}") == (statuses[0] == 303)
        assert (head(carl) > before) == (statuses[0] == 303)


def test_a_form_of_one_server_is_taken_by_the_other(servers: tuple[FastAPI, FastAPI]) -> None:
    one, other = servers
    clara = signed_in(one, "clara")
    token = token_in(clara.get("/record").text)
    told = {"token": token, "text": ITEM.format(name="carried")}
    shown = beside(clara, other).post("/record", data=told)
    assert (shown.status_code, "Put it before a second person" in shown.text) == (200, True)


def test_a_request_that_both_are_sent_at_once_is_recorded_once(
    signing: Signing, provider: Provider
) -> None:
    with signing.server(four_eyes=False) as one, signing.server(four_eyes=False) as other:
        clients = [TestClient(app, base_url=BASE) for app in (one, other)]
        sent = {"authorization": f"Bearer {provider.token('clara')}"}
        for client in clients:  # FastAPI makes all routes at the first request: not in two threads
            assert client.get("/nothing").status_code == 404

        def record(client: TestClient, key: str, asks: str = "Friendship.") -> tuple[int, str]:
            fields = {
                "on": "2002-03-01",
                "request": key,
                "place": "UA-KIEV",
                "group": {"name": "Friends of Kiev", "office": "Chair"},
                "asks": asks,
            }
            headers = {**sent, "idempotency-key": key}
            answer = client.post("/api/v1/commands/receive-request", json=fields, headers=headers)
            return answer.status_code, answer.text

        for number in range(3):
            key = f"twice-{number}"
            statuses = at_once(*(lambda c=c, k=key: record(c, k)[0] for c in clients))
            assert sorted(statuses) == [200, 201]
            assert requests_called(signed_in(other, "rosa"), key) == 1
        status, says = record(clients[1], "twice-0", "Another thing.")
        assert (status, "twice-0 named another request before" in says) == (422, True)


def test_both_count_towards_one_rate_limit(
    signing: Signing, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.people.rate_limits.clock", lambda _: 2_000_000.0)
    limits = {"reads_per_minute": 19, "records_per_minute": 3}
    with signing.server(**limits) as one, signing.server(**limits) as other:
        clients = [TestClient(app, base_url=BASE) for app in (one, other, one, other)]
        sent = {"authorization": f"Bearer {provider.token('sub')}"}
        recording = [c.post("/api/v1/minutes", headers=sent).status_code for c in clients]
        assert recording == [403, 403, 403, 429]  # no role of theirs, and counted all the same
        reading = [clients[n % 2].get("/api/v1/log", headers=sent).status_code for n in range(20)]
        assert reading == [*[403] * 19, 429]


# --- kill -9 --------------------------------------------------------------------------------------


@contextmanager
def process(
    signing: Signing, folder: Path, *, after: bool
) -> Generator[tuple[str, subprocess.Popen[bytes]]]:
    """A server that is killed as it records, as a process of its own."""
    port = free_port()
    own = {f"ALLIANCE_{name.upper()}": str(said) for name, said in signing.settings.items()}
    with (folder / "log").open("wb") as log:
        started = subprocess.Popen(
            [sys.executable, "-c", KILLED.format(after=after), "serve", "--port", str(port)],
            env={"PATH": os.environ["PATH"], **own},
            cwd=Path(__file__).parents[3],
            stdout=log,
            stderr=log,
        )
    here = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + SECONDS
        while not _answers(here):
            assert started.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.05)
        yield here, started
    finally:
        started.kill()
        started.wait()


def _answers(here: str) -> bool:
    try:
        return httpx2.get(f"{here}/health").status_code == 200
    except httpx2.TransportError:
        return False


@pytest.mark.drill
@pytest.mark.parametrize("after", [False, True], ids=["before its commit", "after its commit"])
def test_a_server_that_dies_as_it_approves_leaves_nothing_lost_or_doubled(
    signing: Signing, tmp_path: Path, *, after: bool
) -> None:
    name = f"killed-{after}".lower()
    with signing.server() as survivor, process(signing, tmp_path, after=after) as (here, dies):
        clara, carl = signed_in(survivor, "clara"), signed_in(survivor, "carl")
        draft, before = drafted(clara, name), head(clara)
        form = {"token": token_in(carl.get(draft).text), "seen": str(before)}
        with pytest.raises(httpx2.TransportError):
            httpx2.post(
                f"{here}{draft}/approve", data=form, cookies=dict(carl.cookies), timeout=SECONDS
            )
        assert dies.wait(SECONDS) == -signal.SIGKILL
        assert (head(carl) > before) == after  # all of the act is in the log, or nothing
        assert requests_called(carl, name) == after

        form["seen"] = str(head(carl))
        approved = carl.post(f"{draft}/approve", data=form)
        assert approved.status_code == 303, approved.text
        assert requests_called(carl, name) == 1
        assert "This draft was recorded" in clara.get(draft).text
        end = head(carl)
        assert carl.post(f"{draft}/approve", data=form).status_code == 409
        assert head(carl) == end


@pytest.mark.drill
@pytest.mark.parametrize("after", [False, True], ids=["before its commit", "after its commit"])
def test_a_request_whose_server_died_is_sent_to_the_other_again(
    signing: Signing, provider: Provider, tmp_path: Path, *, after: bool
) -> None:
    name = f"again-{after}".lower()
    fields = {
        "on": "2002-03-01",
        "request": name,
        "place": "UA-KIEV",
        "group": {"name": "Friends of Kiev", "office": "Chair"},
        "asks": "Friendship.",
    }
    path = "/api/v1/commands/receive-request"
    headers = {"authorization": f"Bearer {provider.token('clara')}", "idempotency-key": name}
    own = Signing.__new__(Signing)
    own.settings = {**signing.settings, "four_eyes": "false"}
    with own.server() as survivor, process(own, tmp_path, after=after) as (here, dies):
        with pytest.raises(httpx2.TransportError):
            httpx2.post(f"{here}{path}", json=fields, headers=headers, timeout=SECONDS)
        assert dies.wait(SECONDS) == -signal.SIGKILL
        program = TestClient(survivor, base_url=BASE)
        first = program.post(path, json=fields, headers=headers)
        assert first.status_code == (200 if after else 201), first.text
        assert first.json()["outcomes"][0]["repeated"] is after
        again = program.post(path, json=fields, headers=headers)
        assert again.status_code == 200
        assert again.json()["outcomes"][0]["events"] == first.json()["outcomes"][0]["events"]
        assert requests_called(signed_in(survivor, "rosa"), name) == 1
