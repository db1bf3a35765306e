"""Who travels for the city: seats of the official delegation, and who selects or approves it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from domain.authority import OfficeHolder, Person
from domain.kernel import Answer, Finding, ProvisionRef, Refusal, Value
from domain.rules import Ground, folded, named, silent


class Seat(StrEnum):
    """In what capacity somebody travels."""

    LEAD = "lead"
    COUNCILLOR = "councillor"
    SENIOR_STAFF = "senior staff"
    ACCOMPANYING = "accompanying"


class Payer(StrEnum):
    """Who pays for somebody's journey."""

    PROGRAMME = "programme"
    OWN_EXPENSE = "own expense"


class Traveller(Value):
    """One person on a mission. Whoever has no official seat accompanies it."""

    person: Person
    seat: Seat
    pays: Payer = Payer.PROGRAMME

    @property
    def name(self) -> str:
        """The name where it may be shown."""
        if isinstance(self.person, OfficeHolder):
            return self.person.name or self.person.office
        return "a private person"


class DelegationOutOfBounds(Refusal):
    """The official delegation has a lead, and no more members than the provision allows."""

    rule = "M3"

    def __init__(
        self, provision: ProvisionRef | None, seat: Seat, taken: int, least: int, most: int
    ) -> None:
        super().__init__(provision=provision, seat=seat.value, taken=taken, least=least, most=most)


class NotTheLead(Refusal):
    """The delegation is led by the holder of an office that the provision names."""

    rule = "M3"

    def __init__(self, provision: ProvisionRef, office: str, named: tuple[str, ...]) -> None:
        super().__init__(provision=provision, office=office, named=named)


class NotAtOwnExpense(Refusal):
    """Whoever is not of the official delegation travels at their own expense."""

    rule = "M3"

    def __init__(self, provision: ProvisionRef | None, travellers: tuple[str, ...]) -> None:
        super().__init__(provision=provision, travellers=travellers)


class NotTheDelegationsBody(Refusal):
    """The delegation is another body's to approve, or to select."""

    rule = "M4"

    def __init__(self, provision: ProvisionRef | None, body: str, by: str, approves: bool) -> None:
        super().__init__(
            provision=provision, body=body, by=by, asked="approval" if approves else "selection"
        )


class Choice(NamedTuple):
    """Whose the delegation is: the approver's where one is named, else the selector's."""

    body: str
    approves: bool
    provision: ProvisionRef | None


def choice(ground: Ground, residual: str) -> Choice:
    """Rule M4, as the provision in force has it; without one, the residual authority decides."""
    for term, approves in (("delegation.approver", True), ("delegation.selector", False)):
        whose = ground.words(term)
        if whose:
            return Choice(whose.value[0], approves, whose.provision)
    return Choice(residual, True, None)


def chosen_by(
    body: str, consulted: tuple[str, ...], ground: Ground, residual: str
) -> Iterator[Finding | Refusal]:
    """Rule M4 on the body that decides, and on whom it consulted."""
    whose = choice(ground, residual)
    if body != whose.body:
        yield NotTheDelegationsBody(whose.provision, body, whose.body, whose.approves)
        return
    yield Finding(
        rule="M4",
        answer=Answer.MET if whose.provision else Answer.NOT_APPLICABLE,
        reason=f"{'approved' if whose.approves else 'selected'} by {body}"
        if whose.provision
        else f"no provision names a body; {body} decides what none provides for",
        provision=whose.provision,
    )
    asked = ground.words("delegation.consulted")
    if asked:
        missing, _ = named(asked.value, consulted)
        yield Finding(
            rule="M4",
            answer=Answer.ADVISORY if missing else Answer.MET,
            reason=f"not recorded as consulted: {', '.join(missing)}"
            if missing
            else f"consulted: {', '.join(asked.value)}",
            provision=asked.provision,
        )


def composed(travellers: tuple[Traveller, ...], ground: Ground) -> Iterator[Finding | Refusal]:
    """Rule M3 on a delegation."""
    offices = ground.words("delegation.lead")
    if offices is None:
        yield silent("M3", "says who makes up a delegation")
        return
    leads = tuple(t for t in travellers if t.seat is Seat.LEAD)
    if len(leads) != 1:
        yield DelegationOutOfBounds(offices.provision, Seat.LEAD, len(leads), 1, 1)
    for lead in leads:
        office = lead.person.office if isinstance(lead.person, OfficeHolder) else ""
        if not _is_named(office, offices.value):
            yield NotTheLead(offices.provision, office, offices.value)
    for seat, term in (
        (Seat.COUNCILLOR, "delegation.councillors"),
        (Seat.SENIOR_STAFF, "delegation.senior-staff"),
    ):
        most = ground.count(term)
        taken = sum(t.seat is seat for t in travellers)
        if most is None:
            continue
        if taken > most.value:
            yield DelegationOutOfBounds(most.provision, seat, taken, 0, most.value)
        yield Finding(
            rule="M3",
            answer=Answer.MET if taken >= most.value else Answer.ADVISORY,
            reason=f"{seat.value}: {taken} of {most.value} seats taken",
            provision=most.provision,
        )
    paid = tuple(
        t.name for t in travellers if t.seat is Seat.ACCOMPANYING and t.pays is Payer.PROGRAMME
    )
    if paid:
        yield NotAtOwnExpense(offices.provision, paid)


def _is_named(office: str, offices: tuple[str, ...]) -> bool:
    """Whether an office is one the provision names; a designate says of whom."""
    given = folded(office)
    return any(given == folded(n) for n in offices) or (
        "designate" in given and any("designate" in folded(n) for n in offices)
    )
