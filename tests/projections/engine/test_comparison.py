"""What two sides of a read model differ in, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from domain.shared.messages import StreamId, Value
from projections.engine.comparison import StateDifference, differences
from projections.engine.read_model import OPEN, Held, Phase


class City(Value):
    city: str
    standing: str | None = None
    note: str = ""


HISTORICAL = City(city="Kiev", standing="Historical")
INTERNATIONAL = City(city="Kiev", standing="International")
PHASE: Phase[City] = Phase(
    "", StreamId("s"), 1, 1, date.min, date.min, OPEN, OPEN, HISTORICAL, known_from=1
)


def held(*states: City, certain: bool = True) -> list[Held[City]]:
    return [Held(state.city, state, certain, PHASE) for state in states]


def compared(
    before: Sequence[Held[City]], after: Sequence[Held[City]], *without: str
) -> list[StateDifference]:
    return list(differences("register", iter(before), iter(after), frozenset(without)))


def test_what_is_the_same_is_passed_over() -> None:
    assert compared(held(HISTORICAL), held(HISTORICAL)) == []


def test_a_change_has_the_fields_that_differ_before_and_after() -> None:
    (found,) = compared(held(HISTORICAL), held(INTERNATIONAL))

    assert found == StateDifference(
        what="register",
        key="Kiev",
        change="changed",
        before={"standing": "Historical"},
        after={"standing": "International"},
        before_determinate=True,
        after_determinate=True,
    )


def test_what_appears_or_ends_comes_whole() -> None:
    whole = {"city": "Kiev", "standing": "Historical", "note": ""}

    (appeared,) = compared([], held(HISTORICAL))
    (ended,) = compared(held(HISTORICAL), [])

    assert (appeared.change, appeared.before, appeared.after) == ("appeared", None, whole)
    assert (ended.change, ended.before, ended.after) == ("ended", whole, None)


def test_where_one_side_is_not_determinate_all_that_may_hold_is_shown() -> None:
    both = held(City(city="Kiev"), HISTORICAL, certain=False)

    (found,) = compared(both, held(HISTORICAL))

    assert found.before == {"standing": {"not determinate": [None, "Historical"]}}
    assert found.after == {"standing": "Historical"}
    assert (found.before_determinate, found.after_determinate) == (False, True)


def test_becoming_sure_of_the_same_row_is_a_difference() -> None:
    (found,) = compared(held(HISTORICAL, certain=False), held(HISTORICAL))

    assert (found.before_determinate, found.after_determinate) == (False, True)
    assert (found.change, found.before, found.after) == ("changed", {}, {})


def test_fields_left_out_make_no_difference() -> None:
    noted = HISTORICAL.model_copy(update={"note": "said twice"})

    assert compared(held(HISTORICAL), held(noted), "note") == []


def test_keys_that_only_one_side_has_are_found_between_the_others() -> None:
    a, b, c, d = (City(city=name) for name in "abcd")

    found = compared(held(a, c), held(b, c, d))

    assert [(each.key, each.change) for each in found] == [
        ("a", "ended"),
        ("b", "appeared"),
        ("d", "appeared"),
    ]


def test_sides_are_read_as_they_come() -> None:
    read: list[str] = []

    def endless() -> Iterator[Held[City]]:
        for number in range(10**9):
            read.append(f"{number:012}")
            yield Held(read[-1], City(city=read[-1]), True, PHASE)

    first = next(differences("register", endless(), iter(())))

    assert first.key == "000000000000"
    assert len(read) <= 3
