"""Acts stay, and those are listed whose provision or decision later records took away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import Register, open_register
from domain.corrections import CorrectRecord
from domain.instruments import (
    AuthoriseOfficials,
    ClassifyPartnership,
    EndPartnership,
    ReplaceProvision,
)
from domain.partnerships.partnership import (
    PartnershipClassified,
    PartnershipFormed,
    PartnershipReclassified,
)
from domain.proceedings.decisions import (
    Decide,
    DecisionKind,
    DecisionTaken,
    MatterReopened,
    ReopenMatter,
)
from domain.proceedings.matter import OpenMatter
from domain.programme.messages import DraftPlan
from domain.shared.dates import When
from domain.shared.messages import Command, DecisionRef, ProvisionRef
from tests.support.alliance import alliance
from tests.support.toronto import CLERK, enter, recorded_2001, version_of

OUTBOUND = ProvisionRef(address="outbound/2", version=1)
FRESH = ReplaceProvision(address="outbound/2", text="Council approves.", terms="unchanged")


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with open_register(recorded_2001(tmp_path)) as register:
        yield register


def decided(matter: str, day: str, *acts: Any, relies_on: Any = ()) -> tuple[Command, ...]:
    on = When.parse(day)
    return OpenMatter(on=on, matter=matter, title=matter), Decide(
        on=on,
        matter=matter,
        decision="adopts",
        body="council",
        kind=DecisionKind.ADOPT,
        summary="Adopts it.",
        instruments=acts or (AuthoriseOfficials(),),
        relies_on=relies_on,
    )


def listed(folder: Path) -> list[tuple[str, str, int, int | None]]:
    rows = alliance(folder, "list", "basis-changed", "-f", "json").rows
    return [(r["decision"], r["provision"], r["rested_on"], r["in_force_then"]) for r in rows]


def test_the_record_of_2001_rests_on_what_was_in_force(tmp_path: Path) -> None:
    recorded_2001(tmp_path)
    assert listed(tmp_path) == []


def test_an_amendment_recorded_late_takes_the_basis_of_what_was_decided_after_it(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "trip", *decided("trip", "2003-05-01", relies_on=(OUTBOUND,)))
    assert listed(tmp_path) == []
    known = register.log.head()
    enter(register, "late", *decided("late", "2003-02-01", FRESH))
    assert listed(tmp_path) == [("trip/adopts", "outbound/2", 1, 2)]
    (row,) = alliance(tmp_path, "list", "basis-changed", "-f", "json").rows
    assert (row["changed"], row["because"]) == (["another version in force"], None)
    then = alliance(tmp_path, "list", "basis-changed", "--known-at", known, "-f", "json")
    assert then.rows == []


def test_a_later_amendment_leaves_the_basis_of_earlier_acts(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "trip", *decided("trip", "2003-05-01", relies_on=(OUTBOUND,)))
    enter(register, "same-day", *decided("same-day", "2003-05-01", FRESH))
    enter(register, "after", *decided("after", "2003-06-01", FRESH))
    assert listed(tmp_path) == []


def test_a_correction_of_the_provision_takes_the_basis_away(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "new", *decided("new", "2003-02-01", FRESH))
    second = ProvisionRef(address="outbound/2", version=2)
    enter(register, "trip", *decided("trip", "2003-05-01", relies_on=(second,)))
    version = max(e.version for e in register.log.entries() if e.stream == "policy")
    correction = CorrectRecord(
        on=When.parse("2003-07-01"),
        stream="policy",
        version=version,
        reason="it never carried",
        authority=CLERK,
        withdraw=True,
    )
    enter(register, "fix", correction)
    assert listed(tmp_path) == [("trip/adopts", "outbound/2", 2, 1)]


KIEV = ClassifyPartnership(city="UA-KIEV", classification="International", reason="a gateway")


def correction(register: Register, stream: str, topic: str, **how: Any) -> CorrectRecord:
    return CorrectRecord(
        on=When.parse("2003-07-01"),
        stream=stream,
        version=version_of(register, stream, topic),
        reason="it never carried",
        authority=CLERK,
        **how,
    )


def on_decisions(folder: Path, *when: object) -> list[tuple[str, str, str, list[str], str]]:
    rows = alliance(folder, "list", "basis-changed", "-f", "json", *when).rows
    names = ("stream", "entry", "decision", "changed", "because")
    assert all(row["provision"] is row["rested_on"] is None for row in rows)
    return [tuple(row[n] for n in names) for row in rows]


def test_effects_of_a_withdrawn_decision_stand_and_are_listed_from_then_on(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "kiev", *decided("kiev", "2003-05-01", KIEV))
    known = register.log.head()
    gone = correction(register, "matter/kiev", DecisionTaken.TOPIC, withdraw=True)
    enter(register, "fix", gone)
    effect = ("partnership/UA-KIEV", "partnership-reclassified", "kiev/adopts")
    assert on_decisions(tmp_path) == [(*effect, ["withdrawn"], "it never carried")]
    assert on_decisions(tmp_path, "--known-at", known) == []
    assert on_decisions(tmp_path, "--as-of", "2003-04-30") == []
    shown = alliance(tmp_path, "list", "basis-changed")
    assert "withdrawn" in shown.out
    assert "1 act rested on" in shown.out


def test_what_a_clerk_did_on_a_decision_is_listed_when_its_date_changes(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "trip", *decided("trip", "2003-02-01"))
    ref = DecisionRef(matter="trip", decision="adopts", body="council")
    plan = DraftPlan(on=When.parse("2003-03-01"), year=2004, authority=ref)
    enter(register, "plan", plan)
    later = {"decided_on": "2003-06-01"}
    enter(register, "fix", correction(register, "matter/trip", DecisionTaken.TOPIC, changed=later))
    changed = [
        "decided on: 2003-02-01, now 2003-06-01",
        "effective from: 2003-02-01, now 2003-06-01",
    ]
    act = ("plan/2004", "plan-drafted", "trip/adopts")
    assert on_decisions(tmp_path) == [(*act, changed, "it never carried")]


def test_an_effect_corrected_after_its_decision_rests_on_it_as_it_is(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "kiev", *decided("kiev", "2003-05-01", KIEV))
    later: Any = {"decided_on": "2003-06-01"}
    enter(register, "fix", correction(register, "matter/kiev", DecisionTaken.TOPIC, changed=later))
    assert [row[0] for row in on_decisions(tmp_path)] == ["partnership/UA-KIEV"]
    topic = PartnershipReclassified.TOPIC
    enter(register, "too", correction(register, "partnership/UA-KIEV", topic, changed=later))
    assert on_decisions(tmp_path) == []


def test_a_correction_is_listed_when_the_decision_behind_it_is_withdrawn(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "trip", *decided("trip", "2003-05-01"))
    ref = DecisionRef(matter="trip", decision="adopts", body="council")
    topic = PartnershipClassified.TOPIC
    fix = correction(register, "partnership/UA-KIEV", topic, changed={"reason": "a gateway"})
    enter(register, "fix", fix.model_copy(update={"authority": ref}))
    assert on_decisions(tmp_path) == []
    gone = correction(register, "matter/trip", DecisionTaken.TOPIC, withdraw=True)
    enter(register, "gone", gone)
    act = ("partnership/UA-KIEV", "partnership-classified", "trip/adopts")
    assert on_decisions(tmp_path) == [(*act, ["withdrawn"], "it never carried")]


def reopened(matter: str, day: str) -> tuple[Command, ...]:
    on = When.parse(day)
    _, again = decided(matter, day, KIEV)
    assert isinstance(again, Decide)
    reopening = ReopenMatter(
        on=on, matter=matter, decision="reopens", body="council", reason="new facts"
    )
    return reopening, again.model_copy(update={"decision": "adopts-again"})


def test_what_was_decided_after_a_reopening_is_listed_when_that_is_withdrawn(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "trip", *decided("trip", "2003-02-01"))
    enter(register, "again", *reopened("trip", "2003-05-01"))
    assert on_decisions(tmp_path) == []
    known = register.log.head()
    gone = correction(register, "matter/trip", MatterReopened.TOPIC, withdraw=True)
    enter(register, "fix", gone)
    why = (["matter closed by adopts"], "it never carried")
    assert on_decisions(tmp_path) == [
        ("matter/trip", "decision-taken", "trip/adopts-again", *why),
        ("partnership/UA-KIEV", "partnership-reclassified", "trip/adopts-again", *why),
    ]
    assert on_decisions(tmp_path, "--known-at", known) == []
    first = next(
        e.version
        for e in register.log.entries()
        if e.stream == "matter/trip" and isinstance(e.event, DecisionTaken)
    )
    enter(register, "too", gone.model_copy(update={"version": first}))
    assert on_decisions(tmp_path) == []


def test_an_act_judged_by_a_provision_is_listed_when_what_adopted_that_is_withdrawn(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "new", *decided("new", "2003-02-01", FRESH))
    second = ProvisionRef(address="outbound/2", version=2)
    enter(register, "trip", *decided("trip", "2003-05-01", relies_on=(second,)))
    assert listed(tmp_path) == []
    enter(register, "fix", correction(register, "matter/new", DecisionTaken.TOPIC, withdraw=True))
    rows = alliance(tmp_path, "list", "basis-changed", "-f", "json").rows
    (row,) = (row for row in rows if row["stream"] == "matter/trip")
    assert (row["provision"], row["rested_on"], row["in_force_then"]) == ("outbound/2", 2, 2)
    assert (row["changed"], row["because"]) == (["new/adopts: withdrawn"], "it never carried")


def test_a_correction_of_a_correction_rests_on_what_is_behind_both(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "trip", *decided("trip", "2003-05-01"))
    ref = DecisionRef(matter="trip", decision="adopts", body="council")
    topic = PartnershipClassified.TOPIC
    fix = correction(register, "partnership/UA-KIEV", topic, changed={"reason": "a gateway"})
    enter(register, "fix", fix.model_copy(update={"authority": ref}))
    cites: Any = {"cites": [{"document": "report"}]}
    enter(register, "too", correction(register, "partnership/UA-KIEV", topic, changed=cites))
    enter(register, "gone", correction(register, "matter/trip", DecisionTaken.TOPIC, withdraw=True))
    act = ("partnership/UA-KIEV", "partnership-classified", "trip/adopts")
    assert on_decisions(tmp_path) == [(*act, ["withdrawn"], "it never carried")]


LISBON = ClassifyPartnership(city="PT-LISBON", classification="International")


def changes(folder: Path) -> list[tuple[str, str, list[str]]]:
    rows = alliance(folder, "list", "basis-changed", "-f", "json").rows
    return [(r["decision"], r["entry"], r["changed"]) for r in rows]


def test_a_class_that_loses_its_partnership_to_a_late_find_is_listed(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "class", *decided("class", "2003-06-24", LISBON))
    enter(register, "late", *decided("late", "2002-09-30", EndPartnership(city="PT-LISBON")))
    assert changes(tmp_path) == [
        ("class/adopts", "partnership-reclassified", ["lapsed by late/adopts"])
    ]


def test_acts_that_changed_what_is_now_known_to_have_been_otherwise_are_listed(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "ends", *decided("ends", "2003-06-24", EndPartnership(city="PT-LISBON")))
    enter(register, "text", *decided("text", "2003-06-25", FRESH))
    assert changes(tmp_path) == []
    enter(register, "late", *decided("late", "2002-09-30", LISBON))
    enter(register, "late-text", *decided("late-text", "2002-10-01", FRESH))
    assert changes(tmp_path) == [
        ("text/adopts", "provision-amended", ["rested on: version 1, now version 3"]),
        (
            "ends/adopts",
            "partnership-lapsed",
            ["rested on: partner since 1987, Historical, now partner since 1987, International"],
        ),
    ]


def test_an_act_on_a_corrected_fact_is_listed_with_the_reason_of_the_correction(
    register: Register, tmp_path: Path
) -> None:
    topic = PartnershipFormed.TOPIC
    year = correction(register, "partnership/PT-LISBON", topic, changed={"established": "1988"})
    enter(register, "fix", year)
    [row] = alliance(tmp_path, "list", "basis-changed", "-f", "json").rows
    assert (row["stream"], row["entry"]) == ("partnership/PT-LISBON", "partnership-classified")
    assert row["changed"] == [
        "rested on: partner since 1987, no class, now partner since 1988, no class"
    ]
    assert row["because"] == year.reason
    said = alliance(tmp_path, "list", "basis-changed").out
    assert said.startswith("1 act rested on what is known to be otherwise now.")
    assert year.reason in said
