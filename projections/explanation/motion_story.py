"""A matter's items read for one motion: what was before it, and what became of its change."""

from __future__ import annotations

from collections.abc import Sequence

from domain.proceedings.decisions import ADOPTING, DecisionTaken, MatterReopened
from domain.proceedings.motions import (
    MotionCarried,
    MotionFailed,
    MotionMoved,
    SubjectTo,
    added_by,
)
from domain.proceedings.papers import ReportSubmitted
from domain.shared.history import Recorded
from domain.shared.messages import Event
from projections.explanation.carriers import Carriers
from projections.explanation.motion_fate import MotionFate
from projections.explanation.parts import PASSED_ON, Part, Weight


class MotionStory:
    """The other items of the matter of a motion, each with its part in the story of the motion."""

    def __init__(self, motion: str, entries: Sequence[Recorded[Event]], carriers: Carriers) -> None:
        self._motion = motion
        self._entries = entries
        self._carriers = carriers
        self._adoption = carriers.adoption
        self._fate = MotionFate(motion, entries)

    def report(self, event: ReportSubmitted) -> Part | None:
        """Return the part of a report."""
        made = self._carriers.reports[event.document]
        weight = self._weight(event.document)
        if made & self._carriers.own:
            return Part("recommends the text that it changes", weight)
        if made & self._carriers.path:
            return Part("recommends the adoption of that text", weight)
        return None

    def motion(self, event: MotionMoved, outcome: Recorded[Event] | None) -> Part | None:
        """Return the part of another motion."""
        if event.motion in self._fate.amends:
            return Part("is the motion that it amends")
        if deed := self._fate.deed(event.motion):
            return Part(deed.did, Weight.FOLLOWS)
        carried = outcome.event if outcome else None
        what = self._did(event)
        if what is None:
            asked = isinstance(event.operation, SubjectTo) and self._struck(event.motion)
            return Part("asked for the change that it struck", Weight.ALLOWS) if asked else None
        if isinstance(carried, MotionCarried):
            return Part(what, self._weight(event.motion))
        ended = carried.result.value if isinstance(carried, MotionFailed) else "not voted on"
        return Part(f"would have {what}; {ended}", Weight.SPEAKS)

    def _struck(self, condition: str) -> bool:
        """True if the motion asked about struck the change that an earlier one had asked for."""
        deed = MotionFate(condition, self._entries).deed(self._motion)
        return deed is not None and deed.ends is True

    def _did(self, event: MotionMoved) -> str | None:
        """Say what another motion did, or would have done, to the text of the one asked about."""
        if {one.id for one in added_by(event.operation)} & self._carriers.own:
            return "put in the text that it changes"
        if self._fate.targets(event.motion).isdisjoint(self._fate.targets(self._motion)):
            return None
        conditional = isinstance(event.operation, SubjectTo)
        return "made the same text conditional" if conditional else "changed the same text"

    def decision(self, event: DecisionTaken) -> Part | None:
        """Return the part of a decision."""
        later = self._fate.is_later(event.decision)
        weight = Weight.FOLLOWS if later else Weight.SPEAKS
        path = self._carriers.path
        if path & {one.id for one in event.recommends}:
            if later:
                return Part(self._fate.recommended(event), weight)
            return Part("recommended the text that it changes")
        if event.kind in ADOPTING:
            adopted = self._adoption.adopted(event)
            if path & adopted:
                with_or_without = self._fate.adopted(event, adopted)
                return Part(with_or_without if later else "adopted the text before", weight)
            passed_over = self._fate.passed_over(event) if later else None
            return Part(passed_over, weight) if passed_over else None
        if path and event.kind in PASSED_ON:
            return Part(PASSED_ON[event.kind], weight)
        return None

    def reopening(self, event: MatterReopened) -> Part:
        """Return the part of a reopening: one before the motion allowed it to be moved."""
        later = self._fate.is_later(event.decision)
        return Part("took the matter up again", Weight.FOLLOWS if later else Weight.ALLOWS)

    def _weight(self, name: str) -> Weight:
        return Weight.FOLLOWS if self._fate.is_later(name) else Weight.PROPOSES
