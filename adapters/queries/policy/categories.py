"""Categories of partnerships, as the policy names them on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.bootstrap import Register
from adapters.queries.moment import Moment
from domain.shared.categories import Category, categories_in, names_a_category
from domain.shared.messages import ProvisionRef
from projections.engine.read_model import LAST_DAY
from projections.policy import POLICY_TEXT, Provision


def categories_on(register: Register, at: Moment) -> Sequence[Category]:
    """Return every category that may be in force on the day, each once."""
    held = register.reader(POLICY_TEXT).every(at.on, at.known, {"in_force": True})
    sure = {category.id for category in _named(h.state for h in held if h.certain)}
    found = {category.id: category for category in reversed(_named(h.state for h in held))}
    return [c._replace(certain=c.id in sure) for c in reversed(found.values())]


def _named(rows: Iterable[Provision]) -> list[Category]:
    refs = ((r.terms, ProvisionRef(address=r.address, version=r.version)) for r in rows)
    return categories_in(refs)


def has_categories(register: Register) -> bool:
    """True if the policy names categories on some day: a record without them tells of no class."""
    rows = (held.state for held in register.reader(POLICY_TEXT).every(LAST_DAY))
    return any(_names_one(row) for row in rows)


def _names_one(row: Provision) -> bool:
    return any(names_a_category(term) for term in row.terms)
