"""The record of December 2001, published by relay, subscriber and feed from the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import jsonschema
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event

from adapters.bus.envelope import CONTENT_TYPE
from adapters.bus.schemas import FOLDER
from tests.adapters.bus.fakes import eventually

ROOT = Path(__file__).parents[3]
ALLIANCE = (sys.executable, "-m", "adapters.cli.main")

pytestmark = [pytest.mark.slow]


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    return {**os.environ, "ALLIANCE_DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}


def alliance(environment: Mapping[str, str], *words: str) -> str:
    done = subprocess.run(
        [*ALLIANCE, *words], cwd=ROOT, env=environment, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.fixture
def following(
    environment: Mapping[str, str], tmp_path: Path
) -> Iterator[tuple[Path, list[subprocess.Popen[bytes]]]]:
    """A relay and an example subscriber, each a process of its own."""
    alliance(environment, "setup")
    out = tmp_path / "arrived.jsonl"
    with out.open("wb") as arrived:
        processes = [
            subprocess.Popen([*ALLIANCE, *words], cwd=ROOT, env=environment, stdout=stdout)
            for words, stdout in ((["relay"], None), (["subscribe", "example"], arrived))
        ]
    yield out, processes
    for process in processes:
        process.terminate()
        process.wait(30)


def test_the_record_arrives_whole_valid_and_in_order(
    environment: Mapping[str, str], following: tuple[Path, list[subprocess.Popen[bytes]]]
) -> None:
    out, processes = following
    alliance(environment, "record", "records/toronto-2001")
    feed = [json.loads(line) for line in alliance(environment, "feed").splitlines()]
    assert len(feed) > 100
    eventually(lambda: len(out.read_text().splitlines()) == len(feed), seconds=60)
    assert [json.loads(line) for line in out.read_text().splitlines()] == feed
    assert [process.poll() for process in processes] == [None, None]

    schemas = {path.stem: json.loads(path.read_text()) for path in FOLDER.glob("*.v*.json")}
    for event in feed:
        jsonschema.validate(event, schemas[event["type"]])
        message = HTTPMessage({"content-type": CONTENT_TYPE}, json.dumps(event).encode())
        assert from_structured_event(message).get_id() == event["id"]
        assert event["causation"]

    eventually(
        lambda: json.loads(alliance(environment, "subscribers", "-f", "json"))[0]["lag_events"] == 0
    )
    found = json.loads(alliance(environment, "subscribers", "reconcile", "example", "-f", "json"))
    assert (found[0]["sound"], found[0]["handled"]) == (True, len(feed))
