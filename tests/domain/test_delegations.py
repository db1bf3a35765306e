"""Delegations: who has a seat, who pays, and which body approves or selects (rules M3 and M4)."""

from __future__ import annotations

import pytest

from domain.authority import PrivatePerson
from domain.delegations import (
    Choice,
    DelegationOutOfBounds,
    NotAtOwnExpense,
    NotTheDelegationsBody,
    NotTheLead,
    Payer,
    Seat,
    Traveller,
    choice,
)
from domain.facts import TermValue
from domain.instruments import ApproveDelegation
from domain.kernel import Answer, Personal
from domain.missions import Facts, Mission, MissionPlanned, approve_delegation, evolve
from domain.proposals import MissionProposed
from domain.rules import Ground
from tests.support.given import Context, Decision
from tests.support.programme import (
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
    facts = Facts(judged or ground(), residual="city-council")
    return lambda state: approve_delegation(
        state, act, facts, body, basis(authority=decision(body))
    )


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
                "delegation.senior-staff": 2,
            }
        }
    )

    planned.when(approving(MAYOR, *COUNCILLORS, judged=four)).finds(
        "M3", Answer.ADVISORY, Answer.ADVISORY, provision=ref("outbound/1", 2)
    )


@pytest.mark.rule("M3")
def test_a_provision_that_counts_no_councillors_still_counts_staff() -> None:
    staff_only = ground(
        amended={"outbound/1": {"delegation.lead": ("Mayor",), "delegation.senior-staff": 1}}
    )

    planned.when(approving(MAYOR, *COUNCILLORS, STAFF[0], judged=staff_only)).finds(
        "M3", Answer.MET, provision=ref("outbound/1", 2)
    )


@pytest.mark.rule("M3")
def test_the_mayor_or_a_designate_leads() -> None:
    designate = Traveller(person=holder("Councillor D", "Mayor's designate"), seat=Seat.LEAD)
    clerk = Traveller(person=holder("the Clerk", "City Clerk"), seat=Seat.LEAD)

    planned.when(approving(designate)).finds("M3", Answer.ADVISORY, Answer.ADVISORY)
    planned.when(approving(clerk)).refused(
        NotTheLead, office="City Clerk", named=("Mayor", "Mayor's designate")
    )


@pytest.mark.rule("M3")
@pytest.mark.parametrize(
    ("office", "offices", "leads"),
    [
        ("mayor", ("Mayor",), True),
        ("designate of the Mayor", ("Mayor", "Mayor's designate"), True),
        ("designate of the Mayor", ("Mayor",), False),
        ("Deputy Mayor", ("Mayor", "Mayor's designate"), False),
        ("Councillor", ("Mayor", "designate"), False),
    ],
)
def test_a_designate_leads_where_the_provision_names_one(
    office: str, offices: tuple[str, ...], *, leads: bool
) -> None:
    judged = ground(amended={"outbound/1": {"delegation.lead": offices}})
    lead = Traveller(person=holder("somebody", office), seat=Seat.LEAD)

    if leads:
        planned.when(approving(lead, judged=judged)).finds("M3")
    else:
        planned.when(approving(lead, judged=judged)).refused(
            NotTheLead, provision=ref("outbound/1", 2), office=office, named=offices
        )


@pytest.mark.rule("M3")
def test_a_private_person_does_not_lead() -> None:
    lead = Traveller(person=PrivatePerson(person=Personal[str](value="somebody")), seat=Seat.LEAD)

    planned.when(approving(lead)).refused(NotTheLead, office="")


@pytest.mark.rule("M3")
def test_whoever_has_no_seat_travels_at_their_own_expense() -> None:
    paid = EXPORTER.model_copy(update={"pays": Payer.PROGRAMME})

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
    assert choice(judged, "city-council") == Choice("city-council", True, None)


@pytest.mark.rule("M3")
def test_without_a_provision_on_delegations_any_may_travel() -> None:
    planned.when(approving(EXPORTER, judged=NO_POLICY)).finds("M3", Answer.NOT_APPLICABLE)


@pytest.mark.rule("M3")
def test_a_decision_may_set_the_size_of_a_delegation_aside() -> None:
    judged = ground(notwithstanding=("outbound/1",))

    planned.when(approving(MAYOR, *COUNCILLORS, judged=judged)).finds(
        "M3", Answer.OVERRIDDEN, Answer.MET, Answer.ADVISORY
    )
