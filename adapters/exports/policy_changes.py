"""What differs between two states of the policy, and what made it differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from adapters.exports.policy_states import State, States, Text
from adapters.exports.redline import Segment, differs, marked, redline
from domain.facts import ProvisionDraft, TermValue


@dataclass(frozen=True, slots=True)
class Cause:
    """A motion or decision between two states. `documents` are those that prompted the motion."""

    kind: str
    name: str
    body: str | None
    on: str
    mover: str | None
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """One provision that differs: `added`, `deleted` or `amended`, each part as a redline."""

    address: str
    change: str
    heading: tuple[Segment, ...]
    text: tuple[Segment, ...]
    items: tuple[tuple[Segment, ...], ...]
    terms: tuple[tuple[str, TermValue | None, TermValue | None], ...]
    causes: tuple[Cause, ...]

    def row(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "provision": self.address,
            "change": self.change,
            "redline": marked(self.text),
            "heading": _plain(self.heading),
            "text": _plain(self.text),
            "items": [_plain(item) for item in self.items],
            "terms": [
                {"term": name, "before": before, "after": after}
                for name, before, after in self.terms
            ],
            "causes": [
                {
                    "kind": cause.kind,
                    "name": cause.name,
                    "body": cause.body,
                    "on": cause.on,
                    "mover": cause.mover,
                    "documents": list(cause.documents),
                }
                for cause in self.causes
            ],
        }


def changes(states: States, before: State, after: State) -> Iterator[Changed]:
    """Every provision that differs, by address."""
    for address in sorted(before.texts.keys() | after.texts.keys()):
        one, other = before.text(address), after.text(address)
        found = _difference(address, one.draft, other.draft, _causes(states, one, other))
        if found:
            yield found


def _difference(
    address: str,
    one: ProvisionDraft | None,
    other: ProvisionDraft | None,
    causes: tuple[Cause, ...],
) -> Changed | None:
    if one is None and other is None:
        return None
    heading = redline(one.heading if one else "", other.heading if other else "")
    text = redline(one.text if one else "", other.text if other else "")
    items = tuple(_items(one.items if one else (), other.items if other else ()))
    terms = tuple(_terms(one, other))
    if not terms and not any(map(differs, (heading, text, *items))):
        return None
    change = "added" if one is None else "deleted" if other is None else "amended"
    return Changed(address, change, heading, text, items, terms, causes)


def _items(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[Segment, ...]]:
    """Items side by side: what stays is aligned, what is replaced is compared pair by pair."""
    matcher = SequenceMatcher(a=one, b=other, autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        for left, right in zip_longest(one[a:b], other[c:d], fillvalue=""):
            yield redline(left, right)


def _terms(
    one: ProvisionDraft | None, other: ProvisionDraft | None
) -> Iterator[tuple[str, TermValue | None, TermValue | None]]:
    before, after = (one.terms if one else {}), (other.terms if other else {})
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)


def _causes(states: States, one: Text, other: Text) -> tuple[Cause, ...]:
    names = sorted(one.motions ^ other.motions) + sorted(one.decisions ^ other.decisions)
    found: list[Cause] = []
    for name in names:
        item = states.item(name)
        if item:
            documents = tuple(item.detail.get("prompted_by", ()))
            found.append(Cause(item.kind, name, item.body, str(item.on), item.by, documents))
    return tuple(found)


def _plain(segments: Sequence[Segment]) -> list[dict[str, str]]:
    return [{"change": change.value, "text": text} for change, text in segments]
