"""Forms for the acts of a minutes file: fields out of the schema, and their words as content.

An act's own fields stand in the order of the schema; those that it takes from its meeting come
first. A field that no control fits is written as in a minutes file, in YAML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from adapters.minutes.mistakes import InvalidFile
from adapters.minutes.yaml_tree import content_of, parsed_yaml
from application.minutes import INHERITED, schema
from application.minutes_mistakes import WRITTEN
from domain.catalogue import commands

Control = Literal[
    "line",
    "text",
    "day",
    "number",
    "yes",
    "choice",
    "lines",
    "sources",
    "person",
    "decision",
    "yaml",
]

HEAD = ("meeting.id", "meeting.on", "meeting.body", "meeting.matter", "meeting.cites")
LONG = ("text", "summary", "title", "asks", "reason", "rationale", "says", "purpose")
"""Fields of several lines."""

ORDER: Mapping[str, tuple[str, ...]] = {
    "open-matter": ("matter", "title", "reference"),
    "submit-report": ("document", "title", "by", "recommendations", "states"),
    "receive-communication": ("document", "sender", "asks"),
    "move-motion": ("motion", "mover", "seconder", "operation"),
    "dispose-of-motion": ("motion", "result", "declared"),
    "decide": ("decision", "kind", "summary", "adopts", "recommends", "instruments", "relies_on"),
    "receive-request": ("request", "place", "group", "asks", "changes_existing"),
    "propose-mission": (
        *("mission", "direction", "year", "timing", "stops", "goals", "rationale", "budget"),
    ),
    "correct-record": ("stream", "version", "reason", "changed", "withdraw", "authority"),
}
"""The fields that a clerk enters first, in this order; further ones are folded away."""

HINTS: Mapping[Control, str] = {
    "day": "Such as 2001-12-06, 2001-11, or 2001-12-04/2001-12-06 for one of several days",
    "lines": "One on each line",
    "sources": "One on each line: the document, a semicolon, the place in it",
    "decision": "The matter, a slash, the decision: 2001-12-4/council-adopts",
    "yaml": "As in a minutes file, such as - { instrument: target-city, city: KR-SEOUL }",
}


class Field(NamedTuple):
    """One field of a form. Its name is dotted where it stands in the head of the meeting."""

    name: str
    label: str
    control: Control
    required: bool
    hint: str = ""
    choices: tuple[str, ...] = ()


class Act(NamedTuple):
    """A kind of act, in a few words, and its fields: `first` are those that most such acts have."""

    kind: str
    words: str
    fields: tuple[Field, ...]
    first: frozenset[str]


class BadFormField(NamedTuple):
    """A field whose words cannot be read, and why."""

    name: str
    message: str


@cache
def acts() -> Mapping[str, Act]:
    """Every act that a minutes file may have, by kind."""
    whole = schema()
    definitions: Mapping[str, Any] = whole["$defs"]
    head: Mapping[str, Any] = whole["properties"]["meeting"]
    found: dict[str, Act] = {}
    for kind, command in commands.items():
        own: Mapping[str, Any] = definitions[command.__name__]
        words = str(own.get("description", "")).partition("\n")[0].replace("`", "")
        known = [*_own(own, definitions)]
        order = ORDER.get(kind, ())
        known.sort(key=lambda field: order.index(field.name) if field.name in order else 99)
        needed = {field.name for field in known if field.required}
        first = frozenset({*order, *needed} if order else {field.name for field in known[:8]})
        found[kind] = Act(kind, words, (*_head(head, own, definitions), *known), first | needed)
    return found


def _head(
    head: Mapping[str, Any], own: Mapping[str, Any], definitions: Mapping[str, Any]
) -> Iterator[Field]:
    properties: Mapping[str, Any] = own["properties"]
    for name in HEAD:
        bare = name.removeprefix("meeting.")
        if bare in INHERITED and bare not in properties:
            continue
        needed = bare in ("id", "on") or "default" not in properties.get(bare, {})
        field = _field(bare, head["properties"][bare], definitions, required=needed)
        label = {"id": "Meeting", "on": "Day", "cites": "Sources"}.get(bare, field.label)
        yield field._replace(name=name, label=label)


def _own(own: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Field]:
    required = own.get("required", ())
    for name, told in own["properties"].items():
        if name not in INHERITED:
            yield _field(name, told, definitions, required=name in required)


def _field(
    name: str, told: Mapping[str, Any], definitions: Mapping[str, Any], *, required: bool
) -> Field:
    told = _resolved(told, definitions)
    control, choices = _control(name, told, definitions)
    pattern = str(told.get("pattern", ""))
    hint = HINTS.get(control, "") or (
        f"Written {WRITTEN[pattern]}" if pattern in WRITTEN else str(told.get("description", ""))
    )
    if control == "day":
        hint = HINTS["day"]
    return Field(name, name.replace("_", " ").capitalize(), control, required, hint, choices)


def _resolved(told: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself, without a reference to it, and without null beside it."""
    if "$ref" in told:
        return _resolved(definitions[str(told["$ref"]).rpartition("/")[2]], definitions)
    choices = [each for each in told.get("anyOf", ()) if each.get("type") != "null"]
    if len(choices) == 1 and "title" in told and told["title"] != "When":
        return _resolved(choices[0], definitions)
    if len(choices) == 1:
        return _resolved(choices[0], definitions)
    return told


def _control(
    name: str, told: Mapping[str, Any], definitions: Mapping[str, Any]
) -> tuple[Control, tuple[str, ...]]:
    title, kind = told.get("title"), told.get("type")
    parts = told.get("anyOf", ())
    names = {str(each["$ref"]).rpartition("/")[2] for each in parts if "$ref" in each}
    items = _resolved(told.get("items", {}), definitions)
    match kind:
        case _ if title == "When":
            return "day", ()
        case _ if names == {"OfficeHolder", "PrivatePerson"}:
            return "person", ()
        case _ if title == "DecisionRef":
            return "decision", ()
        case _ if "enum" in told:
            return "choice", tuple(map(str, told["enum"]))
        case "boolean":
            return "yes", ()
        case "integer":
            return "number", ()
        case "string":
            return ("text" if name in LONG else "line"), ()
        case "array" if items.get("title") == "Citation":
            return "sources", ()
        case "array" if items.get("type") == "string" and "enum" not in items:
            return "lines", ()
        case _:
            return "yaml", ()


def minutes_of(
    act: Act, words: Mapping[str, str], body_of: Any
) -> tuple[dict[str, Any], list[BadFormField]]:
    """The content of a minutes file with one act, from what was entered; and what cannot be read.

    `body_of` names the body behind a decision given as `matter/decision`.
    """
    head: dict[str, Any] = {}
    own: dict[str, Any] = {}
    bad: list[BadFormField] = []
    for field in act.fields:
        try:
            value = _read(field, words, body_of)
        except ValueError as error:
            bad.append(BadFormField(field.name, str(error)))
            continue
        if value is not None:
            where, name = (head, field.name[8:]) if "." in field.name else (own, field.name)
            where[name] = value
    return {"meeting": head, "items": [{act.kind: own}]}, bad


def _read(field: Field, words: Mapping[str, str], body_of: Any) -> Any:
    said = words.get(field.name, "").replace("\r\n", "\n").strip()
    match field.control:
        case "yes":
            return True if said == "yes" else None
        case "person":
            return _person(said, words.get(f"{field.name}.office", "").strip())
        case _ if not said:
            return None
        case "number":
            return int(said) if said.lstrip("-").isdigit() and len(said) < 19 else said
        case "lines" if said == "[]":
            return []
        case "lines":
            return [line.strip() for line in said.split("\n") if line.strip()]
        case "sources":
            return [_source(line) for line in said.split("\n") if line.strip()]
        case "decision":
            matter, _, decision = said.partition("/")
            return {"matter": matter, "decision": decision, "body": body_of(said)}
        case "yaml":
            return _yaml(said)
        case _:
            return said


def _person(name: str, office: str) -> dict[str, Any] | None:
    if office:
        return {"name": name, "office": office} if name else {"office": office}
    return {"person": {"value": name}} if name else None


def _source(line: str) -> dict[str, str]:
    document, _, place = (part.strip() for part in line.partition(";"))
    return {"document": document, "place": place} if place else {"document": document}


def _yaml(said: str) -> object:
    here = Path("this field")
    try:
        return content_of(parsed_yaml(said, here), here)
    except InvalidFile as error:
        first = error.mistakes[0]
        raise ValueError(first.inside()) from None


def words_of(act: Act, content: Mapping[str, Any]) -> dict[str, str]:
    """The words that were entered, from the content of a minutes file with one act."""
    head: Mapping[str, Any] = content.get("meeting", {})
    ((_, own),) = cast("Mapping[str, Any]", content["items"][0]).items()
    told: dict[str, str] = {}
    for field in act.fields:
        value = head.get(field.name[8:]) if "." in field.name else own.get(field.name)
        if value is None:
            continue
        if field.control == "person":
            told[field.name] = value.get("name") or value.get("person", {}).get("value", "")
            told[f"{field.name}.office"] = value.get("office", "")
        else:
            told[field.name] = _said(field, value)
    return told


def _said(field: Field, value: Any) -> str:
    match field.control:
        case "yes":
            return "yes" if value else ""
        case "lines" if not value:
            return "[]"
        case "lines":
            return "\n".join(map(str, cast("Sequence[object]", value)))
        case "sources":
            return "\n".join("; ".join(map(str, each.values())) for each in value)
        case "decision":
            return f"{value['matter']}/{value['decision']}"
        case "yaml":
            return as_yaml(value)
        case _:
            return str(value)


def as_yaml(value: object) -> str:
    """A value as YAML, which a minutes file may have."""
    from io import StringIO  # noqa: PLC0415

    from ruamel.yaml import YAML  # noqa: PLC0415  (only where something is changed)

    out = StringIO()
    yaml = YAML()
    yaml.width = 90
    yaml.dump(value, out)
    return out.getvalue().removesuffix("...\n")
