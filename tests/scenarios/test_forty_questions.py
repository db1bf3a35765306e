"""Forty questions and more on December 2001, before and after later years were recorded.

The later decisions reclassify a city, amend a provision again, take effect in the future, are
recorded late, and correct the record retroactively. What is asked as known before them keeps its
answer, to the byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.scenarios import questions_of_a_reader
from tests.scenarios.later_decisions import ANSWERS_NOW, record_later
from tests.scenarios.questions_2001 import QUESTIONS, Question
from tests.support.street import RECORDS, STORES, Street

STAGES: tuple[str, ...] = ("founding", "committee", "council")


@pytest.fixture(params=STORES)
def street(request: pytest.FixtureRequest, tmp_path: Path) -> Street:
    if request.param == "sqlite":
        return Street.on_sqlite(tmp_path)
    return Street.on_postgres(request.getfixturevalue("fresh_postgres_url"), tmp_path)


def asked(question: Question, known: int | None) -> tuple[str, ...]:
    on = ("--as-of", question.on) if question.on else ()
    known_at = ("--known-at", str(known)) if known is not None else ()
    return (*question.command, *on, *known_at)


def answered(street: Street, known: Mapping[str, int]) -> dict[str, tuple[object, str]]:
    """Every answer as known at its stage: what is looked at, and the whole of it as written."""
    found: dict[str, tuple[object, str]] = {}
    for question in QUESTIONS:
        told = street.done(*asked(question, known[question.stage]), "--format", "json")
        found[question.words] = (question.look(json.loads(told)), told)
    return found


def test_there_are_forty_questions_and_none_is_asked_twice() -> None:
    assert len(QUESTIONS) >= 40
    assert len({q.words for q in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_reader_of_the_clause_finds_every_fact_by_a_command(street: Street) -> None:
    asked_before = {(question.command, question.words) for question in QUESTIONS}
    further = questions_of_a_reader.QUESTIONS
    assert len({question.words for question in further}) >= 40
    assert not asked_before & {(question.command, question.words) for question in further}

    street.done("setup")
    street.done("record", RECORDS)
    for question in further:
        assert question.look(street.rows(*asked(question, None))) == question.answer, question.words


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_was_known_stays_known_whatever_is_recorded_later(
    street: Street, tmp_path: Path
) -> None:
    street.done("setup")
    known: dict[str, int] = dict(zip(STAGES, street.record_2001(), strict=True))

    before = answered(street, known)
    assert {words: answer for words, (answer, _) in before.items()} == {
        question.words: question.answer for question in QUESTIONS
    }
    for question in QUESTIONS[::5]:
        if question.stage == "council":  # then it is all that is known
            now = street.rows(*asked(question, None))
            assert question.look(now) == question.answer, question.words

    assert len(list(record_later(street, tmp_path))) == 5

    assert answered(street, known) == before
    for question in ANSWERS_NOW:
        told_then = question.words.startswith(("As was known", "What was believed", "Was it one"))
        at = known["council"] if told_then else None
        assert question.look(street.rows(*asked(question, at))) == question.answer, question.words
