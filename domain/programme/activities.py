"""The programming table at work: what each relationship is entitled to, done, and reported on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from typing import ClassVar, NamedTuple, assert_never

from pydantic import Field

from domain.missions.outline import CityStanding, Year
from domain.places import Place, UnknownPlace
from domain.shared.categories import WORK_PLAN, categories_of_policy
from domain.shared.dates import When
from domain.shared.findings import (
    Answer,
    Finding,
    Ground,
    Ruling,
    activities_granted,
    finding_of_silence,
)
from domain.shared.messages import Basis, Command, Event, ProvisionRef, StreamId, Value
from domain.shared.text import folded, missing_and_unwanted

OF_THE_TABLE = re.compile(r"programming\.[^.]+\.[^.]+")
"""Cells of the programming table: an activity, and a category or `yearly`."""


def stream_of(year: int) -> StreamId:
    """Return the stream of what was done and reported in a year."""
    return StreamId(f"year/{year}")


class CarryOutActivity(Command):
    """Enter that something was done for a city in a year, in the words of the programming table."""

    KIND: ClassVar[str] = "carry-out-activity"

    year: Year
    place: str = Field(min_length=1)
    activity: str = Field(min_length=1)

    @property
    def item(self) -> str:
        """The year, the city and the activity."""
        return f"{self.year}/{folded(self.place)}/{folded(self.activity)}"


class GiveAnnualReport(Command):
    """Enter a year's report on the programme, with the status of each relationship it covers."""

    KIND: ClassVar[str] = "give-annual-report"

    year: Year
    document: str = Field(min_length=1)
    statuses: dict[str, str] = Field(default_factory=dict)

    @property
    def item(self) -> str:
        """The year and the document."""
        return f"{self.year}/{self.document}"


class ActivityCarriedOut(Event):
    """Something of the programming table was done for a city."""

    TOPIC: ClassVar[str] = "activity-carried-out.v1"

    year: Year
    place: Place
    activity: str
    findings: tuple[Finding, ...]


class AnnualReportGiven(Event):
    """The year's report on the programme was given; `missing` are relationships it passes over."""

    TOPIC: ClassVar[str] = "annual-report-given.v1"

    year: Year
    document: str
    statuses: dict[str, str]
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]


ProgrammeEvent = ActivityCarriedOut | AnnualReportGiven


class Entitlement(Value):
    """One thing that the table grants to a relationship of some class."""

    activity: str
    what: str
    yearly: bool
    provision: ProvisionRef


@dataclass(frozen=True, slots=True)
class ProgrammeYear:
    """Activities of one year by city, in folded words, and its reports."""

    done: dict[str, frozenset[str]] = field(default_factory=dict)
    reports: dict[str, AnnualReportGiven] = field(default_factory=dict)


def entitlements(standing: CityStanding, ground: Ground) -> tuple[Entitlement, ...]:
    """Yield the activities that the provision in force grants to a city.

    They are yearly if its terms say so.
    """
    rows = dict.fromkeys(term.split(".")[1] for term, _ in ground.policy.terms(OF_THE_TABLE))
    cells = ((a, ground.words(f"programming.{a}.{standing.column}")) for a in rows)
    every_year = {a: ground.words(f"programming.{a}.yearly") for a in rows}
    yearly = {a: {folded(w) for w in said.value} for a, said in every_year.items() if said}
    return tuple(
        Entitlement(
            activity=activity,
            what=what,
            yearly=folded(what) in yearly.get(activity, ()),
            provision=cell.provision,
        )
        for activity, cell in cells
        if cell
        for what in activities_granted(cell.value)
    )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Facts from other streams for a year: the policy, a city, and the subjects of a report."""

    ground: Ground
    city: CityStanding | None = None
    expected: tuple[str, ...] = ()


def decide(
    state: ProgrammeYear,
    act: CarryOutActivity | GiveAnnualReport,
    around: Circumstances,
    basis: Basis,
) -> Ruling:
    """Apply rules C6 and R1 to what is done in a year, and to its report."""
    match act:
        case CarryOutActivity():
            return _carry_out(state, act, around, basis)
        case GiveAnnualReport():
            return _report(act, around, basis)
        case _:
            assert_never(act)


def _carry_out(
    state: ProgrammeYear, act: CarryOutActivity, around: Circumstances, basis: Basis
) -> Ruling:
    city = around.city
    if city is None:
        raise UnknownPlace(place=act.place)
    if folded(act.activity) in state.done.get(city.place.code, frozenset()):
        return Ruling(())
    granted = entitlements(city, around.ground)
    findings = (*_courtesy(city, act, granted, around.ground), *_of_another_year(act))
    done = ActivityCarriedOut(
        year=act.year, place=city.place, activity=act.activity, findings=findings, **basis
    )
    return Ruling((done,), findings)


def _report(act: GiveAnnualReport, around: Circumstances, basis: Basis) -> Ruling:
    missing, _ = missing_and_unwanted(around.expected, act.statuses)
    covered = _covered(missing, len(around.expected), around.ground)
    findings = (covered, *_in_time(act.year, basis["effective_from"], around.ground))
    given = AnnualReportGiven(
        year=act.year,
        document=act.document,
        statuses=act.statuses,
        missing=missing,
        findings=findings,
        **basis,
    )
    return Ruling((given,), findings)


def _courtesy(
    on: CityStanding, act: CarryOutActivity, granted: Sequence[Entitlement], ground: Ground
) -> Iterator[Finding]:
    """Apply rule C6: partners outside the work plan get what the table grants them, and no more.

    What is done for any city is looked for in the table, so that a name that is nearly right is
    noticed: it fulfils nothing.
    """
    known = categories_of_policy(ground.policy)
    own = next((c for c in known if c.id == on.category), None)
    if on.partner and not any(WORK_PLAN in c.implies for c in known):
        yield finding_of_silence("C6", "says which categories are in the work plan")
        return
    outside = own is not None and WORK_PLAN not in own.implies
    found = next((g for g in granted if folded(g.what) == folded(act.activity)), None)
    if found:
        if outside:
            reason = f"{on.name}: {act.activity}"
            yield Finding(rule="C6", answer=Answer.MET, reason=reason, provision=found.provision)
    elif granted:
        yield Finding(
            rule="C6",
            answer=Answer.ADVISORY,
            reason=f"{on.name}: {_not_granted(act.activity, granted, outside=outside)}",
            provision=granted[0].provision,
        )
    elif own and outside:
        reason = f"no provision in force grants {own.name} partners anything"
        yield Finding(rule="C6", answer=Answer.NOT_APPLICABLE, reason=reason)
    elif not on.partner and not on.targeted:
        reason = f"{on.name} is neither partner nor targeted on {act.on}"
        yield Finding(rule="C6", answer=Answer.ADVISORY, reason=reason)


def _not_granted(activity: str, granted: Sequence[Entitlement], *, outside: bool) -> str:
    by_words = {folded(each.what): each.what for each in granted}
    near = [by_words[words] for words in get_close_matches(folded(activity), by_words)]
    if near:
        return f"the table grants no {activity!r}; near: {'; '.join(near)}"
    said = "outside the work plan, which grants" if outside else f"no {activity!r} in the table, of"
    return f"{said} {'; '.join(each.what for each in granted)}"


def _of_another_year(act: CarryOutActivity) -> Iterator[Finding]:
    """Apply rule C6 to the year: what was done is entered in that year or the one after."""
    if act.year not in (act.on.last.year, act.on.last.year - 1):
        reason = f"entered on {act.on} as done in {act.year}"
        yield Finding(rule="C6", answer=Answer.ADVISORY, reason=reason)


def _covered(missing: tuple[str, ...], expected: int, ground: Ground) -> Finding:
    """Apply rule R1: the status of every targeted and new relationship."""
    covers = ground.words("annual-report.covers")
    if covers is None:
        return Finding(
            rule="R1",
            answer=Answer.NOT_APPLICABLE,
            reason="no provision in force says what an annual report covers",
        )
    return Finding(
        rule="R1",
        answer=Answer.ADVISORY if missing else Answer.MET,
        reason=f"no status of {', '.join(missing)}"
        if missing
        else f"status of all {expected} targeted and new relationships",
        provision=covers.provision,
    )


class ReportDue(NamedTuple):
    """The day by which the report on a year is due, and the provision that says so."""

    on: date
    provision: ProvisionRef


def report_due(year: int, ground: Ground) -> ReportDue | None:
    """Return when the report on a year is due: so long after its last day; `None` for no day."""
    within = ground.duration("annual-report.due")
    if within is None:
        return None
    return ReportDue(within.value.after(date(year, 12, 31)), within.provision)


def _in_time(year: int, on: When, ground: Ground) -> Iterator[Finding]:
    """Apply rule R1: a report is given once its year has begun, and by the day that it is due."""
    if on.last.year < year:
        yield Finding(
            rule="R1", answer=Answer.ADVISORY, reason=f"given on {on}, before {year} begins"
        )
    due = report_due(year, ground)
    if due:
        late = on.first > due.on
        yield Finding(
            rule="R1",
            answer=Answer.ADVISORY if late else Answer.MET,
            reason=f"given on {on}, and was due on {due.on}" if late else f"due on {due.on}",
            provision=due.provision,
        )


def evolve(state: ProgrammeYear, event: ProgrammeEvent) -> ProgrammeYear:
    """Return the year after one more event."""
    match event:
        case ActivityCarriedOut(place=place, activity=activity):
            done = state.done.get(place.code, frozenset()) | {folded(activity)}
            return replace(state, done={**state.done, place.code: done})
        case AnnualReportGiven(document=document):
            return replace(state, reports={**state.reports, document: event})
        case _:
            assert_never(event)
