"""The pages on a corrected fact: what was corrected, why, and who answers for it."""

from __future__ import annotations

import re
import threading
from pathlib import Path

from starlette.testclient import TestClient

from adapters.bootstrap import open_register
from adapters.web.app import create_app
from tests.adapters.web.test_pages import BROWSER, settings_of
from tests.support.served import Source
from tests.support.street import RECORDS, Street


def test_a_correction_says_who_answers_for_it(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    street.done("record", RECORDS)
    entry = ("partnership/IL-HAIFA", 1, "--by", "City Clerk", "--reason", "Misread")
    street.done("correct", *entry, "--set", "established=1996")
    new = street.run("log", "-f", "json", "--stream", "partnership/IL-HAIFA").lines[-1]["position"]

    with open_register(settings_of(street)) as register:
        client = TestClient(
            create_app(Source(), {}, threading.Event(), register), base_url="http://127.0.0.1:8414"
        )
        why = client.get("/why/partnership/haifa/established", headers=BROWSER)
        at = client.get(f"/log/{new}", headers=BROWSER)

    told = " ".join(re.sub(r"<[^>]+>", " ", why.text).split())
    assert "Corrects version 1: Misread (City Clerk answers for it)" in told
    assert "5 steps" in told
    told = " ".join(re.sub(r"<[^>]+>", " ", at.text).split())
    assert "because Misread (City Clerk answers for it)" in told
