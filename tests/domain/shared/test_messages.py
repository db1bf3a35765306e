"""What every context is made of."""

from __future__ import annotations

from typing import ClassVar

import pytest
from pydantic import ValidationError

from domain.council.persons import PrivatePerson
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.messages import (
    Citation,
    Command,
    Event,
    Personal,
    ProvisionRef,
    Replacement,
    personal_in,
)
from domain.shared.problems import Conflict, Invalid, Problem, Refusal

DAY = When.parse("2001-11-07")


class Noted(Event):
    """Something was noted."""

    TOPIC: ClassVar[str] = "test-noted.v1"

    note: str


class TooMany(Refusal):
    """There are too many.

    And this is said to programmers only.
    """

    rule = "X1"
    provision: ProvisionRef | None = None
    listed: int


def test_values_are_frozen_and_accept_nothing_they_do_not_know() -> None:
    with pytest.raises(ValidationError):
        Citation.model_validate({"document": "report", "page": 3})
    with pytest.raises(ValidationError):
        setattr(Citation(document="report"), "document", "other")  # noqa: B010 - on purpose


@pytest.mark.parametrize("wrong", [7, True, None, b"report"])
def test_values_do_not_convert(wrong: object) -> None:
    with pytest.raises(ValidationError):
        Citation.model_validate({"document": wrong})


def test_an_event_takes_hold_when_decided_by_convention() -> None:
    event = Noted(note="n", decided_on=DAY, effective_from=DAY)
    assert (event.by_convention, event.authority, event.cites, event.replaces) == (
        True,
        None,
        (),
        None,
    )


def test_a_refusal_carries_rule_provision_and_figures() -> None:
    visits = ProvisionRef(address="inbound/2", version=1)
    refusal = TooMany(listed=11, provision=visits)
    assert refusal.details == {"rule": "X1", "provision": visits, "listed": 11}
    assert refusal.provision == visits
    assert TooMany(listed=11).details == {"rule": "X1", "listed": 11}


def test_a_problem_that_is_printed_shows_its_figures() -> None:
    assert str(TooMany(listed=11)) == "rule=X1, listed=11"


def test_the_title_of_a_problem_is_the_first_line_of_its_docstring() -> None:
    assert TooMany(listed=11).title == "There are too many."

    class Forbidden(Refusal):
        """Raised when a rule forbids it."""

        rule = "X2"

    assert Forbidden().title == "A rule forbids it."


def test_refusals_conflicts_and_invalid_input_are_told_apart() -> None:
    kinds = (Refusal, Conflict, Invalid)
    assert all(issubclass(kind, Problem) for kind in kinds)
    assert not any(issubclass(a, b) for a in kinds for b in kinds if a is not b)


def test_provisions_and_corrections_count_from_one() -> None:
    with pytest.raises(ValidationError):
        ProvisionRef(address="purpose", version=0)
    with pytest.raises(ValidationError):
        Replacement(version=0, reason="slip")
    with pytest.raises(ValidationError):
        Replacement(version=1, reason="")
    assert str(ProvisionRef(address="purpose", version=2)) == "purpose (version 2)"


def test_a_personal_value_is_dumped_only_to_whoever_asks_for_it() -> None:
    person = PrivatePerson(person=Personal[str](value="A. Resident", digest="d1"))
    assert person.model_dump() == {"person": {"digest": "d1"}, "represents": None}
    assert person.model_dump(context={"reveal": True}) == {
        "person": {"value": "A. Resident", "digest": "d1"},
        "represents": None,
    }
    assert b"Resident" not in person.model_dump_json().encode()


def test_a_command_gives_what_is_personal_by_its_value_and_never_by_a_digest() -> None:
    class Write(Command):
        KIND: ClassVar[str] = "write"

        senders: tuple[PrivatePerson, ...]

    for personal in (Personal[str](digest="d1"), Personal[str](value="A. Resident", digest="d1")):
        with pytest.raises(ValidationError):
            Write(on=DAY, senders=(PrivatePerson(person=personal),))
    known = PrivatePerson(person=Personal[str](value="A. Resident"))
    assert Write(on=DAY, senders=(known, PrivatePerson(person=Personal[str]()))).senders


def test_what_is_personal_is_found_wherever_it_stands_and_in_that_order() -> None:
    first, second, third, fourth = (Personal[str](value=name) for name in "abcd")
    nested = {
        "one": first,
        "two": [{"deep": (second,)}, 7],
        "three": PrivatePerson(person=third, represents="a group"),
        "four": {"value": "e", "digest": None},
    }
    assert list(personal_in((nested, "f", fourth))) == [first, second, third, fourth]


def test_a_command_is_called_by_its_kind_unless_it_says_otherwise() -> None:
    class Note(Command):
        KIND: ClassVar[str] = "note"

    assert Note(on=DAY).item == "note"


def test_a_finding_may_name_no_provision() -> None:
    finding = Finding.model_validate(
        {"rule": "C3", "answer": "advisory", "reason": "r"}, strict=False
    )
    assert finding.provision is None
