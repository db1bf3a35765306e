"""Places over time: renamed, merged, split, moved to another country, and two of one name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.minutes import Clerk

RENAMED = """
    meeting: { id: DAY-SLUG, on: DAY }
    items:
      - identify-places:
          places: [{ code: CODE, name: NAME, country: COUNTRY, country_name: COUNTRY_NAME }]
    """
NOMI = """
    meeting: { id: 2005-02-01-clerk, on: 2005-02-01 }
    items:
      - identify-places:
          places:
            - { code: JP-NOMI, name: Nomi, country: JP, country_name: Japan, part_of: Ishikawa }
      - replace-places: { places: [JP-TATSUNOKUCHI], by: [JP-NOMI] }
    """
BECOMES_PARTNER = """
    meeting: { id: DAY-council, body: council, on: DAY, matter: new-partner }
    items:
      - open-matter: { title: A new partner }
      - decide:
          decision: enters
          kind: adopt
          summary: A partner.
          notwithstanding: [new-alliances]
          instruments:
            - instrument: enter-partnership
              city: CITY
              established: DAY
              description: Friendship
    """
TRIP = """
    meeting: { id: trip, on: 2002-03-01 }
    items:
      - receive-request:
          { request: trip, place: "CITY", asks: A visit, group: { office: A society } }
    """


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    return Clerk(tmp_path)


def named(clerk: Clerk, day: str, code: str, name: str, country: str, country_name: str) -> None:
    text = RENAMED
    for word, value in (
        ("DAY", day),
        ("COUNTRY_NAME", country_name),
        ("COUNTRY", country),
        ("SLUG", code.lower()),
        ("CODE", code),
        ("NAME", name),
    ):
        text = text.replace(word, value)
    clerk.records(f"{day}-{code}", text)


def partner(clerk: Clerk, day: str, city: str) -> str:
    text = BECOMES_PARTNER.replace("DAY", day).replace("CITY", city)
    return " ".join(clerk.records("partner", text).out.split())


def called(clerk: Clerk, code: str, day: str) -> set[tuple[str, str]]:
    rows = clerk.asks("list", "partnerships", as_of=day)
    return {(row["city"], row["country"]) for row in rows if row["code"] == code}


def test_a_city_and_its_country_are_called_as_on_the_day(clerk: Clerk) -> None:
    named(clerk, "2019-02-12", "MK-SKOPJE", "Skopje", "MK", "North Macedonia")
    named(clerk, "2006-10-03", "UA-KIEV", "Kyiv", "UA", "Ukraine")
    assert called(clerk, "UA-KIEV", "2006-10-02") == {("Kiev", "Ukraine")}
    assert called(clerk, "UA-KIEV", "2006-10-03") == {("Kyiv", "Ukraine")}
    assert called(clerk, "MK-SKOPJE", "2019-02-11") == {("Skopje", "Macedonia")}
    assert called(clerk, "MK-SKOPJE", "2019-02-12") == {("Skopje", "North Macedonia")}
    for country in ("Macedonia", "North Macedonia", "MK"):
        rows = clerk.asks("list", "partnerships", country=country, as_of="2020-01-01")
        assert [row["city"] for row in rows] == ["Skopje"]


def test_an_act_between_two_names_speaks_of_the_name_of_its_day(clerk: Clerk) -> None:
    named(clerk, "2006-10-03", "UA-KIEV", "Kyiv", "UA", "Ukraine")
    text = """
        meeting: { id: 2004-council, body: council, on: 2004-03-01, matter: kiev }
        items:
          - open-matter: { title: Kiev }
          - decide:
              decision: ends
              kind: adopt
              summary: Ends.
              instruments: [{ instrument: end-partnership, city: UA-KIEV, reason: x }]
        """
    clerk.records("ended", text)
    stored = clerk.sees("log", "--stream", "partnership/UA-KIEV", "--format", "json").splitlines()
    event = json.loads(stored[-1])
    assert event["topic"] == "partnership-lapsed.v1"
    assert event["fact"]["place"]["name"] == "Kiev"


def test_a_city_that_moved_to_another_country_is_in_each_on_its_days(clerk: Clerk) -> None:
    named(clerk, "2001-01-01", "RS-BELGRADE", "Belgrade", "YU", "Yugoslavia")
    partner(clerk, "2002-03-01", "RS-BELGRADE")
    named(clerk, "2006-06-05", "RS-BELGRADE", "Belgrade", "RS", "Serbia")
    assert called(clerk, "RS-BELGRADE", "2006-06-04") == {("Belgrade", "Yugoslavia")}
    assert called(clerk, "RS-BELGRADE", "2006-06-05") == {("Belgrade", "Serbia")}
    for country in ("Serbia", "Yugoslavia"):
        rows = clerk.asks("list", "partnerships", country=country, as_of="2010-01-01")
        assert [(row["city"], row["country"]) for row in rows] == [("Belgrade", "Serbia")]
    for city in ("Belgrade, Yugoslavia", "Belgrade, Serbia"):
        (row,) = clerk.asks("show", "partnership", city, as_of="2010-01-01")
        assert row["code"] == "RS-BELGRADE"


def test_a_merged_place_keeps_its_partnership_and_the_new_one_leads_to_it(clerk: Clerk) -> None:
    clerk.records("nomi", NOMI)
    (before,) = clerk.asks("show", "partnership", "Tatsunokuchi", as_of="2005-01-31")
    assert (before["city"], before["successors"]) == ("Tatsunokuchi", [])
    (after,) = clerk.asks("show", "partnership", "Tatsunokuchi", as_of="2005-02-01")
    assert (after["city"], after["successors"]) == ("Tatsunokuchi", ["Nomi"])
    (through,) = clerk.asks("show", "partnership", "Nomi", as_of="2005-02-01")
    assert (through["code"], through["established"]) == ("JP-TATSUNOKUCHI", "1991")
    (found,) = clerk.asks("list", "partnerships", search="nomi", as_of="2005-02-01")
    assert found["code"] == "JP-TATSUNOKUCHI"
    (still,) = clerk.asks("show", "partnership", "Nomi", as_of="2005-01-31")
    assert (still["code"], still["successors"]) == ("JP-TATSUNOKUCHI", [])


def test_who_enters_a_partnership_with_the_new_place_is_told_of_the_old_one(clerk: Clerk) -> None:
    clerk.records("nomi", NOMI)
    said = partner(clerk, "2006-03-01", "JP-NOMI")
    assert "the partnership with Tatsunokuchi stands, whose territory is Nomi's" in said


def test_an_act_on_a_place_that_is_no_more_is_told_who_has_its_territory(clerk: Clerk) -> None:
    named(clerk, "1990-01-01", "DD-BERLIN", "East Berlin", "DD", "German Democratic Republic")
    named(clerk, "1990-01-01", "DE-BERLIN", "Berlin", "DE", "Germany")
    clerk.records(
        "unity",
        """
        meeting: { id: unity, on: 1990-10-03 }
        items:
          - replace-places: { places: [DD-BERLIN], by: [DE-BERLIN] }
        """,
    )
    said = partner(clerk, "2002-03-01", "DD-BERLIN")
    assert "East Berlin no longer exists on 2002-03-01: its territory is that of Berlin" in said


def test_a_split_place_is_found_by_each_part_and_may_be_there_again(clerk: Clerk) -> None:
    named(clerk, "2000-01-01", "NO-MOLDE", "Molde", "NO", "Norway")
    partner(clerk, "2002-03-01", "NO-MOLDE")
    named(clerk, "2020-01-01", "NO-NYE-MOLDE", "Nye Molde", "NO", "Norway")
    named(clerk, "2024-01-01", "NO-HARAM", "Haram", "NO", "Norway")
    for day, ends, by in (
        ("2020-01-01", "NO-MOLDE", "NO-NYE-MOLDE"),
        ("2024-01-01", "NO-NYE-MOLDE", "NO-MOLDE, NO-HARAM"),
    ):
        clerk.records(
            f"replaced-{day}",
            f"""
            meeting: {{ id: replaced-{day}, on: {day} }}
            items:
              - replace-places: {{ places: [{ends}], by: [{by}] }}
            """,
        )
    successors = {
        day: clerk.asks("show", "partnership", "Molde", as_of=day)[0]["successors"]
        for day in ("2019-12-31", "2020-01-01", "2023-12-31", "2024-01-01")
    }
    assert successors == {
        "2019-12-31": [],
        "2020-01-01": ["Nye Molde"],
        "2023-12-31": ["Nye Molde"],
        "2024-01-01": [],
    }


def test_two_places_of_one_name_are_told_apart_by_what_they_are_part_of(clerk: Clerk) -> None:
    clerk.records(
        "places",
        """
        meeting: { id: places, on: 2001-01-01 }
        items:
          - identify-places:
              places:
                - { code: CN-TAIZHOU-JS, name: Taizhou, country: CN, country_name: China,
                    part_of: Jiangsu }
                - { code: CN-TAIZHOU-ZJ, name: Taizhou, country: CN, country_name: China,
                    part_of: Zhejiang, kind: prefecture-level city }
                - { code: US-NEW-YORK-STATE, name: New York, country: US, country_name: U.S.A.,
                    kind: state }
        """,
    )
    refused = clerk.tries("trip", TRIP.replace("CITY", "Taizhou"))
    assert refused.code != 0
    assert "SeveralPlaces" in refused.err
    assert "CN-TAIZHOU-JS" in refused.err
    clerk.records("zhejiang", TRIP.replace("CITY", "Taizhou, Zhejiang"))
    (asked,) = clerk.asks("show", "request", "trip")
    assert asked["steps"][0]["content"]["place"]["code"] == "CN-TAIZHOU-ZJ"
    partner(clerk, "2002-03-01", "CN-TAIZHOU-ZJ")
    (row,) = clerk.asks("show", "partnership", "taizhou, zhejiang", as_of="2002-03-01")
    assert (row["code"], row["kind"]) == ("CN-TAIZHOU-ZJ", "prefecture-level city")
    assert clerk.asks("show", "partnership", "New York, state", as_of="2002-03-01") == []
    (city,) = clerk.asks("show", "partnership", "New York, city", as_of="2002-03-01")
    assert city["targeted"]


OBLAST = """
    meeting: { id: oblast, on: 1985-01-01 }
    items:
      - identify-places:
          places:
            - { code: RU-NIZHNY, name: Gorky, country: SU, country_name: Soviet Union,
                part_of: RU-GORKY-OBLAST, region: XE-EAST }
            - { code: RU-BOR, name: Bor, country: SU, country_name: Soviet Union,
                part_of: RU-GORKY-OBLAST, region: XE-EAST }
            - { code: RS-BOR, name: Bor, country: YU, country_name: Yugoslavia, part_of: Serbia }
            - { code: RU-GORKY-OBLAST, name: Gorky Oblast, country: SU, country_name: Soviet Union,
                kind: oblast }
            - { code: XE-EAST, name: Eastern Bloc, country: XE, country_name: Europe, kind: region }
    """


def oblast_renamed(clerk: Clerk) -> None:
    """An oblast, with two towns in it, that has another name from 1990-10-22, as its region has."""
    clerk.records("oblast", OBLAST)
    named(clerk, "1990-10-22", "RU-GORKY-OBLAST", "Nizhny Novgorod Oblast", "RU", "Russia")
    named(clerk, "1991-07-01", "XE-EAST", "Eastern and Central Europe", "XE", "Europe")
    partner(clerk, "2002-03-01", "RU-BOR")


def test_a_state_and_a_region_are_called_as_on_the_day_wherever_a_city_is_in_them(
    clerk: Clerk,
) -> None:
    oblast_renamed(clerk)
    rows = [clerk.asks("show", "partnership", "RU-BOR", as_of="2002-03-01")[0]]
    named(clerk, "2003-01-01", "RU-GORKY-OBLAST", "Lower Oblast", "RU", "Russia")
    rows += [
        clerk.asks("show", "partnership", "RU-BOR", as_of=day)[0]
        for day in ("2002-12-31", "2003-01-01")
    ]
    assert [(row["part_of"], row["region"]) for row in rows] == [
        ("Nizhny Novgorod Oblast", "Eastern and Central Europe"),
        ("Nizhny Novgorod Oblast", "Eastern and Central Europe"),
        ("Lower Oblast", "Eastern and Central Europe"),
    ]


@pytest.mark.parametrize("region", ["Eastern Bloc", "eastern and central europe"])
def test_every_name_of_a_region_finds_the_partners_in_it(clerk: Clerk, region: str) -> None:
    oblast_renamed(clerk)
    rows = clerk.asks("list", "partnerships", region=region, as_of="2002-03-01")
    assert [row["city"] for row in rows] == ["Bor"]


@pytest.mark.parametrize("apart", ["Gorky Oblast", "Nizhny Novgorod Oblast", "Eastern Bloc"])
def test_every_name_of_a_state_tells_two_towns_of_one_name_apart(clerk: Clerk, apart: str) -> None:
    oblast_renamed(clerk)
    (row,) = clerk.asks("show", "partnership", f"Bor, {apart}", as_of="2002-03-01")
    assert row["code"] == "RU-BOR"


def test_a_region_that_no_city_is_in_any_more_leads_to_those_that_were(clerk: Clerk) -> None:
    text = """
        meeting: { id: regions, on: 2004-01-01 }
        items:
          - identify-places:
              places:
                - { code: UA-KIEV, name: Kiev, country: UA, country_name: Ukraine,
                    region: Black Sea }
        """
    clerk.records("regions", text)
    named(clerk, "2004-06-01", "UA-KIEV", "Kyiv", "UA", "Ukraine")
    moved = text.replace("Black Sea", "Dnieper").replace("2004", "2005").replace("regions", "anew")
    clerk.records("anew", moved)
    for region in ("Dnieper", "Black Sea"):
        rows = clerk.asks("list", "partnerships", region=region, as_of="2005-01-01")
        assert [row["code"] for row in rows] == ["UA-KIEV"]


def test_a_city_is_in_no_state_of_an_unknown_code(clerk: Clerk) -> None:
    refused = clerk.tries("oblast", OBLAST.replace("part_of: RU-GORKY-OBLAST", "part_of: RU-GORKI"))
    assert "UnknownPlace" in refused.err
    assert "RU-GORKI" in refused.err


@pytest.mark.parametrize(
    ("places", "by", "refusal"),
    [
        ("UA-KIEV", "UA-NOWHERE", "UnknownPlace"),
        ("UA-KIEV", "UA-KIEV", "ReplacedByItself"),
        ("JP-TATSUNOKUCHI", "UA-KIEV", "PlaceNoMore"),
    ],
)
def test_what_cannot_end_so_is_refused(clerk: Clerk, places: str, by: str, refusal: str) -> None:
    clerk.records("nomi", NOMI)
    refused = clerk.tries(
        "ends",
        f"""
        meeting: {{ id: ends, on: 2010-01-01 }}
        items:
          - replace-places: {{ places: [{places}], by: [{by}] }}
        """,
    )
    assert refused.code != 0
    assert refusal in refused.err
