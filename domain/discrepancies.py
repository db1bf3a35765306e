"""Discrepancies between the sources: noted with their places, and settled by decisions only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, assert_never

from pydantic import Field

from domain.shared.dates import When
from domain.shared.findings import Ruling
from domain.shared.messages import (
    Basis,
    Citation,
    Command,
    DecisionRef,
    Event,
    Slug,
    StreamId,
    Value,
    shared_fields,
)
from domain.shared.problems import Conflict, Refusal


class Passage(Value):
    """One of the places that disagree: what is said there, and the figure where there is one."""

    at: Citation
    says: str = Field(min_length=1)
    figure: int | None = None


class Disagreement(Value):
    """Passages that disagree. `about` names their subject, such as `outbound/2` or `UA-KIEV`.

    `number` is its place in a list of such, where it stands in one.
    """

    discrepancy: Slug
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

    discrepancy: Slug
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
    discrepancy: str


class AlreadySettled(Refusal):
    """A decision settled the discrepancy before."""

    rule = "K2"
    discrepancy: str
    by: DecisionRef | None


class DecidedBefore(Refusal):
    """A decision taken before the sources disagreed cannot settle the disagreement."""

    rule = "K2"
    discrepancy: str
    since: When
    decided_on: When


class NotedOtherwise(Conflict):
    """Something else was noted under this name."""

    discrepancy: str


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One discrepancy. `opened` is one that a plan opened by itself, under rule B2."""

    noted: Disagreement | None = None
    since: When | None = None
    opened: bool = False
    settled: DiscrepancySettled | None = None


def stream_of(discrepancy: str) -> StreamId:
    """Return the stream of a discrepancy."""
    return StreamId(f"discrepancy/{discrepancy}")


def of_plan(year: int, limit: str) -> str:
    """Name the discrepancy that a plan opens where provisions state two figures (rule B2)."""
    return f"plan-{year}-{re.sub('[^a-z0-9]+', '-', limit.casefold()).strip('-')}"


def decide(state: Discrepancy, act: NoteDiscrepancy | SettleDiscrepancy, basis: Basis) -> Ruling:
    """Apply rule K2: a discrepancy is noted once, and settled by a decision only."""
    match act:
        case NoteDiscrepancy():
            return _note(state, act, basis)
        case SettleDiscrepancy():
            return _settle(state, act, basis)
        case _:
            assert_never(act)


def _note(state: Discrepancy, act: NoteDiscrepancy, basis: Basis) -> Ruling:
    disagreement = Disagreement(**shared_fields(Disagreement, act))
    if state.noted == disagreement:
        return Ruling(())
    if state.noted or state.opened:
        raise NotedOtherwise(discrepancy=act.discrepancy)
    return Ruling((DiscrepancyNoted(**shared_fields(Disagreement, act), **basis),))


def _settle(state: Discrepancy, act: SettleDiscrepancy, basis: Basis) -> Ruling:
    name = act.discrepancy
    if not (state.noted or state.opened):
        raise UnknownDiscrepancy(discrepancy=name)
    if state.settled:
        raise AlreadySettled(discrepancy=name, by=state.settled.authority)
    decided_on = basis["decided_on"]
    if state.since and decided_on.first < state.since.first:
        raise DecidedBefore(discrepancy=name, since=state.since, decided_on=decided_on)
    return Ruling((DiscrepancySettled(discrepancy=name, how=act.how, **basis),))


def out_of_order(name: str, events: Iterable[DiscrepancyEvent]) -> Refusal | None:
    """Return the refusal of a settlement by a decision before the disagreement (rule K2)."""
    state = Discrepancy()
    for event in events:
        since, decided_on = state.since, event.decided_on
        settled = isinstance(event, DiscrepancySettled)
        if settled and since and decided_on.first < since.first:
            return DecidedBefore(discrepancy=name, since=since, decided_on=decided_on)
        state = evolve(state, event)
    return None


def evolve(state: Discrepancy, event: DiscrepancyEvent) -> Discrepancy:
    """Return the discrepancy after one more event."""
    match event:
        case DiscrepancyNoted():
            noted = Disagreement(**shared_fields(Disagreement, event))
            return replace(state, noted=noted, since=event.effective_from)
        case DiscrepancySettled():
            return replace(state, settled=event)
        case _:
            assert_never(event)
