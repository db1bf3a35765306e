"""From a URL to a log. Setting up is a step of its own: opening never creates anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from adapters.store import sqlite_schema
from adapters.store.application import LogApplication, postgres_env, sqlite_env
from adapters.store.log import EventLog
from adapters.store.mapper import Catalogue, FactMapper
from adapters.store.upcasting import Upcaster
from domain.kernel import CommandRecorded, Invalid
from domain.logbook import EpochOpened

if TYPE_CHECKING:
    from adapters.store.postgres_link import Address

OWN: Catalogue = {
    CommandRecorded.TOPIC: CommandRecorded,
    EpochOpened.TOPIC: EpochOpened,
}
"""Facts that every log may hold, whatever the contexts record."""


def locate(url: str) -> Path | Address:
    """Where a log is: a file for `sqlite:///path` (four slashes when absolute), else a server.

    `postgresql://user@host/database?options=-csearch_path%3Dname` puts it in a schema of its own.
    """
    parts = urlsplit(url)
    match parts.scheme:
        case "sqlite" if parts.path.strip("/") and not parts.netloc:
            return Path(unquote(parts.path[1:]))
        case "postgresql" | "postgres":
            # A driver that a log in a file has no need of takes a tenth of a second to load.
            from adapters.store.postgres_link import Address  # noqa: PLC0415

            return Address.parse(url)
        case _:
            raise Invalid(url=url, reason="sqlite:///path or postgresql://user@host/database")


def setup_log(url: str) -> None:
    """Create the log's tables where they are missing; safe to repeat, also at the same moment."""
    where = locate(url)
    if isinstance(where, Path):
        sqlite_schema.setup(where)
    else:
        from adapters.store import postgres_schema  # noqa: PLC0415

        postgres_schema.setup(where)


def open_log(
    url: str,
    register: str,
    catalogue: Catalogue | Callable[[], Catalogue],
    upcasters: Mapping[str, Upcaster] | None = None,
) -> EventLog:
    """The log of one register; raises `NotSetUp` where `setup_log` has not been."""
    where = locate(url)

    def whole() -> Catalogue:
        return {**OWN, **(catalogue() if callable(catalogue) else catalogue)}

    mapper = FactMapper(whole if callable(catalogue) else whole(), upcasters)
    if isinstance(where, Path):
        sqlite_schema.check(where)
        env = sqlite_env(where)
    else:
        from adapters.store import postgres_schema  # noqa: PLC0415

        postgres_schema.check(where)
        env = postgres_env(where)
    return EventLog(LogApplication(mapper, env), register)
