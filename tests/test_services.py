"""The servers that other tests rely on."""

from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from amqp import NotFound
from kombu.connection import Connection
from kombu.entity import Exchange, Queue

from tests import services
from tests.adapters.bus.fakes import eventually
from tests.support.broker import Broker
from tests.support.shared_server import shared_server


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


def test_a_database_is_emptied_and_given_out_again(postgres_server: str) -> None:
    databases = services.EmptyDatabases(postgres_server)
    with databases.one() as url:
        name = url.rpartition("/")[2]
        connected = psycopg.connect(url, autocommit=True)
        connected.execute("CREATE TABLE left_behind (turn int)")
        connected.execute("CREATE SCHEMA logs CREATE TABLE stored_events (position int)")
        connected.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    with databases.one() as again:
        assert again == url
        with pytest.raises(psycopg.OperationalError):
            connected.execute("SELECT 1")
        with psycopg.connect(url) as connection:
            left = connection.execute(
                "SELECT to_regclass('left_behind'), to_regnamespace('logs'),"
                " current_setting('default_transaction_read_only')"
            )
            assert left.fetchone() == (None, None, "off")
            connection.execute("CREATE TABLE public.mine ()")
    databases.close()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


@pytest.mark.parametrize(
    "left",
    [
        "REVOKE CONNECT ON DATABASE {} FROM PUBLIC",
        "ALTER DATABASE {} CONNECTION LIMIT 3",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
        "SELECT lo_create(0)",
        "DROP DATABASE {} WITH (FORCE)",
    ],
)
def test_a_database_that_does_not_become_as_it_was_made_is_not_given_out_again(
    postgres_server: str, left: str
) -> None:
    databases = services.EmptyDatabases(postgres_server)
    with databases.one() as url:
        server = postgres_server if "DATABASE" in left else url
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(left.format(url.rpartition("/")[2]).encode())
    with databases.one() as another:
        assert another != url
    databases.close()


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
def test_a_server_is_shared_until_the_last_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALLIANCE_TEST_POSTGRES_URL", raising=False)
    with ExitStack() as first:
        url = first.enter_context(shared_server("postgres", tmp_path))
        with ExitStack() as second:
            assert second.enter_context(shared_server("postgres", tmp_path)) == url
            first.close()
            assert tables(url) == 0
    eventually(lambda: not (tmp_path / "postgres.json").exists(), 20, "the server is given up")
    with shared_server("postgres", tmp_path) as another:
        assert tables(another) == 0
        assert another != url
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)


def test_a_shared_server_that_is_not_installed_is_unavailable_to_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rabbitmq.json").write_text('{"missing": "RabbitMQ is not installed"}')
    for _ in range(2):
        with (
            pytest.raises(services.Unavailable, match="is not installed"),
            shared_server("rabbitmq", tmp_path),
        ):
            pass


@pytest.mark.slow
def test_a_private_postgres_starts_from_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLIANCE_TEST_POSTGRES_URL", raising=False)
    monkeypatch.setattr(services, "_installed_postgres", lambda: None)

    with services.postgres_server() as server, services.fresh_database(server) as url:
        assert tables(url) == 0


@pytest.mark.slow
def test_a_private_broker_is_stopped_started_and_controlled(own_broker: Broker) -> None:
    arguments = {"x-queue-type": "quorum"}
    with Connection(own_broker.url) as connection:
        connection.channel().queue_declare(
            "kept", durable=True, auto_delete=False, arguments=arguments
        )
    own_broker.stop()
    with pytest.raises(ConnectionRefusedError):
        Connection(own_broker.url).connect()
    own_broker.start()
    with Connection(own_broker.url) as connection:
        connection.channel().queue_declare("kept", passive=True)
        own_broker.control("delete_queue", "kept")
        with pytest.raises(NotFound):
            connection.channel().queue_declare("kept", passive=True)
    assert not own_broker.dead_letters_gone
