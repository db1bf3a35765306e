"""Read models built again: byte for byte, beside the live ones, and repaired from the log."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import text, update

from adapters.store.read_models.comparison import Kind
from adapters.store.read_models.reader import OfAnotherRegister
from adapters.store.read_models.schema import REGISTRY
from adapters.store.read_models.store import Views
from application.followers import Progress, catch_up
from domain.shared.history import Recorded
from domain.shared.messages import Event, Value
from projections.engine.read_model import FOREVER, ReadModel
from tests.support.papers import (
    ROLL,
    TEXT,
    City,
    Papers,
    Standing,
    Words,
    addresses,
    classified,
    enrol,
    formed,
    word,
    worded,
)


@pytest.fixture
def papers(views: Views) -> Papers:
    """Two years of records, with a late one and a correction; both read models have read it."""
    papers = Papers()
    for city in ("kiev", "milan", "rome"):
        papers.commit(formed(city, "Sister City", "1991"))
        papers.commit(classified(city, Standing.HISTORICAL, "2001-12-04/2001-12-06"))
    papers.commit(classified("kiev", Standing.INTERNATIONAL, "2001-12-06", replaces=2))
    papers.commit(classified("rome", Standing.INTERNATIONAL, "1999-01-01"))
    papers.commit(worded("outbound/2", "the Mayor", "2001-12-06"))
    follow(views, papers, ROLL)
    follow(views, papers, TEXT)
    return papers


def follow(views: Views, papers: Papers, model: ReadModel[Any]) -> None:
    catch_up(papers, views.follower(model, papers.read), limit=3)


def table_of(views: Views, model: ReadModel[Any]) -> str:
    return views.table(model).name


def tamper(views: Views, statement: str, model: ReadModel[Any] = ROLL) -> None:
    with views.database.writing() as connection:
        connection.execute(text(statement.format(table=table_of(views, model))))


def loud(key: str, state: Words | None, entry: Recorded[Event]) -> Words | None:
    row = word(key, state, entry)
    return row and row.model_copy(update={"words": row.words.upper()})


LOUD = replace(TEXT, version=2, evolve=loud)


class Sized(Value):
    address: str
    words: str
    size: int


def sized(key: str, state: Sized | None, entry: Recorded[Event]) -> Sized | None:
    row = word(key, None, entry)
    return Sized(address=row.address, words=row.words, size=len(row.words)) if row else None


SIZED = ReadModel("text", 2, Sized, addresses, sized)


def test_built_twice_the_rows_are_the_same_bytes_as_live(views: Views, papers: Papers) -> None:
    live = list(views.dump(ROLL))
    told: list[tuple[int, int]] = []
    assert views.maintenance.rebuild(ROLL, papers, lambda *at: told.append(at)) == papers.head()
    once = list(views.dump(ROLL))
    views.maintenance.rebuild(ROLL, papers)
    assert live == once == list(views.dump(ROLL))
    assert len(live) == 14
    assert told == [(papers.head(), papers.head())]


def test_after_a_rebuild_it_goes_on_and_stays_live(views: Views, papers: Papers) -> None:
    follower = views.follower(ROLL, papers.read)
    before = views.registered()
    views.maintenance.rebuild(ROLL, papers)
    assert views.registered() == before
    papers.commit(classified("kiev", Standing.HISTORICAL, "2005-01-01"))
    catch_up(papers, follower)
    assert views.maintenance.verify(ROLL, papers) == []


def test_a_follower_notices_that_the_table_was_built_again(views: Views, papers: Papers) -> None:
    follower = views.follower(ROLL, papers.read)
    papers.commit(classified("kiev", Standing.HISTORICAL, "2005-01-01"))
    follower.progress()
    page = papers.after(follower.progress().position, 100)
    shorter = Papers(rows=papers.rows[:4])
    views.maintenance.rebuild(ROLL, shorter)
    follower.take(page, "first")
    assert follower.progress() == Progress(4, "first"), "a page from elsewhere is not taken"
    catch_up(papers, follower)
    assert views.maintenance.verify(ROLL, papers) == []


def test_an_untouched_table_verifies(views: Views, papers: Papers) -> None:
    before = views.registered()
    assert views.maintenance.verify(ROLL, papers) == []
    assert views.registered() == before, "the copy is gone"


def test_what_the_follower_has_not_read_is_no_difference(views: Views, papers: Papers) -> None:
    papers.commit(classified("kiev", Standing.HISTORICAL, "2005-01-01"))
    assert views.maintenance.verify(ROLL, papers) == []


TAMPERED = [
    (
        "UPDATE {table} SET v_standing = 'International' WHERE key = 'milan' AND version = 2",
        [Kind.ALTERED],
        "altered: milan from 2001-12-04, known from 8: standing 'International' for 'Historical'",
    ),
    (
        "UPDATE {table} SET known_to = 9, v_city = 'x' WHERE key = 'milan' AND version = 2",
        [Kind.ALTERED],
        f"altered: milan from 2001-12-04, known from 8: known_to 9 for {FOREVER}, "  # noqa: ISC004
        "city 'x' for 'milan'",
    ),
    (
        "DELETE FROM {table} WHERE key = 'milan' AND version = 2",
        [Kind.MISSING],
        "missing: milan from 2001-12-04, known from 8",
    ),
    (
        "UPDATE {table} SET key = 'napoli' WHERE key = 'milan' AND version = 2",
        [Kind.MISSING, Kind.INVENTED],
        "invented: napoli from 2001-12-04, known from 8",
    ),
]


@pytest.mark.parametrize(("statement", "kinds", "said"), TAMPERED)
def test_altered_missing_and_invented_rows_are_named_and_repaired(
    views: Views, papers: Papers, statement: str, kinds: list[Kind], said: str
) -> None:
    before = list(views.dump(ROLL))
    tamper(views, statement)
    named = views.maintenance.verify(ROLL, papers)
    assert [difference.kind for difference in named] == kinds
    assert str(named[-1]) == said
    assert views.maintenance.repair(ROLL, papers) == named
    assert list(views.dump(ROLL)) == before
    assert views.maintenance.repair(ROLL, papers) == []


def test_every_row_lost_is_every_row_named(views: Views, papers: Papers) -> None:
    before = list(views.dump(ROLL))
    tamper(views, "DELETE FROM {table}")
    assert len(views.maintenance.verify(ROLL, papers)) == len(before)
    views.maintenance.repair(ROLL, papers)
    assert list(views.dump(ROLL)) == before


def test_a_position_set_ahead_is_seen_by_the_rows_it_hides(views: Views, papers: Papers) -> None:
    end = papers.commit(classified("kiev", Standing.HISTORICAL, "2005-01-01"))
    with views.database.writing() as connection:
        connection.execute(update(REGISTRY).values(position=end))
    hidden = [Kind.ALTERED, Kind.MISSING, Kind.MISSING]
    assert [d.kind for d in views.maintenance.verify(ROLL, papers)] == hidden
    views.maintenance.repair(ROLL, papers)
    assert views.maintenance.verify(ROLL, papers) == []


def test_a_killed_repair_leaves_nothing_that_matters(views: Views, papers: Papers) -> None:
    with views.database.writing() as connection:
        connection.execute(text(f"CREATE TABLE {table_of(views, ROLL)}_check (left_over INTEGER)"))
    assert views.maintenance.repair(ROLL, papers) == []


def test_a_new_version_is_kept_beside_the_old_one_until_others_are_removed(
    views: Views, papers: Papers
) -> None:
    views.create(LOUD)
    follow(views, papers, LOUD)
    for model, words in ((TEXT, "the Mayor"), (LOUD, "THE MAYOR")):
        answer = views.reader(model).answer("outbound/2", date(2005, 1, 1))
        assert answer.state == Words(address="outbound/2", words=words)
    assert views.maintenance.remove_others(ROLL, LOUD) == [table_of(views, TEXT)]
    kept = sorted((table_of(views, ROLL), table_of(views, LOUD)))
    assert sorted(table.table_name for table in views.registered()) == kept
    assert views.maintenance.remove_others(ROLL, LOUD) == []
    assert views.maintenance.verify(LOUD, papers) == []


def test_read_models_of_another_register_are_neither_read_nor_written(
    views: Views, papers: Papers
) -> None:
    before = list(views.dump(ROLL))
    with closing(Views(views.database.url, "beta")) as other:
        for act in (
            other.setup,
            lambda: other.reader(ROLL).progress(),
            lambda: catch_up(papers, other.follower(ROLL, papers.read)),
        ):
            with pytest.raises(OfAnotherRegister) as refused:
                act()
            assert refused.value.details == {"read_models": "", "register": "beta"}
    assert list(views.dump(ROLL)) == before


def test_the_table_name_says_what_decides_its_content(views: Views) -> None:
    names = {
        views.table(TEXT).name,
        views.table(LOUD).name,
        views.table(SIZED).name,
        Views(views.database.url, upcasting="worded.v2").table(TEXT).name,
    }
    assert len(names) == 4
    assert all(name.startswith("text_") for name in names)


def test_words_for_people_do_not_change_the_table_name(views: Views) -> None:
    class Described(Words):
        """What is said about a row is not stored in it."""

    Described.__name__ = "Words"
    assert views.table(replace(TEXT, row=Described)).name == views.table(TEXT).name


def test_both_databases_hold_the_same_bytes(views: Views, papers: Papers, tmp_path: Path) -> None:
    other = Views(f"sqlite:///{tmp_path / 'other.sqlite'}")
    other.setup()
    other.create(ROLL)
    follow(other, papers, ROLL)
    assert list(other.dump(ROLL)) == list(views.dump(ROLL))
    other.close()


def test_rows_read_back_are_what_was_folded(views: Views, papers: Papers) -> None:
    state: City | None = None
    for entry in papers.rows:
        if entry.stream == "city/milan":
            state = enrol("milan", state, cast("Recorded[Event]", entry))
    assert views.reader(ROLL).answer("milan", date(2001, 12, 6)).state == state
