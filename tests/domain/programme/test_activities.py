"""What each relationship is entitled to (rule C6), and what a year's report covers (rule R1)."""

from __future__ import annotations

import pytest

from domain.missions.outline import CityStanding
from domain.programme.activities import (
    ActivityCarriedOut,
    AnnualReportGiven,
    CarryOutActivity,
    Circumstances,
    GiveAnnualReport,
    ProgrammeYear,
    decide,
    entitlements,
    evolve,
)
from domain.shared.findings import Answer, Ground
from domain.shared.provisions import TermValue
from tests.support.given import Context, Decision
from tests.support.programme import (
    CHICAGO,
    KIEV,
    LETTERS,
    MILAN,
    NO_POLICY,
    ON,
    RIGA,
    basis,
    ground,
    ref,
)

year = Context(evolve, ProgrammeYear())


def doing(activity: str, judged: Ground | None = None) -> Decision[ProgrammeYear]:
    command = CarryOutActivity(on=ON, year=2002, place="Kiev", activity=activity)
    around = Circumstances(judged or ground(), city=KIEV)
    return lambda state: decide(state, command, around, basis())


def test_each_class_has_its_column_of_the_table() -> None:
    assert [city.column for city in (CHICAGO, KIEV, MILAN, RIGA)] == [
        "international",
        "historical",
        "targeted",
        None,
    ]


@pytest.mark.rule("C6")
def test_historical_partners_get_letters_invitations_and_replies_and_no_missions() -> None:
    granted = entitlements(KIEV, ground())

    assert [(e.activity, e.what, e.yearly) for e in granted] == [
        ("marketing", LETTERS, True),
        ("marketing", "consular events", False),
        ("marketing", "replies to groups", False),
    ]
    assert {e.provision.version for e in granted} == {1}
    assert entitlements(RIGA, ground()) == ()
    german: dict[str, TermValue] = {
        "programming.marketing.historical": ("jährlich ein Brief", "Messen"),
        "programming.marketing.yearly": ("Jährlich ein Brief",),
    }
    yearly = entitlements(KIEV, ground(amended={"programming": german}))
    assert [(e.what, e.yearly) for e in yearly] == [("jährlich ein Brief", True), ("Messen", False)]


@pytest.mark.rule("C6")
def test_a_letter_to_a_historical_partner_is_due_and_direct_mail_is_outside_the_plan() -> None:
    year.given().when(doing(LETTERS)).finds("C6", Answer.MET, provision=ref("programming"))
    year.given().when(doing("direct mail")).finds(
        "C6", Answer.ADVISORY, provision=ref("programming")
    )
    year.given().when(doing(LETTERS, NO_POLICY)).finds("C6", Answer.NOT_APPLICABLE)
    (granted,) = doing(LETTERS)(ProgrammeYear()).findings
    (outside,) = doing("direct mail")(ProgrammeYear()).findings
    assert granted.reason == f"Kiev: {LETTERS}"
    assert outside.reason == (
        f"Kiev: outside the work plan, which grants {LETTERS}; consular events; replies to groups"
    )
    by_two = ground(
        amended={
            "programming": {"programming.outbound.historical": ("fairs",)},
            "letters": {"programming.marketing.historical": (LETTERS,)},
        }
    )
    year.given().when(doing(LETTERS, by_two)).finds("C6", Answer.MET, provision=ref("letters", 2))
    year.given().when(doing("direct mail", by_two)).finds(
        "C6", Answer.ADVISORY, provision=ref("programming", 2)
    )


def advised(city: CityStanding, activity: str, *, in_year: int = 2002) -> list[tuple[str, str]]:
    command = CarryOutActivity(on=ON, year=in_year, place=city.name, activity=activity)
    found = decide(ProgrammeYear(), command, Circumstances(ground(), city=city), basis()).findings
    assert {finding.rule for finding in found} <= {"C6"}
    return [(finding.answer.value, finding.reason) for finding in found]


@pytest.mark.rule("C6")
def test_a_partner_in_the_work_plan_gets_what_the_table_grants_without_a_word() -> None:
    assert advised(CHICAGO, "direct mail") == []


@pytest.mark.rule("C6")
def test_an_activity_that_the_table_does_not_name_is_said_with_those_like_it() -> None:
    near = f"the table grants no 'letter every year'; near: {LETTERS}"

    assert advised(KIEV, "letter every year") == [("advisory", f"Kiev: {near}")]
    assert advised(CHICAGO, "direct mial") == [
        ("advisory", "Chicago: the table grants no 'direct mial'; near: direct mail")
    ]
    [(_, said)] = advised(CHICAGO, "fireworks")
    assert said.startswith("Chicago: no 'fireworks' in the table, of ")


@pytest.mark.rule("C6")
def test_what_is_done_for_a_city_without_a_relationship_is_advised_against() -> None:
    assert advised(RIGA, LETTERS) == [("advisory", f"Riga is neither partner nor targeted on {ON}")]


@pytest.mark.rule("C6")
@pytest.mark.parametrize(("year", "said"), [(1902, True), (2001, False), (2003, True)])
def test_an_activity_entered_far_from_its_year_is_said(year: int, said: bool) -> None:
    assert advised(CHICAGO, "direct mail", in_year=year) == (
        [("advisory", f"entered on {ON} as done in {year}")] if said else []
    )


def test_what_was_done_is_entered_once_a_year() -> None:
    ruling = doing(LETTERS)(ProgrammeYear())
    done = ActivityCarriedOut(
        year=2002, place=KIEV.place, activity=LETTERS, findings=ruling.findings, **basis()
    )

    year.given().when(doing(LETTERS)).then(done)
    year.given(done).when(doing(LETTERS)).then()


@pytest.mark.rule("R1")
def test_the_annual_report_covers_every_targeted_and_new_relationship() -> None:
    command = GiveAnnualReport(
        on=ON, year=2002, document="annual-2002", statuses={"Milan": "letters", "Seoul": "begun"}
    )

    def reporting(*expected: str, judged: Ground | None = None) -> Decision[ProgrammeYear]:
        around = Circumstances(judged or ground(), expected=expected)
        return lambda state: decide(state, command, around, basis())

    year.given().when(reporting("Milan", "Seoul")).finds(
        "R1", Answer.MET, provision=ref("annual-report")
    )
    year.given().when(reporting("Mílan", "Séoul")).finds("R1", Answer.MET)
    year.given().when(reporting("Milan", "Hong Kong")).finds("R1", Answer.ADVISORY)
    for expected, reason in (
        (("Milan", "Seoul"), "status of all 2 targeted and new relationships"),
        (("Milan", "Hong Kong", "London"), "no status of Hong Kong, London"),
    ):
        (found,) = reporting(*expected)(ProgrammeYear()).findings
        assert found.reason == reason
    year.given().when(reporting("Milan", judged=NO_POLICY)).finds("R1", Answer.NOT_APPLICABLE)
    (event,) = reporting("Milan", "Hong Kong")(ProgrammeYear()).events
    assert isinstance(event, AnnualReportGiven)
    assert event.missing == ("Hong Kong",)
    assert year.given(event).state.reports == {"annual-2002": event}


def test_a_second_activity_for_a_city_stands_beside_the_first() -> None:
    twice = year.given().when(doing(LETTERS)).and_then().when(doing("consular events")).and_then()

    twice.when(doing(LETTERS)).then()
    twice.when(doing("consular events")).then()
