"""Money: a mission's budget by category, and what others contribute, recorded apart from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import Field

from domain.shared.codes import Amount, Currency
from domain.shared.findings import Answer, Finding, Ground, finding_of_silence
from domain.shared.messages import ProvisionRef, Value
from domain.shared.problems import Refusal
from domain.shared.text import missing_and_unwanted


class Costs(Value):
    """The cost of a mission to the programme as it is entered: an amount a category, zero as well.

    Amounts are whole numbers of the currency's smallest unit by ISO 4217: cents of a euro, whole
    yen. Without a `currency` they are in the city's own, as its charter names it.
    """

    currency: Currency | None = None
    cents: dict[str, Amount]


class Budget(Value):
    """The cost of a mission to the programme: an amount a category, zero being an answer.

    Amounts are whole numbers of the currency's smallest unit by ISO 4217: cents of a euro, whole
    yen.
    """

    currency: Currency
    cents: dict[str, Amount]

    @property
    def total(self) -> int:
        """All categories together, in the smallest unit."""
        return sum(self.cents.values())


class Given(Value):
    """The contribution of somebody else as it is entered, in the city's currency unless said.

    `cents` is in the currency's smallest unit.
    """

    by: str = Field(min_length=1)
    currency: Currency | None = None
    cents: Amount


class Contribution(Value):
    """A contribution of somebody else to a mission; no part of the programme's funds.

    `cents` is in the currency's smallest unit.
    """

    by: str = Field(min_length=1)
    currency: Currency
    cents: Amount


class NoCurrency(Refusal):
    """Amounts need a currency: the one that they name, or else the one of the city's charter."""

    rule = "B4"
    amounts: tuple[str, ...]


class BudgetIncomplete(Refusal):
    """A budget must give an amount for each category that the provision names, and no other."""

    rule = "B4"
    provision: ProvisionRef
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


class NotFunded(Refusal):
    """Programme funds may go only to partner cities and cities that the approved plan names."""

    rule = "B5"
    provision: ProvisionRef
    cities: tuple[str, ...]
    cents: int


def in_own_currency(
    costs: Costs | None, given: Iterable[Given], ground: Ground
) -> tuple[Budget | None, tuple[Contribution, ...]]:
    """Return both, in the city's currency where they name none. Raises `NoCurrency`."""
    given = tuple(given)
    silent_on = [each.by for each in given if each.currency is None]
    if costs and costs.currency is None:
        silent_on.insert(0, "budget")
    if silent_on and ground.currency is None:
        raise NoCurrency(amounts=tuple(silent_on))
    own = ground.currency or ""
    budget = Budget(currency=costs.currency or own, cents=costs.cents) if costs else None
    return budget, tuple(
        Contribution(by=each.by, currency=each.currency or own, cents=each.cents) for each in given
    )


def budget_complete(budget: Budget | None, ground: Ground) -> Iterator[Finding | Refusal]:
    """Apply rule B4 to a budget that is given."""
    if budget is None:
        return
    if ground.currency and budget.currency != ground.currency:
        yield Finding(
            rule="B4",
            answer=Answer.ADVISORY,
            reason=f"the budget is in {budget.currency}, and the city's currency {ground.currency}",
        )
    categories = ground.words("budget.categories")
    if categories is None:
        yield finding_of_silence("B4", "names the categories of a budget")
        return
    missing, unknown = missing_and_unwanted(categories.value, budget.cents)
    if missing or unknown:
        yield BudgetIncomplete(provision=categories.provision, missing=missing, unknown=unknown)
        return
    yield Finding(
        rule="B4",
        answer=Answer.MET,
        reason=f"all {len(categories.value)} categories answered",
        provision=categories.provision,
    )


def expected_contributors(
    contributions: tuple[Contribution, ...], ground: Ground
) -> Iterator[Finding | Refusal]:
    """Apply rule B5, second part: who the provision expects to contribute."""
    expected = ground.words("funding.contributors")
    if not contributions or expected is None:
        return
    _, others = missing_and_unwanted(expected.value, (c.by for c in contributions))
    yield Finding(
        rule="B5",
        answer=Answer.ADVISORY if others else Answer.MET,
        reason=f"contributors that the provision does not name: {', '.join(others)}"
        if others
        else "contributions are recorded apart from the programme's funds",
        provision=expected.provision,
    )


def funded_by_programme(
    budget: Budget | None, outside: tuple[str, ...], approved: bool, ground: Ground
) -> Iterator[Finding | Refusal]:
    """Apply rule B5: whether programme funds may pay for the mission.

    `outside` are the cities that are not partners, `approved` says that the plan names them.
    """
    designated = ground.count("funding.designated-cities")
    if designated is None:
        yield finding_of_silence("B5", "says where the programme's funds go")
        return
    cents = budget.total if budget else 0
    if cents and outside and not approved:
        yield NotFunded(provision=designated.provision, cities=outside, cents=cents)
        return
    yield Finding(
        rule="B5",
        answer=Answer.MET,
        reason=f"{', '.join(outside)}: named in the approved plan"
        if cents and outside
        else "partner cities only"
        if cents
        else "no programme funds",
        provision=designated.provision,
    )
