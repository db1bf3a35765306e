"""How a rule is read and weighed: its figures from the provision in force, its answer kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from domain.dates import When
from domain.facts import PolicyInForce
from domain.kernel import Answer, Finding, ProvisionRef, Refusal


class Count(NamedTuple):
    """A number that a provision in force states."""

    value: int
    provision: ProvisionRef


class Words(NamedTuple):
    """A list of words that a provision in force states."""

    value: tuple[str, ...]
    provision: ProvisionRef


@dataclass(frozen=True, slots=True)
class Ground:
    """What an act is judged by: the policy in force on its day, and the provisions set aside.

    `notwithstanding` comes from a competent body's decision, and only from there.
    """

    policy: PolicyInForce
    notwithstanding: frozenset[str] = frozenset()

    def count(self, term: str) -> Count | None:
        """A number in force, `None` where no provision carries it."""
        found = self.policy.term(term)
        if found is None or not isinstance(found.value, int):
            return None
        return Count(found.value, found.provision)

    def words(self, term: str) -> Words | None:
        """A list in force, one word included; `None` where no provision carries it."""
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
            elif answer.provision and answer.provision.address in self.notwithstanding:
                findings.append(_overridden(answer, answer.provision))
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


def silent(rule: str, of: str) -> Finding:
    """What a rule answers where no provision in force `of` it, such as "states the goals"."""
    return Finding(rule=rule, answer=Answer.NOT_APPLICABLE, reason=f"no provision in force {of}")


NOTHING = frozenset({"", "-", "–", "—", "none", "nothing"})


def grants(words: tuple[str, ...]) -> tuple[str, ...]:
    """What a cell of the programming table grants: nothing where it has a dash or says none."""
    return tuple(word for word in words if word.strip().casefold() not in NOTHING)


def folded(words: str) -> str:
    """Words without case, hyphens and spaces, for comparing what people write."""
    return "".join(c for c in words.casefold() if c.isalnum())


def named(wanted: Iterable[str], given: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which of the wanted words are missing among the given, and which given ones are unknown."""
    wanted, given = tuple(wanted), tuple(given)
    has, knows = {folded(g) for g in given}, {folded(w) for w in wanted}
    return (
        tuple(w for w in wanted if folded(w) not in has),
        tuple(g for g in given if folded(g) not in knows),
    )


def span(when: When) -> tuple[date, date]:
    """How dates of one record are put in order: by earliest, then by latest day."""
    return (when.first, when.last)
