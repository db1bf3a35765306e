"""`When`: dates as the papers know them: a day, a month, a year, one of several days."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


def span_of_days(when: When) -> tuple[date, date]:
    """Sort key of dates in one record: the earliest, then the latest day."""
    return (when.first, when.last)


_PATTERN = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(/[0-9]{4}-[0-9]{2}-[0-9]{2})?)?)?$"
_SHAPE = re.compile(_PATTERN)


@dataclass(frozen=True, slots=True)
class When:
    """One day, known to lie between `first` and `last`, both included.

    Written `1986`, `2001-11`, `2001-11-19`, or `2001-12-04/2001-12-06` (a meeting of several
    sitting days of which the source does not say which). Before `first` it has not happened, from
    `last` on it has, and between them the record cannot tell.

    Raises `ValueError` for any other text, a day that no calendar has, and an interval that ends
    before it begins.
    """

    text: str
    first: date
    last: date

    @staticmethod
    def parse(text: str) -> When:
        """Read the written form."""
        return _parse(text)

    @staticmethod
    def day(day: date) -> When:
        """Return a day that is known exactly."""
        return _parse(day.isoformat())

    @property
    def exact(self) -> bool:
        """True if the day itself is known."""
        return self.first == self.last

    def since(self, day: date) -> When | None:
        """Return the part of it from a day on, as it is written; `None` if it was over before."""
        if day <= self.first:
            return self
        if day > self.last:
            return None
        return When.day(day) if day == self.last else _parse(f"{day}/{self.last}")

    def __str__(self) -> str:
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _read, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "anyOf": [
                {"type": "string", "pattern": _PATTERN},
                {"type": "integer", "minimum": 1000, "maximum": 9999},
            ],
            "title": "When",
            "description": "A year, month or day, or `first/last` for one of several sitting days.",
            "examples": ["1986", "2001-11-19", "2001-12-04/2001-12-06"],
        }


def _read(given: object) -> When:
    if isinstance(given, When):
        return given
    if isinstance(given, str):
        return _parse(given)
    if isinstance(given, int) and not isinstance(given, bool) and 1000 <= given <= 9999:
        return _parse(str(given))
    raise ValueError(f"{given!r:.50} is not a date such as 1986 or 2001-11-19")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} names a day that no calendar has") from None


@lru_cache(maxsize=4096)
def _parse(text: str) -> When:
    if not _SHAPE.fullmatch(text):
        raise ValueError(
            f"{text!r:.50} is not a date such as 1986, 2001-11-19 or 2001-12-04/2001-12-06"
        )
    begin, _, end = text.partition("/")
    if int(begin[:4]) == 0:
        raise ValueError(f"{text!r} names a year that no calendar has")
    match begin.split("-"):
        case [year]:
            first, last = date(int(year), 1, 1), date(int(year), 12, 31)
        case [year, month]:
            if not 1 <= int(month) <= 12:
                raise ValueError(f"{text!r} names a month that no calendar has")
            days = calendar.monthrange(int(year), int(month))[1]
            first, last = date(int(year), int(month), 1), date(int(year), int(month), days)
        case _:
            first = last = _day(begin)
    if end:
        last = _day(end)
        if last <= first:
            raise ValueError(f"{text!r} does not end after it begins")
    return When(text, first, last)
