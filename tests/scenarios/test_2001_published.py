"""The record of December 2001, published by relay, subscriber and feed from the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from jsonschema import Draft202012Validator

from adapters.bus.messages.cloud_event import CONTENT_TYPE
from adapters.bus.messages.schemas import FOLDER
from tests.adapters.bus.fakes import eventually
from tests.support.street import RECORDS, Street

ROOT = Path(__file__).parents[2]
ALLIANCE = (sys.executable, "-m", "adapters.cli.main")

pytestmark = [pytest.mark.slow]


@pytest.fixture
def street(tmp_path: Path) -> Street:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    return street


@pytest.fixture
def following(
    street: Street, tmp_path: Path
) -> Iterator[tuple[Path, list[subprocess.Popen[bytes]]]]:
    """A relay and an example subscriber, each a process of its own."""
    environment = {**os.environ, **street.environment, "PYTHONUNBUFFERED": "1"}
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
    street: Street, following: tuple[Path, list[subprocess.Popen[bytes]]]
) -> None:
    out, processes = following
    street.done("record", RECORDS)
    feed = [json.loads(line) for line in street.done("feed").splitlines()]
    assert len(feed) > 100
    eventually(lambda: len(out.read_text().splitlines()) == len(feed), seconds=60)
    assert [json.loads(line) for line in out.read_text().splitlines()] == feed
    assert [process.poll() for process in processes] == [None, None]

    schemas = {
        path.stem: Draft202012Validator(json.loads(path.read_text()))
        for path in FOLDER.glob("*.v*.json")
    }
    for event in feed:
        schemas[event["type"]].validate(event)
        message = HTTPMessage({"content-type": CONTENT_TYPE}, json.dumps(event).encode())
        assert from_structured_event(message).get_id() == event["id"]
        assert event["causation"]

    eventually(lambda: street.rows("subscribers")[0]["lag_events"] == 0)
    found = street.rows("subscribers", "reconcile", "example")
    assert (found[0]["sound"], found[0]["handled"]) == (True, len(feed))
