"""Corrections of requests: steps stay in order, the clock runs anew, the partnership follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import Register, open_register
from application.handlers.states import relationship_of, request_of
from application.unit_of_work import UnitOfWork
from domain.corrections import CorrectedWithItsAct, CorrectRecord
from domain.council.persons import OfficeHolder, PrivatePerson
from domain.instruments import ApproveAgreement, EnterPartnership, PartnershipExists
from domain.partnerships.partnership import PartnershipFormed
from domain.partnerships.partnership import stream_of as partnership_stream
from domain.proceedings.decisions import DecisionTaken
from domain.proceedings.matter import OpenMatter
from domain.proceedings.papers import SubmitReport
from domain.requests.formal_agreement import AgreementOutOfOrder
from domain.requests.messages import (
    AdviseArrangement,
    AssessRequest,
    ConsultGroup,
    MakeBusinessCase,
    PrepareAgreement,
    ReceiveRequest,
    ReportOnRequest,
    RequestAgreementPrepared,
    RequestAgreementSigned,
    RequestArrangementAdvised,
    RequestBusinessCaseMade,
    RequestReceived,
    RequestReported,
    SignAgreement,
)
from domain.requests.request import DatedBeforeStep, NotAPartnership, RelationshipDiffers, Stage
from domain.requests.request import stream_of as request_stream
from domain.shared.messages import Command, Event, Personal
from tests.scenarios.test_a_year import decision, on, refused
from tests.support.programme import CORE_CRITERIA, GOALS
from tests.support.toronto import enter, recorded_2001

APPROVAL = ApproveAgreement(request="riga")


def procedure(name: str, place: str, *, changes_existing: bool = False) -> tuple[Command, ...]:
    """Every step up to a positive business case."""
    own: dict[str, Any] = {"request": name}
    criteria: dict[str, str] = dict.fromkeys(CORE_CRITERIA, "answered")
    goals: dict[str, str] = dict.fromkeys(GOALS, "answered")
    consul = OfficeHolder(office="Consul")
    return (
        ReceiveRequest(
            on=on("2002-01-31"),
            place=place,
            group=consul,
            asks="a partnership of the ports",
            changes_existing=changes_existing,
            **own,
        ),
        ConsultGroup(on=on("2002-02-10"), objectives="trade", **own),
        AdviseArrangement(
            on=on("2002-03-01"), arrangement="longer-term partnership", reason="lasting", **own
        ),
        AssessRequest(on=on("2002-06-01"), criteria=criteria, goals=goals, **own),
        ReportOnRequest(on=on("2002-07-31"), document=name, recommends=True, **own),
        MakeBusinessCase(on=on("2002-08-15"), document="case", positive=True, **own),
    )


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with open_register(recorded_2001(tmp_path)) as opened:
        enter(opened, "request", *procedure("riga", "Riga"))
        enter(opened, "approval", *decision("riga", "council", "2002-09-01", APPROVAL))
        prepare = PrepareAgreement(on=on("2002-09-20"), description="Agreement", request="riga")
        enter(opened, "agreement", prepare, SignAgreement(on=on("2002-10-01"), request="riga"))
        yield opened


def standing(register: Register, kind: type[Event]) -> Any:
    """The last entry of this kind that stands, about Riga."""
    work = UnitOfWork(register.log)
    streams = (request_stream("riga"), partnership_stream("LV-RIGA"))
    entries = [e for stream in streams for e in work.read(stream).standing()]
    return [e for e in entries if isinstance(e.event, kind)][-1]


def correcting(register: Register, kind: type[Event], **changed: Any) -> CorrectRecord:
    entry = standing(register, kind)
    return CorrectRecord(
        on=on("2003-03-01"),
        stream=entry.stream,
        version=entry.version,
        reason="the papers say otherwise",
        authority="City Clerk",
        changed=changed,
        withdraw=not changed,
    )


def partner_on(register: Register, day: str) -> bool:
    return relationship_of(UnitOfWork(register.log), "Riga", on(day)).partner


@pytest.mark.rule("N4")
def test_a_partnership_begins_on_the_corrected_day_of_its_signature(register: Register) -> None:
    enter(register, "fix", correcting(register, RequestAgreementSigned, decided_on="2002-10-20"))

    formed: PartnershipFormed = standing(register, PartnershipFormed).event
    day = on("2002-10-20")
    assert (formed.established, formed.decided_on, formed.effective_from) == (day, day, day)
    assert [partner_on(register, day) for day in ("2002-10-19", "2002-10-20")] == [False, True]


@pytest.mark.rule("N4")
def test_a_partnership_is_withdrawn_with_its_signature(register: Register) -> None:
    enter(register, "fix", correcting(register, RequestAgreementSigned))

    assert not partner_on(register, "2003-01-01")
    assert request_of(UnitOfWork(register.log), "riga").stage is Stage.PREPARED


@pytest.mark.rule("K1")
def test_a_partnership_that_a_signature_formed_is_corrected_with_the_signature(
    register: Register,
) -> None:
    for wrong in (
        correcting(register, PartnershipFormed, established="2002-11-01"),
        correcting(register, PartnershipFormed),
    ):
        refusal = refused(register, CorrectedWithItsAct, wrong)
        signed = standing(register, RequestAgreementSigned)
        assert refusal.details["act"] == f"{signed.stream}/{signed.version}"
    enter(register, "words", correcting(register, PartnershipFormed, description="Twinning"))


@pytest.mark.rule("N1")
@pytest.mark.parametrize(
    ("kind", "day", "before"),
    [
        (RequestAgreementPrepared, "2002-10-02", "2002-10-02"),
        (RequestAgreementPrepared, "2002-08-31", "2002-09-01"),
        (RequestAgreementSigned, "2002-09-19", "2002-09-20"),
        (RequestReceived, "2002-02-11", "2002-02-11"),
    ],
)
def test_no_step_is_corrected_to_a_day_past_the_one_that_follows(
    register: Register, kind: type[Event], day: str, before: str
) -> None:
    refusal = refused(register, DatedBeforeStep, correcting(register, kind, decided_on=day))
    assert refusal.details["previous"] == before


@pytest.mark.rule("N1", "N4")
def test_what_a_later_step_rests_on_is_not_corrected_away(register: Register) -> None:
    project = correcting(register, RequestArrangementAdvised, arrangement="project")
    refused(register, NotAPartnership, project)
    negative = correcting(register, RequestBusinessCaseMade, positive=False)
    refusal = refused(register, AgreementOutOfOrder, negative)
    assert refusal.details["missing"] == "positive business case"


@pytest.mark.rule("N2")
def test_the_clock_of_a_request_runs_from_its_corrected_receipt(register: Register) -> None:
    assert standing(register, RequestReceived).event.report_due == date(2002, 7, 31)
    assert standing(register, RequestReported).event.late is False

    enter(register, "fix", correcting(register, RequestReceived, decided_on="2002-01-30"))

    assert standing(register, RequestReceived).event.report_due == date(2002, 7, 30)
    reported: RequestReported = standing(register, RequestReported).event
    assert reported.late
    assert [f.reason for f in reported.findings if f.rule == "N2"] == ["late: due on 2002-07-30"]

    enter(register, "back", correcting(register, RequestReported, decided_on="2002-07-30"))
    assert standing(register, RequestReported).event.late is False


@pytest.mark.rule("N5")
def test_a_renewal_is_signed_and_another_request_of_a_partner_is_told_early(
    register: Register,
) -> None:
    renewal = procedure("renewal", "Chicago", changes_existing=True)
    enter(register, "renewal", *renewal)
    act = ApproveAgreement(request="renewal")
    enter(register, "renewed", *decision("renewal", "council", "2002-09-01", act))
    prepare = PrepareAgreement(on=on("2002-09-20"), description="Renewed", request="renewal")
    enter(register, "sign", prepare, SignAgreement(on=on("2002-10-01"), request="renewal"))
    chicago = relationship_of(UnitOfWork(register.log), "Chicago", on("2003-01-01"))
    assert chicago.partner
    formed = UnitOfWork(register.log).read(partnership_stream(chicago.place.code)).standing()
    assert sum(isinstance(e.event, PartnershipFormed) for e in formed) == 1

    again = procedure("again", "Chicago")
    refusal = refused(register, RelationshipDiffers, *again[:3])
    assert (refusal.details["partner"], refusal.details["changes_existing"]) == (True, False)
    new = procedure("new", "Milan", changes_existing=True)
    assert refused(register, RelationshipDiffers, *new[:3]).details["partner"] is False


@pytest.mark.rule("N4")
def test_a_targeted_city_becomes_a_partner_by_a_plain_decision(register: Register) -> None:
    entering = EnterPartnership(
        city="IT-MILAN", established=on("2003-06-24"), description="Alliance agreement"
    )
    outcomes = enter(register, "milan", *decision("milan", "council", "2003-06-24", entering))

    (taken,) = (
        e.event
        for outcome in outcomes
        for e in outcome.events
        if isinstance(e.event, DecisionTaken)
    )
    assert [(f.answer.value, f.reason) for f in taken.findings if f.rule == "N4"] == [
        ("advisory", "Milan was targeted; no business case is in the register")
    ]
    assert relationship_of(UnitOfWork(register.log), "Milan", on("2003-06-24")).partner
    istanbul = entering.model_copy(update={"city": "TR-ISTANBUL"})
    refused(register, AgreementOutOfOrder, *decision("other", "council", "2003-06-24", istanbul))


@pytest.mark.rule("N4")
@pytest.mark.parametrize(
    "by",
    [OfficeHolder(office="Commissioner"), PrivatePerson(person=Personal[str](value="Jane Doe"))],
    ids=["staff", "private"],
)
def test_no_paper_makes_a_partnership_once_the_policy_asks_for_a_decision(
    register: Register, by: OfficeHolder | PrivatePerson
) -> None:
    exists = PartnershipExists(city="TR-ISTANBUL", established=on("1999"), description="Twin")
    day = on("2003-05-01")
    refusal = refused(
        register,
        AgreementOutOfOrder,
        OpenMatter(on=day, matter="m", title="A letter"),
        SubmitReport(on=day, matter="m", document="r", by=by, title="Letter", states=(exists,)),
    )
    assert (refusal.details["act"], refusal.details["missing"]) == (
        "partnership-exists",
        "a decision",
    )
