"""Rules read their figures from the provision in force; their answers are kept as findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from domain.shared.durations import Duration, units_of
from domain.shared.messages import Event, ProvisionRef, Value
from domain.shared.problems import Refusal
from domain.shared.provisions import PolicyInForce, TermChanges, Terms, terms_unread


class Answer(StrEnum):
    """A rule's answer on an act."""

    MET = "met"
    NOT_MET = "not met"
    ADVISORY = "advisory"
    NOT_APPLICABLE = "not applicable"
    OVERRIDDEN = "not met, overridden"


class Finding(Value):
    """A rule's answer on an act, stored with the decision it was made for."""

    rule: str
    answer: Answer
    reason: str
    provision: ProvisionRef | None = None


class Ruling(NamedTuple):
    """The result of a decision: its events, `()` when it is already so, and its findings."""

    events: tuple[Event, ...]
    findings: tuple[Finding, ...] = ()


class Count(NamedTuple):
    """A number that a provision in force states."""

    value: int
    provision: ProvisionRef


class Length(NamedTuple):
    """A duration that a provision in force states."""

    value: Duration
    provision: ProvisionRef


class Words(NamedTuple):
    """A list of words that a provision in force states."""

    value: tuple[str, ...]
    provision: ProvisionRef


@dataclass(frozen=True, slots=True)
class Ground:
    """The basis of a judgement: the policy in force on the act's day, and provisions set aside.

    `notwithstanding` comes from a competent body's decision, and only from there; `currency` is the
    city's, where its charter names one.
    """

    policy: PolicyInForce
    notwithstanding: frozenset[str] = frozenset()
    currency: str | None = None

    def count(self, term: str) -> Count | None:
        """Return a number in force, `None` where no provision carries it."""
        found = self.policy.term(term)
        if found is None or not isinstance(found.value, int):
            return None
        return Count(found.value, found.provision)

    def duration(self, name: str) -> Length | None:
        """Return a duration in force, in the units of its terms; `None` where there is none."""
        carried = {unit: self.count(term) for unit, term in units_of(name).items()}
        stated = {unit: count for unit, count in carried.items() if count}
        if not stated:
            return None
        value = Duration(**{unit: count.value for unit, count in stated.items()})
        return Length(value, next(iter(stated.values())).provision)

    def words(self, term: str) -> Words | None:
        """Return a list in force, one word included; `None` where no provision carries it."""
        found = self.policy.term(term)
        if found is None or isinstance(found.value, int):
            return None
        value = (found.value,) if isinstance(found.value, str) else found.value
        return Words(value, found.provision)

    def weigh(self, answers: Iterable[Finding | Refusal]) -> tuple[Finding, ...]:
        """Raise the first refusal that no decision set aside; keep everything else as findings."""
        findings: list[Finding] = []
        for answer in answers:
            if isinstance(answer, Finding):
                findings.append(answer)
            elif answer.by_provision and answer.by_provision.address in self.notwithstanding:
                findings.append(_overridden(answer, answer.by_provision))
            else:
                raise answer
        return tuple(findings)


def _overridden(refusal: Refusal, provision: ProvisionRef) -> Finding:
    figures = "; ".join(
        f"{name} {value}"
        for name, value in refusal.details.items()
        if name not in ("rule", "provision")
    )
    return Finding(
        rule=refusal.rule,
        answer=Answer.OVERRIDDEN,
        reason=f"{refusal.title} ({figures})" if figures else refusal.title,
        provision=provision,
    )


def finding_of_silence(rule: str, of: str) -> Finding:
    """Return the finding that no provision in force does what `of` says: "states the goals"."""
    return Finding(rule=rule, answer=Answer.NOT_APPLICABLE, reason=f"no provision in force {of}")


def activities_granted(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the activities that a cell of the programming table grants; a dash grants none."""
    return tuple(word for word in words if any(letter.isalnum() for letter in word))


def unread_terms(terms: Iterable[str], in_force: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Apply rule A2 to terms that no rule reads: keep them, and point at likely misspellings.

    `in_force` are the other terms of the policy.
    """
    found = terms_unread(terms, in_force)
    said = (f"{name} (is {near} meant?)" if near else name for name, near in found.items())
    reason = f"no rule reads {', '.join(said)}"
    return (Finding(rule="A2", answer=Answer.ADVISORY, reason=reason),) if found else ()


def terms_that_stay(
    target: str, terms: Terms, changes: TermChanges | Literal["unchanged"] | None
) -> tuple[Finding, ...]:
    """Apply rule A2 to the terms that an amendment of others does not name."""
    if changes is None or changes == "unchanged" or not (kept := sorted(terms.keys() - changes)):
        return ()
    reason = f"terms of {target} that are not named stay: {', '.join(kept)}"
    return (Finding(rule="A2", answer=Answer.ADVISORY, reason=reason),)
