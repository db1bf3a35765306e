"""Pages of another city's register: its words, its currency, what reaches back, whose words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from adapters.bootstrap import open_register
from adapters.web.app import create_app
from tests.adapters.web.test_pages import settings_of
from tests.scenarios.test_any_city import FROM_JANUARY, PLACES, charter, mission
from tests.support.served import Source
from tests.support.street import Street

OWN = "the register's own words, and not the paper's"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A city that may decide retroactively, and did so on 5 June 2002 from January on."""
    folder = tmp_path_factory.mktemp("city")
    street = Street.on_sqlite(folder)
    street.done("setup")
    own = FROM_JANUARY.replace("matter: m-1 }", "matter: m-1, wording: register's words }")
    files = (
        charter("1", "1990-01-01", "retroactive: [policy, agreement]", "currency: JPY"),
        PLACES,
        own,
        mission("reise", "{ cents: { Fahrt: 100000 } }"),
    )
    for number, text in enumerate(files):
        file = Path(folder) / f"{number}.yaml"
        file.write_text(text, encoding="utf-8")
        street.done("record", file)
    with open_register(settings_of(street)) as register:
        app = create_app(Source(), {}, threading.Event(), register)
        yield TestClient(app, base_url="http://127.0.0.1:8414")


def page(client: TestClient, path: str, day: str) -> str:
    answer = client.get(path, params={"as_of": day}, headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split()).replace("&#39;", "'")


@pytest.mark.parametrize("path", ["/policy", "/policy/reisen", "/partnerships"])
def test_a_page_says_what_was_decided_after_its_day(client: TestClient, path: str) -> None:
    assert "Decided later, on 5 June 2002" in page(client, path, "2002-03-01")
    assert "Decided later" not in page(client, path, "2002-06-05")


def test_the_page_of_a_city_says_it_too(client: TestClient) -> None:
    told = "Not decided yet on 1 March 2002; decided on 5 June 2002 to hold from before."
    assert told in page(client, "/partnerships/JP-OSAKA", "2002-03-01")
    assert "Not decided yet" not in page(client, "/partnerships/JP-OSAKA", "2002-06-05")


@pytest.mark.parametrize("path", ["/policy", "/policy/reisen"])
def test_a_page_says_whose_words_a_text_is_in(client: TestClient, path: str) -> None:
    assert f"In {OWN}." in page(client, path, "2002-06-05")


def test_amounts_are_in_the_currency_of_the_city(client: TestClient) -> None:
    assert "JPY 100,000" in page(client, "/missions/reise", "2002-03-01")


def test_programs_get_the_same(client: TestClient) -> None:
    rows = client.get("/api/v1/provisions", params={"as_of": "2002-03-01"}).json()
    (row,) = rows["rows"] if isinstance(rows, dict) else rows
    assert (row["decided_later"], row["wording"]) == ("2002-06-05", "register's words")
