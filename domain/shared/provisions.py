"""Provisions as every context sees them: their terms, read or unread, and the bodies they name."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Set
from datetime import date
from difflib import get_close_matches
from typing import Annotated, NamedTuple, get_origin

from pydantic import AfterValidator, Field

from domain.shared import majorities
from domain.shared.dates import When
from domain.shared.durations import units_of
from domain.shared.messages import Citation, DecisionRef, ProvisionRef, Value
from domain.shared.wordings import Wording

TermValue = int | str | tuple[str, ...]

TermKind = type[int] | type[str] | type[tuple[str, ...]]

SHOWN: Mapping[str, TermKind] = {
    "delegation.own-expense": tuple[str, ...],
    "request.assessed": tuple[str, ...],
    "request.assessment.may-include": tuple[str, ...],
    "request.directed-to": str,
}
"""Terms of the policy of 2001 that are shown with their provisions, and that no rule reads."""

TERMS: Mapping[str, TermKind] = {
    **SHOWN,
    "agreement.approver": str,
    "agreement.requires": tuple[str, ...],
    "annual-report.by": str,
    "annual-report.covers": tuple[str, ...],
    **dict.fromkeys(units_of("annual-report.due").values(), int),
    "annual-report.to": str,
    "budget.categories": tuple[str, ...],
    "delegation.approver": str,
    "delegation.consulted": tuple[str, ...],
    "delegation.lead": tuple[str, ...],
    "delegation.lead.designate-of": tuple[str, ...],
    "delegation.payers": tuple[str, ...],
    "delegation.selector": str,
    "exploration.tiers.first": tuple[str, ...],
    "exploration.tiers.second": tuple[str, ...],
    "formal-link.not-needed-for": tuple[str, ...],
    "funding.contributors": tuple[str, ...],
    "funding.designated-cities": int,
    "goals": tuple[str, ...],
    "inbound.host": str,
    "inbound.other-city.requires": tuple[str, ...],
    "inbound.per-city-and-term": int,
    "inbound.visits.least": int,
    "inbound.visits.most": int,
    "inbound.welcome": tuple[str, ...],
    "mission.cities.least": int,
    "mission.closing-documents": tuple[str, ...],
    "mission.gateways": tuple[str, ...],
    "mission.priority.goals": int,
    "mission.rotation": str,
    "mission.yearly-to": tuple[str, ...],
    "plan.approver": str,
    "plan.inbound-visits.least": int,
    "plan.inbound-visits.most": int,
    "plan.inbound-visits.states": tuple[str, ...],
    "plan.outbound-missions.least": int,
    "plan.outbound-missions.most": int,
    "plan.outbound-missions.states": tuple[str, ...],
    "plan.submitted-to": str,
    "relationship-change.follows": str,
    "request.arrangements": tuple[str, ...],
    "request.core-criteria": tuple[str, ...],
    "request.formal-arrangements": tuple[str, ...],
    **dict.fromkeys(units_of("request.report").values(), int),
    "request.reported-to": str,
    "request.steps": tuple[str, ...],
}
"""Terms that rules read, and those `SHOWN`, with the type of each one's value."""

_ID = r"[a-z0-9]+(?:-[a-z0-9]+)*"

MAJORITIES = re.compile(rf"decision\.majority(\.{_ID})?")
"""Terms that say which majority a vote needs: on any decision, or on acts of one kind."""

OF_CATEGORIES: Mapping[str, TermKind] = {
    rf"category\.{_ID}\.agreement": str,
    rf"category\.{_ID}\.implies": tuple[str, ...],
    rf"category\.{_ID}\.name": str,
    rf"category\.{_ID}\.order": int,
    rf"category\.{_ID}\.requires": tuple[str, ...],
    rf"category\.{_ID}\.work-plan": str,
    rf"programming\.{_ID}\.{_ID}": tuple[str, ...],
}
"""Terms that have the id of a category in their name, as patterns, and the type of each value."""

TERM_NAME = re.compile(r"[^\W_]+(-[^\W_]+)*(\.[^\W_]+(-[^\W_]+)*)*")
"""How a term is named, such as `plan.inbound-visits.most`, in small letters of any script. Rules
read those in `TERMS` and, for each act, the one that names its approver; any other is kept for
people to read."""

_WRITTEN: Mapping[object, str] = {
    int: "a whole number",
    str: "a text",
    tuple[str, ...]: "a list of texts",
}


def _well_typed(terms: dict[str, TermValue]) -> dict[str, TermValue]:
    _check_types(terms)
    return terms


def _well_typed_changes(changes: dict[str, TermValue | None]) -> dict[str, TermValue | None]:
    _check_types({name: value for name, value in changes.items() if value is not None})
    return changes


def _check_types(terms: Mapping[str, TermValue]) -> None:
    for name, value in terms.items():
        if not TERM_NAME.fullmatch(name) or name != name.lower():
            raise ValueError(f"a term is named in small letters such as goals, and not {name!r}")
        if names_a_body(name) and isinstance(value, tuple) and value:
            continue  # each of several bodies may act
        wanted = str if names_a_body(name) else term_kind_of(name, terms) or type(value)
        if type(value) is not (get_origin(wanted) or wanted):
            raise ValueError(f"term {name!r} takes {_WRITTEN[wanted]}, not {value!r}")
        if MAJORITIES.fullmatch(name):
            majorities.read_majority(str(value))
        if isinstance(value, int) and value < 0:
            raise ValueError(f"term {name!r} is a count, and {value} is below zero")


def names_a_body(term: str) -> bool:
    """True if the value of a term is the id of a body, or of several of which each may act."""
    return term.endswith(".approver") or term in ("delegation.selector", "plan.submitted-to")


def bodies_named(terms: Mapping[str, TermValue | None]) -> tuple[str, ...]:
    """Return the bodies that a provision's terms name."""
    return tuple(
        body
        for name, named in terms.items()
        if named and names_a_body(name)
        for body in bodies_in(named)
    )


def bodies_in(value: TermValue) -> tuple[str, ...]:
    """Return the bodies in the value of a term that names one or several."""
    return value if isinstance(value, tuple) else (str(value),)


def terms_unread(terms: Iterable[str], in_force: Iterable[str] = ()) -> dict[str, str | None]:
    """Return terms that no rule reads, each with a term of like spelling that may be meant.

    `in_force` are other terms of the policy: a seat or category may be meant that only they name.
    """
    terms, in_force = tuple(terms), set(in_force)
    unknown = [name for name in terms if not _is_read(name, {*terms, *in_force})]
    known = [*TERMS, *(name for name in in_force if _is_read(name, in_force))]
    return {name: next(iter(get_close_matches(name, known, 1, 0.85)), None) for name in unknown}


def _is_read(name: str, among: Set[str]) -> bool:
    """True if rules read a term of this name beside the other terms."""
    return term_kind_of(name, among) is not None or names_a_body(name)


def term_kind_of(name: str, among: Container[str] = ()) -> TermKind | None:
    """Return the type of a value that rules read; `None` for a term that they do not read.

    `delegation.senators` is read beside `delegation.senators.seat`, which names these seats.
    """
    if SEAT.fullmatch(name) or MAJORITIES.fullmatch(name):
        return str
    if SEAT.fullmatch(f"{name}.seat") and f"{name}.seat" in among:
        return int
    named = (kind for term, kind in OF_CATEGORIES.items() if re.fullmatch(term, name))
    return TERMS.get(name) or next(named, None)


SEAT = re.compile(r"delegation\.[^.]+\.seat")
"""Terms that name official seats of a delegation; the term before the dot gives their number."""


Terms = Annotated[dict[str, TermValue], AfterValidator(_well_typed)]
"""The typed parameters of a provision, by name."""

TermChanges = Annotated[dict[str, TermValue | None], AfterValidator(_well_typed_changes)]
"""The amendment of a provision's terms: the new value of each, or null to drop it.

Terms that it does not name stay.
"""

Address = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9()-]+)*$")]
"""The address of a provision, such as `outbound/2` or `planning/1(i)`."""


Number = Annotated[str, Field(pattern=r"^\S(.*\S)?$")]
"""A number that is shown to people and may move, such as `outbound/3` or `4(a)`."""


def shown_number_of(draft: ProvisionDraft) -> str:
    """Return the number under which a provision is shown."""
    return draft.number or draft.address


class ProvisionDraft(Value):
    """A provision as it is proposed or adopted: heading, text, list items, terms and place.

    `address` is its name for good; `number` is the one shown to people, where that has moved.
    `wording` says whose words heading, text and items are in.
    """

    address: Address
    number: Number | None = None
    heading: str = Field(min_length=1)
    text: str = Field(min_length=1)
    items: tuple[str, ...] = ()
    terms: Terms = Field(default_factory=dict)
    cites: tuple[Citation, ...] = ()
    wording: Wording | None = None


class ProvisionInForce(Value):
    """One provision in force, with its version and the decision that put it there."""

    ref: ProvisionRef
    draft: ProvisionDraft
    effective_from: When
    authority: DecisionRef | None


class TermInForce(NamedTuple):
    """A term's value and the provision version that carries it."""

    value: TermValue
    provision: ProvisionRef


class PolicyInForce(Value):
    """The provisions surely in force on a day; none before the first adoption."""

    on: date
    provisions: dict[str, ProvisionInForce] = Field(default_factory=dict)

    def terms(self, pattern: re.Pattern[str]) -> Iterator[tuple[str, TermInForce]]:
        """Yield all terms with a name that matches, in the order in which they are carried."""
        for provision in self.provisions.values():
            for name, value in provision.draft.terms.items():
                if pattern.fullmatch(name):
                    yield name, TermInForce(value, provision.ref)

    def term(self, name: str) -> TermInForce | None:
        """Return a term's value in force, `None` where no provision carries it."""
        for provision in self.provisions.values():
            if name in provision.draft.terms:
                return TermInForce(provision.draft.terms[name], provision.ref)
        return None
