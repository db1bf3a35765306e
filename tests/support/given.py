"""Given, when, then: what was recorded, what is asked, and what comes of it.

    mission = Context(missions.evolve, missions.Mission())
    mission.given(proposed, planned).when(lambda state: ...).refused(StepSkipped, step="planned")

Events are compared whole; refusals by class, figures and provision, never by their wording.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pytest

from domain.shared.findings import Answer, Finding, Ruling
from domain.shared.messages import Event, ProvisionRef
from domain.shared.problems import Problem

S = TypeVar("S")
Decision = Callable[[S], Ruling]


@dataclass(frozen=True)
class Context(Generic[S]):
    """One context: how its events make up its state."""

    evolve: Callable[[S, Any], S]
    initial: S

    def given(self, *events: Event) -> Given[S]:
        """What is recorded before."""
        state = self.initial
        for event in events:
            state = self.evolve(state, event)
        return Given(self, state)


@dataclass(frozen=True)
class Given(Generic[S]):
    """A state, and what may be asked in it."""

    context: Context[S]
    state: S

    def when(self, decision: Decision[S]) -> When[S]:
        """What is asked; decided only once the test says what should come of it."""
        return When(self, decision)


@dataclass(frozen=True)
class When(Generic[S]):
    """A question; the three ways to go on are its answers."""

    before: Given[S]
    decision: Decision[S]

    def then(self, *events: Event) -> None:
        """Exactly these events come of it; none says that it is so already."""
        assert self.decision(self.before.state).events == events

    def refused(self, refusal: type[Problem], **figures: object) -> None:
        """It is refused by this rule, with these figures, and with `provision` where given."""
        with pytest.raises(refusal) as raised:
            self.decision(self.before.state)
        details = {**raised.value.details, "class": type(raised.value)}
        assert details == {**details, **figures, "class": refusal}

    def finds(self, rule: str, *answers: Answer, provision: ProvisionRef | None = None) -> None:
        """These are the rule's answers, in order, and each event keeps them."""
        ruling = self.decision(self.before.state)
        found = [f for f in ruling.findings if f.rule == rule]
        assert [f.answer for f in found] == list(answers)
        assert all(_kept(event) >= set(_keys(ruling.findings)) for event in ruling.events[-1:])
        if provision:
            assert [f.provision for f in found] == [provision] * len(found)

    def and_then(self) -> Given[S]:
        """What is recorded after it."""
        state = self.before.state
        for event in self.decision(state).events:
            state = self.before.context.evolve(state, event)
        return Given(self.before.context, state)


def _kept(event: Event) -> set[tuple[object, ...]]:
    return set(_keys(getattr(event, "findings", ())))


def _keys(findings: Sequence[Finding]) -> list[tuple[object, ...]]:
    return [(f.rule, f.answer, f.reason) for f in findings]
