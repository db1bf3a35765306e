"""States of the policy that can be compared: on a day, at a stage of a matter, in a version.

A state gives each provision's text, with the motions and decisions behind it; what lies between two
states is then what one of them has and the other has not.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from adapters.bootstrap import Register
from adapters.moments import Moment, as_known, day
from domain.decisions import ADOPTING, DecisionKind
from domain.facts import ProvisionDraft
from domain.history import as_recorded
from domain.kernel import Invalid, StreamId
from domain.motions import Result
from projections.adoption import Adoption
from projections.decision_record import DECISION_RECORD, Item
from projections.policy_text import POLICY_TEXT, PROPOSALS, Proposal, Provision
from projections.timeline import LAST_DAY, Held

STAGES = ("submitted", "recommended", "adopted")
_VERSION = re.compile(r"v(\d+)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Order = tuple[date, date, int]


class UnknownState(Invalid):
    """A state of the policy is a day, a stage (with its matter), or a version of one provision."""


@dataclass(frozen=True, slots=True)
class Text:
    """A provision in a state, `None` where there is none, and what made it so: `matter/name`."""

    draft: ProvisionDraft | None
    motions: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class State:
    """The policy in one state."""

    name: str
    texts: Mapping[str, Text] = field(default_factory=dict[str, Text])

    def text(self, address: str) -> Text:
        """A provision's text, none where the state has no such provision."""
        return self.texts.get(address, Text(None))


@dataclass(frozen=True)
class States:
    """Reads states from a register, as known at a position."""

    register: Register
    known: int | None
    _adoptions: dict[str, Adoption] = field(default_factory=dict[str, Adoption], init=False)

    @cached_property
    def _record(self) -> Mapping[str, Sequence[Held[Item]]]:
        """What was before each matter, in order: a provision may come of any number of them."""
        found: dict[str, list[Held[Item]]] = {}
        for held in sorted(
            self.register.reader(DECISION_RECORD).every(date.max, self.known), key=_order
        ):
            found.setdefault(held.state.matter, []).append(held)
        return found

    def find(self, name: str, address: str | None) -> State:
        """The state of a name, of one provision or of all. Raises `UnknownState`."""
        if _DAY.fullmatch(name):
            return State(name, dict(self._on(_day(name), address)))
        if version := _VERSION.fullmatch(name):
            return State(name, dict(self._version(int(version[1]), address)))
        stage, _, matter = name.partition("@")
        if stage not in STAGES:
            raise UnknownState(state=name, known=("2001-12-06", *STAGES, "v1"))
        texts = self._stage(stage, self._matter(stage, matter))
        return State(name, {a: t for a, t in texts if address in (None, a)})

    def item(self, name: str) -> Item | None:
        """A motion or decision, by `matter/name`."""
        answer = self.register.reader(DECISION_RECORD).answer(name, date.max, self.known)
        return answer.candidates[-1]

    def _on(self, on: date, address: str | None) -> Iterator[tuple[str, Text]]:
        for each in [address] if address else self._addresses():
            phases = [p for p in self._history(each) if p.last <= min(on, LAST_DAY)]
            if phases:
                yield each, self._made_by(each, [p.state for p in phases if p.state])

    def _version(self, version: int, address: str | None) -> Iterator[tuple[str, Text]]:
        if address is None:
            raise UnknownState(state=f"v{version}", needs="a provision, such as outbound/2")
        states = [p.state for p in self._history(address) if p.state]
        numbers = [state.version for state in states]
        if version not in numbers:
            raise UnknownState(state=f"v{version}", provision=address, known=tuple(numbers))
        yield address, self._made_by(address, states[: numbers.index(version) + 1])

    def _made_by(self, address: str, states: list[Provision]) -> Text:
        decisions = frozenset(state.decision for state in states if state.decision)
        last = states[-1]
        found: set[str] = set()
        for name in decisions:
            matter = name.partition("/")[0]
            items = self._items(matter)
            until = next((_order(h) for h in items if h.key == name), _END)
            found |= _motions(items, address, until) & self._adopted(name)
        return Text(_draft(last) if last.in_force else None, frozenset(found), decisions)

    def _stage(self, stage: str, matter: str) -> Iterator[tuple[str, Text]]:
        items = self._items(matter)
        kinds = {"recommended": {DecisionKind.RECOMMEND}, "adopted": ADOPTING}.get(stage, set())
        cuts = [h for h in items if h.state.kind == "decision" and h.state.result in kinds]
        if stage != "submitted" and not cuts:
            raise UnknownState(state=f"{stage}@{matter}", matter=matter, reached="submitted")
        until = _order(cuts[-1]) if cuts else _START
        decisions = frozenset(h.key for h in cuts)
        proposed: set[str] = set()
        for proposal in self._proposals():
            if proposal.matter != matter or not proposal.texts:
                continue
            if stage != "adopted" or proposal.adopted:
                before = [t for t in proposal.texts if (t.on.first, t.on.last, t.position) < until]
                text = (before or proposal.texts[:1])[-1]
                motions = _motions(items, proposal.address, until)
                if stage == "adopted":
                    motions &= {motion for name in decisions for motion in self._adopted(name)}
                proposed.add(proposal.address)
                yield proposal.address, Text(text.draft, frozenset(motions), decisions)
        if stage == "adopted":
            yield from self._enacted_in(matter, proposed)

    def _enacted_in(self, matter: str, proposed: Container[str]) -> Iterator[tuple[str, Text]]:
        """Provisions that a matter changed without a text of it being before the bodies."""
        for address in self._addresses():
            states = [p.state for p in self._history(address) if p.state]
            until = max(
                (n for n, s in enumerate(states, 1) if (s.decision or "").startswith(f"{matter}/")),
                default=0,
            )
            if until and address not in proposed:
                yield address, self._made_by(address, states[:until])

    def _matter(self, stage: str, matter: str) -> str:
        known = tuple(sorted({proposal.matter for proposal in self._proposals()}))
        if matter or len(known) == 1:
            return matter or known[0]
        raise UnknownState(state=stage, needs="a matter", known=[f"{stage}@{m}" for m in known])

    def _addresses(self) -> list[str]:
        held = self.register.reader(POLICY_TEXT).every(date.max, self.known)
        return [h.key for h in held]

    def _history(self, address: str) -> list[Any]:
        return self.register.reader(POLICY_TEXT).history(address, self.known)

    def _proposals(self) -> Iterable[Proposal]:
        held = self.register.reader(PROPOSALS).every(date.max, self.known)
        return [h.state for h in held]

    def _adopted(self, decision: str) -> frozenset[str]:
        """Motions that carried on what a decision adopted: all by `matter/name`."""
        matter, _, name = decision.partition("/")
        return frozenset(f"{matter}/{motion}" for motion in self._adoption(matter).motions(name))

    def _adoption(self, matter: str) -> Adoption:
        if matter not in self._adoptions:
            stream = StreamId(f"matter/{matter}")
            at = Moment(date.max, self.known)
            entries = as_known(self.register, (stream,), at)[stream]
            self._adoptions[matter] = Adoption(as_recorded(entries))
        return self._adoptions[matter]

    def _items(self, matter: str) -> Sequence[Held[Item]]:
        return self._record.get(matter, ())


_START: Order = (date.min, date.min, 0)
_END: Order = (date.max, date.max, 0)


def _day(name: str) -> date:
    try:
        return day(name)
    except ValueError as error:
        raise UnknownState(state=name, reason=str(error)) from None


def _order(held: Held[Item]) -> Order:
    return (held.state.on.first, held.state.on.last, held.phase.position)


def _motions(items: Iterable[Held[Item]], address: str, until: Order) -> set[str]:
    """Motions carried before a decision that changed the provision or proposed to."""
    return {
        h.key
        for h in items
        if h.state.kind == "motion"
        and h.state.result == Result.CARRIED
        and _order(h) < until
        and _concerns(h.state.detail["operation"], address)
    }


def _concerns(operation: Mapping[str, Any], address: str) -> bool:
    if operation.get("target") == f"provision/{address}":
        return True
    acts = (operation.get("recommendation") or {}).get("instruments", ())
    return any(address in (a.get("address"), a.get("draft", {}).get("address")) for a in acts)


def _draft(row: Provision) -> ProvisionDraft:
    return ProvisionDraft(
        address=row.address, heading=row.heading, text=row.text, items=row.items, terms=row.terms
    )
