"""Drafts wait for another person, never their author; what is refused is told to auditors."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from adapters.people.drafts import Drafts
from adapters.people.tables import create, open_people
from adapters.settings import InvalidSettings, load
from tests.support.provider import Provider, providing
from tests.support.signing import Signing, signed_in, token_in
from tests.support.street import RECORDS, Street

MINUTES = """meeting: {id: 2002-03-01-letters, on: 2002-03-01}
items:
  - receive-request:
      request: riga
      place: UA-KIEV
      group: {name: Friends of Kiev, office: Chair}
      asks: To be an International partner.
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing() as started:
        yield started


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    street = Street.on_sqlite(folder)
    street.done("setup")
    street.done("record", RECORDS)
    return folder


@pytest.fixture
def app(recorded: Path, tmp_path: Path, provider: Provider) -> Iterator[FastAPI]:
    folder = tmp_path / "street"
    shutil.copytree(recorded, folder)
    with Signing(Street.on_sqlite(folder), folder, provider).server() as made:
        yield made


def head(client: TestClient) -> int:
    return int(client.get("/api/v1/log?after=150").json()[-1]["position"])


def drafted(client: TestClient) -> str:
    """The address of a draft that a clerk entered on the pages."""
    page = client.get("/record").text
    shown = client.post("/record", data={"token": token_in(page), "text": MINUTES}).text
    assert "Put it before a second person" in shown
    told = {"token": token_in(shown), "draft": MINUTES, "seen": str(head(client))}
    kept = client.post("/record/store", data=told)
    assert kept.status_code == 303, kept.text
    return kept.headers["location"]


def decided(client: TestClient, draft: str, how: str) -> tuple[int, str]:
    """The answer to who approves or withdraws a draft, at the position that they see."""
    token = token_in(client.get("/record").text)
    told = {"token": token, "seen": str(head(client))}
    answer = client.post(f"{draft}/{how}", data=told)
    return answer.status_code, answer.headers.get("location", answer.text)


def test_a_draft_waits_for_another_person_never_its_author(app: FastAPI) -> None:
    clara, carl = signed_in(app, "clara"), signed_in(app, "carl")
    before = head(clara)
    draft = drafted(clara)
    assert drafted(clara) == draft
    assert head(clara) == before
    own = clara.get(draft).text
    assert "another person approves your draft" in own
    assert "Approve and record it" not in own
    status, says = decided(clara, draft, "approve")
    assert status == 403
    assert "rule of four eyes: a draft is approved by another person, never by its author" in says
    assert head(clara) == before
    (refusal,) = carl.get("/api/v1/refusals").json()
    assert (refusal["rule"], refusal["what"]) == ("four-eyes", f"{draft}/approve")
    assert re.fullmatch(r"person-[0-9a-f]{16}", refusal["who"])
    assert "Clara" in carl.get("/refusals").text
    shown = carl.get(draft).text
    assert "What would change" in shown
    assert "Approve and record it" in shown
    assert "By Clara" in shown
    status, there = decided(carl, draft, "approve")
    assert status == 303
    assert "by Carl" in carl.get(there).text
    assert clara.get("/api/v1/requests").json()[0]["request"] == "riga"
    after = head(clara)
    assert decided(carl, draft, "approve")[0] == 409
    assert decided(carl, draft, "withdraw")[0] == 409
    assert head(clara) == after
    assert "This draft was recorded" in clara.get(draft).text


def test_a_draft_that_is_withdrawn_is_not_recorded(app: FastAPI) -> None:
    clara, carl = signed_in(app, "clara"), signed_in(app, "carl")
    draft, before = drafted(clara), head(clara)
    assert decided(clara, draft, "withdraw") == (303, draft)
    status, says = decided(carl, draft, "approve")
    assert (status, "does not wait any more" in says) == (409, True)
    assert head(clara) == before
    assert "withdrawn" in carl.get("/drafts").text


def test_a_draft_that_waits_is_shown_however_many_were_decided_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.people.drafts.MOST", 2)
    engine = open_people(f"sqlite:///{tmp_path / 'people.sqlite'}")
    create(engine)
    drafts = Drafts(engine)
    waits = drafts.add("anna", "first", "First")
    for number in range(3):
        with drafts.deciding(drafts.add("anna", f"later {number}", ""), "bert", "withdrawn"):
            pass

    shown = [(draft.id == waits, draft.state) for draft in drafts.newest()]

    engine.dispose()
    assert shown == [(True, "waiting"), (False, "withdrawn")]


def test_a_draft_is_not_for_readers_and_approved_by_clerks_alone(app: FastAPI) -> None:
    draft = drafted(signed_in(app, "clara"))
    assert signed_in(app, "rosa").get(draft).status_code == 403
    aude = signed_in(app, "aude")
    assert aude.get(draft).status_code == 200
    assert aude.post(f"{draft}/approve", data={"seen": "1"}).status_code == 403


def test_programs_wait_too(app: FastAPI, provider: Provider) -> None:
    clara, carl = signed_in(app, "clara"), signed_in(app, "carl")
    before = head(carl)
    sent = {
        "authorization": f"Bearer {provider.token('clara')}",
        "content-type": "application/yaml",
    }
    program = TestClient(app, base_url="http://127.0.0.1:8414")
    answer = program.post("/api/v1/minutes", content=MINUTES, headers=sent)
    assert answer.status_code == 202, answer.text
    assert head(carl) == before
    assert answer.json()["draft"] == drafted(clara)
    own = {**sent, "content-type": "application/json", "idempotency-key": "one"}
    fields = {"on": "2002-03-01", "request": "riga", "objectives": "Trade."}
    refused = program.post("/api/v1/commands/consult-group", json=fields, headers=own)
    assert refused.status_code == 403
    assert refused.json()["detail"].startswith("rule of four eyes: send it to /api/v1/minutes")
    assert decided(carl, answer.json()["draft"], "approve")[0] == 303
    assert head(carl) > before


def test_what_a_rule_refuses_is_in_the_journal(app: FastAPI) -> None:
    clara, aude = signed_in(app, "clara"), signed_in(app, "aude")
    recorded = drafted(clara)
    assert decided(signed_in(app, "carl"), recorded, "approve")[0] == 303
    before = head(clara)
    twice = MINUTES.replace("letters", "again")
    page = clara.post("/record", data={"token": token_in(clara.get("/record").text), "text": twice})
    assert page.status_code == 422
    (refusal,) = aude.get("/api/v1/refusals?rule=N1").json()
    assert refusal["what"] == "/record"
    assert refusal["says"]
    assert aude.get("/api/v1/refusals?rule=B2").json() == []
    assert head(clara) == before
    assert clara.get("/refusals").status_code == 403


def test_four_eyes_need_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_FOUR_EYES", "true")
    with pytest.raises(InvalidSettings) as refused:
        load()
    assert "two persons are told apart by signing in" in refused.value.mistakes[0]
