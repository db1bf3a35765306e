"""What tells a command from others of its kind in one meeting: a repeat is known by it."""

from __future__ import annotations

from typing import Any

import pytest

from domain.catalogue import commands
from domain.instruments import (
    AdoptProvision,
    AdoptReport,
    ApproveAgreement,
    ApprovePlan,
    AuthoriseOfficials,
    ClassifyPartnership,
    DeleteProvision,
    ExceptStop,
    Explore,
    Instrument,
    TargetCity,
)
from domain.proceedings.decisions import RecordEffect
from domain.proceedings.numbers import MatterPart
from tests.support.small_city import ADOPTION, CHARTER, DELEGATION, KIEV, LATER, MILAN

OF_A_MATTER: dict[str, str] = {"matter": "2001-12-4"}
ITEMS: dict[str, tuple[dict[str, Any], str]] = {
    "record-charter": ({"charter": CHARTER}, "small-city"),
    "identify-places": ({"places": (KIEV, MILAN)}, "UA-KIEV+1"),
    "replace-places": ({"places": ("UA-KIEV", "IT-MILAN")}, "UA-KIEV+IT-MILAN"),
    "change-bodies": ({"bodies": (), "abolished": ("committee", "mayor")}, "committee+mayor"),
    "open-matter": (OF_A_MATTER, "2001-12-4"),
    "hold-in-camera": (OF_A_MATTER, "2001-12-4"),
    "release-matter": (OF_A_MATTER, "2001-12-4"),
    "number-matter": ({**OF_A_MATTER, "number": "2002.EC1.5"}, "2001-12-4/2002.EC1.5"),
    "consider-together": ({"matters": ("a", "b")}, "a+b"),
    "split-matter": (
        {**OF_A_MATTER, "into": (MatterPart(matter="a", title="A"),)},
        "2001-12-4/a",
    ),
    "submit-report": ({**OF_A_MATTER, "document": "report"}, "2001-12-4/report"),
    "receive-communication": ({**OF_A_MATTER, "document": "letter"}, "2001-12-4/letter"),
    "hear-deputation": ({**OF_A_MATTER, "deputation": "speaker"}, "2001-12-4/speaker"),
    "give-notice": ({**OF_A_MATTER, "notice": "n1"}, "2001-12-4/n1"),
    "move-motion": ({**OF_A_MATTER, "motion": "m1"}, "2001-12-4/m1"),
    "dispose-of-motion": ({**OF_A_MATTER, "motion": "m1"}, "2001-12-4/m1"),
    "decide": ({**OF_A_MATTER, "decision": "adoption"}, "2001-12-4/adoption"),
    "reopen-matter": ({**OF_A_MATTER, "decision": "reopening"}, "2001-12-4/reopening"),
    "record-effect": ({"instrument": TargetCity(city="IT-MILAN")}, "target-city/IT-MILAN"),
    "correct-record": ({"stream": "partnership/UA-KIEV", "version": 2}, "partnership/UA-KIEV/2"),
    "note-discrepancy": ({"discrepancy": "counts"}, "counts"),
    "settle-discrepancy": ({"discrepancy": "counts"}, "counts"),
    "receive-request": ({"request": "riga"}, "riga"),
    "consult-group": ({"request": "riga"}, "riga"),
    "advise-arrangement": ({"request": "riga"}, "riga"),
    "assess-request": ({"request": "riga"}, "riga"),
    "report-on-request": ({"request": "riga"}, "riga"),
    "make-business-case": ({"request": "riga", "document": "case"}, "riga/case"),
    "prepare-agreement": ({"request": "riga"}, "riga"),
    "sign-agreement": ({"request": "riga"}, "riga"),
    "sign-for-party": ({"agreement": "milan", "party": "Our City"}, "milan/Our City"),
    "ratify-for-party": ({"agreement": "milan", "party": "Our City"}, "milan/Our City"),
    "give-partnership-role": (
        {"city": "Porto", "role": "representative", "authority": ADOPTION},
        "Porto/representative",
    ),
    "draft-plan": ({"year": 2002}, "2002"),
    "list-mission": ({"year": 2002, "mission": "spring"}, "2002/spring"),
    "submit-plan": ({"year": 2002, "document": "plan-2002"}, "2002/plan-2002"),
    "amend-plan": ({"year": 2002, "reason": "a further visit"}, "2002"),
    "propose-mission": ({"mission": "spring"}, "spring"),
    "name-host": ({"mission": "visit"}, "visit"),
    "start-mission": ({"mission": "spring"}, "spring"),
    "complete-mission": ({"mission": "spring"}, "spring"),
    "file-mission-document": ({"mission": "spring", "kind": "action plan"}, "spring/action plan"),
    "close-mission": ({"mission": "spring"}, "spring"),
    "cancel-mission": ({"mission": "spring"}, "spring"),
    "carry-out-activity": (
        {"year": 2002, "place": "Kiev", "activity": "Direct mail"},
        "2002/kiev/directmail",
    ),
    "give-annual-report": ({"year": 2002, "document": "annual"}, "2002/annual"),
    "record-term-of-council": ({"term": "2000-2003"}, "2000-2003"),
}


@pytest.mark.parametrize("kind", sorted(commands))
def test_a_command_is_told_from_others_of_its_kind_by_what_it_is_on(kind: str) -> None:
    fields, item = ITEMS[kind]
    assert commands[kind].model_construct(**fields).item == item


@pytest.mark.parametrize(
    ("act", "item"),
    [
        (AdoptProvision(draft=DELEGATION), "adopt-provision/outbound/2"),
        (DeleteProvision(address="purpose"), "delete-provision/purpose"),
        (TargetCity(city="IT-MILAN"), "target-city/IT-MILAN"),
        (Explore(subject="seoul", name="Seoul", report_back=False), "explore/seoul"),
        (
            ClassifyPartnership(city="UA-KIEV", classification="Historical", request="kiev"),
            "classify-partnership/UA-KIEV",
        ),
        (AdoptReport(document="report"), "adopt-report/report"),
        (ApproveAgreement(request="lima"), "approve-agreement/lima"),
        (ApprovePlan(year=2002), "approve-plan/2002"),
        (ExceptStop(mission="spring", city="Kiev"), "except-stop/spring/Kiev"),
        (AuthoriseOfficials(), "authorise-officials"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.instrument,
)
def test_an_effect_is_called_by_the_act_and_what_it_is_on(act: Instrument, item: str) -> None:
    assert RecordEffect(on=LATER, instrument=act).item == item


def test_an_effect_of_a_decision_that_is_named_is_called_by_it_too() -> None:
    act = TargetCity(city="IT-MILAN")
    command = RecordEffect(on=LATER, instrument=act, authority=ADOPTION)
    assert command.item == "2001-12-4/adoption/target-city/IT-MILAN"
