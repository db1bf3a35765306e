"""Read models: rebuilt against one transaction an event, and asked at a million events and at few.

Alone: `python -m bench.views`. `ALLIANCE_BENCH_EVENTS` gives another number than a million.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import NoReturn, TypeAlias, cast

from sqlalchemy import func, select

from adapters.store.log import EventLog
from adapters.store.opening import open_log, setup_log
from adapters.store.views import Views
from adapters.store.views_follow import ViewFollower
from adapters.store.views_registry import create, drop
from adapters.store.views_upkeep import BUILD_PAGE
from application.following import catch_up
from application.ports import Log, Page, Pending
from bench.pairs import HEAD, Figure, compare
from bench.subjects import CATALOGUE, EVENT, opening
from domain.cities import Place
from domain.dates import When
from domain.history import Recorded
from domain.instruments import Classification
from domain.kernel import Event, Fact, StreamId
from projections.register import REGISTER, Relationship
from projections.timeline import ReadModel
from tests.services import fresh_database, postgres_server

MANY = int(os.environ.get("ALLIANCE_BENCH_EVENTS", "1000000"))
FEW = 1_000
REBUILT = 5_000
ONE_BY_ONE = 250
VERSIONS = 20
ASKED = 40
FIRST, LAST = date(1950, 1, 1), date(2025, 12, 31)
number = count(1)


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as folder:
        yield from figures("SQLite", *(f"sqlite:///{Path(folder)}/{n}" for n in ("log", "views")))
    with (
        postgres_server() as server,
        fresh_database(server) as log_url,
        fresh_database(server) as views_url,
    ):
        yield from figures("PostgreSQL", log_url, views_url)


def figures(database: str, log_url: str, views_url: str) -> Iterator[Figure]:
    views = Views(views_url)
    with closing(views):
        views.setup()
        setup_log(log_url)
        with closing(open_log(log_url, "bench", CATALOGUE)) as log:
            yield rebuilding(database, views, log)
        yield from asking(database, views)


# --- rebuilding ---------------------------------------------------------------------------------


def rebuilding(database: str, views: Views, log: EventLog) -> Figure:
    record(log)
    first_commits = log.after(0, ONE_BY_ONE * 2).through

    def at_once() -> int:
        return folded(views, log, BUILD_PAGE, log.head(), REBUILT)

    def one_by_one() -> int:
        return folded(views, log, 1, first_commits, ONE_BY_ONE)

    return compare(
        f"{database}: read model rebuilt",
        "a transaction an event",
        at_once,
        one_by_one,
        target=15,
    )


def record(log: EventLog) -> None:
    """A command and its event in each commit, some twenty events a city."""
    chance = random.Random(1)
    versions: dict[StreamId, int] = {}
    for n in range(REBUILT):
        code = f"UA-C{chance.randrange(REBUILT // VERSIONS)}"
        stream = StreamId(f"partnership/{code}")
        versions[stream] = versions.get(stream, 0) + 1
        log.append(
            [
                Pending(StreamId(f"command/{n}"), 1, opening(str(n))),
                Pending(stream, versions[stream], event(code, n, REBUILT, chance)),
            ],
            {},
        )


def event(code: str, n: int, of: int, chance: random.Random) -> Event:
    day = When.day(FIRST + timedelta((LAST - FIRST).days * n // of))
    place = Place(code=code, name=code, country="UA", country_name="Ukraine")
    changed = {
        "place": place,
        "classification": chance.choice(list(Classification)),
        "decided_on": day,
        "effective_from": day,
    }
    return EVENT.model_copy(update=changed)


def folded(views: Views, log: EventLog, page: int, until: int, events: int) -> int:
    table = views.table(REGISTER, f"_{next(number)}")
    with views.database.writing() as connection:
        create(connection, table, live=False)
    follower = ViewFollower(views.database, table, log.read)
    assert catch_up(log, follower, limit=page, until=until) == until
    with views.database.writing() as connection:
        sources = select(func.count(table.table.c.position.distinct()))
        assert connection.execute(sources).scalar() == events, "every event has a row"
        drop(connection, table.name)
    return events


# --- asking -------------------------------------------------------------------------------------


@dataclass
class Generated:
    """A log of one event a commit that is made while it is read, and never held."""

    events: int
    cities: int

    def __post_init__(self) -> None:
        self.chance = random.Random(7)
        self.versions = [0] * self.cities
        self.made = 0

    def read(self, *streams: StreamId) -> NoReturn:
        raise AssertionError("nothing is late, so nothing is read again")

    def head(self) -> int:
        return self.events

    def epoch(self) -> str:
        return "bench"

    def check_follower(self, position: int, epoch: str) -> None:
        assert (position, epoch) <= (self.made, "bench")

    def after(self, position: int, limit: int) -> Page:
        assert position == self.made, "read once, in order"
        entries = [self._next() for _ in range(min(limit, self.events - self.made))]
        return Page(entries, self.made)

    def _next(self) -> Recorded[Fact]:
        city = self.chance.randrange(self.cities)
        while self.events // self.cities == VERSIONS and self.versions[city] == VERSIONS:
            city = (city + 1) % self.cities
        self.versions[city] += 1
        self.made += 1
        return Recorded(
            event(code(city), self.made, self.events, self.chance),
            StreamId(f"partnership/{code(city)}"),
            self.versions[city],
            self.made,
            self.made,
        )


def code(city: int) -> str:
    return f"UA-C{city}"


def asking(database: str, views: Views) -> Iterator[Figure]:
    shapes = {
        "<= 20 versions": (
            built(views, FEW, FEW // VERSIONS),
            built(views, MANY, MANY // VERSIONS),
        ),
        "40 keys": [built(views, n, ASKED) for n in (FEW, MANY)],
    }
    for shape, (few, many) in shapes.items():
        target = 0.25 if shape.startswith("<") else None
        for known, past in (("known now", False), ("known then", True)):
            yield compare(
                f"{database}: {ASKED} answers as of a day, {known}",
                f"{FEW:,}, {shape}",
                asked(views, *many, past=past),
                asked(views, *few, past=past),
                target=target,
                pairs=30,
            )
    yield compare(
        f"{database}: the list as of a day, known now",
        f"{FEW:,}, 40 keys",
        listed(views, shapes["40 keys"][1][0]),
        listed(views, shapes["40 keys"][0][0]),
        pairs=30,
    )


Shape: TypeAlias = tuple[ReadModel[Relationship], int, int]


def built(views: Views, events: int, cities: int) -> Shape:
    model = replace(REGISTER, name=f"register{next(number)}")
    views.create(model)
    log = cast("Log", Generated(events, cities))
    catch_up(log, views.follower(model, log.read), limit=BUILD_PAGE)
    return model, events, cities


def asked(
    views: Views, model: ReadModel[Relationship], events: int, cities: int, past: bool
) -> Callable[[], int]:
    """Random keys, a random day, and a random state of knowledge if it is about the past."""
    reader = views.reader(model)
    chance = random.Random(3)
    assert sum(1 for _ in reader.history(code(0))) >= 1

    def ask() -> int:
        for _ in range(5):
            keys = {code(chance.randrange(cities)) for _ in range(ASKED)}
            while len(keys) < ASKED:
                keys.add(code(chance.randrange(cities)))
            day = FIRST + timedelta(chance.randrange((LAST - FIRST).days))
            answers = reader.answers(keys, day, chance.randrange(events) if past else None)
            assert len(answers) == ASKED
        return 5 * ASKED

    return ask


def listed(views: Views, model: ReadModel[Relationship]) -> Callable[[], int]:
    reader = views.reader(model)
    assert len(reader.every(LAST)) == ASKED

    def ask() -> int:
        for _ in range(5):
            assert len(reader.every(LAST)) == ASKED
        return 5 * ASKED

    return ask


if __name__ == "__main__":
    print(HEAD)
    met = True
    for figure in measure():
        print(figure, flush=True)
        met = met and figure.met
    sys.exit(not met)
