"""Two cities are two registers in one log: neither sees the other's decisions."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.bootstrap import open_bus, open_register, set_up
from adapters.settings import Settings
from application.handling import Request
from domain.cities import IdentifyPlaces, Place
from domain.dates import When
from projections.register import REGISTER
from tests.support.street import RECORDS, Street


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """One database for both registers."""
    monkeypatch.chdir(tmp_path)
    if request.param == "sqlite":
        return "sqlite:///log.sqlite"
    return str(request.getfixturevalue("fresh_postgres_url"))


def test_two_registers_share_a_log_and_nothing_else(url: str) -> None:
    on = When.parse("2001-11-07")
    places = {
        "toronto": Place(code="UA-KIEV", name="Kiev", country="UA", country_name="Ukraine"),
        "new-york": Place(code="JP-TOKYO", name="Tokyo", country="JP", country_name="Japan"),
    }
    cities = {
        name: Settings(database_url=url, register_id=name, actor="a clerk") for name in places
    }
    for settings in cities.values():
        set_up(settings)
    for name, settings in cities.items():
        with open_register(settings) as register:
            command = IdentifyPlaces(on=on, places=(places[name],))
            (outcome,) = register.desk.handle(Request("places", command, "a clerk"))
            assert not outcome.repeated
            register.catch_up()
    for name, settings in cities.items():
        with open_register(settings) as register:
            register.catch_up()
            shown = [held.state.city for held in register.reader(REGISTER).every(on.last)]
            assert shown == [places[name].code]
            assert register.log.head() == 4
        with open_bus(settings) as bus:
            assert [m.position for m in bus.messages(0)] == [2 if name == "toronto" else 4]
            bus.subscribe("reader", ["#"], 0)
            assert [s.name for s in bus.situations()] == ["reader"]


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
