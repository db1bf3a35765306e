"""A chain as PROV-JSON, read back by the library that knows the standard."""

from __future__ import annotations

import json
from typing import Any

import pytest
from prov.model import ProvDocument

from adapters.exports.prov import prov_json
from tests.projections.explanation.test_why import (
    AFTER,
    CLASSES,
    KIEVS_CLASS,
    letter,
    recorded,
)
from tests.support import small_city as city
from tests.support.explained import explained

BODIES = dict.fromkeys(range(1, 10), "City Council")


@pytest.fixture
def told() -> str:
    log = recorded(CLASSES, letter("A wish.", "UA-KIEV"), city.adopt("report/1"))
    return prov_json(explained(log, KIEVS_CLASS, AFTER), BODIES)


@pytest.fixture
def document(told: str) -> Any:
    return ProvDocument.deserialize(content=told, format="json")


def related(told: str, relation: str, one: str, other: str) -> set[tuple[str, str]]:
    return {
        (r[f"prov:{one}"].removeprefix("alliance:"), r[f"prov:{other}"].removeprefix("alliance:"))
        for r in json.loads(told)[relation].values()
    }


def test_it_is_read_back_as_it_was_written(told: str, document: Any) -> None:
    again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")

    assert again == document
    assert "wasGeneratedBy(alliance:effect/partnership/UA-KIEV/2" in document.get_provn()


REPORT = "report/matter/2001-12-4/2"
LETTER = "communication/matter/2001-12-4/3"
DECISION = "decision/matter/2001-12-4/4"
EFFECT = "effect/partnership/UA-KIEV/2"
FACT = "fact/partnership/UA-KIEV/classification"


def test_the_state_was_made_by_the_decision_and_derives_from_the_report(told: str) -> None:
    assert related(told, "wasGeneratedBy", "entity", "activity") == {(EFFECT, DECISION)}
    assert related(told, "wasDerivedFrom", "generatedEntity", "usedEntity") == {(EFFECT, REPORT)}
    assert related(told, "specializationOf", "specificEntity", "generalEntity") == {(EFFECT, FACT)}
    assert (DECISION, "body/council") in related(told, "wasAssociatedWith", "activity", "agent")
    assert json.loads(told)["agent"]["alliance:body/council"] == {"prov:label": "City Council"}


def test_what_was_only_cited_is_there_with_its_role_and_nothing_derives_from_it(told: str) -> None:
    entity = json.loads(told)["entity"][f"alliance:{LETTER}"]
    used = related(told, "used", "activity", "entity")

    assert entity["alliance:role"] == "cites"
    assert {activity for activity, thing in used if thing == LETTER} == {
        "command/meeting/receive-communication/2001-12-4/letter"  # it was recorded, and that is all
    }


def test_what_allowed_the_change_influenced_the_fact(told: str) -> None:
    assert related(told, "wasInfluencedBy", "influencee", "influencer") == {
        (FACT, "effect/charter/1"),
        (FACT, "effect/places/1"),
        (FACT, "matter/matter/2001-12-4/1"),
        (FACT, "effect/partnership/UA-KIEV/1"),
    }


def test_who_recorded_what_stands_apart_from_who_decided_it(told: str) -> None:
    by = related(told, "wasAssociatedWith", "activity", "agent")

    assert ("command/meeting/decide/2001-12-4/adoption", "clerk/a%20clerk") in by
    assert (DECISION, "clerk/a%20clerk") not in by
    assert related(told, "wasInformedBy", "informed", "informant") == {
        ("command/meeting/open-matter/2001-12-4", "matter/matter/2001-12-4/1"),
        ("command/meeting/decide/2001-12-4/adoption", DECISION),
    }


def test_a_meeting_of_several_days_begins_on_the_first_and_ends_on_the_last(told: str) -> None:
    decision = json.loads(told)["activity"][f"alliance:{DECISION}"]

    assert decision["prov:startTime"] == "2001-12-04T00:00:00"
    assert decision["prov:endTime"] == "2001-12-06T23:59:59"
    assert decision["alliance:decidedOn"] == "2001-12-04/2001-12-06"
