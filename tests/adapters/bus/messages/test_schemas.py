"""Published schemas: generated, valid, frozen, and true of what is published."""

import json
from typing import Any

import jsonschema
import pytest

from adapters.bus.messages.cloud_event import messages
from adapters.bus.messages.names import stored_topic
from adapters.bus.messages.schemas import (
    ASYNCAPI,
    FOLDER,
    asyncapi,
    breaking_changes,
    message_schema,
    published_events,
    schema_documents,
    schema_text,
    write_schemas,
)
from domain.catalogue import catalogue
from domain.shared.messages import Event, Fact
from tests.adapters.bus.fakes import SOURCES, FakeLog

DOCUMENTS = dict(schema_documents(catalogue))


def test_command_rows_have_no_schema() -> None:
    assert "command.recorded.v1" not in published_events(catalogue)
    assert "partnership.reclassified.v1" in published_events(catalogue)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_published_schema_is_frozen(name: str) -> None:
    path = FOLDER / name
    assert path.exists(), f"{name} is new: run scripts/schemas"
    if name != ASYNCAPI:
        broken = list(breaking_changes(json.loads(path.read_text()), DOCUMENTS[name]))
        assert not broken, "a subscriber would stumble: make a new version of the event"
    assert path.read_text() == schema_text(DOCUMENTS[name]), (
        f"{name} is out of date: run scripts/schemas"
    )


def test_no_published_schema_was_dropped() -> None:
    kept = {path.name for path in FOLDER.glob("*.json")}
    assert kept >= set(DOCUMENTS)
    for older in kept - set(DOCUMENTS):
        assert stored_topic(older.removesuffix(".json")), "a version that was superseded"


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != ASYNCAPI])
def test_a_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(DOCUMENTS[name])


class Sample(Event):
    """An event of this test."""

    TOPIC = "partnership-reclassified.v1"
    place: dict[str, str]
    classification: str
    reason: str | None


def test_a_message_is_valid_against_its_schema_and_a_wrong_one_is_not() -> None:
    log = FakeLog()
    log.many(3)
    schema = message_schema("partnership.reclassified.v1", Sample)
    for message in messages(log.rows, SOURCES):
        event = json.loads(message.body)
        jsonschema.validate(event, schema)
        for name in ("id", "sequence", "data"):
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({k: v for k, v in event.items() if k != name}, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**event, "data": {**event["data"], "reason": 7}}, schema)


def a_schema(**changes: Any) -> dict[str, Any]:
    schema = {
        "type": "object",
        "description": "words",
        "properties": {"a": {"type": "string", "enum": ["x"]}, "title": {"type": "string"}},
        "required": ["a"],
    }
    return {**schema, **changes}


@pytest.mark.parametrize(
    "changed",
    [
        a_schema(properties={"title": {"type": "string"}}),
        a_schema(properties={"a": {"type": "string", "enum": ["x"]}}),
        a_schema(properties={**a_schema()["properties"], "a": {"type": "integer", "enum": ["x"]}}),
        a_schema(properties={**a_schema()["properties"], "a": {"type": "string", "enum": ["y"]}}),
        a_schema(required=[]),
        a_schema(type="array"),
    ],
)
def test_a_breaking_change_is_found(changed: dict[str, Any]) -> None:
    assert list(breaking_changes(a_schema(), changed))


@pytest.mark.parametrize(
    "changed",
    [
        a_schema(description="other words"),
        a_schema(properties={**a_schema()["properties"], "b": {"type": "integer"}}),
        a_schema(required=["a", "title"]),
    ],
)
def test_an_addition_breaks_nobody(changed: dict[str, Any]) -> None:
    assert not list(breaking_changes(a_schema(), changed))


def test_a_breaking_change_is_not_written(tmp_path: Any) -> None:
    class Narrow(Fact):
        TOPIC = "a-b.v1"
        kept: str

    class Other(Fact):
        TOPIC = "a-b.v1"
        kept: int

    assert write_schemas({"a-b.v1": Narrow}, tmp_path) == []
    before = (tmp_path / "a.b.v1.json").read_text()
    assert write_schemas({"a-b.v1": Other}, tmp_path)
    assert (tmp_path / "a.b.v1.json").read_text() == before


def test_persons_are_published_as_digests_only() -> None:
    document = asyncapi(catalogue)["components"]["schemas"]
    persons = {name: schema for name, schema in document.items() if name.startswith("Personal_")}
    assert persons
    assert all(list(schema["properties"]) == ["digest"] for schema in persons.values())
