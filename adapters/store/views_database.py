"""The database of the read models: its own SQLite file, or the PostgreSQL server of the log."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from adapters.store.views_file import views_file

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class ViewsDatabase:
    """Questions, transactions that read one state, and transactions that write alone.

    Questions to a file go past SQLAlchemy, which takes longer to import than they do to answer.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.is_sqlite = url.startswith("sqlite")
        self._file = views_file(url) if self.is_sqlite else None

    @cached_property
    def engine(self) -> Engine:
        from adapters.store.views_engine import engine  # noqa: PLC0415  (SQLAlchemy)

        return engine(self._url)

    def ask(self, statement: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """The rows of one statement, which sees one state by itself: no round trips around it."""
        if self._file is not None:
            return self._file.rows(statement, values)
        from sqlalchemy import text  # noqa: PLC0415

        autocommit = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        with autocommit as connection:
            return connection.execute(text(statement), values).all()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """One state of the database, however long the reading takes."""
        options: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """A transaction that waits for its turn when it begins, and never fails for that later."""
        with (
            self.engine.connect().execution_options(alliance_writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        if "engine" in vars(self):
            self.engine.dispose()
