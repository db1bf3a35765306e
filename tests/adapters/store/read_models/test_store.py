"""Read models on both databases: rows follow the log exactly once, and answer about any day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

import pytest
from sqlalchemy import select, table, text

from adapters.store.read_models.database import ViewsDatabase
from adapters.store.read_models.reader import ViewReader
from adapters.store.read_models.store import Views
from application.followers import Progress, Unhandled, catch_up
from application.ports import AheadOfLog, Page
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.messages import Event
from projections.engine.read_model import OPEN, ReadModel
from tests.support.papers import (
    ROLL,
    TEXT,
    City,
    Note,
    Papers,
    Standing,
    Words,
    addresses,
    classified,
    formed,
    listed,
    struck,
    word,
    worded,
)


@pytest.fixture
def papers() -> Papers:
    return Papers()


def follow(views: Views, papers: Papers, model: ReadModel[Any], **how: Any) -> int:
    return catch_up(papers, views.follower(model, papers.read), **how)


def day(written: str) -> date:
    return date.fromisoformat(written)


def standings(views: Views, on: str, known_at: int | None = None) -> list[Standing | None]:
    """The classes that Kiev may have on a day."""
    answer = views.reader(ROLL).answer("kiev", day(on), known_at)
    return [c.standing if c else None for c in answer.candidates]


def words(views: Views, on: str, known_at: int | None = None) -> list[str | None]:
    """The texts that `outbound/2` may have on a day."""
    answer = views.reader(TEXT).answer("outbound/2", day(on), known_at)
    return [c.words if c else None for c in answer.candidates]


def test_setting_up_twice_and_at_once_is_safe(views: Views) -> None:
    url = views.database.url
    other = replace(TEXT, name="other")

    def set_up(_: int) -> None:
        views = Views(url)
        views.setup()
        views.create(ROLL, TEXT, other)
        views.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(set_up, range(16)))
    assert [table.name for table in views.registered()] == ["other", "roll", "text"]


def test_a_row_holds_from_its_day_until_the_next_one(views: Views, papers: Papers) -> None:
    papers.commit(worded("outbound/2", "the Mayor", "2001-12-06"))
    papers.commit(worded("outbound/2", "City Council", "2005-03-01"))
    follow(views, papers, TEXT)
    days = ("2001-12-05", "2001-12-06", "2005-02-28", "2005-03-01", "9999-12-31")
    assert [words(views, d) for d in days] == [
        [None],
        ["the Mayor"],
        ["the Mayor"],
        ["City Council"],
        ["City Council"],
    ]


def test_between_the_days_of_a_meeting_the_record_cannot_tell(views: Views, papers: Papers) -> None:
    papers.commit(worded("outbound/2", "the Mayor", "2001-11-01"))
    papers.commit(worded("outbound/2", "City Council", "2001-12-04/2001-12-06"))
    follow(views, papers, TEXT)
    assert words(views, "2001-12-03") == ["the Mayor"]
    assert words(views, "2001-12-04") == ["the Mayor", "City Council"]
    assert words(views, "2001-12-05") == ["the Mayor", "City Council"]
    assert words(views, "2001-12-06") == ["City Council"]
    answer = views.reader(TEXT).answer("outbound/2", day("2001-12-05"))
    assert not answer.determinate
    with pytest.raises(ValueError, match="too many"):
        _ = answer.state


def test_before_the_first_event_may_be_over_there_may_be_no_row(
    views: Views, papers: Papers
) -> None:
    papers.commit(formed("kiev", "Sister City", "1991"))
    follow(views, papers, ROLL)
    reader = views.reader(ROLL)
    assert reader.answer("kiev", day("1990-12-31")).candidates == (None,)
    assert [bool(c) for c in reader.answer("kiev", day("1991-06-01")).candidates] == [False, True]
    assert reader.answer("kiev", day("1991-12-31")).determinate
    assert reader.answer("lviv", day("1991-12-31")).candidates == (None,)


def test_a_late_record_finds_its_place_and_what_was_believed_stays(
    views: Views, papers: Papers
) -> None:
    first = papers.commit(formed("kiev", "Sister City", "1991-01-01"))
    second = papers.commit(classified("kiev", Standing.HISTORICAL, "2001-12-06"))
    third = papers.commit(classified("kiev", Standing.INTERNATIONAL, "1995-05-01"))
    follow(views, papers, ROLL)
    assert standings(views, "1996-01-01") == [Standing.INTERNATIONAL]
    assert standings(views, "1996-01-01", second) == [None]
    assert standings(views, "2001-12-06", first) == [None]
    assert standings(views, "2001-12-06", second) == [Standing.HISTORICAL]
    assert standings(views, "2001-12-06", third) == [Standing.HISTORICAL]


def test_a_future_decision_is_known_before_it_holds(views: Views, papers: Papers) -> None:
    papers.commit(classified("kiev", Standing.HISTORICAL, "2001-12-06"))
    papers.commit(classified("kiev", Standing.INTERNATIONAL, "2031-01-01", decided="2002-01-01"))
    follow(views, papers, ROLL)
    assert standings(views, "2030-12-31") == [Standing.HISTORICAL]
    assert standings(views, "2031-01-01") == [Standing.INTERNATIONAL]


def test_a_correction_takes_the_place_of_what_it_replaces(views: Views, papers: Papers) -> None:
    wrong = papers.commit(classified("kiev", Standing.INTERNATIONAL, "2001-12-06"))
    papers.commit(classified("kiev", Standing.HISTORICAL, "2001-12-06", replaces=1))
    follow(views, papers, ROLL)
    assert standings(views, "2001-12-06", wrong) == [Standing.INTERNATIONAL]
    assert standings(views, "2001-12-06") == [Standing.HISTORICAL]
    assert views.reader(ROLL).answer("kiev", day("2002-01-01")).state == City(
        city="kiev",
        standing=Standing.HISTORICAL,
        changes=1,
        since=When.parse("2001-12-06"),
        notes=(Note(position=4, what="Classified"),),
    )


def test_a_correction_may_concern_another_key(views: Views, papers: Papers) -> None:
    wrong = papers.commit(worded("outbound/1", "City Council", "2001-12-06"))
    papers.commit(worded("outbound/2", "City Council", "2001-12-06", replaces=1))
    follow(views, papers, TEXT)
    reader = views.reader(TEXT)
    asked = ["outbound/1", "outbound/2"]
    then = reader.answers(asked, day("2002-01-01"), wrong)
    now = reader.answers(asked, day("2002-01-01"))
    assert [then[a].state is None for a in asked] == [False, True]
    assert [now[a].state is None for a in asked] == [True, False]


def test_of_a_correction_of_a_correction_only_the_last_word_stands(
    views: Views, papers: Papers
) -> None:
    papers.commit(worded("outbound/2", "the Mayor", "2001-12-06"))
    papers.commit(worded("outbound/2", "a Committee", "2001-12-06", replaces=1))
    papers.commit(worded("outbound/3", "City Council", "2001-12-06", replaces=2))
    follow(views, papers, TEXT)
    assert words(views, "2002-01-01") == [None], "what was corrected first does not come back"
    ends = papers.ends()
    assert [words(views, "2002-01-01", e) for e in ends] == [["the Mayor"], ["a Committee"], [None]]


def test_a_provision_that_was_struck_has_no_row(views: Views, papers: Papers) -> None:
    papers.commit(worded("outbound/2", "the Mayor", "2001-12-06"))
    papers.commit(struck("outbound/2", "2005-01-01"))
    papers.commit(worded("outbound/2", "City Council", "2006-01-01"))
    follow(views, papers, TEXT)
    asked = ("2004-12-31", "2005-01-01", "2006-01-01")
    assert [words(views, d) for d in asked] == [["the Mayor"], [None], ["City Council"]]
    assert list(views.reader(TEXT).every(day("2005-06-01"))) == []
    assert [p.state and p.state.words for p in views.reader(TEXT).history("outbound/2")] == [
        "the Mayor",
        None,
        "City Council",
    ]


def test_one_event_may_touch_several_keys(views: Views, papers: Papers) -> None:
    papers.commit(listed("milan rome", "2001-12-06"))
    follow(views, papers, ROLL)
    rows = list(views.reader(ROLL).every(day("2001-12-06"), where={"listed": True}))
    assert [row.key for row in rows] == ["milan", "rome"]


def test_lists_are_filtered_by_columns(views: Views, papers: Papers) -> None:
    papers.commit(
        formed("kiev", "Sister City", "1991"),
        formed("rome", "Informal", "1991"),
        formed("milan", "Informal", "1991"),
        classified("kiev", Standing.HISTORICAL, "2001-12-06"),
        classified("rome", Standing.INTERNATIONAL, "2001-12-04/2001-12-06"),
    )
    follow(views, papers, ROLL)

    def found(on: str, **where: object) -> list[tuple[str, bool]]:
        return [(h.key, h.certain) for h in views.reader(ROLL).every(day(on), where=where)]

    assert found("2001-12-06", standing=Standing.HISTORICAL) == [("kiev", True)]
    assert found("2001-12-06", standing=None) == [("milan", True)]
    assert found("2001-12-06", standing=list(Standing)) == [("kiev", True), ("rome", True)]
    assert found("2001-12-05", standing="International") == [("rome", False)]
    assert found("2001-12-05", description="Informal", standing=None) == [
        ("milan", True),
        ("rome", False),
    ]
    with pytest.raises(KeyError, match="notes"):
        found("2001-12-06", notes="")
    with pytest.raises(KeyError, match="mayor"):
        found("2001-12-06", mayor="")


def test_a_position_inside_a_commit_rounds_down(views: Views, papers: Papers) -> None:
    before = papers.commit(worded("outbound/1", "a", "2001-12-06"))
    after = papers.commit(
        worded("outbound/2", "b", "2001-12-06"), worded("outbound/3", "c", "2001-12-06")
    )
    follow(views, papers, TEXT)
    keys = ["outbound/1", "outbound/2", "outbound/3"]
    for known_at in range(before, after + 1):
        answers = views.reader(TEXT).answers(keys, day("2001-12-06"), known_at)
        known = [bool(a.state) for a in answers.values()]
        assert known == ([True] * 3 if known_at == after else [True, False, False]), known_at


def test_only_the_difference_is_written(views: Views, papers: Papers) -> None:
    for year in range(2001, 2006):
        papers.commit(worded("outbound/2", str(year), f"{year}-01-01"))
    follow(views, papers, TEXT)
    before = set(views.dump(TEXT))
    late = papers.commit(worded("outbound/2", "late", "2003-07-01"))
    follow(views, papers, TEXT)
    changed = [line for line in views.dump(TEXT) if line not in before]
    # 2003 ends earlier from now on: its old row is closed, two rows are new
    assert len(changed) == 3
    assert sum(f'"known_from":{late}'.encode() in line for line in changed) == 2
    assert sum(f'"known_to":{late}'.encode() in line for line in changed) == 1


def test_an_event_and_its_correction_in_one_commit_leave_the_correction(
    views: Views, papers: Papers
) -> None:
    papers.commit(
        worded("outbound/2", "the Mayor", "2001-12-06"),
        worded("outbound/2", "City Council", "2001-12-06", replaces=1),
    )
    follow(views, papers, TEXT)
    assert len(list(views.dump(TEXT))) == 1
    assert words(views, "2001-12-06") == ["City Council"]


def test_taking_a_page_twice_changes_nothing(views: Views, papers: Papers) -> None:
    papers.commit(worded("outbound/2", "the Mayor", "2001-12-06"))
    one, other = (views.follower(TEXT, papers.read) for _ in range(2))
    assert one.progress() == other.progress() == Progress(0, "")
    page = papers.after(0, 100)
    one.take(page, "first")
    rows = list(views.dump(TEXT))
    other.take(page, "first")
    one.take(page, "first")
    assert list(views.dump(TEXT)) == rows
    assert other.progress() == Progress(2, "first")


def test_two_followers_of_one_table_share_the_work(views: Views, papers: Papers) -> None:
    one, other = (views.follower(TEXT, papers.read) for _ in range(2))
    for year in range(2001, 2009):
        papers.commit(worded("outbound/2", str(year), f"{year}-01-01"))
        catch_up(papers, one if year % 2 else other)
    shared = list(views.dump(TEXT))
    views.maintenance.rebuild(TEXT, papers)
    assert list(views.dump(TEXT)) == shared


def test_a_page_of_other_registers_moves_the_position(views: Views) -> None:
    follower = views.follower(TEXT, Papers().read)
    follower.progress()
    follower.take(Page((), 17), "first")
    assert follower.progress() == Progress(17, "first")


def test_what_cannot_be_handled_stops_the_follower_there(views: Views, papers: Papers) -> None:
    papers.commit(worded("outbound/1", "a", "2001-12-06"))
    good = papers.commit(worded("outbound/2", "b", "2001-12-06"))
    papers.commit(worded("outbound/3", "c", "2001-12-06"), worded("x", "broken", "2001-12-06"))
    papers.commit(worded("outbound/4", "d", "2001-12-06"))

    def refuse(key: str, state: Words | None, entry: Any) -> Words | None:
        if key == "x":
            raise LookupError(key)
        return word(key, state, entry)

    model = replace(TEXT, name="fragile", evolve=refuse)
    views.create(model)
    follower = views.follower(model, papers.read)
    for _ in range(2):
        with pytest.raises(Unhandled) as stopped:
            catch_up(papers, follower)
        assert stopped.value.details == {
            "follower": follower.name,
            "position": 7,
            "stream": "text",
            "version": 4,
            "topic": "test-worded.v1",
            "reason": "x: LookupError('x')",
        }
        assert follower.progress().position == good, "what was before it is kept"
    keys = {held.key for held in views.reader(model).every(day("2001-12-06"))}
    assert keys == {"outbound/1", "outbound/2"}, "and nothing of its own commit"


def test_keys_that_cannot_be_named_stop_the_follower_too(views: Views, papers: Papers) -> None:
    papers.commit(worded("outbound/1", "a", "2001-12-06"), worded("x", "b", "2001-12-06"))

    def refuse(entry: Recorded[Event]) -> Iterable[str]:
        if addresses(entry) == ("x",):
            raise LookupError("x")
        return addresses(entry)

    model = replace(TEXT, name="nameless", keys=refuse)
    views.create(model)
    with pytest.raises(Unhandled) as stopped:
        follow(views, papers, model)
    assert (stopped.value.position, stopped.value.details["topic"]) == (3, "test-worded.v1")


def test_a_correction_of_what_is_not_there_yet_stops_the_follower(
    views: Views, papers: Papers
) -> None:
    papers.commit(worded("outbound/1", "a", "2001-12-06", replaces=1))
    with pytest.raises(Unhandled) as stopped:
        follow(views, papers, TEXT)
    assert stopped.value.position == 2


def test_a_follower_ahead_of_a_restored_log_refuses(views: Views, papers: Papers) -> None:
    papers.commit(worded("outbound/1", "a", "2001-12-06"))
    papers.commit(worded("outbound/2", "b", "2001-12-06"))
    follow(views, papers, TEXT)
    restored = Papers(rows=papers.rows[:2], name="second", shared={"first": 2})
    with pytest.raises(AheadOfLog):
        follow(views, restored, TEXT)
    restored.commit(worded("outbound/3", "c", "2001-12-06"))
    with pytest.raises(AheadOfLog):
        follow(views, restored, TEXT)
    views.maintenance.rebuild(TEXT, restored)
    assert [t.epoch for t in views.registered() if t.name == "text"] == ["second"]
    assert follow(views, restored, TEXT) == restored.head()


def test_the_ends_of_rows_are_the_days_on_which_the_next_may_begin(
    views: Views, papers: Papers
) -> None:
    papers.commit(formed("kiev", "Sister City", "1991"))
    papers.commit(classified("kiev", Standing.HISTORICAL, "2001-12-04/2001-12-06"))
    follow(views, papers, ROLL)
    first, second = views.reader(ROLL).history("kiev")
    assert (first.first, first.last) == (date(1991, 1, 1), date(1991, 12, 31))
    assert (first.until_first, first.until_last) == (date(2001, 12, 4), date(2001, 12, 6))
    assert (second.until_first, second.until_last) == (OPEN, OPEN)
    assert (second.stream, second.version, second.position) == ("city/kiev", 2, 4)


def test_the_columns_are_what_an_auditor_reads(views: Views, papers: Papers) -> None:
    papers.commit(formed("kiev", "Sister City", "1991"))
    follow(views, papers, ROLL)
    (name,) = [t.table_name for t in views.registered() if t.name == "roll"]
    with views.database.reading() as connection:
        row = connection.execute(select(text("*")).select_from(table(name))).mappings().one()
    assert [column for column in row if not column.startswith("v_")] == [
        "key",
        "place",
        "known_from",
        "known_to",
        "valid_from_first",
        "valid_from_last",
        "valid_to_first",
        "valid_to_last",
        "stream",
        "version",
        "position",
        "present",
    ]
    assert (row["v_since"], row["v_notes"]) == ("1991", '[{"position":2,"what":"Formed"}]')


@dataclass
class Overheard:
    """The database of the read models, and what it was asked."""

    database: ViewsDatabase
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    @property
    def is_sqlite(self) -> bool:
        return self.database.is_sqlite

    def ask(self, statement: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        self.asked.append((statement, values))
        return self.database.ask(statement, values)


@pytest.mark.parametrize("known_at", [None, 100])
def test_answers_step_into_the_primary_key_and_scan_nothing(
    views: Views, papers: Papers, known_at: int | None
) -> None:
    """Whatever the database has learned of the table, which here is nothing."""
    for number in range(200):
        papers.commit(worded(f"outbound/{number % 40}", str(number), f"{1800 + number}-01-01"))
    follow(views, papers, TEXT)
    overheard = Overheard(views.database)
    reader = ViewReader(cast("ViewsDatabase", overheard), views.table(TEXT))
    reader.answers(["outbound/1", "outbound/2"], day("1900-01-01"), known_at)
    reader.every(day("1900-01-01"), known_at, where={"words": "100"})
    explain = "EXPLAIN QUERY PLAN " if views.database.is_sqlite else "EXPLAIN "
    asked = [each for each in overheard.asked if "sure" in each[0]]
    assert len(asked) == 2
    for statement, values in asked:
        plan = [str(row[-1]) for row in views.database.ask(explain + statement, values)]
        assert any("PRIMARY KEY" in line or "_pkey" in line for line in plan), plan
        assert not [line for line in plan if "Seq Scan" in line], plan
        assert any("_last_" in line for line in plan) == (known_at is not None), plan
        scanned = [line for line in plan if line.startswith("SCAN")]
        assert {line.split()[1] for line in scanned} <= {"asked"}, plan
