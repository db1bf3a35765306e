"""The frame of every page: templates, days in words, both dates; and refusals as a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, cast
from urllib.parse import quote

from fastapi import Query, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, Response

from adapters.exports.pdf import is_installed
from adapters.queries.matters import papers_silent
from adapters.queries.missions import money
from adapters.queries.rows import Row
from adapters.web.answers import sent
from adapters.web.asked import Asked
from adapters.web.posted import set_form_cookie, token_of
from domain.shared.dates import When
from domain.shared.wordings import wording_in_words

HERE = Path(__file__).parent
HTML = "text/html; charset=utf-8"

PARTS = (
    ("register", "/partnerships", "Register"),
    ("policy", "/policy", "Policy"),
    ("matters", "/matters", "Matters"),
    ("decisions", "/decisions", "Decisions"),
    ("plans", "/plans", "Plans"),
    ("due", "/due", "Due"),
    ("discrepancies", "/discrepancies", "Discrepancies"),
    ("log", "/log", "Log"),
    ("record", "/record", "Record"),
)
CLASS_MARKS = ("int", "hist")
"""The marks of the first categories, in their order; further ones have none of their own."""

OTHER_FORMS: Mapping[str, Sequence[tuple[str, str]]] = {
    "/decisions": (("Feed", "/decisions.atom"),),
    "/deadlines": (("Calendar", "/deadlines.ics"),),
    "/due": (("Calendar", "/deadlines.ics"),),
    "/policy": (("Akoma Ntoso", "/policy.xml"),),
}
"""Forms of a page besides JSON and CSV, by its path."""

DAYS = ("on", "since", "due", "received", "expires", "report_due", "ended", "timing")
"""Fields of lists with a day: it stays on one line."""

STATUS_MARKS = {
    "met": "ok",
    "carried": "ok",
    "done": "ok",
    "settled": "ok",
    "adopted": "ok",
    "not met": "no",
    "overdue": "no",
    "lost": "no",
    "advisory": "adv",
    "due": "adv",
    "open": "adv",
    "not met, overridden": "adv",
}
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
Text = Annotated[str | None, Query()]


def day_in_words(when: date | When | str | None) -> str:
    """A day in words, `6 December 2001`; of several days `4–6 December 2001`; a year as it is."""
    if when is None:
        return "–"
    text = str(when)
    first, _, last = text.partition("/")
    if len(first) < len("2001-12-06"):
        return text
    one, other = date.fromisoformat(first), date.fromisoformat(last or first)
    end = f"{other.day} {MONTHS[other.month - 1]} {other.year}"
    if one == other:
        return end
    if (one.year, one.month) == (other.year, other.month):
        return f"{one.day}–{end}"
    year = "" if one.year == other.year else f" {one.year}"
    return f"{one.day} {MONTHS[one.month - 1]}{year} – {end}"


def short_day(day: date) -> str:
    """A day for a drawing, where there is little room: `6 Dec 2001`."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def shown_in_words(value: object) -> str:
    """A value of a row in words: `–` for nothing, days in words, a list with commas."""
    match value:
        case None | ():
            return "–"
        case True | False:
            return "yes" if value else "no"
        case When():
            return day_in_words(value)
        case str() if _DAY.fullmatch(value):
            return day_in_words(value)
        case tuple() | list():
            return ", ".join(map(shown_in_words, cast("Sequence[object]", value)))
        case _:
            return str(value)


def fact_in_words(state: Any, *, brief: bool = False) -> str:
    """A fact in a few words, or `brief` for a drawing; the page it leads to tells it whole."""
    match state:
        case None:
            return "Nothing"
        case True | False:
            return "Yes" if state else "No"
        case {"text": str(text), "version": version}:
            return f"Version {version}" if brief else f"Version {version}: {text}"
        case {"classification": classification, "established": _}:
            return str(classification or "Partner")
        case dict():
            told = [
                fact_in_words(value) for value in state.values() if value not in (None, [], "", {})
            ]
            return ", ".join(told[:2]) or "Something"
        case list():
            return " and ".join(map(fact_in_words, state)) or "None"
        case _:
            return str(state)[:1].upper() + str(state)[1:]


def address_of_row(asked: Asked, link: str, row: Row) -> str:
    """The address that a row leads to: `link` with the row's fields filled in."""
    path, hash_, anchor = link.format_map(dict(row)).partition("#")
    return asked.link(path) + (f"{hash_}{quote(anchor)}" if anchor else "")


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(/[0-9]{4}-[0-9]{2}-[0-9]{2})?")

TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_shared: dict[str, Any] = TEMPLATES.globals
_shared.update(
    leads=address_of_row, shown=shown_in_words, fact_in_words=fact_in_words, OTHER_FORMS=OTHER_FORMS
)
_shared.update(
    papers_silent=papers_silent,
    words=day_in_words,
    in_words=wording_in_words,
    money=money,
    DAYS=DAYS,
    has_pdf=is_installed,
    PARTS=PARTS,
    STATUS_MARKS=STATUS_MARKS,
)


def marks_of(categories: Iterable[str]) -> dict[str, str]:
    """The mark of each category of the day, and of targeted cities."""
    return {**dict(zip(categories, CLASS_MARKS, strict=False)), "Targeted": "targ"}


def page(
    request: Request,
    asked: Asked,
    template: str,
    part: str,
    csv: str = "",
    about: str | None = None,
    following: str = "",
    **content: Any,
) -> Response:
    """A page with its frame; `csv` is the path of the same as CSV, where there is one.

    `about` is how the names of the streams begin that the page is about; an open page says when
    there is something new in them. `following` is the address of the next page of a list.
    """
    watched = ABOUT.get(part, "") if about is None else about
    text = rendered(asked, template, part=part, csv=csv, about=watched, **content)
    return sent(request, asked, text, HTML, following)


ABOUT: Mapping[str, str] = {
    "register": "partnership/",
    "policy": "policy",
    "matters": "matter/",
    "decisions": "matter/",
    "discrepancies": "discrepancy/",
}
"""The streams that the pages of a part are about; of the others every stream."""


def rendered(asked: Asked, template: str, **content: Any) -> str:
    """The text of a page, with the content that every page has."""
    _, recorded = asked.register.log.recorder.last(asked.known)
    return TEMPLATES.get_template(template).render(
        asked=asked,
        register_id=asked.register.settings.register_id,
        recorded=f"{datetime.fromtimestamp(recorded / 1e6, UTC):%Y-%m-%d %H:%M} UTC",
        **content,
    )


def form_page(
    request: Request, asked: Asked, template: str, part: str, status: int = 200, **content: Any
) -> Response:
    """A page with forms: never kept by a cache, with the token of its forms."""
    cookie, token = token_of(request, asked)
    text = rendered(asked, template, part=part, csv="", token=token, **content)
    return set_form_cookie(HTMLResponse(text, status), cookie)


def problem_page(refused: Mapping[str, Any], asked: Asked | None) -> str:
    """A refusal, given as problem+json has it, as a page: in its frame where the dates were read.

    Names like one that nobody knows lead to the same page with the other name.
    """
    details: Mapping[str, Any] = refused.get("details") or {}
    wrong = str(next(iter(details.values()), ""))
    names = details.get("near") or details.get("known") or details.get("meant") or ()
    shown: dict[str, Any] = {
        "mistakes": () if asked and names else refused.get("mistakes", ()),
        "heading": "This is in camera"
        if refused.get("problem") == "InCamera"
        else HEADINGS.get(refused["status"], refused["title"]),
        "detail": refused["detail"],
        "names": [(str(name), asked.instead(wrong, str(name))) for name in names] if asked else (),
        "are_like": bool(details.get("near")),
        "not_yet": refused.get("problem") == "NotYet",
    }
    if asked is None:
        return TEMPLATES.get_template("problem.html").render(asked=None, **shown)
    return rendered(asked, "problem.html", part="", csv="", **shown)


HEADINGS = {
    401: "Sign in first",
    400: "This question cannot be read",
    404: "Nothing is recorded here",
    403: "This was not accepted",
    409: "This contradicts the record",
    413: "This is too large",
    415: "This cannot be read here",
    422: "This cannot be answered as asked",
    500: "The register has a fault",
    503: "The register cannot be reached",
}
