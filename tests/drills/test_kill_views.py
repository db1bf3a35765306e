"""Kill -9 before and after every statement of a follower: rows and position are of one mind."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from adapters.store.read_models.schema import drop_table
from adapters.store.read_models.store import Views
from application.followers import catch_up
from tests.support.papers import ROLL, Papers, Standing, classified, formed

LIMIT = 4
"""Entries a page, so that there are several."""


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'views.sqlite'}"
    else:
        yield str(request.getfixturevalue("fresh_postgres_url"))


def record() -> Papers:
    """Late, corrected and ordinary records of two cities."""
    papers = Papers()
    papers.commit(formed("kiev", "Sister City", "1991"), formed("rome", "Informal", "1987"))
    papers.commit(classified("kiev", Standing.INTERNATIONAL, "2001-12-06"))
    papers.commit(classified("rome", Standing.HISTORICAL, "2001-12-04/2001-12-06"))
    papers.commit(classified("kiev", Standing.HISTORICAL, "2001-12-06", replaces=2))
    papers.commit(classified("rome", Standing.INTERNATIONAL, "1999-01-01"))
    return papers


def follow_and_die(url: str, point: int) -> None:
    """In a process of its own: killed at the given one of the moments around its statements."""
    views = Views(url)
    moments = count(1)

    def tick(*_: Any) -> None:
        if next(moments) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(views.database.engine, moment, tick)
    papers = record()
    catch_up(papers, views.follower(ROLL, papers.read), limit=LIMIT)


@pytest.mark.drill
@pytest.mark.slow
def test_a_follower_killed_at_every_statement(url: str) -> None:
    papers = record()
    views = Views(url)
    views.setup()
    begin_again(views)
    wanted: dict[int, list[bytes]] = {0: []}
    for end in papers.ends():
        catch_up(papers, views.follower(ROLL, papers.read), until=end)
        wanted[end] = list(views.dump(ROLL))
    killed: set[int] = set()
    point = 0
    while True:
        point += 1
        begin_again(views)
        views.close()  # nothing open is handed to the child
        child = get_context("fork").Process(target=follow_and_die, args=(url, point))
        child.start()
        child.join(60)
        (at,) = [t.position for t in views.registered() if t.name == ROLL.name]
        assert list(views.dump(ROLL)) == wanted[at], f"killed at point {point}, position {at}"
        catch_up(papers, views.follower(ROLL, papers.read))
        assert list(views.dump(ROLL)) == wanted[papers.head()], f"after point {point}"
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        killed.add(at)
    assert len(killed) > 2, "it died on several pages"
    assert point > 30
    print(f"\n{views.database.engine.dialect.name}: killed at {point - 1} points: the same rows")
    views.close()


def begin_again(views: Views) -> None:
    with views.database.writing() as connection:
        drop_table(connection, views.table(ROLL).name)
    views.create(ROLL)
