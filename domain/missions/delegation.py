"""The official delegation: its seats, and the body that selects or approves it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from domain.council.bodies import Charter, in_place_of, may_act
from domain.council.persons import LEAD, OfficeHolder, Traveller
from domain.shared.findings import Answer, Count, Finding, Ground, Words, finding_of_silence
from domain.shared.messages import ProvisionRef
from domain.shared.problems import Refusal
from domain.shared.provisions import SEAT
from domain.shared.text import folded, missing_and_unwanted


class DelegationOutOfBounds(Refusal):
    """The official delegation must have a lead, and not more members than the provision allows."""

    rule = "M3"
    provision: ProvisionRef | None = None
    seat: str
    taken: int
    least: int
    most: int


class NoSuchSeat(Refusal):
    """A traveller must lead, accompany, or have one of the official seats the provision names."""

    rule = "M3"
    provision: ProvisionRef
    seats: tuple[str, ...]
    named: tuple[str, ...]


class NotTheLead(Refusal):
    """The delegation must be led by the holder of an office that the provision names."""

    rule = "M3"
    provision: ProvisionRef
    office: str
    named: tuple[str, ...]


class NotAtOwnExpense(Refusal):
    """A traveller outside the official delegation must travel at their own expense."""

    rule = "M3"
    provision: ProvisionRef | None = None
    travellers: tuple[str, ...]


class NotTheDelegationsBody(Refusal):
    """Another body approves, or selects, the delegation."""

    rule = "M4"

    provision: ProvisionRef | None = None
    body: str
    by: str
    asked: str


class Choice(NamedTuple):
    """The bodies of which each may decide on the delegation: approvers, else selectors."""

    bodies: tuple[str, ...]
    approves: bool
    provision: ProvisionRef | None


def who_chooses_delegation(ground: Ground, charter: Charter | None) -> Choice:
    """Return who decides on the delegation, by the provision in force (rule M4).

    Without such a provision the residual authority decides.
    """
    for term, approves in (("delegation.approver", True), ("delegation.selector", False)):
        whose = ground.words(term)
        if whose:
            return Choice(whose.value, approves, whose.provision)
    return Choice((charter.residual_authority,) if charter else (), True, None)


def delegation_chosen_by(
    body: str, consulted: tuple[str, ...], ground: Ground, charter: Charter | None
) -> Iterator[Finding | Refusal]:
    """Apply rule M4 to the body that decides, and to whom it consulted."""
    whose = who_chooses_delegation(ground, charter)
    if not may_act(body, whose.bodies, charter):
        yield NotTheDelegationsBody(
            provision=whose.provision,
            body=body,
            by=" or ".join(whose.bodies),
            asked="approval" if whose.approves else "selection",
        )
        return
    done = "approved" if whose.approves else "selected"
    yield Finding(
        rule="M4",
        answer=Answer.MET if whose.provision else Answer.NOT_APPLICABLE,
        reason=f"{done} by {in_place_of(body, whose.bodies)}"
        if whose.provision
        else f"no provision names a body; {body} decides what none provides for",
        provision=whose.provision,
    )
    asked = ground.words("delegation.consulted")
    if asked:
        missing, _ = missing_and_unwanted(asked.value, consulted)
        yield Finding(
            rule="M4",
            answer=Answer.ADVISORY if missing else Answer.MET,
            reason=f"not recorded as consulted: {', '.join(missing)}"
            if missing
            else f"consulted: {', '.join(asked.value)}",
            provision=asked.provision,
        )


class Seats(NamedTuple):
    """Official seats of one kind: their name, and how many there are if a provision says so."""

    name: str
    most: Count | None
    provision: ProvisionRef


def official_seats(ground: Ground) -> tuple[Seats, ...]:
    """Return the official seats beside the lead's.

    The term `delegation.ID` gives their number, and `delegation.ID.seat` the name by which a
    traveller's seat is given.
    """
    found: list[Seats] = []
    for term, said in ground.policy.terms(SEAT):
        most = ground.count(term.removesuffix(".seat"))
        found.append(Seats(str(said.value), most, said.provision))
    return tuple(found)


def delegation_composed(
    travellers: tuple[Traveller, ...], ground: Ground
) -> Iterator[Finding | Refusal]:
    """Apply rule M3 to a delegation."""
    offices, official = ground.words("delegation.lead"), official_seats(ground)
    if offices is None and not official:
        yield finding_of_silence("M3", "says who makes up a delegation")
        return
    if offices:
        yield from _led(tuple(t for t in travellers if t.leads), offices, ground)
    yield from _seated(travellers, official)
    paid = tuple(t.name for t in travellers if t.accompanies and t.on_funds)
    if paid:
        by = offices.provision if offices else official[0].provision
        yield NotAtOwnExpense(provision=by, travellers=paid)
    yield from _paid_for(travellers, ground)


def _led(
    leads: tuple[Traveller, ...], offices: Words, ground: Ground
) -> Iterator[Finding | Refusal]:
    if len(leads) != 1:
        yield DelegationOutOfBounds(
            provision=offices.provision, seat=LEAD, taken=len(leads), least=1, most=1
        )
    for lead in leads:
        office = lead.person.office if isinstance(lead.person, OfficeHolder) else ""
        sends = ground.words("delegation.lead.designate-of")
        if not (_among(office, offices) or _among(lead.designate_of or "", sends)):
            yield NotTheLead(provision=offices.provision, office=office, named=offices.value)


def _seated(
    travellers: tuple[Traveller, ...], official: tuple[Seats, ...]
) -> Iterator[Finding | Refusal]:
    if not official:
        return
    seated = [t.seat for t in travellers if not (t.leads or t.accompanies)]
    _, unknown = missing_and_unwanted((s.name for s in official), seated)
    if unknown:
        yield NoSuchSeat(
            provision=official[0].provision,
            seats=tuple(dict.fromkeys(unknown)),
            named=tuple(s.name for s in official),
        )
    for name, most, _ in official:
        if most is None:
            continue
        taken = sum(folded(seat) == folded(name) for seat in seated)
        if taken > most.value:
            yield DelegationOutOfBounds(
                provision=most.provision, seat=name, taken=taken, least=0, most=most.value
            )
            continue
        yield Finding(
            rule="M3",
            answer=Answer.MET if taken >= most.value else Answer.ADVISORY,
            reason=f"{name}: {taken} of {most.value} seats taken",
            provision=most.provision,
        )


def _paid_for(travellers: tuple[Traveller, ...], ground: Ground) -> Iterator[Finding]:
    """Apply rule M3 to who pays, where a provision names the payers."""
    payers = ground.words("delegation.payers")
    if payers is None:
        return
    _, others = missing_and_unwanted(payers.value, (t.pays for t in travellers if not t.on_funds))
    told = ", ".join(dict.fromkeys(others))
    yield Finding(
        rule="M3",
        answer=Answer.ADVISORY if others else Answer.MET,
        reason=f"payers that the provision does not name: {told}"
        if others
        else "paid for as the provision says",
        provision=payers.provision,
    )


def _among(office: str, named: Words | None) -> bool:
    return named is not None and folded(office) in {folded(name) for name in named.value}
