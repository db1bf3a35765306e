"""Commands that publish, at a damaged entry of the log: it is named, after everything before it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.street import Street

DAMAGED = 60
"""The position that is damaged: in the middle of a commit, and of a page."""

BADLY = "state = CAST(replace(CAST(state AS TEXT), '{was}', '{becomes}') AS BLOB)"
"""Valid JSON of another shape."""


@pytest.fixture
def street(tmp_path: Path, request: pytest.FixtureRequest) -> Street:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    list(street.record_2001())
    with closing(sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)) as db:
        triggers = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            db.execute(f"DROP TRIGGER {name}")
        change = f"UPDATE stored_events SET {request.param} WHERE notification_id = ?"  # noqa: S608
        assert db.execute(change, (DAMAGED,)).rowcount == 1
    return street


@pytest.mark.slow
@pytest.mark.parametrize(
    "street",
    [
        "state = x'7b22ff'",
        "state = CAST('{' AS BLOB)",
        "topic = 'partnership-formd.v1'",
        "state = CAST('{}' AS BLOB)",
        "state = CAST('[1]' AS BLOB)",
        "topic = 'city-targeted.v1'",
        "state = CAST(state AS TEXT)",
        "recorded_at = 'soon'",
        "originator_id = x'00'",
        "originator_id = 'elsewhere/' || originator_id",
        "originator_id = originator_id || '-else', originator_version = 2",
        BADLY.format(was='"established"', becomes='"since"'),
        BADLY.format(was='"decided_on":"', becomes='"decided_on":"x'),
    ],
    indirect=True,
)
def test_feed_and_relay_end_at_a_damaged_entry_and_name_it(street: Street) -> None:
    fed = street.run("feed")
    assert fed.code == 6
    assert f"position: {DAMAGED}" in fed.err
    positions = [int(event["sequence"]) for event in fed.lines]
    assert positions
    assert max(positions) < DAMAGED
    relayed = street.run("relay")
    assert relayed.code == 6
    assert f"position: {DAMAGED}" in relayed.err
