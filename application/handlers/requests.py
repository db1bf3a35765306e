"""Handlers of outside requests, of agreements that parties sign, and of roles in partnerships."""

from __future__ import annotations

from application.handlers.authority import mandate
from application.handlers.effects import form_by_agreement, write_formed, write_successions
from application.handlers.states import relationship_at, request_of
from application.unit_of_work import Handlers, UnitOfWork
from domain.council.bodies import require_authority
from domain.instruments import GiveAgreementRole
from domain.partnerships import agreement, partnership
from domain.partnerships.agreement import RatifyForParty, SignForParty
from domain.partnerships.roles import GivePartnershipRole
from domain.requests import request
from domain.requests.messages import (
    AdviseArrangement,
    AssessRequest,
    ConsultGroup,
    MakeBusinessCase,
    PrepareAgreement,
    ReceiveRequest,
    ReportOnRequest,
    RequestAgreementSigned,
    RequestStep,
    SignAgreement,
)
from domain.shared.history import fold


def receive_request(work: UnitOfWork, command: ReceiveRequest) -> None:
    """Enter a request."""
    basis, judged = mandate(work, command)
    around = request.Circumstances(judged, place=work.places(command.on.last).find(command.place))
    ruling = request.decide(request_of(work, command.request), command, around, basis)
    work.write(request.stream_of(command.request), *ruling.events)


def act_on_request(work: UnitOfWork, command: RequestStep) -> None:
    """Enter a step of a request; a signed agreement forms the partnership that is not there."""
    basis, judged = mandate(work, command)
    state = request_of(work, command.request)
    place = state.received.place if state.received else None
    partner = place is not None and relationship_at(work, place, command.on).partner
    around = request.Circumstances(judged, place=place, partner=partner)
    ruling = request.decide(state, command, around, basis)
    work.write(request.stream_of(command.request), *ruling.events)
    for event in ruling.events:
        changes = state.received is not None and state.received.changes_existing
        if isinstance(event, RequestAgreementSigned) and not changes:
            _form_partnership(work, event)


def _form_partnership(work: UnitOfWork, signed: RequestAgreementSigned) -> None:
    formed = partnership.PartnershipFormed(
        place=signed.place,
        established=signed.effective_from,
        description=signed.description,
        decided_on=signed.decided_on,
        effective_from=signed.effective_from,
        authority=signed.authority,
        cites=signed.cites,
    )
    write_formed(work, formed)


def act_of_party(work: UnitOfWork, command: SignForParty | RatifyForParty) -> None:
    """Enter a signature or a ratification; with the last one, the partnership that it makes."""
    basis, _ = mandate(work, command)
    stream = agreement.stream_of(command.agreement)
    history = work.read(stream)
    entered = fold(agreement.evolve, agreement.Agreement(), history.standing()).entered
    if entered and not basis["authority"] and entered.decided_on.first <= command.on.first:
        basis["authority"] = entered.authority
    ruling = agreement.TIMELINE.decide(
        stream, history, basis, lambda state: agreement.act_of_party(state, command, basis)
    )
    work.write(stream, *ruling.events)
    form_by_agreement(work, command.agreement)
    write_successions(work, command.agreement)


def give_partnership_role(work: UnitOfWork, command: GivePartnershipRole) -> None:
    """Enter a role in a partnership, as who may give roles on agreements decided (rule A1)."""
    basis, judged = mandate(work, command)
    charter = work.require_body(command.authority.body, command.on.last)
    act = GiveAgreementRole.ACT
    require_authority(act, command.authority.body, charter, judged.policy)
    place = work.places(command.on.last).find(command.city)
    stream = partnership.stream_of(place.code)
    ruling = partnership.TIMELINE.decide(
        stream,
        work.read(stream),
        basis,
        lambda state: partnership.give_role(state, command, place, basis),
    )
    work.write(stream, *ruling.events)


HANDLERS: Handlers = {
    GivePartnershipRole: give_partnership_role,
    SignForParty: act_of_party,
    RatifyForParty: act_of_party,
    ReceiveRequest: receive_request,
    ConsultGroup: act_on_request,
    AdviseArrangement: act_on_request,
    AssessRequest: act_on_request,
    ReportOnRequest: act_on_request,
    MakeBusinessCase: act_on_request,
    PrepareAgreement: act_on_request,
    SignAgreement: act_on_request,
}
