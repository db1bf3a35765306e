"""Matters in camera: everybody is told that they are, and nothing more of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from adapters.bootstrap import open_register
from adapters.settings import Settings
from adapters.store.event_log.log import EventLog
from adapters.web.app import create_app
from domain.shared.messages import StreamId
from tests.support.alliance import alliance
from tests.support.minutes import Clerk
from tests.support.served import Source

ENDED = """
    meeting: { id: 2003-03-04-council, body: council, on: 2003-03-04, matter: CC3.9 }
    items:
      - open-matter: { title: The end with Skopje, in_camera: Relations with another city }
      - submit-report:
          document: report
          by: { office: City Manager }
          title: The end
          recommendations:
            - id: report/1
              text: That the partnership with Skopje be ended.
              instruments:
                - { instrument: end-partnership, city: MK-SKOPJE, by: them, reason: No answer. }
      - decide: { decision: ends, kind: adopt, adopts: [report/1], summary: It is over. }
    """
RELEASED = """
    meeting: { id: 2003-06-24-council, body: council, on: 2003-06-24, matter: MM5.1 }
    items:
      - open-matter: { title: Release }
      - decide:
          decision: releases
          kind: adopt
          summary: The matter is released.
          instruments: [{ instrument: authorise-officials }]
      - release-matter:
          matter: CC3.9
          authority: { matter: MM5.1, decision: releases, body: council }
    """
PORT = """
    meeting: { id: public, body: council, on: 2004-03-01, matter: port }
    items:
      - open-matter: { title: The port }
      - decide: { decision: first, kind: defer, until: 2004-04-01, summary: Deferred. }
      - hold-in-camera: { reason: Litigation }
      - decide: { decision: second, kind: receive, summary: x }
    """
DAY = "2004-05-01"
TITLE = "The matter is held in camera: nothing of it may be shown."


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    clerk = Clerk(tmp_path)
    clerk.records("ended", ENDED)
    return clerk


@pytest.fixture
def client(clerk: Clerk) -> Iterator[TestClient]:
    url = f"sqlite:///{clerk.folder / 'log.sqlite'}"
    settings = Settings(database_url=url, actor="a clerk", keys_file=clerk.folder / "keys")
    with open_register(settings) as register:
        app = create_app(Source(), {}, threading.Event(), register)
        yield TestClient(app, base_url="http://127.0.0.1:8414")


def in_camera(clerk: Clerk, *arguments: object) -> str:
    ran = alliance(clerk.folder, *arguments, in_camera="true")
    assert ran.code == 0, ran.err
    return ran.out


@pytest.mark.parametrize("number", ["CC3.9", "cc3.9"])
def test_a_matter_in_camera_is_said_to_be_that(clerk: Clerk, number: str) -> None:
    shown = alliance(clerk.folder, "show", "matter", number, "--format", "json")
    told = json.loads(shown.err)

    assert (shown.code, shown.out) == (5, "")
    assert told["problem"] == "InCamera"
    assert told["title"] == TITLE
    assert told["details"] == {"matter": "CC3.9"}
    assert TITLE in clerk.sees("why", f"decision/{number}/ends")
    listed = clerk.sees("list", "matters", "--as-of", DAY)
    assert (
        "1 matter on 2004-05-01. Held in camera, so that nothing of them may be shown: CC3.9."
        in listed
    )


def test_a_matter_that_nobody_opened_is_not_in_camera(clerk: Clerk) -> None:
    told = json.loads(alliance(clerk.folder, "show", "matter", "CC3.8", "--format", "json").err)
    assert told["problem"] == "NothingRecorded"


def test_before_it_was_recorded_and_after_its_release_it_is_not_in_camera(clerk: Clerk) -> None:
    positions = [
        row["position"] for row in map(json.loads, clerk.sees("log", "-f", "json").splitlines())
    ]
    before = ("--known-at", positions[0], "--format", "json")
    told = json.loads(alliance(clerk.folder, "show", "matter", "CC3.9", *before).err)
    assert told["problem"] == "NothingRecorded"

    clerk.records("released", RELEASED)
    (matter, *_) = clerk.asks("show", "matter", "CC3.9", as_of=DAY)
    assert (matter["title"], matter["withheld"]) == ("The end with Skopje", 0)
    told = json.loads(
        alliance(
            clerk.folder, "show", "matter", "CC3.9", "--known-at", positions[-1], "-f", "json"
        ).err
    )
    assert told["problem"] == "InCamera"
    assert "Held in camera" not in clerk.sees("list", "matters", "--as-of", DAY)


def test_a_public_matter_that_goes_on_in_camera_says_so(clerk: Clerk, client: TestClient) -> None:
    """Two of its four entries: that it is held, and the second decision."""
    clerk.records("port", PORT)

    shown = clerk.sees("show", "matter", "port", "--as-of", DAY)
    assert shown.endswith("It goes on in camera: 2 entries of this matter may not be shown.\n")
    rows = clerk.asks("show", "matter", "port", as_of=DAY)
    assert [(row["item"], row["withheld"]) for row in rows] == [("port", 2), ("first", 0)]
    page = client.get("/matters/port", headers={"Accept": "text/html"})
    assert "It goes on in camera: 2 entries of this matter may not be shown." in page.text
    assert "goes on" not in in_camera(clerk, "show", "matter", "port", "--as-of", DAY)


def test_pages_and_api_say_that_a_matter_is_in_camera(client: TestClient) -> None:
    page = client.get("/matters/CC3.9", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "<h1>This is in camera</h1>" in page.text
    assert "The matter CC3.9 is held in camera, and nothing of it may be shown." in page.text
    answer = client.get("/api/v1/matters/CC3.9")
    assert (answer.status_code, answer.json()["problem"]) == (404, "InCamera")
    assert "Skopje" not in page.text + answer.text


def test_who_may_see_it_is_told_the_reason_once(clerk: Clerk) -> None:
    shown = in_camera(clerk, "show", "matter", "CC3.9", "--as-of", DAY)
    assert shown.count("in camera: Relations with another city") == 1


def test_an_end_is_the_state_of_a_partnership_in_every_answer(clerk: Clerk) -> None:
    asked = ("partnership/skopje/state", "--as-of", DAY)
    why = in_camera(clerk, "why", *asked)
    assert why.startswith("partnership/MK-SKOPJE/state on 2004-05-01: ended by them.")
    assert "the partnership with Skopje ended, by them: No answer." in why
    whole = in_camera(clerk, "why", "partnership/skopje", "--as-of", DAY)
    assert whole.startswith("partnership/MK-SKOPJE: no partnership on 2004-05-01.")

    shown = in_camera(clerk, "show", "partnership", "skopje", "--as-of", DAY, "--format", "json")
    (row,) = json.loads(shown)
    assert [(step["since"], step["state"], step["decision"]) for step in row["steps"]] == [
        ("1971-01-01/1971-12-31", "active", None),
        ("2001-12-04/2001-12-06", "active", "2001-12-4/council-adopts"),
        ("2003-03-04", "ended", "CC3.9/ends"),
    ]
    public = clerk.sees("why", *asked)
    assert public.startswith("partnership/MK-SKOPJE/state on 2004-05-01: active.")


def test_a_misspelt_matter_reads_no_matter_that_is_not_public(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    withheld = EventLog.withheld

    def noted(log: EventLog, stream: StreamId, known: int | None = None) -> int:
        read.append(stream)
        return withheld(log, stream, known)

    monkeypatch.setattr(EventLog, "withheld", noted)
    assert "NothingRecorded" in clerk.sees("show", "matter", "CC39")
    assert read == []
    assert "InCamera" in clerk.sees("show", "matter", "cc3.9")
    assert read == ["matter/CC3.9"]
