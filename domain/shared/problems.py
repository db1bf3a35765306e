"""Refusals, conflicts and invalid input: one base class, carrying data."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import ClassVar, cast, dataclass_transform

from domain.shared.dates import When
from domain.shared.messages import ProvisionRef


@dataclass_transform(kw_only_default=True)
class Problem(Exception):
    """The base of all the register's errors: the docstring says what is wrong, fields give details.

    A subclass declares its fields, and type checkers hold the caller to them as they do for a
    dataclass. A field left at its default is no part of the `details`.
    """

    of_item: str | None = None
    """The request it was said to, where it was one of several."""

    def __init__(self, **fields: object) -> None:
        self.__dict__.update(fields)
        self.details: dict[str, object] = {
            name: _plain(value)
            for name, value in fields.items()
            if not hasattr(type(self), name) or getattr(type(self), name) != value
        }
        super().__init__()

    def __str__(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.details.items())

    @property
    def title(self) -> str:
        """The first sentence of the docstring: what went wrong, in words."""
        first = (type(self).__doc__ or type(self).__name__).split("\n", 1)[0]
        said = first.removeprefix("Raised when ")
        return said[:1].upper() + said[1:]


class Refusal(Problem):
    """Raised when a rule forbids the act; nothing is stored."""

    rule: ClassVar[str]

    def __init__(self, **fields: object) -> None:
        super().__init__(**fields)
        first: dict[str, object] = {"rule": self.rule}
        if self.by_provision:
            first["provision"] = self.by_provision
        self.details = {**first, **self.details}

    @property
    def by_provision(self) -> ProvisionRef | None:
        """The provision whose figure or words refuse the act, if there is one."""
        return getattr(self, "provision", None)


class Conflict(Problem):
    """Raised when what is asked contradicts what is recorded, or a race was lost for good."""


class Invalid(Problem):
    """Raised when input is not what it should be; names file, line and field where known."""


def _plain(value: object) -> object:
    """Return a value as it is told: dates, and choices out of an enumeration, by their text."""
    match value:
        case When() | date():
            return str(value)
        case Enum():
            return value.value
        case tuple():
            return tuple(map(_plain, cast("tuple[object, ...]", value)))
        case _:
            return value
