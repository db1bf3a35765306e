"""Journeys of clerks and auditors: with the keyboard alone, with and without script.

The second person who approves a draft, and an eleventh visit, have no journey here yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.adapters.web.test_in_browser import EXAMPLES, serving_2001
from tests.support.browser import Desk

pytestmark = pytest.mark.slow
DAY, HEAD = "2001-12-06", 188
AMENDED = """
meeting: { id: 2002-06-18-council, body: council, on: 2002-06-18, matter: 2002-9-1 }
items:
  - open-matter: { title: The clause on delegations }
  - submit-report:
      document: report-2002-06-01
      by: { office: City Clerk }
      title: Who is on a delegation
      recommendations:
        - id: report/1
          text: Say who is told.
          instruments:
            - instrument: replace-provision
              address: outbound/2
              text: City Council approves who is on the official delegation, and the public is told.
              terms: unchanged
  - decide: { decision: council-amends, kind: adopt, adopts: [report/1], summary: It is so. }
"""
CORRECTED = """
meeting: { id: 2002-07-01-office, on: 2002-07-01 }
items:
  - correct-record:
      stream: partnership/PT-LISBON
      version: 1
      reason: The agreement was misread.
      authority: City Clerk
      changed: { description: Treaty of Friendship }
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_2001(tmp_path_factory.mktemp("street")) as served:
        yield served


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def page(request: pytest.FixtureRequest, opened: Browser, address: str) -> Iterator[Page]:
    desk = Desk(opened, address, script=request.param)
    yield desk.page
    desk.said = [said for said in desk.said if "Content" in said]
    desk.close()


def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(400):
        if wanted.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {wanted}")


def follow(page: Page, wanted: Locator) -> None:
    """Reach a link or a button, and press Enter."""
    reach(page, wanted)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def write(page: Page, field: Locator, text: str) -> None:
    """Reach a field and write into it instead of what it says."""
    reach(page, field)
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name, exact=True).first


def store(page: Page) -> None:
    follow(page, page.get_by_role("button", name="Store it"))
    page.wait_for_url("**/log/*")


def check(page: Page, text: str) -> None:
    """Enter the text of minutes, and look at what it would change."""
    page.goto("/record")
    write(page, page.get_by_label("Or its text"), text)
    follow(page, page.get_by_role("button", name="Check what it would change"))


def test_find_kiev_under_its_other_name_and_why_it_is_historical(page: Page) -> None:
    page.goto(f"/?as_of={DAY}")
    write(page, page.get_by_role("searchbox", name="Search the register"), "kyiv")
    page.keyboard.press("Enter")
    follow(page, link(page, "Kiev"))
    expect(heading(page)).to_have_text("Kiev")
    follow(page, page.get_by_role("link", name="Why this class"))
    expect(heading(page)).to_have_text("Why is it so?")
    expect(page.get_by_text("Kiev is Historical")).to_be_visible()
    expect(page.locator("li.said").first).to_contain_text("nly spoke of it")
    assert f"as_of={DAY}" in page.url


def test_the_clause_on_delegations_as_proposed_and_as_adopted(page: Page) -> None:
    page.goto(f"/policy?as_of={DAY}&known_at={HEAD}")
    follow(page, link(page, "outbound/2"))
    expect(page.locator("blockquote.law").first).to_contain_text("City Council approves who is")
    expect(page.locator("del").first).to_contain_text("The Mayor selects the Council")
    expect(page.locator("ins").first).to_contain_text("City Council approves who")
    expect(page.locator(".law.never").first).to_be_visible()


def test_the_register_before_the_decision(page: Page) -> None:
    page.goto("/partnerships")
    follow(page, page.get_by_text("Change dates"))
    write(page, page.get_by_label(re.compile("^As of")), "2001-11-30")
    page.keyboard.press("Enter")
    page.wait_for_url("**as_of=2001-11-30*")
    expect(page.get_by_text("30 November 2001").first).to_be_visible()
    assert page.get_by_text("International", exact=True).count() == 0


def test_a_refusal_with_its_rule_and_the_text_of_the_provision(page: Page) -> None:
    check(page, (EXAMPLES.parent / "2002-02-13-refused.yaml").read_text())
    expect(page.get_by_role("alert")).to_be_visible()
    expect(
        page.get_by_role("heading", name=re.compile(r"^Rule [A-Z]\d+ refused it"))
    ).to_be_visible()
    expect(page.get_by_text("Nothing was stored.")).to_be_visible()
    follow(page, page.get_by_role("alert").get_by_role("link"))
    assert page.url.endswith("#text")


def test_a_wrong_file_is_told_by_its_line(page: Page, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("meeting: { id: m, on: 2002-02-30 }\nitems: [")
    page.goto("/record")
    page.get_by_label(re.compile("^File")).set_input_files(wrong)
    follow(page, page.get_by_role("button", name="Check what it would change"))
    expect(page.get_by_role("alert")).to_contain_text("Line 2")


def test_export_and_print(page: Page) -> None:
    page.goto(f"/partnerships?as_of={DAY}&known_at={HEAD}&country=china")
    with page.expect_download() as loaded:
        reach(page, page.get_by_role("link", name="Sheet"))
        page.keyboard.press("Enter")
    assert loaded.value.suggested_filename == "partnerships.xlsx"
    assert Path(loaded.value.path()).read_bytes()[:2] == b"PK"
    page.emulate_media(media="print")
    runner = page.locator(".runner")
    expect(runner).to_contain_text(f"/partnerships · as of {DAY} · known at position ")
    expect(runner).to_be_visible()
    expect(page.get_by_role("navigation", name="Parts of the register")).to_be_hidden()


def test_amend_a_provision_and_correct_a_mistake(opened: Browser, tmp_path: Path) -> None:
    """See what would change, store it, read the redline; then both answers of a corrected fact."""
    with serving_2001(tmp_path) as address:
        desk = Desk(opened, address, script=False)
        page = desk.page
        cited = f"/policy/outbound/2?as_of=2002-12-01&known_at={HEAD}"
        answers = [desk.context.request.get(p + cited).body() for p in ("", "/api/v1")]
        check(page, AMENDED)
        expect(heading(page)).to_have_text("Check before it is stored")
        expect(page.locator("ins").first).to_contain_text("the public is told")
        store(page)
        page.goto("/redline?before=2002-06-01&after=2002-06-18")
        expect(page.get_by_role("heading", name="outbound/2")).to_be_visible()
        expect(page.locator("ins").first).to_contain_text("the public is told")
        check(page, CORRECTED)
        store(page)
        page.goto("/clocks/partnership/lisbon/description?as_of=2002-12-01")
        table = page.get_by_role("table").last
        expect(table).to_contain_text("Friendship Agreement")
        expect(table).to_contain_text("Treaty of Friendship")
        follow(page, table.get_by_role("link").last)
        again = [desk.context.request.get(p + cited).body() for p in ("", "/api/v1")]
        assert again == answers
        desk.said = [said for said in desk.said if "Content" in said]
        desk.close()
