"""The library's application over our recorders and our mapper, with settings of ours alone."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from eventsourcing.application import Application
from eventsourcing.persistence import Mapper
from eventsourcing.utils import strtobool

from adapters.store.mapper import FactMapper
from adapters.store.rows import Rows
from domain.kernel import Problem

if TYPE_CHECKING:
    from adapters.store.postgres_link import Address

UNSAFE = "POSTGRES_ENABLE_DB_FUNCTIONS"

COMMON = {
    "ORIGINATOR_ID_TYPE": "text",
    "CREATE_TABLE": "n",
    "IS_SNAPSHOTTING_ENABLED": "n",
}


class UnsafeSetting(Problem):
    """Raised when the environment asks for what makes followers skip events silently."""


class LogApplication(Application[str]):
    """Writes and reads facts of any stream; has no aggregates and takes no snapshots.

    Raises `UnsafeSetting` when the library's database functions are switched on.
    """

    name = ""

    def __init__(self, mapper: FactMapper, env: dict[str, str]) -> None:
        if strtobool(os.environ.get(UNSAFE) or "n"):
            raise UnsafeSetting(name=UNSAFE)
        self.fact_mapper = mapper
        super().__init__(env)

    def construct_mapper(self) -> Mapper[str]:
        """Our mapper needs a catalogue, which a setting could not give it."""
        return self.fact_mapper

    @property
    def rows(self) -> Rows:
        """The recorder, as the log uses it."""
        return cast("Rows", self.recorder)


def sqlite_env(path: Path) -> dict[str, str]:
    """Settings of the library for a log in a file."""
    return COMMON | {
        "PERSISTENCE_MODULE": "eventsourcing.sqlite",
        "APPLICATION_RECORDER_TOPIC": "adapters.store.sqlite:SQLiteRows",
        "SQLITE_DBNAME": str(path),
    }


def postgres_env(address: Address) -> dict[str, str]:
    """Settings of the library for a log in a schema of PostgreSQL."""
    given = address.conninfo
    return COMMON | {
        "PERSISTENCE_MODULE": "adapters.store.postgres:PostgresLogFactory",
        "APPLICATION_RECORDER_TOPIC": "adapters.store.postgres:PostgresRows",
        "POSTGRES_DBNAME": given.get("dbname", ""),
        "POSTGRES_HOST": given.get("host", ""),
        "POSTGRES_PORT": given.get("port", "5432"),
        "POSTGRES_USER": given.get("user", ""),
        "POSTGRES_PASSWORD": given.get("password", ""),
        "POSTGRES_SCHEMA": address.schema,
        "POSTGRES_POOL_SIZE": "1",
        "POSTGRES_MAX_OVERFLOW": "11",
        "POSTGRES_CONNECT_TIMEOUT": "10",
        "LOG_ADDRESS": json.dumps(address),
    }
