"""Many registers in one log, one process each for all of them: a broken one stops no other."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import httpx2
import psycopg
import pytest

from adapters.addresses import locate
from adapters.bootstrap import open_bus, open_register, set_up
from adapters.bootstrap_registers import carried
from adapters.bus.relay.ledger import Ledger
from adapters.settings import InvalidSettings, Settings, load
from application.command_bus import Envelope
from application.turns import AT_A_TIME
from domain.proceedings.matter import OpenMatter
from domain.shared.dates import When
from tests.support.alliance import Ran, run

NAMES = ("halton", "peel", "toronto", "vaughan", "york")
"""More than a process has open at a time."""
POISONED, KEYLESS = "peel", "york"
OTHERS = tuple(name for name in NAMES if name not in (POISONED, KEYLESS))
SECONDS = 150.0
ALLIANCE = (sys.executable, "-c", "from adapters.cli.main import main; main()")
BODY = {"on": "2001-11-07", "matter": "tokyo", "title": "Sister cities"}


class Registers:
    """Five registers in one log, of which one has a poisoned event and one has lost its keys."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        own = str(folder / "{register}")
        self.environment = {
            "ALLIANCE_DATABASE_URL": url,
            "ALLIANCE_REGISTERS": "*",
            "ALLIANCE_BUS_URL": f"sqlite:///{folder / 'bus.sqlite'}",
            "ALLIANCE_KEYS_FILE": f"{own}.key",
            "ALLIANCE_PERSONAL_KEYS_FILE": f"{own}.personal",
            "ALLIANCE_EVIDENCE_KEYS_FILE": f"{own}.evidence",
            "ALLIANCE_EVIDENCE_HEAD_FILE": f"{own}.head",
            "ALLIANCE_ORIGIN": "register.example.org/{register}",
            "ALLIANCE_ACTOR": "a clerk",
        }

    def of(self, name: str) -> Settings:
        with mock.patch.dict(os.environ, self.environment):
            return carried("*")[name] if name in NAMES else load()

    def make(self) -> None:
        for name in NAMES:
            with mock.patch.dict(os.environ, {**self.environment, "ALLIANCE_REGISTERS": name}):
                settings = carried()[name]
            set_up(settings)
            self.record(name, "kiev")
            with open_bus(settings) as bus:
                bus.subscribers.subscribe("reader", ["#"], 0)

    def record(self, name: str, matter: str) -> None:
        command = OpenMatter(on=When.parse("2001-11-07"), matter=matter, title="Sister cities")
        with open_register(self.of(name)) as register:
            register.command_bus.handle(Envelope(matter, command, "a clerk"))

    def execute(self, *statements: str) -> None:
        where = locate(self.url)
        if isinstance(where, Path):
            with closing(sqlite3.connect(where, isolation_level=None)) as db:
                for statement in statements:
                    db.execute(statement)
        else:
            with psycopg.connect(self.url, autocommit=True) as connection:
                for statement in statements:
                    connection.execute(statement.encode())

    def poison(self, state: str) -> None:
        """Alter an event of one register as only an administrator of the database could."""
        like = f"originator_id LIKE '{POISONED}/matter/%'"
        if isinstance(locate(self.url), Path):
            with closing(sqlite3.connect(Path(self.url.removeprefix("sqlite:///")))) as db:
                found = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                off = [f"DROP TRIGGER {name}" for (name,) in found.fetchall()]
        else:
            off = ["SET session_replication_role = replica"]
        self.execute(*off, f"UPDATE stored_events SET {state} WHERE {like}")  # noqa: S608

    def published(self, name: str) -> int:
        with closing(Ledger(self.of(name).bus_state)) as ledger:
            return ledger.published().count

    def sealed(self, name: str) -> bool:
        head = self.folder / f"{name}.head"
        return head.exists() and head.read_text().startswith(f"register.example.org/{name}\n")

    @contextmanager
    def going(self, *arguments: str) -> Generator[Path]:
        """Run a command until the block ends; the file is what it says on standard error."""
        said = self.folder / "said"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("ALLIANCE_")}
        with said.open("wb") as file:
            process = subprocess.Popen(
                [*ALLIANCE, *arguments],
                env={**inherited, **self.environment},
                stderr=file,
                stdout=subprocess.DEVNULL,
            )
            try:
                yield said
                assert process.poll() is None, said.read_text()
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(SECONDS) == 0, said.read_text()

    def run(self, *arguments: object, **settings: str) -> Ran:
        return run(*arguments, settings={**self.environment, **settings})


@pytest.fixture(params=["sqlite", "postgres"])
def registers(request: pytest.FixtureRequest, tmp_path: Path) -> Registers:
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    if request.param == "postgres":
        url = str(request.getfixturevalue("fresh_postgres_url"))
    made = Registers(url, tmp_path)
    made.make()
    return made


def until(true: Callable[[], object], said: Path) -> None:
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, said.read_text()
        time.sleep(0.5)


def problems(said: Path) -> Mapping[str, str]:
    """Why registers were not carried, by name."""
    told = map(json.loads, said.read_text().splitlines())
    return {line["register"]: line["problem"] for line in told if line["event"] == "not carried"}


def test_there_are_more_registers_than_places() -> None:
    assert len(NAMES) > AT_A_TIME


def test_one_relay_publishes_every_register_but_the_poisoned_one(
    registers: Registers,
) -> None:
    # on either database another damage: a topic that nobody knows, and a version that is missing
    state, reason = "topic = 'other.v1'", "version=1, position=4, reason=topic=other.v1"
    if "postgres" in registers.url:
        state, reason = "originator_version = 3", "version=3, position=4, reason=it belongs to no"
    registers.poison(state)
    with registers.going("relay") as said:
        sound = [name for name in NAMES if name != POISONED]
        until(lambda: all(registers.published(name) == 1 for name in sound), said)
        until(lambda: set(problems(said)) == {POISONED}, said)
        registers.record("toronto", "tokyo")
        until(lambda: registers.published("toronto") == 2, said)
    assert registers.published(POISONED) == 0
    assert f"matter/kiev, {reason}" in problems(said)[POISONED]


def test_one_sealer_seals_every_register_but_the_one_that_lost_its_keys(
    registers: Registers,
) -> None:
    with registers.going("seal") as said:
        until(lambda: all(map(registers.sealed, NAMES)), said)
    heads = {name: (registers.folder / f"{name}.head").read_text() for name in NAMES}
    (registers.folder / f"{KEYLESS}.evidence").unlink()
    for name in NAMES:
        registers.record(name, "tokyo")
    with registers.going("seal") as said:
        until(
            lambda: all(
                (registers.folder / f"{name}.head").read_text() != heads[name]
                for name in NAMES
                if name != KEYLESS
            ),
            said,
        )
        until(lambda: set(problems(said)) == {KEYLESS}, said)
    assert (registers.folder / f"{KEYLESS}.head").read_text() == heads[KEYLESS]


def test_one_server_serves_every_register_at_its_own_address(registers: Registers) -> None:
    registers.poison("topic = 'other.v1'")
    (registers.folder / f"{KEYLESS}.key").unlink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        registers.going("serve", "--port", str(port)) as said,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS) as web,
    ):
        until(lambda: _answers(web), said)
        assert web.get("/ready").json() == {"registers": list(NAMES)}
        assert [f'href="/{name}/"' in web.get("/").text for name in NAMES] == [True] * len(NAMES)
        for name in (*OTHERS, KEYLESS):
            page = web.get(f"/{name}/", follow_redirects=True)
            assert (page.status_code, page.url.path) == (200, f"/{name}/partnerships")
            assert f'href="/{name}/matters"' in page.text
            assert 'href="/matters"' not in page.text
            matters = web.get(f"/{name}/api/v1/matters").json()
            assert [row["matter"] for row in matters] == ["kiev"]
        assert web.get(f"/{POISONED}/api/v1/matters").status_code >= 500
        assert web.get("/london/partnerships").status_code == 404
        assert web.get("/toronto").headers["location"] == "/toronto/"

        assert _opened(web, "toronto").status_code == 201
        refused = _opened(web, KEYLESS)
        assert (refused.status_code, refused.json()["problem"]) == (503, "NoKey")
        matters = web.get("/toronto/api/v1/matters").json()
        assert sorted(row["matter"] for row in matters) == ["kiev", "tokyo"]
        assert len(web.get(f"/{KEYLESS}/api/v1/matters").json()) == 1


def _answers(web: httpx2.Client) -> bool:
    try:
        return web.get("/health").status_code == 200
    except httpx2.TransportError:
        return False


def _opened(web: httpx2.Client, name: str) -> httpx2.Response:
    key = {"Idempotency-Key": "tokyo"}
    return web.post(f"/{name}/api/v1/commands/open-matter", json=BODY, headers=key)


def test_registers_are_listed_with_their_size_and_who_is_behind(registers: Registers) -> None:
    for name in NAMES:
        if name != "vaughan":
            with open_register(registers.of(name)) as register:
                register.catch_up()
    registers.poison("topic = 'other.v1'")
    listed = registers.run("registers", "--format", "json")
    rows: Mapping[str, Any] = {row["register"]: row for row in json.loads(listed.out)}
    assert (listed.code, list(rows)) == (6, list(NAMES))
    assert json.loads(listed.err)["details"] == {"registers": [POISONED]}
    assert "topic=other.v1, stream=peel/matter/kiev" in rows[POISONED]["problem"]
    # a command and what it did, of five registers one after the other; nothing is published yet
    assert [rows[name]["events"] for name in NAMES] == [2] * 5
    assert [rows[name]["position"] for name in NAMES] == [2, 4, 6, 8, 10]
    assert {name: rows[name]["relay"] for name in OTHERS} == dict.fromkeys(OTHERS, 2)
    behind = {name: rows[name]["read_models"] for name in OTHERS}
    assert behind == {"halton": 0, "toronto": 0, "vaughan": 2}
    assert all(rows[name]["size"] > 100 for name in NAMES)


def test_a_file_that_two_registers_would_share_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", f"sqlite:///{tmp_path / 'log.sqlite'}")
    monkeypatch.setenv("ALLIANCE_REGISTERS", "peel,york")
    monkeypatch.setenv("ALLIANCE_KEYS_FILE", str(tmp_path / "register.key"))
    monkeypatch.setenv("ALLIANCE_ORIGIN", "register.example.org")
    with pytest.raises(InvalidSettings) as refused:
        carried()
    own = "each register has its own; write {register} for its name"
    assert refused.value.mistakes == (f"ALLIANCE_KEYS_FILE: {own}", f"ALLIANCE_ORIGIN: {own}")


@pytest.mark.parametrize("said", ["Peel", "peel,", "peel york", "*,peel", "../peel"])
def test_names_of_registers_are_as_in_the_log(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_REGISTERS", said)
    with pytest.raises(InvalidSettings) as refused:
        load()
    assert "ALLIANCE_REGISTERS" in str(refused.value)
