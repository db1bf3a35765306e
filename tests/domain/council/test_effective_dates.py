"""What a decision can authorise: not what was surely done before it was taken."""

from __future__ import annotations

import pytest

from domain.council.bodies import DecidedAfterwards, require_decided_by
from domain.shared.dates import When
from domain.shared.messages import DecisionRef

EXCEPTION = DecisionRef(matter="kiev", decision="adopts", body="council")


@pytest.mark.rule("A1")
@pytest.mark.parametrize(
    ("decided_on", "on"),
    [
        ("2001-12-04", "2001-12-03"),
        ("2001-12-04/2001-12-06", "2001-12-03"),
        ("2001-12-04", "2001-11"),
        ("2002", "2001"),
        ("2002", "2001-12-31"),
    ],
)
def test_a_decision_authorises_nothing_that_was_done_before_it(decided_on: str, on: str) -> None:
    assert said_of(decided_on, on) is None


@pytest.mark.rule("A1")
@pytest.mark.parametrize(
    ("decided_on", "on", "instead"),
    [
        ("2001-12-04", "2001-12", "2001-12-04/2001-12-31"),
        ("2001-12-04", "2001", "2001-12-04/2001-12-31"),
        ("2001-12-31", "2001", "2001-12-31"),
        ("2001-12-05", "2001-12-04/2001-12-06", "2001-12-05/2001-12-06"),
        ("2001-12", "2001", "2001-12-01/2001-12-31"),
    ],
)
def test_what_may_be_before_a_decision_is_dated_from_it(
    decided_on: str, on: str, instead: str
) -> None:
    assert said_of(decided_on, on) == instead
    require_decided_by("list-mission", EXCEPTION, When.parse(decided_on), When.parse(instead))


def said_of(decided_on: str, on: str) -> object:
    """What is to be written instead of a date that is refused."""
    with pytest.raises(DecidedAfterwards) as refused:
        require_decided_by("list-mission", EXCEPTION, When.parse(decided_on), When.parse(on))
    details = dict(refused.value.details)
    instead = details.pop("instead", None)
    assert details == {
        "rule": "A1",
        "act": "list-mission",
        "authority": EXCEPTION,
        "decided_on": decided_on,
        "on": on,
    }
    return instead


@pytest.mark.rule("A1")
@pytest.mark.parametrize(
    ("decided_on", "on"),
    [
        ("2001-12-04", "2001-12-04"),
        ("2001-12-04/2001-12-06", "2001-12-04"),
        ("2001-12-04/2001-12-06", "2001-12-05"),
        ("2001-12-04", "2001-12-04/2001-12-31"),
        ("2001-12-04/2001-12-06", "2001-12-04/2001-12-06"),
        ("2001-12-04/2001-12-06", "2002"),
        ("2001", "2001-01-01"),
        ("2001", "2001"),
    ],
)
def test_where_nobody_can_tell_what_came_first_the_clerk_is_believed(
    decided_on: str, on: str
) -> None:
    require_decided_by("list-mission", EXCEPTION, When.parse(decided_on), When.parse(on))
