"""Take personal values out of an event before it is stored; the digest of a part stays there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar, get_args

from pydantic import BaseModel
from pydantic_core import to_json

from adapters.store.event_log.recorder import PersonalPart
from domain.shared.messages import Fact, Personal

M = TypeVar("M", bound=BaseModel)


def holds_personal(fact: type[Fact]) -> bool:
    """True if a `Personal` value can occur anywhere in facts of this class."""
    return any(issubclass(model, Personal) for model in _models(fact, set()))


def _models(annotation: Any, seen: set[Any]) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation in seen:
            return
        seen.add(annotation)
        yield annotation
        for info in annotation.model_fields.values():
            yield from _models(info.annotation, seen)
    for argument in get_args(annotation):
        yield from _models(argument, seen)


def set_apart(model: M, seal: Callable[[bytes], PersonalPart]) -> tuple[M, list[PersonalPart]]:
    """The model with digests in place of its personal values, and these as `seal` made parts."""
    parts: list[PersonalPart] = []

    def apart(value: Any) -> Any:
        match value:
            case Personal():
                if value.value is None:
                    return value
                parts.append(seal(to_json(value.value)))
                return value.model_copy(update={"value": None, "digest": parts[-1].digest})
            case BaseModel():
                fields = {name: getattr(value, name) for name in type(value).model_fields}
                changed = {
                    name: new for name, old in fields.items() if (new := apart(old)) is not old
                }
                return value.model_copy(update=changed) if changed else value
            case tuple() | list() | set() | frozenset():
                items = [apart(item) for item in value]
                if all(new is old for new, old in zip(items, value, strict=True)):
                    return value
                return type(value)(items)
            case dict():
                return {key: apart(item) for key, item in value.items()}
            case _:
                return value

    return apart(model), parts
