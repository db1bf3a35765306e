"""One trace from a request to its commit and to the message that a subscriber gets."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest

from adapters.bus.messages.cloud_event import commands_of
from adapters.bus.traces import Traces
from adapters.telemetry import NoTelemetry, is_on, span, span_of_sending
from application.ports import StoredRow
from domain.shared.messages import StreamId
from tests.adapters.bus.fakes import eventually
from tests.services import free_port
from tests.support.street import RECORDS, Street

ROOT = Path(__file__).parents[2]
ALLIANCE = (sys.executable, "-m", "adapters.cli.main")
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
REQUEST = {
    "on": "2002-03-01",
    "request": "riga",
    "place": "UA-KIEV",
    "group": {"name": "Friends of Kiev", "office": "Chair"},
    "asks": "To be an International partner.",
}


@pytest.fixture(autouse=True)
def _nothing_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


@contextmanager
def running(street: Street, out: Path, *words: str, traced: bool = True) -> Generator[None]:
    """A command of its own process, whose standard output is kept; it ends well."""
    told = {"OTEL_TRACES_EXPORTER": "console"} if traced else {}
    environment = {**os.environ, **street.environment, **told, "PYTHONUNBUFFERED": "1"}
    with out.open("wb") as kept:
        process = subprocess.Popen([*ALLIANCE, *words], cwd=ROOT, env=environment, stdout=kept)
    try:
        yield
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


def spans(path: Path) -> list[tuple[str, str, str | None]]:
    """Name, trace and parent of each span that was written, one JSON object after the other."""
    text, found, decoder = path.read_text(), list[tuple[str, str, str | None]](), json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        said, end = decoder.raw_decode(text, at)
        found.append((said["name"], said["context"]["trace_id"], said["parent_id"]))
        at = text.find("{", end)
    return found


def answers(at: str) -> bool:
    try:
        return httpx2.get(f"{at}/health").status_code == 200
    except httpx2.TransportError:
        return False


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_request_its_commit_and_its_message_have_one_trace(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    street.done("record", RECORDS)
    served, relayed, got = (tmp_path / name for name in ("serve", "relay", "got"))
    at = f"http://127.0.0.1:{(port := free_port())}"
    with ExitStack() as stack:
        stack.enter_context(running(street, served, "serve", "--port", str(port)))
        stack.enter_context(running(street, relayed, "relay"))
        to = ("subscribe", "office", "--from", "now")
        stack.enter_context(running(street, got, *to, traced=False))
        eventually(lambda: answers(at), seconds=60)
        eventually(lambda: any(r["attached"] for r in street.rows("subscribers")), seconds=60)
        headers = {"idempotency-key": "riga", "traceparent": PARENT}
        path = f"{at}/api/v1/commands/receive-request"
        answer = httpx2.post(path, json=REQUEST, headers=headers)
        assert answer.status_code == 201, answer.text
        eventually(got.read_text, seconds=60)

    (message,) = [json.loads(line) for line in got.read_text().splitlines()]
    assert message["id"] == "request/riga/1"
    assert re.fullmatch(rf"00-{TRACE}-[0-9a-f]{{16}}-01", message["traceparent"])
    ours = [(name, parent) for name, trace, parent in spans(served) if trace == f"0x{TRACE}"]
    names = [name for name, _ in ours]
    assert "commit" in names
    assert ("POST /api/v1/commands/{kind}", "0xb7ad6b7169203331") in ours
    (published,) = [(n, p) for n, trace, p in spans(relayed) if trace == f"0x{TRACE}"]
    assert published[0] == "publish"
    # the feed reads the log, which knows of no trace
    assert "traceparent" not in street.done("feed", "--topic", "request.#")


def test_without_a_setting_nothing_is_traced() -> None:
    with span_of_sending("serve"), span("commit") as carried:
        assert (is_on(), carried) == (False, "")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("OTEL_TRACES_EXPORTER", "zipkin", "zipkin is none of otlp, console, none"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9", "alliance-register[telemetry]"),
    ],
)
def test_what_cannot_be_sent_is_said(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    if "telemetry" in says:
        monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(NoTelemetry) as refused, span_of_sending("serve"):
        pass
    assert refused.value.setting == name
    assert says in refused.value.mend


def test_telemetry_that_is_switched_off_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    for name, value in (("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")):
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            with span_of_sending("serve"):
                assert not is_on()


def test_traces_are_kept_for_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("adapters.bus.traces.clock", lambda _: now)
    traces = Traces(f"sqlite:///{tmp_path / 'relay.sqlite'}")
    try:
        traces.create()
        traces.keep(["a", "b"], "first")
        traces.keep(["a"], "second")  # decided again after a lost race
        assert traces.of(["a", "b", "c"]) == {"a": "second", "b": "first"}
        now += 24 * 3600 + 1
        traces.keep(["c"], "third")
        assert traces.of(["a", "b", "c"]) == {"c": "third"}
    finally:
        traces.close()


def test_a_trace_that_cannot_be_kept_hinders_nobody(tmp_path: Path) -> None:
    traces = Traces(f"sqlite:///{tmp_path / 'relay.sqlite'}")  # before `alliance setup`
    try:
        traces.keep(["a"], "first")
        assert traces.of(["a"]) == {}
    finally:
        traces.close()


def test_a_damaged_command_has_no_trace() -> None:
    def row(state: bytes) -> StoredRow:
        return StoredRow(StreamId("command/x"), 1, "command-recorded.v1", state, 1, 1)

    assert commands_of([row(b"{"), row(b"[]"), row(b'{"command": "x"}')]) == ["x"]


def test_commands_are_kept_once_and_none_is_no_fault(tmp_path: Path) -> None:
    traces = Traces(f"sqlite:///{tmp_path / 'state.sqlite'}")
    traces.create()
    traces.keep([], PARENT)
    traces.keep(["one", "two"], PARENT)
    traces.keep(["one"], PARENT.replace("b7", "c7"))
    assert traces.of(["one", "two"]) == {"one": PARENT.replace("b7", "c7"), "two": PARENT}
    traces.close()
