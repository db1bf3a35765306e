"""Every program in docs/subscribing.md, run as it stands there."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from adapters.bus.messages.cloud_event import messages, read_message
from adapters.bus.messages.schemas import FOLDER
from adapters.bus.subscribers.inbox import Inbox
from adapters.bus.transports.publisher import Publisher
from tests.adapters.bus.conftest import Bus
from tests.adapters.bus.fakes import SOURCES, FakeLog, eventually
from tests.support.served import Source, serving
from tests.support.street import Street

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "subscribing.md").read_text()
PACKAGES = ROOT / "tests" / "node"


def program(name: str, folder: Path) -> Path:
    """The fenced block whose first line names the file."""
    found = re.search(rf"```\w+\n((?:#|//) {re.escape(name)}\n.*?)```", DOCUMENT, re.DOTALL)
    assert found, f"{name} is not in the document"
    path = folder / name
    path.write_text(found[1])
    return path


def started(words: Sequence[str | Path], folder: Path, **environment: str) -> subprocess.Popen[Any]:
    return subprocess.Popen(
        words, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT), **environment}
    )


def ended(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    process.wait(20)


def publish(bus: Bus, log: FakeLog, first: int = 0) -> None:
    with Publisher(bus.url, bus.names.exchange) as publisher:
        publisher.send([m for m in messages(log.rows, SOURCES) if m.position > first])


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of tests/node, installed once."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(
            "node and npm are not installed: the example in docs/subscribing.md did not run"
        )
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PACKAGES / name, folder / name)
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
        cwd=folder,
        capture_output=True,
        timeout=110,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"npm could not install tests/node: {done.stderr.decode()[-300:]}")
    return folder


@pytest.mark.slow
def test_the_python_subscriber(bus: Bus, tmp_path: Path) -> None:
    queue, log = bus.queue("budget-office"), FakeLog()
    log.many(40)
    publish(bus, log)
    publish(bus, log)
    kept = tmp_path / "inbox.sqlite"
    environment = {
        "ALLIANCE_BUS_URL": bus.url,
        "QUEUE": queue,
        "INBOX_URL": f"sqlite:///{kept}",
    }
    words: list[str | Path] = [sys.executable, program("subscriber.py", tmp_path)]
    process = started(words, tmp_path, **environment)
    eventually(lambda: kept.exists() and bus.topology.depth("budget-office").waiting == 0)
    eventually(lambda: len(_booked(kept)) == 40)
    ended(process)
    assert _booked(kept) == log.ids()


def _booked(kept: Path) -> list[str]:
    db = sqlite3.connect(kept, timeout=10)
    try:
        return [row[0] for row in db.execute("SELECT id FROM booked ORDER BY rowid")]
    except sqlite3.OperationalError:
        return []
    finally:
        db.close()


@pytest.mark.slow
def test_the_table_stays_right_through_corrections_withdrawals_and_a_restored_backup(
    tmp_path: Path,
) -> None:
    found: dict[str, Any] = {"__name__": "table"}
    exec(program("table.py", tmp_path).read_text(), found)  # noqa: S102 - our own document
    inbox = Inbox(f"sqlite:///{tmp_path / 'inbox.sqlite'}", "table")
    inbox.create()
    first, second = (Street.on_sqlite(made(tmp_path / name)) for name in ("first", "second"))
    asked = ["feed", *(w for t in ("partnership", "entry", "epoch") for w in ("--topic", f"{t}.#"))]

    def receive(street: Street) -> None:
        events = [read_message(json.dumps(event).encode()) for event in street.run(*asked).lines]
        assert inbox.take(events, found["handle"]).parked == 0

    def table() -> dict[str, str | None]:
        db = sqlite3.connect(tmp_path / "inbox.sqlite")
        with closing(db):
            return {stream[12:]: class_ for stream, class_ in db.execute("SELECT * FROM partner")}

    def listed(street: Street) -> dict[str, str | None]:
        rows = street.rows("list", "partnerships")
        return {row["code"]: row["classification"] for row in rows if not row["targeted"]}

    def correct(version: int, *words: str) -> None:
        first.done("correct", CITY, version, "--reason", "misread", "--by", "City Clerk", *words)
        receive(first)
        assert table() == listed(first)

    first.done("setup")
    list(first.record_2001())
    receive(first)
    assert table() == listed(first)
    assert (len(table()), table()["CN-CHONGQING"]) == (26, "International")
    correct(2, "--set", "classification=Historical")
    assert table()["CN-CHONGQING"] == "Historical"
    first.done("backup", tmp_path / "backup")
    correct(3, "--withdraw")
    assert table()["CN-CHONGQING"] is None
    correct(1, "--withdraw")
    assert "CN-CHONGQING" not in table()

    shutil.copy(tmp_path / "first" / "register.key", tmp_path / "second" / "register.key")
    second.done("restore", tmp_path / "backup")
    second.done("setup")
    receive(second)
    assert table() == listed(second)
    assert (len(table()), table()["CN-CHONGQING"]) == (26, "Historical")


CITY = "partnership/CN-CHONGQING"


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_node_program_receives_everything_once_and_in_order(
    broker: Bus, node_modules: Path, tmp_path: Path
) -> None:
    script, kept = program("subscriber.mjs", node_modules), tmp_path / "kept.jsonl"
    queue, log = f"{broker.names.prefix}.node", FakeLog()
    environment = {
        "AMQP_URL": broker.url,
        "EXCHANGE": broker.names.exchange,
        "QUEUE": queue,
        "KEPT": str(kept),
    }

    def ids() -> list[str]:
        lines = kept.read_text().splitlines() if kept.exists() else []
        return [json.loads(line)["id"] for line in lines if line.endswith("}")]

    def bound() -> bool:
        with broker.topology._channel() as channel:
            try:
                channel.queue_declare(queue=queue, passive=True)
            except Exception:
                return False
        return True

    process = started(["node", script], node_modules, **environment)
    try:
        eventually(bound, what="the program declared its queue")
        eventually(lambda: _is_bound(broker, log, ids), what="and bound it")
        log.many(200)
        publish(broker, log)
        eventually(lambda: len(ids()) == len(log.ids()))
        process.kill()
        process.wait()
        half = log.head()
        log.many(200)
        publish(broker, log, first=half)
        publish(broker, log)
        process = started(["node", script], node_modules, **environment)
        eventually(lambda: len(ids()) == len(log.ids()))
        assert ids() == log.ids()
    finally:
        process.kill()
        process.wait()
        with broker.topology._channel() as channel:
            channel.queue_delete(queue=queue)


def _is_bound(broker: Bus, log: FakeLog, ids: Callable[[], list[str]]) -> bool:
    if not log.rows:
        log.many(1)
    publish(broker, log)
    return ids() == log.ids()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_asyncapi_document_is_one(node_modules: Path) -> None:
    check = node_modules / "check.mjs"
    check.write_text(
        'import { readFileSync } from "node:fs";\n'
        'import parsing from "@asyncapi/parser";\n'
        "const { document, diagnostics } = await new parsing.Parser()"
        '.parse(readFileSync(process.argv[2], "utf8"));\n'
        "const errors = diagnostics.filter((found) => found.severity === 0);\n"
        "console.log(JSON.stringify({ errors, messages: document?.allMessages().length }));\n"
    )
    done = subprocess.run(
        ["node", check, FOLDER / "asyncapi.json"],
        cwd=node_modules,
        capture_output=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    found = json.loads(done.stdout)
    assert found["errors"] == []
    assert found["messages"] == len(list(FOLDER.glob("*.v*.json")))


# --- over HTTP


@pytest.fixture
def feed() -> Iterator[tuple[str, Source]]:
    source = Source()
    with serving(source) as port:
        yield f"http://127.0.0.1:{port}/feed", source


def test_the_pages(feed: tuple[str, Source], tmp_path: Path) -> None:
    url, source = feed
    source.log.many(250)
    done = subprocess.run(
        [sys.executable, program("pages.py", tmp_path)],
        env={**os.environ, "FEED": url},
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert [line.split()[1] for line in done.stdout.decode().splitlines()] == source.log.ids()


def test_the_stream_with_curl(feed: tuple[str, Source], tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: the example in docs/subscribing.md did not run")
    url, source = feed
    source.log.many(5)
    after = [row.position for row in source.log.events()][1]
    done = subprocess.run(
        ["sh", program("stream.sh", tmp_path)],
        env={**os.environ, "FEED": url, "AFTER": str(after), "SECONDS_TO_LISTEN": "2"},
        capture_output=True,
        timeout=30,
        check=True,
    )
    data = [line[6:] for line in done.stdout.decode().splitlines() if line.startswith("data: ")]
    assert [json.loads(line)["id"] for line in data] == source.log.ids()[2:]


def test_the_verification_of_a_webhook(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    found: dict[str, Any] = {}
    exec(program("verify.py", tmp_path).read_text(), found)  # noqa: S102 - our own document
    secret, body, now = "whsec_c2VjcmV0LXNlY3JldA==", b'{"id":"a/1"}', datetime.now(UTC)
    headers = {
        "webhook-id": "/r#a/1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("/r#a/1", now, body.decode()),
    }
    assert found["verify"](secret, headers, body)
    assert not found["verify"](secret, headers, body + b" ")
    assert not found["verify"](secret, {**headers, "webhook-timestamp": "1"}, body)
