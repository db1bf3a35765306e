"""Requests for a relationship: their order (N1), clock (N2), answers (N3), agreement (N4, N5)."""

from __future__ import annotations

from datetime import date

import pytest

from domain.council.bodies import NoDecision
from domain.instruments import ApproveAgreement, EnterPartnership
from domain.requests.formal_agreement import AgreementOutOfOrder
from domain.requests.messages import (
    AdviseArrangement,
    AssessRequest,
    ConsultGroup,
    MakeBusinessCase,
    PrepareAgreement,
    ReceiveRequest,
    ReportOnRequest,
    RequestAgreementApproved,
    RequestAgreementPrepared,
    RequestAgreementSigned,
    RequestArrangementAdvised,
    RequestAssessed,
    RequestBusinessCaseMade,
    RequestEvent,
    RequestGroupConsulted,
    RequestReceived,
    RequestReported,
    RequestStep,
    SignAgreement,
)
from domain.requests.request import (
    Circumstances,
    DatedBeforeStep,
    NotAPartnership,
    Request,
    RequestKnown,
    RequestOutOfOrder,
    Unanswered,
    decide,
    evolve,
    may_enter_partnership,
    procedure_followed,
)
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding, Ground
from domain.shared.messages import DecisionRef
from tests.support.given import Context, Decision
from tests.support.programme import (
    CORE_CRITERIA,
    FRANKFURT,
    GOALS,
    NO_POLICY,
    ON,
    RIGA,
    basis,
    decision,
    ground,
    holder,
    ref,
)

request = Context(evolve, Request())

COMMITTEE = "economic-development-and-parks-committee"
GROUP = holder("the Latvian consul", "Consul of Latvia")
DUE = Finding(
    rule="N2",
    answer=Answer.MET,
    reason="a report is due on 2002-07-10",
    provision=ref("procedures/5"),
)

received = RequestReceived(
    request="riga",
    place=RIGA.place,
    group=GROUP,
    asks="a partnership of the ports",
    changes_existing=False,
    report_due=date(2002, 7, 10),
    report_to=COMMITTEE,
    findings=(DUE,),
    **basis("2002-01-10"),
)
consulted = RequestGroupConsulted(request="riga", objectives="trade", **basis("2002-01-20"))
advised = RequestArrangementAdvised(
    request="riga",
    arrangement="longer-term partnership",
    formal=True,
    reason="lasting interest",
    **basis("2002-01-30"),
)
as_project = advised.model_copy(update={"arrangement": "project", "formal": False})
assessed = RequestAssessed(
    request="riga",
    criteria=dict.fromkeys(CORE_CRITERIA, "answered"),
    goals=dict.fromkeys(GOALS, "answered"),
    visited_by=None,
    **basis("2002-02-10"),
)
reported = RequestReported(
    request="riga",
    document="report-riga",
    recommends=True,
    late=False,
    to=COMMITTEE,
    findings=(),
    **basis("2002-02-20"),
)
case_made = RequestBusinessCaseMade(
    request="riga", document="case-riga", positive=True, **basis("2002-02-21")
)
agreement_approved = RequestAgreementApproved(
    request="riga",
    body="city-council",
    findings=(),
    **basis("2002-02-22", authority=decision()),
)
prepared = RequestAgreementPrepared(
    request="riga", description="Friendship Agreement", findings=(), **basis("2002-02-25")
)

CONSULT = ConsultGroup(on=ON, request="riga", objectives="trade")
ADVISE = AdviseArrangement(
    on=ON, request="riga", arrangement="longer-term partnership", reason="lasting interest"
)
ASSESS = AssessRequest(on=ON, request="riga", criteria={"support": "strong"})
REPORT = ReportOnRequest(on=ON, request="riga", document="report-riga", recommends=True)
NO_RECOMMENDATION = REPORT.model_copy(update={"recommends": False})
CASE = MakeBusinessCase(on=ON, request="riga", document="case-riga", positive=True)
PREPARE = PrepareAgreement(on=ON, request="riga", description="Friendship Agreement")
SIGN = SignAgreement(on=ON, request="riga")


def doing(
    act: RequestStep, on: str = "2002-03-01", judged: Ground | None = None, *, partner: bool = False
) -> Decision[Request]:
    return lambda state: decide(
        state, act, Circumstances(judged or ground(), RIGA.place, partner), basis(on)
    )


def receiving(on: str, judged: Ground | None = None) -> Decision[Request]:
    command = ReceiveRequest(
        on=When.parse(on), request="riga", place="Riga", group=GROUP, asks="a partnership"
    )
    around = Circumstances(judged or ground(), RIGA.place)
    return lambda state: decide(state, command, around, basis(on))


def approving(judged: Ground | None = None) -> Decision[Request]:
    act = ApproveAgreement(request="riga")
    around = Circumstances(judged or ground(), body="city-council")
    return lambda state: decide(state, act, around, basis(authority=decision()))


@pytest.mark.rule("N2")
@pytest.mark.rule("N2")
def test_the_report_is_due_six_months_after_receipt() -> None:
    due = Finding(
        rule="N2",
        answer=Answer.MET,
        reason="a report is due on 2002-02-28",
        provision=ref("procedures/5"),
    )
    request.given().when(receiving("2001-08-31")).then(
        RequestReceived(
            request="riga",
            place=RIGA.place,
            group=GROUP,
            asks="a partnership",
            changes_existing=False,
            report_due=date(2002, 2, 28),
            report_to=COMMITTEE,
            findings=(due,),
            **basis("2001-08-31"),
        )
    )


@pytest.mark.rule("N2")
@pytest.mark.parametrize(
    ("received_on", "due"),
    [("2002-02", date(2002, 8, 28)), ("2002", date(2003, 6, 30))],
)
def test_of_a_request_received_on_no_certain_day_the_last_one_counts(
    received_on: str, due: date
) -> None:
    (event,) = receiving(received_on)(Request()).events

    assert isinstance(event, RequestReceived)
    assert event.report_due == due


@pytest.mark.rule("N2")
def test_an_amended_provision_gives_three_months() -> None:
    three = ground(amended={"procedures/5": {"request.report-months": 3}})
    (event,) = receiving("2001-11-30", three)(Request()).events

    assert isinstance(event, RequestReceived)
    assert event.report_due == date(2002, 2, 28)


@pytest.mark.rule("N2")
def test_a_late_report_is_recorded_as_late() -> None:
    before = request.given(received, consulted, advised, assessed)

    for on, late in (("2002-07-10", False), ("2002-07-11", True)):
        ruling = doing(REPORT, on)(before.state)
        assert ruling.findings[-1] == Finding(
            rule="N2",
            answer=Answer.ADVISORY if late else Answer.MET,
            reason="late: due on 2002-07-10" if late else "due on 2002-07-10",
            provision=ref("procedures/5"),
        )
        before.when(doing(REPORT, on)).then(
            reported.model_copy(update={**basis(on), "late": late, "findings": ruling.findings})
        )


@pytest.mark.rule("N2")
def test_where_no_provision_sets_a_time_no_report_is_late() -> None:
    request.given().when(receiving("2001-08-31", NO_POLICY)).finds("N2", Answer.NOT_APPLICABLE)
    (silent,) = receiving("2001-08-31", NO_POLICY)(Request()).findings
    assert "None" not in silent.reason
    unlimited = received.model_copy(
        update={
            "report_due": None,
            "findings": (DUE.model_copy(update={"answer": Answer.NOT_APPLICABLE}),),
        }
    )
    request.given(unlimited, consulted, as_project).when(
        doing(NO_RECOMMENDATION, "2010-01-01")
    ).finds("N2", Answer.NOT_APPLICABLE)


@pytest.mark.rule("N1")
def test_a_request_is_received_once() -> None:
    request.given(received).when(receiving("2002-01-11")).refused(RequestKnown, request="riga")


@pytest.mark.rule("N1")
@pytest.mark.parametrize(
    ("before", "act", "stage", "needed"),
    [
        ((), CONSULT, "not received", ("received",)),
        ((received,), ADVISE, "received", ("group consulted",)),
        ((received,), ASSESS, "received", ("arrangement advised", "assessed")),
        ((received, consulted), ASSESS, "group consulted", ("arrangement advised", "assessed")),
        ((received, consulted), REPORT, "group consulted", ("arrangement advised", "assessed")),
        ((received, consulted, advised), REPORT, "arrangement advised", ("assessed",)),
        ((received, consulted, advised), CONSULT, "arrangement advised", ("received",)),
        ((received, consulted, advised), CASE, "arrangement advised", ("assessed", "reported")),
        ((received, consulted, advised, assessed), ADVISE, "assessed", ("group consulted",)),
        ((received, consulted, advised, assessed, reported), REPORT, "reported", ("assessed",)),
    ],
)
def test_a_request_goes_through_the_procedure_in_order(
    before: tuple[RequestEvent, ...], act: RequestStep, stage: str, needed: tuple[str, ...]
) -> None:
    request.given(*before).when(doing(act)).refused(
        RequestOutOfOrder, request="riga", act=act.KIND, stage=stage, needed=needed
    )


@pytest.mark.rule("N1")
@pytest.mark.parametrize(
    ("steps", "before", "act"),
    [
        ((), (received,), ADVISE),
        ((), (received,), ASSESS),
        (("group consulted",), (received, consulted), ASSESS),
        (("arrangement advised",), (received, consulted, advised), REPORT),
        ((), (received, consulted), NO_RECOMMENDATION),
    ],
)
def test_a_step_that_the_policy_does_not_ask_may_be_left_out(
    steps: tuple[str, ...], before: tuple[RequestEvent, ...], act: RequestStep
) -> None:
    asked = ground(amended={"procedures/5": {"request.steps": steps}}, without=("goals",))
    after = request.given(*before).when(doing(act, judged=asked)).and_then().state
    assert after.stage != request.given(*before).state.stage


@pytest.mark.rule("N1")
def test_a_report_without_advice_says_that_nobody_asks_for_it() -> None:
    silent = doing(NO_RECOMMENDATION, judged=NO_POLICY)
    request.given(received).when(silent).finds("N1", Answer.NOT_APPLICABLE)


@pytest.mark.rule("N1")
def test_each_step_is_recorded() -> None:
    request.given(received).when(doing(CONSULT)).then(
        RequestGroupConsulted(request="riga", objectives="trade", **basis())
    )
    request.given(received, consulted).when(doing(ADVISE)).then(
        RequestArrangementAdvised(
            request="riga",
            arrangement="longer-term partnership",
            formal=True,
            reason="lasting interest",
            **basis(),
        )
    )
    request.given(received, consulted, advised).when(doing(ASSESS)).then(
        RequestAssessed(
            request="riga", criteria={"support": "strong"}, goals={}, visited_by=None, **basis()
        )
    )
    more = ASSESS.model_copy(update={"visited_by": "the Commissioner"})
    request.given(received, consulted, advised, assessed).when(doing(more)).then(
        RequestAssessed(
            request="riga",
            criteria={"support": "strong"},
            goals={},
            visited_by="the Commissioner",
            **basis(),
        )
    )
    for before in ((), (reported,)):
        request.given(received, consulted, advised, assessed, *before).when(doing(CASE)).then(
            RequestBusinessCaseMade(request="riga", document="case-riga", positive=True, **basis())
        )


@pytest.mark.rule("N1")
def test_a_step_does_not_happen_before_the_one_it_follows() -> None:
    request.given(received).when(doing(CONSULT, "2002-01-09")).refused(
        DatedBeforeStep, request="riga", on="2002-01-09", previous="2002-01-10"
    )


@pytest.mark.rule("N1")
def test_the_formal_assessment_is_for_a_longer_term_partnership_only() -> None:
    project = request.given(received, consulted, as_project)

    for act in (ASSESS, REPORT):
        project.when(doing(act)).refused(NotAPartnership, request="riga", arrangement="project")
    assert NotAPartnership(request="riga", arrangement=None).details["arrangement"] is None
    project.when(doing(NO_RECOMMENDATION)).finds("N3")


@pytest.mark.rule("N3")
def test_a_formal_recommendation_answers_every_criterion_and_goal() -> None:
    without_one = assessed.model_copy(
        update={"criteria": dict.fromkeys(CORE_CRITERIA[:4], "answered")}
    )
    three_goals = assessed.model_copy(update={"goals": dict.fromkeys(GOALS[1:], "answered")})
    said_nothing = assessed.model_copy(update={"goals": {**assessed.goals, GOALS[0]: ""}})
    before = (received, consulted, advised)

    answered = doing(REPORT)(request.given(*before, assessed).state)
    assert [(f.answer, f.reason, f.provision) for f in answered.findings if f.rule == "N3"] == [
        (Answer.MET, "all 5 core criteria answered", ref("procedures/5")),
        (Answer.MET, "all 4 goals answered", ref("goals")),
    ]
    request.given(*before, without_one).when(doing(REPORT)).refused(
        Unanswered,
        provision=ref("procedures/5"),
        request="riga",
        missing=("cumulative cost",),
        unknown=(),
    )
    aside = ground(notwithstanding=("procedures/5",))
    request.given(*before, without_one).when(doing(REPORT, judged=aside)).finds(
        "N3", Answer.OVERRIDDEN, Answer.MET
    )
    for incomplete in (three_goals, said_nothing):
        request.given(*before, incomplete).when(doing(REPORT)).refused(
            Unanswered, provision=ref("goals"), missing=("economic development",)
        )


@pytest.mark.rule("N3")
def test_an_assessment_may_come_in_parts_and_a_report_may_recommend_nothing() -> None:
    first = assessed.model_copy(update={"goals": {}})
    second = assessed.model_copy(update={"criteria": {}})
    before = (received, consulted, advised)

    request.given(*before, first, second).when(doing(REPORT)).finds("N3", Answer.MET, Answer.MET)
    request.given(*before, first).when(doing(NO_RECOMMENDATION)).finds("N3")


@pytest.mark.rule("N3")
def test_an_answer_to_no_criterion_is_refused() -> None:
    odd = assessed.model_copy(update={"criteria": {**assessed.criteria, "weather": "mild"}})

    request.given(received, consulted, advised, odd).when(doing(REPORT)).refused(
        Unanswered, missing=(), unknown=("weather",)
    )


@pytest.mark.rule("N3", "N4")
def test_before_any_policy_its_rules_do_not_apply() -> None:
    before = (received, consulted, advised, assessed)

    request.given(*before).when(doing(REPORT, judged=NO_POLICY)).finds(
        "N3", Answer.NOT_APPLICABLE, Answer.NOT_APPLICABLE
    )
    request.given(*before, reported).when(approving(NO_POLICY)).finds("N4", Answer.NOT_APPLICABLE)


ASSESSED = (received, consulted, advised, assessed, reported)


@pytest.mark.rule("N4")
def test_council_approves_an_agreement_after_a_positive_business_case() -> None:
    negative = case_made.model_copy(update={"positive": False})

    request.given(*ASSESSED).when(approving()).refused(
        AgreementOutOfOrder,
        provision=ref("new-alliances"),
        request="riga",
        act="approve-agreement",
        missing="positive business case",
    )
    request.given(*ASSESSED, negative).when(approving()).refused(AgreementOutOfOrder)
    ruling = approving()(request.given(*ASSESSED, case_made).state)
    request.given(*ASSESSED, case_made).when(approving()).then(
        RequestAgreementApproved(
            request="riga",
            body="city-council",
            findings=ruling.findings,
            **basis(authority=decision()),
        )
    )
    request.given(*ASSESSED, case_made).when(approving()).finds(
        "N4", Answer.MET, provision=ref("new-alliances")
    )
    again = request.given(*ASSESSED, case_made, agreement_approved).when(approving())
    again.then()
    again.finds("N4", Answer.MET)


@pytest.mark.rule("N4", "N1")
def test_an_agreement_is_not_approved_before_the_request_was_reported_on() -> None:
    request.given(received, consulted, advised, assessed, case_made).when(approving()).refused(
        RequestOutOfOrder,
        request="riga",
        act="approve-agreement",
        stage="assessed",
        needed=("reported",),
    )


@pytest.mark.rule("N4")
def test_where_no_provision_asks_for_it_only_the_signature_needs_a_decision() -> None:
    before = (*ASSESSED, case_made)
    prepare = request.given(*before).when(doing(PREPARE, judged=NO_POLICY))
    prepare.finds("N4", Answer.NOT_APPLICABLE)

    signing = doing(SIGN, judged=NO_POLICY)
    request.given(*before).when(signing).refused(NoDecision, act="sign-agreement", authority=None)


@pytest.mark.rule("N4")
def test_an_agreement_is_prepared_and_signed_after_councils_approval() -> None:
    before = (*ASSESSED, case_made)

    for act in (PREPARE, SIGN):
        request.given(*before).when(doing(act)).refused(
            AgreementOutOfOrder,
            provision=ref("new-alliances"),
            request="riga",
            act=act.KIND,
            missing="approval",
        )
    request.given(*before, agreement_approved).when(doing(PREPARE)).then(
        RequestAgreementPrepared(
            request="riga", description="Friendship Agreement", findings=(), **basis()
        )
    )
    request.given(*before, agreement_approved).when(doing(SIGN)).refused(
        RequestOutOfOrder, stage="agreement approved", needed=("agreement prepared",)
    )
    request.given(*before, agreement_approved, prepared).when(doing(PREPARE)).refused(
        RequestOutOfOrder,
        act="prepare-agreement",
        stage="agreement prepared",
        needed=("agreement approved", "reported"),
    )


@pytest.mark.rule("N4")
def test_an_agreement_without_councils_approval_says_that_a_decision_set_the_rule_aside() -> None:
    aside = ground(notwithstanding=("new-alliances",))
    before = request.given(*ASSESSED).when(doing(PREPARE, judged=aside))

    before.finds("N4", Answer.OVERRIDDEN, provision=ref("new-alliances"))
    before.and_then().when(doing(SIGN, judged=aside)).finds(
        "N4", Answer.OVERRIDDEN, provision=ref("new-alliances")
    )


@pytest.mark.rule("N4")
def test_a_signed_agreement_rests_on_councils_decision() -> None:
    request.given(*ASSESSED, case_made, agreement_approved, prepared).when(doing(SIGN)).then(
        RequestAgreementSigned(
            request="riga",
            place=RIGA.place,
            description="Friendship Agreement",
            findings=(),
            **basis(
                authority=DecisionRef(matter="2002-02-1", decision="adopted", body="city-council")
            ),
        )
    )


@pytest.mark.rule("N4")
def test_a_partnership_entered_directly_needs_the_business_case_too() -> None:
    act = EnterPartnership(
        city="LV-RIGA", established=ON, description="Friendship Agreement", request="riga"
    )

    def entering(judged: Ground) -> Decision[Request]:
        def entered(state: Request) -> object:
            may_enter_partnership(state, act, RIGA.place, targeted=False, ground=judged)
            return None

        return entered  # type: ignore[return-value]

    request.given().when(entering(ground())).refused(
        AgreementOutOfOrder,
        provision=ref("new-alliances"),
        request="riga",
        act="enter-partnership",
    )
    (met,) = may_enter_partnership(
        request.given(*ASSESSED, case_made).state, act, RIGA.place, targeted=False, ground=ground()
    )
    aside = ground(notwithstanding=("new-alliances",))
    (overridden,) = may_enter_partnership(Request(), act, RIGA.place, targeted=False, ground=aside)
    assert (met.answer, overridden.answer) == (Answer.MET, Answer.OVERRIDDEN)


@pytest.mark.rule("N4")
def test_the_business_case_for_one_city_is_none_for_another() -> None:
    act = EnterPartnership(
        city="DE-FRANKFURT", established=ON, description="Friendship Agreement", request="riga"
    )
    with pytest.raises(AgreementOutOfOrder) as refused:
        may_enter_partnership(
            request.given(*ASSESSED, case_made).state,
            act,
            FRANKFURT.place,
            targeted=False,
            ground=ground(),
        )
    assert refused.value.details["missing"] == "positive business case"


@pytest.mark.rule("N5")
def test_changing_a_relationship_without_the_procedure_is_noted() -> None:
    followed = request.given(*ASSESSED).state
    unreported = request.given(received, consulted).state

    for state, place, followed_it in (
        (followed, RIGA.place, True),
        (followed, FRANKFURT.place, False),
        (unreported, RIGA.place, False),
        (Request(), RIGA.place, False),
    ):
        (found,) = procedure_followed(state, "riga", place, ground())
        assert (found.rule, found.provision) == ("N5", ref("procedures/5"))
        assert found.answer is (Answer.MET if followed_it else Answer.ADVISORY)
        assert (found.reason == f"{place.name}: reported on as riga") is followed_it
    (silent,) = procedure_followed(followed, "riga", RIGA.place, NO_POLICY)
    assert (silent.rule, silent.answer) == ("N5", Answer.NOT_APPLICABLE)


@pytest.mark.rule("N1")
def test_steps_of_one_day_follow_each_other_and_a_signed_request_is_over() -> None:
    same_day = request.given(received).when(doing(CONSULT, "2002-01-10")).and_then()
    assert same_day.when(doing(ADVISE, "2002-01-10")).and_then().state.arrangement

    before = request.given(*ASSESSED, case_made, agreement_approved, prepared)
    before.when(doing(SIGN)).and_then().when(doing(SIGN)).refused(
        RequestOutOfOrder, request="riga", act="sign-agreement", stage="agreement signed"
    )
