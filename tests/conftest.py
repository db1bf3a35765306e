"""Fixtures that every test may use: the servers, fresh for each test."""

import os
import re
import secrets
from collections.abc import Iterator

import hypothesis
import pytest
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.internal.constants_ast import Constants

from tests import services
from tests.support import broker
from tests.support.shared_server import KINDS, shared_server

# Commands under test see a pipe without a width, whatever terminal or pytest-xdist says of theirs.
for width in ("COLUMNS", "LINES"):
    os.environ.pop(width, None)

# The same examples in every CI run; elsewhere each run tries new ones. No deadline: it would fail
# on a busy machine.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("elsewhere", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "elsewhere")
# Hypothesis also draws numbers that the source of loaded modules names: other examples in each
# process of pytest-xdist, and after each change. tests/test_same_examples.py notices its return.
HypothesisProvider._local_constants = Constants()  # type: ignore[assignment]

SERVERS = {"postgres_server", "amqp_url", "_own_broker"}
ON_SERVERS = {"postgres", "postgresql", "rabbitmq"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as cores: a test that waits for a server or a process leaves one idle."""
    return (os.cpu_count() or 1) * 3 // 2


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a server: by a fixture, or as one of several stores or buses."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        params = getattr(getattr(item, "callspec", None), "params", {}).values()
        named = {param for param in params if isinstance(param, str)}
        if fixtures & SERVERS or named & ON_SERVERS:
            item.add_marker("server")


def a_server(kind: str, folders: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URL of a server that all processes of this run share."""
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    one = shared_server(kind, folders.getbasetemp().parent) if parallel else KINDS[kind]()
    try:
        with one as url:
            yield url
    except services.Unavailable as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a maintenance database, for tests that must create databases or roles themselves."""
    yield from a_server("postgres", tmp_path_factory)


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of one database for the whole session; tests that use it share it."""
    with services.fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def empty_databases(postgres_server: str) -> Iterator[services.EmptyDatabases]:
    """Empty databases, each for one test at a time."""
    databases = services.EmptyDatabases(postgres_server)
    yield databases
    databases.close()


@pytest.fixture
def fresh_postgres_url(empty_databases: services.EmptyDatabases) -> Iterator[str]:
    """URL of an empty database for this test alone; emptied even with clients connected."""
    with empty_databases.one() as url:
        yield url


@pytest.fixture(scope="session")
def amqp_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a RabbitMQ for the whole session; take names from ``amqp_prefix``.

    Delete no queue under its readers there, as it is shared: take ``own_broker`` for that.
    """
    yield from a_server("rabbitmq", tmp_path_factory)


@pytest.fixture(scope="session")
def _own_broker() -> Iterator[broker.Broker]:
    try:
        with broker.private_broker() as node:
            yield node
    except services.Unavailable as missing:
        pytest.skip(str(missing))


@pytest.fixture
def own_broker(_own_broker: broker.Broker) -> broker.Broker:
    """A private RabbitMQ that a test may stop, kill or damage; mended for the next one."""
    if _own_broker.dead_letters_gone:
        _own_broker.stop()
        _own_broker.start()
    return _own_broker


@pytest.fixture
def amqp_prefix(request: pytest.FixtureRequest) -> str:
    """A prefix for exchanges and queues that no other test and no other run uses."""
    test = re.sub(r"\W+", "-", str(request.node.name)).strip("-")[:60]
    return f"{test}.{secrets.token_hex(4)}."
