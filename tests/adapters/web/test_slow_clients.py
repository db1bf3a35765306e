"""Clients that send slowly, or open many connections: the feed goes on answering others."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx2
import pytest

from tests.adapters.bus.fakes import eventually
from tests.support.served import Source, serving

HALF = b"GET /feed/events HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr("adapters.web.problems.REQUEST_SECONDS", 0.5)
    monkeypatch.setattr("adapters.web.problems.MOST_CONNECTIONS", 40)
    source = Source()
    source.log.many(3)
    with serving(source) as port:
        yield port


def opened(stack: ExitStack, port: int) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))


def answered(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/feed/events", timeout=2).status_code == 200
    except httpx2.HTTPError:
        return False


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        HALF,
        b"POST /feed/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
    ],
)
def test_a_request_that_is_not_sent_to_its_end_is_ended(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(sent)
        answer = b""
        while part := client.recv(4096):
            answer += part
    if sent.startswith(b"POST"):  # refused before its body was there
        assert answer.startswith(b"HTTP/1.1 405 ")
        return
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert json.loads(body)["detail"] == "the request was not complete in 0.5 s"


def test_a_second_request_on_a_connection_is_ended_as_well(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(HALF + b"\r\n")
        answer = client.recv(65536)
        client.sendall(HALF)
        while part := client.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"HTTP/1.1 408 Request Timeout\r\n" in answer


def test_half_sent_requests_without_end_hold_nobody_up_for_long(port: int) -> None:
    with ExitStack() as stack:
        for _ in range(100):
            opened(stack, port).sendall(HALF)
        eventually(lambda: answered(port), 10, "others are answered again")


def test_streams_are_not_ended_for_being_quiet(port: int) -> None:
    with httpx2.stream("GET", f"http://127.0.0.1:{port}/feed/events/stream", timeout=3) as stream:
        lines = stream.iter_raw()
        first = next(lines)
        assert first.startswith(b"retry: 2000")
        with pytest.raises(httpx2.ReadTimeout):
            for _ in lines:
                pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`alliance serve` with 140 file descriptors."""
    command = str(Path(sys.executable).with_name("alliance"))
    environment = {**os.environ, "ALLIANCE_DATABASE_URL": f"sqlite:///{tmp_path}/log.sqlite"}
    subprocess.run([command, "setup"], env=environment, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    few = ["sh", "-c", 'ulimit -n 140 && exec "$@"', "sh"]
    process = subprocess.Popen(
        [*few, command, "serve", "--port", str(port)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        eventually(lambda: answered(port), 60, "it serves")
        yield process, port
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> list[str]:
    lines = process.communicate(timeout=20)[1].splitlines()
    return [line for line in lines if "serving" not in line]


@pytest.mark.slow
def test_more_connections_than_file_descriptors_stop_nothing_and_fill_no_log(
    served: tuple[subprocess.Popen[str], int],
) -> None:
    process, port = served
    with ExitStack() as stack:
        for _ in range(200):
            with suppress(OSError):
                opened(stack, port).sendall(HALF)
        eventually(lambda: answered(port), 30, "others are answered again")
    process.terminate()
    assert said(process) == []
    assert process.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_with_a_stream_open_ends_quietly(
    served: tuple[subprocess.Popen[str], int], number: signal.Signals
) -> None:
    process, port = served
    with httpx2.stream("GET", f"http://127.0.0.1:{port}/feed/events/stream") as stream:
        next(stream.iter_raw())
        process.send_signal(number)
        assert process.wait(10) == 0
    assert said(process) == []
