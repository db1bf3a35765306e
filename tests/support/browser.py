"""Pages in Debian's chromium, driven by Playwright: what axe finds, what the keyboard reaches.

The pages keep their own policy (`default-src 'none'`): a message about it in the console is a
failure, as is any other message there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    sync_playwright,
)

from tests.services import Unavailable

AXE = Path(__file__).parent / "axe" / "axe.min.js"
"""axe-core 4.14.1 from npm, under the Mozilla Public License (beside it)."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_A_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
WIDE, NARROW = ViewportSize(width=1280, height=800), ViewportSize(width=320, height=640)
MOST_TABS = 400

SPILL = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .filter(e => !e.closest('pre, svg, .vh, .skip'))
  .filter((e, i, all) => !all.some(o => o !== e && e.contains(o)))
  .map(e => `${e.tagName}.${e.className} ${e.textContent.slice(0, 30)}`).slice(0, 5)"""
"""The innermost elements that reach out of the window."""

STOPS = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(e => e.type !== 'hidden' && !e.disabled && e.getClientRects().length)
  .filter(e => e.checkVisibility({visibilityProperty: true}))
  .map((e, i) => { e.dataset.stop = i; return e.textContent.trim().slice(0, 40) || e.name; })"""
"""Everything that Tab must reach: each is numbered, and named for a message."""

HERE = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getClientRects()[0];
  const x = Math.min(box.left + box.width / 2, innerWidth - 1);
  const y = box.top + Math.min(box.height / 2, 20);  // of a long text its first line
  const at = document.elementFromPoint(x, y);
  return {stop: e.dataset.stop ?? null,
          seen: !!at && (e.contains(at) || at.contains(e)),
          ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 3}; }"""
"""The element with the focus: its number, whether it is in sight, whether a ring shows it."""


def chromium() -> str:
    """The browser's path. Raises `Unavailable` where none is installed."""
    named = os.environ.get("ALLIANCE_TEST_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and ON_A_MAC.exists():
        found = str(ON_A_MAC)
    if found is None:
        raise Unavailable("chromium is not installed: the pages were not looked at in a browser")
    return found


@contextmanager
def browser() -> Generator[Browser]:
    """A browser without a window. Raises `Unavailable`."""
    path = chromium()
    with sync_playwright() as playwright:
        # as root, which CI often is, chromium has no sandbox
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield opened
        finally:
            opened.close()


class Desk:
    """One tab on the register at `address`, that of a reader with or without script."""

    def __init__(self, opened: Browser, address: str, *, script: bool = True) -> None:
        self.context: BrowserContext = opened.new_context(
            base_url=address, viewport=WIDE, java_script_enabled=script, reduced_motion="reduce"
        )
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", self._hear)
        self._axe = AXE.read_text()

    def _hear(self, message: ConsoleMessage) -> None:
        if "Failed to load resource" not in message.text:  # an answer of 404 is a page as well
            self.said.append(message.text)

    def open(self, path: str, status: int = 200) -> Page:
        """Go to a page, which must answer with `status`."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}\n{answer.text()[:2000]}"
        return self.page

    def violations(self, theme: Literal["light", "dark"], rules: Sequence[str] = ()) -> list[str]:
        """What axe finds by WCAG 2.2 AA and its own best practices, each with its first place."""
        self.page.emulate_media(color_scheme=theme)
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(self._axe)
        only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
        options = {
            "rules": {"target-size": {"enabled": True}},
            "resultTypes": ["violations"],
            **only,
        }
        found: Mapping[str, Any] = self.page.evaluate("options => axe.run(options)", options)
        return [
            f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:160]}"
            for each in found["violations"]
        ]

    def spilling(self, size: ViewportSize) -> list[str]:
        """Elements that make a reader scroll sideways in a window of this size."""
        self.page.set_viewport_size(size)
        wider = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found: list[str] = self.page.evaluate(SPILL)
        return found if wider > 0 else []

    def unreached(self) -> list[str]:
        """What Tab does not reach, or not in sight, or without a ring, from the top of the page."""
        names: list[str] = self.page.evaluate(STOPS)
        wrong, reached = list[str](), set[int]()
        for _ in range(min(len(names) + 4, MOST_TABS)):
            self.page.keyboard.press("Tab")
            here = self.page.evaluate(HERE)
            if here["stop"] is None:
                continue  # the page itself, or a region that scrolls
            stop = int(here["stop"])
            reached.add(stop)
            wrong += [f"hidden: {names[stop]}"] * (not here["seen"])
            wrong += [f"no ring: {names[stop]}"] * (not here["ring"])
        missed = set(range(len(names[:MOST_TABS]))) - reached
        return wrong + [f"not reached: {names[stop]}" for stop in sorted(missed)]

    def close(self) -> None:
        """Close the tab. What the console said is a failure."""
        self.context.close()
        assert self.said == []
