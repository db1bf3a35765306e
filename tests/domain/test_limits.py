"""How much of a year's limits is taken, and what a finding says of an override."""

from __future__ import annotations

import pytest

from domain.authority import PrivatePerson
from domain.delegations import Seat, Traveller
from domain.kernel import Answer, Finding, Personal
from domain.limits import SlotsExhausted, taken
from domain.rules import grants
from tests.support.programme import COUNCILLORS, NO_POLICY, ground, inbound, outbound, ref


@pytest.mark.rule("B2", "B3")
def test_a_year_says_how_much_of_its_limits_is_taken() -> None:
    visits = tuple(inbound(f"visit-{n}") for n in range(11))

    assert tuple(taken(2002, visits, (outbound(),), ground())) == (
        Finding(
            rule="B2",
            answer=Answer.NOT_MET,
            reason="11 of at most 10 in 2002",
            provision=ref("planning/1(i)"),
        ),
        Finding(
            rule="B2",
            answer=Answer.NOT_MET,
            reason="11 of at most 10 in 2002",
            provision=ref("inbound/2"),
        ),
        Finding(
            rule="B3",
            answer=Answer.MET,
            reason="1 of at most 3 in 2002",
            provision=ref("planning/1(ii)"),
        ),
    )
    assert [f.answer for f in taken(2002, visits[:10], (), ground())] == [Answer.MET] * 3
    assert tuple(taken(2002, visits, (), NO_POLICY)) == ()


@pytest.mark.rule("B2")
def test_an_override_keeps_what_the_refusal_would_have_said() -> None:
    judged = ground(notwithstanding=("inbound/2",))
    refusal = SlotsExhausted(ref("inbound/2"), 2002, 10, 10)

    assert judged.weigh((refusal,)) == (
        Finding(
            rule="B2",
            answer=Answer.OVERRIDDEN,
            reason=f"{refusal.title} (year 2002; listed 10; most 10)",
            provision=ref("inbound/2"),
        ),
    )


def test_a_dash_in_the_table_grants_nothing() -> None:
    assert grants(("-", " – ", "None", "", "letters")) == ("letters",)


def test_whoever_travels_is_named_where_that_may_be_shown() -> None:
    guest = Traveller(
        person=PrivatePerson(person=Personal[str](value="somebody")), seat=Seat.ACCOMPANYING
    )

    assert (COUNCILLORS[0].name, guest.name) == ("Councillor A", "a private person")
