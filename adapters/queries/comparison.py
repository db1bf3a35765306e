"""Differences of the register between two days, or as known at two positions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.bootstrap import Register
from adapters.queries.moment import Moment
from adapters.queries.named.places import Names
from projections.basis_changed import RELIANCE
from projections.engine.comparison import StateDifference, differences
from projections.engine.read_model import Held, ReadModel
from projections.matters import DECISION_RECORD
from projections.mentions import MENTIONS
from projections.models import MODELS
from projections.partnerships import PARTNERSHIPS, Relationship

NOT_COMPARED = (MENTIONS.name, RELIANCE.name)
"""Read models that are not compared: links to other rows, and what acts rest on."""

WITHOUT: Mapping[str, frozenset[str]] = {DECISION_RECORD.name: frozenset({"detail"})}
"""Fields that say again what others say."""


class NamedRelationship(Relationship):
    """A relationship, and how its place is called."""

    name: str
    country: str
    country_name: str
    kind: str
    part_of: str | None
    region: str | None
    other_names: tuple[str, ...]


def comparison(register: Register, before: Moment, after: Moment) -> Iterator[StateDifference]:
    """Yield every row that differs, one read model after the other, by key."""
    for model in MODELS:
        if model.name not in NOT_COMPARED:
            yield from differences(
                model.name,
                _held(register, model, before),
                _held(register, model, after),
                WITHOUT.get(model.name, frozenset()),
            )


def _held(register: Register, model: ReadModel[Any], at: Moment) -> Iterator[Held[Any]]:
    """Yield the rows of a day; of a relationship with the names of its place on that day."""
    held = register.reader(model).every(at.on, at.known)
    if model.name != PARTNERSHIPS.name:
        yield from held
        return
    names = Names(register, at)
    for row in held:
        place = names.place(row.key, at.on)
        told = place.model_dump(exclude={"code"}) | row.state.model_dump()
        yield row._replace(state=NamedRelationship.model_validate(told))
