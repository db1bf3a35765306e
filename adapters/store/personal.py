"""Values about private persons leave the event before it is stored; a digest stays."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, get_args

from pydantic import BaseModel
from pydantic_core import to_json

from adapters.store.rows import PersonalValue
from domain.kernel import Fact, Personal

M = TypeVar("M", bound=BaseModel)


def commitment(salt: bytes, value: bytes) -> str:
    """The digest that binds an event to a value without telling it: HMAC-SHA256, keyed by the salt.

    Whoever is given salt and value can check them against the log; once both are erased, nobody can
    guess the value from the digest.
    """
    return hmac.new(salt, value, hashlib.sha256).hexdigest()


def holds_personal(fact: type[Fact]) -> bool:
    """Whether a `Personal` value can occur anywhere in facts of this class."""
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


def set_apart(
    model: M, salt: Callable[[], bytes] = lambda: secrets.token_bytes(32)
) -> tuple[M, list[PersonalValue]]:
    """The model with digests in place of its personal values, and the values themselves."""
    values: list[PersonalValue] = []

    def apart(value: Any) -> Any:
        match value:
            case Personal():
                if value.value is None:
                    return value
                content = to_json(value.value)
                fresh = salt()
                values.append(PersonalValue(commitment(fresh, content), fresh, content))
                return value.model_copy(update={"value": None, "digest": values[-1].digest})
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

    return apart(model), values
