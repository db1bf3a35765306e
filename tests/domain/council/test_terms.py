"""Terms of Council: recorded, never overlapping, and counted over (rule M8)."""

from __future__ import annotations

import pytest

from domain.council.terms import (
    RecordTermOfCouncil,
    TermEndsBeforeItBegins,
    TermOfCouncil,
    TermOfCouncilRecorded,
    Terms,
    TermsOverlap,
    decide,
    evolve,
)
from domain.shared.dates import When
from tests.support.given import Context, Decision
from tests.support.programme import basis

terms = Context(evolve, Terms())


def term(name: str, begins: str, ends: str | None) -> TermOfCouncil:
    return TermOfCouncil(
        term=name, begins=When.parse(begins), ends=When.parse(ends) if ends else None
    )


FIRST = term("1998-2000", "1998-01-02", "2000-11-30")
SECOND = term("2000-2003", "2000-12-01", "2003-11-30")


def recorded(what: TermOfCouncil) -> TermOfCouncilRecorded:
    return TermOfCouncilRecorded(term=what, **basis())


def recording(what: TermOfCouncil) -> Decision[Terms]:
    command = RecordTermOfCouncil(
        on=When.parse("2002-03-01"), term=what.term, begins=what.begins, ends=what.ends
    )
    return lambda state: decide(state, command, basis())


def test_terms_are_recorded_in_the_order_of_their_days() -> None:
    terms.given(recorded(SECOND)).when(recording(FIRST)).then(recorded(FIRST))
    assert terms.given(recorded(SECOND), recorded(FIRST)).state.terms == (FIRST, SECOND)
    terms.given(recorded(FIRST)).when(recording(FIRST)).then()


@pytest.mark.rule("M8")
def test_a_day_lies_in_one_term_at_most() -> None:
    terms.given(recorded(FIRST)).when(recording(term("other", "2000-11-30", None))).refused(
        TermsOverlap, term="other", other="1998-2000"
    )
    terms.given(recorded(SECOND)).when(recording(term("open", "1999", None))).refused(TermsOverlap)


def test_a_term_whose_end_becomes_known_is_recorded_again() -> None:
    still_open = term("2000-2003", "2000-12-01", None)

    terms.given(recorded(still_open)).when(recording(SECOND)).then(recorded(SECOND))
    assert terms.given(recorded(still_open), recorded(SECOND)).state.terms == (SECOND,)


def test_a_term_ends_after_it_begins() -> None:
    with pytest.raises(TermEndsBeforeItBegins) as refused:
        recording(term("backwards", "2003-11-30", "2000-12-01"))(Terms())
    assert refused.value.details == {
        "term": "backwards",
        "begins": "2003-11-30",
        "ends": "2000-12-01",
    }
    one_day = term("one-day", "2003-11-30", "2003-11-30")
    terms.given().when(recording(one_day)).then(recorded(one_day))


@pytest.mark.parametrize(
    ("day", "touches"),
    [
        ("2000-11-30", False),
        ("2000-12-01", True),
        ("2003-11", True),
        ("2003", True),
        ("2003-12", False),
    ],
)
def test_a_visit_lies_in_the_term_that_its_timing_may_touch(day: str, *, touches: bool) -> None:
    assert SECOND.touches(When.parse(day)) is touches
