"""Money: a mission's budget by category, and what others contribute, recorded apart from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from domain.kernel import Answer, Finding, ProvisionRef, Refusal, Value
from domain.rules import Ground, named, silent

_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL "
    "GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK "
    "LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR "
    "NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
    "SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST YER ZAR "
    "ZMW "
)
CURRENCIES = frozenset(_CODES.split())
"""ISO 4217 codes of the currencies that are divided into hundredths."""


def _divided(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError(f"{code!r} is not the ISO 4217 code of a currency divided into hundredths")
    return code


Currency = Annotated[str, AfterValidator(_divided)]
Cents = Annotated[int, Field(ge=0)]


class Budget(Value):
    """What a mission costs the programme: whole cents a category, zero being an answer."""

    currency: Currency
    cents: dict[str, Cents]

    @property
    def total(self) -> int:
        """All categories together, in cents."""
        return sum(self.cents.values())


class Contribution(Value):
    """What somebody else gives towards a mission; no part of the programme's funds."""

    by: str = Field(min_length=1)
    currency: Currency
    cents: Cents


class BudgetIncomplete(Refusal):
    """A budget answers every category that the provision names, and no other."""

    rule = "B4"

    def __init__(
        self, provision: ProvisionRef, missing: tuple[str, ...], unknown: tuple[str, ...]
    ) -> None:
        super().__init__(provision=provision, missing=missing, unknown=unknown)


class NotFunded(Refusal):
    """Programme funds go to partner cities, and to cities that the approved plan names."""

    rule = "B5"

    def __init__(self, provision: ProvisionRef, cities: tuple[str, ...], cents: int) -> None:
        super().__init__(provision=provision, cities=cities, cents=cents)


def complete(budget: Budget | None, ground: Ground) -> Iterator[Finding | Refusal]:
    """Rule B4, on a budget that is given."""
    if budget is None:
        return
    categories = ground.words("budget.categories")
    if categories is None:
        yield silent("B4", "names the categories of a budget")
        return
    missing, unknown = named(categories.value, budget.cents)
    if missing or unknown:
        yield BudgetIncomplete(categories.provision, missing, unknown)
        return
    yield Finding(
        rule="B4",
        answer=Answer.MET,
        reason=f"all {len(categories.value)} categories answered",
        provision=categories.provision,
    )


def contributors(
    contributions: tuple[Contribution, ...], ground: Ground
) -> Iterator[Finding | Refusal]:
    """Rule B5, second part: who the provision expects to contribute."""
    expected = ground.words("funding.contributors")
    if not contributions or expected is None:
        return
    _, others = named(expected.value, (c.by for c in contributions))
    yield Finding(
        rule="B5",
        answer=Answer.ADVISORY if others else Answer.MET,
        reason=f"contributors that the provision does not name: {', '.join(others)}"
        if others
        else "contributions are recorded apart from the programme's funds",
        provision=expected.provision,
    )


def funded(
    budget: Budget | None, outside: tuple[str, ...], approved: bool, ground: Ground
) -> Iterator[Finding | Refusal]:
    """Rule B5: `outside` are cities that are no partners, `approved` says the plan names them."""
    designated = ground.count("funding.designated-cities")
    if designated is None:
        yield silent("B5", "says where the programme's funds go")
        return
    cents = budget.total if budget else 0
    if cents and outside and not approved:
        yield NotFunded(designated.provision, outside, cents)
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
