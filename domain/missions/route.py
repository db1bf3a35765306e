"""Rules on the route of a mission, by the programming table, and on the goals it serves."""

from __future__ import annotations

from collections.abc import Iterator

from domain.missions.outline import CityStanding, MissionOutline
from domain.shared.categories import TURNS, categories_of_policy, implied_by_category
from domain.shared.findings import (
    Answer,
    Finding,
    Ground,
    Words,
    activities_granted,
    finding_of_silence,
)
from domain.shared.messages import ProvisionRef
from domain.shared.problems import Refusal
from domain.shared.text import folded, missing_and_unwanted


class StopNotInProgramme(Refusal):
    """The programme sends no outbound mission to a partner of this category."""

    rule = "M2"
    provision: ProvisionRef
    city: str
    classification: str


class NoCaseForVisit(Refusal):
    """A city outside the programme may be hosted only if a case shows strong economic benefit."""

    rule = "M2b"
    provision: ProvisionRef
    city: str


def judge_route(
    outline: MissionOutline, excepted: frozenset[str], ground: Ground
) -> Iterator[Finding | Refusal]:
    """Apply rules M1, M2, M2b, M5 and N6 to what is proposed."""
    if outline.outbound:
        yield from enough_cities(outline, ground)
        for stop in outline.stops:
            yield from may_stop(stop, excepted, ground)
        yield goals_met(outline, ground)
    elif outline.official:
        for stop in outline.stops:
            yield from may_visit(stop, outline.economic_case, ground)
    yield from no_link_needed(outline, ground)


def enough_cities(outline: MissionOutline, ground: Ground) -> Iterator[Finding]:
    """Apply rule M1: a gateway counts as one city, like any other."""
    least = ground.count("mission.cities.least")
    if least is None:
        yield finding_of_silence("M1", "says how many cities a mission visits")
        return
    cities = len({stop.place.code for stop in outline.stops})
    gateways = ground.words("mission.gateways")
    known = {folded(name) for name in gateways.value} if gateways else set[str]()
    through = tuple(
        s.name for s in outline.stops if known & {folded(n) for n in (s.name, *s.place.other_names)}
    )
    also = f", of which gateways: {', '.join(through)}" if through else ""
    short = "" if cities >= least.value else f"; {outline.one_city_because or 'no reason given'}"
    yield Finding(
        rule="M1",
        answer=Answer.ADVISORY if short else Answer.MET,
        reason=f"{cities} of at least {least.value} cities{also}{short}",
        provision=least.provision,
    )


def may_stop(
    stop: CityStanding, excepted: frozenset[str], ground: Ground
) -> Iterator[Finding | Refusal]:
    """Apply rule M2 to one stop of an outbound mission."""
    column = stop.column
    cell = ground.words(f"programming.outbound.{column}")
    if stop.classification is None or cell is None:
        return
    if activities_granted(cell.value) and implied_by_category(ground, column, TURNS):
        return
    if activities_granted(cell.value):
        reason = f"{stop.name}: {'; '.join(activities_granted(cell.value))}"
    elif stop.place.code in excepted:
        reason = f"{stop.name}: excepted by a decision that names the mission"
    else:
        yield StopNotInProgramme(
            provision=cell.provision, city=stop.place.code, classification=stop.classification
        )
        return
    yield Finding(rule="M2", answer=Answer.MET, reason=reason, provision=cell.provision)


def may_visit(
    stop: CityStanding, economic_case: str | None, ground: Ground
) -> Iterator[Finding | Refusal]:
    """Apply rule M2b to one city that is to be hosted."""
    column = stop.column
    cell = ground.words(f"programming.inbound.{column}") if column else _hosted(ground)
    if cell is None:
        yield Finding(
            rule="M2b",
            answer=Answer.NOT_APPLICABLE,
            reason=f"{stop.name}: no provision in force says whom the programme hosts",
        )
        return
    if column is None and not stop.partner:
        if not economic_case:
            yield NoCaseForVisit(provision=cell.provision, city=stop.place.code)
            return
        answer, reason = (
            Answer.MET,
            f"outside the programme, for its economic benefit: {economic_case}",
        )
    elif column is None:
        answer, reason = Answer.ADVISORY, "a partner without a class"
    elif activities_granted(cell.value):
        answer, reason = Answer.MET, "; ".join(activities_granted(cell.value))
    else:
        answer, reason = (
            Answer.ADVISORY,
            f"the programming table grants no inbound missions to {column} cities",
        )
    yield Finding(
        rule="M2b", answer=answer, reason=f"{stop.name}: {reason}", provision=cell.provision
    )


def _hosted(ground: Ground) -> Words | None:
    """Return the visits that the table grants in its first column, for a place in no column."""
    named = (f"programming.inbound.{c.id}" for c in categories_of_policy(ground.policy))
    rest = (
        term
        for provision in ground.policy.provisions.values()
        for term in provision.draft.terms
        if term.startswith("programming.inbound.") and not term.endswith(".yearly")
    )
    return next((found for term in (*named, *rest) if (found := ground.words(term))), None)


def goals_met(outline: MissionOutline, ground: Ground) -> Finding:
    """Apply rule M5: which of the programme's goals a mission serves, and if it has priority."""
    goals = ground.words("goals")
    if goals is None:
        return finding_of_silence("M5", "states the goals")
    missing, unknown = missing_and_unwanted(goals.value, outline.goals)
    served = len(goals.value) - len(missing)
    needed = ground.count("mission.priority.goals")
    priority = needed is not None and served >= needed.value
    reason = f"serves {served} of {len(goals.value)} goals"
    if needed:
        reason += ", and has priority" if priority else ", without priority"
    if missing:
        reason += f"; not served: {', '.join(missing)}"
    if unknown:
        reason += f"; no goal of the programme: {', '.join(unknown)}"
    return Finding(
        rule="M5",
        answer=Answer.ADVISORY if missing and not priority else Answer.MET,
        reason=reason,
        provision=needed.provision if needed else goals.provision,
    )


def no_link_needed(outline: MissionOutline, ground: Ground) -> Iterator[Finding]:
    """Apply rule N6: a mission needs no agreement with its cities."""
    free = ground.words("formal-link.not-needed-for")
    if outline.outside and free:
        yield Finding(
            rule="N6",
            answer=Answer.MET,
            reason=f"{', '.join(outline.outside)}: no formal link, and none is needed",
            provision=free.provision,
        )
