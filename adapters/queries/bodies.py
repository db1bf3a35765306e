"""Bodies: those that are there on a day, and former ones with their successors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from adapters.bootstrap import Register
from adapters.queries.moment import Moment, NothingRecorded
from adapters.queries.named.bodies import Bodies
from adapters.queries.named.hints import telling_kinds
from adapters.queries.named.names import key_found
from adapters.queries.rows import DatedRow
from domain.council.bodies import Body, CharterInForce
from domain.shared.dates import When


class BodyRow(DatedRow):
    """A body on a day: there, or `ended` before it, and then its `successors` have its place.

    `other_names` are those that it has at other times, `succeeds` the bodies whose place it took,
    `acts_for` those in whose place it may act; `residual` says that it decides what no provision
    gives another.
    """

    SUBJECT: ClassVar[str] = "body"

    body: str
    name: str
    other_names: tuple[str, ...]
    succeeds: tuple[str, ...]
    acts_for: tuple[str, ...]
    residual: bool
    ended: When | None
    successors: tuple[str, ...]
    certain: bool


def bodies(register: Register, at: Moment) -> list[BodyRow]:
    """Return every body on the day, in the charter's order, and then those that are no more."""
    known = Bodies(register, at)
    charter = known.on(at.on)
    if charter is None:
        return []
    certain = all(
        entry.event.effective_from.last <= at.on
        for entry in known.history.standing()
        if entry.event.effective_from.first <= at.on
    )
    there = [_there(body, charter, known.names, certain) for body in charter.bodies]
    return there + [_gone(body, charter, known.names, certain) for body in charter.gone]


@telling_kinds
def body(register: Register, name: str, at: Moment) -> list[BodyRow]:
    """Return a body by its id or any name that it has had. Raises `NothingRecorded`."""
    meant = key_found("body", name, Bodies(register, at).names)
    rows = [row for row in bodies(register, at) if row.body == meant]
    if not rows:
        raise NothingRecorded(body=meant, as_of=at.on.isoformat())
    return rows


def _there(
    body: Body, charter: CharterInForce, names: Mapping[str, tuple[str, ...]], certain: bool
) -> BodyRow:
    return BodyRow(
        body=body.id,
        name=body.name,
        other_names=tuple(name for name in names[body.id] if name != body.name),
        succeeds=body.succeeds,
        acts_for=body.acts_for,
        residual=body.id == charter.residual_authority,
        ended=None,
        successors=(),
        certain=certain,
    )


def _gone(
    body: str, charter: CharterInForce, names: Mapping[str, tuple[str, ...]], certain: bool
) -> BodyRow:
    *others, last = names[body]
    return BodyRow(
        body=body,
        name=last,
        other_names=tuple(others),
        succeeds=(),
        acts_for=(),
        residual=False,
        ended=charter.ended(body),
        successors=charter.now(body),
        certain=certain,
    )
