"""People: who is signed in, with which roles, and what each may ask; sessions; who recorded."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from playwright.sync_api import expect
from starlette.testclient import TestClient

from adapters.people.roles import ROLES
from adapters.settings import InvalidSettings, load
from adapters.web.roles import roles_needed
from tests import services
from tests.support.browser import Desk, browser
from tests.support.provider import Provider, providing
from tests.support.served import serving_app
from tests.support.signing import BASE, Signing, signed_in, token_in
from tests.support.street import RECORDS, Street

REQUEST = {
    "on": "2002-03-01",
    "request": "riga",
    "place": "UA-KIEV",
    "group": {"name": "Friends of Kiev", "office": "Chair"},
    "asks": "To be an International partner.",
}
ONE_OF = {
    "reader": "rosa",
    "clerk": "clara",
    "auditor": "aude",
    "subscriber": "sub",
    "administrator": "ada",
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing() as started:
        yield started


@pytest.fixture(autouse=True)
def _right(provider: Provider) -> None:
    provider.wrong = ""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    street = Street.on_sqlite(folder)
    street.done("setup")
    street.done("record", RECORDS)
    return folder


@pytest.fixture(scope="module")
def shared(recorded: Path, tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Signing:
    """A register that no test records in."""
    folder = tmp_path_factory.mktemp("shared") / "street"
    shutil.copytree(recorded, folder)
    return Signing(Street.on_sqlite(folder), folder, provider)


@pytest.fixture(scope="module")
def app(shared: Signing) -> Iterator[FastAPI]:
    with shared.server() as made:
        yield made


@pytest.fixture
def own(recorded: Path, tmp_path: Path, provider: Provider) -> Signing:
    folder = tmp_path / "street"
    shutil.copytree(recorded, folder)
    return Signing(Street.on_sqlite(folder), folder, provider)


# --- at start -------------------------------------------------------------------------------------


def test_half_a_provider_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_OIDC_ISSUER", "https://id.example.org")
    with pytest.raises(InvalidSettings) as refused:
        load()
    assert "ALLIANCE_OIDC_CLIENT and ALLIANCE_OIDC_SECRET_FILE" in refused.value.mistakes[0]


def test_beyond_this_machine_needs_sign_in_and_an_encrypted_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALLIANCE_LISTEN", "0.0.0.0:8414")
    monkeypatch.setenv("ALLIANCE_OIDC_ISSUER", "https://id.example.org")
    monkeypatch.setenv("ALLIANCE_OIDC_CLIENT", "alliance")
    monkeypatch.setenv("ALLIANCE_OIDC_SECRET_FILE", str(tmp_path / "secret"))
    for url in ("", "http://register.example.org"):
        monkeypatch.setenv("ALLIANCE_PUBLIC_URL", url)
        with pytest.raises(InvalidSettings) as refused:
            load()
        assert "ALLIANCE_PUBLIC_URL must say by which address" in refused.value.mistakes[0]
    monkeypatch.setenv("ALLIANCE_PUBLIC_URL", "https://register.example.org")
    assert load().address[1] == 8414


def test_a_secret_that_cannot_be_read_is_said(own: Signing, tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings) as refused, own.server(oidc_secret_file=tmp_path / "none"):
        pass
    assert "ALLIANCE_OIDC_SECRET_FILE" in refused.value.mistakes[0]


# --- signing in -----------------------------------------------------------------------------------


def test_who_is_not_signed_in_is_sent_to_the_sign_in_and_back(app: FastAPI) -> None:
    nobody = TestClient(app, base_url=BASE, follow_redirects=False)
    page = nobody.get("/log?kind=decide", headers={"accept": "text/html"})
    assert page.status_code == 303
    assert page.headers["location"] == "/sign-in?back=/log%3Fkind%3Ddecide"
    program = nobody.get("/api/v1/partnerships")
    assert (program.status_code, program.json()["detail"]) == (401, "sign in first")
    assert program.headers["www-authenticate"] == "Bearer"
    assert "Signed in as" in signed_in(app, "rosa", "/log?kind=decide").get("/log").text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_nobody_is_sent_to_another_site(app: FastAPI, back: str) -> None:
    import httpx2

    client = TestClient(app, base_url=BASE, follow_redirects=False)
    to = client.get("/sign-in", params={"back": back}).headers["location"]
    home = httpx2.get(f"{to}&person=rosa").headers["location"]
    assert client.get(home).headers["location"] == "/"


def test_a_sign_in_belongs_to_the_browser_that_began_it_and_is_used_once(app: FastAPI) -> None:
    import httpx2

    one = TestClient(app, base_url=BASE, follow_redirects=False)
    other = TestClient(app, base_url=BASE, follow_redirects=False)
    to = one.get("/sign-in").headers["location"]
    home = httpx2.get(f"{to}&person=ada").headers["location"]
    refused = other.get(home)
    assert refused.status_code == 400
    assert "not begun in this browser" in refused.json()["detail"]
    kept = dict(one.cookies)
    assert one.get(home).status_code == 303
    again = TestClient(app, base_url=BASE, cookies=kept, follow_redirects=False).get(home)
    assert again.status_code == 400


@pytest.mark.parametrize("wrong", ["expired", "audience", "issuer", "nonce", "key"])
def test_a_token_that_is_wrong_lets_nobody_in(app: FastAPI, provider: Provider, wrong: str) -> None:
    import httpx2

    client = TestClient(app, base_url=BASE, follow_redirects=False)
    to = client.get("/sign-in").headers["location"]
    home = httpx2.get(f"{to}&person=ada").headers["location"]
    provider.wrong = wrong
    refused = client.get(home)
    assert refused.status_code == 403
    assert refused.json()["detail"].startswith("its token is not valid: ")
    assert client.get("/api/v1/partnerships").status_code == 401
    if wrong != "nonce":
        sent = {"authorization": f"Bearer {provider.token('ada')}"}
        assert client.get("/api/v1/partnerships", headers=sent).status_code == 401


def test_a_program_sends_a_token_of_its_own(app: FastAPI, provider: Provider) -> None:
    client = TestClient(app, base_url=BASE)

    def asked(token: str) -> int:
        sent = {"authorization": f"Bearer {token}"}
        return client.get("/api/v1/partnerships", headers=sent).status_code

    assert asked(provider.token("rosa")) == 200
    assert asked(provider.token("sub")) == 403
    assert asked(provider.token("rosa", nonce="of a sign-in")) == 401
    assert asked("nonsense") == 401


def test_a_role_that_nobody_knows_is_none(app: FastAPI) -> None:
    refused = signed_in(app, "noone").get("/api/v1/partnerships")
    assert refused.status_code == 403
    assert refused.json()["detail"].endswith("yours: none")


# --- roles ----------------------------------------------------------------------------------------


def routes_of(app: FastAPI) -> list[tuple[str, str, APIRoute]]:
    """Every route with method, whole path and itself; each must be one that names its roles."""
    found: list[tuple[str, str, APIRoute]] = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if context.path == "/openapi.json":  # what can be asked, and nothing of what is recorded
            continue
        assert isinstance(route, APIRoute), f"{context.path} names no role"
        assert roles_needed(route.dependant), f"{context.path} names no role"
        found += [(method, str(context.path), route) for method in sorted(route.methods or ())]
    return found


def test_each_route_is_for_its_roles_alone(app: FastAPI) -> None:
    clients = {role: signed_in(app, ONE_OF[role]) for role in ROLES}
    nobody = TestClient(app, base_url=BASE, follow_redirects=False)
    wrong: list[str] = []
    for method, path, route in routes_of(app):
        (need,) = roles_needed(route.dependant)
        if not need.roles or method == "HEAD":
            continue
        there = re.sub(r"\{[^}]*\}", "nothing", path)
        if there.endswith("/stream"):
            continue
        if nobody.request(method, there).status_code != 401:
            wrong.append(f"{method} {path}: nobody")
        for role, client in clients.items():
            status = client.request(method, there).status_code
            # a form without its token is 415 or 403 as well: what it says tells them apart
            let_in = status != 403 or "for the role" not in client.request(method, there).text
            if let_in is not (role in need.roles):
                wrong.append(f"{method} {path}: {role} {status}")
    assert wrong == []
    assert len(routes_of(app)) > 60


def test_a_route_that_names_no_role_is_found_and_refuses_everybody(shared: Signing) -> None:
    planted = APIRouter()

    @planted.get("/planted")
    def anything() -> str:
        return "a secret"

    with shared.server() as app:
        app.include_router(planted)
        with pytest.raises(AssertionError, match="/planted names no role"):
            routes_of(app)
        refused = signed_in(app, "ada").get("/planted")
        assert (refused.status_code, refused.json()["detail"]) == (403, "no role may ask this")


# --- who recorded ---------------------------------------------------------------------------------


def test_who_recorded_comes_from_the_sign_in_and_its_name_can_be_erased(own: Signing) -> None:
    with own.server(four_eyes=False) as app:
        clara, ada = signed_in(app, "clara"), signed_in(app, "ada")
        sent = {"Idempotency-Key": "one", "X-Actor": "mallory", "X-Forwarded-User": "mallory"}
        done = clara.post("/api/v1/commands/receive-request", json=REQUEST, headers=sent)
        assert done.status_code == 201, done.text
        position = done.json()["outcomes"][0]["events"][0]["position"]
        page = clara.get(f"/log/{position}").text
        assert "by Clara" in page
        assert "mallory" not in page
        sessions = ada.get("/sessions").text
        found = re.search(r'name="person" value="(person-[0-9a-f]{16})"', sessions)
        assert found
        row = re.search(rf"Clara<br><code[^>]*>({found[1]}|person-[0-9a-f]{{16}})", sessions)
        assert row
        told = {"token": token_in(sessions), "person": row[1]}
        assert ada.post("/sessions/erase", data=told).status_code == 303
        assert clara.get("/api/v1/partnerships").status_code == 401
        page = ada.get(f"/log/{position}").text
        assert f"by {row[1]}" in page
        assert "Clara" not in page


# --- sessions -------------------------------------------------------------------------------------


def test_after_signing_out_neither_session_nor_form_is_of_use(own: Signing) -> None:
    with own.server(four_eyes=False) as app:
        clara = signed_in(app, "clara")
        page = clara.get("/record/receive-request").text
        kept, old = dict(clara.cookies), token_in(page)
        left = clara.post("/sign-out", data={"token": token_in(clara.get("/account").text)})
        assert left.status_code == 200
        replayed = TestClient(app, base_url=BASE, cookies=kept, follow_redirects=False)
        assert replayed.get("/api/v1/partnerships").status_code == 401
        form = {"token": old, "text": "x"}
        assert replayed.post("/record", data=form).status_code == 401
        # the same browser signs in anew: the form of the session before is of no use
        fresh = signed_in(app, "clara")
        cookies = {**kept, **dict(fresh.cookies), "alliance-form": kept["alliance-form"]}
        anew = TestClient(app, base_url=BASE, cookies=cookies)
        refused = anew.post("/record", data=form)
        assert refused.status_code == 403
        assert "not from this site, or too old" in refused.json()["detail"]


def test_an_administrator_ends_a_session(app: FastAPI) -> None:
    rosa, ada = signed_in(app, "rosa"), signed_in(app, "ada")
    page = ada.get("/sessions").text
    at = page.index(">Rosa<")
    session = re.search(r'name="session" value="([0-9a-f]{64})"', page[at:])
    assert session
    assert rosa.get("/api/v1/bodies").status_code == 200
    told = {"token": token_in(page), "session": session[1]}
    assert ada.post("/sessions/end", data=told).status_code == 303
    assert rosa.get("/api/v1/bodies").status_code == 401
    assert rosa.post("/sessions/end", data=told).status_code == 401


@pytest.mark.server
def test_two_servers_on_one_postgres_are_one(tmp_path: Path, provider: Provider) -> None:
    with services.postgres_server() as url:
        street = Street.on_postgres(url, tmp_path)
        street.done("setup")
        street.done("record", RECORDS)
        signing = Signing(street, tmp_path, provider)
        with signing.server() as one, signing.server() as other:
            rosa = signed_in(one, "rosa")
            there = TestClient(other, base_url=BASE, cookies=dict(rosa.cookies))
            assert there.get("/api/v1/partnerships").status_code == 200
            token = token_in(there.get("/account").text)
            there.post("/sign-out", data={"token": token})
            assert rosa.get("/api/v1/partnerships").status_code == 401


# --- names of the server --------------------------------------------------------------------------


def test_the_server_answers_to_its_public_name_alone(shared: Signing) -> None:
    with shared.server(public_url="https://register.example.org") as app:
        for host, status in (("register.example.org", 401), ("evil.example", 400)):
            client = TestClient(app, base_url=f"https://{host}")
            assert client.get("/api/v1/partnerships").status_code == status
        client = TestClient(app, base_url="https://register.example.org", follow_redirects=False)
        assert "Secure" in client.get("/sign-in").headers["set-cookie"]
        foreign = client.post("/sign-out", headers={"Origin": "https://evil.example"})
        assert foreign.json()["detail"] == "this was sent by a page of another site"


# --- in a browser ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_reader_signs_in_looks_and_signs_out_in_a_browser(own: Signing) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    stop = threading.Event()
    with own.server(public_url=f"http://127.0.0.1:{port}") as app, serving_app(app, stop, port):
        try:
            with browser() as opened:
                desk = Desk(opened, f"http://127.0.0.1:{port}", script=False)
                page = desk.open("/matters/2001-12-4")
                page.get_by_role("link", name="rosa").focus()
                page.keyboard.press("Enter")
                expect(page).to_have_url(f"http://127.0.0.1:{port}/matters/2001-12-4")
                page.get_by_role("link", name="Rosa").focus()
                page.keyboard.press("Enter")
                expect(page.get_by_role("heading", name="Who you are here")).to_be_visible()
                page.get_by_role("button", name="Sign out").focus()
                page.keyboard.press("Enter")
                expect(page.get_by_role("heading", name="Signed out")).to_be_visible()
                page.goto("/matters")
                expect(page.get_by_role("link", name="clara")).to_be_visible()
                desk.close()
        except services.Unavailable as missing:
            pytest.skip(str(missing))
