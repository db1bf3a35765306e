"""Handlers of what happens on a matter, and of the city's own bodies and places."""

from __future__ import annotations

from application.enacting import (
    adopted_with,
    done_by,
    enact,
    instruments_of,
    require_power,
)
from application.handling import Handlers, Work
from domain import (
    amendments,
    authority,
    cities,
    decisions,
    dispositions,
    matters,
    motions,
    moving,
    policy,
)
from domain.amendments import Amended
from domain.authority import RecordCharter, require_authority
from domain.cities import IdentifyPlaces
from domain.dates import When
from domain.decisions import Decide, DecisionTaken, ReopenMatter, Resolution
from domain.effects import NoDecision, NoDecisionOnClass, RecordEffect, require_decided_by
from domain.facts import PolicyInForce
from domain.history import fold
from domain.instruments import FREE
from domain.items import MatterCommand, content
from domain.kernel import Basis, Citation, DecisionRef, ProvisionRef, StreamId
from domain.matters import Matter, OpenMatter
from domain.motions import DisposeOfMotion, MotionFailed, MoveMotion, Result
from domain.papers import HearDeputation, ReceiveCommunication, SubmitReport


def dated(
    on: When,
    *,
    effective_from: When | None = None,
    authority: DecisionRef | None = None,
    cites: tuple[Citation, ...] = (),
) -> Basis:
    """The dated and cited part of an event; it takes hold when decided unless said otherwise."""
    return {
        "decided_on": on,
        "effective_from": effective_from or on,
        "by_convention": effective_from is None,
        "authority": authority,
        "cites": cites,
    }


def stream_of(matter: str) -> StreamId:
    """The stream of a matter."""
    return StreamId(f"matter/{matter}")


def state_of(work: Work, matter: str) -> Matter:
    """A matter with all that stands of it."""
    return fold(matters.evolve, Matter(), work.read(stream_of(matter)).as_recorded())


def record_charter(work: Work, command: RecordCharter) -> None:
    """Enter the bodies."""
    basis = dated(command.on, cites=command.cites)
    work.write(authority.STREAM, *authority.record(work.charter(command.on.last), command, basis))


def identify_places(work: Work, command: IdentifyPlaces) -> None:
    """Enter places."""
    basis = dated(command.on, cites=command.cites)
    work.write(cities.STREAM, *cities.identify(work.places(), command, basis))


def open_matter(work: Work, command: OpenMatter) -> None:
    """Enter a matter."""
    event = matters.open_matter(state_of(work, command.matter), command, _dated(command))
    work.write(stream_of(command.matter), event)


def submit_report(work: Work, command: SubmitReport) -> None:
    """Enter a report, and the facts it states."""
    basis = _dated(command)
    event = matters.submit(state_of(work, command.matter), command, basis)
    work.write(stream_of(command.matter), event)
    enact(work, command.states, basis, command.document, {})


def receive_communication(work: Work, command: ReceiveCommunication) -> None:
    """Enter a letter."""
    event = matters.receive(state_of(work, command.matter), command, _dated(command))
    work.write(stream_of(command.matter), event)


def hear_deputation(work: Work, command: HearDeputation) -> None:
    """Enter a deputation."""
    work.require_body(command.body, command.on.last)
    event = matters.hear(state_of(work, command.matter), command, _dated(command))
    work.write(stream_of(command.matter), event)


def move_motion(work: Work, command: MoveMotion) -> None:
    """Enter a motion, and its result where it is given."""
    work.require_body(command.body, command.on.last)
    basis = _dated(command)
    event = moving.move(state_of(work, command.matter), command, basis)
    work.write(stream_of(command.matter), event)
    if command.result:
        _dispose(work, command, command.result, basis)


def dispose_of_motion(work: Work, command: DisposeOfMotion) -> None:
    """Enter how a motion ended."""
    work.require_body(command.body, command.on.last)
    _dispose(work, command, command.result, _dated(command))


def _dispose(
    work: Work, command: MoveMotion | DisposeOfMotion, result: Result, basis: Basis
) -> None:
    matter, motion, body = command.matter, command.motion, command.body
    state = state_of(work, matter)
    moved = moving.require_pending(state, matter, motion, body)
    if result is not Result.CARRIED:
        failed = MotionFailed(
            matter=matter, motion=motion, body=body, result=result, reason=command.reason, **basis
        )
        work.write(stream_of(matter), failed)
        return
    amended = _amended(work, state, moved, basis)
    work.write(stream_of(matter), moving.carry(moved, amended, body, basis))


def _amended(work: Work, state: Matter, moved: motions.MotionMoved, basis: Basis) -> Amended:
    operation = moved.operation
    in_force = work.policy(basis["effective_from"].last).provisions
    moving.require_fit(state, moved.matter, operation, in_force)
    drafts = state.drafts()
    if not isinstance(operation, motions.Add | motions.SubjectTo):
        kind, _, address = operation.target.partition("/")
        if kind == "provision" and address not in drafts:
            instrument = amendments.on_what_is_in_force(operation, address)
            before = moving.carried_before(state)
            amendments.require_not_deleted(operation.target, address, before)
            acts = (act for acts in before.values() for act in acts)
            history = policy.foreseen(work.read(policy.STREAM), acts, basis)
            policy.decide(history, instrument, basis)
            standing = policy.in_force(history, basis["effective_from"].last).provisions[address]
            return amendments.proposing(moved.motion, operation, instrument, standing.draft)
    return amendments.apply(operation, state.recommendations, drafts)


def decide(work: Work, command: Decide) -> None:
    """Enter a decision with all its effects, or refuse it whole."""
    charter = work.require_body(command.body, command.on.last)
    state = state_of(work, command.matter)
    adopted = dispositions.require_decidable(state, command)
    standing = work.policy(command.on.last)
    acts = (*done_by(adopted), *command.instruments)
    instruments = instruments_of(state, acts, (r.id for r in adopted))
    require_power(command.body, instruments, charter, standing)
    dispositions.require_adoption(command, instruments)
    everything = adopted_with(state, command.adopts, instruments)
    dispositions.require_proposed(state, command.decision, sorted(everything), command.on)
    left_out = dispositions.left_out(state, command, everything)
    if command.notwithstanding:
        require_authority("notwithstanding", command.body, charter, standing)
    relied = tuple(_relied(standing, cited, command.on) for cited in command.relies_on)
    reference = DecisionRef(matter=command.matter, decision=command.decision, body=command.body)
    basis = dated(
        command.on,
        effective_from=command.effective_from,
        authority=reference,
        cites=command.cites,
    )
    require_decided_by(command.KIND, reference, command.on, basis["effective_from"])
    mark = work.mark()
    aside = frozenset(command.notwithstanding)
    findings = enact(work, instruments, basis, command.decision, state.amended_by, aside)
    taken = DecisionTaken(
        **content(Resolution, command),
        relies_on=relied,
        findings=(*findings, *left_out),
        **_on_its_own(basis),
    )
    work.write(stream_of(command.matter), taken, at=mark)


def reopen_matter(work: Work, command: ReopenMatter) -> None:
    """Enter a reopening."""
    charter = work.require_body(command.body, command.on.last)
    event = dispositions.reopen(state_of(work, command.matter), command, charter, _dated(command))
    work.write(stream_of(command.matter), event)


def record_effect(work: Work, command: RecordEffect) -> None:
    """Enter an effect of a decision that is in the record already (rules A1, C1)."""
    instrument = command.instrument
    missing = NoDecisionOnClass if instrument.ACT == "classification" else NoDecision
    if command.authority is None:
        raise missing(instrument.instrument, None)
    state = state_of(work, command.authority.matter)
    decision = state.decisions.get(command.authority.decision)
    if decision is None or decisions.reference(decision) != command.authority:
        raise missing(instrument.instrument, command.authority)
    charter = work.require_body(decision.body, decision.decided_on.last)
    effects = instruments_of(state, (instrument,))
    if decision.kind not in decisions.ADOPTING and any(i.ACT != FREE for i in effects):
        raise missing(instrument.instrument, command.authority)
    require_power(decision.body, effects, charter, work.policy(decision.decided_on.last))
    everything = adopted_with(state, (), effects)
    dispositions.require_proposed(state, decision.decision, sorted(everything), decision.decided_on)
    own = command.effective_from
    basis = dated(
        decision.decided_on,
        effective_from=own or (None if decision.by_convention else decision.effective_from),
        authority=decisions.reference(decision),
        cites=command.cites,
    )
    by, since = decisions.reference(decision), basis["effective_from"]
    require_decided_by(instrument.instrument, by, decision.decided_on, since)
    aside = frozenset(decision.notwithstanding)
    enact(work, effects, basis, decision.decision, state.amended_by, aside)


def _on_its_own(basis: Basis) -> Basis:
    return {**basis, "authority": None}


def _relied(standing: PolicyInForce, cited: ProvisionRef | str, on: When) -> ProvisionRef:
    if isinstance(cited, ProvisionRef):
        policy.require_in_force(cited, standing)
        return cited
    if cited not in standing.provisions:
        raise policy.NotInForce(cited, on.last)
    return standing.provisions[cited].ref


def _dated(command: MatterCommand) -> Basis:
    return dated(command.on, cites=command.cites)


HANDLERS: Handlers = {
    RecordCharter: record_charter,
    IdentifyPlaces: identify_places,
    OpenMatter: open_matter,
    SubmitReport: submit_report,
    ReceiveCommunication: receive_communication,
    HearDeputation: hear_deputation,
    MoveMotion: move_motion,
    DisposeOfMotion: dispose_of_motion,
    Decide: decide,
    ReopenMatter: reopen_matter,
    RecordEffect: record_effect,
}
