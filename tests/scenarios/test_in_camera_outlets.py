"""The outlets of a register that are not the command line: nothing in camera leaves by them.

On SQLite and on PostgreSQL, with the embedded bus and with RabbitMQ.
"""

from __future__ import annotations

import io
import json
import threading
import zipfile
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from starlette.testclient import TestClient

from adapters.bootstrap import open_bus, open_register
from adapters.settings import Settings
from adapters.web.app import create_app
from tests.adapters.bus.fakes import eventually
from tests.scenarios.test_in_camera import HELD, RELEASED, SECRET
from tests.support.served import Source
from tests.support.street import RECORDS, Street

ORIGIN = "register.example/in-camera"
HIDDEN = ["matter/MM1.7/1", "matter/MM1.7/2", "matter/MM1.7/3", "partnership/MX-GUERRERO/1"]
"""The entries in camera, in the order of recording."""


@pytest.fixture(params=["sqlite", "postgres"])
def street(request: pytest.FixtureRequest, tmp_path: Path) -> Street:
    if request.param == "sqlite":
        made = Street.on_sqlite(tmp_path)
    else:
        made = Street.on_postgres(request.getfixturevalue("fresh_postgres_url"), tmp_path)
    return prepared(made, tmp_path)


def prepared(street: Street, folder: Path) -> Street:
    """A register with the record of 2001 and a matter in camera."""
    street.done("setup")
    street.done("record", RECORDS)
    records(street, folder, "held", HELD)
    return street


def records(street: Street, folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.yaml").write_text(dedent(text), encoding="utf-8")
    street.done("record", folder / f"{name}.yaml")


def settings(street: Street, **further: object) -> Settings:
    given = {
        name.removeprefix("ALLIANCE_").lower(): value for name, value in street.environment.items()
    }
    return Settings.model_validate({**given, **further})


def feed_of(street: Street) -> list[dict[str, Any]]:
    with open_bus(settings(street)) as bus:
        return [json.loads(message.body) for message in bus.feed.messages(0)]


def received(street: Street, name: str, expected: int) -> list[dict[str, Any]]:
    """What a subscriber of partnerships and matters got, once it has as many as expected."""
    got: list[dict[str, Any]] = []
    stop = threading.Event()
    with open_bus(settings(street)) as bus:
        bus.subscribers.subscribe(name, ("partnership.#", "city.#", "matter.#", "decision.#"), 0)
        threads = (
            threading.Thread(target=bus.relay().run, args=(stop,)),
            threading.Thread(
                target=bus.subscribers.receive,
                args=(name, lambda event, _: got.append(event), stop),
            ),
        )
        for thread in threads:
            thread.start()
        try:
            eventually(lambda: len(got) >= expected, seconds=60)
        finally:
            stop.set()
            for thread in threads:
                thread.join(30)
    return got


def of_matters(feed: list[dict[str, Any]]) -> list[str]:
    kinds = ("partnership", "city", "matter", "decision")
    return [each["id"] for each in feed if each["type"].split(".")[0] in kinds]


def test_a_subscriber_gets_nothing_of_it_and_misses_nothing_once_it_is_released(
    street: Street, tmp_path: Path
) -> None:
    bus_gives_it_once_released(street, tmp_path)


def test_the_same_with_rabbitmq(
    amqp_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, amqp_prefix: str
) -> None:
    register = "c" + amqp_prefix.rpartition(".")[0].rpartition(".")[2]
    made = Street.on_sqlite(tmp_path)
    street = Street(
        {**made.environment, "ALLIANCE_BUS_URL": amqp_url, "ALLIANCE_REGISTER_ID": register}
    )
    bus_gives_it_once_released(prepared(street, tmp_path), tmp_path)
    with open_bus(settings(street)) as bus:
        bus.remove(with_subscribers=True)


def bus_gives_it_once_released(street: Street, folder: Path) -> None:
    before = feed_of(street)
    assert SECRET not in json.dumps(before)
    wanted = of_matters(before)
    got = received(street, "archive", len(wanted))
    assert SECRET not in json.dumps(got)
    assert [each["id"] for each in got] == wanted
    records(street, folder, "released", RELEASED)
    after = of_matters(feed_of(street))
    later = received(street, "archive", len(after) - len(wanted))
    assert [each["id"] for each in later] == after[len(wanted) :]
    assert [each["id"] for each in later if each["id"] in HIDDEN] == [
        id_ for id_ in HIDDEN if "/2" not in id_
    ]
    (opened,) = [each for each in later if each["id"] == "matter/MM1.7/1"]
    assert opened["data"]["title"] == f"Talks with {SECRET}"
    found = json.loads(street.done("subscribers", "reconcile", "archive", "-f", "json"))
    assert found[0]["sound"]


def test_a_webhook_gets_nothing_of_it_until_it_is_released(
    street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(
        "adapters.bus.webhooks.follower.deliver",
        lambda _hook, message, _stop, _resolving: sent.append(message.body),
    )
    with open_bus(settings(street)) as bus, closing(bus.webhooks()) as webhooks:
        hook = webhooks.add("city", "http://127.0.0.1:9/hook", ("#",), 0, private=True)
        webhooks.once(hook, "one", threading.Event())
        assert len(sent) == len(feed_of(street))
        assert SECRET.encode() not in b"".join(sent)
        already = len(sent)
        records(street, tmp_path, "released", RELEASED)
        webhooks.once(hook, "one", threading.Event())
    ids = [json.loads(body)["id"] for body in sent[already:]]
    assert [id_ for id_ in ids if id_ in HIDDEN] == HIDDEN


def pages(street: Street, **further: object) -> Iterator[tuple[str, int, str]]:
    with open_register(settings(street, **further)) as register:
        client = TestClient(
            create_app(Source(), {}, threading.Event(), register), base_url="http://127.0.0.1"
        )
        described = client.get("/openapi.json").json()["paths"]
        asked = [path.removeprefix("/api/v1") for path in described if path.startswith("/api/v1")]
        lists = [path for path in asked if "{" not in path and path not in ("/minutes", "/redline")]
        head = register.log.head()
        for path in (
            *lists,
            *("/redline?before=2001-12-03", "/compare?before=2001-12-03", "/log?grep=talks"),
            *(f"{name}?search={SECRET}" for name in ("/matters", "/decisions", "/partnerships")),
            *(f"/log?stream={stream}" for stream in ("matter", "partnership", "command")),
            *(f"/log/{position}" for position in range(head - 9, head + 1)),
            *("/matters/MM1.7", "/partnerships/MX-GUERRERO", "/why/targeted/guerrero"),
            *("/clocks/targeted/guerrero", "/why/decision/MM1.7/adopts", "/record", "/"),
            *("/metrics", "/ready"),
        ):
            for prefix in ("", "/api/v1"):
                query = {} if path in ("/metrics", "/ready") else {"as_of": "2010-01-01"}
                answer = client.get(prefix + path, params=_with(path, query))
                yield prefix + path, answer.status_code, _readable(answer.content)


def _with(path: str, query: dict[str, str]) -> dict[str, str]:
    """The parameters of a path, and further ones."""
    given = (each.split("=") for each in path.partition("?")[2].split("&") if each)
    return {**dict(given), **query}


def _readable(content: bytes) -> str:
    """The text of an answer; of a workbook that of everything in it."""
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


def test_pages_and_the_api_show_nothing_of_it_until_it_is_released(
    street: Street, tmp_path: Path
) -> None:
    told = [*pages(street)]
    # what was asked for stands in the answer to a search
    assert not [
        path
        for path, _, text in told
        if SECRET in text and (f"search={SECRET}" not in path or "MM1.7" in text)
    ]
    assert len(told) > 150
    assert {status for path, status, _ in told if path.endswith("/matters/MM1.7")} == {404}
    records(street, tmp_path, "released", RELEASED)
    shown = {path for path, status, text in pages(street) if status == 200 and SECRET in text}
    lists = {f"/api/v1/{name}" for name in ("matters.csv", "matters.xlsx", "decisions.atom", "log")}
    assert {"/matters", "/matters/MM1.7", "/api/v1/matters/MM1.7", *lists} <= shown


def test_evidence_has_the_digest_and_the_place_and_verifies_before_and_after(
    street: Street, tmp_path: Path
) -> None:
    named = Street({**street.environment, "ALLIANCE_ORIGIN": ORIGIN})
    policy = tmp_path / "policy.txt"
    for step in ("before", "after"):
        if step == "after":
            records(street, tmp_path, "released", RELEASED)
        named.done("seal", "--once")
        policy.write_text(named.done("evidence", "key"))
        bundle = tmp_path / f"{step}.zip"
        named.done("evidence", "bundle", bundle)
        named.done("evidence", "verify", bundle, "--policy", policy)
        assert (SECRET.encode() in within(bundle)) == (step == "after")


def within(bundle: Path) -> bytes:
    """All that a bundle holds, with the bytes of every event as they were stored."""
    with zipfile.ZipFile(bundle) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    lines = map(json.loads, members["events.jsonl"].splitlines())
    stored = (b64decode(part) for line in lines for part in line["data"].values())
    return b"\n".join((*members.values(), *stored))


def test_the_command_line_of_who_may_see_it_shows_it_on_either_database(street: Street) -> None:
    asked = ("list", "matters", "--as-of", "2010-01-01", "--format", "json")
    shown = street.run(*asked, ALLIANCE_IN_CAMERA="true")
    assert shown.code == 0, shown.err
    assert f"Talks with {SECRET}" in shown.out
    assert SECRET not in street.done(*asked)


def test_a_backup_is_sealed_and_with_the_keys_whole(street: Street, tmp_path: Path) -> None:
    street.done("backup", tmp_path / "copy")
    street.done("backup", tmp_path / "keys", "--personal-keys")
    assert SECRET.encode() not in (tmp_path / "copy").read_bytes()
    elsewhere = Street.on_sqlite(tmp_path / "elsewhere")
    elsewhere.done("restore", tmp_path / "keys", "--personal-keys")
    elsewhere.done("restore", tmp_path / "copy")
    asked = ("list", "matters", "--as-of", "2010-01-01", "--format", "json")
    assert f"Talks with {SECRET}" in elsewhere.run(*asked, ALLIANCE_IN_CAMERA="true").out


def test_a_server_never_shows_it_whatever_the_setting(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Settings] = []
    monkeypatch.setattr(
        "adapters.web.app.serve",
        lambda app, *_, **__: served.append(app.state.room.register.settings),
    )
    street.run("serve", ALLIANCE_IN_CAMERA="true")
    assert [each.in_camera for each in served] == [False]
