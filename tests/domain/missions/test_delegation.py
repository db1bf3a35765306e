"""Delegations: who has a seat, who pays, and which body approves or selects (rules M3 and M4)."""

from __future__ import annotations

import pytest

from domain.council.persons import ACCOMPANYING, LEAD, PROGRAMME, PrivatePerson, Traveller
from domain.instruments import ApproveDelegation
from domain.missions.delegation import (
    Choice,
    DelegationOutOfBounds,
    NoSuchSeat,
    NotAtOwnExpense,
    NotTheDelegationsBody,
    NotTheLead,
    delegation_composed,
    who_chooses_delegation,
)
from domain.missions.messages import MissionPlanned, MissionProposed
from domain.missions.mission import Circumstances, Mission, decide, evolve
from domain.shared.findings import Answer, Finding, Ground
from domain.shared.messages import Personal
from domain.shared.provisions import TermValue
from tests.support.given import Context, Decision
from tests.support.programme import (
    CHARTER,
    COUNCILLORS,
    DELEGATION,
    EXPORTER,
    MAYOR,
    NO_POLICY,
    STAFF,
    basis,
    decision,
    ground,
    holder,
    outbound,
    ref,
)

mission = Context(evolve, Mission())
planned = mission.given(
    MissionProposed(outline=outbound(), findings=(), **basis("2002-01-10")),
    MissionPlanned(mission="spring", year=2002, **basis("2002-01-20")),
)

BACK_TO_THE_MAYOR: dict[str, dict[str, TermValue]] = {
    "outbound/2": {
        "delegation.selector": "mayor",
        "delegation.consulted": ("the Committee's Chair", "the Commissioner"),
    }
}


def approving(
    *travellers: Traveller,
    body: str = "city-council",
    judged: Ground | None = None,
    consulted: tuple[str, ...] = (),
) -> Decision[Mission]:
    act = ApproveDelegation(
        mission="spring", travellers=travellers or DELEGATION, consulted=consulted
    )
    around = Circumstances(judged or ground(), body=body, charter=CHARTER)
    return lambda state: decide(state, act, around, basis(authority=decision(body)))


def said(deciding: Decision[Mission]) -> list[str]:
    return [f.reason for f in deciding(planned.state).findings if f.rule == "M4"]


@pytest.mark.rule("M3")
def test_a_full_delegation_is_in_order() -> None:
    planned.when(approving()).finds("M3", Answer.MET, Answer.MET, provision=ref("outbound/1"))


@pytest.mark.rule("M3")
def test_an_unfilled_seat_is_noted() -> None:
    planned.when(approving(MAYOR, COUNCILLORS[0], *STAFF[:2])).finds(
        "M3", Answer.ADVISORY, Answer.MET
    )


@pytest.mark.rule("M3")
@pytest.mark.parametrize(
    ("travellers", "figures"),
    [
        (
            (*COUNCILLORS[:2], *STAFF[:2]),
            {"seat": "lead", "taken": 0, "least": 1, "most": 1},
        ),
        ((MAYOR, MAYOR), {"seat": "lead", "taken": 2, "least": 1, "most": 1}),
        ((MAYOR, *COUNCILLORS), {"seat": "councillor", "taken": 3, "least": 0, "most": 2}),
        ((MAYOR, *STAFF), {"seat": "senior staff", "taken": 3, "least": 0, "most": 2}),
    ],
)
def test_a_delegation_has_a_lead_and_no_more_seats_than_the_provision_gives(
    travellers: tuple[Traveller, ...], figures: dict[str, object]
) -> None:
    planned.when(approving(*travellers)).refused(
        DelegationOutOfBounds, provision=ref("outbound/1"), **figures
    )


@pytest.mark.rule("M3")
def test_more_councillors_travel_once_the_provision_allows_them() -> None:
    four = ground(
        amended={
            "outbound/1": {
                "delegation.lead": ("Mayor",),
                "delegation.councillors": 4,
                "delegation.councillors.seat": "councillor",
                "delegation.senior-staff": 2,
                "delegation.senior-staff.seat": "senior staff",
            }
        }
    )

    planned.when(approving(MAYOR, *COUNCILLORS, judged=four)).finds(
        "M3", Answer.ADVISORY, Answer.ADVISORY, provision=ref("outbound/1", 2)
    )


@pytest.mark.rule("M3")
def test_a_provision_that_counts_no_councillors_still_counts_staff() -> None:
    terms: dict[str, TermValue] = {
        "delegation.lead": ("Mayor",),
        "delegation.councillors.seat": "councillor",
        "delegation.senior-staff": 1,
        "delegation.senior-staff.seat": "senior staff",
    }
    staff_only = ground(amended={"outbound/1": terms})

    planned.when(approving(MAYOR, *COUNCILLORS, STAFF[0], judged=staff_only)).finds(
        "M3", Answer.MET, provision=ref("outbound/1", 2)
    )


@pytest.mark.rule("M3")
def test_the_mayor_or_a_designate_leads() -> None:
    designate = Traveller(person=holder("Councillor D", "Mayor's designate"), seat=LEAD)
    clerk = Traveller(person=holder("the Clerk", "City Clerk"), seat=LEAD)

    planned.when(approving(designate)).finds("M3", Answer.ADVISORY, Answer.ADVISORY)
    planned.when(approving(clerk)).refused(
        NotTheLead, office="City Clerk", named=("Mayor", "Mayor's designate")
    )


@pytest.mark.rule("M3")
@pytest.mark.parametrize(
    ("office", "designate_of", "sends", "leads"),
    [
        ("erster bürgermeister", None, (), True),
        ("Senatorin", "Erster Bürgermeister", ("Erster Bürgermeister",), True),
        ("Senatorin", "Erster Bürgermeister", (), False),
        ("Senatorin", "Zweiter Bürgermeister", ("Erster Bürgermeister",), False),
        (
            "designate of the Erster Bürgermeister",
            None,
            ("Erster Bürgermeister",),
            False,
        ),
    ],
)
def test_whoever_an_office_sends_leads_where_the_provision_lets_that_office(
    office: str, designate_of: str | None, sends: tuple[str, ...], *, leads: bool
) -> None:
    offices = ("Erster Bürgermeister",)
    terms: dict[str, TermValue] = {
        "delegation.lead": offices,
        "delegation.lead.designate-of": sends,
    }
    judged = ground(amended={"outbound/1": terms})
    person = holder("somebody", office)
    lead = Traveller(person=person, seat=LEAD, designate_of=designate_of)

    if leads:
        planned.when(approving(lead, judged=judged)).finds("M3")
    else:
        planned.when(approving(lead, judged=judged)).refused(
            NotTheLead, provision=ref("outbound/1", 2), office=office, named=offices
        )


@pytest.mark.rule("M3")
def test_a_private_person_does_not_lead() -> None:
    lead = Traveller(person=PrivatePerson(person=Personal[str](value="somebody")), seat=LEAD)

    planned.when(approving(lead)).refused(NotTheLead, office="")


@pytest.mark.rule("M3")
def test_whoever_has_no_seat_travels_at_their_own_expense() -> None:
    paid = EXPORTER.model_copy(update={"pays": PROGRAMME})

    planned.when(approving(MAYOR, paid)).refused(
        NotAtOwnExpense, provision=ref("outbound/1"), travellers=("an exporter",)
    )


@pytest.mark.rule("M4")
def test_council_approves_the_delegation_as_the_policy_was_adopted() -> None:
    planned.when(approving()).finds("M4", Answer.MET, provision=ref("outbound/2"))
    planned.when(approving(body="mayor")).refused(
        NotTheDelegationsBody,
        provision=ref("outbound/2"),
        body="mayor",
        by="city-council",
        asked="approval",
    )


@pytest.mark.rule("M4")
def test_after_an_amendment_the_mayor_selects_and_councils_approval_is_no_longer_asked() -> None:
    judged = ground(amended=BACK_TO_THE_MAYOR)

    both = ("the Committee's Chair", "the Commissioner")
    planned.when(approving(body="mayor", judged=judged, consulted=both)).finds(
        "M4", Answer.MET, Answer.MET, provision=ref("outbound/2", 2)
    )
    planned.when(approving(body="mayor", judged=judged, consulted=both[:1])).finds(
        "M4", Answer.MET, Answer.ADVISORY, provision=ref("outbound/2", 2)
    )
    planned.when(approving(judged=judged)).refused(
        NotTheDelegationsBody, by="mayor", asked="selection"
    )
    assert said(approving(body="mayor", judged=judged, consulted=both)) == [
        "selected by mayor",
        "consulted: the Committee's Chair, the Commissioner",
    ]
    assert said(approving(body="mayor", judged=judged)) == [
        "selected by mayor",
        "not recorded as consulted: the Committee's Chair, the Commissioner",
    ]
    assert said(approving()) == ["approved by city-council"]


@pytest.mark.rule("M4")
def test_where_no_provision_names_a_body_the_residual_authority_decides() -> None:
    judged = ground(without=("outbound/2",))

    planned.when(approving(judged=judged)).finds("M4", Answer.NOT_APPLICABLE)
    planned.when(approving(body="mayor", judged=judged)).refused(
        NotTheDelegationsBody, by="city-council", asked="approval"
    )
    assert "approved" not in said(approving(judged=judged))[0]
    assert who_chooses_delegation(judged, CHARTER) == Choice(("city-council",), True, None)


@pytest.mark.rule("M3")
def test_without_a_provision_on_delegations_any_may_travel() -> None:
    planned.when(approving(EXPORTER, judged=NO_POLICY)).finds("M3", Answer.NOT_APPLICABLE)


@pytest.mark.rule("M3")
def test_a_decision_may_set_the_size_of_a_delegation_aside() -> None:
    judged = ground(notwithstanding=("outbound/1",))

    planned.when(approving(MAYOR, *COUNCILLORS, judged=judged)).finds(
        "M3", Answer.OVERRIDDEN, Answer.ADVISORY
    )
    planned.when(approving(MAYOR, *COUNCILLORS, *STAFF[:2], judged=judged)).finds(
        "M3", Answer.OVERRIDDEN, Answer.MET
    )


YOKOHAMA: dict[str, TermValue] = {
    "delegation.giin": 1,
    "delegation.giin.seat": "議員",
    "delegation.payers": ("商工会議所",),
}


@pytest.mark.rule("M3")
def test_seats_are_those_that_the_provision_names_in_whatever_language() -> None:
    judged = ground(amended={"outbound/1": YOKOHAMA})
    member = Traveller(person=holder("甲", "市会議員"), seat="議員")
    clerk = Traveller(person=holder("乙", "職員"), seat="職員")

    planned.when(approving(member, judged=judged)).finds("M3", Answer.MET, Answer.MET)
    assert _on(judged, member)[0] == "議員: 1 of 1 seats taken"
    planned.when(approving(member, member, judged=judged)).refused(
        DelegationOutOfBounds, provision=ref("outbound/1", 2), seat="議員", taken=2, least=0, most=1
    )
    planned.when(approving(clerk, judged=judged)).refused(
        NoSuchSeat, provision=ref("outbound/1", 2), seats=("職員",), named=("議員",)
    )


@pytest.mark.rule("M3")
def test_a_provision_may_name_who_else_pays() -> None:
    judged = ground(amended={"outbound/1": YOKOHAMA})
    guests = [
        Traveller(person=holder("丙", "社長"), seat=ACCOMPANYING, pays=payer)
        for payer in ("商工会議所", "自費")
    ]

    assert _on(judged, guests[0])[1] == "paid for as the provision says"
    planned.when(approving(*guests, judged=judged)).finds("M3", Answer.ADVISORY, Answer.ADVISORY)
    assert _on(judged, *guests)[1] == "payers that the provision does not name: 自費"


def _on(judged: Ground, *travellers: Traveller) -> list[str]:
    return [
        found.reason
        for found in delegation_composed(travellers, judged)
        if isinstance(found, Finding)
    ]
