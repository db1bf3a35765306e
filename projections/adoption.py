"""What of a matter was adopted: recommendations, and the motions that carried on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from domain.decisions import ADOPTING, DecisionTaken
from domain.history import Recorded
from domain.instruments import AdoptProvision, AdoptReport
from domain.kernel import Event
from domain.motions import Add, MotionCarried, MotionMoved, Recommendation, SubjectTo
from domain.papers import ReportSubmitted


class Adoption:
    """A matter's recommendations in every version, and which of them its decisions adopted."""

    def __init__(self, entries: Sequence[Recorded[Event]]) -> None:
        self.versions = tuple(_versions(entries))
        self.reports = {
            e.event.document: {r.id for r in e.event.recommendations}
            for e in entries
            if isinstance(e.event, ReportSubmitted)
        }
        self._decisions = [e.event for e in entries if isinstance(e.event, DecisionTaken)]
        self._subject_to = {
            e.event.motion: e.event.operation.target
            for e in entries
            if isinstance(e.event, MotionMoved) and isinstance(e.event.operation, SubjectTo)
        }
        self._carried = [e.event for e in entries if isinstance(e.event, MotionCarried)]

    def within(self, names: Iterable[str]) -> Iterator[str]:
        """The recommendations named, and those of the reports that they adopt, each once."""
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

    def motions(self, decision: str | None = None) -> frozenset[str]:
        """Motions that carried on what a decision adopted, or on what any decision did."""
        adopted = {
            name
            for taken in self._decisions
            if taken.kind in ADOPTING and decision in (None, taken.decision)
            for name in self.within((*taken.adopts, *self._reported(taken.instruments)))
        }
        return frozenset(
            motion.motion for motion in self._carried if not adopted.isdisjoint(self._on(motion))
        )

    def _on(self, motion: MotionCarried) -> Iterator[str]:
        """The recommendations that a motion made, amended or made conditional."""
        if motion.recommendation:
            yield motion.recommendation.id
            return
        kind, _, name = self._subject_to.get(motion.motion, "").partition("/")
        if kind == "recommendation":
            yield name
        address = motion.draft.address if motion.draft else motion.removed
        address = name if kind == "provision" else address
        for version in self.versions:
            acts = (act for act in version.instruments if isinstance(act, AdoptProvision))
            if any(act.draft.address == address for act in acts):
                yield version.id


def _versions(entries: Iterable[Recorded[Event]]) -> Iterator[Recommendation]:
    for entry in entries:
        match entry.event:
            case ReportSubmitted(recommendations=several):
                yield from several
            case DecisionTaken(recommends=several):
                yield from several
            case MotionMoved(operation=Add(recommendation=one)):
                yield one
            case MotionCarried(recommendation=restated) if restated is not None:
                yield restated
            case _:
                pass
