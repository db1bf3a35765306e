"""Explorations of possible relationships."""

from __future__ import annotations

from typing import ClassVar

from adapters.bootstrap import Register
from adapters.queries.entries import StoryStep, story_of_stream
from adapters.queries.moment import Moment, NotYet
from adapters.queries.named.hints import telling_kinds
from adapters.queries.named.names import key_found
from adapters.queries.named.places import every_name, gazetteer
from adapters.queries.rows import DatedRow, decided_later
from domain.partnerships.exploration import stream_of
from domain.places import Gazetteer
from domain.shared.messages import Citation
from domain.shared.text import folded
from projections.engine.read_model import LAST_DAY, Held
from projections.explorations import EXPLORATIONS, Exploration


class ExplorationRow(DatedRow):
    """One exploration. `basis` is `directed` by a decision, or `stated` by staff.

    `places` are codes; `reported_in` is the report that answered, null while none did.
    """

    SUBJECT: ClassVar[str] = "name"

    subject: str
    name: str
    places: tuple[str, ...]
    basis: str
    purpose: str | None
    report_owed: bool
    reported_in: str | None
    decision: str | None
    cites: tuple[Citation, ...]
    certain: bool


class WholeExploration(ExplorationRow):
    """One exploration with its steps."""

    steps: tuple[StoryStep, ...]


@telling_kinds
def exploration(register: Register, name: str, at: Moment) -> list[WholeExploration]:
    """Return one exploration by its subject, its name or a place. Raises `NothingRecorded`."""
    reader = register.reader(EXPLORATIONS)
    every = (h.state for h in reader.every(LAST_DAY, at.known))
    known = gazetteer(register, at)
    key = key_found("exploration", name, {row.subject: _names(row, known) for row in every})
    held = reader.every(at.on, at.known, {"subject": key})
    if not held:
        raise NotYet(exploration=key, as_of=at.on.isoformat())
    steps = tuple(story_of_stream(register, stream_of(key), at))
    return [
        WholeExploration.of(
            h.state,
            certain=h.certain,
            decided_later=decided_later(h.state.decided_on, at.on),
            steps=steps,
        )
        for h in held
    ]


def explorations(
    register: Register, at: Moment, *, search: str | None = None
) -> list[ExplorationRow]:
    """Return every exploration that may be open or answered.

    With words, only those that have them in name, purpose, or a name of a place or its country.
    """
    known = gazetteer(register, at)
    return [
        _row(held, at)
        for held in register.reader(EXPLORATIONS).every(at.on, at.known)
        if search is None
        or any(
            folded(search) in folded(words)
            for words in (*_names(held.state, known), held.state.purpose or "")
        )
    ]


def _names(row: Exploration, known: Gazetteer) -> tuple[str, ...]:
    """Return what an exploration is found by: its name, its places, and their countries."""
    called = every_name(known)
    places = [known.places[code] for code in row.places if code in known.places]
    countries = (name for place in places for name in (place.country, place.country_name))
    return (row.name, *(n for p in row.places for n in (p, *called.get(p, ()))), *countries)


def _row(held: Held[Exploration], at: Moment) -> ExplorationRow:
    later = decided_later(held.state.decided_on, at.on)
    return ExplorationRow.of(held.state, certain=held.certain, decided_later=later)
