"""Handlers of what happens on a matter, and of the city's own bodies and places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from application.handlers import bodies_and_places
from application.handlers.authority import require_decision
from application.handlers.enactment import enact
from application.handlers.reconsidered import enact_again, on_earlier_decision
from application.handlers.states import matter_of
from application.in_camera import disclose_matter
from application.matter_numbers import numbers_of
from application.unit_of_work import Handlers, UnitOfWork
from domain import policy
from domain.council import bodies
from domain.council.bodies import require_decided_by
from domain.proceedings import (
    amendments,
    decision_rules,
    decisions,
    in_camera,
    matter,
    motion_rules,
    motions,
    numbers,
)
from domain.proceedings.amendments import Amended
from domain.proceedings.decision_rules import Sitting
from domain.proceedings.decisions import (
    Decide,
    DecisionTaken,
    RecordEffect,
    ReopenMatter,
    Resolution,
)
from domain.proceedings.in_camera import HoldInCamera, ReleaseMatter
from domain.proceedings.matter import Matter, OpenMatter
from domain.proceedings.motions import (
    DisposeOfMotion,
    GiveNotice,
    MotionCarried,
    MotionFailed,
    MoveMotion,
    Result,
)
from domain.proceedings.numbers import (
    NUMBER,
    ConsiderTogether,
    NumberMatter,
    SplitMatter,
)
from domain.proceedings.papers import HearDeputation, ReceiveCommunication, SubmitReport
from domain.proceedings.recommendations import MatterCommand
from domain.shared.dates import When
from domain.shared.messages import (
    Basis,
    DecisionRef,
    ProvisionRef,
    dates_and_sources,
    shared_fields,
)
from domain.shared.provisions import PolicyInForce


def open_matter(work: UnitOfWork, command: OpenMatter) -> None:
    """Enter a matter."""
    event = matter.open_matter(matter_of(work, command.matter), command, _dated(command))
    work.write(matter.stream_of(command.matter), event)
    reference = command.reference or ""
    if NUMBER.fullmatch(reference) and reference.casefold() != command.matter.casefold():
        number_matter(work, NumberMatter(matter=command.matter, number=reference, on=command.on))


def number_matter(work: UnitOfWork, command: NumberMatter) -> None:
    """Enter a further number of a matter."""
    state, other = matter_of(work, command.matter), matter_of(work, command.number)
    event = numbers.number_matter(state, other, numbers_of(work), command, _dated(command))
    work.write(numbers.STREAM, event)


def consider_together(work: UnitOfWork, command: ConsiderTogether) -> None:
    """Enter of each matter that it was considered with the others."""
    work.require_body(command.body, command.on.last)
    basis = dates_and_sources(command.on, cites=command.cites)
    work.fetch(*map(matter.stream_of, command.matters))
    for name in command.matters:
        event = numbers.consider_together(matter_of(work, name), name, command, basis)
        work.write(matter.stream_of(name), event)


def split_matter(work: UnitOfWork, command: SplitMatter) -> None:
    """Enter that parts of a matter go on as matters of their own."""
    parts = {part.matter: matter_of(work, part.matter) for part in command.into}
    state = matter_of(work, command.matter)
    event, opened = numbers.split_matter(state, parts, command, _dated(command))
    work.write(matter.stream_of(command.matter), event)
    for begun in opened:
        work.write(matter.stream_of(begun.matter), begun)


def hold_in_camera(work: UnitOfWork, command: HoldInCamera) -> None:
    """Enter that a matter is not public from here on."""
    work.require_body(command.body, command.on.last)
    event = in_camera.hold_in_camera(matter_of(work, command.matter), command, _dated(command))
    work.write(matter.stream_of(command.matter), event)


def release_matter(work: UnitOfWork, command: ReleaseMatter) -> None:
    """Enter the release of a matter, and record anew what was in camera on it."""
    decision = require_decision(work, command.KIND, command.authority, adopting=True)
    require_decided_by(command.KIND, command.authority, decision.decided_on, command.on)
    charter = work.require_body(command.authority.body, decision.decided_on.last)
    basis = dates_and_sources(command.on, authority=command.authority, cites=command.cites)
    event = in_camera.release_matter(matter_of(work, command.matter), command, charter, basis)
    disclose_matter(work, command.matter, command.parts)
    work.write(matter.stream_of(command.matter), event)


def submit_report(work: UnitOfWork, command: SubmitReport) -> None:
    """Enter a report, and the facts it states."""
    basis = _dated(command)
    event = matter.submit_report(matter_of(work, command.matter), command, basis)
    work.write(matter.stream_of(command.matter), event)
    enact(work, command.states, basis, command.document, {})


def receive_communication(work: UnitOfWork, command: ReceiveCommunication) -> None:
    """Enter a letter."""
    event = matter.receive_communication(matter_of(work, command.matter), command, _dated(command))
    work.write(matter.stream_of(command.matter), event)


def hear_deputation(work: UnitOfWork, command: HearDeputation) -> None:
    """Enter a deputation."""
    work.require_body(command.body, command.on.last)
    event = matter.hear_deputation(matter_of(work, command.matter), command, _dated(command))
    work.write(matter.stream_of(command.matter), event)


def give_notice(work: UnitOfWork, command: GiveNotice) -> None:
    """Enter a notice of motion."""
    work.require_body(command.body, command.on.last)
    event = matter.give_notice(matter_of(work, command.matter), command, _dated(command))
    work.write(matter.stream_of(command.matter), event)


def move_motion(work: UnitOfWork, command: MoveMotion) -> None:
    """Enter a motion, and its result where it is given."""
    work.require_body(command.body, command.on.last)
    basis = _dated(command)
    standing = work.policy(command.on.last)
    event = motion_rules.move_motion(matter_of(work, command.matter), command, standing, basis)
    work.write(matter.stream_of(command.matter), event)
    if command.result:
        _dispose(work, command, command.result, basis)


def dispose_of_motion(work: UnitOfWork, command: DisposeOfMotion) -> None:
    """Enter how a motion ended."""
    work.require_body(command.body, command.on.last)
    _dispose(work, command, command.result, _dated(command))


def _dispose(
    work: UnitOfWork, command: MoveMotion | DisposeOfMotion, result: Result, basis: Basis
) -> None:
    state = matter_of(work, command.matter)
    moved = motion_rules.require_motion_pending(state, command)
    event: MotionCarried | MotionFailed
    standing = work.policy(command.on.last)
    if result is Result.CARRIED:
        amended = _amended(work, state, moved, basis)
        event = motion_rules.carry_motion(moved, amended, command, standing, basis)
    else:
        event = motion_rules.fail_motion(command, result, standing, basis)
    work.write(matter.stream_of(command.matter), event)


def _amended(work: UnitOfWork, state: Matter, moved: motions.MotionMoved, basis: Basis) -> Amended:
    operation = moved.operation
    in_force = work.policy(basis["effective_from"].last).provisions
    motion_rules.require_motion_fits(state, moved.matter, operation, in_force)
    if (amended := motion_rules.pending_motion_amended(state, moved)) is not None:
        return amended
    proposed, standing = amendments.split_amendment(operation, state.drafts())
    if standing is None:
        return amendments.apply_amendment(operation, state.recommendations, state.drafts())
    made = _on_what_is_in_force(work, state, moved.motion, standing, basis)
    if proposed is None:
        return made
    also = amendments.apply_amendment(proposed, state.recommendations, state.drafts())
    return replace(made, recommendations=also.recommendations, drafts=also.drafts)


def _on_what_is_in_force(
    work: UnitOfWork, state: Matter, motion: str, operation: motions.Operation, basis: Basis
) -> Amended:
    """Return the recommendation that a motion makes of an amendment of provisions in force."""
    addresses = [target.removeprefix("provision/") for target in motions.targets_of(operation)]
    instrument = amendments.on_what_is_in_force(operation, addresses[0])
    before = motion_rules.amendments_carried_before(state)
    for address in addresses:
        amendments.require_not_deleted(f"provision/{address}", address, before)
    acts = (act for acts in before.values() for act in acts)
    history = policy.policy_foreseen(work.read(policy.STREAM), acts, basis)
    ruling = policy.decide(history, instrument, basis)
    text = policy.provision_text_after(ruling)
    return amendments.recommend_amendment(motion, operation, instrument, text, ruling.findings)


def decide(work: UnitOfWork, command: Decide) -> None:
    """Enter a decision with all its effects, or refuse it whole."""
    sitting = _sitting(work, command.matter, command.body, command.on)
    resolved = decision_rules.resolve_decision(sitting, command)
    relied = tuple(_relied(sitting.policy, cited, command.on) for cited in command.relies_on)
    for address in command.notwithstanding:
        _relied(sitting.policy, address, command.on)
    reference = DecisionRef(matter=command.matter, decision=command.decision, body=command.body)
    basis = dates_and_sources(
        command.on,
        effective_from=command.effective_from,
        authority=reference,
        cites=command.cites,
    )
    back = decision_rules.may_reach_back(sitting.charter, resolved.instruments)
    if not back:
        require_decided_by(command.KIND, reference, command.on, basis["effective_from"])
    aside = frozenset(command.notwithstanding)
    effects = work.draft()
    state, acts, name = sitting.matter, resolved.instruments, command.decision
    if state.reopened:
        findings = enact_again(effects, state, acts, basis, name, aside, resolved.divided.parts)
    else:
        findings = enact(effects, acts, basis, name, state.amended_by, aside)
    if command.earlier:
        findings = (*findings, *on_earlier_decision(work, sitting, command, acts))
    divided = resolved.divided
    said: dict[str, Any] = {
        **shared_fields(Resolution, command),
        "parts": divided.parts,
        "adopts": divided.adopts,
        "vote": resolved.vote,
        "notice_waived": resolved.waiver,
    }
    taken = DecisionTaken(
        **said,
        question=divided.question,
        relies_on=relied,
        final=resolved.final,
        findings=(*findings, *resolved.findings),
        **decisions.dates_of_decision(basis),
    )
    work.write(matter.stream_of(command.matter), taken)
    work.take_over(effects)


def reopen_matter(work: UnitOfWork, command: ReopenMatter) -> None:
    """Enter a reopening."""
    sitting = _sitting(work, command.matter, command.body, command.on)
    event = decision_rules.reopen_matter(sitting, command, _dated(command))
    work.write(matter.stream_of(command.matter), event)


def record_effect(work: UnitOfWork, command: RecordEffect) -> None:
    """Enter an effect of a decision that is in the record already (rules A1, C1)."""
    act = command.instrument
    refusal = decision_rules.no_decision(act)
    decision = require_decision(work, act.instrument, command.authority, refusal=refusal)
    sitting = _sitting(work, decision.matter, decision.body, decision.decided_on)
    acts = decision_rules.resolve_effect(sitting, decision, command)
    basis = dates_and_sources(
        decision.decided_on,
        effective_from=command.effective_from or decisions.stated_effect_day(decision),
        authority=command.authority,
        cites=command.cites,
    )
    by, since = decisions.reference_to_decision(decision), basis["effective_from"]
    if not decision_rules.may_reach_back(sitting.charter, acts):
        require_decided_by(act.instrument, by, decision.decided_on, since)
    aside = frozenset(decision.notwithstanding)
    enact(work, acts, basis, decision.decision, sitting.matter.amended_by, aside)


def _sitting(work: UnitOfWork, name: str, body: str, on: When) -> Sitting:
    """Return all that a body has before it on a day."""
    work.fetch(matter.stream_of(name), bodies.STREAM, policy.STREAM)
    charter = work.require_body(body, on.last)
    return Sitting(matter_of(work, name), charter, work.policy(on.last))


def _relied(standing: PolicyInForce, cited: ProvisionRef | str, on: When) -> ProvisionRef:
    if isinstance(cited, ProvisionRef):
        policy.require_in_force(cited, standing)
        return cited
    if cited not in standing.provisions:
        raise policy.NotInForce(address=cited, on=on.last)
    return standing.provisions[cited].ref


def _dated(command: MatterCommand) -> Basis:
    return dates_and_sources(command.on, cites=command.cites)


HANDLERS: Handlers = {
    **bodies_and_places.HANDLERS,
    OpenMatter: open_matter,
    HoldInCamera: hold_in_camera,
    ReleaseMatter: release_matter,
    NumberMatter: number_matter,
    ConsiderTogether: consider_together,
    SplitMatter: split_matter,
    SubmitReport: submit_report,
    ReceiveCommunication: receive_communication,
    HearDeputation: hear_deputation,
    GiveNotice: give_notice,
    MoveMotion: move_motion,
    DisposeOfMotion: dispose_of_motion,
    Decide: decide,
    ReopenMatter: reopen_matter,
    RecordEffect: record_effect,
}
