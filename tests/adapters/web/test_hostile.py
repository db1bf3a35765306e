"""Whatever is asked of the feed: no fault, no silence, and it goes on answering."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.served import Source, serving

STREAM, PROBLEM = "text/event-stream", "application/problem+json"
GOOD = b"GET /feed/events?after=0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
METHODS = (
    *(b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT"),
    *(b"get", b"PRI", b"PROPFIND", b"M" * 300),
)
EVENTS = b"/feed/events", b"/feed/events/stream"
PATHS = (
    *(b"/feed/schemas", b"/feed/schemas/plan.drafted.v1", b"/feed/schemas/asyncapi", b"/"),
    *(b"/feed/asyncapi.json", b"/openapi.json", b"/docs", b"*", b"//", b"/feed/../feed/events"),
    *(b"http://elsewhere/feed/events", b"/feed/events/", b"/feed/events/%2e%2e", b"/%ff%00"),
)
NAMES = b"after", b"limit", b"topic", b"after[]", b"last_event_id", b"x"
VALUES = (
    *(b"0", b"-1", b"1", b"007", b"1e3", b"0x10", b"%EF%BC%91", b"9" * 19, b"9" * 5000, b"%00"),
    *(b"", b"#", b"%23", b"*.%23", b"partnership.%23", b"%ff%fe", b"%ED%A0%80", b"%", b"%zz", b"+"),
    *(b"..%2f..%2fetc%2fpasswd", b"'%20OR%201=1", b"x" * 60_000, b"{}", b"null", b"true"),
)
HEADERS = (
    *(b"Last-Event-ID", b"Host", b"Content-Length", b"Transfer-Encoding", b"Expect", b"Upgrade"),
    *(b"Connection", b"Accept", b"Range", b"If-None-Match", b"Cookie", b"Origin", b"Forwarded"),
    *(b"Sec-WebSocket-Key", b"Content-Type", b"", b"A b", b"X" * 20_000),
)
SAID = (
    *(b"localhost", b"[::1]:80", b"[::1", b"evil.example", b"close", b"keep-alive, Upgrade"),
    *(b"chunked", b"gzip, chunked", b"100-continue", b"websocket", b"h2c", b"bytes=0-", b"*/*"),
    *(b"application/json", b"0", b"5", b"-5", b"1, 2", b"\xff\x00\x01", b"\xc3\xa9", b"9" * 30),
)
VERSIONS = b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b"", b"HTTP/1.1 HTTP/1.1"
BYTES = st.binary(max_size=40)
ESCAPED = BYTES.map(lambda some: b"".join(b"%%%02x" % each for each in some))
SCHEMA = ESCAPED.map(lambda name: b"/feed/schemas/" + name)


def mostly(
    usual: tuple[bytes, ...], others: tuple[bytes, ...], *anything: st.SearchStrategy[bytes]
) -> st.SearchStrategy[bytes]:
    """A request that is wrong in every part would be refused for the first of them alone."""
    odd = st.one_of(st.sampled_from(others), *anything)
    return st.integers(0, 9).flatmap(lambda n: st.sampled_from(usual) if n < 9 else odd)


QUERY = st.lists(
    st.tuples(mostly(NAMES, NAMES, ESCAPED), mostly(VALUES, VALUES, ESCAPED, BYTES)), max_size=3
)
MORE = st.lists(
    st.tuples(mostly(HEADERS[:-3], HEADERS, BYTES), mostly(SAID[:-3], SAID + VALUES, BYTES)),
    max_size=2,
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """A request that comes to an end, more or less in HTTP."""
    target = draw(st.one_of(st.sampled_from(EVENTS), mostly(PATHS, PATHS, SCHEMA, BYTES)))
    if query := draw(QUERY):
        target += b"?" + b"&".join(b"=".join(pair) for pair in query)
    method = draw(mostly((b"GET",), METHODS, BYTES))
    line = b" ".join((method, target, draw(mostly((b"HTTP/1.1",), VERSIONS, BYTES))))
    host = draw(mostly((b"localhost", b"127.0.0.1:1", b"LOCALHOST"), SAID, BYTES))
    lines = (line, b"Host: " + host, *(b": ".join(each) for each in draw(MORE)))
    return b"\r\n".join(lines) + b"\r\n\r\n" + draw(mostly((b"",), SAID, BYTES))


class Answer(NamedTuple):
    status: int
    kind: str
    body: bytes


def asked(port: int, request: bytes) -> Answer:
    """Raises `TimeoutError` where there is no answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(request)
        response = HTTPResponse(connection, method=request.partition(b" ")[0].decode("latin-1"))
        response.begin()
        kind = response.headers.get_content_type()
        return Answer(response.status, kind, b"" if kind == STREAM else response.read())


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    source = Source()
    source.log.many(20)
    with serving(source) as port:
        yield port


@pytest.mark.parametrize("request_", [b"what?\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000])
def test_what_is_no_request_is_refused_like_one(port: int, request_: bytes) -> None:
    told = {"title": "Bad Request", "status": 400, "detail": "Invalid HTTP request received."}
    answer = asked(port, request_)
    assert (answer.status, answer.kind, json.loads(answer.body)) == (400, PROBLEM, told)


@pytest.mark.slow
@pytest.mark.drill
@pytest.mark.timeout(600)
def test_a_hostile_request_is_answered_or_refused_and_the_next_one_too(
    port: int, pytestconfig: pytest.Config
) -> None:
    """Three hundred requests among the other tests, and fifteen hundred in `make drills`."""
    wanted = 1500 if pytestconfig.getoption("-m") == "drill" else 300

    @given(request=requests())
    @settings(
        max_examples=wanted,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    def answered(request: bytes) -> None:
        answer = asked(port, request)
        assert answer.status < 500
        if answer.status >= 400:
            assert answer.kind == PROBLEM
            assert not answer.body or json.loads(answer.body)["status"] == answer.status
            assert answer.body or request.startswith(b"HEAD ")
        assert asked(port, GOOD).status == 200

    answered()
