"""Every list by name, as it is exported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from adapters.bootstrap import Register
from adapters.queries.basis_changed import basis_changed
from adapters.queries.bodies import bodies
from adapters.queries.deadlines import deadlines, due
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
    ListName.DEADLINES: lambda register, at: [d.row for d in deadlines(register, at, every=True)],
    ListName.DUE: lambda register, at: due(register, at, every=True),
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
