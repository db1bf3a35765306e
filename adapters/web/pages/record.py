"""The pages on which acts are recorded: a form for each act, upload, check your answers, store.

A draft is the text of a minutes file, which the page carries: nothing is kept before it is stored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple, cast

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from adapters.minutes.files import MinutesFile, read_content
from adapters.minutes.mistakes import InvalidFile
from adapters.minutes.yaml_tree import content_of, parsed_yaml
from adapters.queries.entries import deciding_body_of
from adapters.queries.facts.prospect import prospect
from adapters.queries.policy.provisions import provision_version
from adapters.web.asked import Ask, Asked
from adapters.web.forms import Act, acts, as_yaml, minutes_of, words_of
from adapters.web.pages.layout import form_page
from adapters.web.posted import Posted, form_of, require_token
from adapters.web.roles import RECORDS
from application.command_bus import Moved
from application.minutes import INHERITED, InvalidMinutes, read_minutes
from domain.shared.messages import ProvisionRef
from domain.shared.problems import Conflict, Invalid, Problem, Refusal

router = APIRouter(include_in_schema=False, dependencies=[RECORDS])
Form = Annotated[Posted, Depends(form_of)]
DRAFT = Path("the draft")


class Mistake(NamedTuple):
    """One thing wrong, and the field where it is said; the empty field is the whole form."""

    field: str
    message: str


class Ruling(NamedTuple):
    """A refusal as the page tells it: the rule, the provision with its text, and the figures."""

    rule: str
    says: str
    provision: str
    text: str
    figures: Sequence[tuple[str, str]]


@router.get("/record")
def start(request: Request, asked: Ask) -> Response:
    """Every act that can be recorded, and the upload of a minutes file."""
    return page_of(request, asked, "record.html", acts=acts().values(), mistakes=(), text="")


@router.get("/record/{kind}")
def form(request: Request, asked: Ask, kind: str) -> Response:
    """The form of one act."""
    return _form(request, asked, _act(kind), {})


@router.post("/record/store")
def store(request: Request, asked: Ask, form: Form) -> Response:
    """Store what was checked, unless something that it rests on was recorded since."""
    require_token(request, asked, form.words)
    draft, seen = form.words.get("draft", ""), form.words.get("seen", "")
    if not seen.isdigit():
        raise HTTPException(400, "seen: the form does not say at which position it was checked")
    file = read_draft(asked, draft.encode(), "the draft")
    if asked.people and asked.people.four_eyes:
        kept = asked.people.drafts.add(asked.recorder, draft, title_of(file))
        return RedirectResponse(f"/drafts/{kept}", 303)
    try:
        outcomes = asked.register.command_bus.handle(*file.minutes.envelopes, seen=int(seen[:18]))
    except Moved as moved:
        return checked(request, asked, file, draft, moved=moved)
    except (Refusal, Conflict, Invalid) as problem:
        return refused(request, asked, draft, problem)
    positions = [entry.position for outcome in outcomes for entry in outcome.events]
    first = min(positions) if positions else asked.head
    return RedirectResponse(f"/log/{first}", 303)


@router.post("/record/change")
def change(request: Request, asked: Ask, form: Form) -> Response:
    """The form again, with what was entered; of an upload its text."""
    require_token(request, asked, form.words)
    draft = form.words.get("draft", "")
    content = cast("Mapping[str, Any]", content_of(parsed_yaml(draft, DRAFT), DRAFT))
    if len(content["items"]) != 1:
        return page_of(request, asked, "record.html", acts=acts().values(), mistakes=(), text=draft)
    (kind,) = content["items"][0]
    return _form(request, asked, _act(kind), words_of(_act(kind), content))


@router.post("/record")
def upload(request: Request, asked: Ask, form: Form) -> Response:
    """Read a minutes file, and show what it would change, or what is wrong with it by line."""
    require_token(request, asked, form.words)
    content = form.content or form.words.get("text", "").replace("\r\n", "\n").encode()
    name = Path(form.file).name if form.content and form.file else "the text"
    try:
        file = read_draft(asked, content, name)
    except InvalidFile as invalid:
        said = (each.inside() for each in invalid.mistakes)
        mistakes = [Mistake("text", text[:1].upper() + text[1:]) for text in said]
        return page_of(
            request,
            asked,
            "record.html",
            422,
            acts=acts().values(),
            mistakes=mistakes[:50],
            text=content.decode(errors="replace"),
        )
    return checked(request, asked, file, content.decode("utf-8-sig"))


@router.post("/record/{kind}")
def check(request: Request, asked: Ask, kind: str, form: Form) -> Response:
    """Check what was entered: mistakes beside their fields, or what would change."""
    require_token(request, asked, form.words)
    act = _act(kind)
    content, bad = minutes_of(act, form.words, partial(deciding_body_of, asked.register))
    mistakes = [Mistake(each.name, each.message) for each in bad]
    try:
        read_minutes(content, asked.recorder)
    except InvalidMinutes as invalid:
        mistakes += [Mistake(_field(act, m.path), m.message) for m in invalid.mistakes]
    if mistakes:
        return _form(request, asked, act, form.words, mistakes)
    draft = as_yaml(json.loads(json.dumps(content)))
    return checked(request, asked, read_draft(asked, draft.encode(), "the draft"), draft)


def read_draft(asked: Asked, content: bytes, name: str) -> MinutesFile:
    return read_content(Path(name), content, asked.recorder)


def title_of(file: MinutesFile) -> str:
    """A draft in a few words: its meeting and its acts."""
    kinds = dict.fromkeys(each.command.KIND.replace("-", " ") for each in file.minutes.envelopes)
    return f"{file.minutes.meeting.id}: {', '.join(kinds)}"[:200]


def _act(kind: str) -> Act:
    found = acts().get(kind)
    if found is None:
        raise HTTPException(404, f"no act is called {kind}")
    return found


def _field(act: Act, path: Sequence[str | int]) -> str:
    """The field of a form in which the place of a mistake stands."""
    names = {field.name for field in act.fields}
    if path[:1] == ("meeting",) and len(path) > 1:
        name = f"meeting.{path[1]}"
    else:
        inside = str(path[3]) if len(path) > 3 else ""
        name = f"meeting.{inside}" if inside in INHERITED else inside
    return name if name in names else ""


def checked(
    request: Request,
    asked: Asked,
    file: MinutesFile,
    draft: str,
    moved: Moved | None = None,
    template: str = "check.html",
    **more: Any,
) -> Response:
    """The answers once more and what would change; a refusal where a rule forbids it."""
    try:
        outcomes = asked.register.command_bus.rehearse(file.minutes.envelopes)
    except (Refusal, Conflict, Invalid) as problem:
        return refused(request, asked, draft, problem)
    content = cast("Mapping[str, Any]", content_of(parsed_yaml(draft, DRAFT), DRAFT))
    return page_of(
        request,
        asked,
        template,
        412 if moved else 200,
        draft=draft,
        content=content,
        found=prospect(asked.register, outcomes),
        moved=moved.moved if moved else (),
        four_eyes=bool(asked.people and asked.people.four_eyes),
        **more,
    )


def refused(request: Request, asked: Asked, draft: str, problem: Problem) -> Response:
    """The form with the refusal beside its field; of several acts, the text with it."""
    content = cast("Mapping[str, Any]", content_of(parsed_yaml(draft, DRAFT), DRAFT))
    items: Sequence[Mapping[str, Any]] = content["items"]
    ruling = _ruling(asked, problem)
    if ruling.rule:
        asked.note_refusal(ruling.rule, ruling.says)
    if len(items) == 1:
        ((kind, _),) = items[0].items()
        act = _act(kind)
        mistakes = [Mistake(_nearest(act, problem), ruling.says)]
        return _form(request, asked, act, words_of(act, content), mistakes, ruling)
    line = (problem.of_item or "").rpartition(":")[2]
    says = f"Line {line}: {ruling.says}" if line.isdigit() else ruling.says
    return page_of(
        request,
        asked,
        "record.html",
        422,
        acts=acts().values(),
        mistakes=[Mistake("text", says)],
        text=draft,
        ruling=ruling,
    )


def _nearest(act: Act, problem: Problem) -> str:
    """The field that a refusal is about: the last of its details that the act has, else the head's.

    Details go from the wider to the narrower, such as a year and then a mission.
    """
    names = {field.name for field in act.fields}
    own = [name for name in problem.details if name in names]
    head = [name for each in problem.details if (name := f"meeting.{each}") in names]
    return own[-1] if own else head[-1] if head else ""


def _ruling(asked: Asked, problem: Problem) -> Ruling:
    reference: ProvisionRef | None = problem.by_provision if isinstance(problem, Refusal) else None
    version = provision_version(asked.register, reference, asked.at) if reference else None
    figures = [
        (name.replace("_", " ").capitalize(), _words(value))
        for name, value in problem.details.items()
        if name not in ("rule", "provision")
    ]
    return Ruling(
        rule=problem.rule if isinstance(problem, Refusal) else "",
        says=problem.title,
        provision=str(reference) if reference else "",
        text=version.text if version else "",
        figures=figures,
    )


def _words(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, cast("Sequence[object]", value))) or "none"
    return str(value)


def _form(
    request: Request,
    asked: Asked,
    act: Act,
    words: Mapping[str, str],
    mistakes: Sequence[Mistake] = (),
    ruling: Ruling | None = None,
) -> Response:
    beside = {mistake.field: mistake.message for mistake in reversed(mistakes)}
    return page_of(
        request,
        asked,
        "form.html",
        422 if mistakes else 200,
        act=act,
        said=words,
        mistakes=mistakes,
        beside=beside,
        ruling=ruling,
    )


def page_of(
    request: Request, asked: Asked, template: str, status: int = 200, **content: Any
) -> Response:
    """A page for recording."""
    return form_page(request, asked, template, "record", status, **{"ruling": None, **content})
