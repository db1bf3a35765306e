"""Answers that are kept: the same bytes until something is recorded, and none of another state."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from adapters.bootstrap import open_register
from adapters.web.app import create_app
from adapters.web.asked import ReadingRoom
from tests.support.alliance import alliance
from tests.support.served import Source
from tests.support.toronto import recorded_2001, settings

FIXED = "as_of=2001-12-06&known_at=188"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    recorded_2001(tmp_path)
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with open_register(settings(folder)) as register:
        app = create_app(Source(), {}, threading.Event(), register)
        yield TestClient(app, base_url="http://127.0.0.1:8414")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that were asked of a route, and not answered from what is kept."""
    paths: list[str] = []
    ask = ReadingRoom.head

    def noted(room: ReadingRoom) -> int:
        paths.append("")
        return ask(room)

    monkeypatch.setattr(ReadingRoom, "head", noted)
    return paths


@pytest.mark.parametrize("path", ["/partnerships", "/api/v1/partnerships"])
@pytest.mark.parametrize("query", [FIXED, ""])
def test_an_answer_is_made_once(
    client: TestClient, asked: list[str], path: str, query: str
) -> None:
    first = client.get(f"{path}?{query}")
    made = len(asked)
    again = client.get(f"{path}?{query}")
    assert (again.status_code, again.content) == (200, first.content)
    assert dict(again.headers) == dict(first.headers)
    unchanged = client.get(f"{path}?{query}", headers={"If-None-Match": first.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == first.headers["etag"]
    assert len(asked) == made >= 1


def test_what_is_recorded_is_answered_at_once(client: TestClient, folder: Path) -> None:
    assert client.get("/api/v1/requests").json() == []
    file = folder / "request.yaml"
    file.write_text(
        "meeting: { id: 2002-03-01-letters, on: 2002-03-01 }\n"
        "items:\n"
        "  - receive-request:\n"
        "      request: kiev-again\n"
        "      place: UA-KIEV\n"
        "      group: { name: Friends of Kiev, office: Chair }\n"
        "      asks: To be an International partner.\n"
        "      changes_existing: true\n"
    )
    assert alliance(folder, "record", file).code == 0
    assert [row["request"] for row in client.get("/api/v1/requests").json()] == ["kiev-again"]


def test_forms_documents_and_times_are_made_each_time(client: TestClient, asked: list[str]) -> None:
    for path in ("/record", "/documents", "/partnerships?known_at=2999-01-01T00:00:00Z"):
        assert client.get(path).status_code == 200
        made = len(asked)
        assert client.get(path).status_code == 200
        assert len(asked) > made, path
