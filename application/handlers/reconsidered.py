"""A decision on a reopened matter: nothing is done twice, and what still stands is named (A4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from application.handlers.authority import require_decision
from application.handlers.enactment import enact
from application.handlers.states import matter_of
from application.unit_of_work import UnitOfWork
from domain import policy
from domain.instruments import AdoptProvision, Instrument, ReplaceProvision
from domain.missions import mission
from domain.partnerships import exploration, partnership
from domain.proceedings import decision_rules, earlier_decisions, requested_reports
from domain.proceedings.decision_rules import Sitting
from domain.proceedings.decisions import (
    Decide,
    DecisionKind,
    DecisionTaken,
    reference_to_decision,
    subject_of,
)
from domain.proceedings.matter import Matter
from domain.programme import plan
from domain.requests import request
from domain.shared.findings import Answer, Finding
from domain.shared.history import Recorded, fold
from domain.shared.log_facts import DecisionRescinded, rescissions_of
from domain.shared.messages import Basis, DecisionRef, Event, StreamId
from domain.shared.problems import Refusal

Fold = tuple[Callable[[Any, Any], Any], Any]

_ONE: Mapping[StreamId, Fold] = {
    policy.STREAM: (policy.evolve, policy.Policy()),
    requested_reports.STREAM: (requested_reports.evolve, requested_reports.Duties()),
}
_MANY: Mapping[str, Fold] = {
    "exploration": (exploration.evolve, exploration.Exploration()),
    "mission": (mission.evolve, mission.Mission()),
    "partnership": (partnership.evolve, partnership.Relationship()),
    "plan": (plan.evolve, plan.Plan()),
    "request": (request.evolve, request.Request()),
}
"""Streams in which a decision takes effect, and how each is folded."""


def enact_again(
    work: UnitOfWork,
    matter: Matter,
    acts: Iterable[Instrument],
    basis: Basis,
    decision: str,
    aside: frozenset[str],
    parts: tuple[str, ...] = (),
) -> tuple[Finding, ...]:
    """Write only the effects that the decision before the reopening did not have; name the others.

    An act that was done before counts as done, even where it would be refused now. A provision that
    the matter had put in force before, and adopts in another wording, is amended.
    """
    acts = tuple(acts)
    done = decision_rules.effects_done_before(matter)
    findings: list[Finding] = []
    for act in acts:
        again = _amending(work, act, basis)
        try:
            findings += enact(
                work, (again,), basis, decision, matter.amended_by, aside, together=acts
            )
        except Refusal as refusal:
            if act not in done:
                raise
            what = f"{act.instrument} {subject_of(act)}"
            done_then = "was done before the matter was reopened and is not done again"
            findings.append(_said(f"{what} {done_then} ({refusal.title})"))
    return (*findings, *_still_standing(work, _taken_up(matter, parts), acts))


def on_earlier_decision(
    work: UnitOfWork, sitting: Sitting, command: Decide, acts: Iterable[Instrument]
) -> tuple[Finding, ...]:
    """Enter that a decision is rescinded, or confirmed, and return findings (rules A1, A4).

    It undoes nothing by itself: what a rescinded decision did and still stands is named. Raises
    `NoDecision` where the earlier one is not in the record, `NotAuthorised` for a body that may not
    decide on it, `BeforeTheEarlier`, and `AlreadyRescinded`.
    """
    earlier = require_decision(work, command.kind.value, command.earlier)
    earlier_decisions.require_power_over_decision(earlier, command, sitting.charter)
    own = reference_to_decision(earlier)
    work.fetch(rescissions_of(own))  # guards against one that is recorded at the same moment
    again = earlier_decisions.require_not_rescinded(own, command, tuple(_rescissions(work)))
    if command.kind is not DecisionKind.RESCIND:
        return ()
    work.write(rescissions_of(own), DecisionRescinded(earlier=own))
    return (*again, *_still_standing(work, (own,), acts))


def _rescissions(work: UnitOfWork) -> Iterator[DecisionTaken]:
    """Yield the decisions on any matter that rescind another; reading these matters guards them."""
    matters = work.streams("matter")
    work.fetch(*matters)
    for stream in matters:
        state = matter_of(work, stream.partition("/")[2])
        yield from earlier_decisions.rescissions(state)


def _taken_up(matter: Matter, parts: tuple[str, ...]) -> tuple[DecisionRef, ...]:
    """Return the decisions that were taken up again: those on these parts, or all."""
    return tuple(
        reference_to_decision(before.decisions[name])
        for before in matter.reopened
        for name in before.taken_up
        if not (parts and before.decisions[name].parts)
        or set(parts) & set(before.decisions[name].parts)
    )


def _amending(work: UnitOfWork, act: Instrument, basis: Basis) -> Instrument:
    if not isinstance(act, AdoptProvision):
        return act
    draft = act.draft
    found = work.policy(basis["effective_from"].last).provisions.get(draft.address)
    ours, authority = basis["authority"], found.authority if found else None
    if not (found and ours and authority and authority.matter == ours.matter):
        return act
    if found.draft == draft or authority == ours:
        return act
    return ReplaceProvision(
        address=draft.address,
        text=draft.text,
        heading=draft.heading,
        items=draft.items,
        terms={**dict.fromkeys(found.draft.terms), **draft.terms},
        cites=draft.cites,
    )


def _still_standing(
    work: UnitOfWork, earlier: tuple[DecisionRef, ...], acts: Iterable[Instrument]
) -> Iterator[Finding]:
    """Yield effects of earlier decisions that this one neither repeats nor changes."""
    repeated = {subject_of(act) for act in acts}
    for stream, (evolve, empty) in _streams(work):
        standing = work.read(stream).standing()
        ours = [entry for entry in standing if entry.event.authority in earlier]
        whole = fold(evolve, empty, standing) if ours else None
        for entry in ours:
            rest = (other for other in standing if other is not entry)
            if fold(evolve, empty, rest) != whole and _subject(entry) not in repeated:
                kind = entry.event.TOPIC.partition(".")[0]
                by = entry.event.authority.decision
                yield _said(f"still stands, by {by}: {kind} of {_subject(entry)} ({stream})")


def _streams(work: UnitOfWork) -> Iterator[tuple[StreamId, Fold]]:
    yield from _ONE.items()
    for kind, folding in _MANY.items():
        streams = work.streams(kind)
        work.fetch(*streams)
        for stream in streams:
            yield stream, folding


def _subject(entry: Recorded[Event]) -> str:
    match entry.event:
        case policy.ProvisionAdopted() | policy.ProvisionAmended() | policy.ProvisionDeleted():
            return entry.event.provision.address
        case requested_reports.ReportRequested() | requested_reports.ReportGiven():
            return entry.event.request
        case _:
            return entry.stream.partition("/")[2]


def _said(reason: str) -> Finding:
    return Finding(rule="A4", answer=Answer.ADVISORY, reason=reason)
