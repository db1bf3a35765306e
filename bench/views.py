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
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import NoReturn, TypeAlias, cast

from sqlalchemy import func, select

from adapters.store.event_log.log import EventLog
from adapters.store.event_log.open_log import open_log, setup_log
from adapters.store.read_models.maintenance import BUILD_PAGE
from adapters.store.read_models.schema import drop_table, table_of
from adapters.store.read_models.store import Views
from application.followers import catch_up
from application.ports import Log, Page, Pending
from bench.pairs import HEAD, Figure, compare
from bench.subjects import CATALOGUE, EVENT, opening
from domain.places import Place
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.messages import Event, Fact, StreamId, Value
from projections.engine.read_model import ReadModel
from projections.partnerships import PARTNERSHIPS, Relationship
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
    with tempfile.TemporaryDirectory() as folder:
        yield from figures("SQLite", *(f"sqlite:///{Path(folder)}/{n}" for n in ("log", "views")))
    with (
        postgres_server(durable=True) as server,
        fresh_database(server) as log_url,
        fresh_database(server) as views_url,
    ):
        yield from figures("PostgreSQL", log_url, views_url)


def figures(database: str, log_url: str, views_url: str) -> Iterator[Figure]:
    views = Views(views_url)
    with closing(views):
        views.setup()
        views.create(PARTNERSHIPS)
        setup_log(log_url)
        with closing(open_log(log_url, "bench", CATALOGUE)) as log:
            yield rebuilding(database, views, log)
        yield from asking(database, views)


# --- rebuilding ---------------------------------------------------------------------------------


def rebuilding(database: str, views: Views, log: EventLog) -> Figure:
    record(log)
    one = replace(PARTNERSHIPS, name="one_by_one")
    until = log.after(0, ONE_BY_ONE * 2).through

    def at_once() -> int:
        assert views.maintenance.rebuild(PARTNERSHIPS, log) == log.head()
        return counted(views, PARTNERSHIPS, REBUILT)

    def one_by_one() -> int:
        with views.database.writing() as connection:
            drop_table(connection, views.table(one).name)
        views.create(one)
        assert catch_up(log, views.follower(one, log.read), limit=1, until=until) == until
        return counted(views, one, ONE_BY_ONE)

    return compare(
        f"{database}: read model rebuilt",
        "a transaction an event",
        at_once,
        one_by_one,
        target=15,
    )


def counted(views: Views, model: ReadModel[Relationship], events: int) -> int:
    table = table_of(views.table(model))
    with views.database.reading() as connection:
        found = connection.execute(select(func.count(table.c.position.distinct()))).scalar()
    assert found == events, "every event has a row"
    return events


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
        "classification": chance.choice(("International", "Historical")),
        "decided_on": day,
        "effective_from": day,
    }
    return EVENT.model_copy(update=changed)


# --- asking -------------------------------------------------------------------------------------


class Seen(Value):
    """A row that costs little to fold: what is measured here is the asking."""

    city: str
    versions: int


def seen(key: str, state: Seen | None, entry: Recorded[Event]) -> Seen:
    return Seen(city=key, versions=state.versions + 1 if state else 1)


SEEN = ReadModel("seen", 1, Seen, lambda entry: (entry.stream,), seen)
Shape: TypeAlias = tuple[ReadModel[Seen], int, int]


@lru_cache
def on(day: int) -> Event:
    when = When.day(date.fromordinal(day))
    return EVENT.model_copy(update={"decided_on": when, "effective_from": when})


@dataclass
class Generated:
    """A log of one event a commit that is made while it is read, and never held."""

    events: int
    keys: int

    def __post_init__(self) -> None:
        self.chance = random.Random(7)
        self.versions = [0] * self.keys
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
        key = self.chance.randrange(self.keys)
        while self.events // self.keys == VERSIONS and self.versions[key] == VERSIONS:
            key = (key + 1) % self.keys
        self.versions[key] += 1
        self.made += 1
        day = FIRST.toordinal() + (LAST - FIRST).days * self.made // self.events
        return Recorded(on(day), name(key), self.versions[key], self.made, self.made)


def name(key: int) -> StreamId:
    return StreamId(f"partnership/{key}")


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


def built(views: Views, events: int, keys: int) -> Shape:
    model = replace(SEEN, name=f"seen{next(number)}")
    views.create(model)
    log = cast("Log", Generated(events, keys))
    catch_up(log, views.follower(model, log.read), limit=BUILD_PAGE)
    return model, events, keys


def asked(
    views: Views, model: ReadModel[Seen], events: int, keys: int, past: bool
) -> Callable[[], int]:
    """Random keys, a random day, and a random state of knowledge if it is about the past."""
    reader = views.reader(model)
    chance = random.Random(3)
    assert sum(1 for _ in reader.history(name(0))) >= 1

    def ask() -> int:
        for _ in range(5):
            some = {name(chance.randrange(keys)) for _ in range(ASKED)}
            while len(some) < ASKED:
                some.add(name(chance.randrange(keys)))
            day = FIRST + timedelta(chance.randrange((LAST - FIRST).days))
            answers = reader.answers(some, day, chance.randrange(events) if past else None)
            assert len(answers) == ASKED
        return 5 * ASKED

    return ask


def listed(views: Views, model: ReadModel[Seen]) -> Callable[[], int]:
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
