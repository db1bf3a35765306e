"""The recommendations that carry a proposal through a matter, in every version of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.instruments import AdoptReport, Instrument
from domain.proceedings.decisions import DecisionTaken
from domain.proceedings.motions import Add, MotionCarried, MotionMoved, targets_of
from domain.proceedings.recommendations import drafts_of
from domain.shared.history import Recorded
from domain.shared.messages import Event
from projections.explanation.adopted_recommendations import Adoption
from projections.explanation.facts import fact_as_proposed
from projections.explanation.subject import Subject, act_changes


class Carriers:
    """The recommendations on which a fact depends in one matter.

    `path` names those that have it among their instruments, or adopt a report of which one does,
    in any version that was before the bodies. Of a decision, they are those that it adopts or
    makes; of a motion, those that it amends, which are its `own`, and what leads to them; of a
    recommendation, itself and what leads to it.
    """

    def __init__(self, subject: Subject, entries: Sequence[Recorded[Event]]) -> None:
        self._subject = subject
        self._entries = entries
        self.adoption = Adoption(entries)
        self._versions = self.adoption.versions
        self.reports = self.adoption.reports
        asked = subject.item if subject.kind == "motion" else ""
        self.own = frozenset(self.amended_by(asked)) if asked else frozenset[str]()
        self.path = self._path()

    def decision(self, name: str) -> DecisionTaken | None:
        """Return a decision of the matter."""
        taken = (e.event for e in self._entries if isinstance(e.event, DecisionTaken))
        return next((decision for decision in taken if decision.decision == name), None)

    def _path(self) -> frozenset[str]:
        match self._subject.kind:
            case "decision":
                asked = self.decision(self._subject.item)
                return self.adoption.put_forward(asked) if asked else frozenset()
            case "motion":
                return self._leading_to(set(self.own))
            case "recommendation":
                return self._leading_to({self._subject.item})
            case _:
                found = {v.id for v in self._versions if any(map(self._changes, v.instruments))}
                return self._leading_to(found)

    def _leading_to(self, found: set[str]) -> frozenset[str]:
        while True:
            leading = {
                v.id for v in self._versions if any(self._leads(a, found) for a in v.instruments)
            }
            if leading <= found:
                return frozenset(found)
            found |= leading

    def amended_by(self, motion: str) -> Iterator[str]:
        """Yield the targets of a motion, carried or not; of the one that it amends as well."""
        for entry in self._entries:
            match entry.event:
                case MotionCarried() as carried if carried.motion == motion:
                    yield from self.adoption.targets(carried)
                case MotionMoved(operation=Add(recommendation=added)) as moved if (
                    moved.motion == motion
                ):
                    yield added.id
                case MotionMoved() as moved if moved.motion == motion:
                    for target in targets_of(moved.operation):
                        yield from self._carrying(target)
                case _:
                    pass

    def _carrying(self, target: str) -> Iterator[str]:
        """Yield the recommendations that a target of a motion is, or that propose it."""
        kind, _, name = target.partition("/")
        if kind == "motion":
            yield from self.amended_by(name.partition("/")[0])
        elif kind == "recommendation":
            yield name
        elif kind == "provision":
            yield from self._proposing(name)

    def _proposing(self, address: str) -> Iterator[str]:
        for version in self._versions:
            drafts = (draft for act in version.instruments for draft in drafts_of(act))
            if any(draft.address == address for draft in drafts):
                yield version.id

    def _leads(self, act: Instrument, found: set[str]) -> bool:
        if not isinstance(act, AdoptReport):
            return False
        return not self.reports.get(act.document, set()).isdisjoint(found)

    def _changes(self, act: object) -> bool:
        return act_changes(self._subject, act)

    def proposals(self) -> Iterator[str]:
        """Yield the fact as the recommendations, as they read now, would make it."""
        if (rewritten := self._rewritten()) is not None:
            draft = rewritten.draft
            yield f"{draft.text} ({rewritten.motion})" if draft else f"none ({rewritten.motion})"
            return
        latest = {version.id: version for version in self._versions}
        for name, version in latest.items():
            for act in filter(self._changes, version.instruments):
                yield f"{fact_as_proposed(act)} ({name})"

    def _rewritten(self) -> MotionCarried | None:
        """Return the last motion that rewrote or deleted the provision asked about, as proposed."""
        if self._subject.kind != "provision":
            return None
        found: MotionCarried | None = None
        for entry in self._entries:
            event = entry.event
            if isinstance(event, MotionCarried) and (event.draft or event.removed):
                address = event.draft.address if event.draft else event.removed
                found = event if address == self._subject.key else found
        return found
