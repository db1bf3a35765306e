"""The programming table at work: what each relationship is entitled to, done, and reported on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar, assert_never

from pydantic import Field

from domain import cities
from domain.cities import Place
from domain.instruments import Classification
from domain.itineraries import CityStanding, Year
from domain.kernel import Answer, Basis, Command, Event, Finding, ProvisionRef, Ruling, Value
from domain.rules import Ground, folded, grants

ACTIVITIES = ("outbound", "inbound", "marketing", "joint-initiatives")
"""The rows of the programming table, as its terms name them."""


class CarryOutActivity(Command):
    """Enter that something of the programming table was done for a city in a year."""

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
    """What was done in one year: folded activities by city, and the reports."""

    done: dict[str, frozenset[str]] = field(default_factory=dict)
    reports: dict[str, AnnualReportGiven] = field(default_factory=dict)


def column(standing: CityStanding) -> str | None:
    """Which column of the programming table a city stands in."""
    if standing.classification:
        return standing.classification.value.casefold()
    return "targeted" if standing.targeted else None


def entitlements(standing: CityStanding, ground: Ground) -> tuple[Entitlement, ...]:
    """What the provision in force grants to a city; yearly where its own words say so."""
    where = column(standing)
    cells = ((a, ground.words(f"programming.{a}.{where}")) for a in ACTIVITIES)
    return tuple(
        Entitlement(
            activity=activity,
            what=what,
            yearly=any(often in what.casefold() for often in ("every year", "yearly")),
            provision=cell.provision,
        )
        for activity, cell in cells
        if cell
        for what in grants(cell.value)
    )


def carry_out(
    state: ProgrammeYear, act: CarryOutActivity, city: CityStanding, ground: Ground, basis: Basis
) -> Ruling:
    """Rule C6 on something done for a city."""
    if folded(act.activity) in state.done.get(city.place.code, frozenset()):
        return Ruling(())
    findings = tuple(_courtesy(city, act.activity, ground))
    done = ActivityCarriedOut(
        year=act.year, place=city.place, activity=act.activity, findings=findings, **basis
    )
    return Ruling((done,), findings)


def report(
    act: GiveAnnualReport, expected: tuple[str, ...], ground: Ground, basis: Basis
) -> Ruling:
    """Rule R1 on a year's report; `expected` are the relationships it should cover."""
    known = {cities.folded(name) for name in act.statuses}
    missing = tuple(name for name in expected if cities.folded(name) not in known)
    findings = (_covered(missing, len(expected), ground),)
    given = AnnualReportGiven(
        year=act.year,
        document=act.document,
        statuses=act.statuses,
        missing=missing,
        findings=findings,
        **basis,
    )
    return Ruling((given,), findings)


def _courtesy(on: CityStanding, activity: str, ground: Ground) -> Iterator[Finding]:
    """Rule C6: Historical partners get what the table grants them, and no more is planned."""
    if on.classification is not Classification.HISTORICAL:
        return
    granted = entitlements(on, ground)
    if not granted:
        yield Finding(
            rule="C6",
            answer=Answer.NOT_APPLICABLE,
            reason="no provision in force grants Historical partners anything",
        )
        return
    match_ = next((g for g in granted if folded(g.what) == folded(activity)), None)
    yield Finding(
        rule="C6",
        answer=Answer.MET if match_ else Answer.ADVISORY,
        reason=f"{on.name}: {activity}"
        if match_
        else f"{on.name}: outside the work plan, which grants {'; '.join(g.what for g in granted)}",
        provision=match_.provision if match_ else granted[0].provision,
    )


def _covered(missing: tuple[str, ...], expected: int, ground: Ground) -> Finding:
    """Rule R1: the status of every targeted and new relationship."""
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


def evolve(state: ProgrammeYear, event: ProgrammeEvent) -> ProgrammeYear:
    """The year after one more event."""
    match event:
        case ActivityCarriedOut(place=place, activity=activity):
            done = state.done.get(place.code, frozenset()) | {folded(activity)}
            return replace(state, done={**state.done, place.code: done})
        case AnnualReportGiven(document=document):
            return replace(state, reports={**state.reports, document: event})
        case _:
            assert_never(event)
