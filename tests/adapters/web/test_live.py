"""Open pages and times: a notice of what is new, states by time (RFC 7089), pages by Link."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect
from starlette.testclient import TestClient

from adapters.bootstrap import open_register
from adapters.web.app import create_app
from tests import services
from tests.adapters.web.test_pages import BROWSER, settings_of
from tests.support.browser import Desk, browser
from tests.support.served import Source, serving_app
from tests.support.street import RECORDS, Street

EXAMPLES = sorted((Path(__file__).parents[3] / "docs" / "examples" / "2002").glob("*.yaml"))
LINK = re.compile(r'<([^>]+)>; ?rel="([^"]+)"(?:; datetime="([^"]+)")?')


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Street:
    made = Street.on_sqlite(tmp_path_factory.mktemp("street"))
    made.done("setup")
    assert list(made.record_2001())
    return made


@pytest.fixture(scope="module")
def client(street: Street) -> Iterator[TestClient]:
    with open_register(settings_of(street)) as register:
        app = create_app(Source(), {}, threading.Event(), register)
        yield TestClient(app, base_url="http://127.0.0.1:8414", follow_redirects=False)


def links(text: str) -> list[tuple[str, str, str]]:
    return LINK.findall(text)


def test_an_answer_names_its_original_its_time_map_and_its_time(client: TestClient) -> None:
    for path in ("/partnerships", "/api/v1/partnerships"):
        now = client.get(f"{path}?country=china", headers=BROWSER)
        (original, _, _), (times, _, _) = links(now.headers["link"])
        assert (original, times) == (f"{path}?country=china", f"/timemap{path}?country=china")
        assert "memento-datetime" not in now.headers
        then = client.get(f"{path}?country=china&known_at=188", headers=BROWSER)
        assert links(then.headers["link"])[0][0] == original
        recorded = parsedate_to_datetime(then.headers["memento-datetime"])
        entry = client.get("/api/v1/log/188").json()[0]["recorded_at"]
        assert f"{recorded:%Y-%m-%dT%H:%M:%S}" == entry[:19]


def test_a_time_map_has_a_state_for_each_commit_and_each_is_what_it_says(
    client: TestClient,
) -> None:
    answer = client.get("/timemap/partnerships?country=china")
    assert answer.headers["content-type"] == "application/link-format"
    found = links(answer.text.replace(";rel", "; rel"))
    mementos = [(at, when) for at, kind, when in found if kind == "memento"]
    assert len(mementos) == 3
    assert mementos[-1][0] == "/partnerships?country=china&known_at=188"
    for at, when in mementos[1:]:
        assert client.get(at, headers=BROWSER).headers["memento-datetime"] == when
    later = client.get(f"/timemap/partnerships?after={mementos[1][0].rpartition('=')[2]}")
    assert later.text.count('rel="memento"') == 1


def test_whoever_names_a_time_is_led_to_what_was_known_then(client: TestClient) -> None:
    then = client.get("/partnerships?known_at=188", headers=BROWSER).headers["memento-datetime"]
    hour = parsedate_to_datetime(then)
    for offset, position in ((timedelta(hours=1), 188), (timedelta(hours=-1), None)):
        wanted = format_datetime(hour + offset, usegmt=True)
        asked = {**BROWSER, "Accept-Datetime": wanted}
        answer = client.get("/partnerships?country=china", headers=asked)
        assert answer.status_code == 302
        assert answer.headers["vary"] == "Accept-Datetime"
        path, _, at = answer.headers["location"].partition("&known_at=")
        assert path == "/partnerships?country=china"
        assert int(at) == position if position else int(at) < 188
        assert client.get(answer.headers["location"]).status_code == 200
    odd = client.get("/api/v1/partnerships", headers={"Accept-Datetime": "yesterday"})
    assert odd.status_code == 400
    assert odd.json()["detail"].startswith("Accept-Datetime: 'yesterday' is no time such as")


def test_the_log_is_read_page_by_page_by_its_links(client: TestClient) -> None:
    path, seen = "/api/v1/log?limit=50&stream=matter", list[int]()
    while path:
        answer = client.get(path)
        seen += [row["position"] for row in answer.json()]
        following = [at for at, kind, _ in links(answer.headers["link"]) if kind == "next"]
        assert all("stream=matter" in at and "limit=50" in at for at in following)
        path = following[0] if following else ""
    every = client.get("/api/v1/log?stream=matter").json()
    assert seen == [row["position"] for row in every]
    few = client.get("/api/v1/log?limit=5&stream=matter")
    assert ('rel="next"' in few.headers["link"]) is (len(every) > 5)


def test_a_page_has_one_script_from_its_own_server(client: TestClient) -> None:
    page = client.get("/partnerships/UA-KIEV", headers=BROWSER)
    assert re.findall(r"<script[^>]*>", page.text) == ['<script src="/static/live.js" defer>']
    assert "script-src 'self'; connect-src 'self'" in page.headers["content-security-policy"]
    assert 'data-live="/live?about=partnership%2FUA-KIEV&amp;after=188"' in page.text
    cited = client.get("/partnerships/UA-KIEV?as_of=2001-12-06&known_at=188", headers=BROWSER)
    assert "data-live" not in cited.text


@pytest.mark.slow
def test_an_open_page_says_what_is_new_about_it_and_changes_nothing_else(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    street.done("record", RECORDS)
    stop = threading.Event()
    try:
        with (
            open_register(settings_of(street)) as register,
            serving_app(create_app(Source(), {}, stop, register), stop) as port,
            browser() as opened,
        ):
            desk = Desk(opened, f"http://127.0.0.1:{port}")
            page = desk.open("/missions")
            notice = page.get_by_role("status")
            expect(notice).to_be_hidden()
            before = page.locator("main .split").inner_html()
            quiet = Desk(opened, f"http://127.0.0.1:{port}", script=False)
            quiet.open("/missions")
            elsewhere = Desk(opened, f"http://127.0.0.1:{port}")
            elsewhere.open("/partnerships/UA-KIEV")
            street.done("record", *EXAMPLES)
            expect(notice).to_contain_text(re.compile(r"^\d+ newer entries about this"))
            assert page.locator("main .split").inner_html() == before
            assert desk.violations("light") == desk.violations("dark", ["color-contrast"]) == []
            expect(elsewhere.page.get_by_role("status")).to_be_hidden()
            notice.get_by_role("link", name="Show the latest").press("Enter")
            expect(page.get_by_role("rowheader", name="spring")).to_be_visible()
            quiet.page.reload()
            expect(quiet.page.get_by_role("rowheader", name="spring")).to_be_visible()
            for each in (desk, quiet, elsewhere):
                each.close()
    except services.Unavailable as missing:
        pytest.skip(str(missing))
