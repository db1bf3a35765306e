"""Allowances of requests: spent, refilled evenly, and shared by servers on one database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from adapters.database.sqlalchemy_engine import set_up_schema
from adapters.people.rate_limits import Act, RateLimits, Rates, TooMany, site_of
from adapters.people.tables import allowance, create, open_people

Opens = Callable[[], Engine]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def opens(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opens]:
    """Opens the database again, as each server does for itself."""
    url = f"sqlite:///{tmp_path / 'people.sqlite'}"
    if request.param == "postgres":
        url = request.getfixturevalue("fresh_postgres_url")
        set_up_schema(url)
    opened: list[Engine] = []

    def again() -> Engine:
        opened.append(open_people(url))
        create(opened[-1])
        return opened[-1]

    yield again
    for engine in opened:
        engine.dispose()


class Clock:
    """The time of the database and of its servers, in the hand of a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000_000.0
        monkeypatch.setattr("adapters.people.rate_limits.clock", lambda _: self.now)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def spent(limits: RateLimits, who: str, act: Act) -> int:
    """The number of requests that go through until one is refused."""
    for number in range(1000):
        try:
            limits.spend(who, act)
        except TooMany:
            return number
    raise AssertionError("no limit")


def refused(limits: RateLimits, who: str, act: Act) -> tuple[str, int, int]:
    with pytest.raises(TooMany) as found:
        limits.spend(who, act)
    return found.value.act, found.value.a_minute, found.value.seconds


def test_a_minute_of_requests_may_be_spent_at_once_and_refills_evenly(
    opens: Opens, time: Clock
) -> None:
    limits = RateLimits(opens(), Rates(read=40, record=6), time)
    assert spent(limits, "anna", "record") == 6
    assert refused(limits, "anna", "record") == ("record", 6, 10)
    assert spent(limits, "anna", "read") == 40  # reading and recording are counted apart
    assert refused(limits, "anna", "read") == ("read", 40, 2)
    assert spent(limits, "bert", "record") == 6  # and each person alone

    time.now += 9
    assert refused(limits, "anna", "record") == ("record", 6, 1)
    time.now += 1
    assert spent(limits, "anna", "record") == 1
    time.now += 20
    assert spent(limits, "anna", "record") == 2
    time.now += 3600
    assert spent(limits, "anna", "record") == 6


def test_servers_on_one_database_share_an_allowance(opens: Opens, time: Clock) -> None:
    one = RateLimits(opens(), Rates(read=40, record=6), time)
    other = RateLimits(opens(), Rates(read=40, record=6), time)
    for each in (one, other, one, other, one, other):
        each.spend("anna", "record")
    for each in (one, other):
        assert refused(each, "anna", "record") == ("record", 6, 10)
    # for reading each takes two at a time, a twentieth of the minute's forty
    one.spend("anna", "read")
    assert spent(other, "anna", "read") == 38
    assert spent(one, "anna", "read") == 1


def test_a_race_of_servers_spends_no_request_twice(opens: Opens, time: Clock) -> None:
    servers = [RateLimits(opens(), Rates(read=40, record=20), time) for _ in range(4)]
    through: list[int] = []

    def run(limits: RateLimits) -> None:
        through.append(spent(limits, "anna", "record"))

    threads = [threading.Thread(target=run, args=(each,)) for each in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(through) == 20


def test_what_a_server_has_in_hand_is_given_up_after_a_minute(opens: Opens, time: Clock) -> None:
    limits = RateLimits(opens(), Rates(read=40), time)
    limits.spend("anna", "read")
    time.now += 61
    assert spent(limits, "anna", "read") == 40


def test_allowances_that_are_full_again_are_not_kept(opens: Opens, time: Clock) -> None:
    engine = opens()
    limits = RateLimits(engine, Rates(read=40), time)
    for address in range(5):
        limits.spend(f"address {address}", "read")
    time.now += 61
    limits.spend("anna", "read")
    with engine.connect() as db:
        assert db.execute(select(func.count()).select_from(allowance)).scalar_one() == 1


def test_no_limit_asks_no_database(opens: Opens) -> None:
    engine = opens()
    allowance.drop(engine)
    limits = RateLimits(engine, Rates())
    for _ in range(100):
        limits.spend("anna", "record")


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_of_ipv6_counts_as_its_network(address: str, site: str) -> None:
    assert site_of(address) == site
