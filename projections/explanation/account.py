"""An explanation: the steps that led to a fact, in the order of days, and what is so on a day."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.messages import Citation, ProvisionRef, Replacement, Value


class Role(StrEnum):
    """The part that a step has in the story of a fact, from greatest to least; a step has one.

    Without a step that `CHANGES` it, the fact would be another one on the day asked about.
    """

    CHANGES = "changes"
    """It made the fact what it is."""
    CHANGED_BEFORE = "changed before"
    """It changed the fact, and what it made of it no longer shows."""
    PROPOSES = "proposes"
    """It proposed the change, or a change that has not come about (yet)."""
    LAPSED = "lapsed"
    """It was to change the fact, and another act took the ground for it."""
    ALLOWS = "allows"
    """The change rests on it: it made the body, the place, the matter or the power to decide."""
    FOLLOWED = "followed"
    """It came later, and says what became of the motion asked about; it changed nothing of it."""
    CITES = "cites"
    """It speaks of the fact and changed nothing."""
    CORRECTED = "corrected"
    """It was entered by mistake, and a correction took its place."""

    @property
    def mark(self) -> str:
        """The mark of a step for people: what it did to the fact."""
        return _MARKS[self]


_MARKS = {
    Role.CHANGES: "changed it",
    Role.CHANGED_BEFORE: "changed it before",
    Role.PROPOSES: "proposed it",
    Role.ALLOWS: "allowed it",
    Role.FOLLOWED: "came after it",
    Role.CITES: "only spoke of it",
    Role.CORRECTED: "was a mistake",
    Role.LAPSED: "was to change it, and lapsed",
}


class Step(Value):
    """One step of the account. `by_name` marks a step found only by a name in its text.

    `says` sums the item up. `passages` are what it says of the fact: what it would make of it, or
    where it names it; `cites` begin with the places of these. `wordings` say whose words the texts
    of the entry are in, with null where the record does not say. `voted` is the vote in words.

    `recorded_at` counts microseconds since 1970 UTC; `actor` entered the step, as `command`.
    `rules` and `provisions` (with their versions) are those that it was judged by or rests on.
    """

    number: int
    role: Role
    relation: str
    by_name: bool
    kind: str
    on: When
    effective_from: When
    matter: str | None
    item: str
    body: str | None
    by: str | None
    says: str
    passages: tuple[str, ...]
    wordings: tuple[str | None, ...]
    result: str | None
    voted: str | None
    computed: str | None
    declared: str | None
    cites: tuple[Citation, ...]
    findings: tuple[Finding, ...]
    rules: tuple[str, ...]
    provisions: tuple[ProvisionRef, ...]
    correction: Replacement | None
    authority: str | None
    stream: str
    version: int
    position: int
    recorded_at: int
    command: str | None
    actor: str | None


class Account(Value):
    """The whole explanation: what is so on the day, what was proposed, and every step in order.

    Where the record cannot tell what was so, `candidates` has all that may have been, in order,
    and `null` for nothing.
    """

    fact: str
    as_of: date
    candidates: tuple[Any, ...]
    determinate: bool
    proposed: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def summed(self) -> str:
        """How many steps have which mark, such as `2 changed it, 3 proposed it`."""
        counts = ((len(self.of(role)), role.mark) for role in Role)
        return ", ".join(f"{count} {mark}" for count, mark in counts if count)

    def of(self, *roles: Role) -> tuple[Step, ...]:
        """Return the steps of these roles, in order."""
        return tuple(step for step in self.steps if step.role in roles)
