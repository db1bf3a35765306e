"""A large file is recorded, and recorded again, in a time that grows with its items."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import Register, open_register, set_up
from adapters.settings import Settings
from application.command_bus import Envelope
from application.minutes import read_minutes
from domain.council.bodies import RecordCharter
from domain.proceedings.matter import Matter, MatterEvent, evolve
from tests.support.small_city import CHARTER, FIRST_PAPER

ITEMS = 60


@pytest.fixture(params=["sqlite", "postgresql"])
def register(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Register]:
    monkeypatch.chdir(tmp_path)
    url = "sqlite:///log.sqlite"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("fresh_postgres_url"))
    settings = Settings(database_url=url, register_id="small", actor="a clerk")
    set_up(settings)
    with open_register(settings) as opened:
        opened.command_bus.handle(
            Envelope("charter", RecordCharter(on=FIRST_PAPER, charter=CHARTER), "a clerk")
        )
        yield opened


def of_one_meeting(items: int) -> tuple[Envelope, ...]:
    """A matter with so many motions that carried and decisions that ask for a report."""
    matter = f"m-{items}"
    listed: list[dict[str, Any]] = [{"open-matter": {"title": "A"}}]
    for number in range(items):
        added = {"id": f"a{number}/1", "text": "Text."}
        operation = {"operation": "add", "recommendation": added}
        motion = {"motion": f"a{number}", "result": "carried", "operation": operation}
        asked = {"instrument": "request-report", "request": f"{matter}-{number}"}
        asked |= {"office": "an office", "about": "a subject", "to": "council"}
        decision = {"decision": f"d{number}", "kind": "request report", "summary": "Asks."}
        listed += [{"move-motion": motion}, {"decide": {**decision, "instruments": [asked]}}]
    head = {"id": matter, "body": "council", "on": "2003-02-04", "matter": matter}
    return read_minutes({"meeting": head, "items": listed}, "a clerk").envelopes


def rows_read(register: Register, monkeypatch: pytest.MonkeyPatch, *file: Envelope) -> int:
    """How many rows the log decodes while the file is handed in."""
    log: Any = register.command_bus.log
    count, decoded = 0, log._decoded

    def counted(rows: Any) -> Any:
        nonlocal count
        for entry in decoded(rows):
            count += 1
            yield entry

    with monkeypatch.context() as patched:
        patched.setattr(log, "_decoded", counted)
        register.command_bus.handle(*file)
    return count


def test_a_repeat_reads_each_row_of_its_file_twice_however_many_items_it_has(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    for items in (ITEMS, 2 * ITEMS):
        file = of_one_meeting(items)
        first = register.command_bus.handle(*file)
        rows = len(file) + sum(len(outcome.events) for outcome in first)
        assert rows == 2 + 6 * items
        # once as the command's own stream, and once with its outcome in the page of its commit
        assert rows_read(register, monkeypatch, *file) == len(file) + rows
        again = register.command_bus.handle(*file)
        assert [outcome.events for outcome in again] == [outcome.events for outcome in first]
        assert all(outcome.repeated for outcome in again)


def test_no_step_of_a_matter_is_folded_twice_while_a_file_is_recorded(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded = 0

    def counted(state: Matter, event: MatterEvent) -> Matter:
        nonlocal folded
        folded += 1
        return evolve(state, event)

    monkeypatch.setattr("domain.proceedings.matter.evolve", counted)
    outcomes = register.command_bus.handle(*of_one_meeting(ITEMS))
    steps = sum(row.stream.startswith("matter/") for o in outcomes for row in o.events)
    assert steps == 1 + 3 * ITEMS
    assert folded <= steps
