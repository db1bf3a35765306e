"""Two cities are two registers in one log: neither sees the other's decisions."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.bootstrap import open_bus, open_register, set_up
from adapters.settings import Settings
from application.command_bus import Envelope
from domain.proceedings.matter import OpenMatter
from domain.shared.dates import When
from projections.matters import DECISION_RECORD
from tests.adapters.database.test_postgres import drop_options
from tests.support.street import RECORDS, Street

OPTIONS = (
    "",
    "?options=-csearch_path%3Dlogs",
    "?options=-c%20statement_timeout%3D1h",
    "?options=-c%20search_path%3Dlogs%2Cpublic%20-c%20statement_timeout%3D1h",
)


@pytest.fixture(params=["sqlite", *OPTIONS, "pooled"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """One database for both registers."""
    monkeypatch.chdir(tmp_path)
    if request.param == "sqlite":
        return "sqlite:///log.sqlite"
    server = str(request.getfixturevalue("fresh_postgres_url"))
    if request.param == "pooled":
        drop_options(monkeypatch)
        return server
    return server + str(request.param)


def test_two_registers_share_a_log_and_nothing_else(url: str) -> None:
    on = When.parse("2001-11-07")
    matters = {"toronto": "kiev", "new-york": "tokyo"}
    cities = {
        name: Settings(database_url=url, register_id=name, actor="a clerk") for name in matters
    }
    for settings in cities.values():
        set_up(settings)
    for name, settings in cities.items():
        with open_register(settings) as register:
            command = OpenMatter(on=on, matter=matters[name], title="Sister cities")
            (outcome,) = register.command_bus.handle(Envelope("opened", command, "a clerk"))
            assert not outcome.repeated
            register.catch_up()
    for name, settings in cities.items():
        with open_register(settings) as register:
            register.catch_up()
            shown = [held.key for held in register.reader(DECISION_RECORD).every(on.last)]
            assert shown == [matters[name]]
            assert register.log.head() == (2 if name == "toronto" else 4)
        with open_bus(settings) as bus:
            assert [m.position for m in bus.feed.messages(0)] == [2 if name == "toronto" else 4]
            bus.subscribers.subscribe("reader", ["#"], 0)
            assert [s.name for s in bus.subscribers.statuses()] == ["reader"]


def test_a_second_log_does_not_get_the_folder_of_the_first(tmp_path: Path) -> None:
    first = Street.on_sqlite(tmp_path)
    first.done("setup")
    first.done("record", str(RECORDS / "founding.yaml"))
    other = {"ALLIANCE_DATABASE_URL": f"sqlite:///{tmp_path / 'other.sqlite'}"}

    ran = first.run("setup", **other)

    assert (ran.code, "(OfAnotherLog)" in ran.err, "log: log.sqlite" in ran.err) == (6, True, True)
    assert not (tmp_path / "other.sqlite").exists()
    assert first.run("setup", **other, ALLIANCE_REGISTER_ID="other").code == 0
    first.done("setup")
    assert first.done("list", "partnerships")


def test_a_note_that_was_cut_off_is_written_again(tmp_path: Path) -> None:
    first = Street.on_sqlite(tmp_path)
    first.done("setup")
    note = tmp_path / "toronto" / "log.name"
    note.write_text("")

    first.done("setup")

    assert note.read_text() == "log.sqlite\n"


def test_a_log_that_was_renamed_keeps_its_folder(tmp_path: Path) -> None:
    first = Street.on_sqlite(tmp_path)
    first.done("setup")
    (tmp_path / "log.sqlite").rename(tmp_path / "other.sqlite")
    other = {"ALLIANCE_DATABASE_URL": f"sqlite:///{tmp_path / 'other.sqlite'}"}

    assert first.run("setup", **other).code == 0
