"""Terms of Council: the periods that visits are counted over, recorded and never assumed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from domain.dates import When
from domain.facts import TermOfCouncil
from domain.kernel import Basis, Command, Event, Invalid, Refusal, Ruling, StreamId

STREAM = StreamId("terms-of-council")


class RecordTermOfCouncil(Command):
    """Enter a term of Council by its first and, where known, last day."""

    KIND: ClassVar[str] = "record-term-of-council"

    term: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    begins: When
    ends: When | None = None

    @property
    def item(self) -> str:
        """The term."""
        return self.term


class TermOfCouncilRecorded(Event):
    """A term of Council begins and ends on these days; said again, it replaces what was known."""

    TOPIC: ClassVar[str] = "term-of-council-recorded.v1"

    term: TermOfCouncil


class TermsOverlap(Refusal):
    """A day lies in one term of Council at most."""

    rule = "M8"

    def __init__(self, term: str, other: str) -> None:
        super().__init__(term=term, other=other)


class TermEndsBeforeItBegins(Invalid):
    """A term of Council ends after it begins."""

    def __init__(self, term: str, begins: When, ends: When) -> None:
        super().__init__(term=term, begins=str(begins), ends=str(ends))


@dataclass(frozen=True, slots=True)
class Terms:
    """Every term recorded, in the order of their first days."""

    terms: tuple[TermOfCouncil, ...] = ()


def decide(state: Terms, command: RecordTermOfCouncil, basis: Basis) -> Ruling:
    """A term overlaps no other one."""
    term = TermOfCouncil(term=command.term, begins=command.begins, ends=command.ends)
    if command.ends and command.ends.last < command.begins.first:
        raise TermEndsBeforeItBegins(command.term, command.begins, command.ends)
    if term in state.terms:
        return Ruling(())
    for other in state.terms:
        if other.term != term.term and _overlap(term, other):
            raise TermsOverlap(term.term, other.term)
    return Ruling((TermOfCouncilRecorded(term=term, **basis),))


def _overlap(one: TermOfCouncil, other: TermOfCouncil) -> bool:
    """Whether they surely share a day."""
    latest = max(one.begins.last, other.begins.last)
    earliest = min(t.ends.first if t.ends else date.max for t in (one, other))
    return latest <= earliest


def evolve(state: Terms, event: TermOfCouncilRecorded) -> Terms:
    """The terms after one more event."""
    others = (t for t in state.terms if t.term != event.term.term)
    ordered = sorted((*others, event.term), key=lambda t: (t.begins.first, t.begins.last))
    return replace(state, terms=tuple(ordered))
