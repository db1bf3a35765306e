"""Every list by name, as it is exported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import cast, get_args, get_type_hints

from adapters.bootstrap import Register
from adapters.queries.basis_changed import basis_changed
from adapters.queries.bodies import bodies
from adapters.queries.deadlines import DeadlineRow, DueRow, deadlines, due
from adapters.queries.discrepancies import discrepancies
from adapters.queries.explorations import explorations
from adapters.queries.matters import decisions, matters, motions
from adapters.queries.missions import missions
from adapters.queries.moment import Moment
from adapters.queries.partnerships import categories, partnerships, targeted
from adapters.queries.plans import plans
from adapters.queries.policy.provisions import provisions
from adapters.queries.requests import agreements, requests
from adapters.queries.rows import Row
from adapters.queries.studies import studies


class ListName(StrEnum):
    """Lists that can be exported; the policy as a document as well."""

    PARTNERSHIPS = "partnerships"
    TARGETED = "targeted"
    CATEGORIES = "categories"
    PROVISIONS = "provisions"
    MATTERS = "matters"
    DECISIONS = "decisions"
    MOTIONS = "motions"
    EXPLORATIONS = "explorations"
    DISCREPANCIES = "discrepancies"
    DEADLINES = "deadlines"
    DUE = "due"
    MISSIONS = "missions"
    PLANS = "plans"
    REQUESTS = "requests"
    AGREEMENTS = "agreements"
    STUDIES = "studies"
    BODIES = "bodies"
    BASIS_CHANGED = "basis-changed"
    POLICY = "policy"


def _deadlines(register: Register, at: Moment) -> list[DeadlineRow]:
    return [each.row for each in deadlines(register, at, every=True)]


def _due(register: Register, at: Moment) -> list[DueRow]:
    return due(register, at, every=True)


LISTS: Mapping[ListName, Callable[[Register, Moment], Sequence[Row]]] = {
    ListName.PARTNERSHIPS: partnerships,
    ListName.TARGETED: targeted,
    ListName.CATEGORIES: categories,
    ListName.PROVISIONS: provisions,
    ListName.MATTERS: matters,
    ListName.DECISIONS: decisions,
    ListName.MOTIONS: motions,
    ListName.EXPLORATIONS: explorations,
    ListName.DISCREPANCIES: discrepancies,
    ListName.DEADLINES: _deadlines,
    ListName.DUE: _due,
    ListName.MISSIONS: missions,
    ListName.PLANS: plans,
    ListName.REQUESTS: requests,
    ListName.AGREEMENTS: agreements,
    ListName.STUDIES: studies,
    ListName.BODIES: bodies,
    ListName.BASIS_CHANGED: basis_changed,
    ListName.POLICY: provisions,
}
"""The question behind each list, with no filter."""


def row_type(question: Callable[..., Sequence[Row]]) -> type[Row]:
    """Return the type of a question's rows, as the function is annotated."""
    (row,) = get_args(get_type_hints(question)["return"])
    return cast("type[Row]", row)
