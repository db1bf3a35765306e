"""Mistakes in a value, in plain words, from the errors of the library that checks it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

LONGEST = 40
"""Letters of a wrong value that are said again."""

_NEEDED: Mapping[str, str] = {
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), "a list"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("dict_type", "mapping_type", "model_type"), "fields of its own below it"),
    **dict.fromkeys(("string_type", "string_sub_type"), "text"),
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


def mistake_in_words(error: Mapping[str, Any], fields: Iterable[str] = ()) -> str:
    """Say what is wrong by one of pydantic's errors; `fields` are those that may stand there."""
    kind, told = error["type"], error.get("ctx", {})
    if kind in _NEEDED:
        return f"needs {_NEEDED[kind]}, and not {_shown(error['input'])}"
    if kind in _BOUNDS:
        bound, said = _BOUNDS[kind]
        return f"must be {said} {told[bound]}, and not {_shown(error['input'])}"
    match kind:
        case "missing":
            return "is needed"
        case "extra_forbidden":
            near = get_close_matches(str(error["loc"][-1]), [*fields], 1, cutoff=0.7)
            return "no field has this name here" + (f"; {near[0]} is one" if near else "")
        case "literal_error" | "enum":
            return f"must be {told['expected']}, and not {_shown(error['input'])}"
        case "string_too_short" | "too_short":
            return "must not be empty" if told["min_length"] == 1 else str(error["msg"])
        case _:
            return str(error["msg"]).removeprefix("Value error, ")


def _shown(value: object) -> str:
    match value:
        case list() | tuple():
            return "a list"
        case dict():
            return "fields of its own"
        case bool():
            return str(value).lower()
        case _:
            said = repr(value)
            return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"
