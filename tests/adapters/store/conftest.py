"""A log in a database, fresh for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.log_stores import PostgresStore, SQLiteStore, StoredStore


@pytest.fixture
def postgres(fresh_postgres_url: str) -> Iterator[PostgresStore]:
    """Set up and empty."""
    store = PostgresStore(fresh_postgres_url, "record")
    store.set_up()
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoredStore]:
    """Set up and empty, on each database."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgres")
        return
    store = SQLiteStore(tmp_path)
    store.set_up()
    yield store
    store.close()
