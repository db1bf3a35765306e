"""How a decision differs from what it was when an act that cites it was recorded."""

from __future__ import annotations

from typing import Any

import pytest

from domain.instruments import AuthoriseOfficials
from domain.proceedings.decisions import DecisionKind, DecisionTaken
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.log_facts import EntryWithdrawn
from domain.shared.messages import DecisionRef, Event, Replacement, StreamId
from projections.basis_changed import ChangedDecision, changed_since

DAY = When.parse("2003-05-01")
TAKEN = DecisionTaken(
    matter="trip",
    decision="adopts",
    body="council",
    kind=DecisionKind.ADOPT,
    summary="Adopts it.",
    adopts=("first",),
    relies_on=(),
    final=True,
    findings=(),
    decided_on=DAY,
    effective_from=DAY,
)
CITED = DecisionRef(matter="trip", decision="adopts", body="council")
FIRST, SECOND = "the papers say otherwise", "it never carried"


def matter(*events: Event) -> tuple[Recorded[Event], ...]:
    """Each event at ten times its version."""
    stream = StreamId("matter/trip")
    return tuple(Recorded(e, stream, n, n * 10, n) for n, e in enumerate(events, 1))


def corrected(version: int, reason: str = FIRST, **changes: Any) -> DecisionTaken:
    by = Replacement(version=version, reason=reason, authority="City Clerk")
    return TAKEN.model_copy(update={"replaces": by, **changes})


def withdrawn(version: int) -> EntryWithdrawn:
    by = Replacement(version=version, reason=SECOND, authority="City Clerk")
    return EntryWithdrawn(decided_on=DAY, effective_from=DAY, replaces=by)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"body": "edp-committee"}, "body: council, now edp-committee"),
        ({"kind": DecisionKind.REJECT}, "kind: adopt, now reject"),
        ({"decided_on": When.parse("2004")}, "decided on: 2003-05-01, now 2004"),
        ({"effective_from": When.parse("2004")}, "effective from: 2003-05-01, now 2004"),
        ({"adopts": ("second",)}, "what it adopts"),
        ({"instruments": (AuthoriseOfficials(),)}, "what it does"),
        ({"notwithstanding": ("outbound/2",)}, "what it sets aside"),
    ],
)
def test_what_a_correction_changes_of_a_decision_is_named_with_its_reason(
    changes: dict[str, Any], what: str
) -> None:
    entries = matter(TAKEN, corrected(1, **changes))
    assert changed_since(CITED, entries, 10) == ChangedDecision((what,), FIRST)


def test_words_that_authorise_nothing_change_no_basis() -> None:
    entries = matter(TAKEN, corrected(1, summary="Adopts it all."))
    assert changed_since(CITED, entries, 10) is None


def test_a_withdrawn_decision_is_no_basis_however_late_the_act_is_recorded() -> None:
    entries = matter(TAKEN, corrected(1, summary="Adopts it all."), withdrawn(2))
    for recorded in (10, 20, 30, 40):
        assert changed_since(CITED, entries, recorded) == ChangedDecision(("withdrawn",), SECOND)


def test_a_decision_recorded_again_as_it_was_is_a_basis_again() -> None:
    assert changed_since(CITED, matter(TAKEN, withdrawn(1), TAKEN), 10) is None


def test_an_act_is_measured_by_what_was_known_when_it_was_recorded() -> None:
    later = When.parse("2004")
    entries = matter(
        TAKEN,
        corrected(1, decided_on=later),
        corrected(2, SECOND, decided_on=later, kind=DecisionKind.REJECT),
    )
    kind, day = "kind: adopt, now reject", "decided on: 2003-05-01, now 2004"
    assert changed_since(CITED, entries, 10) == ChangedDecision((kind, day), f"{FIRST}; {SECOND}")
    assert changed_since(CITED, entries, 20) == ChangedDecision((kind,), SECOND)
    assert changed_since(CITED, entries, 30) is None


def test_an_act_of_another_body_than_the_decision_has_now_is_named_whenever_recorded() -> None:
    entries = matter(TAKEN, corrected(1, body="edp-committee"))
    found = changed_since(CITED, entries, 20)
    assert found == ChangedDecision(("body: council, now edp-committee",), None)


def test_another_decision_of_the_matter_changes_nothing() -> None:
    other = TAKEN.model_copy(update={"decision": "rejects"})
    assert changed_since(CITED, matter(other, TAKEN, withdrawn(1)), 20) is None
