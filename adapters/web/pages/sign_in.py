"""The pages of people: signing in and out, who one is here, and the sessions that are open."""

from __future__ import annotations

import re
import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from adapters.people.people import People
from adapters.people.roles import NotSignedIn
from adapters.web.asked import Ask
from adapters.web.pages.layout import rendered
from adapters.web.posted import Posted, form_of, require_token, set_form_cookie, token_of
from adapters.web.roles import ADMINISTERS, EVERYBODY, SESSION, VERIFIES

router = APIRouter(include_in_schema=False)
Form = Annotated[Posted, Depends(form_of)]
STATE = "alliance-sign-in"
_HERE = re.compile(r"/(?![/\\])[\x21-\x7e]{0,1000}", re.ASCII)
NO_STORE = {"Cache-Control": "no-store"}


def _people(request: Request) -> People | None:
    people: People | None = request.app.state.people
    return people


@router.get("/sign-in", dependencies=[EVERYBODY])
def sign_in(request: Request, back: Annotated[str, Query()] = "/") -> Response:
    """Go to the provider; `back` is the page of this register to return to."""
    people = _people(request)
    if people is None or people.provider is None:
        return RedirectResponse("/", 303)
    try:
        address, state, begun = people.provider.begin(back if _HERE.fullmatch(back) else "/")
    except NotSignedIn as error:
        raise HTTPException(503, str(error), {"Retry-After": "5"}) from None
    people.sessions.begin_sign_in(state, begun)
    answer = RedirectResponse(address, 303, NO_STORE)
    answer.set_cookie(
        STATE, state, 600, path="/sign-in", secure=people.secure, httponly=True, samesite="lax"
    )
    return answer


@router.get("/sign-in/back", dependencies=[EVERYBODY])
def come_back(
    request: Request,
    state: Annotated[str, Query()] = "",
    code: Annotated[str, Query()] = "",
    error: Annotated[str, Query()] = "",
) -> Response:
    """Begin the session of who comes back from the provider, in the browser that went there."""
    people = _people(request)
    if people is None or people.provider is None:
        return RedirectResponse("/", 303)
    kept = request.cookies.get(STATE, "")
    ours = bool(state) and secrets.compare_digest(kept.encode(), state.encode())
    begun = people.sessions.end_sign_in(state) if ours else None
    if begun is None:
        raise HTTPException(400, "this sign-in was not begun in this browser, or too long ago")
    if error or not code:
        raise HTTPException(403, f"the provider let nobody in: {error[:80] or 'no code'}")
    try:
        person = people.provider.finish(code, begun)
    except NotSignedIn as refused:
        raise HTTPException(403, str(refused)) from None
    answer = RedirectResponse(begun.back, 303, NO_STORE)
    answer.delete_cookie(STATE, path="/sign-in")
    answer.set_cookie(
        SESSION,
        people.sessions.begin(person),
        secure=people.secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/account", dependencies=[VERIFIES])
def account(request: Request, asked: Ask) -> Response:
    """The person signed in, with roles; and signing out."""
    return _page(request, asked, "account.html")


@router.post("/sign-out", dependencies=[VERIFIES])
def sign_out(request: Request, asked: Ask, form: Form) -> Response:
    """End the session, on every server."""
    require_token(request, asked, form.words)
    people = _people(request)
    if people and asked.person.session:
        people.sessions.end(asked.person.session)
    answer = HTMLResponse(rendered(asked, "signed_out.html", part="", csv=""), headers=NO_STORE)
    answer.delete_cookie(SESSION)
    return answer


@router.get("/sessions", dependencies=[ADMINISTERS])
def sessions(request: Request, asked: Ask) -> Response:
    """Every session that is open."""
    people = _people(request)
    return _page(
        request, asked, "sessions.html", rows=people.sessions.open_ones() if people else ()
    )


@router.post("/sessions/end", dependencies=[ADMINISTERS])
def end_session(request: Request, asked: Ask, form: Form) -> Response:
    """End somebody's session."""
    require_token(request, asked, form.words)
    people = _people(request)
    if people is None or not people.sessions.end(form.words.get("session", "")):
        raise HTTPException(404, "this session is not open any more")
    return RedirectResponse("/sessions", 303)


@router.post("/sessions/erase", dependencies=[ADMINISTERS])
def erase(request: Request, asked: Ask, form: Form) -> Response:
    """Destroy a person's name, and end their sessions."""
    require_token(request, asked, form.words)
    people = _people(request)
    if people is None or not people.sessions.erase(form.words.get("person", "")):
        raise HTTPException(404, "nobody has this pseudonym")
    return RedirectResponse("/sessions", 303)


def _page(request: Request, asked: Ask, template: str, **content: object) -> Response:
    cookie, token = token_of(request, asked)
    text = rendered(asked, template, part="", csv="", token=token, **content)
    return set_form_cookie(HTMLResponse(text), cookie)
