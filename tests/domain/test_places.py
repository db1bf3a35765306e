"""Places are known by code and by every name (rule C5)."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from domain.places import (
    STREAM,
    Gazetteer,
    IdentifyPlaces,
    Place,
    PlaceIdentified,
    SeveralPlaces,
    UnknownPlace,
    decide,
    evolve,
    places_as_of,
)
from domain.shared.history import Recorded
from domain.shared.messages import Event
from tests.support.small_city import FIRST_PAPER, KIEV, MILAN, basis

pytestmark = pytest.mark.rule("C5")

BASIS = basis(FIRST_PAPER)
KNOWN = evolve(
    evolve(Gazetteer(), PlaceIdentified(place=KIEV, **BASIS)), PlaceIdentified(place=MILAN, **BASIS)
)


def entering(known: Gazetteer, *places: Place) -> tuple[Event, ...]:
    return decide(known, IdentifyPlaces(on=FIRST_PAPER, places=places), BASIS).events


def test_places_are_entered_as_the_papers_name_them() -> None:
    assert entering(Gazetteer(), KIEV, MILAN) == (
        PlaceIdentified(place=KIEV, **BASIS),
        PlaceIdentified(place=MILAN, **BASIS),
    )


def test_places_that_are_known_change_nothing() -> None:
    assert entering(KNOWN, MILAN, KIEV) == ()


@pytest.mark.parametrize(
    "text", ["UA-KIEV", "ua-kiev", "Kiev", "KYIV", " kyiv ", "Kyïv", "K-i.e v"]
)
def test_a_code_and_every_name_lead_to_the_place(text: str) -> None:
    assert KNOWN.find(text) == KIEV


@pytest.mark.parametrize("text", ["", "Kharkiv", "UA", "UA-", "—"])
def test_what_leads_nowhere_is_refused(text: str) -> None:
    with pytest.raises(UnknownPlace) as refused:
        KNOWN.find(text)
    assert refused.value.details == {"rule": "C5", "place": text}


def test_a_misspelt_name_is_refused_with_the_places_whose_names_are_like_it() -> None:
    with pytest.raises(UnknownPlace) as refused:
        KNOWN.find("Kief")
    assert refused.value.details == {"rule": "C5", "place": "Kief", "near": (KIEV.name,)}


def test_a_place_that_is_entered_leaves_the_names_of_the_others() -> None:
    known = Gazetteer()
    for place in (KIEV, MILAN):
        known = evolve(known, PlaceIdentified(place=place, **BASIS))
    assert known == Gazetteer(
        {"UA-KIEV": KIEV, "IT-MILAN": MILAN},
        {"kiev": ("UA-KIEV",), "kyiv": ("UA-KIEV",), "milan": ("IT-MILAN",)},
        {"UA": ("Ukraine",), "IT": ("Italy",)},
        {"UA-KIEV": ("UA",), "IT-MILAN": ("IT",)},
    )
    renamed = KIEV.model_copy(update={"other_names": ()})
    known = evolve(known, PlaceIdentified(place=renamed, **BASIS))
    assert known.names.keys() == {"kiev", "kyiv", "milan"}, "a name that it had goes on leading"


def test_places_are_called_as_of_the_day_whenever_that_was_entered() -> None:
    """Kiev in 2001, Kyiv from October 2006 on, entered after what is said of 2007."""
    said = (("2001-11-07", "Kiev"), ("2006-10-03", "Kyiv"), ("2007-06-19", "Kyiv"))
    entries = [
        Recorded(
            PlaceIdentified(
                place=KIEV.model_copy(update={"name": name, "other_names": ()}), **basis(on)
            ),
            STREAM,
            number,
            number,
            number,
        )
        for number, (on, name) in enumerate(said, 1)
    ]
    days = ("1986-01-01", "2006-10-02", "2006-10-03", "2010-01-01")
    called = [places_as_of(entries, date.fromisoformat(day)).places["UA-KIEV"] for day in days]
    assert [place.name for place in called] == ["Kiev", "Kiev", "Kyiv", "Kyiv"]
    assert called[-1].other_names == ("Kiev",)
    assert places_as_of(entries, date(2001, 12, 6)).find("Kyiv").name == "Kiev"


def test_a_name_that_went_from_one_place_to_another_is_that_of_the_one_that_has_it_then() -> None:
    """Gorky was Nizhny Novgorod's name until October 1990; then a town elsewhere took it."""
    nizhny = Place(code="RU-NIZHNY", name="Gorky", country="RU", country_name="Russia")
    town = Place(code="UA-HIRKE", name="Hirke", country="UA", country_name="Ukraine")
    said = (
        ("1986-05-01", nizhny),
        ("1988-02-01", town),
        ("1990-10-22", nizhny.model_copy(update={"name": "Nizhny Novgorod"})),
        ("1995-03-01", town.model_copy(update={"name": "Gorky"})),
        ("2001-06-01", town.model_copy(update={"other_names": ("Hirke", "Nizhny Novgorod")})),
    )
    entries = [
        Recorded(PlaceIdentified(place=place, **basis(on)), STREAM, number, number, number)
        for number, (on, place) in enumerate(said, 1)
    ]

    def meant(name: str, day: str) -> str:
        return places_as_of(entries, date.fromisoformat(day)).find(name).code

    assert meant("Gorky", "1989-01-01") == "RU-NIZHNY"
    assert meant("gorky", "1996-01-01") == "UA-HIRKE"
    assert meant("Hirke", "1989-01-01") == meant("Hirke", "1996-01-01") == "UA-HIRKE"
    assert meant("Nizhny Novgorod", "1996-01-01") == "RU-NIZHNY"
    with pytest.raises(SeveralPlaces) as neither:
        meant("Gorky", "1992-01-01")
    assert neither.value.details["meant"] == ("RU-NIZHNY", "UA-HIRKE")
    with pytest.raises(SeveralPlaces):
        meant("Nizhny Novgorod", "2002-01-01")


def test_a_former_name_goes_on_leading_to_the_place() -> None:
    renamed = KIEV.model_copy(
        update={"name": "Kyiv", "other_names": (), "region": "Eastern Europe"}
    )
    (event,) = entering(KNOWN, renamed)
    kept = renamed.model_copy(update={"other_names": ("Kiev",)})
    assert event == PlaceIdentified(place=kept, **BASIS)
    known = evolve(KNOWN, PlaceIdentified(place=kept, **BASIS))
    assert known.find("Kiev") == known.find("Kyiv") == kept


def test_further_names_and_a_region_are_added_and_saying_less_takes_nothing_away() -> None:
    more = KIEV.model_copy(update={"other_names": ("Kijow",), "region": "Eastern Europe"})
    (event,) = entering(KNOWN, more)
    assert isinstance(event, PlaceIdentified)
    assert event.place.other_names == ("Kyiv", "Kijow")
    known = evolve(KNOWN, event)
    assert entering(known, KIEV) == ()


KIEV_MISSOURI = Place(code="US-KIEV", name="Kiev", country="US", country_name="U.S.A.")
TWO_OF_ONE_NAME = evolve(KNOWN, PlaceIdentified(place=KIEV_MISSOURI, **BASIS))


def test_two_places_may_have_one_name_in_two_countries_or_in_one() -> None:
    assert entering(KNOWN, KIEV_MISSOURI) == (PlaceIdentified(place=KIEV_MISSOURI, **BASIS),)
    south = Place(code="CN-TAIZHOU-ZHEJIANG", name="Taizhou", country="CN", country_name="China")
    north = south.model_copy(update={"code": "CN-TAIZHOU-JIANGSU"})
    assert len(entering(Gazetteer(), south, north)) == 2


@pytest.mark.parametrize("text", ["Kiev", "KIEV", "kíev"])
def test_a_name_that_leads_to_two_places_is_asked_about(text: str) -> None:
    with pytest.raises(SeveralPlaces) as refused:
        TWO_OF_ONE_NAME.find(text)
    meant = ("UA-KIEV", "US-KIEV")
    assert refused.value.details == {"rule": "C5", "place": text, "meant": meant}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("US-KIEV", KIEV_MISSOURI),
        ("Kiev, U.S.A.", KIEV_MISSOURI),
        ("kiev, us", KIEV_MISSOURI),
        ("Kiev, Ukraine", KIEV),
        ("Kyiv", KIEV),
    ],
)
def test_a_code_the_country_or_a_name_of_its_own_tells_two_places_apart(
    text: str, place: Place
) -> None:
    assert TWO_OF_ONE_NAME.find(text) == place


def test_a_country_keeps_the_names_that_it_had() -> None:
    skopje = Place(code="MK-SKOPJE", name="Skopje", country="MK", country_name="Macedonia")
    renamed = skopje.model_copy(update={"country_name": "North Macedonia"})
    known = Gazetteer()
    for place in (skopje, renamed):
        known = evolve(known, PlaceIdentified(place=place, **BASIS))
    assert known.countries == {"MK": ("Macedonia", "North Macedonia")}
    assert known.find("Skopje, Macedonia") == known.find("Skopje, north macedonia") == renamed
    with pytest.raises(UnknownPlace):
        known.find("Skopje, Greece")


def test_a_place_that_repeats_its_own_name_is_entered_once() -> None:
    twice = MILAN.model_copy(update={"other_names": ("milan",)})
    events = entering(Gazetteer(), twice)
    assert events == (PlaceIdentified(place=MILAN, **BASIS),)
    assert entering(KNOWN, twice) == ()


@pytest.mark.parametrize(
    "code", ["UA", "ua-kiev", "UA-", "UA-Kiev", "UAK-KIEV", "UA KIEV", "UA-KIEV-", "UA-KIEV\n"]
)
def test_a_code_is_a_country_and_a_name(code: str) -> None:
    with pytest.raises(ValidationError):
        KIEV.model_validate({**KIEV.model_dump(), "code": code})


def test_the_source_lists_a_state_among_its_cities() -> None:
    state = Place(
        code="MX-GUERRERO",
        name="Guerrero",
        country="MX",
        country_name="Mexico",
        kind="state",
    )
    assert entering(KNOWN, state) == (PlaceIdentified(place=state, **BASIS),)
