"""Deadlines as a calendar, read back by the library that other programs use."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from icalendar import Calendar

from adapters.exports.calendar import Entry, calendar
from domain.shared.dates import When
from domain.shared.messages import Citation
from projections.deadlines import Due, Kind, Status
from tests.support.alliance import alliance
from tests.support.toronto import recorded_2001

REPORT = Due(
    kind=Kind.REQUEST_REPORT,
    subject="lima",
    says="the request about Lima; its group, its aims",
    due=When.parse("2002-08-04"),
    owed_by="commissioner",
    owed_to="edp-committee",
    since=When.parse("2002-02-04"),
    given=(),
    done_on=None,
    decision="2002-1/adopts",
    cites=(Citation(document="letter-2002-02-04", place="page 1"),),
)
BACK = REPORT.model_copy(
    update={"kind": Kind.REPORT_BACK, "subject": "guerrero", "due": None, "owed_by": None}
)
ENTRIES = (
    Entry("request/lima", REPORT, Status.DUE),
    Entry("exploration/guerrero", BACK, Status.OWED),
)


def test_what_has_a_day_is_an_all_day_event_and_what_has_none_a_task() -> None:
    read = Calendar.from_ical(calendar(ENTRIES, "toronto"))
    (event,), (task,) = read.walk("VEVENT"), read.walk("VTODO")
    assert event.decoded("dtstart") == date(2002, 8, 4)
    assert event.decoded("dtend") == date(2002, 8, 5)
    assert event["dtstart"].params["VALUE"] == "DATE"
    assert str(event["uid"]) == "request.lima@toronto.alliance-register"
    assert str(event["summary"]) == (
        "report on a request: the request about Lima; its group, its aims"
    )
    assert "Source: letter-2002-02-04, page 1" in str(event["description"])
    assert "no date is stated" in str(task["description"])
    assert "due" not in task


def test_the_file_keeps_to_the_standard() -> None:
    text = calendar(ENTRIES, "toronto")
    lines = text.split(b"\r\n")
    assert b"\n" not in text.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in lines)
    read = Calendar.from_ical(text)
    assert (str(read["version"]), bool(read["prodid"])) == ("2.0", True)
    for component in read.walk():
        assert not component.errors, component.errors
        if component.name in ("VEVENT", "VTODO"):
            assert {"UID", "DTSTAMP"} <= set(component)


def test_the_same_register_gives_the_same_bytes_in_any_order() -> None:
    assert calendar(ENTRIES, "toronto") == calendar(tuple(reversed(ENTRIES)), "toronto")


def test_a_day_that_is_one_of_several_spans_them() -> None:
    several = REPORT.model_copy(update={"due": When.parse("2002-08-04/2002-08-06")})
    read = Calendar.from_ical(calendar([Entry("k", several, Status.DUE)], "toronto"))
    (event,) = read.walk("VEVENT")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (
        date(2002, 8, 4),
        date(2002, 8, 7),
    )


def test_the_command_prints_the_calendar_of_a_day(tmp_path: Path) -> None:
    recorded_2001(tmp_path)
    ran = alliance(tmp_path, "deadlines", "--as-of", "2001-11-22", "--format", "ics")
    (event,) = Calendar.from_ical(ran.out).walk("VEVENT")
    assert event.decoded("dtstart") == date(2001, 12, 4)
