"""A browser for the tests of pages, one for each module that asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests import services
from tests.support.browser import browser


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    try:
        with browser() as started:
            yield started
    except services.Unavailable as missing:
        pytest.skip(str(missing))
