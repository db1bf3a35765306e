"""Handlers of the year: requests, plans, missions, terms of Council, and the programme's duties."""

from __future__ import annotations

from typing import ClassVar, Protocol

from application.handling import Handlers, Work
from application.proceedings import dated, state_of
from application.programme import (
    expected_in_report,
    ground,
    mission_of,
    mission_stream,
    plan_of,
    plan_stream,
    request_of,
    request_stream,
    standing_of,
    terms_of,
    year_facts,
    year_of,
    year_stream,
)
from domain import missions, partnerships, plans, programming, requests, terms_of_council
from domain.agreements import (
    MakeBusinessCase,
    PrepareAgreement,
    RequestAgreementSigned,
    SignAgreement,
)
from domain.closing import CloseMission, FileMissionDocument
from domain.dates import When
from domain.decisions import ADOPTING
from domain.effects import NoDecision, require_decided_by
from domain.history import fold
from domain.hosting import NameHost
from domain.itineraries import MissionOutline
from domain.kernel import Basis, Citation, DecisionRef
from domain.missions import CancelMission, CompleteMission, Facts, MissionAct, StartMission
from domain.planning import AmendPlan, DraftPlan, ListMission, SubmitPlan
from domain.plans import NotProposed, PlanAct
from domain.procedure import (
    AdviseArrangement,
    AssessRequest,
    ConsultGroup,
    ReceiveRequest,
    ReportOnRequest,
)
from domain.programming import CarryOutActivity, GiveAnnualReport
from domain.proposals import ProposeMission
from domain.requests import RequestAct
from domain.rules import Ground
from domain.terms_of_council import RecordTermOfCouncil


class Mandated(Protocol):
    """A command that may name the decision behind it."""

    KIND: ClassVar[str]

    @property
    def on(self) -> When: ...
    @property
    def cites(self) -> tuple[Citation, ...]: ...
    @property
    def authority(self) -> DecisionRef | None: ...


def mandate(work: Work, command: Mandated) -> tuple[Basis, Ground]:
    """What a command rests on: the decision that it names, and what that decision sets aside.

    Raises `NoDecision` where the decision named is not in the record, or adopted nothing, and
    `DecidedAfterwards` where the act is or may be before it.
    """
    aside: frozenset[str] = frozenset()
    if named := command.authority:
        decision = state_of(work, named.matter).decisions.get(named.decision)
        if decision is None or decision.kind not in ADOPTING or decision.body != named.body:
            raise NoDecision(command.KIND, named)
        require_decided_by(command.KIND, named, decision.decided_on, command.on)
        aside = frozenset(decision.notwithstanding)
    basis = dated(command.on, authority=command.authority, cites=command.cites)
    return basis, ground(work, command.on, aside)


def propose_mission(work: Work, command: ProposeMission) -> None:
    """Enter a proposal, with what its cities are on the day."""
    basis, judged = mandate(work, command)
    outline = MissionOutline(
        mission=command.mission,
        direction=command.direction,
        year=command.year,
        stops=tuple(standing_of(work, city, command.on) for city in command.cities),
        official=command.official,
        timing=command.timing,
        rationale=command.rationale,
        goals=command.goals,
        budget=command.budget,
        contributions=command.contributions,
        economic_case=command.economic_case,
        one_city_because=command.one_city_because,
    )
    ruling = missions.propose(mission_of(work, command.mission), outline, judged, basis)
    work.write(mission_stream(command.mission), *ruling.events)


def act_on_mission(work: Work, command: MissionAct) -> None:
    """Enter a step of a mission; a cancelled one gives its place in the plan back."""
    basis, judged = mandate(work, command)
    state = mission_of(work, command.mission)
    outline = state.outline
    plan = plan_of(work, outline.year) if outline else plans.Plan()
    facts = Facts(judged, approved=plan.approves(command.mission))
    ruling = missions.decide(state, command, facts, basis)
    work.write(mission_stream(command.mission), *ruling.events)
    if isinstance(command, CancelMission) and outline:
        freed = plans.free(plan, outline.year, command.mission, command.reason, basis)
        work.write(plan_stream(outline.year), *freed.events)


def act_on_plan(work: Work, command: PlanAct) -> None:
    """Enter a step of a year's plan."""
    basis, judged = mandate(work, command)
    facts = year_facts(work, command.year, command.on, None)
    ruling = plans.decide(plan_of(work, command.year), command, judged, facts, basis)
    work.write(plan_stream(command.year), *ruling.events)


def list_mission(work: Work, command: ListMission) -> None:
    """Enter a mission in the plan of its year: one commit, guarded by plan, mission and term."""
    basis, judged = mandate(work, command)
    state = mission_of(work, command.mission)
    if state.outline is None:
        raise NotProposed(command.year, command.mission)
    facts = year_facts(work, command.year, command.on, state.outline)
    plan = plan_of(work, command.year)
    ruling = plans.list_entry(plan, state.outline, command.year, judged, facts, basis)
    if ruling.events:
        work.write(plan_stream(command.year), *ruling.events)
        planned = missions.enter_plan(state, command.mission, basis)
        work.write(mission_stream(command.mission), planned)


def receive_request(work: Work, command: ReceiveRequest) -> None:
    """Enter a request."""
    basis, judged = mandate(work, command)
    place = work.places().find(command.place)
    state = request_of(work, command.request)
    ruling = requests.receive(state, command, place, judged, basis)
    work.write(request_stream(command.request), *ruling.events)


def act_on_request(work: Work, command: RequestAct) -> None:
    """Enter a step of a request; a signed agreement forms the partnership."""
    basis, judged = mandate(work, command)
    ruling = requests.decide(request_of(work, command.request), command, judged, basis)
    work.write(request_stream(command.request), *ruling.events)
    for event in ruling.events:
        if isinstance(event, RequestAgreementSigned):
            _form_partnership(work, event)


def _form_partnership(work: Work, signed: RequestAgreementSigned) -> None:
    stream = partnerships.stream_of(signed.place.code)
    state = fold(partnerships.evolve, partnerships.Relationship(), work.read(stream).standing())
    if state.established:
        raise partnerships.AlreadyPartner(signed.place.code, state.established)
    formed = partnerships.PartnershipFormed(
        place=signed.place,
        established=signed.effective_from,
        description=signed.description,
        decided_on=signed.decided_on,
        effective_from=signed.effective_from,
        authority=signed.authority,
        cites=signed.cites,
    )
    work.write(stream, formed)


def record_term(work: Work, command: RecordTermOfCouncil) -> None:
    """Enter a term of Council."""
    state = terms_of_council.Terms(terms_of(work))
    basis = dated(command.on, cites=command.cites)
    ruling = terms_of_council.decide(state, command, basis)
    work.write(terms_of_council.STREAM, *ruling.events)


def carry_out_activity(work: Work, command: CarryOutActivity) -> None:
    """Enter something done for a city."""
    city = standing_of(work, command.place, command.on)
    basis = dated(command.on, cites=command.cites)
    state = year_of(work, command.year)
    ruling = programming.carry_out(state, command, city, ground(work, command.on), basis)
    work.write(year_stream(command.year), *ruling.events)


def give_annual_report(work: Work, command: GiveAnnualReport) -> None:
    """Enter a year's report on the programme."""
    expected = expected_in_report(work, command.year, command.on)
    basis = dated(command.on, cites=command.cites)
    ruling = programming.report(command, expected, ground(work, command.on), basis)
    work.write(year_stream(command.year), *ruling.events)


HANDLERS: Handlers = {
    ProposeMission: propose_mission,
    NameHost: act_on_mission,
    StartMission: act_on_mission,
    CompleteMission: act_on_mission,
    FileMissionDocument: act_on_mission,
    CloseMission: act_on_mission,
    CancelMission: act_on_mission,
    DraftPlan: act_on_plan,
    SubmitPlan: act_on_plan,
    AmendPlan: act_on_plan,
    ListMission: list_mission,
    ReceiveRequest: receive_request,
    ConsultGroup: act_on_request,
    AdviseArrangement: act_on_request,
    AssessRequest: act_on_request,
    ReportOnRequest: act_on_request,
    MakeBusinessCase: act_on_request,
    PrepareAgreement: act_on_request,
    SignAgreement: act_on_request,
    RecordTermOfCouncil: record_term,
    CarryOutActivity: carry_out_activity,
    GiveAnnualReport: give_annual_report,
}
