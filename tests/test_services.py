"""The servers that other tests rely on."""

import psycopg
import pytest
from kombu.connection import Connection
from kombu.entity import Exchange, Queue

from tests import services


def tables(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_gets_an_empty_database(fresh_postgres_url: str, turn: int) -> None:
    assert tables(fresh_postgres_url) == 0
    with psycopg.connect(fresh_postgres_url) as connection:
        connection.execute("CREATE TABLE left_behind (turn int)")
    assert tables(fresh_postgres_url) == 1


def test_a_message_reaches_a_queue_of_this_test(amqp_url: str, amqp_prefix: str) -> None:
    queue = Queue(f"{amqp_prefix}queue", Exchange(f"{amqp_prefix}exchange"))
    with Connection(amqp_url) as connection:
        bound = queue.bind(connection.default_channel)
        bound.declare()
        connection.Producer(exchange=bound.exchange).publish("hello", delivery_mode=1)
        message = bound.get(no_ack=True)
        bound.delete()
        assert bound.exchange is not None
        bound.exchange.delete()
    assert message is not None
    assert message.payload == "hello"


@pytest.mark.slow
def test_a_private_postgres_starts_from_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLIANCE_TEST_POSTGRES_URL", raising=False)
    monkeypatch.setattr(services, "LOCAL_POSTGRES", "postgresql://postgres@127.0.0.1:1/postgres")
    monkeypatch.setattr(services, "_installed_postgres", lambda: None)

    with services.postgres_server() as server, services.fresh_database(server) as url:
        assert tables(url) == 0
