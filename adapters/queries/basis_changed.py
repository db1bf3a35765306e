"""Acts that rested on a rule, decision or fact that is known to be otherwise now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from adapters.bootstrap import Register
from adapters.queries.moment import Moment, as_known
from adapters.queries.rows import DatedRow
from domain import policy
from domain.missions.messages import MissionProposed
from domain.partnerships import partnership
from domain.proceedings.matter import stream_of
from domain.programme.activities import ActivityCarriedOut
from domain.shared.dates import When
from domain.shared.history import History, Recorded, fold, lapses, standing_entries
from domain.shared.messages import DecisionRef, Event, ProvisionRef, StreamId
from domain.shared.timeline import acts_on_other_ground, name_of
from domain.timelines import TIMELINES, timeline_of
from projections.basis_changed import (
    RELIANCE,
    ChangedDecision,
    Reliance,
    changed_since,
    in_force_then,
    no_longer_so,
)
from projections.engine.read_model import Held, Phase
from projections.policy import POLICY_TEXT, Provision


class BasisRow(DatedRow):
    """An act, and what has changed of one provision or one decision that it rested on.

    In a row about a provision, `rested_on` is the version that the act named and `in_force_then`
    the one in force, as known now; in a row about a decision, `decision` is that decision.
    `changed` says what is no longer so, and `because` gives the reason of the correction. An act
    that changed a provision, a relationship or an exploration, or used a relationship, is listed
    where it rests on another state than was known when it was recorded, and where it lapsed.
    """

    SUBJECT: ClassVar[str] = "stream"

    on: When
    entry: str
    stream: str
    version: int
    decision: str | None
    provision: str | None = None
    rested_on: int | None = None
    in_force_then: int | None = None
    changed: tuple[str, ...]
    because: str | None = None
    certain: bool


def basis_changed(register: Register, at: Moment) -> list[BasisRow]:
    """Return acts whose basis has changed, a row for each provision and each decision."""
    return list(_rows(register, at))


def _rows(register: Register, at: Moment) -> Iterator[BasisRow]:
    known = _Known(register, at)
    yield from _regrounded(register, at)
    for held in register.reader(RELIANCE).every(at.on, at.known):
        for ref in held.state.provisions:
            yield from _on_provision(held, ref, known)
        itself = held.state.decision if held.state.entry == "decision-taken" else None
        if itself and (closed := known.no_longer_so(itself)):
            yield _row(held, changed=closed.what, because=closed.because)
        for cited in _behind(held.state, known):
            change = changed_since(cited, known.matter(cited.matter), held.phase.known_from)
            if change:
                decision = f"{cited.matter}/{cited.decision}"
                yield _row(held, decision=decision, changed=change.what, because=change.because)


def _regrounded(register: Register, at: Moment) -> Iterator[BasisRow]:
    """Yield acts that rest on another state of their own stream, or of a city's, than was known."""
    names = tuple(s for kind in (*TIMELINES, "mission", "year") for s in _streams(register, kind))
    streams = as_known(register, names, at)
    for stream, entries in streams.items():
        timeline = timeline_of(stream)
        for lapse, entry in lapses(entries):
            if entry.event.decided_on.first <= at.on:
                by = _decision(entry.event.authority)
                yield _of(entries[lapse.version - 1], f"lapsed by {by}", lapse.reason)
        if timeline:
            for found in acts_on_other_ground(timeline, entries):
                if found.entry.event.effective_from.first <= at.on:
                    because = _corrected_since(found.entry, entries)
                    yield _of(found.entry, f"rested on: {found.then}, now {found.now}", because)
        else:
            for entry in standing_entries(entries):
                if entry.event.effective_from.first <= at.on:
                    yield from _on_cities(entry, streams)


def _streams(register: Register, kind: str) -> Iterator[StreamId]:
    yield from register.log.streams(kind)
    if kind == policy.STREAM:
        yield policy.STREAM


def _on_cities(
    act: Recorded[Event], streams: Mapping[StreamId, Sequence[Recorded[Event]]]
) -> Iterator[BasisRow]:
    """Yield a row for each city of an act that was something else then, as known now."""
    for city in _cities(act.event):
        entries = streams.get(partnership.stream_of(city), ())
        then = _what_it_is([e for e in entries if e.position < act.position], act.event)
        now = _what_it_is(entries, act.event)
        if then != now:
            because = _corrected_since(act, entries)
            yield _of(act, f"{city} rested on: {then}, now {now}", because)


def _corrected_since(act: Recorded[Event], entries: Iterable[Recorded[Event]]) -> str | None:
    """Return the reasons of the corrections that were recorded after the act."""
    later = (e.event.replaces for e in entries if e.position > act.position)
    return "; ".join(dict.fromkeys(each.reason for each in later if each)) or None


def _cities(event: Event) -> Iterator[str]:
    match event:
        case MissionProposed(outline=outline):
            yield from (stop.place.code for stop in outline.stops)
        case ActivityCarriedOut(place=place):
            yield place.code
        case _:
            return


def _what_it_is(entries: Sequence[Recorded[Event]], act: Event) -> str:
    history: History[Any] = History(tuple(entries), len(entries))
    state = fold(
        partnership.evolve, partnership.Relationship(), history.on(act.effective_from.last)
    )
    return partnership.relationship_in_words(state)


def _of(act: Recorded[Event], changed: str, because: str | None = None) -> BasisRow:
    return BasisRow(
        on=act.event.decided_on,
        entry=name_of(act.event),
        stream=act.stream,
        version=act.version,
        decision=_decision(act.event.authority),
        changed=(changed,),
        because=because,
        certain=True,
    )


def _decision(by: DecisionRef | None) -> str | None:
    return f"{by.matter}/{by.decision}" if by else None


class _Known:
    """Provisions and entries as far as they were known, each read once."""

    def __init__(self, register: Register, at: Moment) -> None:
        texts = register.reader(POLICY_TEXT)

        @cache
        def phases(address: str) -> Sequence[Phase[Provision]]:
            return texts.history(address, at.known)

        @cache
        def entries(stream: StreamId) -> Sequence[Recorded[Event]]:
            return as_known(register, (stream,), at)[stream]

        self.phases, self.entries = phases, entries

    def matter(self, name: str) -> Sequence[Recorded[Event]]:
        return self.entries(stream_of(name))

    def no_longer_so(self, decision: str) -> ChangedDecision | None:
        matter, _, name = decision.partition("/")
        return no_longer_so(name, self.matter(matter))


def _on_provision(held: Held[Reliance], ref: ProvisionRef, known: _Known) -> Iterator[BasisRow]:
    """Yield a row where another version was in force, or where the decision on it has changed."""
    then = in_force_then(held.state.on, known.phases(ref.address))
    rested_on = next((state for state in then if state.version == ref.version), None)
    named = {"provision": ref.address, "rested_on": ref.version}
    if rested_on is None:
        changed = "another version in force" if then else "not in force"
        in_force = then[0].version if then else None
        yield _row(held, **named, in_force_then=in_force, changed=(changed,))
    elif rested_on.decision and (gone := known.no_longer_so(rested_on.decision)):
        told = tuple(f"{rested_on.decision}: {what}" for what in gone.what)
        in_force = ref.version
        yield _row(held, **named, in_force_then=in_force, changed=told, because=gone.because)


def _behind(act: Reliance, known: _Known) -> Iterator[DecisionRef]:
    """Yield the decisions that an act cites, and those behind each correction that led to it."""
    cited = dict.fromkeys(act.authorities)
    version = act.corrects
    while version is not None:
        corrected = known.entries(StreamId(act.stream))[version - 1].event.replaces
        if corrected and isinstance(corrected.authority, DecisionRef):
            cited[corrected.authority] = None
        version = corrected.version if corrected else None
    yield from cited


def _row(held: Held[Reliance], **further: object) -> BasisRow:
    return BasisRow.of(held.state, **{"certain": held.certain, **further})
