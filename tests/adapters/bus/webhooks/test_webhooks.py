"""Webhooks: signed, in order, retried, parked by stream, and never sent into our own network."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest
from standardwebhooks.webhooks import Webhook

from adapters.bus.messages.cloud_event import Message
from adapters.bus.messages.feed import Feed, PastTheEnd
from adapters.bus.webhooks.delivery import MOST_BYTES, Away, Forbidden, Rejected, deliver
from adapters.bus.webhooks.tables import HookRow
from adapters.bus.webhooks.webhooks import Webhooks
from adapters.database.state_database import AWAY
from adapters.topics import BadTopic, UnknownTopic
from application.ports import Log, Stop, Stopped
from tests.adapters.bus.fakes import FakeLog, eventually


@dataclass
class Endpoint:
    """Somebody's server: what it got, and what it answers to which event."""

    port: int = 0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    always: int = 204

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def ids(self) -> list[str]:
        return [json.loads(body)["id"] for _, body in self.got]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            id_ = json.loads(body)["id"]
            status = endpoint.answers.get(id_, endpoint.always)
            if 200 <= status < 300:
                endpoint.got.append((dict(self.headers.items()), body))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", endpoint.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield endpoint
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def hooks(log: FakeLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhooks]:
    monkeypatch.setattr("adapters.bus.webhooks.follower.FIRST_RETRY_SECONDS", 0.01)
    hooks = Webhooks(Feed(cast("Log", log), "toronto"), f"sqlite:///{tmp_path / 'state.sqlite'}")
    hooks.hooks.create()
    yield hooks
    hooks.close()


def once(hooks: Webhooks, name: str = "city") -> None:
    hook = next(hook for hook in hooks.hooks.all() if hook.name == name)
    hooks.once(hook, "one", threading.Event())


def test_every_event_arrives_signed_and_in_order(
    hooks: Webhooks, log: FakeLog, endpoint: Endpoint
) -> None:
    hook = hooks.add("city", endpoint.url, ("#",), 0, private=True)
    log.many(120)
    once(hooks)
    once(hooks)
    assert endpoint.ids() == log.ids()
    for headers, body in endpoint.got:
        Webhook(hook.secret).verify(body, {k.lower(): v for k, v in headers.items()})
        assert headers["content-type"] == "application/cloudevents+json"
    assert len({headers["webhook-id"] for headers, _ in endpoint.got}) == 120
    assert hooks.position(hook) == log.head()


def test_a_hook_hears_of_its_topics_after_its_start(
    hooks: Webhooks, log: FakeLog, endpoint: Endpoint
) -> None:
    log.many(4)
    hooks.add("city", endpoint.url, ("city.#",), log.head(), private=True)
    log.commit("city/a", "city/b", topic="city-targeted.v1")
    log.many(3)
    once(hooks)
    assert endpoint.ids() == ["city/a/1", "city/b/1"]


def test_a_rejected_event_is_parked_with_its_stream_and_replayed(
    hooks: Webhooks, log: FakeLog, endpoint: Endpoint
) -> None:
    hooks.add("city", endpoint.url, ("#",), 0, private=True)
    log.many(8, streams=2)
    bad = log.ids()[2]
    endpoint.answers[bad] = 422
    once(hooks)
    theirs = [id_ for id_ in log.ids()[2:] if id_.startswith(bad[:-2])]
    assert [message.id for message, _ in hooks.hooks.parked("city")] == theirs
    assert [id_ for id_ in log.ids() if id_ not in theirs] == endpoint.ids()
    assert hooks.replay("city") == (0, 1)
    endpoint.answers.clear()
    log.many(2, streams=2)
    once(hooks)
    assert len(hooks.hooks.parked("city")) == len(theirs) + 1
    assert hooks.replay("city") == (len(theirs) + 1, 0)
    assert sorted(endpoint.ids()) == sorted(log.ids())


@pytest.mark.parametrize("status", [429, 503])
def test_an_address_that_is_away_is_waited_for(
    hooks: Webhooks, log: FakeLog, endpoint: Endpoint, status: int
) -> None:
    hooks.add("city", endpoint.url, ("#",), 0, private=True)
    log.many(5)
    endpoint.answers[log.ids()[2]] = status
    with pytest.raises(Away):
        once(hooks)
    assert hooks.hooks.parked("city") == []
    endpoint.answers.clear()
    once(hooks)
    assert endpoint.ids() == log.ids()


def test_one_that_is_away_holds_up_no_other(
    hooks: Webhooks, log: FakeLog, endpoint: Endpoint
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    hooks.add("away", f"http://127.0.0.1:{closed}/", ("#",), 0, private=True)
    hooks.add("city", endpoint.url, ("#",), 0, private=True)
    log.many(5)
    stop = threading.Event()
    thread = threading.Thread(target=hooks.run, args=(stop, "one", 0.02))
    thread.start()
    try:
        eventually(lambda: len(endpoint.got) == 5)
        log.many(1)
        eventually(lambda: len(endpoint.got) == 6)
    finally:
        stop.set()
        thread.join(20)


@pytest.fixture
def dawdler() -> Iterator[str]:
    """The address of one who answers a byte a second, and never comes to an end."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            with contextlib.suppress(OSError):
                for byte in b"HTTP/1.1 204 No Content\r\nX-Long: " + b"a" * 60:
                    self.wfile.write(bytes([byte]))
                    time.sleep(1)

        def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_one_that_dawdles_is_away_when_the_time_for_a_delivery_is_over(
    hooks: Webhooks, log: FakeLog, dawdler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.bus.webhooks.delivery.DELIVERY_SECONDS", 2.5)
    hooks.add("slow", dawdler, ("#",), 0, private=True)
    log.many(1)
    began = time.monotonic()
    with pytest.raises(Away, match=r"no answer in 2\.5 s"):
        once(hooks, "slow")
    assert time.monotonic() - began < 5
    assert hooks.hooks.parked("slow") == []


def test_one_that_dawdles_holds_up_neither_the_others_nor_the_end(
    hooks: Webhooks, log: FakeLog, endpoint: Endpoint, dawdler: str
) -> None:
    slow = hooks.add("before-city", dawdler, ("#",), 0, private=True)
    hooks.add("city", endpoint.url, ("#",), 0, private=True)
    log.many(5)
    stop = threading.Event()
    thread = threading.Thread(target=hooks.run, args=(stop, "one", 0.02))
    thread.start()
    try:
        eventually(lambda: len(endpoint.got) == 5, seconds=5)
    finally:
        stop.set()
        began = time.monotonic()
        thread.join(20)
    assert time.monotonic() - began < 2
    ledger = hooks._ledger(slow)
    assert ledger.holder() == "", "the lease is given back, for whoever delivers next"
    ledger.close()


@pytest.mark.parametrize("where", ["once", "_in_use"])
def test_a_problem_with_one_or_with_all_ends_the_others(
    hooks: Webhooks, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    for name in ("one", "other"):
        hooks.add(name, "http://127.0.0.1:1/", ("#",), 0, private=True)
    began, ended = threading.Event(), threading.Event()

    def once(hook: HookRow, _holder: str, stop: Stop) -> None:
        if hook.name == "one" and where == "once":
            assert began.wait(10)
            raise ValueError("a fault")
        began.set()
        if stop.wait(10):
            ended.set()

    in_use = hooks._in_use

    def sometimes() -> dict[str, HookRow]:
        if where == "_in_use" and began.is_set():
            raise ValueError("a fault")
        return in_use()

    monkeypatch.setattr(hooks, "once", once)
    monkeypatch.setattr(hooks, "_in_use", sometimes)
    with pytest.raises(ValueError, match="a fault"):
        hooks.run(threading.Event(), "one", 0.02)
    assert ended.is_set()


def test_one_that_finds_every_connection_taken_waits(
    hooks: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = hooks.hooks._engine
    monkeypatch.setattr(engine.pool, "_timeout", 0.01)
    with contextlib.ExitStack() as taken:
        for _ in range(12):
            taken.enter_context(engine.connect())
        with pytest.raises(AWAY):
            hooks.hooks.all()


def test_an_end_is_heard_between_two_deliveries(
    hooks: Webhooks, log: FakeLog, endpoint: Endpoint
) -> None:
    hook = hooks.add("city", endpoint.url, ("#",), 0, private=True)
    log.many(3)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        hooks.once(hook, "one", stop)
    assert endpoint.got == []
    assert hooks.hooks.parked("city") == []


def test_410_ends_it(hooks: Webhooks, log: FakeLog, endpoint: Endpoint) -> None:
    hooks.add("city", endpoint.url, ("#",), 0, private=True)
    log.many(1)
    endpoint.always = 410
    once(hooks)
    assert hooks.hooks.all()[0].gone


def test_a_second_process_does_not_deliver_too(
    hooks: Webhooks, log: FakeLog, endpoint: Endpoint
) -> None:
    hook = hooks.add("city", endpoint.url, ("#",), 0, private=True)
    log.many(1)
    ledger = hooks._ledger(hook)
    assert ledger.acquire("another", 60)
    once(hooks)
    assert endpoint.got == []
    ledger.close()


# --- where it may not go


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("http://example.org/", ["93.184.216.34"]),
        ("https://localhost/", ["127.0.0.1"]),
        ("https://example.org/", ["10.0.0.7"]),
        ("https://example.org/", ["93.184.216.34", "192.168.1.1"]),
        ("https://example.org/", ["169.254.169.254"]),
        ("https://example.org/", ["::1"]),
        ("https://example.org/", ["fe80::1%eth0"]),
        ("https://example.org/", ["::ffff:127.0.0.1"]),
        ("https://example.org/", ["0.0.0.0"]),  # noqa: S104 - refused
        ("https://example.org/", ["224.0.0.1"]),
        ("https://user@example.org/", ["93.184.216.34"]),
        ("file:///etc/passwd", []),
        ("gopher://example.org/", ["93.184.216.34"]),
    ],
)
def test_an_address_inside_our_network_is_refused(
    hooks: Webhooks, url: str, addresses: list[str]
) -> None:
    hooks._resolving = lambda _host, _port: addresses
    with pytest.raises(Forbidden):
        hooks.add("city", url, ("#",), 0)


def a_message(body: bytes = b"{}") -> Message:
    return Message("a.b.v1", "/r", "a/1", "a", 1, 1, body)


def test_a_name_that_moves_inside_later_is_refused_at_delivery() -> None:
    hook = HookRow("city", "https://example.org/", "whsec_AAAA", ("#",), 0, private=False)
    with pytest.raises(Forbidden):
        deliver(hook, a_message(), threading.Event(), lambda _host, _port: ["127.0.0.1"])


def test_redirects_are_not_followed_and_size_is_limited(endpoint: Endpoint) -> None:
    hook = HookRow("city", endpoint.url, "whsec_AAAA", ("#",), 0, private=True)
    endpoint.always = 302
    with pytest.raises(Rejected, match="302"):
        deliver(hook, a_message(b'{"id":"a/1"}'), threading.Event())
    with pytest.raises(Rejected, match="more than"):
        deliver(hook, a_message(b" " * (MOST_BYTES + 1)), threading.Event())
    assert endpoint.got == []


def test_a_secret_is_not_shown_by_accident(hooks: Webhooks, endpoint: Endpoint) -> None:
    hook = hooks.add("city", endpoint.url, ("#",), 0, private=True)
    assert hook.secret.startswith("whsec_")
    assert hook.secret not in repr(hook)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a b",
        "https://example.org/\n",
        " https://example.org/",
        "https://example.org/\u00a0",
        "https://exa\tmple.org/",
        "https://example.org:99999/",
        "https://[::1",
        f"https://{'a' * 300}.org/",
        "https:///x",
        "",
    ],
)
def test_an_address_that_is_none_is_refused(hooks: Webhooks, url: str) -> None:
    with pytest.raises(Forbidden):
        Webhooks(hooks._feed, hooks._state_url).add("odd", url, ("#",), 0)
    assert hooks.hooks.all() == []


def test_a_topic_or_a_start_that_makes_no_sense_is_refused(
    hooks: Webhooks, endpoint: Endpoint, log: FakeLog
) -> None:
    with pytest.raises(BadTopic):
        hooks.add("odd", endpoint.url, ("partnership.",), 0, private=True)
    with pytest.raises(UnknownTopic):
        hooks.add("odd", endpoint.url, ("partnershp.#",), 0, private=True)
    with pytest.raises(PastTheEnd):
        hooks.add("odd", endpoint.url, ("#",), log.head() + 1, private=True)
    assert hooks.hooks.all() == []
