"""One matter read for one fact: the items that proposed it, decided it, or spoke of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from domain.instruments import AdoptProvision, Proposal, ReportAnswers
from domain.proceedings.decisions import (
    ACTING,
    ADOPTING,
    DecisionKind,
    DecisionTaken,
    MatterReopened,
)
from domain.proceedings.matter import MatterOpened
from domain.proceedings.motions import (
    Add,
    Amend,
    Delete,
    DeleteAndInsert,
    MotionCarried,
    MotionFailed,
    MotionMoved,
    Strike,
    SubjectTo,
    Substitute,
    targets_of,
)
from domain.proceedings.papers import CommunicationReceived, DeputationHeard, ReportSubmitted
from domain.shared.history import Recorded
from domain.shared.messages import Citation, Event
from projections.explanation.account import Role
from projections.explanation.carriers import Carriers
from projections.explanation.facts import fact_as_proposed
from projections.explanation.motion_story import MotionStory
from projections.explanation.parts import PASSED_ON, Line, Part, Weight
from projections.explanation.references import acts_of, passages_naming, references
from projections.explanation.subject import OF_A_MATTER, Subject, act_changes

_PROPOSING: Mapping[str, str] = {
    "decision": "a recommendation that it decides on",
    "recommendation": "a recommendation that adopts it",
}
"""Names of a recommendation in the path of a fact; other facts are proposed by it."""


class Proceedings:
    """A matter's entries read for one fact: those that stand, and `mistaken` ones, replaced since.

    What was decided rests on what was recorded then, so that both say what carries the fact.
    `effects` has, for each decision that changed the fact, and for each report that states it, the
    role that the change has in the account; none where the matter has changed nothing. `worded` has
    the same, by `matter/decision`, for changes that gave the fact its words: a deletion gives none.
    """

    def __init__(
        self,
        subject: Subject,
        entries: Sequence[Recorded[Event]],
        mistaken: Sequence[Recorded[Event]],
        effects: Mapping[str, Role],
        worded: Mapping[str, Role],
    ) -> None:
        self._subject = subject
        self._entries = entries
        self._mistaken = mistaken
        self._effects = effects
        self._worded = worded
        self._outcomes = {
            e.event.motion: e for e in entries if isinstance(e.event, MotionCarried | MotionFailed)
        }
        self._moved = {e.event.motion: e.event for e in entries if isinstance(e.event, MotionMoved)}
        everything = sorted((*entries, *mistaken), key=lambda entry: entry.position)
        self._carriers = Carriers(subject, everything)
        self._adoption = self._carriers.adoption
        self.path = self._carriers.path
        self._motions = (
            MotionStory(subject.item, entries, self._carriers)
            if (subject.kind == "motion")
            else None
        )
        asked = self._carriers.decision(subject.item) if subject.kind == "decision" else None
        self._asked = asked
        self._proposing = _PROPOSING.get(subject.kind, "the recommendation that proposes it")
        self._last = asked.decided_on.last if asked else None
        taken = (e.event for e in everything if isinstance(e.event, DecisionTaken))
        self._deciding = [event for event in taken if self._decides(event)]
        self._positions = {
            e.event.decision: e.position
            for e in everything
            if isinstance(e.event, DecisionTaken) and e.event.replaces is None
        }
        self._in_force = self._taken_up()
        self._beside = self._adopted_beside()
        self._needed = self._needed_motions()
        self._prompting = {
            paper: motion
            for motion, moved in self._moved.items()
            if self._is_asked(motion) or self._proposes(moved) or self._typed(moved)
            for paper in moved.prompted_by
        }

    def _is_asked(self, motion: str) -> bool:
        return self._subject.kind == "motion" and motion == self._subject.item

    def _proposes(self, moved: MotionMoved) -> bool:
        """True if a motion aims at the fact; one that came after a motion asked about does not."""
        if self._motions is None:
            return self._aim(moved) is not None
        part = self._motions.motion(moved, self._outcomes.get(moved.motion))
        return part is not None and part.weight is Weight.PROPOSES

    def _decides(self, event: DecisionTaken) -> bool:
        if self._subject.kind == "decision":
            return event == self._asked
        acts = any(map(self._changes, event.instruments))
        if self._subject.kind == "requested-report" and acts:
            return True
        adopts = bool(self.path & self._adoption.adopted(event)) or acts
        return event.kind in ACTING and adopts and self._subject.kind != "motion"

    def _taken_up(self) -> frozenset[str]:
        """Return motions that carried on what a decision on the fact puts forward, before it."""
        found: set[str] = set()
        for taken in self._deciding:
            named = self._adoption.put_forward(taken)
            found |= self._adoption.carried_on(named, self._positions.get(taken.decision))
        return frozenset(found)

    def _adopted_beside(self) -> frozenset[str]:
        """Return recommendations adopted together with those on the fact, and needed by them."""
        found: set[str] = set()
        for taken in self._deciding:
            found |= self._adoption.put_forward(taken) - self.path
        return frozenset(found)

    def _needed_motions(self) -> frozenset[str]:
        """Return the motion on something else that alone makes a body adopt as amended."""
        found: set[str] = set()
        for taken in self._deciding:
            if taken.kind is not DecisionKind.ADOPT_AS_AMENDED:
                continue
            carried = {m for m in self._outcomes if self._adoption.body_of(m) == taken.body}
            if not any(m in self._moved and self._aim(self._moved[m]) for m in carried):
                found |= carried
        return frozenset(found)

    def _changes(self, act: object) -> bool:
        return act_changes(self._subject, act)

    def decided(self) -> Collection[str]:
        """Return the decisions by which this matter decided the fact."""
        return {taken.decision for taken in self._deciding}

    def proposals(self) -> Iterator[str]:
        """Return the fact as the recommendations, as they read now, would make it."""
        return self._carriers.proposals()

    def lines(self) -> Iterator[Line]:
        """Yield every item that has to do with the fact, in the order of the entries."""
        counts = False
        for entry in self._entries:
            if line := self.line(entry):
                counts = counts or line.role not in (Role.FOLLOWED, Role.CITES)
                yield line
        mistaken = (line for line in map(self.line, self._mistaken) if line)
        if counts or any(line.role is not Role.CITES for line in mistaken):
            yield from self._opening()

    def line(self, entry: Recorded[Event]) -> Line | None:
        """Return one entry with its role in the story; `None` if it has none."""
        event, prompting = entry.event, self._prompting
        if self._later(event):
            return None
        if isinstance(event, MotionCarried | MotionFailed):
            return self._bare_vote(entry)
        outcome = self._outcomes.get(event.motion) if isinstance(event, MotionMoved) else None
        if part := self._part(event):
            return self._line(entry, self._role(event, part), part.relation, outcome)
        if (paper := _paper(event)) and paper in prompting:
            role = Role.PROPOSES if self._subject.kind == "motion" else Role.CITES
            return self._line(entry, role, f"prompted the motion {prompting[paper]}")
        if self._typed(event) or (outcome and self._typed(outcome.event)):
            return self._line(entry, Role.CITES, "concerns it", outcome)
        if self._subject.kind == "decision" and paper:
            return self._line(entry, Role.CITES, "was before the bodies")
        if passages_naming(self._subject, event):
            return replace(self._line(entry, Role.CITES, "names it", outcome), by_name=True)
        return None

    def _bare_vote(self, entry: Recorded[Event]) -> Line | None:
        """Return a vote whose motion was withdrawn as a mistake.

        The vote still amends what it amended.
        """
        event = entry.event
        if not isinstance(event, MotionCarried | MotionFailed) or event.motion in self._moved:
            return None
        if self._is_asked(event.motion):
            return self._line(entry, Role.CHANGES, "the vote on it, and its motion is withdrawn")
        if isinstance(event, MotionFailed):
            return None
        address = event.draft.address if event.draft else event.removed
        own = self._subject.kind == "provision" and address == self._subject.key
        if not own and self.path.isdisjoint(self._adoption.targets(event)):
            return None
        role = self._role(event, Part("", Weight.AMENDS))
        return self._line(entry, role, "carried, and its motion is withdrawn")

    def _opening(self) -> Iterator[Line]:
        for entry in self._entries:
            if isinstance(entry.event, MatterOpened):
                yield self._line(entry, Role.ALLOWS, "opened the matter")

    def _later(self, event: Event) -> bool:
        """True if it came after the decision that is asked about, and so was not before it."""
        return self._last is not None and event.decided_on.first > self._last

    def _role(self, event: Event, part: Part) -> Role:
        match part.weight:
            case Weight.SPEAKS:
                return Role.CITES
            case Weight.ALLOWS:
                return Role.ALLOWS
            case Weight.FOLLOWS:
                return Role.FOLLOWED
            case Weight.PROPOSES:
                return Role.PROPOSES
            case Weight.DECIDES:
                if self._subject.kind in OF_A_MATTER:
                    return Role.CHANGES
                name = event.document if isinstance(event, ReportSubmitted) else ""
                name = event.decision if isinstance(event, DecisionTaken) else name
                return self._effects.get(name, Role.PROPOSES)
            case Weight.AMENDS:
                if self._subject.kind in OF_A_MATTER:
                    return Role.CHANGES
                names = [f"{taken.matter}/{taken.decision}" for taken in self._deciding]
                roles = [self._worded[name] for name in names if name in self._worded]
                return min(roles, key=list(Role).index, default=Role.PROPOSES)

    def _line(
        self,
        entry: Recorded[Event],
        role: Role,
        relation: str,
        outcome: Recorded[Event] | None = None,
    ) -> Line:
        """Return an item with what it says of the fact, and where."""
        acts = [act for act in acts_of(entry.event) if self._changes(act)]
        would = tuple(dict.fromkeys((*map(fact_as_proposed, acts), *self._inserted(entry.event))))
        cites = tuple(cite for act in acts for cite in _cited(act))
        passages = would or passages_naming(self._subject, entry.event)
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

    def _part(self, event: Event) -> Part | None:
        match event:
            case ReportSubmitted():
                return self._report(event)
            case MotionMoved():
                return self._motion(event)
            case DecisionTaken():
                return self._decision(event)
            case MatterReopened(decision=decision) if (
                self._subject.kind == "decision" and decision == self._subject.item
            ):
                return Part("is it", Weight.DECIDES)
            case MatterReopened() if self._motions:
                return self._motions.reopening(event)
            case MatterReopened() if self._follows():
                return Part("took the matter up again", Weight.ALLOWS)
            case _:
                return None

    def _follows(self) -> bool:
        """True if anything of the fact came, or would come, out of this matter."""
        return bool(self.path or self._deciding) or self._subject.kind in OF_A_MATTER

    def _report(self, event: ReportSubmitted) -> Part | None:
        if any(map(self._changes, event.states)):
            return Part("states it", Weight.DECIDES)
        made = self._carriers.reports[event.document]
        if self._subject.kind == "recommendation" and self._subject.item in made:
            return Part("makes it", Weight.DECIDES)
        if any(self._changes(act) for act in acts_of(event)):
            return Part("proposes it")
        if self._motions:
            return self._motions.report(event)
        if made & self.path:
            return Part(f"has {self._proposing}")
        if made & self._beside:
            return Part("recommends what the decision adopts besides", Weight.ALLOWS)
        return None

    def _motion(self, event: MotionMoved) -> Part | None:
        if self._is_asked(event.motion):
            return Part("is it", Weight.DECIDES)
        outcome = self._outcomes.get(event.motion)
        if self._motions and not self._amends_asked(event):
            return self._motions.motion(event, outcome)
        part = self._aim(event)
        carried = outcome is not None and isinstance(outcome.event, MotionCarried)
        if part is None:
            return self._other_motion(event) if carried else None
        if self._shows(event.motion):
            return part
        if carried:
            return Part(f"would have {part.relation}; carried, and not adopted", Weight.SPEAKS)
        failed = outcome.event if outcome else None
        ended = failed.result.value if isinstance(failed, MotionFailed) else "not voted on"
        return Part(f"would have {part.relation}; {ended}", Weight.SPEAKS)

    def _amends_asked(self, event: MotionMoved) -> bool:
        named = (target.partition("/") for target in targets_of(event.operation))
        return any(k == "motion" and self._is_asked(n.partition("/")[0]) for k, _, n in named)

    def _other_motion(self, event: MotionMoved) -> Part | None:
        """Return a carried motion on something else that the decision could not do without."""
        added = event.operation.recommendation.id if isinstance(event.operation, Add) else None
        if self._asked and event.motion in self._in_force:
            return Part("amended what it adopts")
        if added in self._beside:
            return Part("added what the decision adopts besides", Weight.ALLOWS)
        if event.motion in self._needed:
            return Part("amended the matter, so that it is adopted as amended", Weight.ALLOWS)
        return None

    def _aim(self, event: MotionMoved) -> Part | None:
        operation = event.operation
        subject = self._subject
        if isinstance(operation, Add):
            if subject.kind == "recommendation" and operation.recommendation.id == subject.item:
                return Part("added it", Weight.DECIDES)
            added = operation.recommendation.id in self.path
            return Part(f"added {self._proposing}") if added else None
        if isinstance(operation, Substitute) and (part := self._substituted(operation)):
            return part
        if isinstance(operation, SubjectTo):
            aimed = any(map(self._changes, acts_of(event))) or (
                subject.kind in ("decision", "recommendation")
                and event.motion in self._adoption.carried_on(self.path)
            )
            return Part("made it conditional") if aimed else None
        parts = (self._aimed(event, target) for target in targets_of(operation))
        return next(filter(None, parts), None)

    def _substituted(self, operation: Substitute) -> Part | None:
        put = {one.id for one in operation.recommendations}
        if self._subject.kind == "recommendation" and self._subject.item in put:
            return Part("put it in the place of others", Weight.DECIDES)
        put_in = put & self.path
        return Part(f"put in {self._proposing}") if put_in else None

    def _aimed(self, event: MotionMoved, target: str) -> Part | None:
        subject = self._subject
        kind, _, name = target.partition("/")
        if kind == "recommendation" and name in self.path:
            if subject.kind == "recommendation" and name == subject.item:
                return Part("amended it", self._rewriting(event))
            return Part(f"amended {self._proposing}")
        if kind == "provision" and subject.kind == "provision" and name == subject.key:
            return Part("amended it", self._rewriting(event))
        return self._on_motion(name.partition("/")[0]) if kind == "motion" else None

    def _on_motion(self, motion: str) -> Part | None:
        """Return the role of a motion that amends another one while that is pending."""
        if self._is_asked(motion):
            return Part("amended it", Weight.AMENDS)
        pending = self._moved.get(motion)
        aim = self._aim(pending) if pending else None
        return aim and Part(f"amended the motion {motion}", aim.weight)

    def _rewriting(self, event: MotionMoved) -> Weight:
        """Return the weight of a motion in the text: a later one may have rewritten it whole."""
        target = getattr(event.operation, "target", "")
        later = False
        for entry in self._entries:
            other = entry.event
            if not isinstance(other, MotionMoved) or not self._shows(other.motion):
                continue
            if later and getattr(other.operation, "target", "") == target and _whole(other):
                return Weight.PROPOSES
            later = later or other.motion == event.motion
        return Weight.AMENDS

    def _shows(self, motion: str) -> bool:
        """True if a motion carried in time for the decision on the fact, where there is one.

        A recommendation reads as its last motion left it, whether that is adopted or not.
        """
        outcome = self._outcomes.get(motion)
        if outcome is None or not isinstance(outcome.event, MotionCarried):
            return False
        if outcome.event.amends:
            return self._shows(outcome.event.amends)
        undecided = not self._deciding or self._subject.kind == "recommendation"
        return undecided or motion in self._in_force

    def _decision(self, event: DecisionTaken) -> Part | None:
        subject = self._subject
        if event == self._asked:
            return Part("is it", Weight.DECIDES)
        if event in self._deciding:
            if subject.kind == "requested-report":
                return Part("asked for the report", Weight.DECIDES)
            return Part("decided it", Weight.DECIDES)
        if self._motions:
            return self._motions.decision(event)
        made = {r.id for r in event.recommends}
        if subject.kind == "recommendation" and subject.item in made:
            return Part("makes it", Weight.DECIDES)
        if made & self.path:
            return Part("recommended it")
        if made & self._beside:
            return Part("recommends what the decision adopts besides", Weight.ALLOWS)
        if event.kind in ADOPTING and event.decision in self._adopting_it():
            return Part("adopted it as well", Weight.SPEAKS)
        if self.path and event.kind in PASSED_ON:
            return Part(PASSED_ON[event.kind], Weight.SPEAKS)
        return None

    def _adopting_it(self) -> Collection[str]:
        return {name for one in self.path for name in self._adoption.adopting(one)}


def reports_answered(event: Event) -> Iterator[str]:
    """Yield the requests by bodies that a report says it answers."""
    if isinstance(event, ReportSubmitted):
        for state in event.states:
            if isinstance(state, ReportAnswers):
                yield state.request


def _whole(event: MotionMoved) -> bool:
    """True if a motion gives its target a whole new text, whatever it was before."""
    match event.operation:
        case DeleteAndInsert() | Delete() | Substitute():
            return True
        case Strike(enter=enter) | Amend(enter=enter):
            return enter == "declared"
        case _:
            return False


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
