"""Recording over HTTP: by programs and by forms; refused, stale, repeated, from elsewhere."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from adapters.bootstrap import open_register
from adapters.minutes.yaml_tree import MOST_BYTES, content_of, load_yaml
from adapters.settings import Settings
from adapters.web.app import create_app
from adapters.web.forms import acts, minutes_of, words_of
from tests.support.served import Source
from tests.support.street import RECORDS, Street

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
BASE = "http://127.0.0.1:8414"
REQUEST = {
    "on": "2002-03-01",
    "request": "riga",
    "place": "UA-KIEV",
    "group": {"name": "Friends of Kiev", "office": "Chair"},
    "asks": "To be an International partner.",
}


def settings_of(street: Street) -> Settings:
    given = {
        name.removeprefix("ALLIANCE_").lower(): value for name, value in street.environment.items()
    }
    return Settings.model_validate(given)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the record of 2001, to be copied."""
    folder = tmp_path_factory.mktemp("recorded")
    street = Street.on_sqlite(folder)
    street.done("setup")
    street.done("record", RECORDS)
    return folder


@pytest.fixture
def client(recorded: Path, tmp_path: Path) -> Iterator[TestClient]:
    folder = tmp_path / "street"
    shutil.copytree(recorded, folder)
    with open_register(settings_of(Street.on_sqlite(folder))) as register:
        yield TestClient(create_app(Source(), {}, threading.Event(), register), base_url=BASE)


def head(client: TestClient) -> int:
    """The last position of the log."""
    return int(client.get("/api/v1/log?after=150").json()[-1]["position"])


def sent(client: TestClient, content: Mapping[str, Any], key: str = "key-1", **headers: str) -> Any:
    return client.post(
        "/api/v1/commands/receive-request",
        json=dict(content),
        headers={"Idempotency-Key": key, **headers},
    )


# --- programs -------------------------------------------------------------------------------------


def test_a_command_is_recorded_once_under_its_key(client: TestClient) -> None:
    first = sent(client, REQUEST)
    assert first.status_code == 201, first.text
    (outcome,) = first.json()["outcomes"]
    assert (outcome["command"], outcome["repeated"]) == ("api/key-1", False)
    assert [event["topic"] for event in outcome["events"]] == ["request-received.v1"]
    after = head(client)
    again = sent(client, REQUEST)
    assert again.status_code == 200
    assert again.json()["outcomes"] == [{**outcome, "repeated": True}]
    assert head(client) == after
    assert client.get("/api/v1/requests").json()[0]["request"] == "riga"


def test_a_key_names_one_body(client: TestClient) -> None:
    sent(client, REQUEST)
    other = sent(client, {**REQUEST, "asks": "Something else."})
    assert other.status_code == 422
    assert other.json()["detail"].startswith("Idempotency-Key: key-1 named another request before")


def test_a_command_needs_a_key(client: TestClient) -> None:
    assert client.post("/api/v1/commands/receive-request", json=REQUEST).status_code == 400
    assert sent(client, REQUEST, key="a/b").status_code == 400


def test_what_was_seen_must_not_have_moved(client: TestClient) -> None:
    seen = client.get("/api/v1/requests").headers["etag"]
    assert seen.startswith(f'"{head(client)}.')
    assert sent(client, REQUEST, **{"If-Match": seen}).status_code == 201
    before = head(client)
    # a repeat is no new act, whatever was seen
    assert sent(client, REQUEST, **{"If-Match": seen}).status_code == 200
    # a second request is refused by a rule, or because the first one moved its ground
    assert sent(client, REQUEST, key="key-2").json()["details"]["rule"] == "N1"
    again = sent(client, REQUEST, key="key-2", **{"If-Match": seen})
    assert again.status_code == 412
    consulted = {"on": "2002-03-02", "request": "riga", "objectives": "Trade."}
    for match, status in ((seen, 412), (f'"{before}"', 201)):
        answer = client.post(
            "/api/v1/commands/consult-group",
            json=consulted,
            headers={"Idempotency-Key": "key-3", "If-Match": match},
        )
        assert answer.status_code == status, answer.text
        if status == 412:
            assert head(client) == before
            assert answer.json()["details"]["moved"] == [
                f"request/riga at position {position(client, 'request-received')}"
            ]
    assert sent(client, REQUEST, **{"If-Match": "soon"}).status_code == 400


def position(client: TestClient, kind: str) -> int:
    return int(client.get("/api/v1/log", params={"kind": kind}).json()[-1]["position"])


def test_a_stale_position_names_what_moved(client: TestClient) -> None:
    seen = head(client)
    assert sent(client, REQUEST).status_code == 201
    minutes = (EXAMPLES / "2003-05-21-council.yaml").read_text()
    fresh = client.post(
        "/api/v1/minutes",
        content=minutes,
        headers={"Content-Type": "application/yaml", "If-Match": f'"{seen}"'},
    )
    assert fresh.status_code == 201, fresh.text  # a request is no ground of that meeting
    second = (EXAMPLES / "2004-03-01-council.yaml").read_text()
    stale = client.post(
        "/api/v1/minutes",
        content=second,
        headers={"Content-Type": "application/yaml", "If-Match": f'"{seen}"'},
    )
    assert stale.status_code == 412, stale.text
    told = stale.json()
    assert told["problem"] == "Moved"
    assert all(" at position " in each for each in told["details"]["moved"])


def test_a_rule_refuses_with_its_provision_and_nothing_is_stored(client: TestClient) -> None:
    before = head(client)
    refused = client.post(
        "/api/v1/minutes",
        content=(EXAMPLES / "2002-02-13-refused.yaml").read_text(),
        headers={"Content-Type": "application/yaml"},
    )
    assert refused.status_code == 409
    told = refused.json()
    assert told["problem"] == "SameClass"
    assert told["details"]["rule"] == "C2"
    assert told["details"]["city"] == "UA-KIEV"
    assert head(client) == before


def test_a_dry_run_says_what_would_change_and_stores_nothing(client: TestClient) -> None:
    before = head(client)
    answer = client.post(
        "/api/v1/minutes?dry_run=true",
        content=(EXAMPLES / "2003-05-21-council.yaml").read_text(),
        headers={"Content-Type": "application/yaml"},
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()["would_change"]
    facts = {row["fact"]: (row["before"], row["after"]) for row in found["facts"]}
    was, becomes = facts["partnership/UA-KIEV"]
    assert [state["classification"] for state in (*was, *becomes)] == [
        *("Historical", "International")
    ]
    (text,) = found["texts"]
    assert (text["provision"], text["change"]) == ("planning/1(ii)", "amended")
    assert {part["change"] for part in text["text"]} == {"kept", "deleted", "inserted"}
    assert found["repeated"] == 0
    assert head(client) == before


@pytest.mark.parametrize(
    ("content", "kind", "status", "says"),
    [
        (b"{", "application/json", 400, "cannot be read as JSON"),
        (b"[]", "application/json", 400, "not a JSON object"),
        (b"[" * 100_000, "application/json", 400, "cannot be read as JSON"),
        (b"{}", "text/plain", 415, "send application/json or application/yaml"),
        (b"{}", "application/x-www-form-urlencoded", 415, "send application/json"),
        (b"x" * (MOST_BYTES + 1), "application/json", 413, "larger than"),
        (b'{"request": "riga"}', "application/json", 422, "place: is needed"),
        (b'{"on": "2002-02-30"}', "application/json", 422, "names a day that no calendar has"),
    ],
)
def test_a_body_that_cannot_be_read_is_said(
    client: TestClient, content: bytes, kind: str, status: int, says: str
) -> None:
    answer = client.post(
        "/api/v1/commands/receive-request",
        content=content,
        headers={"Content-Type": kind, "Idempotency-Key": "k"},
    )
    assert answer.status_code == status
    assert says in answer.text
    assert client.get("/api/v1/requests").json() == []


def test_mistakes_in_minutes_are_told_by_line(client: TestClient) -> None:
    wrong = "meeting: {id: m, on: 2002-02-30}\nitems:\n- decide: {kind: adopts}\n"
    answer = client.post(
        "/api/v1/minutes", content=wrong, headers={"Content-Type": "application/yaml"}
    )
    assert answer.status_code == 422
    assert answer.json()["mistakes"][0].startswith("line 1: meeting.on: '2002-02-30' names a day")
    assert len(answer.json()["mistakes"]) == 4


def test_nobody_knows_this_command(client: TestClient) -> None:
    answer = client.post("/api/v1/commands/fly", json={}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 404
    assert "known are record-charter" in answer.json()["detail"]


# --- forms ----------------------------------------------------------------------------------------

WORDS = {
    "meeting.id": "2002-03-01-letters",
    "meeting.on": "2002-03-01",
    "request": "riga",
    "place": "UA-KIEV",
    "group": "Friends of Kiev",
    "group.office": "Chair",
    "asks": "To be an International partner.",
}


def opened(client: TestClient, path: str = "/record/receive-request") -> dict[str, str]:
    """The hidden fields of the last form of a page, its token among them."""
    return hidden(client.get(path).text)


def hidden(page: str) -> dict[str, str]:
    form = page.rpartition("<form ")[2]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


def test_a_form_is_checked_and_then_stored(client: TestClient) -> None:
    before = head(client)
    page = client.post("/record/receive-request", data={**WORDS, **opened(client)})
    assert page.status_code == 200, page.text
    assert page.headers["cache-control"] == "no-store"
    assert "It would add 1 entry after position" in page.text
    assert "Friends of Kiev" in page.text
    assert head(client) == before
    stored = client.post("/record/store", data=hidden(page.text), follow_redirects=False)
    assert stored.status_code == 303
    assert client.get(stored.headers["location"]).status_code == 200
    after = head(client)
    assert after > before
    again = client.post("/record/store", data=hidden(page.text), follow_redirects=False)
    assert again.status_code == 303
    assert head(client) == after
    assert client.get("/api/v1/requests").json()[0]["asks"] == "To be an International partner."


def test_mistakes_stand_beside_their_fields_and_in_a_summary(client: TestClient) -> None:
    wrong = {**WORDS, "meeting.on": "1 March", "asks": "", "request": "Riga!"}
    page = client.post("/record/receive-request", data={**wrong, **opened(client)})
    assert page.status_code == 422
    summary = page.text.partition('id="errors"')[2].partition("</div>")[0]
    assert re.findall(r'href="#([^"]+)"', summary) == ["meeting.on", "request", "asks"]
    for field in ("meeting.on", "request", "asks"):
        assert f'id="{field}-why"' in page.text
        assert re.search(rf'name="{field}" aria-invalid="true"', page.text)
    assert 'value="Riga!"' in page.text
    assert "lowercase letters, digits and dashes" in page.text


def test_a_refusal_stands_with_its_rule_and_its_provision(client: TestClient) -> None:
    token = opened(client, "/record")
    text = (EXAMPLES / "2002-02-04-refused.yaml").read_text()
    files = {"file": ("refused.yaml", text.encode(), "application/yaml")}
    page = client.post("/record", data=token, files=files)
    assert page.status_code == 422
    assert re.search(r"Rule [A-Z]\d+ refused it", page.text)
    assert "Nothing was stored." in page.text


def test_a_wrong_file_is_told_by_line_and_a_right_one_is_checked(client: TestClient) -> None:
    token = opened(client, "/record")
    files = {"file": ("../../wrong.yaml", b"meeting: {id: m, on: 2002-02-30}\nitems: [", "")}
    wrong = client.post("/record", data=token, files=files)
    assert wrong.status_code == 422
    assert "Line 2" in wrong.text
    right = (EXAMPLES / "2003-05-21-council.yaml").read_bytes()
    page = client.post("/record", data=token, files={"file": ("right.yaml", right, "")})
    assert page.status_code == 200, page.text
    assert '<ins><span class="vh">Put in: </span>' in page.text
    assert "partnership/UA-KIEV" in page.text
    stored = client.post("/record/store", data=hidden(page.text), follow_redirects=False)
    assert stored.status_code == 303
    kiev = client.get("/api/v1/partnerships/UA-KIEV?as_of=2003-06-01").json()
    assert kiev[0]["classification"] == "International"


def test_answers_can_be_changed(client: TestClient) -> None:
    page = client.post("/record/receive-request", data={**WORDS, **opened(client)})
    fields = hidden(page.text)
    again = client.post("/record/change", data={"token": fields["token"], "draft": fields["draft"]})
    assert again.status_code == 200
    assert 'value="Friends of Kiev"' in again.text
    assert ">To be an International partner.</textarea>" in again.text


def test_a_draft_is_checked_again_where_its_ground_has_moved(client: TestClient) -> None:
    draft = {"text": (EXAMPLES / "2003-05-21-council.yaml").read_text()}
    page = client.post("/record", data={**draft, **opened(client, "/record")})
    assert "Check before it is stored" in page.text
    other = client.post(
        "/api/v1/commands/correct-record",
        json={
            "on": "2002-03-01",
            "stream": "partnership/UA-KIEV",
            "version": 1,
            "reason": "Misread.",
            "authority": "City Clerk",
            "changed": {"description": "Friendship"},
        },
        headers={"Idempotency-Key": "key-9"},
    )
    assert other.status_code == 201, other.text
    before = head(client)
    stale = client.post("/record/store", data=hidden(page.text), follow_redirects=False)
    assert stale.status_code == 412
    assert "Something was recorded meanwhile" in stale.text
    assert f"partnership/UA-KIEV at position {before}" in stale.text
    assert head(client) == before
    stored = client.post("/record/store", data=hidden(stale.text), follow_redirects=False)
    assert stored.status_code == 303


@pytest.mark.parametrize("path", ["/record", "/record/receive-request", "/record/store"])
def test_a_form_from_elsewhere_is_refused(client: TestClient, path: str) -> None:
    before = head(client)
    fields = {**WORDS, **opened(client)}
    no_token = client.post(path, data={**fields, "token": ""})
    assert no_token.status_code == 403
    elsewhere = client.post(path, data=fields, headers={"Origin": "https://elsewhere.example"})
    assert elsewhere.status_code == 403
    sandboxed = client.post(path, data=fields, headers={"Origin": "null"})
    assert sandboxed.status_code == 403
    framed = client.post(path, data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert framed.status_code == 403
    client.cookies.clear()
    assert client.post(path, data=fields).status_code == 403
    assert head(client) == before


def test_a_program_on_another_site_is_refused_as_well(client: TestClient) -> None:
    assert sent(client, REQUEST, Origin="https://elsewhere.example").status_code == 403
    assert sent(client, REQUEST, Origin=BASE).status_code == 201


def test_every_act_has_a_form(client: TestClient) -> None:
    for kind, act in acts().items():
        page = client.get(f"/record/{kind}")
        assert page.status_code == 200, kind
        names = re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', page.text)
        assert {field.name for field in act.fields} <= set(names), kind
        ids = re.findall(r' id="([^"]+)"', page.text)
        assert len(ids) == len(set(ids)), kind


def test_a_form_can_say_whatever_a_minutes_file_says() -> None:
    """Each act of the record, entered in its form, gives the same content again."""
    files = [*RECORDS.glob("*.yaml"), *EXAMPLES.glob("**/*.yaml")]
    tried = set[str]()
    for path in files:
        content = cast("dict[str, Any]", content_of(load_yaml(path), path))
        for item in content["items"]:
            ((kind, own),) = item.items()
            act = acts()[kind]
            taken = {name: own[name] for name in ("on", "body", "matter", "cites") if name in own}
            alone: dict[str, Any] = {
                "meeting": {**content["meeting"], **taken},
                "items": [{kind: {k: v for k, v in own.items() if k not in taken}}],
            }
            shown = {f.name[8:] for f in act.fields if "." in f.name}
            alone["meeting"] = {k: v for k, v in alone["meeting"].items() if k in shown}
            again, bad = minutes_of(act, words_of(act, alone), lambda _: "council")
            assert bad == []
            assert json.dumps(again, sort_keys=True) == json.dumps(alone, sort_keys=True), kind
            tried.add(kind)
    assert len(tried) > 12


def test_markup_in_every_field_stays_text(client: TestClient) -> None:
    bad = "<script>alert(1)</script>\"'"
    words = {field.name: bad for field in acts()["decide"].fields}
    page = client.post("/record/decide", data={**words, **opened(client, "/record/decide")})
    assert page.status_code == 422
    assert page.text.count("<script") == page.text.count('<script src="/static/') == 1
    fine = {**WORDS, "asks": bad}
    checked = client.post("/record/receive-request", data={**fine, **opened(client)})
    assert checked.status_code == 200
    assert checked.text.count("<script") == checked.text.count('<script src="/static/') == 1
    client.post("/record/store", data=hidden(checked.text))
    shown = client.get("/requests/riga").text
    assert shown.count("<script") == shown.count('<script src="/static/') == 1
    assert "&lt;script&gt;" in shown
