"""One matter read for one fact: what of it made the proposal, changed it, or spoke of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from domain.decisions import ADOPTING, DecisionKind, DecisionTaken, MatterReopened
from domain.history import Recorded
from domain.instruments import AdoptProvision, Proposal
from domain.kernel import Citation, Event
from domain.motions import (
    Add,
    DeleteAndInsert,
    MotionCarried,
    MotionFailed,
    MotionMoved,
    SubjectTo,
)
from domain.papers import CommunicationReceived, DeputationHeard, ReportSubmitted
from projections.answers import proposal
from projections.carrying import Carriers
from projections.concern import Subject, touches
from projections.speaking import acts_of, naming, references
from projections.steps import Role

_PASSED_ON = {
    DecisionKind.REFER: "referred the matter",
    DecisionKind.DEFER: "put the matter off",
    DecisionKind.RECEIVE: "received the matter and did no more",
    DecisionKind.REJECT: "rejected the matter",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One item with its part in the story; `outcome` is what became of a motion."""

    entry: Recorded[Event]
    role: Role
    relation: str
    by_name: bool = False
    outcome: Recorded[Event] | None = None
    passages: tuple[str, ...] = ()
    cites: tuple[Citation, ...] = ()


class Part(NamedTuple):
    """What an item did, and whether that changed anything."""

    relation: str
    changed: bool = True


class Proceedings:
    """A matter's entries, as far as they stand, read for one fact."""

    def __init__(self, subject: Subject, entries: Sequence[Recorded[Event]]) -> None:
        self._subject = subject
        self._entries = entries
        self._outcomes = {
            e.event.motion: e for e in entries if isinstance(e.event, MotionCarried | MotionFailed)
        }
        self._carriers = Carriers(subject, entries)
        self._adopted = self._carriers.adoption.motions()
        self.path = self._carriers.path

    def _changes(self, act: object) -> bool:
        return touches(self._subject, act)

    def led_to(self, effect: Recorded[Event]) -> bool:
        """Whether the effect came of this matter: by a decision on it, or stated in a report."""
        if authority := effect.event.authority:
            return any(getattr(e.event, "matter", "") == authority.matter for e in self._entries)
        return any(
            isinstance(e.event, ReportSubmitted)
            and e.recorded_at == effect.recorded_at
            and any(map(self._changes, e.event.states))
            for e in self._entries
        )

    def proposals(self) -> Iterator[str]:
        """What the recommendations, as they read now, would make of the fact."""
        return self._carriers.proposals()

    def lines(self, *, effective: bool) -> Iterator[Line]:
        """Every item that has to do with the fact, in the order of the entries."""
        prompting = {
            paper: e.event.motion
            for e in self._entries
            if isinstance(e.event, MotionMoved) and (self._aim(e.event) or self._typed(e.event))
            for paper in e.event.prompted_by
        }
        for entry in self._entries:
            event = entry.event
            if isinstance(event, MotionCarried | MotionFailed):
                continue
            outcome = self._outcomes.get(event.motion) if isinstance(event, MotionMoved) else None
            if part := self._part(event, effective=effective):
                role = (
                    (Role.CHANGES if effective else Role.PROPOSES) if part.changed else Role.CITES
                )
                yield self._line(entry, role, part.relation, outcome)
            elif (paper := _paper(event)) and paper in prompting:
                yield self._line(entry, Role.CITES, f"prompted the motion {prompting[paper]}")
            elif self._typed(event) or (outcome and self._typed(outcome.event)):
                yield self._line(entry, Role.CITES, "concerns it", outcome)
            elif self._subject.kind == "decision" and _paper(event):
                yield self._line(entry, Role.CITES, "was before the bodies")
            elif naming(self._subject, event):
                line = self._line(entry, Role.CITES, "names it", outcome)
                yield replace(line, by_name=True)

    def _line(
        self,
        entry: Recorded[Event],
        role: Role,
        relation: str,
        outcome: Recorded[Event] | None = None,
    ) -> Line:
        """An item with what it says of the fact, and where."""
        acts = [act for act in acts_of(entry.event) if self._changes(act)]
        would = tuple(dict.fromkeys((*map(proposal, acts), *self._inserted(entry.event))))
        cites = tuple(cite for act in acts for cite in _cited(act))
        passages = would or naming(self._subject, entry.event)
        return Line(entry, role, relation, outcome=outcome, passages=passages, cites=cites)

    def _inserted(self, event: Event) -> Iterator[str]:
        match event:
            case MotionMoved(operation=DeleteAndInsert(target=target, text=text)) if (
                target == f"provision/{self._subject.key}"
            ):
                yield text
            case _:
                return

    def _typed(self, event: Event) -> bool:
        return not set(references(event)).isdisjoint(self._subject.references)

    def _part(self, event: Event, *, effective: bool) -> Part | None:
        match event:
            case ReportSubmitted():
                return self._report(event)
            case MotionMoved():
                return self._motion(event, effective=effective)
            case DecisionTaken():
                return self._decision(event)
            case MatterReopened() if self.path:
                return Part("took the matter up again", changed=False)
            case _:
                return None

    def _report(self, event: ReportSubmitted) -> Part | None:
        if any(self._changes(act) for act in acts_of(event)):
            stated = any(map(self._changes, event.states))
            return Part("states it" if stated else "proposes it")
        if self._carriers.reports[event.document] & self.path:
            return Part("recommends what carries it")
        return None

    def _motion(self, event: MotionMoved, *, effective: bool) -> Part | None:
        part = self._aim(event)
        outcome = self._outcomes.get(event.motion)
        if part is None:
            return None
        if outcome and isinstance(outcome.event, MotionCarried):
            if not effective or event.motion in self._adopted:
                return part
            return Part(f"would have {part.relation}; carried, and not adopted", changed=False)
        failed = outcome.event if outcome else None
        ended = failed.result.value if isinstance(failed, MotionFailed) else "not voted on"
        return Part(f"would have {part.relation}; {ended}", changed=False)

    def _aim(self, event: MotionMoved) -> Part | None:
        operation = event.operation
        if isinstance(operation, Add):
            added = operation.recommendation.id in self.path
            return Part("added the recommendation that carries it") if added else None
        if isinstance(operation, SubjectTo):
            return Part("made it conditional") if any(map(self._changes, acts_of(event))) else None
        kind, _, name = operation.target.partition("/")
        if kind == "recommendation" and name in self.path:
            return Part("amended the recommendation that carries it")
        if kind == "provision" and self._subject.kind == "provision" and name == self._subject.key:
            return Part("amended it")
        return None

    def _decision(self, event: DecisionTaken) -> Part | None:
        if self._subject.kind == "decision" and event == self._carriers.asked:
            return Part("is it")
        if event.kind in ADOPTING:
            adopted = self.path & set(event.adopts) or any(map(self._changes, event.instruments))
            return Part("decided it") if adopted else None
        if any(r.id in self.path for r in event.recommends):
            return Part("recommended it")
        if self.path and event.kind in _PASSED_ON:
            return Part(_PASSED_ON[event.kind], changed=False)
        return None


def _cited(act: Proposal) -> tuple[Citation, ...]:
    return (*act.cites, *act.draft.cites) if isinstance(act, AdoptProvision) else act.cites


def _paper(event: Event) -> str | None:
    match event:
        case ReportSubmitted() | CommunicationReceived():
            return event.document
        case DeputationHeard():
            return event.deputation
        case _:
            return None
