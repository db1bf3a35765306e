"""The two clocks of a fact: every area says what `why` says there, and the areas are the map."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from adapters.bootstrap import Register, open_register
from adapters.queries.explanations import explain
from adapters.queries.facts.clocks import FIRST_DAY, Clocks, two_clocks
from adapters.queries.moment import Moment, NothingRecorded, whole
from adapters.settings import Settings
from projections.engine.read_model import LAST_DAY
from tests.support.street import RECORDS, Street

EXAMPLES = Path(__file__).parents[4] / "docs" / "examples"
NOW = Moment(date(2026, 1, 1), None)

FACTS = (
    "partnership/lisbon",
    "partnership/lisbon/classification",
    "partnership/kiev/established",
    "targeted/seoul",
    "place/kiev",
    "provision/outbound/2",
    "provision/planning/1(ii)",
    "exploration/guerrero",
    "decision/2001-12-4/council-adopts",
    "motion/2001-12-4/council-strikes-kiev",
    "discrepancy/1",
    "plan/2002",
    "mission/spring",
    "body/council",
)
"""Of each kind one, of a corrected fact, and of a provision that is amended later."""


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    """The record of 2001, the year 2002, an amendment of 2003, and Lisbon's year put right."""
    street = Street.on_sqlite(tmp_path_factory.mktemp("street"))
    street.done("setup")
    for each in (RECORDS, *sorted((EXAMPLES / "2002").glob("*.yaml"))):
        street.done("record", each)
    street.done("record", EXAMPLES / "2003-05-21-council.yaml")
    wrong = ("partnership/PT-LISBON", 1, "--by", "City Clerk", "--reason", "Misread.")
    street.done("correct", *wrong, "--set", "established=1986")
    given = {
        name.removeprefix("ALLIANCE_").lower(): value for name, value in street.environment.items()
    }
    with open_register(Settings.model_validate(given)) as opened:
        yield opened


def points(clocks: Clocks) -> Iterator[tuple[Moment, tuple[object, ...]]]:
    """The corners of every area, with what the area says there."""
    for area in clocks.areas:
        bands, held = clocks.bands[slice(*area.bands)], clocks.days[slice(*area.days)]
        for known in (bands[0].first, bands[-1].last):
            for on in (held[0].first, held[-1].last):
                yield Moment(on, known), area.answer.candidates


@pytest.mark.parametrize("fact", FACTS)
def test_every_area_says_what_why_says_there(register: Register, fact: str) -> None:
    clocks = two_clocks(register, fact, NOW)
    tried = 0
    for at, candidates in points(clocks):
        try:
            known = whole(register, at.known or 0)
            account = explain(register, fact, Moment(at.on, known)).account
        except NothingRecorded:
            assert candidates in ((None,), (False,)), at
        else:
            assert account.candidates == candidates, at
        tried += 1
    assert tried == 4 * len(clocks.areas)


@pytest.mark.parametrize("fact", FACTS)
def test_the_areas_cover_the_map_once(register: Register, fact: str) -> None:
    clocks = two_clocks(register, fact, NOW)
    covered = [
        (band, held)
        for area in clocks.areas
        for band in range(*area.bands)
        for held in range(*area.days)
    ]
    everywhere = [(b, d) for b in range(len(clocks.bands)) for d in range(len(clocks.days))]
    assert sorted(covered) == everywhere
    assert (clocks.bands[0].first, clocks.bands[-1].last) == (0, register.log.head())
    assert (clocks.days[0].first, clocks.days[-1].last) == (FIRST_DAY, LAST_DAY)
    for one, other in zip(clocks.bands, clocks.bands[1:], strict=False):
        assert other.first == one.last + 1
    for before, after in zip(clocks.days, clocks.days[1:], strict=False):
        assert after.first == before.last + timedelta(1)


def test_a_corrected_year_was_said_otherwise_before(register: Register) -> None:
    rows = [*two_clocks(register, "partnership/lisbon/established", NOW).rows()]
    head = register.log.head()
    said = [(row.known_to, str(row.held_from), row.candidates) for row in rows if row.determinate]
    assert (None, "1986-12-31", ("1986",)) in said
    before = [row for row in rows if row.candidates == ("1987",)]
    assert [str(row.held_from) for row in before] == ["1987-12-31"]
    assert before[0].known_to is not None
    assert before[0].known_to < head


def test_of_one_day_of_several_both_states_are_shown(register: Register) -> None:
    rows = [*two_clocks(register, "partnership/kiev/classification", NOW).rows()]
    unsure = [row for row in rows if not row.determinate and None in row.candidates]
    assert any(
        (str(row.held_from), str(row.held_to), row.candidates)
        == ("2001-12-04", "2001-12-05", (None, "Historical"))
        for row in unsure
    )


def test_the_map_ends_at_the_position_that_is_asked_about(register: Register) -> None:
    early = two_clocks(register, "partnership/lisbon", Moment(NOW.on, 150))
    assert early.bands[-1].last == 150
    with pytest.raises(NothingRecorded):
        two_clocks(register, "partnership/lisbon", Moment(NOW.on, 2))
