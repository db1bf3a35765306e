"""Where a mission may go, by the programming table, and which goals it serves."""

from __future__ import annotations

from collections.abc import Iterator

from domain.cities import folded
from domain.instruments import Classification
from domain.itineraries import CityStanding, MissionOutline
from domain.kernel import Answer, Finding, ProvisionRef, Refusal
from domain.rules import Ground, grants, named, silent


class StopNotInProgramme(Refusal):
    """The programme sends no outbound mission to a partner of this class."""

    rule = "M2"

    def __init__(self, provision: ProvisionRef, city: str, classification: Classification) -> None:
        super().__init__(provision=provision, city=city, classification=classification.value)


class NoCaseForVisit(Refusal):
    """A city outside the programme is hosted on a case of strong economic benefit only."""

    rule = "M2b"

    def __init__(self, provision: ProvisionRef, city: str) -> None:
        super().__init__(provision=provision, city=city)


def proposed(
    outline: MissionOutline, excepted: frozenset[str], ground: Ground
) -> Iterator[Finding | Refusal]:
    """Rules M1, M2, M2b, M5 and N6 on what is proposed."""
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
    """Rule M1: a gateway counts as one city, like any other."""
    least = ground.count("mission.cities.least")
    if least is None:
        yield silent("M1", "says how many cities a mission visits")
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
    """Rule M2 on one stop of an outbound mission."""
    cell = ground.words("programming.outbound.historical")
    if stop.classification is not Classification.HISTORICAL or cell is None:
        return
    if grants(cell.value):
        reason = f"{stop.name}: {'; '.join(grants(cell.value))}"
    elif stop.place.code in excepted:
        reason = f"{stop.name}: excepted by a decision that names the mission"
    else:
        yield StopNotInProgramme(cell.provision, stop.place.code, stop.classification)
        return
    yield Finding(rule="M2", answer=Answer.MET, reason=reason, provision=cell.provision)


def may_visit(
    stop: CityStanding, economic_case: str | None, ground: Ground
) -> Iterator[Finding | Refusal]:
    """Rule M2b on one city that is to be hosted."""
    column = stop.column
    cell = ground.words(f"programming.inbound.{column or 'international'}")
    if cell is None:
        yield Finding(
            rule="M2b",
            answer=Answer.NOT_APPLICABLE,
            reason=f"{stop.name}: no provision in force says whom the programme hosts",
        )
        return
    if column is None and not stop.partner:
        if not economic_case:
            yield NoCaseForVisit(cell.provision, stop.place.code)
            return
        answer, reason = Answer.MET, f"outside the programme, on a case: {economic_case}"
    elif column is None:
        answer, reason = Answer.ADVISORY, "a partner without a class"
    elif grants(cell.value):
        answer, reason = Answer.MET, "; ".join(grants(cell.value))
    else:
        answer, reason = (
            Answer.ADVISORY,
            f"the table grants {column} cities no inbound missions",
        )
    yield Finding(
        rule="M2b", answer=answer, reason=f"{stop.name}: {reason}", provision=cell.provision
    )


def goals_met(outline: MissionOutline, ground: Ground) -> Finding:
    """Rule M5: which of the programme's goals a mission serves, and whether it has priority."""
    goals = ground.words("goals")
    if goals is None:
        return silent("M5", "states the goals")
    missing, unknown = named(goals.value, outline.goals)
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
    """Rule N6: a mission is no less in order for there being no agreement."""
    free = ground.words("formal-link.not-needed-for")
    if outline.outside and free:
        yield Finding(
            rule="N6",
            answer=Answer.MET,
            reason=f"{', '.join(outline.outside)}: no formal link, and none is needed",
            provision=free.provision,
        )
