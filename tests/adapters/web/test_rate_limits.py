"""Too many requests are answered 429, in the form in which they were asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from adapters.settings import Settings
from tests.support.provider import Provider, providing
from tests.support.signing import BASE, Signing, signed_in
from tests.support.street import Street

READS = 40


@pytest.fixture(autouse=True)
def _no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.people.rate_limits.clock", lambda _: 1_000_000.0)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing() as started:
        yield started


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    Street.on_sqlite(folder).done("setup")
    return folder


@pytest.fixture
def app(empty: Path, tmp_path: Path, provider: Provider) -> Iterator[FastAPI]:
    folder = tmp_path / "street"
    shutil.copytree(empty, folder)
    signing = Signing(Street.on_sqlite(folder), folder, provider)
    with signing.server(reads_per_minute=READS, records_per_minute=2) as made:
        yield made


def anybody(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=BASE, follow_redirects=False)


def test_one_request_more_is_told_in_the_form_in_which_it_was_asked(app: FastAPI) -> None:
    rosa = signed_in(app, "rosa")
    assert spend_all(rosa) == READS
    more = rosa.get("/api/v1/log")
    assert more.status_code == 429
    assert more.headers["content-type"] == "application/problem+json"
    assert more.headers["retry-after"] == "2"  # forty a minute: one in a second and a half
    says = "more than 40 requests a minute to read: wait 2 s"
    assert more.json() == {"title": "Too Many Requests", "status": 429, "detail": says}
    page = rosa.get("/log", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["retry-after"]) == (429, "2")
    assert page.headers["content-type"].startswith("text/html")
    assert says in page.text


def spend_all(client: TestClient) -> int:
    """Ask until one is refused; the number that went through."""
    for number in range(200):
        if client.get("/api/v1/log").status_code == 429:
            return number
    raise AssertionError("no limit")


def test_a_stream_that_is_refused_comes_back(app: FastAPI) -> None:
    rosa = signed_in(app, "rosa")
    spend_all(rosa)
    said = rosa.get("/live?after=0", headers={"accept": "text/event-stream"})
    assert said.status_code == 200
    assert said.text.startswith("retry: 2000\n: more than 40 requests a minute to read")
    assert said.headers["retry-after"] == "2"


def test_files_of_pages_and_signs_of_life_are_always_there(app: FastAPI) -> None:
    rosa = signed_in(app, "rosa")
    spend_all(rosa)
    for path in ("/static/pages.css", "/static/live.js", "/health", "/ready"):
        for _ in range(3):
            assert rosa.get(path).status_code == 200
    assert rosa.post("/sign-out").status_code != 429  # recording is counted apart


def test_who_is_not_signed_in_counts_by_address_and_a_token_that_is_none_does(
    app: FastAPI,
) -> None:
    guesses = [
        anybody(app).get("/api/v1/log", headers={"authorization": f"Bearer guess-{n}"})
        for n in range(READS + 1)
    ]
    assert [a.status_code for a in guesses] == [*[401] * READS, 429]
    assert signed_in_already(app) == 200  # and others are none the worse


def signed_in_already(app: FastAPI) -> int:
    """The answer to a person who is signed in, whose sign-in itself counts by address."""
    from adapters.people.roles import Person
    from adapters.web.roles import SESSION

    people = app.state.people
    secret = people.sessions.begin(Person("person-1", "Rosa", frozenset({"reader"})))
    client = TestClient(app, base_url=BASE, cookies={SESSION: secret})
    return client.get("/api/v1/log").status_code


def test_recording_is_counted_apart(app: FastAPI) -> None:
    clara = signed_in(app, "clara")
    spent = [
        clara.post("/api/v1/minutes", content="", headers={"content-type": "application/yaml"})
        for _ in range(3)
    ]
    assert [a.status_code for a in spent[:2]] == [422, 422]
    assert spent[2].json()["detail"].startswith("more than 2 requests a minute to record: wait ")
    assert spent[2].headers["retry-after"] == "30"
    assert clara.get("/api/v1/log").status_code == 200


def test_requests_are_limited_where_people_sign_in_unless_said(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    told = {"oidc_client": "us", "oidc_secret_file": tmp_path / "secret"}
    signing = {"oidc_issuer": "https://id.example.org", **told}
    assert Settings().rates == (0, 0)
    assert Settings.model_validate(signing).rates == (600, 60)
    assert Settings.model_validate({**signing, "reads_per_minute": 0}).rates == (0, 60)
    assert Settings(records_per_minute=5).rates == (0, 5)
