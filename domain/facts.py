"""Frozen values that one context may know of another, read under the guard of their stream."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, NamedTuple, get_origin

from pydantic import AfterValidator, Field

from domain.dates import When
from domain.kernel import Citation, DecisionRef, ProvisionRef, Value

TermValue = int | str | tuple[str, ...]

TERMS: Mapping[str, type[int] | type[str] | type[tuple[str, ...]]] = {
    "agreement.approver": str,
    "agreement.requires": tuple[str, ...],
    "annual-report.by": str,
    "annual-report.covers": tuple[str, ...],
    "annual-report.to": str,
    "budget.categories": tuple[str, ...],
    "category.historical.requires": tuple[str, ...],
    "category.historical.work-plan": str,
    "category.international.requires": tuple[str, ...],
    "category.targeted.agreement": str,
    "delegation.approver": str,
    "delegation.consulted": tuple[str, ...],
    "delegation.councillors": int,
    "delegation.lead": tuple[str, ...],
    "delegation.own-expense": tuple[str, ...],
    "delegation.selector": str,
    "delegation.senior-staff": int,
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
    "programming.inbound.historical": tuple[str, ...],
    "programming.inbound.international": tuple[str, ...],
    "programming.inbound.targeted": tuple[str, ...],
    "programming.joint-initiatives.historical": tuple[str, ...],
    "programming.joint-initiatives.international": tuple[str, ...],
    "programming.joint-initiatives.targeted": tuple[str, ...],
    "programming.marketing.historical": tuple[str, ...],
    "programming.marketing.international": tuple[str, ...],
    "programming.marketing.targeted": tuple[str, ...],
    "programming.outbound.historical": tuple[str, ...],
    "programming.outbound.international": tuple[str, ...],
    "programming.outbound.targeted": tuple[str, ...],
    "relationship-change.follows": str,
    "request.arrangements": tuple[str, ...],
    "request.assessed": tuple[str, ...],
    "request.assessment.may-include": tuple[str, ...],
    "request.core-criteria": tuple[str, ...],
    "request.directed-to": str,
    "request.report-months": int,
    "request.reported-to": str,
    "request.steps": tuple[str, ...],
}
"""Every term a provision may carry, and the type of its value; numbers are counts or months."""


_WRITTEN: Mapping[object, str] = {
    int: "a whole number",
    str: "a text",
    tuple[str, ...]: "a list of texts",
}


def _known_terms(terms: dict[str, TermValue]) -> dict[str, TermValue]:
    for name, value in terms.items():
        if name not in TERMS:
            raise ValueError(f"no term is called {name!r}; known are {', '.join(sorted(TERMS))}")
        wanted = TERMS[name]
        if type(value) is not (get_origin(wanted) or wanted):
            raise ValueError(f"term {name!r} takes {_WRITTEN[wanted]}, not {value!r}")
        if isinstance(value, int) and value < 0:
            raise ValueError(f"term {name!r} is a count, and {value} is below zero")
    return terms


Terms = Annotated[dict[str, TermValue], AfterValidator(_known_terms)]
"""The typed parameters of a provision, by name."""

Address = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9()-]+)*$")]
"""Where a provision stands, such as `outbound/2` or `planning/1(i)`."""


class ProvisionDraft(Value):
    """A provision as it is proposed or adopted: heading, text, list items, terms and place."""

    address: Address
    heading: str = Field(min_length=1)
    text: str = Field(min_length=1)
    items: tuple[str, ...] = ()
    terms: Terms = Field(default_factory=dict)
    cites: tuple[Citation, ...] = ()


class ProvisionInForce(Value):
    """One provision in force, with its version and the decision that put it there."""

    ref: ProvisionRef
    draft: ProvisionDraft
    effective_from: When
    authority: DecisionRef | None


class TermOfCouncil(Value):
    """A period that visits are counted over; `ends` is `None` while nobody knows."""

    term: str
    begins: When
    ends: When | None = None

    def touches(self, when: When) -> bool:
        """Whether the day may lie in the term."""
        return when.last >= self.begins.first and (
            self.ends is None or when.first <= self.ends.last
        )


class TermInForce(NamedTuple):
    """A term's value and the provision version that carries it."""

    value: TermValue
    provision: ProvisionRef


class PolicyInForce(Value):
    """The provisions surely in force on a day; none before the first adoption."""

    on: date
    provisions: dict[str, ProvisionInForce] = Field(default_factory=dict)

    def term(self, name: str) -> TermInForce | None:
        """A term's value in force, `None` where no provision carries it."""
        for provision in self.provisions.values():
            if name in provision.draft.terms:
                return TermInForce(provision.draft.terms[name], provision.ref)
        return None
