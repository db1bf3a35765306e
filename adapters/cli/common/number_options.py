"""How a number is written in an option: digits, and no other way."""

from __future__ import annotations

import re
from collections.abc import Callable

import typer

DIGITS = re.compile(r"[0-9]{1,30}")
"""No sign, space or underscore, nor the digits of other scripts, all of which `int` takes."""


def number(
    least: int = 0, most: int | None = None, *, what: str = "a number", such_as: int | None = None
) -> Callable[[object], int]:
    """Return a reader of numbers within bounds, which raises `typer.BadParameter`."""

    def read(given: object) -> int:
        text = str(given)
        if not DIGITS.fullmatch(text):
            example = least if such_as is None else such_as
            raise typer.BadParameter(f"{text!r} is not {what} written in digits, such as {example}")
        if int(text) < least or (most is not None and int(text) > most):
            bounds = f"{least} or more" if most is None else f"between {least} and {most}"
            raise typer.BadParameter(f"{text} is not {bounds}")
        return int(text)

    return read


year = number(1, 9999, what="a year", such_as=2002)
"""Reads a year."""
