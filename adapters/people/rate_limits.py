"""Rate limits of persons and addresses, shared by all servers on one database.

An allowance is a token bucket: it holds as many requests as may be sent in a minute, and refills
evenly. The database has one time for each: when the bucket is full again (the generic cell rate
algorithm). A server takes a few requests of it at a time, so that reading does not write each time.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Literal, NamedTuple

from sqlalchemy import Engine, delete, insert, select, update

from adapters.database.state_database import clock, serialise
from adapters.people import tables

MINUTE = 60.0
SHARES = 20
"""A server takes a twentieth of a minute's allowance for reading at a time."""
MOST_KEPT = 10_000
"""Persons and addresses of which a server has requests in hand; beyond, all are given up."""
IPV6_SITE = 64
"""Whoever has one address of IPv6 has all of its network of this length."""
Act = Literal["read", "record"]


class Rates(NamedTuple):
    """Requests a minute for each person or address; 0 is no limit."""

    read: int = 0
    record: int = 0


class TooMany(Exception):
    """The allowance is used up for so many seconds."""

    def __init__(self, act: Act, a_minute: int, seconds: int) -> None:
        super().__init__(act, a_minute, seconds)
        self.act, self.a_minute, self.seconds = act, a_minute, seconds


class RateLimits:
    """The allowances of one register, as one of its servers spends them."""

    def __init__(
        self, engine: Engine, rates: Rates, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._rates, self._now = engine, rates, now
        self._lock = threading.Lock()
        self._in_hand: dict[str, tuple[int, float]] = {}

    def spend(self, who: str, act: Act) -> None:
        """Count a request of a person or an address. Raises `TooMany`."""
        a_minute = self._rates.record if act == "record" else self._rates.read
        if not a_minute:
            return
        key = sha256(f"{act}\0{who}".encode()).hexdigest()
        with self._lock:
            left, until = self._in_hand.get(key, (0, 0.0))
            if left and self._now() < until:
                self._in_hand[key] = (left - 1, until)
                return
        taken, seconds = self._take(key, a_minute, 1 if act == "record" else a_minute // SHARES)
        if not taken:
            raise TooMany(act, a_minute, seconds)
        if taken > 1:
            self._keep(key, taken - 1)

    def _keep(self, key: str, more: int) -> None:
        """Have requests in hand for a minute: then the allowance is full again without them."""
        with self._lock:
            if len(self._in_hand) >= MOST_KEPT:
                self._in_hand.clear()
            left, until = self._in_hand.get(key, (0, 0.0))
            left = left if self._now() < until else 0
            self._in_hand[key] = (left + more, self._now() + MINUTE)

    def _take(self, key: str, a_minute: int, wanted: int) -> tuple[int, int]:
        """Take what is left, at most what is wanted; else the seconds until one is there."""
        table, each = tables.allowance, MINUTE / a_minute
        with self._engine.begin() as db:
            serialise(db, f"alliance-rate-{key}")
            now = clock(db)
            row = db.execute(select(table.c.full_at).where(table.c.id == key)).first()
            full = max(row.full_at, now) if row else now
            # A second's fraction of a double is exact to a microsecond: no request is lost to it.
            taken = min(max(wanted, 1), math.floor((now + MINUTE - full) / each + 1e-3))
            if taken < 1:
                return 0, max(1, math.ceil(full + each - now - MINUTE))
            then = {"full_at": full + taken * each}
            if row:
                db.execute(update(table).where(table.c.id == key).values(then))
            else:
                serialise(db, "alliance-rates-refilled")
                db.execute(delete(table).where(table.c.full_at < now))
                db.execute(insert(table), {"id": key, **then})
        return taken, 0


def site_of(address: str) -> str:
    """The address by which requests are counted: of IPv6 the network."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ip_network((int(found), IPV6_SITE), strict=False))
