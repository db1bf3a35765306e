"""What an explanation is made of: the steps of a chain, and the account that they add up to."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from domain.dates import When
from domain.kernel import Citation, Finding, ProvisionRef, Replacement, Value


class Role(StrEnum):
    """What a step has to do with the fact."""

    CHANGES = "changes"
    """It changed the fact, or the proposal that became it."""
    PROPOSES = "proposes"
    """It would change the fact, and has not (yet)."""
    CITES = "cites"
    """It speaks of the subject and changed nothing."""
    CORRECTED = "corrected"
    """It was entered by mistake, and a correction took its place."""


class Step(Value):
    """One step of the chain. `by_name` marks what is here for a name in its text alone.

    `says` sums the item up, `passages` are what it says of the subject: what it would make of the
    fact, or where it names it. `cites` begin with the places of these.

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
    result: str | None
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

    def of(self, *roles: Role) -> tuple[Step, ...]:
        """The steps of these roles, in order."""
        return tuple(step for step in self.steps if step.role in roles)
