"""What tells a command from others of its kind in one meeting: a repeat is known by it."""

from __future__ import annotations

from typing import Any

import pytest

from domain.catalogue import commands
from domain.effects import RecordEffect
from domain.instruments import (
    AdoptProvision,
    AdoptReport,
    ApproveAgreement,
    ApprovePlan,
    AuthoriseOfficials,
    Classification,
    ClassifyPartnership,
    DeleteProvision,
    ExceptStop,
    Explore,
    Instrument,
    TargetCity,
)
from tests.support.small_city import DELEGATION, LATER

OF_A_MATTER: dict[str, str] = {"matter": "2001-12-4"}
ITEMS: dict[str, tuple[dict[str, Any], str]] = {
    "record-charter": ({}, "record-charter"),
    "identify-places": ({}, "identify-places"),
    "open-matter": (OF_A_MATTER, "2001-12-4"),
    "submit-report": ({**OF_A_MATTER, "document": "report"}, "report"),
    "receive-communication": ({**OF_A_MATTER, "document": "letter"}, "letter"),
    "hear-deputation": ({**OF_A_MATTER, "deputation": "speaker"}, "speaker"),
    "move-motion": ({**OF_A_MATTER, "motion": "m1"}, "m1"),
    "dispose-of-motion": ({**OF_A_MATTER, "motion": "m1"}, "m1"),
    "decide": ({**OF_A_MATTER, "decision": "adoption"}, "adoption"),
    "reopen-matter": ({**OF_A_MATTER, "decision": "reopening"}, "reopening"),
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
            ClassifyPartnership(
                city="UA-KIEV", classification=Classification.HISTORICAL, request="kiev"
            ),
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
