"""Matters by their name, by any number that leads to them, or by title."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.bootstrap import Register
from adapters.queries.moment import InCamera, Moment, NothingRecorded
from adapters.queries.named.names import SeveralOfThisName, key_found
from domain.proceedings.matter import stream_of
from domain.shared.text import folded
from projections.engine.read_model import LAST_DAY
from projections.matters import DECISION_RECORD


def matter_of(register: Register, name: str, at: Moment) -> str:
    """Return the id of a matter, by it, a number, its reference or its title, in this order.

    In a number every mark counts, unlike in a title: 2024.EC1.35 is not 2024.EC13.5. Raises
    `NothingRecorded`, with names like it, `InCamera` for a matter that is not public, and
    `SeveralOfThisName`.
    """
    every = register.reader(DECISION_RECORD).every(LAST_DAY, at.known, {"kind": "matter"})
    rows = [held.state for held in every]
    if any(row.matter == name for row in rows):
        return name
    asked = name.strip().casefold()
    numbers = {row.matter: (row.matter, *row.numbers, row.reference or "") for row in rows}
    meant = tuple(m for m, given in numbers.items() if asked in (n.casefold() for n in given))
    if len(meant) > 1:
        raise SeveralOfThisName(what="matter", name=name, meant=meant)
    if meant:
        return meant[0]
    words = folded(name)
    titled = tuple(
        row.matter
        for row in rows
        if words == folded(row.title) or ("." not in row.matter and words == folded(row.matter))
    )
    if len(titled) > 1:
        raise SeveralOfThisName(what="matter", name=name, meant=titled)
    if titled:
        return titled[0]
    for matter in _not_public(register, at):
        if asked == matter.casefold() and withheld(register, matter, at):
            raise InCamera(matter=matter)
    like = key_found(
        "matter", name, {row.matter: (row.title, *row.numbers, row.reference or "") for row in rows}
    )
    raise NothingRecorded(matter=name, near=(like,))


def held_in_camera(register: Register, at: Moment) -> tuple[str, ...]:
    """Return the matters of which nothing is public but that they are in camera."""
    return tuple(name for name in _not_public(register, at) if withheld(register, name, at))


def _not_public(register: Register, at: Moment) -> Iterator[str]:
    """Yield the matters of which nothing is public; most of them are recorded later."""
    every = register.reader(DECISION_RECORD).every(LAST_DAY, at.known, {"kind": "matter"})
    public = {held.state.matter for held in every}
    names = (stream.partition("/")[2] for stream in sorted(register.log.streams("matter")))
    return (name for name in names if name not in public)


def withheld(register: Register, matter: str, at: Moment) -> int:
    """Return how many entries of a matter are in camera, and may not be shown."""
    return register.log.withheld(stream_of(matter), at.known)
