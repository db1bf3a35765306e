"""Places are known by code and by every name (rule C5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.cities import (
    Gazetteer,
    IdentifyPlaces,
    NameTaken,
    Place,
    PlaceIdentified,
    PlaceKind,
    UnknownPlace,
    evolve,
    folded,
    identify,
    require_names_once,
)
from domain.kernel import Event
from tests.support.small_city import FIRST_PAPER, KIEV, MILAN, basis

pytestmark = pytest.mark.rule("C5")

BASIS = basis(FIRST_PAPER)
KNOWN = evolve(
    evolve(Gazetteer(), PlaceIdentified(place=KIEV, **BASIS)), PlaceIdentified(place=MILAN, **BASIS)
)


def entering(known: Gazetteer, *places: Place) -> tuple[Event, ...]:
    return identify(known, IdentifyPlaces(on=FIRST_PAPER, places=places), BASIS)


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
        {"kiev": "UA-KIEV", "kyiv": "UA-KIEV", "milan": "IT-MILAN"},
    )
    renamed = KIEV.model_copy(update={"other_names": ()})
    known = evolve(known, PlaceIdentified(place=renamed, **BASIS))
    assert known.names == {"kiev": "UA-KIEV", "milan": "IT-MILAN"}


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


@pytest.mark.parametrize("name", ["Kiev", "KYIV", "kíev"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    other = Place(code="US-KIEV", name="Kiev, Missouri", country="US", country_name="U.S.A.")
    for place in (
        other.model_copy(update={"name": name}),
        other.model_copy(update={"other_names": (name,)}),
    ):
        with pytest.raises(NameTaken) as refused:
            entering(KNOWN, place)
        assert refused.value.details == {
            "rule": "C5",
            "name": name,
            "code": "US-KIEV",
            "held_by": "UA-KIEV",
        }
    assert len(entering(KNOWN, other)) == 1


def test_a_place_that_repeats_its_own_name_is_entered_once() -> None:
    twice = MILAN.model_copy(update={"other_names": ("milan",)})
    events = entering(Gazetteer(), twice)
    assert events == (PlaceIdentified(place=MILAN, **BASIS),)
    assert entering(KNOWN, twice) == ()


def test_a_name_leads_to_one_place_at_any_time() -> None:
    other = MILAN.model_copy(update={"name": "Kyiv"})
    renamed = PlaceIdentified(place=MILAN, **BASIS)
    entered = [PlaceIdentified(place=place, **BASIS) for place in (KIEV, other)]
    require_names_once([entered[0], renamed])
    with pytest.raises(NameTaken) as refused:
        require_names_once([*entered, renamed])
    assert refused.value.details == {
        "rule": "C5",
        "name": "Kyiv",
        "code": "IT-MILAN",
        "held_by": "UA-KIEV",
    }


def test_two_places_of_one_command_cannot_share_a_name() -> None:
    twin = MILAN.model_copy(update={"code": "US-MILAN", "country": "US", "country_name": "U.S.A."})
    with pytest.raises(NameTaken) as refused:
        entering(Gazetteer(), MILAN, twin)
    assert refused.value.details["held_by"] == "IT-MILAN"


@given(name=st.text(alphabet="Kiévà-. ", min_size=1))
def test_folding_is_stable(name: str) -> None:
    assert folded(folded(name)) == folded(name) == folded(name.upper())


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
        kind=PlaceKind.STATE,
    )
    assert entering(KNOWN, state) == (PlaceIdentified(place=state, **BASIS),)
