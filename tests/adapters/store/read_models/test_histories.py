"""The read models agree with a brute-force fold of random histories, on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from adapters.store.read_models.schema import drop_table
from adapters.store.read_models.store import Views
from application.followers import catch_up
from projections.engine.read_model import R, ReadModel
from tests.support.histories import EVERY_DAY, Step, believed, histories, record
from tests.support.papers import ROLL, TEXT, Papers

BATCH = 20
"""So many histories share a log, a table and a query, each with keys of its own."""

PLAIN = settings(
    deadline=None,
    database=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    phases=(Phase.explicit, Phase.generate),
)


@pytest.fixture(params=["sqlite", "postgres"], scope="module")
def views(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Views]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('views') / 'views.sqlite'}"
    else:
        url = str(request.getfixturevalue("postgres_url"))
    store = Views(url)
    store.setup()
    yield store
    store.close()


def agree(views: Views, papers: Papers, model: ReadModel[Any], size: int) -> int:
    """Compare every key, at every boundary and commit and one to either side; count the answers."""
    reader = views.reader(model)
    keys = [f"{history:03}-{which}" for history in range(size) for which in range(3)]
    ends = papers.ends()
    theirs: dict[str, list[Any]] = {}
    for row in papers.rows:
        theirs.setdefault(row.stream.partition("/")[2][:3], []).append(row)
    compared = 0
    for position in (*sorted({end + step for end in ends for step in (-1, 0, 1)}), None):
        known = ends[-1] if position is None else position
        folds = {k: believed(model, theirs.get(k[:3], []), k, known, ends) for k in keys}
        for day in EVERY_DAY:
            answers = reader.answers(keys, day, position)
            for key in keys:
                wanted = tuple(folds[key].candidates(day))
                assert answers[key].candidates == wanted, (key, day, position)
                compared += 1
    return compared


def agree_in_bulk(views: Views, papers: Papers, model: ReadModel[Any], size: int) -> None:
    """The list of all keys says what the answers about single keys say."""
    reader = views.reader(model)
    keys = [f"{history:03}-{which}" for history in range(size) for which in range(3)]
    for day in EVERY_DAY[::5]:
        for position in (None, papers.ends()[2]):
            listed: dict[str, list[object]] = {}
            for held in reader.every(day, position):
                listed.setdefault(held.key, []).append((held.state, held.certain))
            answers = reader.answers(keys, day, position)
            assert listed == {
                key: [(state, answer.determinate) for state in answer.candidates if state]
                for key, answer in answers.items()
                if any(answer.candidates)
            }, (day, position)


def check(
    views: Views, model: ReadModel[R], batch: Sequence[Sequence[Step]], pages: Sequence[int]
) -> int:
    papers = record(batch)
    views.create(model)
    follower = views.follower(model, papers.read)
    for size in pages:  # whatever the pages, and after a restart
        catch_up(papers, follower, limit=size, until=papers.ends()[size % len(pages)])
    catch_up(papers, views.follower(model, papers.read), limit=pages[0])
    compared = agree(views, papers, model, len(batch))
    agree_in_bulk(views, papers, model, len(batch))
    with views.database.writing() as connection:  # thousands of tables make it slow
        drop_table(connection, views.table(model).name)
    return compared


BATCHES = st.lists(histories, min_size=BATCH, max_size=BATCH)
PAGES = st.lists(st.integers(1, 200), min_size=2, max_size=3)


@pytest.mark.slow
@pytest.mark.drill
@pytest.mark.timeout(1800)
def test_random_histories(views: Views, request: pytest.FixtureRequest) -> None:
    """Eighty among the other tests, and two thousand in `make drills`."""
    wanted = 2000 if request.config.getoption("-m") == "drill" else 80
    done: list[int] = []

    @given(batch=BATCHES, pages=PAGES)
    @settings(PLAIN, max_examples=wanted // BATCH)
    def compare(batch: list[list[Step]], pages: list[int]) -> None:
        number = len(done)
        roll = check(views, replace(ROLL, name=f"roll{number}"), batch, pages)
        done.append(roll + check(views, replace(TEXT, name=f"text{number}"), batch, pages))

    compare()
    histories = len(done) * BATCH
    assert histories >= wanted
    database = views.database.engine.dialect.name
    print(f"\n{database}: {histories} histories, {sum(done)} answers agree with the fold")  # noqa: T201
