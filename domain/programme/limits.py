"""Limits of a year's plan: the number of visits and missions, their cities and descriptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.missions.budget import budget_complete
from domain.missions.outline import MissionOutline
from domain.shared.findings import Answer, Count, Finding, Ground, finding_of_silence
from domain.shared.messages import ProvisionRef, Value
from domain.shared.problems import Refusal
from domain.shared.text import missing_and_unwanted

VISITS_MOST = ("plan.inbound-visits.most", "inbound.visits.most")
VISITS_LEAST = ("plan.inbound-visits.least", "inbound.visits.least")
MISSIONS_MOST = "plan.outbound-missions.most"
MISSIONS_LEAST = "plan.outbound-missions.least"


class Figure(Value):
    """A number and the provision version that states it."""

    value: int
    provision: ProvisionRef


class Difference(Value):
    """Two figures for one limit, the stricter one first."""

    limit: str
    applies: Figure
    besides: Figure


class SlotsExhausted(Refusal):
    """The year's plan already lists as many official visits as the provision allows."""

    rule = "B2"
    provision: ProvisionRef
    year: int
    listed: int
    most: int


class MissionsExhausted(Refusal):
    """The year's plan already lists as many outbound missions as the provision allows."""

    rule = "B3"
    provision: ProvisionRef
    year: int
    listed: int
    most: int


class VisitNotDescribed(Refusal):
    """A visit must be listed with what the provision asks of it, such as its tentative timing."""

    rule = "B2"
    provision: ProvisionRef
    mission: str
    missing: tuple[str, ...]


class MissionNotDescribed(Refusal):
    """An outbound mission must be listed with what the provision asks, such as its budget."""

    rule = "B3"
    provision: ProvisionRef
    mission: str
    missing: tuple[str, ...]


class OutsideThePlan(Refusal):
    """A city outside the designated list can enter only at plan stage, and with its case."""

    rule = "B6"
    provision: ProvisionRef
    mission: str
    cities: tuple[str, ...]
    missing: str


def differing_limits(ground: Ground) -> tuple[Difference, ...]:
    """Return limits on visits for which two provisions in force state two figures (rule B2)."""
    found: list[Difference] = []
    for limit, terms, strictest in (("most", VISITS_MOST, min), ("least", VISITS_LEAST, max)):
        counts = _counts(terms, ground)
        if len({count.value for count in counts}) > 1:
            first = strictest(counts, key=lambda count: count.value)
            (other,) = (count for count in counts if count != first)
            found.append(Difference(limit=limit, applies=_figure(first), besides=_figure(other)))
    return tuple(found)


def room_in_plan(
    outline: MissionOutline,
    visits: tuple[MissionOutline, ...],
    missions: tuple[MissionOutline, ...],
    differences: Iterable[Difference],
    ground: Ground,
) -> Iterator[Finding | Refusal]:
    """Apply rules B2 and B3: whether the year has a place left."""
    if not outline.outbound and not outline.official:
        yield Finding(
            rule="B2", answer=Answer.NOT_APPLICABLE, reason="study groups are not counted"
        )
        return
    for difference in differences:
        yield Finding(
            rule="B2",
            answer=Answer.ADVISORY,
            reason=f"{difference.limit}: {difference.applies.value} applies, and "
            f"{difference.besides.provision} says {difference.besides.value}",
            provision=difference.applies.provision,
        )
    rule, terms, listed, full = (
        ("B3", (MISSIONS_MOST,), len(missions), MissionsExhausted)
        if outline.outbound
        else ("B2", VISITS_MOST, len(visits), SlotsExhausted)
    )
    counts = sorted(_counts(terms, ground), key=lambda count: count.value)
    if not counts:
        yield finding_of_silence(rule, "states a figure")
    for most in counts:
        if listed >= most.value:
            yield full(provision=most.provision, year=outline.year, listed=listed, most=most.value)
            continue
        yield Finding(
            rule=rule,
            answer=Answer.MET,
            reason=f"{listed + 1} of at most {most.value} in {outline.year}",
            provision=most.provision,
        )


def plan_reaches_aims(
    year: int,
    visits: tuple[MissionOutline, ...],
    missions: tuple[MissionOutline, ...],
    ground: Ground,
) -> Iterator[Finding]:
    """Apply rules B2 and B3: whether a whole plan reaches what the provisions aim at."""
    for rule, terms, listed in (
        ("B2", VISITS_LEAST, len(visits)),
        ("B3", (MISSIONS_LEAST,), len(missions)),
    ):
        counts = sorted(_counts(terms, ground), key=lambda count: -count.value)[:1]
        if not counts:
            yield finding_of_silence(rule, "states a figure")
        for least in counts:
            yield Finding(
                rule=rule,
                answer=Answer.MET if listed >= least.value else Answer.ADVISORY,
                reason=f"{listed} of at least {least.value} in {year}",
                provision=least.provision,
            )


def limits_taken(
    year: int,
    visits: tuple[MissionOutline, ...],
    missions: tuple[MissionOutline, ...],
    ground: Ground,
) -> Iterator[Finding]:
    """Apply rules B2 and B3: how much of a year's limits is taken."""
    for rule, terms, listed in (
        ("B2", VISITS_MOST, len(visits)),
        ("B3", (MISSIONS_MOST,), len(missions)),
    ):
        for most in _counts(terms, ground):
            yield Finding(
                rule=rule,
                answer=Answer.MET if listed <= most.value else Answer.NOT_MET,
                reason=f"{listed} of at most {most.value} in {year}",
                provision=most.provision,
            )


def plan_entry_described(outline: MissionOutline, ground: Ground) -> Iterator[Finding | Refusal]:
    """Apply rules B2, B3 and B4: what a plan's entry must say of itself."""
    kind, refusal = (
        ("outbound-missions", MissionNotDescribed)
        if outline.outbound
        else ("inbound-visits", VisitNotDescribed)
    )
    states = ground.words(f"plan.{kind}.states")
    if states and (outline.outbound or outline.official):
        missing, _ = missing_and_unwanted(states.value, outline.stated)
        if missing:
            yield refusal(provision=states.provision, mission=outline.mission, missing=missing)
    yield from budget_complete(outline.budget, ground)


def at_plan_stage(
    outline: MissionOutline, open_to_entries: bool, ground: Ground
) -> Iterator[Finding | Refusal]:
    """Apply rule B6 to a city that is neither a partner nor targeted (see decision 50)."""
    outside = tuple(s.name for s in outline.stops if not s.partner and not s.targeted)
    if outline.outbound or not outline.official or not outside:
        return
    asked = ground.words("inbound.other-city.requires")
    if asked is None:
        yield finding_of_silence("B6", "says which other cities may be hosted")
        return
    lacking = (
        ("plan stage", not open_to_entries),
        ("case of economic benefit", not outline.economic_case),
    )
    missing = [what for what, lacks in lacking if lacks]
    for what in missing:
        yield OutsideThePlan(
            provision=asked.provision, mission=outline.mission, cities=outside, missing=what
        )
    if missing:
        return
    yield Finding(
        rule="B6",
        answer=Answer.MET,
        reason=f"{', '.join(outside)}: {outline.economic_case}",
        provision=asked.provision,
    )


def _counts(terms: Iterable[str], ground: Ground) -> tuple[Count, ...]:
    return tuple(count for term in terms if (count := ground.count(term)))


def _figure(count: Count) -> Figure:
    return Figure(value=count.value, provision=count.provision)
