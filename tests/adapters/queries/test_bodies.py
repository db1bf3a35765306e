"""Bodies have the names of their time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.bootstrap import Register, open_register
from adapters.queries.explanations import explain
from adapters.queries.moment import Moment
from adapters.queries.named.bodies import charter
from application.unit_of_work import UnitOfWork
from domain.council.bodies import Body, Charter, RecordCharter
from domain.shared.dates import When
from tests.support.toronto import enter, recorded_2001

RENAMED = When.parse("2006-12-01")


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with open_register(recorded_2001(tmp_path)) as opened:
        before = UnitOfWork(opened.log).charter(RENAMED.first)
        assert before is not None
        bodies = tuple(
            Body(id=b.id, name="Economic Development Committee") if b.id == "edp-committee" else b
            for b in before.bodies
        )
        renamed = Charter(
            edition="toronto-2006", bodies=bodies, residual_authority=before.residual_authority
        )
        enter(opened, "renamed", RecordCharter(on=RENAMED, charter=renamed))
        yield opened


def test_a_body_has_the_name_of_the_day(register: Register) -> None:
    names = [
        charter(register, Moment(When.parse(day).first, register.log.head())).names()
        for day in ("2001-01-01", "2006-11-30", "2006-12-01")
    ]
    assert [name["edp-committee"] for name in names] == [
        "Economic Development and Parks Committee",
        "Economic Development and Parks Committee",
        "Economic Development Committee",
    ]


def test_each_step_of_an_explanation_names_its_body_as_it_was(register: Register) -> None:
    at = Moment(When.parse("2007-01-01").first, register.log.head())
    account, bodies = explain(register, "partnership/kiev/classification", at)
    by_committee = [step.number for step in account.steps if step.body == "edp-committee"]
    assert by_committee
    assert {bodies[number] for number in by_committee} == {
        "Economic Development and Parks Committee"
    }
