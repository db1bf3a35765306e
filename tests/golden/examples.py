"""Examples of every stored fact: with everything said, with every choice, and with nothing spare.

They are made from the types once, written down, and from then on they are what is stored: see
`python -m tests.golden`.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from domain.catalogue import catalogue
from domain.shared.dates import When
from domain.shared.messages import Fact, Personal

FOLDER = Path(__file__).parent

STRINGS = (
    "council",
    "outbound/2",
    "report-2001-11-07/1",
    "UA-KIEV",
    "UA",
    "recommendation/committee/1",
    "CAD",
    "en",
    "America/Toronto",
    "verbatim",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "travel",
)
"""Tried in turn where a text must have a form."""

NUMBERS = (2, 2002)

TERMS: tuple[Any, ...] = (
    {"delegation.approver": "council", "delegation.councillors": 2, "goals": ["one", "two"]},
)


def path_of(topic: str) -> Path:
    """Where the examples of a topic are kept, one stored fact a line."""
    return FOLDER / f"{topic}.jsonl"


def stored(fact: Fact) -> bytes:
    """The bytes that a log keeps."""
    return type(fact).__pydantic_serializer__.to_json(fact)


def examples(topic: str) -> Iterator[bytes]:
    """New examples of a stored fact, in a fixed order."""
    kind = catalogue[topic]
    seen: set[bytes] = set()
    for content in chain(_models(kind, full=True), _models(kind, full=False)):
        line = stored(kind.model_validate_json(TypeAdapter(Any).dump_json(content)))
        if line not in seen:
            seen.add(line)
            yield line


def _models(kind: type[BaseModel], *, full: bool) -> Iterator[dict[str, Any]]:
    """The model with the first choice everywhere, and then each further choice in its field."""
    choices = {name: list(_field(name, info, full)) for name, info in kind.model_fields.items()}
    first = {name: values[0] for name, values in choices.items()}
    yield first
    for name, values in choices.items():
        for other in values[1:]:
            yield {**first, name: other}


def _field(name: str, info: FieldInfo, full: bool) -> Iterator[Any]:
    if not full and not info.is_required():
        default = info.get_default(call_default_factory=True)
        yield TypeAdapter(Any).dump_python(default, mode="json")
        return
    annotation = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    yield from _values(name, annotation, full)


def _values(name: str, annotation: Any, full: bool) -> Iterator[Any]:
    plain = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    origin, arguments = get_origin(plain), get_args(plain)
    if name == "terms" and (origin is dict or plain is dict):
        yield from TERMS if full else ({},)
    elif origin in (Union, types.UnionType):
        yield from _choices(name, arguments, full)
    elif origin is Literal:
        yield from arguments[:1]
    elif origin is tuple:
        items = list(_values(name, arguments[0], full))
        choices = (items, items * 2) if full else ([], items, items * 2)
        yield _fitting(annotation, choices)
    elif origin is dict:
        whole = _mapping(name, arguments)
        yield whole if full else _fitting(annotation, ({}, whole))
    elif isinstance(plain, type) and issubclass(plain, Personal):
        yield {"digest": "9f86d081884c7d65"}
    elif isinstance(plain, type) and issubclass(plain, BaseModel):
        yield from _models(plain, full=full)
    else:
        yield _simple(name, annotation, plain)


def _choices(name: str, arguments: tuple[Any, ...], full: bool) -> Iterator[Any]:
    if not full and type(None) in arguments:
        yield None
        return
    for argument in arguments:
        if argument is not type(None):
            yield from _values(name, argument, full)


def _mapping(name: str, arguments: tuple[Any, ...]) -> dict[Any, Any]:
    key, value = arguments
    keys = [member.value for member in key] if _is_enum(key) else list(_values(name, key, True))
    return {k: next(_values(name, value, True)) for k in keys}


def _simple(name: str, annotation: Any, plain: Any) -> Any:
    if plain is When:
        return "2001-12-04/2001-12-06"
    if plain is date:
        return "2002-05-07"
    if _is_enum(plain):
        return next(reversed(plain)).value
    if plain is bool:
        return True
    if plain is int:
        return _fitting(annotation, NUMBERS)
    if plain is str:
        free = re.sub("_", " ", f"the {name}")
        return _fitting(annotation, (free, *STRINGS))
    return name


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _fitting(annotation: Any, candidates: tuple[Any, ...]) -> Any:
    for candidate in candidates:
        if _fits(annotation, candidate):
            return candidate
    raise LookupError(f"no example fits {annotation}")


def _fits(annotation: Any, value: Any) -> bool:
    try:
        TypeAdapter(annotation).validate_json(TypeAdapter(Any).dump_json(value))
    except ValidationError:
        return False
    return True


def spared(fact: BaseModel, at: str = "") -> Iterator[str]:
    """Fields at any depth that say nothing in this example."""
    for name in type(fact).model_fields:
        yield from _spared(getattr(fact, name), f"{at}.{name}".lstrip("."))


def _spared(value: Any, at: str) -> Iterator[str]:
    if value is None or (isinstance(value, tuple | dict) and not value):
        yield at
    elif isinstance(value, Personal):
        return
    elif isinstance(value, BaseModel):
        yield from spared(value, at)
    elif isinstance(value, tuple):
        for item in value:
            yield from _spared(item, at)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _spared(item, at)
