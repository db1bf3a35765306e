"""The recommendations that carry a proposal through a matter, in every version of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.decisions import DecisionTaken
from domain.history import Recorded
from domain.instruments import AdoptReport, Instrument
from domain.kernel import Event
from domain.motions import MotionCarried
from projections.adoption import Adoption
from projections.answers import proposal
from projections.concern import Subject, touches


class Carriers:
    """What carries a fact through a matter.

    `path` names the recommendations that have it among their instruments, or adopt a report of
    which one does, in any version that was before the bodies. Of a decision, they are those that it
    adopts; `asked` is that decision.
    """

    def __init__(self, subject: Subject, entries: Sequence[Recorded[Event]]) -> None:
        self._subject = subject
        self._entries = entries
        self.adoption = Adoption(entries)
        self._versions = self.adoption.versions
        self.reports = self.adoption.reports
        self.asked = self._decision()
        self.path = self._path()

    def _decision(self) -> DecisionTaken | None:
        if self._subject.kind != "decision":
            return None
        name = self._subject.key.rpartition("/")[2]
        taken = (e.event for e in self._entries if isinstance(e.event, DecisionTaken))
        return next((decision for decision in taken if decision.decision == name), None)

    def _path(self) -> frozenset[str]:
        if self._subject.kind == "decision":
            return frozenset(self.adoption.within(self.asked.adopts if self.asked else ()))
        found = {v.id for v in self._versions if any(map(self._changes, v.instruments))}
        while True:
            leading = {
                v.id for v in self._versions if any(self._leads(a, found) for a in v.instruments)
            }
            if leading <= found:
                return frozenset(found)
            found |= leading

    def _leads(self, act: Instrument, found: set[str]) -> bool:
        if not isinstance(act, AdoptReport):
            return False
        return not self.reports.get(act.document, set()).isdisjoint(found)

    def _changes(self, act: object) -> bool:
        return touches(self._subject, act)

    def proposals(self) -> Iterator[str]:
        """What the recommendations, as they read now, would make of the fact."""
        if (rewritten := self._rewritten()) is not None:
            draft = rewritten.draft
            yield f"{draft.text} ({rewritten.motion})" if draft else f"none ({rewritten.motion})"
            return
        latest = {version.id: version for version in self._versions}
        for name, version in latest.items():
            for act in filter(self._changes, version.instruments):
                yield f"{proposal(act)} ({name})"

    def _rewritten(self) -> MotionCarried | None:
        """The last motion that rewrote or deleted the provision asked about, as proposed."""
        if self._subject.kind != "provision":
            return None
        found: MotionCarried | None = None
        for entry in self._entries:
            event = entry.event
            if isinstance(event, MotionCarried) and (event.draft or event.removed):
                address = event.draft.address if event.draft else event.removed
                found = event if address == self._subject.key else found
        return found
