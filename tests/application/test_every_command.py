"""Every kind of command: its outcome, its repeat, a refusal, and its race with another clerk.

The commands are those of the examples of all kinds of items, recorded one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from adapters.minutes.files import read_content
from adapters.minutes.items import example_minutes, skeleton_of_item
from application.command_bus import CommandBus, Envelope, events_of
from application.handlers.table import HANDLERS
from application.ports import Log
from domain.catalogue import commands
from domain.shared.dates import When
from domain.shared.messages import Command, DecisionRef
from domain.shared.problems import Problem
from tests.support.memory_log import MemoryLog, PlainKeys
from tests.support.racing import MovingLog

SAID_ALREADY = {
    *("record-charter", "identify-places", "record-term-of-council", "note-discrepancy"),
    *("draft-plan", "propose-mission", "list-mission", "file-mission-document"),
    *("carry-out-activity", "give-partnership-role"),
}
"""Kinds of which a second clerk's command of the same content writes nothing more."""

SAID_AGAIN = {
    *("record-effect", "consider-together", "assess-request", "make-business-case", "name-host"),
    "give-annual-report",
}
"""Kinds of which it is a further entry, such as a newer assessment."""

SECOND: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("open-matter", "submit-report", "receive-communication", "hear-deputation"),
            *("give-notice", "move-motion", "decide", "reopen-matter"),
        ),
        "AlreadyRecorded",
    ),
    "number-matter": "NumberTaken",
    "dispose-of-motion": "MotionEnded",
    "split-matter": "NotInTheMatter",
    "settle-discrepancy": "AlreadySettled",
    "correct-record": "AlreadyReplaced",
    "receive-request": "RequestKnown",
    **dict.fromkeys(
        (
            *("consult-group", "advise-arrangement", "report-on-request"),
            *("prepare-agreement", "sign-agreement"),
        ),
        "RequestOutOfOrder",
    ),
    **dict.fromkeys(("submit-plan", "amend-plan"), "NotAtThisStage"),
    **dict.fromkeys(
        ("start-mission", "complete-mission", "close-mission", "cancel-mission"), "StepSkipped"
    ),
    **dict.fromkeys(("sign-for-party", "ratify-for-party"), "SignedAlready"),
    "hold-in-camera": "AlreadyInCamera",
    "release-matter": "NotInCamera",
    "change-bodies": "BodyNoMore",
    "replace-places": "PlaceNoMore",
}
"""Kinds of which it is refused, and how."""

NOBODY = DecisionRef(matter="lost", decision="lost", body="assembly")
WRONG: Mapping[str, tuple[dict[str, Any], str]] = {
    "record-charter": ({"charter": {"retroactive": ("sailing",)}}, "UnknownAct"),
    "record-term-of-council": (
        {"term": "next", "begins": When.parse("2004-12-31"), "ends": None},
        "TermsOverlap",
    ),
    "note-discrepancy": ({"title": "How many visits there are"}, "NotedOtherwise"),
    "record-effect": ({"authority": NOBODY}, "NoDecisionOnClass"),
    "consider-together": ({"matters": ("2002-1-1", "lost")}, "UnknownMatter"),
    "assess-request": ({"request": "lost"}, "RequestOutOfOrder"),
    "make-business-case": ({"request": "lost"}, "RequestOutOfOrder"),
    "draft-plan": ({"year": 2003, "authority": NOBODY}, "NoDecision"),
    "propose-mission": ({"mission": "autumn", "cities": ("Nowhere",)}, "UnknownPlace"),
    "list-mission": ({"mission": "lost"}, "NotProposed"),
    "name-host": ({"mission": "lost"}, "StepSkipped"),
    "file-mission-document": ({"mission": "lost"}, "StepSkipped"),
    "carry-out-activity": ({"place": "Nowhere"}, "UnknownPlace"),
    "give-partnership-role": ({"authority": NOBODY}, "NoDecision"),
}
"""Of the other kinds, what a command of them is refused for once theirs is recorded."""

REFUSED_NOTHING = {"identify-places", "give-annual-report"}
"""Kinds that no rule refuses here: what a place is called, and what a report says, is so.

That a place which ended is not identified again is tested with the places.
"""

every = pytest.mark.parametrize("kind", commands)


@cache
def story() -> tuple[Envelope, ...]:
    """The commands of all examples, in order."""
    return tuple(
        envelope
        for kind in example_minutes()
        for envelope in read_content(
            Path(kind), skeleton_of_item(kind).encode(), "clerk"
        ).minutes.envelopes
    )


def bus(log: Log) -> CommandBus:
    return CommandBus(log, PlainKeys(), HANDLERS)


def before(kind: str, log: MemoryLog) -> Envelope:
    """Record all that comes before the example of a kind; return that one."""
    for envelope in story():
        if kind == envelope.command.KIND:
            return envelope
        bus(log).handle(envelope)
    raise AssertionError(f"no example has a {kind}")


def from_another(envelope: Envelope, command: Command | None = None) -> Envelope:
    """The same, or another command, as another clerk's minutes have it."""
    return replace(envelope, id=f"another/{envelope.id}", command=command or envelope.command)


def test_every_kind_has_all_four() -> None:
    for_sure = SAID_ALREADY | SAID_AGAIN
    assert for_sure | SECOND.keys() == commands.keys()
    assert not for_sure & SECOND.keys()
    assert WRONG.keys() | REFUSED_NOTHING == for_sure


@every
def test_outcome_and_repeat(kind: str) -> None:
    log = MemoryLog()
    envelope = before(kind, log)
    (first,) = bus(log).handle(envelope)
    head = log.head()
    assert events_of(first)
    (again,) = bus(log).handle(envelope)
    assert again == replace(first, repeated=True)
    assert log.head() == head


@every
def test_the_same_from_another_clerk(kind: str) -> None:
    log = MemoryLog()
    envelope = before(kind, log)
    (first,) = bus(log).handle(envelope)
    head = log.head()
    if kind in SECOND:
        with pytest.raises(Problem) as refused:
            bus(log).handle(from_another(envelope))
        assert type(refused.value).__name__ == SECOND[kind]
        assert log.head() == head
        return
    (second,) = bus(log).handle(from_another(envelope))
    same = len(events_of(first)) if kind in SAID_AGAIN else 0
    assert len(events_of(second)) == same


@pytest.mark.parametrize("kind", WRONG)
def test_refusal(kind: str) -> None:
    log = MemoryLog()
    envelope = before(kind, log)
    bus(log).handle(envelope)
    head = log.head()
    changes, refusal = WRONG[kind]
    fields = {
        name: getattr(envelope.command, name).model_copy(update=value)
        if isinstance(value, dict)
        else value
        for name, value in changes.items()
    }
    with pytest.raises(Problem) as refused:
        bus(log).handle(from_another(envelope, envelope.command.model_copy(update=fields)))
    assert type(refused.value).__name__ == refusal
    assert log.head() == head


@every
def test_race(kind: str) -> None:
    log = MovingLog()
    envelope = before(kind, log)
    log.attempts = 0
    log.rivals = iter([lambda: bus(log).handle(from_another(envelope))])
    if kind in SECOND:
        with pytest.raises(Problem) as refused:
            bus(log).handle(envelope)
        assert type(refused.value).__name__ == SECOND[kind]
        return
    (outcome,) = bus(log).handle(envelope)
    assert log.attempts == 2
    assert bool(events_of(outcome)) == (kind in SAID_AGAIN)
