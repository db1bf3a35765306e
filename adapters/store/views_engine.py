"""SQLAlchemy's way to the read models, for whoever writes or compares them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from adapters.databases import tell_problems
from adapters.store.sqlite_file import MEND
from adapters.store.views_file import prepare

PLANNING = "-c jit=off -c " + " -c ".join(
    f"enable_{way}=off" for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin")
)
"""The one plan that serves is a nested loop into the primary key. While a table grows and is not
yet analysed PostgreSQL prefers others, and it compiles for 30 ms what then runs for one."""


def engine(url: str) -> Engine:
    """Connections to a file that say themselves when a transaction begins, or to the server."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        made = create_engine(parsed)
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", _begin_sqlite)
    else:
        given = f"{parsed.query.get('options', '')} {PLANNING}"
        parsed = parsed.set(drivername="postgresql+psycopg")
        made = create_engine(parsed, connect_args={"options": given.strip()})
    tell_problems(made, MEND["read_models"])
    return made


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver then leaves BEGIN to us
    prepare(connection)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("alliance_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
