"""How much of a year's limits is taken, and what a finding says of an override."""

from __future__ import annotations

import pytest

from domain.council.persons import ACCOMPANYING, PrivatePerson, Traveller
from domain.council.terms import TermOfCouncil
from domain.missions.outline import MissionOutline
from domain.programme.limits import SlotsExhausted, limits_taken, plan_reaches_aims
from domain.programme.rotation import RestOfProgramme, Visit, rotation, turn_of_city
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding, Ground, activities_granted
from domain.shared.messages import Personal, ProvisionRef
from domain.shared.problems import Refusal
from tests.support.programme import (
    AMSTERDAM,
    CHICAGO,
    COUNCILLORS,
    FRANKFURT,
    KIEV,
    NO_POLICY,
    SAGAMIHARA,
    ground,
    inbound,
    outbound,
    partner,
    place,
    ref,
)


@pytest.mark.rule("B2", "B3")
def test_a_year_says_how_much_of_its_limits_is_taken() -> None:
    visits = tuple(inbound(f"visit-{n}") for n in range(11))

    assert tuple(limits_taken(2002, visits, (outbound(),), ground())) == (
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
    assert [f.answer for f in limits_taken(2002, visits[:10], (), ground())] == [Answer.MET] * 3
    assert tuple(limits_taken(2002, visits, (), NO_POLICY)) == ()


@pytest.mark.rule("B2")
def test_an_override_keeps_what_the_refusal_would_have_said() -> None:
    judged = ground(notwithstanding=("inbound/2",))
    refusal = SlotsExhausted(provision=ref("inbound/2"), year=2002, listed=10, most=10)

    assert judged.weigh((refusal,)) == (
        Finding(
            rule="B2",
            answer=Answer.OVERRIDDEN,
            reason=f"{refusal.title} (year 2002; listed 10; most 10)",
            provision=ref("inbound/2"),
        ),
    )


def test_an_override_of_a_refusal_without_figures_gives_none() -> None:
    class Bare(Refusal):
        """Something is not allowed."""

        rule = "X1"
        provision: ProvisionRef

    judged = ground(notwithstanding=("inbound/2",))
    (finding,) = judged.weigh((Bare(provision=ref("inbound/2")),))
    assert finding.reason == "Something is not allowed."


def test_a_dash_in_the_table_grants_nothing() -> None:
    assert activities_granted(("-", " – ", "—", "", "letters", "なし")) == ("letters", "なし")


def test_whoever_travels_is_named_where_that_may_be_shown() -> None:
    guest = Traveller(
        person=PrivatePerson(person=Personal[str](value="somebody")), seat=ACCOMPANYING
    )

    assert (COUNCILLORS[0].name, guest.name) == ("Councillor A", "a private person")


@pytest.mark.rule("B2")
def test_of_two_aims_the_higher_one_applies() -> None:
    eight = ground(
        amended={
            "planning/1(i)": {"plan.inbound-visits.least": 6},
            "inbound/2": {"inbound.visits.least": 8},
        }
    )
    visits = tuple(inbound(f"visit-{n}") for n in range(7))

    assert [
        (f.answer, f.reason) for f in plan_reaches_aims(2002, visits, (outbound(),), eight)
    ] == [
        (Answer.ADVISORY, "7 of at least 8 in 2002"),
        (Answer.ADVISORY, "1 of at least 2 in 2002"),
    ]


@pytest.mark.rule("M6")
def test_rotation_says_which_countries_and_regions_it_looked_at() -> None:
    facts = RestOfProgramme(
        taking_turns=(CHICAGO.place, FRANKFURT.place, SAGAMIHARA.place),
        last_year=(outbound("last", AMSTERDAM, year=2001),),
    )
    spring = outbound("spring", AMSTERDAM, FRANKFURT)

    def said(judged: Ground, *missions: MissionOutline) -> list[tuple[Answer, str]]:
        return [(f.answer, f.reason) for f in rotation(missions, facts, judged)]

    assert said(ground(), spring) == [
        (Answer.ADVISORY, "U.S.A.: no mission this year"),
        (Answer.ADVISORY, "Europe again, before Asia"),
    ]
    assert said(ground(), outbound("autumn", CHICAGO, SAGAMIHARA)) == [
        (Answer.MET, "U.S.A.: a mission this year"),
        (Answer.MET, "regions this year: Asia"),
    ]
    assert said(ground()) == [
        (Answer.ADVISORY, "U.S.A.: no mission this year"),
        (Answer.MET, "regions this year: none"),
    ]
    only_turns = ground(amended={"programming": {"mission.rotation": "geographic region"}})
    assert said(only_turns, spring) == [
        (Answer.ADVISORY, "Europe again, before Asia, North America")
    ]
    only_yearly = ground(amended={"programming": {"mission.yearly-to": ("Germany", "JP")}})
    assert said(only_yearly, spring) == [
        (Answer.MET, "Germany: a mission this year"),
        (Answer.ADVISORY, "JP: no mission this year"),
    ]


@pytest.mark.rule("M6")
def test_each_answer_on_rotation_rests_on_the_provision_that_asks() -> None:
    apart = ground(
        amended={
            "programming": {"mission.rotation": "geographic region"},
            "note": {"mission.yearly-to": ("U.S.A.",)},
        }
    )
    nowhere = [partner(place("XX-A", name, "Nowhere")) for name in ("Lima", "Accra")]
    found = rotation((outbound("spring", *nowhere),), RestOfProgramme(), apart)
    assert [(f.answer, f.provision) for f in found] == [
        (Answer.ADVISORY, ref("note", 2)),
        (Answer.NOT_APPLICABLE, ref("programming", 2)),
        (Answer.MET, ref("programming", 2)),
    ]


@pytest.mark.rule("M6")
def test_cities_and_regions_are_named_in_order() -> None:
    turns = ground(amended={"programming": {"mission.rotation": "geographic region"}})
    nowhere = [partner(place("XX-A", name, "Nowhere")) for name in ("Lima", "Accra")]
    here = outbound("spring", FRANKFURT, SAGAMIHARA, *nowhere)
    facts = RestOfProgramme(
        taking_turns=(CHICAGO.place, partner(place("PE-CUSCO", "Cusco", "Peru", "South")).place),
        last_year=(outbound("last", SAGAMIHARA, AMSTERDAM, year=2001),),
    )
    assert [f.reason for f in rotation((here,), facts, turns)] == [
        "no region is recorded for Accra, Lima",
        "Asia, Europe again, before North America, South",
    ]
    assert [f.reason for f in rotation((here,), RestOfProgramme(), turns)][1:] == [
        "regions this year: Asia, Europe"
    ]


@pytest.mark.rule("M8")
def test_each_answer_on_turns_rests_on_the_provision_and_names_who_waits() -> None:
    term = TermOfCouncil(
        term="2000-2003", begins=When.parse("2000-12-01"), ends=When.parse("2003-11-30")
    )
    partners = (CHICAGO.place, FRANKFURT.place, SAGAMIHARA.place)
    had = Visit("earlier", CHICAGO.place.code, When.parse("2001-05"))
    facts = RestOfProgramme(terms=(term,), visits=(had,), taking_turns=partners)
    visit = inbound("visit", KIEV, CHICAGO, FRANKFURT)
    by = ref("inbound/2")

    assert tuple(turn_of_city(visit, facts, ground())) == (
        Finding(
            rule="M8",
            answer=Answer.NOT_APPLICABLE,
            reason="Kiev: only International partners take turns",
            provision=by,
        ),
        Finding(
            rule="M8",
            answer=Answer.ADVISORY,
            reason="Chicago: visit 2 in 2000-2003, while none yet for Frankfurt, Sagamihara",
            provision=by,
        ),
        Finding(
            rule="M8",
            answer=Answer.MET,
            reason="Frankfurt: visit 1 in 2000-2003",
            provision=by,
        ),
    )
    (unknown,) = turn_of_city(visit, RestOfProgramme(), ground())
    assert (unknown.answer, unknown.provision) == (Answer.NOT_APPLICABLE, by)
