"""Why, after a correction: what was recorded since and takes hold later is no part of the story."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from application.command_bus import CommandBus
from application.handlers.table import HANDLERS
from domain.corrections import CorrectRecord
from domain.instruments import (
    ClassifyPartnership,
    EnterPartnership,
    PartnershipExists,
    PartnershipState,
    SetPartnershipState,
    Side,
    TargetCity,
)
from domain.proceedings.decisions import DecisionKind, ReopenMatter
from domain.proceedings.matter import OpenMatter
from domain.proceedings.motions import Amend, MoveMotion, Result
from domain.shared.dates import When
from domain.shared.messages import Command
from domain.shared.text_changes import AddWords
from projections.explanation.account import Account, Role
from projections.explanation.subject import Subject
from tests.support import small_city as city
from tests.support.explained import explained, told
from tests.support.memory_log import MemoryLog, PlainKeys

KIEV = "partnership/UA-KIEV"
TODAY = date(2004, 1, 1)
SINCE_1991 = PartnershipExists(
    city="UA-KIEV", established=When.parse("1991"), description="Friendship Agreement"
)
CLASSES = city.submit(
    "report",
    city.recommendation(
        "report/1", ClassifyPartnership(city="UA-KIEV", classification="Historical")
    ),
    states=(SINCE_1991,),
)
SUSPENDED_ON = When.parse("2003-02-03")
SUSPENDING: tuple[Command, ...] = (
    OpenMatter(on=SUSPENDED_ON, matter="2003-2-1", title="Suspension"),
    city.decide(
        "suspension",
        DecisionKind.ADOPT,
        on=SUSPENDED_ON,
        matter="2003-2-1",
        instruments=(
            SetPartnershipState(
                city="UA-KIEV", state=PartnershipState.SUSPENDED, condition="peace", by=Side.US
            ),
        ),
    ),
)


def correcting(version: int, changed: dict[str, Any]) -> CorrectRecord:
    return CorrectRecord(
        on=When.parse("2003-05-06"),
        stream=KIEV,
        version=version,
        reason="misread",
        authority="City Clerk",
        changed=changed,
    )


FORMED_IN_1990 = correcting(1, {"established": "1990", "effective_from": "1990"})


def asked(subject: Subject, *commands: Command) -> Account:
    log = MemoryLog()
    command_bus = CommandBus(log, PlainKeys(), HANDLERS)
    city.record(command_bus, *city.FOUNDING, city.OPENED, *commands)
    return explained(log, subject, TODAY)


@pytest.mark.parametrize(
    ("facet", "so", "parts"),
    [
        ("established", "1990", (Role.PROPOSES, Role.CORRECTED, Role.CHANGES)),
        ("description", "Friendship Agreement", (Role.CHANGES, Role.CHANGES, Role.CITES)),
        ("state", "active", (Role.CHANGES, Role.CHANGES, Role.CITES)),
    ],
)
def test_a_corrected_beginning_does_not_rest_on_the_class_given_later(
    facet: str, so: str, parts: tuple[Role, Role, Role]
) -> None:
    """What made the fact is the first entry, where the correction is of another part."""
    subject = Subject("partnership", "UA-KIEV", facet)
    account = asked(subject, CLASSES, city.adopt("report/1"), FORMED_IN_1990)

    assert account.candidates == (so,)
    of_the_report, of_the_first, of_the_correction = parts
    assert [(step.item, step.role) for step in account.steps] == [
        ("place-identified", Role.ALLOWS),
        (city.MATTER, Role.ALLOWS),
        ("report", of_the_report),
        ("partnership-formed", of_the_first),
        ("partnership-formed", of_the_correction),
    ]
    assert account.steps[-1].correction is not None
    assert account.steps[-1].correction.authority == "City Clerk"


def test_a_class_rests_on_the_corrected_beginning_and_on_no_later_state() -> None:
    subject = Subject("partnership", "UA-KIEV", "classification")
    corrected = correcting(2, {"reason": "Old ties."})
    account = asked(subject, CLASSES, city.adopt("report/1"), *SUSPENDING, corrected)

    assert account.candidates == ("Historical",)
    assert told(account, Role.CITES) == [
        ("partnership-classified", "corrected another part of it"),
        ("suspension", "concerns it"),
    ]
    assert [(s.item, s.role, s.version) for s in account.steps if s.stream == KIEV] == [
        ("partnership-formed", Role.ALLOWS, 1),
        ("partnership-classified", Role.CHANGES, 2),
        ("partnership-classified", Role.CITES, 4),
    ]


def test_a_corrected_state_rests_on_the_beginning_and_not_on_the_class() -> None:
    subject = Subject("partnership", "UA-KIEV", "state")
    corrected = correcting(3, {"condition": "a treaty"})
    account = asked(subject, CLASSES, city.adopt("report/1"), *SUSPENDING, corrected)

    assert account.candidates == ("suspended until a treaty",)
    assert {"adoption", "partnership-classified"}.isdisjoint(s.item for s in account.steps)
    assert [(s.item, s.role, s.version) for s in account.steps if s.stream == KIEV] == [
        ("partnership-formed", Role.CHANGES, 1),
        ("partnership-state-changed", Role.CORRECTED, 3),
        ("partnership-state-changed", Role.CHANGES, 4),
    ]


def test_a_matter_that_is_sent_back_and_taken_up_again_came_after_the_motion() -> None:
    """Neither the reference nor the reopening allowed the motion that was moved before them."""
    longer = Amend(
        target="recommendation/report/1",
        changes=(AddWords(words=" By May."),),
        instruments="unchanged",
    )
    moved = MoveMotion(
        on=city.COMMITTEE_DAY,
        matter=city.MATTER,
        body="committee",
        motion="longer",
        operation=longer,
        result=Result.CARRIED,
    )
    back = city.decide("back", DecisionKind.REFER, to="committee")
    received = city.decide("received", DecisionKind.RECEIVE)
    again = ReopenMatter(
        on=city.LATER, matter=city.MATTER, decision="again", body="council", reason="new facts"
    )
    subject = Subject("motion", f"{city.MATTER}/longer")
    account = asked(subject, CLASSES, moved, back, received, again)

    assert told(account, Role.FOLLOWED) == [
        ("back", "referred the matter"),
        ("received", "received the matter and did no more"),
        ("again", "took the matter up again"),
    ]
    assert told(account, Role.ALLOWS) == [
        ("charter-recorded", "is needed for it (body/committee)"),
        (city.MATTER, "opened the matter"),
    ]


def test_a_city_is_not_targeted_by_the_beginning_whatever_its_correction_changed() -> None:
    target = city.decide("targets", DecisionKind.ADOPT, instruments=(TargetCity(city="UA-KIEV"),))
    entered_on = When.parse("2003-02-03")
    entering = city.decide(
        "enters",
        DecisionKind.ADOPT,
        on=entered_on,
        matter="2003-2-1",
        instruments=(
            EnterPartnership(city="UA-KIEV", established=entered_on, description="Twining"),
        ),
    )
    opened = OpenMatter(on=entered_on, matter="2003-2-1", title="Kiev")
    subject = Subject("targeted", "UA-KIEV")
    account = asked(subject, target, opened, entering, correcting(2, {"description": "Twinning"}))

    assert account.candidates == (False,)
    assert told(account, Role.CHANGES) == [
        ("enters", "decided it (partnership/UA-KIEV)"),
        ("partnership-formed", "took effect (partnership/UA-KIEV)"),
    ]
    assert [(s.version, s.role) for s in account.steps if s.stream == KIEV] == [
        (1, Role.CHANGED_BEFORE),
        (2, Role.CHANGES),
    ]
