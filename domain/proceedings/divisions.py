"""The state of a divided question: which parts each body has decided (rule A5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from pydantic import Field

from domain.proceedings.decisions import ADOPTING, CLOSING, POSTPONING, DecisionTaken
from domain.shared.messages import Value


class Question(Value):
    """A body's question as it divided it: its parts, those decided, and those put off.

    `parts` are recommendations; `decided` and `postponed` have for each the decision on it.
    """

    parts: tuple[str, ...] = ()
    decided: dict[str, str] = Field(default_factory=dict)
    postponed: dict[str, str] = Field(default_factory=dict)


class Division(Value):
    """The questions that bodies have divided in one matter."""

    questions: dict[str, Question] = Field(default_factory=dict)

    def of(self, body: str) -> Question:
        """Return the question before a body; without parts where it was not divided."""
        return self.questions.get(body, Question())

    def own(self, body: str) -> tuple[str, ...]:
        """Return the parts that a body has not decided, of those that are before it."""
        question = self.of(body)
        return tuple(part for part in question.parts if part not in question.decided)

    def left(self, body: str) -> tuple[str, ...]:
        """Return what is left of the matter for a body: its own parts, and what others put off."""
        decided, own = self.of(body).decided, self.own(body)
        others = (
            part
            for name, question in self.questions.items()
            if name != body
            for part in question.postponed
            if part not in decided
        )
        return tuple(dict.fromkeys((*own, *others)))

    def after(self, event: DecisionTaken) -> Division:
        """Return the division after one more decision."""
        question = self.of(event.body)
        if not (event.parts or self.questions):
            return self
        on = tuple(self._settled(event))
        fate = dict.fromkeys(on, event.decision)
        decided, postponed = dict(question.decided), dict(question.postponed)
        for part in on:
            postponed.pop(part, None)
        if event.kind in CLOSING:
            decided |= fate
        elif event.kind in POSTPONING:
            postponed |= fate
        parts = tuple(dict.fromkeys((*question.parts, *event.question)))
        changed = Question(parts=parts, decided=decided, postponed=postponed)
        return Division(questions={**self.questions, event.body: changed})

    def _settled(self, event: DecisionTaken) -> Iterable[str]:
        """Return the parts that a decision is on.

        One on the whole leaves nothing that others put off.
        """
        if event.parts:
            return event.parts
        if event.kind in ADOPTING:
            return event.adopts
        return self.left(event.body) if event.kind in CLOSING else ()

    def dropping(self, parts: Collection[str]) -> Division:
        """Return the division without parts that a motion took away."""
        if not (parts and self.questions):
            return self
        kept = {
            body: question.model_copy(
                update={"parts": tuple(part for part in question.parts if part not in parts)}
            )
            for body, question in self.questions.items()
        }
        return Division(questions=kept)

    def without(self, body: str, parts: Iterable[str] | None = None) -> Division:
        """Return the division with these parts before the body again, or with all of them."""
        question = self.of(body)
        if parts is None:
            return Division(questions={b: q for b, q in self.questions.items() if b != body})
        again = set(parts)
        decided = {part: by for part, by in question.decided.items() if part not in again}
        changed = question.model_copy(update={"decided": decided})
        return Division(questions={**self.questions, body: changed})


def closes_part(event: DecisionTaken, division: Division) -> bool:
    """True where a decision ends the body's part of the matter; the division is that after it."""
    return event.kind in CLOSING and not division.left(event.body)


def origins_of_parts(parts: Iterable[str]) -> Iterator[str]:
    """Yield the documents or bodies whose recommendations the parts are."""
    for part in parts:
        yield part.rpartition("/")[0]
