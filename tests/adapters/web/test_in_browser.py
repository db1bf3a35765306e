"""Every page in a browser: axe finds nothing in either theme, nothing spills at 320 px, and the
keyboard reaches everything.

A route that no address below opens fails `test_every_route_is_opened`.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from starlette.routing import Match, Route

from adapters.bootstrap import open_register
from adapters.settings import Settings
from adapters.web.app import create_app
from adapters.web.pages.routes import router
from tests.adapters.web.test_documents import PAGE, PAPERS
from tests.support.browser import NARROW, WIDE, Desk
from tests.support.served import Source, serving_app
from tests.support.street import RECORDS, Street

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples" / "2002"

AGREEMENT = Path(__file__).parents[2] / "scenarios" / "toronto_later" / "2012-09-chicago.yaml"

REQUEST = """
meeting: { id: 2002-03-01-letters, on: 2002-03-01 }
items:
  - receive-request:
      request: kiev-again
      place: UA-KIEV
      group: { name: Friends of Kiev, office: Chair }
      asks: To be an International partner.
      changes_existing: true
"""

PAGES = (
    "/partnerships?as_of=2001-12-06",
    "/partnerships/UA-KIEV?as_of=2001-12-05",
    "/policy?as_of=2001-12-06",
    "/policy/outbound/2",
    "/policy/outbound?as_of=2001-12-05",
    "/redline?before=submitted%402001-12-4&after=adopted%402001-12-4",
    "/redline?before=2001-12-03&after=2001-12-05&provision=outbound/2",
    "/matters",
    "/matters/2001-12-4",
    "/matters/MM1.8",
    "/decisions",
    "/due?as_of=2003-05-01",
    "/discrepancies",
    "/bodies",
    "/motions",
    "/agreements",
    "/agreements/chicago-2012",
    "/targeted",
    "/categories",
    "/provisions",
    "/studies",
    "/documents",
    "/studies/gawc-research-bulletin-5",
    "/bodies/council",
    "/basis-changed",
    "/deadlines?as_of=2003-05-01&status=overdue",
    "/plans",
    "/plans/2002",
    "/missions/spring",
    "/explorations/guerrero",
    "/discrepancies/1",
    "/requests/kiev-again",
    "/explorations",
    "/missions",
    "/requests",
    "/why/partnership/kiev/classification",
    "/clocks/provision/outbound/2?as_of=2001-12-05",
    "/clocks/mission/spring",
    "/log",
    "/log/100",
    "/account",
    "/refusals",
    "/drafts",
    "/sessions",
    "/record",
    "/record/decide",
    "/record/receive-request",
)
EMPTY = (
    "/partnerships?as_of=1950-01-01",
    "/policy?as_of=2001-11-30",
    "/missions?known_at=150",
    "/log?grep=zeppelin",
    "/decisions?body=nobody",
    "/redline",
    "/redline?before=2001-12-06&after=2001-12-07",
)
WRONG = (
    ("/partnerships/kief", 404),
    ("/partnerships?as_of=6.12.2001", 400),
    ("/nothing", 404),
)
OPENED = (*PAGES, *EMPTY)
SEEN_ELSEWHERE = {
    *("/", "/static/pages.css", "/static/live.js", "/live"),
    *("/sign-in", "/sign-in/back"),
    *("/drafts/{name}", "/api/v1/refusals"),
    *("/documents/{sha256}", "/{path:path}.pdf"),
}
"""Redirects, what is no page or no page of ours, and what `test_four_eyes.py` opens."""


@contextmanager
def serving_2001(folder: Path) -> Generator[str]:
    """Yield the address of a server on the record of 2001 and the examples of 2002."""
    street = Street.on_sqlite(folder)
    street.done("setup")
    (folder / "request.yaml").write_text(REQUEST)
    (folder / "papers.yaml").write_text(PAPERS)
    own = (folder / "request.yaml", folder / "papers.yaml")
    given = (*sorted(EXAMPLES.glob("*.yaml")), *own, AGREEMENT)
    street.done("record", RECORDS, *given)
    (folder / "Bericht.html").write_bytes(PAGE)
    street.done("attach", folder / "Bericht.html")
    chosen = {
        name.removeprefix("ALLIANCE_").lower(): value for name, value in street.environment.items()
    }
    stop = threading.Event()
    with open_register(Settings.model_validate(chosen)) as register:
        app = create_app(Source(), {}, stop, register)
        with serving_app(app, stop) as port:
            yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_2001(tmp_path_factory.mktemp("street")) as served:
        yield served


@pytest.fixture
def desk(opened: Browser, address: str) -> Iterator[Desk]:
    at = Desk(opened, address)
    yield at
    at.close()


def looked_at(desk: Desk) -> dict[str, list[str]]:
    """What is wrong with the page that stands open, by what was tried."""
    return {
        "light": desk.violations("light"),
        "dark": desk.violations("dark", ["color-contrast"]),
        "keyboard": desk.unreached(),
        "narrow": desk.spilling(NARROW),
        "axe, narrow": desk.violations("light", ["target-size", "color-contrast"]),
    }


def test_every_route_is_opened() -> None:
    paths = [path.partition("?")[0] for path in OPENED]
    routes = [r for r in router.routes if isinstance(r, Route) and "GET" in (r.methods or ())]
    unopened = [
        route.path
        for route in routes
        if route.path not in SEEN_ELSEWHERE
        and not any(
            route.matches({"type": "http", "path": path, "method": "GET"})[0] is Match.FULL
            for path in paths
        )
    ]
    assert unopened == []
    assert len(routes) > 10


@pytest.mark.parametrize("path", OPENED)
def test_a_page_is_for_everybody(desk: Desk, path: str) -> None:
    desk.open(path)
    assert {tried: wrong for tried, wrong in looked_at(desk).items() if wrong} == {}


@pytest.mark.parametrize(("path", "status"), WRONG)
def test_what_cannot_be_answered_is_for_everybody(desk: Desk, path: str, status: int) -> None:
    desk.open(path, status)
    assert {tried: wrong for tried, wrong in looked_at(desk).items() if wrong} == {}


def test_recording_is_for_everybody_and_needs_no_mouse(opened: Browser, address: str) -> None:
    """A form with mistakes, what it would change, and a refusal with its provision."""
    desk = Desk(opened, address)
    page = desk.open("/record/list-mission")

    def whole() -> None:
        assert {tried: wrong for tried, wrong in looked_at(desk).items() if wrong} == {}
        page.set_viewport_size(WIDE)

    page.get_by_role("button", name="Check what it would change").press("Enter")
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(4)
    whole()
    said = {"meeting.id": "2002-05-01-office", "meeting.on": "2002-05-01"}
    for name, words in {**said, "year": "2002", "mission": "nowhere"}.items():
        page.locator(f'form [name="{name}"]').fill(words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Rule M10 refused it")).to_be_visible()
    expect(page.locator('[name="mission"]')).to_have_attribute("aria-invalid", "true")
    whole()
    page.goto("/record")
    page.get_by_label("Or its text").fill((EXAMPLES.parent / "2003-05-21-council.yaml").read_text())
    page.get_by_role("button", name="Check what it would change").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check before it is stored")
    expect(page.locator("ins").first).to_contain_text("Put in:")
    whole()
    page.goto("/record")
    page.get_by_label("Or its text").fill((EXAMPLES.parent / "2002-02-13-refused.yaml").read_text())
    page.get_by_role("button", name="Check what it would change").press("Enter")
    expect(page.get_by_role("heading", name="Rule C2 refused it")).to_be_visible()
    whole()
    desk.said = [said for said in desk.said if "Content" in said]
    desk.close()


def test_the_checks_find_what_is_wrong(opened: Browser, address: str) -> None:
    desk = Desk(opened, address)
    page = desk.open("/partnerships")
    page.evaluate("""() => {
        document.querySelector('h1').innerHTML += '<a href="#" tabindex="-1">unreachable</a>';
        const main = document.querySelector('main');
        main.innerHTML += '<img src="/none"><div class="wider">wide</div>';
        const sheet = document.styleSheets[0];
        sheet.insertRule('.wider { width: 2000px }', 0);
        sheet.insertRule('.brand:focus-visible { outline: none }', sheet.cssRules.length);
    }""")
    assert any("image-alt" in found for found in desk.violations("light"))
    unreached = desk.unreached()
    assert "not reached: unreachable" in unreached
    assert any(found.startswith("no ring: Alliance Register") for found in unreached)
    assert "DIV.wider wide" in desk.spilling(NARROW)
    desk.context.close()


def test_a_reader_without_script_finds_kiev_by_its_other_name(
    opened: Browser, address: str
) -> None:
    desk = Desk(opened, address, script=False)
    page = desk.open("/partnerships?as_of=2001-12-06&known_at=200")
    page.get_by_role("searchbox", name="Search the register").fill("Kyiv")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Kiev", exact=True).click()
    assert page.get_by_role("heading", level=1).inner_text() == "Kiev"
    assert "as_of=2001-12-06&known_at=200" in page.url
    desk.close()
