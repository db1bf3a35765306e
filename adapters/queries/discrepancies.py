"""Discrepancies between the sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import ClassVar

from adapters.bootstrap import Register
from adapters.queries.moment import Moment, NotYet
from adapters.queries.named.hints import telling_kinds
from adapters.queries.named.names import About, key_found, keys_meant
from adapters.queries.named.places import gazetteer
from adapters.queries.rows import DatedRow
from domain.discrepancies import Passage
from domain.shared.dates import When
from domain.shared.messages import Citation
from domain.shared.text import folded
from projections.discrepancies import DISCREPANCIES, Discrepancy
from projections.engine.read_model import LAST_DAY, Held
from projections.explorations import EXPLORATIONS
from projections.policy import POLICY_TEXT, PROPOSALS


class DiscrepancyStatus(StrEnum):
    """The state of a discrepancy: open, or settled by a decision."""

    OPEN = "open"
    SETTLED = "settled"


class DiscrepancyRow(DatedRow):
    """One discrepancy; `figures` are those of its passages, in their order.

    `number` is the papers' own, null where a plan met it; `decision` and `how` are null until it
    is settled.
    """

    SUBJECT: ClassVar[str] = "discrepancy"

    discrepancy: str
    number: int | None
    title: str
    status: str
    since: When
    passages: tuple[Passage, ...]
    about: tuple[str, ...]
    decision: str | None
    how: str | None
    cites: tuple[Citation, ...]
    figures: tuple[int, ...]
    certain: bool


@telling_kinds
def discrepancies(
    register: Register,
    at: Moment,
    *,
    status: DiscrepancyStatus | None = None,
    about: str | None = None,
    search: str | None = None,
) -> list[DiscrepancyRow]:
    """Return discrepancies by number: all, those about something, or those with certain words.

    They may be about a provision, a group, a place or a subject. Raises `NothingRecorded` where
    `about` names nothing that the register knows.
    """
    rows = [_row(h) for h in register.reader(DISCREPANCIES).every(at.on, at.known)]
    if about is not None:
        subjects = keys_meant("about", about, _subjects(register, at))
        spoken_of = _places_spoken_of(register, subjects, at)
        rows = [
            row
            for row in rows
            if any(_within(each, subjects) for each in row.about)
            or (spoken_of and spoken_of.is_in(row.title, *(p.says for p in row.passages)))
        ]
    rows = [
        row
        for row in rows
        if status in (None, row.status) and (search is None or folded(search) in _words(row))
    ]
    return sorted(rows, key=lambda r: (r.number is None, r.number or 0, r.discrepancy))


@telling_kinds
def discrepancy(register: Register, name: str, at: Moment) -> list[DiscrepancyRow]:
    """Return one discrepancy by name or number.

    There is more than one row where the record cannot tell its state. Raises `NothingRecorded`,
    with names like it.
    """
    reader = register.reader(DISCREPANCIES)
    known = {
        held.key: (str(held.state.number),) if held.state.number else ()
        for held in reader.every(LAST_DAY, at.known)
    }
    key = key_found("discrepancy", name, known)
    held = reader.every(at.on, at.known, {"discrepancy": key})
    if not held:
        raise NotYet(discrepancy=key, as_of=at.on.isoformat())
    return [_row(h) for h in held]


def _subjects(register: Register, at: Moment) -> Mapping[str, Iterable[str]]:
    """Return everything that a discrepancy may be about, with its names."""
    places = gazetteer(register, at).places.values()
    names: dict[str, Iterable[str]] = {p.code: (p.name, *p.other_names) for p in places}
    for held in register.reader(EXPLORATIONS).every(LAST_DAY, at.known):
        names.setdefault(held.state.subject, (held.state.name,))
    for proposal in register.reader(PROPOSALS).every(LAST_DAY, at.known):
        names.setdefault(proposal.state.address, ())
    for provision in register.reader(POLICY_TEXT).every(LAST_DAY, at.known):
        names[provision.state.address] = (provision.state.heading,)
    for row in register.reader(DISCREPANCIES).every(LAST_DAY, at.known):
        names |= {subject: () for subject in row.state.about if subject not in names}
    groups = {key.rpartition("/")[0] for key in names} - {""}
    return {**dict.fromkeys(groups, ()), **names}


def _places_spoken_of(register: Register, keys: Iterable[str], at: Moment) -> About | None:
    """Return those keys that are places, to be found in texts by any of their names."""
    places = gazetteer(register, at).places
    found = [places[key] for key in keys if key in places]
    names = frozenset(name for place in found for name in (place.name, *place.other_names))
    return About(found[0].name, names) if found else None


def _words(row: DiscrepancyRow) -> str:
    return "\n".join(map(folded, (row.title, *(passage.says for passage in row.passages))))


def _within(subject: str, asked: tuple[str, ...]) -> bool:
    return any(subject == each or subject.startswith(f"{each}/") for each in asked)


def _row(held: Held[Discrepancy]) -> DiscrepancyRow:
    figures = tuple(p.figure for p in held.state.passages if p.figure is not None)
    return DiscrepancyRow.of(held.state, figures=figures, certain=held.certain)
