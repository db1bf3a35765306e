"""Exports and pages of a sealed register cite its evidence, and an auditor verifies each."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from adapters.bootstrap import open_register
from adapters.settings import Settings
from adapters.web.app import create_app
from tests.support.alliance import Ran, run
from tests.support.served import Source
from tests.support.street import RECORDS, Street

ORIGIN = "register.example/toronto"
BASE = "http://127.0.0.1:8414"


class Sealed:
    """A register that was sealed after its founding and again later, and what an auditor took."""

    def __init__(self, folder: Path) -> None:
        made = Street.on_sqlite(folder / "live")
        self.street = Street({**made.environment, "ALLIANCE_ORIGIN": ORIGIN})
        self.street.done("setup")
        self.street.done("record", RECORDS / "founding.yaml")
        self.founding = self.street.head()
        self.street.done("seal", "--once")
        self.early = folder / "early.csv"
        self.street.done("export", "partnerships", "--output", self.early)
        self.street.done("record", RECORDS)
        self.unsealed = folder / "unsealed.csv"
        self.street.done("export", "partnerships", "--output", self.unsealed)
        self.head = self.street.head()
        self.street.done("seal", "--once")
        self.bundle, self.tiles = folder / "whole.zip", folder / "tiles"
        self.street.done("evidence", "bundle", self.bundle)
        self.street.done("evidence", "export-tiles", self.tiles)
        self.checkpoint = folder / "checkpoint"
        self.checkpoint.write_text(self.street.done("evidence", "head"))
        self.policy = folder / "policy.txt"
        self.policy.write_text(self.street.done("evidence", "key"))

    def verify(self, page: Path, source: Path | None = None) -> Ran:
        """Verify a page elsewhere, by what the auditor has."""
        options = ("--policy", self.policy, "--page", page, "--format", "json")
        return run("evidence", "verify", source or self.bundle, *options, settings={})


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    return Sealed(tmp_path_factory.mktemp("sealed"))


@pytest.fixture(scope="module")
def client(sealed: Sealed) -> Iterator[TestClient]:
    given = {n.removeprefix("ALLIANCE_").lower(): v for n, v in sealed.street.environment.items()}
    with open_register(Settings.model_validate(given)) as register:
        yield TestClient(create_app(Source(), {}, threading.Event(), register), base_url=BASE)


EXPORTS = (
    ("export", "partnerships"),
    ("export", "partnerships", "--format", "jsonl"),
    ("export", "partnerships", "--format", "xlsx"),
    ("export", "policy"),
    ("export", "studies", "--as-of", "1990-01-01"),
    ("deadlines", "--format", "ics"),
    ("why", "partnership/kiev/classification", "--format", "prov"),
)


@pytest.mark.parametrize("question", EXPORTS, ids=" ".join)
def test_each_export_is_on_the_line_of_the_bundle(
    sealed: Sealed, question: tuple[str, ...], tmp_path: Path
) -> None:
    page = tmp_path / "page"
    page.write_bytes(sealed.street.run(*question).raw)
    ran = sealed.verify(page)
    assert ran.code == 0, ran.err
    (row,) = json.loads(ran.out)
    assert (row["position"], row["n"], row["unsealed"]) == (sealed.head, sealed.head, 0)


WEB = (
    "/partnerships",
    "/policy/outbound/2",
    "/log",
    "/api/v1/partnerships.csv",
    "/api/v1/partnerships.xlsx",
    "/api/v1/deadlines.ics",
    "/api/v1/policy.xml",
    "/api/v1/decisions.atom",
)


@pytest.mark.parametrize("path", WEB)
def test_each_page_and_document_is_on_the_line_of_the_tiles(
    sealed: Sealed, client: TestClient, path: str, tmp_path: Path
) -> None:
    page = tmp_path / "page"
    at = sealed.head if path == "/api/v1/policy.xml" else sealed.founding
    known = {"known_at": str(at)}
    page.write_bytes(client.get(path, params=known, headers={"accept": "text/html"}).content)
    ran = sealed.verify(page, sealed.tiles)
    assert ran.code == 0, ran.err
    (row,) = json.loads(ran.out)
    assert (row["position"], row["n"], row["unsealed"]) == (at, at, 0)


def test_an_answer_in_json_cites_it_in_a_header(sealed: Sealed, client: TestClient) -> None:
    found = client.get("/api/v1/partnerships").headers["evidence"]
    assert found.startswith(f"{ORIGIN} position {sealed.head} n {sealed.head} root ")


def test_an_export_of_before_is_on_the_line_and_what_was_unsealed_then_is_counted(
    sealed: Sealed,
) -> None:
    (early,) = json.loads(sealed.verify(sealed.early).out)
    assert (early["n"], early["unsealed"]) == (sealed.founding, 0)
    (later,) = json.loads(sealed.verify(sealed.unsealed).out)
    assert (later["position"], later["n"]) == (sealed.head, sealed.founding)
    assert later["unsealed"] == sealed.head - sealed.founding


def test_a_page_of_another_history_contradicts(sealed: Sealed, tmp_path: Path) -> None:
    page, text = tmp_path / "forged.csv", sealed.early.read_text()
    root = text.split(" root ")[1][:64]
    page.write_text(text.replace(root, root[::-1]))
    ran = sealed.verify(page)
    problem = json.loads(ran.err)
    assert (ran.code, problem["problem"]) == (4, "NotProven")
    assert problem["details"]["why"] == (
        f"it cites a tree of {sealed.founding} entries that the head of {sealed.head} "
        "does not continue"
    )


def test_a_signed_head_alone_proves_pages_of_its_own_size(sealed: Sealed, tmp_path: Path) -> None:
    page = tmp_path / "page.csv"
    sealed.street.done("export", "partnerships", "--output", page)
    (row,) = json.loads(sealed.verify(page, sealed.checkpoint).out)
    assert (row["n"], row["unsealed"]) == (sealed.head, None)
    ran = sealed.verify(sealed.early, sealed.checkpoint)
    assert (ran.code, json.loads(ran.err)["problem"]) == (5, "BadPage")


def test_a_file_that_cites_nothing_cannot_be_read(sealed: Sealed, tmp_path: Path) -> None:
    page = tmp_path / "plain.txt"
    page.write_text("Kiev")
    ran = sealed.verify(page)
    why = f"{page}: it has no line Evidence: … with position, n and root"
    problem = json.loads(ran.err)
    assert (ran.code, problem["problem"], problem["details"]["why"]) == (5, "BadPage", why)


def test_a_fixed_answer_is_kept_for_good_once_it_is_sealed(
    sealed: Sealed, client: TestClient
) -> None:
    fixed = {"as_of": "2001-12-06", "known_at": str(sealed.founding)}
    answer = client.get("/api/v1/partnerships", params=fixed)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_register_that_is_not_sealed_cites_nothing(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    street.done("record", RECORDS / "founding.yaml")
    assert "Evidence:" not in street.done("export", "partnerships")
    named = Street({**street.environment, "ALLIANCE_ORIGIN": ORIGIN})
    assert "Evidence:" not in named.done("export", "partnerships")
