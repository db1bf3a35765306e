"""CloudEvents 1.0, structured: a stored row as the message that every subscriber reads.

The encoder writes text around the stored bytes instead of building objects; the contract tests
hold it against the CloudEvents SDK, which is three and a half times slower and checks less.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from adapters.bus.names import message_type
from application.ports import StoredRow

CONTENT_TYPE = "application/cloudevents+json"
UNPUBLISHED = "command-recorded."
"""Rows of this topic open a commit and name its actor: they are the log's, not the bus's."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Message(NamedTuple):
    """An encoded event: its routing key, its id within the source, and the bytes to publish."""

    type: str
    id: str
    stream: str
    position: int
    recorded_at: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Origin:
    """Where messages come from: a register, and the epoch of its log.

    A backup restored opens a new epoch; its positions and versions may repeat with other content,
    so the epoch is part of `source` and a subscriber tells repeats by source and id together.
    """

    register: str
    epoch: str

    @property
    def source(self) -> str:
        """The CloudEvents `source`, such as `/registers/toronto/epochs/1`."""
        return f"/registers/{quote(self.register, safe='')}/epochs/{quote(self.epoch, safe='')}"


def epoch_of(source: str) -> str:
    """The epoch in a message's `source`."""
    return unquote(source.rpartition("/")[2])


class Cause(NamedTuple):
    """The command behind a row, and the first command of its line."""

    command: str
    correlation: str


def messages(rows: Iterable[StoredRow], origin: Origin) -> Iterator[Message]:
    """The messages of whole commits, in order.

    Each takes its causation from the command row before it in the same commit, so `rows` must
    not begin inside one. Command rows themselves are not published.
    """
    source = _text(origin.source)
    cause: Cause | None = None
    commit = -1
    for row in rows:
        if row.recorded_at != commit:
            commit, cause = row.recorded_at, None
        if row.topic.startswith(UNPUBLISHED):
            command: dict[str, str] = json.loads(row.state)
            cause = Cause(command["command"], command["correlation"])
        else:
            yield _message(row, source, cause)


def id_of(row: StoredRow) -> str:
    """What a row's message is called within its source."""
    return f"{row.stream}/{row.version}"


def published(row: StoredRow) -> bool:
    """Whether the bus carries a row at all."""
    return not row.topic.startswith(UNPUBLISHED)


def _message(row: StoredRow, source: str, cause: Cause | None) -> Message:
    type_ = message_type(row.topic)
    id_ = id_of(row)
    stream = _text(row.stream)
    attributes = [
        f'{{"specversion":"1.0","id":{_text(id_)},"source":{source},"type":"{type_}"',
        f'"subject":{stream},"time":"{rfc3339(row.recorded_at)}"',
        f'"sequence":"{sequence(row.position)}","partitionkey":{stream}',
        f'"streamversion":{row.version}',
    ]
    attributes += [
        f'"{name}":{_text(value)}' for name, value in _facts(json.loads(row.state)) if value
    ]
    if cause:
        attributes.append(
            f'"causation":{_text(cause.command)},"correlation":{_text(cause.correlation)}'
        )
    attributes.append('"datacontenttype":"application/json","data":')
    body = ",".join(attributes).encode() + row.state + b"}"
    return Message(type_, id_, row.stream, row.position, row.recorded_at, body)


def _facts(event: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    yield "effectivefrom", event.get("effective_from")
    yield "decidedon", event.get("decided_on")
    authority = event.get("authority")
    if isinstance(authority, dict):
        yield "body", authority.get("body")
        yield "matter", authority.get("matter")
        yield "decision", authority.get("decision")


def sequence(position: int) -> str:
    """A position as text that sorts as the number does (CloudEvents' sequence extension)."""
    return f"{position:019d}"


def rfc3339(microseconds: int) -> str:
    """A recorded time in UTC, always with six decimals so that text sorts as time does."""
    moment = _EPOCH + timedelta(microseconds=microseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_text = json.JSONEncoder(ensure_ascii=False).encode
