"""The bodies as of a day, from the charter and its changes as far as they were known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from adapters import clock
from adapters.bootstrap import Register
from adapters.queries.moment import Moment, as_known
from adapters.queries.named.names import key_found
from domain.council import bodies
from domain.council.bodies import Charter, CharterInForce, CharterRecorded
from domain.council.succession import charter_on
from domain.shared.history import History
from domain.shared.problems import Invalid
from domain.shared.text import folded


class NoCharter(Invalid):
    """The register has no charter yet: record one, which names the bodies."""


class Bodies:
    """The bodies that are there on each day, and what each of them took over from others."""

    def __init__(self, register: Register, at: Moment) -> None:
        self.history = charters(register, at)
        self.names = names_of(self.history)

        @cache
        def on(day: date) -> CharterInForce | None:
            return charter_on(self.history, day)

        self.on = on

    def now(self, said: str, day: date) -> tuple[str, ...]:
        """Return a body or office as it is called in the papers, or its successors on a day.

        What is no body, or has no successor, is given back as it is; an id leads to ids, a name to
        names.
        """
        charter, body = self.on(day), self._id(said)
        if charter is None or body is None or charter.ended(body) is None:
            return (said,)
        heirs = charter.now(body)
        called = charter.names()
        return (heirs if body == said else tuple(called[heir] for heir in heirs)) or (said,)

    def in_place_of(self, acts: str, named: str, day: date) -> bool:
        """True if a body or office may act for another on a day, as its successor or for it."""
        charter, body, other = self.on(day), self._id(acts), self._id(named)
        if charter is None or body is None or other is None:
            return folded(acts) == folded(named)
        return other in charter.stands_for(body)

    def _id(self, said: str) -> str | None:
        if said in self.names:
            return said
        asked = folded(said)
        return next((i for i, given in self.names.items() if asked in map(folded, given)), None)


def charter(register: Register, at: Moment) -> Charter:
    """Return the charter in force on the day. Raises `NoCharter`."""
    in_force = charter_on(charters(register, at), at.on)
    if in_force is None:
        raise NoCharter
    return in_force


def charters(register: Register, at: Moment) -> History[Any]:
    """Return every charter and change, as far as was known: a body has the name of its time."""
    entries = tuple(as_known(register, (bodies.STREAM,), at)[bodies.STREAM])
    return History(entries, len(entries))


def today(register: Register) -> date:
    """Return today's date in the city, by the time zone of the charter recorded last."""
    latest = charter_on(charters(register, Moment(date.max, None)), date.max)
    return clock.today(latest.time_zone if latest else None)


def names_of(history: History[Any]) -> Mapping[str, tuple[str, ...]]:
    """Return every name that each body has had, by id."""
    names: dict[str, tuple[str, ...]] = {}
    for entry in history.standing():
        event = entry.event
        given = event.charter.bodies if isinstance(event, CharterRecorded) else event.bodies
        for body in given:
            names[body.id] = tuple(dict.fromkeys((*names.get(body.id, ()), body.name)))
    return names


def body_of(register: Register, name: str, at: Moment) -> str:
    """Return the id of a body, by it or by any name it has had. Raises `NothingRecorded`."""
    return key_found("body", name, names_of(charters(register, at)))
