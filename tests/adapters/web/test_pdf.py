"""Pages as PDF/A: what each sheet says, the same bytes again, and what cannot be given."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from adapters.bootstrap import open_register
from adapters.exports.pdf import NotSet, Sheet, as_pdf, typst_of
from adapters.web.app import create_app
from tests.support.served import Source
from tests.support.toronto import recorded_2001, settings

FIXED = "as_of=2001-12-06&known_at=188"
BASE = "http://127.0.0.1:8414"
PATHS = (
    "/partnerships",
    "/partnerships/UA-KIEV",
    "/policy",
    "/policy/outbound/2",
    "/matters/2001-12-4",
    "/decisions",
    "/why/partnership/kiev/classification",
    "/log",
    "/log/100",
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("street")
    recorded_2001(folder)
    with open_register(settings(folder)) as register:
        app = create_app(Source(), {}, threading.Event(), register)
        yield TestClient(app, base_url=BASE)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_pdf_a_and_the_same_again(client: TestClient, path: str) -> None:
    first = client.get(f"{path}.pdf?{FIXED}")
    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf")
    assert first.content.startswith(b"%PDF-")
    assert b"<pdfaid:part>2</pdfaid:part>" in first.content
    assert client.get(f"{path}.pdf?{FIXED}").content == first.content
    assert first.headers["content-location"].startswith(f"{path}.pdf?as_of=2001-12-06")
    again = client.get(f"{path}.pdf?{FIXED}", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_each_sheet_says_address_both_times_and_position(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Sheet] = []

    def kept(sheet: Sheet) -> bytes:
        seen.append(sheet)
        return b"%PDF-"

    monkeypatch.setattr("adapters.web.pages.paper.as_pdf", kept)
    assert client.get(f"/partnerships.pdf?country=china&{FIXED}").status_code == 200
    address, times, *_ = seen[0].footer
    assert address == f"{BASE}/partnerships?country=china&{FIXED}"
    assert times.startswith("As of 2001-12-06 · known at position 188, ")
    source = typst_of(seen[0])
    assert f'#"{address}";' in source
    assert '[#"Chongqing";]' in source
    assert "Warsaw" not in source
    assert "Choose a column heading" not in source


def test_the_pdf_of_what_is_no_page_is_refused_as_the_page_is(client: TestClient) -> None:
    assert client.get("/partnerships/kief.pdf").status_code == 404
    assert client.get("/partnerships.pdf?as_of=6.12.2001").status_code == 400
    assert client.get("/nothing.pdf").status_code == 404
    assert client.get("/static/pages.css.pdf").status_code == 404


def test_without_typst_it_is_said_how_to_print(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.web.pages.paper.is_installed", lambda: False)
    answer = client.get("/partnerships.pdf")
    assert answer.status_code == 406
    assert "the optional extra `pdf` is not installed" in answer.json()["detail"]


def test_what_a_page_says_is_text_and_never_typst() -> None:
    hostile = '<main><p>#read("/etc/passwd") \\ " $x$ #import "@preview/x"</p></main>'
    sheet = Sheet(hostile, '"] #panic()', "toronto", ('"; #panic()',), (2001, 12, 6))
    assert '#par[#"#read(\\"/etc/passwd\\") \\\\ \\" $x$ #import \\"@preview/x\\"";];' in typst_of(
        sheet
    )
    assert as_pdf(sheet).startswith(b"%PDF-")


def test_a_character_that_no_font_has_is_told() -> None:
    sheet = Sheet("<main><p>\U000f0000</p></main>", "x", "x", (), (2001, 12, 6))
    with pytest.raises(NotSet, match="could not be displayed"):
        as_pdf(sheet)
