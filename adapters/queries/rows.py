"""The bases of every row that a question answers with, and what a rule said as a row."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field

from domain.shared.dates import When
from domain.shared.findings import Answer, Finding
from domain.shared.messages import Value


class Row(Value):
    """One row of an answer: frozen, typed, its fields in the order in which programs get them.

    Tables, JSON, CSV and exports are all written from `plain()`, so that they cannot disagree.
    """

    @classmethod
    def of(cls, state: Value, **further: object) -> Self:
        """Return a row with the fields that a state has under the same name, and `further` ones."""
        shared = [name for name in cls.model_fields if name in type(state).model_fields]
        return cls(**({name: getattr(state, name) for name in shared} | further))

    @classmethod
    def fields(cls) -> tuple[str, ...]:
        """Return the fields that every row has, for an answer without rows."""
        return tuple(name for name, field in cls.model_fields.items() if field.exclude_if is None)

    def plain(self) -> dict[str, Any]:
        """Return the row as JSON can hold it: dates as text, lists and objects as they are."""
        return self.model_dump(mode="json")


class DatedRow(Row):
    """A row of something that holds on a day, `certain` unless the record cannot tell.

    Of one thing there may be several such rows, each of them possible. `SUBJECT` is the field that
    names it. `decided_later` is there only where the day lies before the decision that it holds by,
    which reaches back: the day of that decision.
    """

    SUBJECT: ClassVar[str]

    decided_later: str | None = Field(default=None, exclude_if=lambda day: day is None)

    if TYPE_CHECKING:
        certain: bool  # each row has the field in its own place

    @property
    def called(self) -> str:
        """The thing, by name."""
        return str(getattr(self, self.SUBJECT))


class FindingRow(Row):
    """A rule's answer; `provision` names its version."""

    rule: str
    answer: str
    reason: str
    provision: str | None

    @staticmethod
    def told(finding: Finding) -> FindingRow:
        """Return the row of a finding."""
        provision = str(finding.provision) if finding.provision else None
        return FindingRow(
            rule=finding.rule,
            answer=finding.answer.value,
            reason=finding.reason,
            provision=provision,
        )

    @property
    def is_advice(self) -> bool:
        """True if a clerk should see it at once: anything but met."""
        return self.answer != Answer.MET


def decided_later(decided_on: When | None, on: date) -> str | None:
    """Return the day of a decision that was taken after the day asked about."""
    return str(decided_on) if decided_on and decided_on.first > on else None
