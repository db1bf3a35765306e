"""A minutes file: one meeting's items, each a command with the meeting's day, body and matter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from pydantic import ValidationError

from application.command_bus import Envelope
from application.minutes_mistakes import Mistake, Path, mistakes
from domain.catalogue import commands
from domain.council.bodies import BodyId
from domain.proceedings.recommendations import MatterId
from domain.shared.dates import When
from domain.shared.messages import Citation, Command, Slug, Value
from domain.shared.problems import Invalid
from domain.shared.wordings import Wording

INHERITED = ("on", "body", "matter", "cites")
"""The fields that an item takes from its meeting, unless it has its own."""


class Meeting(Value):
    """The head of a minutes file. Items take from it what they do not say themselves.

    `wording` says whose words provisions and recommendations are in.
    """

    id: Slug
    on: When
    body: BodyId | None = None
    matter: MatterId | None = None
    cites: tuple[Citation, ...] = ()
    wording: Wording | None = None


class InvalidMinutes(Invalid):
    """The minutes file has mistakes."""

    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class Minutes:
    """A meeting and its envelopes; `places` says where in the file each envelope stands."""

    meeting: Meeting
    envelopes: tuple[Envelope, ...]
    places: Mapping[str, Path]

    @property
    def order(self) -> tuple[str, str, str]:
        """Sort key of a folder: meeting date, then name."""
        on = self.meeting.on
        return (on.first.isoformat(), on.last.isoformat(), self.meeting.id)


def read_minutes(content: object, actor: str) -> Minutes:
    """Check a file's plain content and turn it into commands. Raises `InvalidMinutes`."""
    if not isinstance(content, dict):
        raise InvalidMinutes(mistakes=(Mistake((), "a minutes file has `meeting` and `items`"),))
    document = cast("dict[str, object]", content)
    wrong = [
        Mistake((key,), "a minutes file has `meeting` and `items`, nothing else")
        for key in document
        if key not in ("meeting", "items")
    ]
    head = document.get("meeting")
    meeting: Meeting | None = None
    try:
        meeting = Meeting.model_validate_json(json.dumps(head))
    except ValidationError as error:
        wrong += mistakes(error, head, Meeting.model_fields, ("meeting",))
    items = document.get("items")
    if not isinstance(items, list) or not items:
        raise InvalidMinutes(
            mistakes=(*wrong, Mistake(("items",), "a minutes file lists its items"))
        )
    inherited = cast("dict[str, object]", head) if isinstance(head, dict) else {}
    envelopes: list[Envelope] = []
    places: dict[str, Path] = {}
    for index, item in enumerate(cast("list[object]", items)):
        path: Path = ("items", index)
        try:
            command = _command(item, inherited)
        except ValidationError as error:
            ((kind, fields),) = cast("dict[str, dict[str, object]]", item).items()
            own = set(fields) if meeting is None else {*fields, *INHERITED}
            told = {(name,) for name in INHERITED if name not in own}
            content = {**inherited, **fields}
            found = mistakes(error, content, _names(commands[kind]), (*path, kind))
            wrong += [m for m in found if m.path[3:4] not in told]
            continue
        except InvalidMinutes as error:
            wrong += [Mistake((*path, *m.path), m.message) for m in error.mistakes]
            continue
        name = f"{meeting.id if meeting else ''}/{command.KIND}/{command.item}"
        if name in places:
            wrong.append(Mistake(path, f"the file has two items called {name}"))
        places[name] = path
        envelopes.append(Envelope(name, command, actor))
    if wrong or meeting is None:
        raise InvalidMinutes(mistakes=tuple(wrong))
    return Minutes(meeting, tuple(envelopes), places)


def command_of_item(kind: str, fields: Mapping[str, object]) -> Command:
    """Return one command by its kind and fields. Raises `InvalidMinutes` with every mistake."""
    try:
        return _command({kind: fields}, {})
    except ValidationError as error:
        found = mistakes(error, fields, _names(commands[kind]), ())
        raise InvalidMinutes(mistakes=tuple(found)) from None


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a minutes file, by which an editor completes it."""
    definitions: dict[str, Any] = {}
    items: list[dict[str, Any]] = []
    for kind, command in commands.items():
        own = command.model_json_schema(ref_template="#/$defs/{model}")
        definitions |= own.pop("$defs", {})
        required = [name for name in own.get("required", []) if name not in INHERITED]
        definitions[command.__name__] = {**own, "required": required}
        items.append(
            {
                "type": "object",
                "description": own.get("description", ""),
                "properties": {kind: {"$ref": f"#/$defs/{command.__name__}"}},
                "required": [kind],
                "additionalProperties": False,
            }
        )
    meeting = Meeting.model_json_schema(ref_template="#/$defs/{model}")
    definitions |= meeting.pop("$defs", {})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Minutes of one meeting",
        "type": "object",
        "properties": {
            "meeting": meeting,
            "items": {"type": "array", "minItems": 1, "items": {"anyOf": items}},
        },
        "required": ["meeting", "items"],
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }


def _command(item: object, inherited: Mapping[str, object]) -> Command:
    if not isinstance(item, dict) or len(cast("dict[str, object]", item)) != 1:
        raise InvalidMinutes(mistakes=(Mistake((), "an item has one key, its kind"),))
    ((kind, fields),) = cast("dict[str, object]", item).items()
    if kind not in commands:
        known = ", ".join(sorted(commands))
        raise InvalidMinutes(
            mistakes=(Mistake((kind,), f"no item is called {kind!r}; known are {known}"),)
        )
    if not isinstance(fields, dict):
        raise InvalidMinutes(mistakes=(Mistake((kind,), "an item lists its fields"),))
    own = cast("dict[str, object]", fields)
    command = commands[kind]
    taken = {
        name: inherited[name]
        for name in INHERITED
        if name in command.model_fields and name in inherited and name not in own
    }
    said = _worded(own, inherited.get("wording"))
    return command.model_validate_json(json.dumps({**taken, **said}))


def _worded(fields: dict[str, object], wording: object) -> dict[str, object]:
    """Return the fields, with the meeting's wording for each text that does not name its own."""
    if wording is None:
        return fields
    within = {name: _worded_within(value, wording) for name, value in fields.items()}
    return {"wording": wording, **within} if _has_a_wording(fields) else within


def _worded_within(value: object, wording: object) -> object:
    if isinstance(value, list):
        return [_worded_within(each, wording) for each in cast("list[object]", value)]
    return _worded(cast("dict[str, object]", value), wording) if isinstance(value, dict) else value


def _has_a_wording(fields: Mapping[str, object]) -> bool:
    """True for a recommendation, a draft, or what is inserted in the place of a provision."""
    acts = (fields.get("instrument"), fields.get("operation"))
    inserted = any(act in ("replace-provision", "delete-and-insert") for act in acts)
    return "text" in fields and (inserted or not fields.keys().isdisjoint(("id", "address")))


@cache
def _names(command: type[Command]) -> frozenset[str]:
    """Return names of the fields of a command, and of the values in them."""
    schema = command.model_json_schema()
    own = [schema, *schema.get("$defs", {}).values()]
    return frozenset(name for each in own for name in each.get("properties", {}))
