"""Codes of standards: countries, languages, time zones, currencies; amounts written."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""A country of ISO 3166-1, such as `DE`."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""A language tag of BCP 47, such as `de`, `fr-CA` or `zh-Hant`."""

_WITHDRAWN = {
    "ADP ESP ITL LUF TRL": 0,
    "ATS BEF BGL CSK CYP DDM DEM EEK FIM FRF GRD HRK IEP LTL LVL MTL NLG PLZ PTE SIT SKK": 2,
    "ROL RUR SUR YUM": 2,
}
"""Digits of currencies that older budgets are in, by Unicode CLDR; ISO's table has present ones."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone such as Europe/Berlin") from None
    return name


TimeZone = Annotated[str, AfterValidator(_zone)]
"""A time zone of the IANA database, such as `Asia/Tokyo`."""


@lru_cache(maxsize=1)
def currency_digits() -> dict[str, int]:
    """Return the minor digits of each currency by its ISO 4217 code: 2 of EUR, 0 of JPY."""
    from iso4217 import Currency as Listed  # noqa: PLC0415 (reads a table of 50 kB)

    old = {code: digits for codes, digits in _WITHDRAWN.items() for code in codes.split()}
    return old | {c.code: c.exponent for c in Listed if c.exponent is not None}


def _known(code: str) -> str:
    if code not in currency_digits():
        raise ValueError(f"{code!r} is not the ISO 4217 code of a currency")
    return code


Currency = Annotated[str, AfterValidator(_known)]
"""A currency of ISO 4217, withdrawn ones included."""

Amount = Annotated[int, Field(ge=0)]
"""An amount in the currency's smallest unit: cents of a euro, whole yen."""


def amount_written(currency: str, amount: int) -> str:
    """Return an amount in the currency's own units, such as `EUR 1,250.00` or `JPY 100,000`."""
    digits = currency_digits().get(currency, 0)
    whole, part = divmod(amount, 10**digits)
    return f"{currency} {whole:,}" + (f".{part:0{digits}}" if digits else "")
