"""Recommendations of a matter in every version, and the decisions that adopted each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from domain.instruments import AdoptReport
from domain.proceedings.decisions import ADOPTING, CLOSING, DecisionTaken
from domain.proceedings.matter import MatterOpened, recommendations_replaced
from domain.proceedings.motions import Add, MotionCarried, MotionMoved, SubjectTo, Substitute
from domain.proceedings.papers import ReportSubmitted
from domain.proceedings.recommendations import Recommendation, drafts_of
from domain.shared.history import Recorded
from domain.shared.messages import Event


class Adoption:
    """A matter's recommendations in every version, and which of them its decisions adopted."""

    def __init__(self, entries: Sequence[Recorded[Event]]) -> None:
        self.versions = tuple(_versions(entries))
        self.reports = {
            e.event.document: {r.id for r in e.event.recommendations}
            for e in entries
            if isinstance(e.event, ReportSubmitted)
        }
        for event in (e.event for e in entries if isinstance(e.event, MotionCarried)):
            if event.dropped:
                put = [one.id for one in event.recommended]
                for document, names in self.reports.items():
                    self.reports[document] = set(
                        recommendations_replaced(names, event.dropped, put)
                    )
        self._carried_by = {
            e.event.motion: e.event.body for e in entries if isinstance(e.event, MotionCarried)
        }
        self._decisions = [e.event for e in entries if isinstance(e.event, DecisionTaken)]
        self._closing = [
            (e.position, e.event.decision)
            for e in entries
            if isinstance(e.event, DecisionTaken) and e.event.kind in CLOSING
        ]
        self._subject_to = {
            e.event.motion: e.event.operation.target
            for e in entries
            if isinstance(e.event, MotionMoved) and isinstance(e.event.operation, SubjectTo)
        }
        self._carried = [
            (e.position, e.event) for e in entries if isinstance(e.event, MotionCarried)
        ]

    def within(self, names: Iterable[str]) -> Iterator[str]:
        """Yield the recommendations named, and those of the reports that they adopt, each once."""
        todo, seen = list(names), set[str]()
        while todo:
            name = todo.pop(0)
            if name in seen:
                continue
            seen.add(name)
            yield name
            for version in self.versions:
                if version.id == name:
                    todo += self._reported(version.instruments)

    def _reported(self, acts: Iterable[object]) -> Iterator[str]:
        for act in acts:
            if isinstance(act, AdoptReport):
                yield from self.reports.get(act.document, ())

    def adopted(self, taken: DecisionTaken) -> frozenset[str]:
        """Return the recommendations that a decision adopts, those of adopted reports included."""
        if taken.kind not in ADOPTING:
            return frozenset()
        return frozenset(self.within((*taken.adopts, *self._reported(taken.instruments))))

    def put_forward(self, taken: DecisionTaken) -> frozenset[str]:
        """Return what a decision adopts or makes, with the recommendations that follow from it."""
        acts = (act for each in taken.recommends for act in each.instruments)
        named = (*taken.adopts, *(each.id for each in taken.recommends))
        return frozenset(self.within((*named, *self._reported((*taken.instruments, *acts)))))

    def closed_by(self, before: int) -> str | None:
        """Return the last decision that closed the matter, as recorded before a position."""
        found = [decision for position, decision in self._closing if position < before]
        return found[-1] if found else None

    def adopting(self, name: str) -> Iterator[str]:
        """Yield the decisions that adopted a recommendation, by itself or with its report."""
        for taken in self._decisions:
            if name in self.adopted(taken):
                yield taken.decision

    def motions(self, decision: str | None = None) -> frozenset[str]:
        """Yield motions that carried on what a decision adopted, or on what any did."""
        adopted = {
            name
            for taken in self._decisions
            if decision in (None, taken.decision)
            for name in self.adopted(taken)
        }
        return self.carried_on(adopted)

    def carried_on(
        self, recommendations: Collection[str], before: int | None = None
    ) -> frozenset[str]:
        """Return motions that carried on any of these recommendations, or on a report that has one.

        Only those recorded `before` a position, where one is given.
        """
        return frozenset(
            motion.motion
            for position, motion in self._carried
            if (before is None or position < before)
            and not set(recommendations).isdisjoint(self.targets(motion))
        )

    def body_of(self, motion: str) -> str | None:
        """Return the body in which a motion carried."""
        return self._carried_by.get(motion)

    def targets(self, motion: MotionCarried) -> Iterator[str]:
        """Yield the recommendations that a motion made, amended or made conditional."""
        if motion.recommended or motion.dropped:
            yield from (one.id for one in motion.recommended)
            yield from motion.dropped
            return
        target = self._subject_to.get(motion.motion, "")
        yield from self.reports.get(target, ())
        kind, _, name = target.partition("/")
        if kind == "recommendation":
            yield name
        addresses = {draft.address for draft in motion.redrafted} | {motion.removed}
        addresses = {name} if kind == "provision" else addresses
        for version in self.versions:
            drafts = (draft for act in version.instruments for draft in drafts_of(act))
            if any(draft.address in addresses for draft in drafts):
                yield version.id


def _versions(entries: Iterable[Recorded[Event]]) -> Iterator[Recommendation]:
    for entry in entries:
        match entry.event:
            case ReportSubmitted(recommendations=several) | MatterOpened(recommendations=several):
                yield from several
            case DecisionTaken(recommends=several):
                yield from several
            case MotionMoved(operation=Add(recommendation=one)):
                yield one
            case MotionMoved(operation=Substitute(recommendations=several)):
                yield from several
            case MotionCarried() as carried:
                yield from carried.recommended
            case _:
                pass
