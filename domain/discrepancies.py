"""Where the sources disagree: noted with their places, and settled by decisions only."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import ClassVar, assert_never

from pydantic import Field

from domain.dates import When
from domain.items import ItemId, content
from domain.kernel import (
    Basis,
    Citation,
    Command,
    Conflict,
    DecisionRef,
    Event,
    Refusal,
    StreamId,
    Value,
)


class Passage(Value):
    """One of the places that disagree: what is said there, and the figure where there is one."""

    at: Citation
    says: str = Field(min_length=1)
    figure: int | None = None


class Disagreement(Value):
    """What disagrees with what. `about` names what it concerns, such as `outbound/2` or `UA-KIEV`.

    `number` is its place in a list of such, where it stands in one.
    """

    discrepancy: ItemId
    title: str = Field(min_length=1)
    passages: tuple[Passage, ...] = Field(min_length=2)
    about: tuple[str, ...] = ()
    number: int | None = Field(default=None, ge=1)


class NoteDiscrepancy(Disagreement, Command):
    """Enter that the sources disagree, as of the day of the later one."""

    KIND: ClassVar[str] = "note-discrepancy"

    @property
    def item(self) -> str:
        """The discrepancy."""
        return self.discrepancy


class SettleDiscrepancy(Command):
    """Enter which decision settled it, and how."""

    KIND: ClassVar[str] = "settle-discrepancy"

    discrepancy: ItemId
    authority: DecisionRef
    how: str = Field(min_length=1)

    @property
    def item(self) -> str:
        """The discrepancy."""
        return self.discrepancy


class DiscrepancyNoted(Disagreement, Event):
    """The sources disagree here; nothing settles it yet."""

    TOPIC: ClassVar[str] = "discrepancy-noted.v1"


class DiscrepancySettled(Event):
    """A decision settled what the sources disagree on."""

    TOPIC: ClassVar[str] = "discrepancy-settled.v1"

    discrepancy: str
    how: str


DiscrepancyEvent = DiscrepancyNoted | DiscrepancySettled


class UnknownDiscrepancy(Refusal):
    """No such discrepancy was noted."""

    rule = "K2"

    def __init__(self, discrepancy: str) -> None:
        super().__init__(discrepancy=discrepancy)


class AlreadySettled(Refusal):
    """A decision settled the discrepancy before."""

    rule = "K2"

    def __init__(self, discrepancy: str, by: DecisionRef | None) -> None:
        super().__init__(discrepancy=discrepancy, by=by)


class DecidedBefore(Refusal):
    """A decision taken before the sources disagreed does not settle it."""

    rule = "K2"

    def __init__(self, discrepancy: str, since: When, decided_on: When) -> None:
        super().__init__(discrepancy=discrepancy, since=str(since), decided_on=str(decided_on))


class NotedOtherwise(Conflict):
    """Something else was noted under this name."""

    def __init__(self, discrepancy: str) -> None:
        super().__init__(discrepancy=discrepancy)


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One discrepancy. `opened` is one that a plan opened by itself, under rule B2."""

    noted: Disagreement | None = None
    since: When | None = None
    opened: bool = False
    settled: DiscrepancySettled | None = None


def stream_of(discrepancy: str) -> StreamId:
    """The stream of a discrepancy."""
    return StreamId(f"discrepancy/{discrepancy}")


def of_plan(year: int, limit: str) -> str:
    """The name of what opens by itself when provisions state two figures for one limit (B2)."""
    return f"plan-{year}-{re.sub('[^a-z0-9]+', '-', limit.casefold()).strip('-')}"


def note(state: Discrepancy, command: NoteDiscrepancy, basis: Basis) -> tuple[Event, ...]:
    """Enter a discrepancy once; nobody settles it in passing."""
    disagreement = Disagreement(**content(Disagreement, command))
    if state.noted == disagreement:
        return ()
    if state.noted or state.opened:
        raise NotedOtherwise(command.discrepancy)
    return (DiscrepancyNoted(**content(Disagreement, command), **basis),)


def settle(state: Discrepancy, command: SettleDiscrepancy, basis: Basis) -> DiscrepancySettled:
    """Enter the decision that settled a discrepancy (rule K2)."""
    if not (state.noted or state.opened):
        raise UnknownDiscrepancy(command.discrepancy)
    if state.settled:
        raise AlreadySettled(command.discrepancy, state.settled.authority)
    if state.since and basis["decided_on"].first < state.since.first:
        raise DecidedBefore(command.discrepancy, state.since, basis["decided_on"])
    return DiscrepancySettled(discrepancy=command.discrepancy, how=command.how, **basis)


def evolve(state: Discrepancy, event: DiscrepancyEvent) -> Discrepancy:
    """The discrepancy after one more event."""
    match event:
        case DiscrepancyNoted():
            noted = Disagreement(**content(Disagreement, event))
            return replace(state, noted=noted, since=event.effective_from)
        case DiscrepancySettled():
            return replace(state, settled=event)
        case _:
            assert_never(event)
