"""Documents over HTTP: attached by page and program, given out safely, and only where cited."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from starlette.testclient import TestClient

from adapters.bootstrap import open_register
from adapters.files import MOST_BYTES
from adapters.web.app import create_app
from adapters.web.attached import MOST
from tests.support.alliance import alliance
from tests.support.minutes import Clerk
from tests.support.served import Source
from tests.support.toronto import settings

BASE = "http://127.0.0.1:8414"
PAGE = b"<script>alert(1)</script>"
DIGEST = hashlib.sha256(PAGE).hexdigest()
SECRET = b"Quetzaltenango in camera"
HIDDEN = hashlib.sha256(SECRET).hexdigest()
PAPERS = f"""
    meeting: {{ id: 2003-03-04-council, body: council, on: 2003-03-04, matter: MM1.8 }}
    items:
      - open-matter: {{ title: Festival }}
      - submit-report:
          document: festival-report
          by: {{ office: City Manager }}
          title: The festival
          source: {{ name: "Bericht — «Fest».html", sha256: {DIGEST} }}
      - decide:
          decision: notes
          kind: receive
          summary: The report is received.
          cites: [{{ document: festival-report, place: page 3 }}]
    """
IN_CAMERA = f"""
    meeting: {{ id: 2003-03-05-council, body: council, on: 2003-03-05, matter: MM1.7 }}
    items:
      - open-matter: {{ title: Talks, in_camera: Relations with another city }}
      - submit-report:
          document: secret-report
          by: {{ office: City Manager }}
          title: Secret
          source: {{ name: secret.pdf, sha256: {HIDDEN} }}
    """


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clerk = Clerk(tmp_path_factory.mktemp("recorded"))
    clerk.records("papers", PAPERS)
    clerk.records("in-camera", IN_CAMERA)
    return clerk.folder


@pytest.fixture
def folder(recorded: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "street"
    shutil.copytree(recorded, copy)
    return copy


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with open_register(settings(folder)) as register:
        yield TestClient(create_app(Source(), {}, Event(), register), base_url=BASE)


def attached(client: TestClient, content: bytes = PAGE, name: str = "Bericht.html") -> None:
    answer = client.post(
        "/api/v1/documents",
        params={"name": name},
        content=content,
        headers={"Content-Type": "text/html; charset=utf-8"},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json() == {
        "sha256": hashlib.sha256(content).hexdigest(),
        "name": name,
        "media_type": "text/html",
        "size": len(content),
    }


def test_a_document_is_given_out_as_it_was_attached_and_no_browser_runs_it(
    client: TestClient,
) -> None:
    attached(client)
    for path in (f"/documents/{DIGEST}", f"/api/v1/documents/{DIGEST}"):
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (200, PAGE)
        told = answer.headers
        assert told["content-disposition"] == (
            f'attachment; filename="{DIGEST[:12]}"; '
            "filename*=UTF-8''Bericht%20%E2%80%94%20%C2%ABFest%C2%BB.html"
        )
        assert told["x-content-type-options"] == "nosniff"
        assert told["content-security-policy"].startswith("default-src 'none'; sandbox")
        assert told["etag"] == f'"{DIGEST}"'
        assert client.get(path, headers={"If-None-Match": told["etag"]}).status_code == 304


def test_it_is_shown_where_it_is_cited(client: TestClient) -> None:
    attached(client)
    link = f'href="/documents/{DIGEST}" download>'
    matter = client.get("/matters/MM1.8").text
    assert f"{link}Bericht — «Fest».html</a>" in matter
    assert f"{link}festival-report</a>, page 3" in matter  # where the decision cites it
    entries = client.get("/api/v1/log?kind=report-submitted.v1&after=150").json()
    position = next(e["position"] for e in entries if e["stream"].endswith("MM1.8"))
    assert f"{link}Bericht — «Fest».html</a>" in client.get(f"/log/{position}").text
    rows = client.get("/api/v1/documents").json()
    assert rows == [
        {
            "matter": "MM1.8",
            "document": "festival-report",
            "title": "The festival",
            "name": "Bericht — «Fest».html",
            "sha256": DIGEST,
            "attached": True,
            "media_type": "text/html",
            "size": len(PAGE),
        }
    ]


def test_an_answer_at_a_fixed_position_is_the_same_after_attaching(client: TestClient) -> None:
    address = "/matters/MM1.8?as_of=2003-03-04&known_at=" + str(
        client.get("/api/v1/log?after=150").json()[-1]["position"]
    )
    before = client.get(address)
    attached(client)
    assert client.get(address).content == before.content


def test_what_is_named_and_not_attached_is_said_to_be_that(client: TestClient) -> None:
    answer = client.get(f"/api/v1/documents/{DIGEST}")
    assert answer.status_code == 404
    assert "named by MM1.8/festival-report with this digest" in answer.json()["detail"]


def test_what_no_paper_names_is_not_given_out(client: TestClient) -> None:
    attached(client, b"drafts", "draft.txt")
    answer = client.get(f"/api/v1/documents/{hashlib.sha256(b'drafts').hexdigest()}")
    assert answer.status_code == 404
    assert "draft.txt" not in client.get("/documents").text


def test_what_is_in_camera_is_for_those_who_may_see_it(folder: Path, client: TestClient) -> None:
    attached(client, SECRET, "secret.pdf")
    for path in (f"/documents/{HIDDEN}", f"/api/v1/documents/{HIDDEN}"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "secret.pdf" not in answer.text
    unknown = client.get(f"/api/v1/documents/{'0' * 64}").json()
    hidden = client.get(f"/api/v1/documents/{HIDDEN}").json()
    assert str(hidden).replace(HIDDEN, "x") == str(unknown).replace("0" * 64, "x")
    for path in ("/documents", "/api/v1/documents", "/matters/MM1.8"):
        assert HIDDEN not in client.get(path).text
    with open_register(settings(folder).model_copy(update={"in_camera": True})) as register:
        may = TestClient(create_app(Source(), {}, Event(), register), base_url=BASE)
        assert may.get(f"/documents/{HIDDEN}").content == SECRET


def test_a_clerk_attaches_by_a_form(client: TestClient) -> None:
    shown = client.get("/documents").text
    token = re.search(r'name="token" value="([^"]+)"', shown)
    assert token
    sent = {"token": token[1]}
    answer = client.post(
        "/documents", data=sent, files={"file": ("Bericht.html", PAGE, "text/html")}
    )
    assert answer.status_code == 200
    assert f'source: {{ name: "Bericht.html", sha256: {DIGEST} }}' in answer.text
    assert client.get(f"/documents/{DIGEST}").content == PAGE
    missing = client.post("/documents", data=sent, files={"other": ("", b"")})
    assert (missing.status_code, "Choose a file to attach" in missing.text) == (422, True)
    path = client.post("/documents", data=sent, files={"file": ("../x.html", PAGE, "text/html")})
    assert path.status_code == 422
    assert "it is a path: give the file&#39;s name alone" in path.text
    foreign = client.post("/documents", data={"token": "x"}, files={"file": ("a", PAGE)})
    assert foreign.status_code == 403


def test_what_is_too_large_or_has_no_name_for_a_file_is_refused(client: TestClient) -> None:
    def tried(content: bytes, **params: str) -> tuple[int, str]:
        answer = client.post("/api/v1/documents", params=params, content=content)
        return answer.status_code, answer.json()["detail"]

    assert tried(b"x" * (MOST + 1), name="a.txt")[0] == 413
    assert tried(b"x" * (MOST_BYTES + 1), name="a.txt")[0] == 422
    assert tried(b"x", name="../a.txt")[0] == 422
    assert tried(b"", name="a.txt")[0] == 422
    assert tried(b"x")[0] == 422
    assert client.get("/api/v1/documents/../../etc/passwd").status_code == 404
    assert client.get("/api/v1/documents/xyz").status_code == 422


def test_the_command_line_attaches_lists_and_writes_it(folder: Path) -> None:
    file = folder / "Bericht.html"
    file.write_bytes(PAGE)
    said = alliance(folder, "attach", file).out
    assert f'source: {{ name: "Bericht.html", sha256: {DIGEST} }}' in said
    rows = alliance(folder, "list", "documents", "--format", "json").rows
    assert [(row["sha256"], row["attached"]) for row in rows] == [(DIGEST, True)]
    written = folder / "out.html"
    alliance(folder, "show", "document", DIGEST, "--output", written)
    assert written.read_bytes() == PAGE
    hidden = alliance(folder, "show", "document", HIDDEN)
    assert hidden.code == 5
    alliance(folder, "backup", folder / "backup")
    (folder / "log.sqlite").unlink()
    for ending in ("-wal", "-shm"):
        (folder / f"log.sqlite{ending}").unlink(missing_ok=True)
    assert alliance(folder, "restore", folder / "backup").code == 0
    again = folder / "again.html"
    assert alliance(folder, "show", "document", DIGEST, "--output", again).code == 0
    assert again.read_bytes() == PAGE
