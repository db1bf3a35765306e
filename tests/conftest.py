"""Fixtures that every test may use: the servers, fresh for each test."""

import os
import re
import secrets
from collections.abc import Iterator

import hypothesis
import pytest

from tests import services

# The same examples in every CI run; at a desk each run tries new ones.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a maintenance database, for tests that must create databases or roles themselves."""
    try:
        with services.postgres_server() as url:
            yield url
    except services.Unavailable as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of one database for the whole session; tests that use it share it."""
    with services.fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def fresh_postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty database for this test alone (30 ms); dropped even with clients connected."""
    with services.fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def amqp_url() -> Iterator[str]:
    """URL of a RabbitMQ virtual host for the whole session; take names from ``amqp_prefix``."""
    try:
        with services.amqp_server() as url:
            yield url
    except services.Unavailable as missing:
        pytest.skip(str(missing))


@pytest.fixture
def amqp_prefix(request: pytest.FixtureRequest) -> str:
    """A prefix for exchanges and queues that no other test and no other run uses."""
    test = re.sub(r"\W+", "-", str(request.node.name)).strip("-")[:60]
    return f"{test}.{secrets.token_hex(4)}."
