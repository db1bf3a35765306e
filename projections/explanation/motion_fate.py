"""The fate of one motion: what later motions did to its change, and which decisions took it up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.instruments import (
    AmendProvision,
    DeleteProvision,
    ReplaceProvision,
    StrikeFromProvision,
)
from domain.proceedings.decisions import DecisionTaken, MatterReopened
from domain.proceedings.matter import MatterOpened
from domain.proceedings.motions import (
    Add,
    Amend,
    DeleteAndInsert,
    MotionCarried,
    MotionFailed,
    MotionMoved,
    Move,
    Operation,
    Renumber,
    Strike,
    SubjectTo,
    Substitute,
    added_by,
    targets_of,
)
from domain.proceedings.papers import ReportSubmitted
from domain.proceedings.recommendations import Recommendation, drafts_of
from domain.shared.history import Recorded
from domain.shared.messages import Event
from domain.shared.text_changes import (
    AddItem,
    AddWords,
    ChangeHeading,
    ChangeItem,
    InsertAfter,
    InsertBefore,
    ReplaceWords,
    StrikeItem,
    StrikeWords,
    TextChange,
)

MOTION = "motion/"


class Deed(NamedTuple):
    """A later motion, and its effect on the change of the motion asked about.

    `ends` is true if nothing of the change is left in this text, and `None` if the record cannot
    tell.
    """

    motion: str
    did: str
    ends: bool | None = False


@dataclass(slots=True)
class _Text:
    """A text that the motion changed, or that has its condition, and the later deeds on it."""

    words: str | None = None
    deeds: list[Deed] = field(default_factory=list[Deed])

    @property
    def ended(self) -> Deed | None:
        """The last deed after which nothing of the change is left, or may be."""
        return next((deed for deed in reversed(self.deeds) if deed.ends is not False), None)


class MotionFate:
    """The motion asked about, and the later acts of its matter on the texts that it changed."""

    def __init__(self, motion: str, entries: Sequence[Recorded[Event]]) -> None:
        self._motion = motion
        self._events = [entry.event for entry in entries]
        moved = (event for event in self._events if isinstance(event, MotionMoved))
        self._moved = {event.motion: event for event in moved}
        self._reads = {name: event.operation for name, event in self._moved.items()}
        self._last: dict[str, int] = {}
        for number, event in enumerate(self._events):
            if isinstance(event, MotionMoved | MotionCarried | MotionFailed):
                self._last[event.motion] = number
            if isinstance(event, DecisionTaken | MatterReopened):
                self._last[event.decision] = number
            if isinstance(event, ReportSubmitted):
                self._last[event.document] = number
            if isinstance(event, MotionCarried) and event.amends and event.operation:
                self._reads[event.amends] = event.operation
        self.amends = tuple(self._pending())
        self.carried = False
        self._texts: dict[str, _Text] = {}
        self._conditional: dict[str, _Text] = {}
        self._proposed: dict[str, dict[str, str]] = {}
        self._deeds: dict[str, Deed] = {}
        self._left: dict[str, Deed | None] = {}
        self._trace()

    def _pending(self) -> Iterator[str]:
        """Yield the motion that this one amends, and what that one amends in turn."""
        moved = self._moved.get(self._motion)
        while moved:
            target = str(getattr(moved.operation, "target", ""))
            if not target.startswith(MOTION):
                return
            name = target.removeprefix(MOTION).partition("/")[0]
            yield name
            moved = self._moved.get(name)

    # What may be asked

    def is_later(self, name: str) -> bool:
        """True if a motion was voted on, a decision taken or a report made after the motion."""
        return self._last.get(name, 0) > self._last.get(self._motion, 0)

    def targets(self, motion: str) -> frozenset[str]:
        """Return what a motion is on; of one that amends another, that one and what it is on."""
        moved = self._moved.get(motion)
        named = targets_of(moved.operation) if moved else ()
        pending = {t.split("/")[1] for t in named if t.startswith(MOTION)}
        return frozenset(named).union(*map(self.targets, sorted(pending)))

    def deed(self, motion: str) -> Deed | None:
        """Return what another motion, carried after this one, did to its change."""
        return self._deeds.get(motion)

    def recommended(self, taken: DecisionTaken) -> str:
        """Say how a later decision recommended the text: with the motion's change, or without."""
        if self._is_condition and self.carried:
            made = {one.id for one in taken.recommends}
            taken_up = bool(made & self._conditional.keys())
            return f"recommended the text {'with' if taken_up else 'without'} its change"
        return f"recommended {self._as_left(taken)}"

    def adopted(self, taken: DecisionTaken, adopted: frozenset[str]) -> str:
        """Say how a later decision adopted the text: with the motion's change, or without."""
        if self._is_condition and self.carried and adopted.isdisjoint(self._conditional):
            same = taken.body == self._moved[self._motion].body
            return f"adopted the text {'with' if same else 'without'} its change"
        return f"adopted {self._as_left(taken)}"

    def passed_over(self, taken: DecisionTaken) -> str | None:
        """Say why nothing of the change is in what a later decision adopted."""
        deed = self._left.get(taken.decision)
        if deed and deed.ends:
            return f"adopted {self._as_left(taken)}"
        deleted = self._texts and all(text.words is None for text in self._texts.values())
        return "adopted the rest, without the text that it deleted" if deleted else None

    def _as_left(self, taken: DecisionTaken) -> str:
        if not self.carried:
            return "the text without its change"
        deed = self._left.get(taken.decision)
        if deed is None:
            put_in = isinstance(self._reads.get(self._motion), Add | Substitute)
            return "the text that it put in" if put_in else "the text with its change"
        if deed.ends is None:
            return f"the text as {deed.motion} left it"
        return f"the text without its change: {deed.motion} {deed.did}"

    @property
    def _is_condition(self) -> bool:
        return self._condition() is not None

    def _condition(self) -> SubjectTo | None:
        moved = self._moved.get(self._motion)
        operation = moved.operation if moved else None
        return operation if isinstance(operation, SubjectTo) else None

    # How it went

    def _trace(self) -> None:
        for event in self._events:
            match event:
                case MotionCarried():
                    self._follow(event)
                case MotionFailed() if self.carried and event.motion in self.amends:
                    for text in self._texts.values():
                        text.deeds.append(
                            Deed(event.motion, f"was {event.result.value}", ends=True)
                        )
                case DecisionTaken():
                    self._note(event)
                    self._propose(event.recommends)
                case ReportSubmitted() | MatterOpened():
                    self._propose(event.recommendations)
                case _:
                    pass

    def _propose(self, several: Iterable[Recommendation]) -> None:
        """Remember the provisions that each recommendation proposes, with their texts."""
        for one in several:
            self._proposed[one.id] = _drafted(one)

    def _note(self, taken: DecisionTaken) -> None:
        """Keep what is left of the change at a decision, and the recommendations with it."""
        if not self.carried:
            return
        condition = self._condition()
        texts = self._conditional if condition else self._texts
        ended = [text.ended for text in texts.values()]
        self._left[taken.decision] = ended[-1] if ended and all(ended) else None
        for one in taken.recommends if condition else ():
            same_body = taken.body == self._moved[self._motion].body
            acts = condition.instruments if condition else ()
            if set(map(repr, acts)) <= set(map(repr, one.instruments)) if acts else same_body:
                self._conditional[one.id] = _Text(one.text)

    def _follow(self, event: MotionCarried) -> None:
        made = self._made(event)
        if event.motion == self._motion:
            self.carried = True
            self._texts = {name: _Text(words) for name, words in _left_in(made).items()}
        elif self.carried and event.motion in self.amends:
            deeds = [deed for text in self._texts.values() for deed in text.deeds]
            self._texts = {name: _Text(words, [*deeds]) for name, words in _left_in(made).items()}
        elif self.carried:
            for name, text in self._conditional.items():
                self._on_condition(event, name, text)
            for name, text in self._texts.items():
                if name not in made:
                    continue
                self._did(text, self._deed(event, text.words, made[name]))
                text.words = made[name]
        self._propose(event.recommended)
        for drafts in self._proposed.values():
            drafts.update({d.address: d.text for d in event.redrafted if d.address in drafts})

    def _did(self, text: _Text, deed: Deed) -> None:
        text.deeds.append(deed)
        self._deeds[deed.motion] = deed

    def _on_condition(self, event: MotionCarried, name: str, text: _Text) -> None:
        """Say what a motion did to a recommendation that has the condition asked about."""
        read = {one.id: one for one in event.recommended}
        condition = self._condition()
        if name in event.dropped and name not in read:
            self._did(text, Deed(event.motion, "deleted the text that has its change", ends=True))
        elif name in read and condition:
            acts, kept = map(repr, condition.instruments), map(repr, read[name].instruments)
            if not set(acts) <= set(kept):
                self._did(text, Deed(event.motion, "struck its change", ends=True))
            else:
                sure = False if condition.instruments else None
                self._did(text, Deed(event.motion, "changed the text that has its change", sure))

    def _deed(self, event: MotionCarried, before: str | None, after: str | None) -> Deed:
        """Return what a carried motion did to a text that the motion asked about had changed."""
        operation, own = self._reads.get(event.motion), self._reads.get(self._motion)
        if isinstance(operation, Renumber | Move):
            return Deed(event.motion, "gave the text another number")
        if isinstance(operation, Substitute):
            return Deed(event.motion, "put another text in its place", ends=True)
        if after is None:
            return Deed(event.motion, "deleted the text", ends=True)
        put = [words.strip() for words in _put_in(own)]
        if isinstance(operation, DeleteAndInsert):
            kept = isinstance(own, Amend) and any(words in after for words in put)
            did = "changed the same text" if kept else "put another text in its place"
            return Deed(event.motion, did, ends=not kept)
        if isinstance(own, Strike) and own.words in after and own.words not in (before or ""):
            return Deed(event.motion, "put back the words that it had struck", ends=True)
        struck = [*_taken_out(operation)]
        gone = [words for words in put if not after or words not in after]
        if put and all(any(words in each for each in struck) for words in gone) and gone == put:
            return Deed(event.motion, "struck the words that it had put in", ends=True)
        declared = getattr(operation, "enter", None) == "declared" and isinstance(own, Amend)
        if put and declared and after and gone == put:
            return Deed(event.motion, "struck the words that it had put in", ends=True)
        return Deed(event.motion, "changed the same text")

    def _made(self, event: MotionCarried) -> dict[str, str | None]:
        """Return the texts that a carried motion changed, as they read by it; `None` if deleted.

        A text in force that is amended reads in a way that the matter does not have: it is empty.
        """
        if event.amends:
            return {f"{MOTION}{event.amends}": " ".join(_put_in(event.operation))}
        made: dict[str, str | None] = {}
        for name in event.dropped:
            made[f"recommendation/{name}"] = None
            made |= {f"provision/{address}": None for address in self._proposed.get(name, ())}
        for one in event.recommended:
            in_force = dict(_in_force(one))
            made |= in_force or {f"recommendation/{one.id}": one.text}
            before, now = self._proposed.get(one.id, {}), _drafted(one)
            changed = {a: now.get(a) for a in before | now if now.get(a) != before.get(a)}
            made |= {f"provision/{address}": text for address, text in changed.items()}
        made |= {f"provision/{draft.address}": draft.text for draft in event.redrafted}
        return made | ({f"provision/{event.removed}": None} if event.removed else {})


def _left_in(made: Mapping[str, str | None]) -> Mapping[str, str | None]:
    """Return the texts that a motion gave; those that it deleted where it gave none."""
    return {name: words for name, words in made.items() if words is not None} or made


def _drafted(one: Recommendation) -> dict[str, str]:
    return {draft.address: draft.text for act in one.instruments for draft in drafts_of(act)}


def _in_force(one: Recommendation) -> Iterator[tuple[str, str | None]]:
    """Yield the provisions in force that a motion's recommendation amends, as they then read."""
    for act in one.instruments:
        match act:
            case ReplaceProvision(address=address, text=text):
                yield f"provision/{address}", text
            case DeleteProvision(address=address):
                yield f"provision/{address}", None
            case StrikeFromProvision(address=address) | AmendProvision(address=address):
                yield f"provision/{address}", act.declared or ""
            case _:
                pass


def _put_in(operation: Operation | None) -> Iterator[str]:
    """Yield the words that an operation puts in."""
    match operation:
        case DeleteAndInsert(text=text):
            yield text
        case Add() | Substitute():
            yield from (one.text for one in added_by(operation))
        case SubjectTo(change=change):
            yield change
        case Amend(changes=changes):
            yield from filter(None, map(_words_put_in, changes))
        case _:
            return


def _words_put_in(change: TextChange) -> str | None:
    match change:
        case InsertBefore(words=words) | InsertAfter(words=words) | AddWords(words=words):
            return words
        case ReplaceWords(by=words) | ChangeItem(becomes=words) | ChangeHeading(becomes=words):
            return words
        case AddItem(item=words):
            return words
        case StrikeWords() | StrikeItem():
            return None


def _taken_out(operation: Operation | None) -> Iterator[str]:
    """Yield the words that an operation takes out of a text."""
    match operation:
        case Strike(words=words):
            yield words
        case Amend(changes=changes):
            for change in changes:
                match change:
                    case StrikeWords(words=words) | ReplaceWords(words=words):
                        yield words
                    case StrikeItem(item=item) | ChangeItem(item=item):
                        yield item
                    case _:
                        pass
        case _:
            return
