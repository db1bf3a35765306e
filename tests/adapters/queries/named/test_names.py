"""Every name of a thing leads to it; one that nobody knows is told with those like it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from adapters.bootstrap import Register, open_register
from adapters.queries.discrepancies import discrepancies, discrepancy
from adapters.queries.explorations import exploration
from adapters.queries.matters import decisions, matters
from adapters.queries.moment import Moment, NothingRecorded, NotYet
from adapters.queries.named.bodies import body_of
from adapters.queries.named.matters import matter_of
from adapters.queries.named.names import SeveralOfThisName, key_found, keys_meant
from adapters.queries.named.places import country_names_of_iso, country_of, place_of, region_of
from adapters.queries.partnerships import partnerships, targeted
from adapters.queries.policy.provisions import addresses_of
from adapters.queries.studies import study
from tests.support.toronto import recorded_2001

AT = Moment(date(2001, 12, 31), None)
NAMES = {"a/1": ("Composition",), "a/2": ("Selection",), "b": ("Selection",)}


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    with open_register(recorded_2001(tmp_path_factory.mktemp("names"))) as opened:
        yield opened


def test_a_key_and_each_of_its_names_lead_to_it_in_any_case_and_spelling() -> None:
    assert [
        key_found("thing", name, NAMES) for name in ("a/1", "A1", "composition", "COMPOSÍTION")
    ] == ["a/1"] * 4


def test_a_name_of_several_things_is_told_with_all_of_them() -> None:
    assert keys_meant("thing", "selection", NAMES) == ("a/2", "b")
    with pytest.raises(SeveralOfThisName) as several:
        key_found("thing", "selection", NAMES)
    assert several.value.details == {"what": "thing", "name": "selection", "meant": ("a/2", "b")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("selektion", {"near": ("Selection",)}),
        ("position", {"near": ("Composition",)}),
        ("moon", {"known": ("a/1", "a/2", "b")}),
    ],
)
def test_what_nobody_knows_is_told_with_names_like_it_or_with_all_if_they_are_few(
    text: str, told: dict[str, Any]
) -> None:
    with pytest.raises(NothingRecorded) as unknown:
        key_found("body", text, NAMES)
    assert unknown.value.details == {"body": text, **told}


@pytest.mark.parametrize("name", ["US", "us", "U.S.A.", "usa", "United States", "united STATES"])
def test_a_country_has_its_code_its_name_in_the_papers_and_that_of_iso_3166(
    register: Register, name: str
) -> None:
    assert country_of(register, name, AT) == "US"
    assert {row.city for row in partnerships(register, AT, country=name)} == {
        "Chicago",
        "Indianapolis",
    }


def test_names_in_brackets_are_names_too() -> None:
    assert country_names_of_iso()["GB"] == ("Britain", "UK", "UK Britain")
    assert country_names_of_iso()["KR"] == ("Korea", "South", "South Korea")
    assert country_names_of_iso()["UA"] == ("Ukraine",)


def test_places_regions_bodies_matters_and_provisions_have_many_names(register: Register) -> None:
    assert {place_of(register, n, AT).code for n in ("kiev", "KYIV", "ua-kiev")} == {"UA-KIEV"}
    assert region_of(register, "eastern asia", AT) == "Eastern Asia"
    assert body_of(register, "city council", AT) == body_of(register, "COUNCIL", AT) == "council"
    assert matter_of(register, "international alliance program policy", AT) == "2001-12-4"
    assert addresses_of(register, "Selection of the delegation", AT) == ["outbound/2"]
    assert addresses_of(register, "OUTBOUND/2", AT) == ["outbound/2"]
    assert addresses_of(register, "planning", AT) == [
        "planning/1(i)",
        "planning/1(ii)",
        "planning/2",
        "planning/3",
        "planning/4",
    ]
    assert addresses_of(register, "goals", AT) == ["goals"]
    assert [row.subject for row in exploration(register, "Baltic region", AT)] == ["baltic-region"]
    assert [row.edition for row in study(register, "a roster of world cities", AT)] == [
        "gawc-research-bulletin-5"
    ]


def test_a_discrepancy_is_found_by_number_and_by_any_name_of_what_it_is_about(
    register: Register,
) -> None:
    assert [row.discrepancy for row in discrepancy(register, "1", AT)] == ["number-of-partnerships"]
    about = [row.number for row in discrepancies(register, AT, about="UA-KIEV")]
    assert about == [5, 15]
    assert [row.number for row in discrepancies(register, AT, about="kiev")] == about
    assert [row.number for row in discrepancies(register, AT, about="kyiv")] == about
    assert discrepancies(register, AT, about="funding") != []
    assert discrepancies(register, AT, about="Chicago") == []
    with pytest.raises(NothingRecorded):
        discrepancies(register, AT, about="atlantis")


def test_lists_are_narrowed_by_year_by_words_and_by_body(register: Register) -> None:
    assert {row.city for row in partnerships(register, AT, established=1991)} == {
        "Sagamihara",
        "Chicago",
        "Tatsunokuchi",
        "Volgograd",
        "Kiev",
    }
    assert len(partnerships(register, AT, description="friendship agreement")) == 12
    assert {row.city for row in targeted(register, AT, country="u.s.a.")} == {
        "Los Angeles",
        "New York",
    }
    assert len(decisions(register, AT, body="City Council")) == 1
    assert len(decisions(register, AT, year=2001, matter="2001-12-4")) == 3
    assert matters(register, AT, year=2002) == []
    assert len(matters(register, AT, search="ALLIANCE program")) == 1


def test_a_study_that_nobody_cites_yet_is_told_apart_from_one_that_nobody_knows(
    register: Register,
) -> None:
    with pytest.raises(NotYet):
        study(register, "gawc-research-bulletin-5", Moment(date(2001, 11, 1), None))
    with pytest.raises(NothingRecorded) as unknown:
        study(register, "bulletin", Moment(date(2001, 11, 1), None))
    assert unknown.value.details == {"study": "bulletin", "near": ("gawc-research-bulletin-5",)}
