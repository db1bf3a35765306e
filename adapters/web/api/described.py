"""Answers as the description of the API (`/openapi.json`) has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from pydantic import BaseModel

UNCHANGED: Mapping[int | str, dict[str, Any]] = {
    304: {"description": "What the reader has is what there is (If-None-Match)."}
}


def rows_of_type(question: Callable[..., Any]) -> dict[int | str, dict[str, Any]]:
    """The answer of a question that gives a list of rows, as its function is annotated."""
    return says(get_type_hints(question)["return"])


def says(model: type[BaseModel] | Any) -> dict[int | str, dict[str, Any]]:
    """An answer of this type, as JSON."""
    return {200: {"description": "As of the day, as known.", "model": model}, **UNCHANGED}


def document(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """An answer in one of these media types."""
    return {
        200: {
            "description": "As of the day, as known.",
            "content": {kind: {"schema": {"type": "string"}} for kind in kinds},
        },
        **UNCHANGED,
    }
