"""Answers as the description of the API (`/openapi.json`) has them.

304 is left out: it has no body, and a generated client would give it the type `Any`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_type_hints

from pydantic import BaseModel


def rows_of_type(question: Callable[..., Any]) -> dict[int | str, dict[str, Any]]:
    """The answer of a question that gives a list of rows, as its function is annotated."""
    return says(get_type_hints(question)["return"])


def says(model: type[BaseModel] | Any) -> dict[int | str, dict[str, Any]]:
    """An answer of this type, as JSON."""
    return {200: {"description": "As of the day, as known.", "model": model}}


def document(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """An answer in one of these media types."""
    return {
        200: {
            "description": "As of the day, as known.",
            "content": {kind: {"schema": _text_or_bytes(kind)} for kind in kinds},
        }
    }


def _text_or_bytes(kind: str) -> dict[str, str]:
    readable = kind.startswith("text/") or kind.endswith("xml")
    return {"type": "string"} if readable else {"type": "string", "format": "binary"}
