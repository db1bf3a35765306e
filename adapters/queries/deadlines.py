"""Duties: reports, documents and yearly activities that are due, overdue or owed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import ClassVar, NamedTuple

from adapters.bootstrap import Register
from adapters.queries.moment import Moment
from adapters.queries.named.bodies import Bodies
from adapters.queries.named.hints import telling_kinds
from adapters.queries.named.places import Names
from adapters.queries.rows import DatedRow
from application.year_review import (
    Duty,
    YearlyReport,
    duties,
    duties_left,
    yearly_reports,
)
from domain.shared.dates import When
from domain.shared.messages import Citation
from projections.deadlines import (
    DEADLINES,
    Due,
    Kind,
    Status,
    done_late,
    duty_done_by,
    reported_years,
    status_of_duty,
)
from projections.engine.read_model import Held


class DeadlineRow(DatedRow):
    """One duty. `due` is null where no date is stated, `owed_by` where the record names nobody.

    `given` are the documents that answered it, of a yearly report by year; `late` says that it was
    done after its day. `meeting` is the meeting to which a matter is put off.
    """

    SUBJECT: ClassVar[str] = "subject"

    status: str
    kind: str
    subject: str
    says: str
    due: When | None
    owed_by: str | None
    owed_to: str | None
    since: When
    given: tuple[str, ...]
    done_on: When | None
    decision: str | None
    cites: tuple[Citation, ...]
    meeting: str | None
    late: bool
    certain: bool


class DueRow(DatedRow):
    """A duty, or what the programming table grants a city in a year.

    `due` is a day, the meeting to which a matter is put off, or the year in which it is due;
    `provision` is the cell that grants it.
    """

    SUBJECT: ClassVar[str] = "subject"

    status: str
    due: str | None
    kind: str
    subject: str
    says: str
    owed_by: str | None
    owed_to: str | None
    since: When | None
    decision: str | None
    provision: str | None
    meeting: str | None
    certain: bool


class DueGroup(NamedTuple):
    """Rows that differ in nothing but the city they are for: one duty of one day or year."""

    first: DueRow
    cities: tuple[str, ...]


FEW = 3
"""Up to so many cities are named on a line; more are counted."""


def cities_of(group: DueGroup) -> str:
    """Return the cities of a line: their names, or how many they are."""
    names = group.cities
    return ", ".join(names) if len(names) <= FEW else f"{len(names)} cities"


def grouped(rows: Iterable[DueRow]) -> list[DueGroup]:
    """Return rows of the programming table by what is owed and when; every other by itself."""
    groups: dict[object, list[DueRow]] = {}
    for number, row in enumerate(rows):
        granted = row.provision is not None
        alike = (row.status, row.due, row.kind, row.says, row.certain) if granted else number
        groups.setdefault(alike, []).append(row)
    return [DueGroup(each[0], tuple(row.subject for row in each)) for each in groups.values()]


class Deadline(NamedTuple):
    """A row with what a calendar needs besides: a name that stays, and the duty itself."""

    key: str
    duty: Due
    status: Status
    row: DeadlineRow


OUTBOUND = "outbound"
"""The activity that a plan lists as missions; the rules on the plan say whether any is missing."""

ORDER = (Status.OVERDUE, Status.DUE, Status.OWED, Status.DONE)


def deadlines(
    register: Register, at: Moment, *, every: bool = False, only: Status | None = None
) -> list[Deadline]:
    """Return duties, the most pressing first: open ones, `every` one, or `only` of a status."""
    bodies, names = Bodies(register, at), Names(register, at)
    every_held = register.reader(DEADLINES).every(at.on, at.known)
    held = [h._replace(state=_as_of(_named(h.state, names, at), bodies, at)) for h in every_held]
    years = reported_years(h.state for h in held)
    found = [(h, status_of_duty(h.state, at.on, years)) for h in held]
    return [
        Deadline(h.key, h.state, stands, _row(h, stands))
        for h, stands in sorted(found, key=lambda f: (ORDER.index(f[1]), _due(f[0]), f[0].key))
        if (every or only or stands is not Status.DONE) and only in (None, stands)
    ]


@telling_kinds
def due(
    register: Register, at: Moment, *, every: bool = False, about: str | None = None
) -> list[DueRow]:
    """Return duties that are late or due by the day, and activities granted in its year.

    What the table grants every year is due in the year and overdue from the next on, until it is
    done; the first such year is the one that began with the provision in force. `every` adds what
    is done, and what is granted without a year. `about` leaves those for or about a place or
    another thing, by any of its names; raises `NothingRecorded` for one that nobody knows.
    """
    rows = [
        DueRow.of(row, due=str(row.due) if row.due else row.meeting, provision=None)
        for *_, row in deadlines(register, at, every=every)
    ]
    on = When.day(at.on)
    rows += _yearly_reports(register, rows, at, every=every)
    left = duties_left(register.log, on, at.known)
    rows += [_granted(d, Status.OVERDUE) for d in left if every or d.activity != OUTBOUND]
    rows += [
        _granted(duty, Status.DONE if duty.done else Status.DUE)
        for duty in duties(register.log, at.on.year, on, at.known)
        if every or (duty.yearly and not duty.done and duty.activity != OUTBOUND)
    ]
    if about is not None:
        from adapters.queries.named import kinds  # noqa: PLC0415  (reads every list)

        asked = kinds.about(register, about, at)
        rows = [row for row in rows if asked.is_in(row.subject, row.says)]
    return sorted(rows, key=lambda row: row.status != Status.OVERDUE)


def _as_of(duty: Due, bodies: Bodies, at: Moment) -> Due:
    """Return a duty with the bodies that succeeded on the day to those that it names."""
    done = duty_done_by(duty, lambda deed, body: bodies.in_place_of(deed.by, body, deed.on.last))
    now = {
        name: " or ".join(bodies.now(owed, at.on))
        for name in ("owed_by", "owed_to")
        if (owed := getattr(done, name))
    }
    return done.model_copy(update=now)


def _named(duty: Due, names: Names, at: Moment) -> Due:
    """Return a duty with its place as it is called on the day."""
    if duty.place is None:
        return duty
    says = f"{duty.says} {names.place(duty.place, at.on).name}"
    return duty.model_copy(update={"says": says})


def _due(held: Held[Due]) -> str:
    return str(held.state.due.last) if held.state.due else ""


def _row(held: Held[Due], stands: Status) -> DeadlineRow:
    return DeadlineRow.of(
        held.state, status=stands.value, late=done_late(held.state), certain=held.certain
    )


def _yearly_reports(
    register: Register, rows: Iterable[DueRow], at: Moment, *, every: bool
) -> list[DueRow]:
    """Return the yearly reports that the policy asks, unless a decision asked for one as well."""
    if any(row.kind == Kind.YEARLY_REPORT for row in rows):
        return []
    return [
        DueRow(
            status=_status_of_report(report, at.on),
            due=str(report.due or report.year),
            kind=Kind.ANNUAL_REPORT.value,
            subject=str(report.year),
            says="the year's report on the programme",
            owed_by=report.by,
            owed_to=report.to,
            since=None,
            decision=None,
            provision=report.provision,
            meeting=None,
            certain=True,
        )
        for report in yearly_reports(register.log, When.day(at.on), at.known)
        if not report.given or (every and not any(_is_on(row, report) for row in rows))
    ]


def _is_on(row: DueRow, report: YearlyReport) -> bool:
    return row.kind == Kind.ANNUAL_REPORT and row.subject == str(report.year)


def _status_of_report(report: YearlyReport, day: date) -> str:
    if report.given:
        return Status.DONE.value
    over = day > report.due if report.due else report.year < day.year
    return (Status.OVERDUE if over else Status.DUE).value


def _granted(duty: Duty, stands: Status) -> DueRow:
    return DueRow(
        status=stands.value,
        due=str(duty.year) if duty.yearly else None,
        kind=f"{duty.activity} ({duty.classification})",
        subject=duty.city,
        says=duty.what,
        owed_by=None,
        owed_to=None,
        since=None,
        decision=None,
        provision=duty.provision,
        meeting=None,
        certain=True,
    )
