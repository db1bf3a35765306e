"""Published schemas: a JSON Schema for each type of message, and one AsyncAPI document of all.

They are generated from the catalogue. A schema allows properties that come later: subscribers
ignore what they do not know. Any other change is a new version of the type.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from pydantic.json_schema import models_json_schema

from adapters.bus.messages.cloud_event import CONTENT_TYPE, UNPUBLISHED
from adapters.bus.messages.names import message_type
from domain.shared.messages import Fact

Schema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = Path(__file__).parents[3] / "docs" / "schemas" / "messages"
ASYNCAPI = "asyncapi.json"

_TEXT: Schema = {"type": "string"}
_DATED: Schema = {"type": "string", "description": "A year, month, day, or `first/last`."}
_ENVELOPE: Mapping[str, Schema] = {
    "specversion": {"const": "1.0"},
    "id": {
        **_TEXT,
        "description": "Stream and version. A message sent again has the same `source` and `id`.",
    },
    "source": {**_TEXT, "description": "The register, and the epoch of its log."},
    "type": _TEXT,
    "subject": {**_TEXT, "description": "The stream."},
    "time": {"type": "string", "format": "date-time", "description": "When it was recorded."},
    "sequence": {
        "type": "string",
        "pattern": "^[0-9]{19}$",
        "description": "The position: it orders the register, has holes and is not a count.",
    },
    "partitionkey": {**_TEXT, "description": "The stream: messages of one stream are in order."},
    "streamversion": {"type": "integer", "minimum": 1},
    "effectivefrom": {**_DATED, "title": "When it takes hold"},
    "decidedon": {**_DATED, "title": "When the body decided"},
    "body": {**_TEXT, "description": "The body that decided."},
    "matter": _TEXT,
    "decision": {**_TEXT, "description": "The decision that is the authority for this."},
    "causation": {**_TEXT, "description": "The command that led to this event."},
    "correlation": {
        **_TEXT,
        "description": "The command that started the chain which led to this event.",
    },
    "traceparent": {
        **_TEXT,
        "description": "The trace in which it was recorded (W3C Trace Context), if it was traced.",
    },
    "leafindex": {
        "type": "integer",
        "description": "The place of its entry in the evidence, from 0.",
    },
    "entry": {**_TEXT, "description": "What is sealed of it: the leaf of the evidence's tree."},
    "datacontenttype": {"const": "application/json"},
    "data": {"type": "object"},
}
_OPTIONAL = {
    *("effectivefrom", "decidedon", "body", "matter", "decision"),
    *("causation", "correlation", "traceparent", "leafindex", "entry"),
}


def published_events(catalogue: Mapping[str, type[Fact]]) -> dict[str, type[Fact]]:
    """Return the class of event of each message type; command rows are not published."""
    return {
        message_type(topic): fact
        for topic, fact in sorted(catalogue.items())
        if not topic.startswith(UNPUBLISHED)
    }


def message_types(catalogue: Mapping[str, type[Fact]]) -> Sequence[str]:
    """Return every message type: an event is published in the version in which it was stored."""
    return [
        f"{kind}.v{version}"
        for kind, _, latest in (type_.rpartition(".v") for type_ in published_events(catalogue))
        for version in range(1, int(latest) + 1)
    ]


def message_schema(type_: str, fact: type[Fact]) -> Schema:
    """Return the JSON Schema of one kind of message."""
    _, found = models_json_schema([(fact, "serialization")], ref_template="#/$defs/{model}")
    return {
        "$schema": DIALECT,
        "title": type_,
        "description": (fact.__doc__ or "").split("\n", 1)[0],
        **_message(type_, f"#/$defs/{fact.__name__}"),
        "$defs": _opened(found["$defs"]),
    }


def outgrown_schemas(kinds: Mapping[str, object], folder: Path = FOLDER) -> dict[str, Schema]:
    """Return published schemas of old versions that a log may still hold."""
    found: dict[str, Schema] = {}
    for path in sorted(folder.glob("*.v*.json")):
        type_ = path.name.removesuffix(".json")
        if type_ not in kinds:
            found[type_] = json.loads(
                path.read_text().replace('"#/$defs/', f'"#/components/schemas/{type_}.')
            )
    return found


def asyncapi(catalogue: Mapping[str, type[Fact]], folder: Path = FOLDER) -> Schema:
    """Return the AsyncAPI 3 document of every message, those of older versions included."""
    kinds = published_events(catalogue)
    older = outgrown_schemas(kinds, folder)
    references = "#/components/schemas/{model}"
    _, found = models_json_schema(
        [(fact, "serialization") for fact in kinds.values()], ref_template=references
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Alliance Register",
            "version": "1",
            "description": "Decisions on a city's international alliances, as CloudEvents 1.0.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            "events": {
                "address": "alliance.{register}.events",
                "description": "A topic exchange; the routing key is the message's type.",
                "parameters": {"register": {"description": "The register's id, such as toronto"}},
                "messages": {
                    type_: {"$ref": f"#/components/messages/{type_}"} for type_ in (*kinds, *older)
                },
            }
        },
        "operations": {
            "publish": {"action": "send", "channel": {"$ref": "#/channels/events"}},
        },
        "components": {
            "messages": {
                type_: {
                    "name": type_,
                    "contentType": CONTENT_TYPE,
                    "summary": (fact.__doc__ or "").split("\n", 1)[0],
                    "payload": _message(type_, references.format(model=fact.__name__)),
                }
                for type_, fact in kinds.items()
            }
            | {
                type_: {
                    "name": type_,
                    "contentType": CONTENT_TYPE,
                    "summary": f"{schema['description']} An older version.",
                    "payload": {name: schema[name] for name in ("type", "properties", "required")},
                }
                for type_, schema in older.items()
            },
            "schemas": _opened(found["$defs"])
            | {
                f"{type_}.{name}": definition
                for type_, schema in older.items()
                for name, definition in schema["$defs"].items()
            },
        },
    }


def _message(type_: str, data: str) -> Schema:
    properties = {**_ENVELOPE, "type": {"const": type_}, "data": {"$ref": data}}
    required = [name for name in _ENVELOPE if name not in _OPTIONAL]
    return {"type": "object", "properties": properties, "required": required}


def _opened(definitions: Mapping[str, Schema]) -> Schema:
    """Return definitions as published: open to new properties, personal data as a digest.

    `discriminator` is OpenAPI's word: JSON Schema does not know it, and AsyncAPI means another.
    """
    return {
        name: _digest(name) if name.startswith("Personal_") else _open(schema)
        for name, schema in definitions.items()
    }


def _open(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_open(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _open(value)
        for name, value in schema.items()
        if not (name == "additionalProperties" and value is False)
        and not (name == "discriminator" and "propertyName" in value)
    }


def _digest(name: str) -> Schema:
    return {
        "title": name,
        "description": "Something about a private person: only a keyed digest is published.",
        "type": "object",
        "properties": {"digest": {"anyOf": [_TEXT, {"type": "null"}]}},
        "required": ["digest"],
    }


_SAYING = {"title", "description", "examples", "default"}


def breaking_changes(old: Any, new: Any, where: str = "") -> Iterator[str]:
    """List the changes from `old` to `new` that would break a subscriber."""
    match old, new:
        case dict(), dict():
            for name, value in old.items():
                if name in _SAYING and not isinstance(value, dict):
                    continue
                if name not in new:
                    yield f"{where}/{name} is gone"
                elif name == "required":
                    yield from (
                        f"{where}/{gone} may be missing now" for gone in set(value) - set(new[name])
                    )
                else:
                    yield from breaking_changes(value, new[name], f"{where}/{name}")
        case list(), list() if len(old) == len(new):
            for index, (was, is_) in enumerate(zip(old, new, strict=True)):
                yield from breaking_changes(was, is_, f"{where}/{index}")
        case _:
            if old != new:
                yield f"{where} was {json.dumps(old)[:80]} and is {json.dumps(new)[:80]}"


def schema_documents(
    catalogue: Mapping[str, type[Fact]], folder: Path = FOLDER
) -> Iterator[tuple[str, Schema]]:
    """Yield every file of the published folder, by name."""
    for type_, fact in published_events(catalogue).items():
        yield f"{type_}.json", message_schema(type_, fact)
    yield ASYNCAPI, asyncapi(catalogue, folder)


def schema_text(document: Schema) -> str:
    """Return a document as it is stored: the same bytes for the same content."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write_schemas(catalogue: Mapping[str, type[Fact]], folder: Path = FOLDER) -> list[str]:
    """Write what is new to the published folder, or return what would break a subscriber."""
    folder.mkdir(parents=True, exist_ok=True)
    broken: list[str] = []
    for name, document in schema_documents(catalogue, folder):
        path = folder / name
        kept = json.loads(path.read_text()) if path.exists() and name != ASYNCAPI else {}
        found = [f"{name}{problem}" for problem in breaking_changes(kept, document)]
        broken += found
        if not found:
            path.write_text(schema_text(document))
    return broken
