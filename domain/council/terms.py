"""Terms of the council: the periods that visits are counted over, recorded and never assumed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from domain.shared.dates import When
from domain.shared.findings import Ruling
from domain.shared.messages import Basis, Command, Event, Slug, StreamId, Value
from domain.shared.problems import Invalid, Refusal
from domain.shared.timeline import Timeline


class TermOfCouncil(Value):
    """A period that visits are counted over; `ends` is `None` while nobody knows."""

    term: str
    begins: When
    ends: When | None = None

    def touches(self, when: When) -> bool:
        """True if the day may lie in the term."""
        return when.last >= self.begins.first and (
            self.ends is None or when.first <= self.ends.last
        )


STREAM = StreamId("terms-of-council")


class RecordTermOfCouncil(Command):
    """Enter a term of the council by its first and, where known, last day."""

    KIND: ClassVar[str] = "record-term-of-council"

    term: Slug
    begins: When
    ends: When | None = None

    @property
    def item(self) -> str:
        """The term."""
        return self.term


class TermOfCouncilRecorded(Event):
    """A term begins and ends on these days; said again, it replaces what was known."""

    TOPIC: ClassVar[str] = "term-of-council-recorded.v1"

    term: TermOfCouncil


class TermsOverlap(Refusal):
    """Terms of the council must not overlap."""

    rule = "M8"
    term: str
    other: str


class TermEndsBeforeItBegins(Invalid):
    """A term of the council must end after it begins."""

    term: str
    begins: When
    ends: When


@dataclass(frozen=True, slots=True)
class Terms:
    """Every term recorded, in the order of their first days."""

    terms: tuple[TermOfCouncil, ...] = ()


def decide(state: Terms, command: RecordTermOfCouncil, basis: Basis) -> Ruling:
    """Enter a term of the council that overlaps no other one."""
    term = TermOfCouncil(term=command.term, begins=command.begins, ends=command.ends)
    if command.ends and command.ends.last < command.begins.first:
        raise TermEndsBeforeItBegins(term=command.term, begins=command.begins, ends=command.ends)
    if term in state.terms:
        return Ruling(())
    event = TermOfCouncilRecorded(term=term, **basis)
    if refusal := objection(state, event):
        raise refusal
    return Ruling((event,))


def objection(state: Terms, event: TermOfCouncilRecorded) -> Refusal | None:
    """Return the refusal of a term that shares a day with another, if it does (rule M8)."""
    for other in state.terms:
        if other.term != event.term.term and _overlap(event.term, other):
            return TermsOverlap(term=event.term.term, other=other.term)
    return None


def _overlap(one: TermOfCouncil, other: TermOfCouncil) -> bool:
    """True if they surely share a day."""
    latest = max(one.begins.last, other.begins.last)
    earliest = min(t.ends.first if t.ends else date.max for t in (one, other))
    return latest <= earliest


def evolve(state: Terms, event: TermOfCouncilRecorded) -> Terms:
    """Return the terms after one more event."""
    others = (t for t in state.terms if t.term != event.term.term)
    ordered = sorted((*others, event.term), key=lambda t: (t.begins.first, t.begins.last))
    return replace(state, terms=tuple(ordered))


TIMELINE: Timeline[Terms, TermOfCouncilRecorded] = Timeline(
    rule="M8",
    nothing=Terms(),
    evolve=evolve,
    objection=objection,
    ground=lambda _state, _event: "",
    begins=(),
    refused=(TermsOverlap,),
    subject=lambda event: event.term.term,
)
"""How statements of terms follow one another: none lapses, since nobody decides a term."""
