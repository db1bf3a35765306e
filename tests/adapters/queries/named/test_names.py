"""Every name of a thing leads to it; one that nobody knows is told with those like it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from adapters.bootstrap import Register, open_register
from adapters.queries.bodies import body
from adapters.queries.discrepancies import discrepancies, discrepancy
from adapters.queries.entries import log_entries, log_filter
from adapters.queries.explanations import NoSuchFact, explain
from adapters.queries.explorations import exploration, explorations
from adapters.queries.matters import decisions, matter, matters
from adapters.queries.missions import mission
from adapters.queries.moment import Moment, NothingRecorded, NotYet
from adapters.queries.named.bodies import body_of
from adapters.queries.named.matters import matter_of
from adapters.queries.named.names import SeveralOfThisName, key_found, keys_meant
from adapters.queries.named.places import country_names_of_iso, country_of, place_of, region_of
from adapters.queries.partnerships import partnership, partnerships, targeted
from adapters.queries.policy.provisions import addresses_of, provision
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
    in_passages = [row.number for row in discrepancies(register, AT, about="Chicago")]
    assert in_passages == [18, 19]
    assert [row.number for row in discrepancies(register, AT, about="istanbul")] == [1]
    assert discrepancies(register, AT, about="Haifa") == []
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


PARTNER = ("show partnership kiev", "why partnership/kiev")


@pytest.mark.parametrize(
    ("question", "name", "details"),
    [
        (partnership, "germany", {"city": "germany", "this_is": ("a country",)}),
        (matter, "kiev", {"matter": "kiev", "this_is": ("a city, a partner",), "ask": PARTNER}),
        (body, "Guerrero", {"this_is": ("a state", "an exploration", "a discrepancy")}),
        (provision, "council", {"this_is": ("a body",)}),
        (study, "2001-12-4", {"this_is": ("a matter",), "ask": ("show matter 2001-12-4",)}),
        (
            discrepancy,
            "council-adopts",
            {
                "this_is": ("a decision on matter 2001-12-4",),
                "ask": ("show matter 2001-12-4", "why decision/2001-12-4/council-adopts"),
            },
        ),
        (
            mission,
            "outbound",
            {"this_is": ("a group of provisions",), "ask": ("policy outbound",)},
        ),
        (
            exploration,
            "composition of the delegation",
            {
                "this_is": ("a provision",),
                "ask": (
                    "policy 'composition of the delegation'",
                    "why provision/'composition of the delegation'",
                ),
            },
        ),
    ],
)
def test_a_name_of_a_thing_of_another_kind_is_told_with_what_it_is_and_how_to_ask(
    register: Register, question: Any, name: str, details: dict[str, Any]
) -> None:
    with pytest.raises(NothingRecorded) as unknown:
        question(register, name, AT)
    assert {field: unknown.value.details[field] for field in details} == details


def test_an_exploration_is_found_by_its_places_and_their_countries(register: Register) -> None:
    for name in ("mexico", "MX-GUERRERO", "guerrero"):
        assert [row.subject for row in exploration(register, name, AT)] == ["guerrero"]
    assert {row.subject for row in explorations(register, AT, search="ukraine")} == {
        "baltic-region"
    }


def test_a_part_of_a_matters_reference_leads_to_it(register: Register) -> None:
    with pytest.raises(NothingRecorded) as unknown:
        matter(register, "report no. 12", AT)
    assert str(unknown.value.details["near"]).startswith("('Report No. 12 of the Economic")


def test_targeted_is_no_class_of_partners(register: Register) -> None:
    with pytest.raises(NothingRecorded) as unknown:
        partnerships(register, AT, classification="targeted")
    assert unknown.value.details["ask"] == ("list targeted",)


def test_a_country_that_nobody_knows_is_told_with_all_by_their_names(register: Register) -> None:
    with pytest.raises(NothingRecorded) as unknown:
        partnerships(register, AT, country="Narnia")
    known = unknown.value.details["known"]
    assert isinstance(known, tuple)
    assert {"China", "Ukraine", "Mexico", "U.S.A."} <= set(known)
    with pytest.raises(NothingRecorded) as near:
        partnerships(register, AT, country="Grece")
    assert near.value.details == {"country": "Grece", "near": ("Greece",)}


def test_a_fact_without_its_kind_is_told_with_what_the_name_is(register: Register) -> None:
    with pytest.raises(NoSuchFact) as kiev:
        explain(register, "kyiv", AT)
    assert kiev.value.details == {
        "fact": "kyiv",
        "this_is": ("a city, a partner",),
        "ask": ("show partnership kyiv", "why partnership/kyiv"),
    }
    with pytest.raises(NoSuchFact) as like:
        explain(register, "frankfort", AT)
    assert like.value.details["near"] == ("Frankfurt",)


def positions(register: Register, **asked: object) -> list[int]:
    found = log_entries(register, 0, None, log_filter(register, **asked))
    return [each.entry.position for each in found]


def test_the_log_is_filtered_by_any_name_of_a_thing(register: Register) -> None:
    kiev = positions(register, about="kiev")
    assert kiev == positions(register, about="KYIV") == positions(register, about="ua-kiev")
    streams = {
        each.entry.stream for each in log_entries(register, 0) if each.entry.position in kiev
    }
    assert {"partnership/UA-KIEV", "matter/2001-12-4", "exploration/baltic-region"} <= streams
    assert "partnership/PT-LISBON" not in streams
    germany = log_entries(register, 0, None, log_filter(register, about="germany"))
    streams = {each.entry.stream for each in germany}
    assert "partnership/DE-FRANKFURT" in streams
    assert "partnership/PL-WARSAW" not in streams
    with pytest.raises(NothingRecorded) as unknown:
        positions(register, about="frankfort")
    assert unknown.value.details == {
        "about": "frankfort",
        "near": ("Frankfurt",),
        "ask": ("log --grep frankfort",),
    }


def test_the_log_is_filtered_by_matter_body_and_year(register: Register) -> None:
    of_council = log_entries(register, 0, None, log_filter(register, body="City Council"))
    assert {e.entry.event.TOPIC for e in of_council} >= {"decision-taken.v1", "motion-moved.v1"}
    title = "International Alliance Program Policy"
    by_matter = log_entries(register, 0, None, log_filter(register, matter=title))
    streams = {each.entry.stream for each in by_matter}
    assert {"matter/2001-12-4", "policy", "partnership/UA-KIEV"} <= streams
    assert not any(stream.startswith("place") for stream in streams)
    years = {year: positions(register, year=year) for year in (1971, 2001, 2002)}
    assert (len(years[1971]), years[2002]) == (1, [])  # Skopje is a partner since 1971
    assert len(years[2001]) > 100
    with pytest.raises(NothingRecorded):
        positions(register, matter="2001-99")
