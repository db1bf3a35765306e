"""The command line on both databases, with the record of 2001 in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import services
from tests.support.street import STORES, Street


class Recorded(NamedTuple):
    """A street with the record of 2001, and the position at which each file ended."""

    street: Street
    founding: int
    committee: int
    council: int


@pytest.fixture(scope="session", params=STORES)
def recorded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Recorded]:
    """For tests that only read; they share it."""
    folder = tmp_path_factory.mktemp("street")
    if request.param == "sqlite":
        yield _recorded(Street.on_sqlite(folder))
        return
    with services.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield _recorded(Street.on_postgres(url, folder))


def _recorded(street: Street) -> Recorded:
    street.done("setup")
    founding, committee, council = street.record_2001()
    return Recorded(street, founding, committee, council)


@pytest.fixture
def toronto(recorded: Recorded) -> Street:
    """The same, where the positions do not matter."""
    return recorded.street


@pytest.fixture
def own_toronto(
    toronto: Street, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Street]:
    """A copy of the register with the record of 2001, for a test that writes."""
    folder = tmp_path / "register"
    shutil.copytree(Path(toronto.environment["ALLIANCE_KEYS_FILE"]).parent, folder)
    url = toronto.environment["ALLIANCE_DATABASE_URL"]
    if url.startswith("sqlite"):
        yield Street.on_sqlite(folder)
        return
    server = str(request.getfixturevalue("postgres_server"))
    with services.fresh_database(server, template=url.rpartition("/")[2]) as copy:
        yield Street.on_postgres(copy, folder)


@pytest.fixture(params=STORES)
def street(request: pytest.FixtureRequest, tmp_path: Path) -> Street:
    """An empty register that is set up, for a test that writes."""
    if request.param == "sqlite":
        empty = Street.on_sqlite(tmp_path)
    else:
        empty = Street.on_postgres(request.getfixturevalue("fresh_postgres_url"), tmp_path)
    empty.done("setup")
    return empty
