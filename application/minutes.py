"""A minutes file: one meeting's items, each a command with the meeting's day, body and matter."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast

from pydantic import Field, ValidationError

from application.handling import Request
from application.mistakes import Mistake, Path, mistakes
from domain.authority import BodyId
from domain.catalogue import commands
from domain.dates import When
from domain.items import MatterId
from domain.kernel import Citation, Command, Invalid, Value

INHERITED = ("on", "body", "matter", "cites")
"""What an item takes from the meeting where it does not say its own."""


class Meeting(Value):
    """The head of a minutes file. Items take from it what they do not say themselves."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    on: When
    body: BodyId | None = None
    matter: MatterId | None = None
    cites: tuple[Citation, ...] = ()


class InvalidMinutes(Invalid):
    """The minutes file is not as it should be."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(mistakes=self.mistakes)


@dataclass(frozen=True, slots=True)
class Minutes:
    """A meeting and its requests; `places` says where in the file each request stands."""

    meeting: Meeting
    requests: tuple[Request, ...]
    places: Mapping[str, Path]

    @property
    def order(self) -> tuple[str, str, str]:
        """Sort key of a folder: meeting date, then name."""
        on = self.meeting.on
        return (on.first.isoformat(), on.last.isoformat(), self.meeting.id)


def read(content: object, actor: str) -> Minutes:
    """Check a file's plain content and turn it into requests. Raises `InvalidMinutes`."""
    if not isinstance(content, dict):
        raise InvalidMinutes([Mistake((), "a minutes file has `meeting` and `items`")])
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
        raise InvalidMinutes([*wrong, Mistake(("items",), "a minutes file lists its items")])
    inherited = cast("dict[str, object]", head) if isinstance(head, dict) else {}
    requests: list[Request] = []
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
        requests.append(Request(name, command, actor))
    if wrong or meeting is None:
        raise InvalidMinutes(wrong)
    return Minutes(meeting, tuple(requests), places)


def schema() -> dict[str, Any]:
    """The JSON Schema of a minutes file, by which an editor completes it."""
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
        raise InvalidMinutes([Mistake((), "an item has one key, its kind")])
    ((kind, fields),) = cast("dict[str, object]", item).items()
    if kind not in commands:
        known = ", ".join(sorted(commands))
        raise InvalidMinutes([Mistake((kind,), f"no item is called {kind!r}; known are {known}")])
    if not isinstance(fields, dict):
        raise InvalidMinutes([Mistake((kind,), "an item lists its fields")])
    own = cast("dict[str, object]", fields)
    command = commands[kind]
    taken = {
        name: inherited[name]
        for name in INHERITED
        if name in command.model_fields and name in inherited and name not in own
    }
    return command.model_validate_json(json.dumps({**taken, **own}))


def _names(command: type[Command]) -> set[str]:
    """What the fields of a command are called, and those of what stands in them."""
    schema = command.model_json_schema()
    own = [schema, *schema.get("$defs", {}).values()]
    return {name for each in own for name in each.get("properties", {})}
