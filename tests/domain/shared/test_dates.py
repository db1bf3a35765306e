"""Dates as the papers know them."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from domain.shared.dates import When

days = st.dates(min_value=date(1, 1, 1))
DATES = TypeAdapter(When)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1986", date(1986, 1, 1), date(1986, 12, 31)),
        ("2001-11", date(2001, 11, 1), date(2001, 11, 30)),
        ("2000-02", date(2000, 2, 1), date(2000, 2, 29)),
        ("2001-11-19", date(2001, 11, 19), date(2001, 11, 19)),
        ("2001-12-04/2001-12-06", date(2001, 12, 4), date(2001, 12, 6)),
        ("0001", date(1, 1, 1), date(1, 12, 31)),
        ("9999-12-31", date(9999, 12, 31), date(9999, 12, 31)),
    ],
)
def test_a_date_is_kept_at_the_precision_it_has(text: str, first: date, last: date) -> None:
    when = When.parse(text)
    assert (when.text, when.first, when.last) == (text, first, last)
    assert when.exact == (first == last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "86",
        "19866",
        "0000",
        "0000-01-01",
        "2001-0",
        "2001-00",
        "2001-13",
        "2001-1-1",
        "2001-02-29",
        "2001-12-00",
        "2001-12-06/2001-12-04",
        "2001-12-04/2001-12-04",
        "2001-12/2002-01",
        "2001-12-04/2001-12-06/2001-12-07",
        "2001-12-04/",
        "/2001-12-04",
        "2001-12-04T10:00",
        " 2001",
        "2001\n",
        "2001-12-06\n",
        "-2001",
        "+2001",
        "１９８６",
        "20٠1",
        "2001-11-19Z",
    ],
)
def test_any_other_text_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - not a pydantic model: the class is the answer
        When.parse(text)


@given(day=days)
def test_a_day_is_itself(day: date) -> None:
    when = When.day(day)
    assert (when.first, when.last, when.exact) == (day, day, True)
    assert When.parse(str(when)) == when


@given(day=days)
def test_a_month_and_a_year_hold_exactly_their_days(day: date) -> None:
    month, year = When.parse(day.isoformat()[:7]), When.parse(day.isoformat()[:4])
    length = calendar.monthrange(day.year, day.month)[1]
    assert (month.last - month.first).days + 1 == length
    assert (year.last - year.first).days + 1 == 365 + calendar.isleap(day.year)
    assert year.first <= month.first <= day <= month.last <= year.last


@given(day=st.dates(max_value=date(9998, 1, 1)), length=st.integers(1, 400))
def test_sitting_days_run_from_the_first_to_the_last(day: date, length: int) -> None:
    end = day + timedelta(days=length)
    when = When.parse(f"{day}/{end}")
    assert (when.first, when.last, when.exact) == (day, end, False)
    with pytest.raises(ValueError):  # noqa: PT011 - as above
        When.parse(f"{end}/{day}")


@given(text=st.text(max_size=30) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True))
def test_whatever_is_written_is_read_back_or_refused(text: str) -> None:
    try:
        when = When.parse(text)
    except ValueError:
        return
    assert str(when) == text
    assert when.first <= when.last


@pytest.mark.parametrize("year", [1000, 1986, 9999])
def test_a_year_may_come_as_a_number(year: int) -> None:
    for given_as in (year, str(year), When.parse(str(year))):
        assert DATES.validate_python(given_as) == When.parse(str(year))


def test_json_has_the_text_and_gives_it_back() -> None:
    dates = TypeAdapter(When)
    when = When.parse("2001-12-04/2001-12-06")
    assert dates.dump_json(when) == b'"2001-12-04/2001-12-06"'
    assert dates.validate_json(b'"2001-12-04/2001-12-06"') == when
    assert dates.validate_json(b"1986") == When.parse("1986")


@pytest.mark.parametrize(
    ("json", "accepted"),
    [
        ("1986", True),
        ("2001-11", True),
        ("2001-11-19", True),
        ("2001-12-04/2001-12-06", True),
        (1000, True),
        (9999, True),
        ("86", False),
        ("2001-11-19T10:00", False),
        (999, False),
        (10_000, False),
        (1986.5, False),
        (None, False),
        (["1986"], False),
    ],
    ids=str,
)
def test_the_schema_that_is_published_says_what_is_read(json: Any, accepted: bool) -> None:
    schema = TypeAdapter(When).json_schema()
    assert Draft202012Validator(schema).is_valid(json) is accepted
    try:
        TypeAdapter(When).validate_python(json)
    except ValidationError:
        assert not accepted
    else:
        assert accepted


def test_the_schemas_examples_are_dates() -> None:
    examples = TypeAdapter(When).json_schema()["examples"]
    assert [str(When.parse(example)) for example in examples] == examples


@pytest.mark.parametrize(
    "json",
    ["true", "null", "1986.0", "1e3", "0", "-1", "12345", "999", "[]", "{}", '"x"', "1" * 5000],
)
def test_json_that_is_no_date_is_refused(json: str) -> None:
    with pytest.raises(ValidationError):
        DATES.validate_json(json)


@pytest.mark.parametrize(
    ("text", "day", "left"),
    [
        ("2002", "2001-12-31", "2002"),
        ("2002", "2002-01-01", "2002"),
        ("2002", "2002-01-02", "2002-01-02/2002-12-31"),
        ("2002", "2002-12-31", "2002-12-31"),
        ("2002", "2003-01-01", None),
        ("2001-12-04/2001-12-06", "2001-12-05", "2001-12-05/2001-12-06"),
        ("2001-12-04", "2001-12-04", "2001-12-04"),
    ],
)
def test_what_is_left_of_a_date_from_a_day_on(text: str, day: str, left: str | None) -> None:
    assert When.parse(text).since(date.fromisoformat(day)) == (When.parse(left) if left else None)
