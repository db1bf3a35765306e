"""States of the policy that can be compared: on a day, at a stage of a matter, in a version.

A state gives each provision's text, with the motions and decisions behind it; what lies between two
states is then what one of them has and the other has not.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from adapters.bootstrap import Register
from adapters.queries.moment import Moment, as_known, day
from domain.proceedings.decisions import ADOPTING, DecisionKind
from domain.proceedings.matter import stream_of
from domain.proceedings.motions import Result
from domain.shared.history import as_recorded
from domain.shared.problems import Invalid
from domain.shared.provisions import ProvisionDraft
from projections.engine.read_model import LAST_DAY, Held, Phase
from projections.explanation.adopted_recommendations import Adoption
from projections.matters import DECISION_RECORD, MatterItem
from projections.policy import POLICY_TEXT, PROPOSALS, Proposal, Provision

STAGES = ("submitted", "recommended", "adopted")
_VERSION = re.compile(r"v(\d+)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Order = tuple[date, date, int]


class UnknownState(Invalid):
    """A state of the policy is a day, a stage (with its matter), or a version of one provision."""

    state: str
    needs: str = ""
    provision: str = ""
    matter: str = ""
    reached: str = ""
    known: object = ()
    reason: str = ""


class Stages(NamedTuple):
    """The stages that the texts of one matter have reached, the first first."""

    matter: str
    reached: tuple[str, ...]

    def named(self, number: int) -> str:
        """Return a stage as it is asked for, such as `submitted@2001-12-4`."""
        return f"{self.reached[number]}@{self.matter}"


def stages(register: Register, at: Moment, address: str | None = None) -> list[Stages]:
    """Yield the stages that can be compared, of matters with texts of a provision, or of any."""
    states = States(register, at.known)
    found: list[Stages] = []
    for matter in states.matters(address):
        reached: list[str] = []
        for stage in STAGES:
            with suppress(UnknownState):
                states.find(f"{stage}@{matter}", address)
                reached.append(stage)
        found.append(Stages(matter, tuple(reached)))
    return found


@dataclass(frozen=True, slots=True)
class Text:
    """The texts a provision may have in a state, `None` if it has none, and their causes.

    `motions` and `decisions` are named `matter/name`.
    """

    draft: ProvisionDraft | None
    motions: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class State:
    """The policy in one state: of each provision all that it may say, in order.

    On a day on which the record cannot tell there are several; in a stage and a version one.
    """

    name: str
    texts: Mapping[str, tuple[Text, ...]] = field(default_factory=dict[str, tuple[Text, ...]])

    def candidates(self, address: str) -> tuple[Text, ...]:
        """Return all that a provision may say; no text where the state has no such provision."""
        return self.texts.get(address, (Text(None),))


@dataclass(frozen=True)
class States:
    """Reads states from a register, as known at a position."""

    register: Register
    known: int | None
    _adoptions: dict[str, Adoption] = field(default_factory=dict[str, Adoption], init=False)

    @cached_property
    def _record(self) -> Mapping[str, Sequence[Held[MatterItem]]]:
        """The texts before each matter, in order: a provision may come of any number of them."""
        found: dict[str, list[Held[MatterItem]]] = {}
        for held in sorted(
            self.register.reader(DECISION_RECORD).every(date.max, self.known), key=_order
        ):
            found.setdefault(held.state.matter, []).append(held)
        return found

    def find(self, name: str, address: str | None) -> State:
        """Return the state of a name, of one provision or of all. Raises `UnknownState`."""
        if _DAY.fullmatch(name):
            return State(name, dict(self._on(_day(name), address)))
        if version := _VERSION.fullmatch(name):
            return State(name, _sure(self._version(int(version[1]), address)))
        stage, _, matter = name.partition("@")
        if stage not in STAGES:
            raise UnknownState(state=name, known=("2001-12-06", *STAGES, "v1"))
        matter = self._matter(stage, matter)
        if matter not in self.matters() and not any(self._enacted_in(matter, ())):
            known = tuple(f"{stage}@{each}" for each in self.matters())
            reason = f"{matter} neither proposed nor changed a provision"
            raise UnknownState(state=name, reason=reason, known=known)
        texts = self._stage(stage, matter)
        return State(name, _sure((a, t) for a, t in texts if address in (None, a)))

    def matters(self, address: str | None = None) -> list[str]:
        """Return matters that proposed a text for a provision; of any, if none is given."""
        proposals = self._proposals()
        return sorted({p.matter for p in proposals if address in (None, p.address)})

    def item(self, name: str) -> MatterItem | None:
        """Return a motion or decision, by `matter/name`."""
        answer = self.register.reader(DECISION_RECORD).answer(name, date.max, self.known)
        return answer.candidates[-1]

    def _on(self, on: date, address: str | None) -> Iterator[tuple[str, tuple[Text, ...]]]:
        """Yield what `list provisions` answers: what surely holds, and what may hold."""
        day = min(on, LAST_DAY)
        for each in [address] if address else self._addresses():
            phases = self._history(each)
            possible = [n for n, p in enumerate(phases) if p.first <= day < p.until_last]
            if not possible:
                continue
            found = [self._made_by(each, _states(phases[: n + 1])) for n in possible]
            before = [Text(None)] if all(phases[n].last > day for n in possible) else []
            yield each, (*before, *found)

    def _version(self, version: int, address: str | None) -> Iterator[tuple[str, Text]]:
        if address is None:
            raise UnknownState(state=f"v{version}", needs="a provision, such as outbound/2")
        states = _states(self._history(address))
        numbers = [state.version for state in states]
        if version not in numbers:
            raise UnknownState(state=f"v{version}", provision=address, known=tuple(numbers))
        yield address, self._made_by(address, states[: numbers.index(version) + 1])

    def _made_by(self, address: str, states: list[Provision]) -> Text:
        if not states:
            return Text(None)
        decisions = frozenset(state.decision for state in states if state.decision)
        last = states[-1]
        found: set[str] = set()
        for name in decisions:
            matter = name.partition("/")[0]
            items = self._items(matter)
            until = next((_order(h) for h in items if h.key == name), _END)
            found |= _motions(items, address, until) & self._adopted(name)
        return Text(draft_of(last) if last.in_force else None, frozenset(found), decisions)

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
        """Yield provisions that a matter changed without a text of it being before the bodies."""
        for address in self._addresses():
            states = _states(self._history(address))
            until = max(
                (n for n, s in enumerate(states, 1) if (s.decision or "").startswith(f"{matter}/")),
                default=0,
            )
            if until and address not in proposed:
                yield address, self._made_by(address, states[:until])

    def _matter(self, stage: str, matter: str) -> str:
        known = tuple(self.matters())
        if matter or len(known) == 1:
            return matter or known[0]
        raise UnknownState(state=stage, needs="a matter", known=[f"{stage}@{m}" for m in known])

    def _addresses(self) -> list[str]:
        held = self.register.reader(POLICY_TEXT).every(date.max, self.known)
        return [h.key for h in held]

    def _history(self, address: str) -> list[Phase[Provision]]:
        return self.register.reader(POLICY_TEXT).history(address, self.known)

    def _proposals(self) -> Iterable[Proposal]:
        held = self.register.reader(PROPOSALS).every(date.max, self.known)
        return [h.state for h in held]

    def _adopted(self, decision: str) -> frozenset[str]:
        """Return motions that carried on what a decision adopted: all by `matter/name`."""
        matter, _, name = decision.partition("/")
        return frozenset(f"{matter}/{motion}" for motion in self._adoption(matter).motions(name))

    def _adoption(self, matter: str) -> Adoption:
        if matter not in self._adoptions:
            stream = stream_of(matter)
            at = Moment(date.max, self.known)
            entries = as_known(self.register, (stream,), at)[stream]
            self._adoptions[matter] = Adoption(as_recorded(entries))
        return self._adoptions[matter]

    def _items(self, matter: str) -> Sequence[Held[MatterItem]]:
        return self._record.get(matter, ())


def _sure(texts: Iterable[tuple[str, Text]]) -> dict[str, tuple[Text, ...]]:
    return {address: (text,) for address, text in texts}


def _states(phases: Iterable[Phase[Provision]]) -> list[Provision]:
    return [phase.state for phase in phases if phase.state]


_START: Order = (date.min, date.min, 0)
_END: Order = (date.max, date.max, 0)


def _day(name: str) -> date:
    try:
        return day(name)
    except ValueError as error:
        raise UnknownState(state=name, reason=str(error)) from None


def _order(held: Held[MatterItem]) -> Order:
    return (held.state.on.first, held.state.on.last, held.phase.position)


def _motions(items: Iterable[Held[MatterItem]], address: str, until: Order) -> set[str]:
    """Return motions carried before a decision that changed the provision or proposed to."""
    return {
        h.key
        for h in items
        if h.state.kind == "motion"
        and h.state.result == Result.CARRIED
        and _order(h) < until
        and _concerns(h.state.detail["operation"], address)
    }


def _concerns(operation: Mapping[str, Any], address: str) -> bool:
    target = f"provision/{address}"
    if operation.get("target") == target or target in operation.get("numbers", ()):
        return True
    several = [operation.get("recommendation") or {}, *operation.get("recommendations", ())]
    acts = [act for each in several for act in each.get("instruments", ())]
    return any(address in (a.get("address"), a.get("draft", {}).get("address")) for a in acts)


def draft_of(row: Provision) -> ProvisionDraft:
    """Return the text of a provision, as it would be proposed."""
    return ProvisionDraft(
        address=row.address,
        number=None if row.number == row.address else row.number,
        heading=row.heading,
        text=row.text,
        items=row.items,
        terms=row.terms,
        wording=row.wording,
    )
