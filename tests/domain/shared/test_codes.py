"""Codes of published standards: currencies with their units, time zones."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.shared.codes import Currency, TimeZone, amount_written, currency_digits


@pytest.mark.parametrize(
    ("currency", "amount", "text"),
    [
        ("EUR", 125_000, "EUR 1,250.00"),
        ("EUR", 1_234_567_809, "EUR 12,345,678.09"),
        ("EUR", 5, "EUR 0.05"),
        ("JPY", 100_000, "JPY 100,000"),
        ("KWD", 1_250_007, "KWD 1,250.007"),
        ("ITL", 1_000, "ITL 1,000"),
        ("XXX", 1_000, "XXX 1,000"),
    ],
)
def test_an_amount_is_written_in_the_units_of_its_currency(
    currency: str, amount: int, text: str
) -> None:
    assert amount_written(currency, amount) == text


def test_a_currency_has_the_digits_of_its_standard_though_it_was_withdrawn() -> None:
    digits = {"EUR": 2, "JPY": 0, "DEM": 2, "ITL": 0, "KWD": 3}
    assert {code: currency_digits()[code] for code in digits} == digits


@pytest.mark.parametrize(
    ("kind", "good", "bad", "message"),
    [
        (Currency, "EUR", "EURO", "'EURO' is not the ISO 4217 code of a currency"),
        (TimeZone, "Asia/Tokyo", "Tokyo", "'Tokyo' is not a time zone such as Europe/Berlin"),
        (TimeZone, "Asia/Tokyo", "../etc", "'../etc' is not a time zone such as Europe/Berlin"),
    ],
)
def test_only_codes_of_the_standard_are_taken(kind: Any, good: str, bad: str, message: str) -> None:
    adapter = TypeAdapter[str](kind)
    assert adapter.validate_python(good) == good
    with pytest.raises(ValidationError) as raised:
        adapter.validate_python(bad)
    assert message in str(raised.value)
