"""The pages of drafts that wait: what each would change, and its approval by a second person."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from adapters.people.drafts import Draft, Drafts, NotWaiting
from adapters.web.asked import Ask, Asked
from adapters.web.pages.record import Form, checked, page_of, read_draft, refused
from adapters.web.posted import require_token
from adapters.web.roles import RECORDS, REVIEWS
from application.command_bus import Moved
from domain.shared.problems import Conflict, Invalid, Refusal

router = APIRouter(include_in_schema=False)
FOUR_EYES = "four-eyes"
"""The rule by which nobody approves a draft of their own, as the journal names it."""


@router.get("/drafts", dependencies=[REVIEWS])
def drafts(request: Request, asked: Ask) -> Response:
    """Every draft: those that wait, and what became of the others."""
    rows = asked.people.drafts.newest() if asked.people else ()
    return page_of(request, asked, "drafts.html", rows=rows)


@router.get("/drafts/{name}", dependencies=[REVIEWS])
def draft(request: Request, asked: Ask, name: str) -> Response:
    """The changes that a draft would make if it were recorded now."""
    found = _found(asked, name)
    if found.state != "waiting":
        return page_of(request, asked, "decided.html", waiting=found)
    return _shown(request, asked, found)


@router.post("/drafts/{name}/approve", dependencies=[RECORDS])
def approve(request: Request, asked: Ask, form: Form, name: str) -> Response:
    """Record a draft; never by its author, and never on another ground than was shown."""
    require_token(request, asked, form.words)
    found, seen = _found(asked, name), form.words.get("seen", "")
    if not seen.isdigit():
        raise HTTPException(400, "seen: the form does not say at which position it was checked")
    if found.author == asked.recorder:
        says = "rule of four eyes: a draft is approved by another person, never by its author"
        asked.note_refusal(FOUR_EYES, f"draft {name}: {says}")
        raise HTTPException(403, says)
    file = read_draft(asked, found.text.encode(), "the draft")
    try:
        with _drafts(asked).deciding(name, asked.recorder, "recorded") as at:
            outcomes = asked.register.command_bus.handle(
                *file.minutes.envelopes, seen=int(seen[:18])
            )
            at.append(min((e.position for o in outcomes for e in o.events), default=asked.head))
    except NotWaiting:
        raise HTTPException(409, "this draft does not wait any more") from None
    except Moved as moved:
        return _shown(request, asked, found, moved)
    except (Refusal, Conflict, Invalid) as problem:
        return refused(request, asked, found.text, problem)
    return RedirectResponse(f"/log/{at[-1]}", 303)


@router.post("/drafts/{name}/withdraw", dependencies=[RECORDS])
def withdraw(request: Request, asked: Ask, form: Form, name: str) -> Response:
    """Take a draft back; nothing is recorded."""
    require_token(request, asked, form.words)
    try:
        with _drafts(asked).deciding(_found(asked, name).id, asked.recorder, "withdrawn"):
            pass
    except NotWaiting:
        raise HTTPException(409, "this draft does not wait any more") from None
    return RedirectResponse(f"/drafts/{name}", 303)


def _drafts(asked: Asked) -> Drafts:
    if asked.people is None:
        raise HTTPException(404, "no drafts are kept here")
    return asked.people.drafts


def _found(asked: Asked, name: str) -> Draft:
    found = _drafts(asked).find(name)
    if found is None:
        raise HTTPException(404, f"no draft is called {name}")
    return found


def _shown(request: Request, asked: Asked, found: Draft, moved: Moved | None = None) -> Response:
    file = read_draft(asked, found.text.encode(), "the draft")
    return checked(request, asked, file, found.text, moved, template="draft.html", waiting=found)
