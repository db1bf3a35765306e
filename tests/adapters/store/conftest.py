"""A log, and read models, in a database that is fresh for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.store.read_models.store import Views
from tests.support.log_stores import PostgresStore, SQLiteStore, StoredStore
from tests.support.papers import ROLL, TEXT


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoredStore]:
    """A place without a log, on either database."""
    store: StoredStore
    if request.param == "sqlite":
        store = SQLiteStore(tmp_path / "target")
    else:
        store = PostgresStore(request.getfixturevalue("fresh_postgres_url"), "target")
    yield store
    store.close()


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


@pytest.fixture(params=["sqlite", "postgres"])
def views(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Views]:
    """Two read models with tables, on each database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'views.sqlite'}"
    else:
        url = str(request.getfixturevalue("fresh_postgres_url"))
    store = Views(url)
    store.setup()
    store.create(ROLL, TEXT)
    yield store
    store.close()
