"""The register of discrepancies on the record of 2001, and what settles one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from adapters.bootstrap import Register, open_register
from domain.corrections import CorrectRecord
from domain.council.bodies import NoDecision
from domain.discrepancies import AlreadySettled, DecidedBefore, SettleDiscrepancy
from domain.instruments import AuthoriseOfficials
from domain.proceedings.decisions import Decide, DecisionKind
from domain.proceedings.matter import OpenMatter
from domain.shared.dates import When
from domain.shared.messages import DecisionRef
from projections.discrepancies import DISCREPANCIES, Discrepancy
from tests.support.alliance import alliance
from tests.support.toronto import ADOPTION, CLERK, enter, recorded_2001

DAY = When.parse("2003-02-01")
BY = DecisionRef(matter="2003-1", decision="counts", body="council")


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with open_register(recorded_2001(tmp_path)) as register:
        yield register


def row(register: Register, name: str, on: date, known: int | None = None) -> Discrepancy | None:
    return register.reader(DISCREPANCIES).answer(name, on, known).state


def count_them(register: Register) -> None:
    matter = OpenMatter(on=DAY, matter="2003-1", title="The number of partnerships")
    decided = Decide(
        on=DAY,
        matter="2003-1",
        decision="counts",
        body="council",
        kind=DecisionKind.ADOPT,
        summary="There are 26.",
        instruments=(AuthoriseOfficials(),),
    )
    enter(register, "2003", matter, decided)


def settling(name: str, by: DecisionRef) -> SettleDiscrepancy:
    return SettleDiscrepancy(on=DAY, discrepancy=name, authority=by, how="There are 26.")


def test_twenty_five_ship_and_all_are_open(tmp_path: Path) -> None:
    recorded_2001(tmp_path)
    rows = alliance(tmp_path, "list", "discrepancies", "-f", "json").rows
    assert [r["number"] for r in rows] == list(range(1, 26))
    assert {r["status"] for r in rows} == {"open"}
    assert rows[0]["figures"] == [25, 26, 26, 26, 27]
    assert all(len(r["passages"]) >= 2 and r["passages"][0]["at"]["place"] for r in rows[:1])


def test_each_stands_from_the_day_of_the_later_paper(register: Register) -> None:
    assert row(register, "standing-of-kiev", date(2001, 11, 25)) is None
    assert row(register, "standing-of-kiev", date(2001, 11, 26)) is not None


def test_a_decision_settles_one_from_its_day_on(register: Register, tmp_path: Path) -> None:
    count_them(register)
    known = register.log.head()
    enter(register, "settle", settling("number-of-partnerships", BY))
    name = "number-of-partnerships"
    statuses = [
        getattr(row(register, name, day, known_at), "status", None)
        for day, known_at in (
            (date(2003, 1, 31), None),
            (date(2003, 2, 1), None),
            (date(2003, 2, 1), known),
        )
    ]
    assert statuses == ["open", "settled", "open"]
    shown = alliance(tmp_path, "show", "discrepancy", name).out
    assert "settled by 2003-1/counts: There are 26." in " ".join(shown.split())
    left = alliance(tmp_path, "list", "discrepancies", "--status", "open", "-f", "json").rows
    assert len(left) == 24


def test_a_decision_that_is_not_in_the_record_settles_nothing(register: Register) -> None:
    head = register.log.head()
    with pytest.raises(NoDecision):
        enter(register, "settle", settling("number-of-partnerships", BY))
    assert register.log.head() == head


def test_it_is_settled_once_and_not_by_what_came_before(register: Register) -> None:
    count_them(register)
    enter(register, "settle", settling("number-of-partnerships", BY))
    with pytest.raises(AlreadySettled):
        enter(register, "again", settling("number-of-partnerships", BY))
    asked = DecisionRef(
        matter="2001-12-4", decision="committee-asks-for-report", body="edp-committee"
    )
    with pytest.raises(DecidedBefore):
        enter(register, "early", settling("standing-of-kiev", asked))


def test_a_settlement_entered_by_mistake_is_withdrawn(register: Register) -> None:
    enter(register, "settle", settling("wording-of-the-explorations", ADOPTION))
    stream = "discrepancy/wording-of-the-explorations"
    withdrawal = CorrectRecord(
        on=DAY,
        stream=stream,
        version=2,
        reason="it settles nothing",
        authority=CLERK,
        withdraw=True,
    )
    enter(register, "fix", withdrawal)
    state = row(register, "wording-of-the-explorations", date(2004, 1, 1))
    assert state is not None
    assert (state.status, state.decision) == ("open", None)
