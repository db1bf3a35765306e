"""Reports that a body asked for (rule R1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.instruments import ReportAnswers, RequestReport
from domain.proceedings.requested_reports import (
    AskedOtherwise,
    Duties,
    NoSuchRequest,
    ReportGiven,
    ReportRequested,
    decide,
    evolve,
)
from domain.shared.dates import When
from domain.shared.findings import Ruling
from tests.support.given import Context
from tests.support.small_city import ADOPTION, COUNCIL_DAYS, LATER, basis

pytestmark = pytest.mark.rule("R1")

BASIS = basis(COUNCIL_DAYS, ADOPTION)
ASK = RequestReport(
    request="annual-status",
    office="Commissioner",
    about="targeted and new relationships",
    to="council",
    yearly=True,
)
ASKED = ReportRequested(
    request="annual-status",
    office="Commissioner",
    about="targeted and new relationships",
    to="council",
    yearly=True,
    **BASIS,
)
ANSWER = ReportAnswers(request="annual-status")

duties = Context(evolve, Duties())


def asking(act: RequestReport) -> Callable[[Duties], Ruling]:
    return lambda state: decide(state, act, "adoption", BASIS)


def answering(document: str) -> Callable[[Duties], Ruling]:
    return lambda state: decide(state, ANSWER, document, basis(LATER))


def given_in(document: str) -> ReportGiven:
    return ReportGiven(request="annual-status", document=document, **basis(LATER))


def test_a_report_is_asked_for_once() -> None:
    duties.given().when(asking(ASK)).then(ASKED)
    duties.given(ASKED).when(asking(ASK)).then()


def test_a_day_that_the_source_states_is_the_day_it_is_due() -> None:
    due = {"due": When.parse("2002-06-30")}
    asked = ASKED.model_copy(update=due)
    duties.given().when(asking(ASK.model_copy(update=due))).then(asked)
    duties.given(asked).when(asking(ASK.model_copy(update=due))).then()


@pytest.mark.parametrize(
    "change",
    [
        {"office": "Mayor"},
        {"about": "gifts"},
        {"to": "committee"},
        {"yearly": False},
        {"due": LATER},
    ],
    ids="".join,
)
def test_the_same_name_cannot_ask_for_something_else(change: dict[str, object]) -> None:
    duties.given(ASKED).when(asking(ASK.model_copy(update=change))).refused(
        AskedOtherwise,
        rule="R1",
        request="annual-status",
        office="Commissioner",
        about="targeted and new relationships",
    )


def test_a_yearly_report_is_given_every_year() -> None:
    duties.given(ASKED).when(answering("report-2002")).then(given_in("report-2002"))
    state = duties.given(ASKED, given_in("report-2002"), given_in("report-2003")).state
    assert state.given == {"annual-status": ("report-2002", "report-2003")}


def test_a_report_answers_a_request_that_was_made() -> None:
    duties.given().when(answering("report-2002")).refused(
        NoSuchRequest, rule="R1", request="annual-status"
    )
