"""An explanation as PROV (W3C): papers and states, what was done with them, and by whom.

What only spoke of the fact is in the document with its role, and nothing is derived from it. What
allowed the change influenced the fact, and no more is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import quote

from prov.model import ProvDocument

from domain.shared.messages import Citation
from projections.explanation.account import Account, Role, Step

NAMESPACE = "urn:alliance-register:"
_THINGS = ("report", "communication", "effect", "withdrawal")
_CHANGING = (Role.CHANGES, Role.CHANGED_BEFORE)


def prov_json(account: Account, bodies: Mapping[int, str], evidence: str = "") -> str:
    """Return the account as PROV-JSON; `evidence` is the line that cites its head."""
    told = document(account, bodies)
    if evidence:
        told.entity(_id("evidence"), {"prov:label": evidence})
    return str(told.serialize(format="json", indent=1))


def document(account: Account, bodies: Mapping[int, str]) -> Any:
    """Return the account as a document of the `prov` library."""
    told: Any = ProvDocument()
    told.add_namespace("alliance", NAMESPACE)
    fact = told.entity(_id("fact", account.fact), {"prov:label": account.fact})
    for step in account.steps:
        _step(told, step, bodies)
    for step in account.steps:
        _recording(told, step)
    making = account.of(*_CHANGING, Role.PROPOSES)
    for step in making:
        _relations(told, fact, step, making)
    for step in account.of(Role.ALLOWS):
        told.wasInfluencedBy(fact, _name(step))
    return told


def _name(step: Step) -> str:
    return _id(step.kind, step.stream, str(step.version))


def _id(*parts: str) -> str:
    """Return a qualified name; what PROV-N cannot write in one is percent-encoded."""
    return "alliance:" + "/".join(quote(part, safe="/") for part in parts)


def _step(told: Any, step: Step, bodies: Mapping[int, str]) -> None:
    attributes = [
        ("prov:label", f"{step.item}: {step.says}"),
        ("prov:type", step.kind),
        ("alliance:role", step.role.value),
        ("alliance:relation", step.relation),
        ("alliance:decidedOn", str(step.on)),
        ("alliance:effectiveFrom", str(step.effective_from)),
        *(("alliance:cites", _place(c)) for c in step.cites),
        *(("alliance:finding", f"{f.rule}: {f.answer}: {f.reason}") for f in step.findings),
        *(("alliance:provision", str(ref)) for ref in step.provisions),
    ]
    if step.kind in _THINGS:
        thing = told.entity(_name(step), attributes)
        if step.by:
            told.wasAttributedTo(thing, _agent(told, "person", step.by))
        return
    began, ended = _at(step.on.first, time.min), _at(step.on.last, time.max)
    act = told.activity(_name(step), began, ended, attributes)
    if step.body:
        told.wasAssociatedWith(act, _agent(told, "body", step.body, bodies.get(step.number)))
    if step.by:
        told.wasAssociatedWith(act, _agent(told, "person", step.by))


def _agent(told: Any, kind: str, who: str, name: str | None = None) -> Any:
    found = told.get_record(_id(kind, who))
    return found[0] if found else told.agent(_id(kind, who), {"prov:label": name or who})


def _recording(told: Any, step: Step) -> None:
    """Add the entering of the step, with its actor and time: an activity of its own."""
    if not step.command:
        return
    name = _id("command", step.command)
    if not told.get_record(name):
        at = datetime.fromtimestamp(step.recorded_at / 1_000_000, UTC)
        recording = told.activity(name, at, at, {"prov:type": "recording"})
        told.wasAssociatedWith(recording, _agent(told, "clerk", step.actor or ""))
    if step.kind in _THINGS:
        told.used(name, _name(step))
    else:
        told.wasInformedBy(name, _name(step))


def _relations(told: Any, fact: Any, step: Step, making: Iterable[Step]) -> None:
    """Add the steps that the step rests on, among those that changed the proposal before."""
    before = [s for s in making if s.number < step.number and s.matter == step.matter]
    if step.kind in ("effect", "withdrawal"):
        if step.role in _CHANGING:
            told.specializationOf(_name(step), fact)
        for other in before:
            if other.kind == "decision" and step.authority == f"{other.matter}/{other.item}":
                told.wasGeneratedBy(_name(step), _name(other))
            elif other.kind in _THINGS[:2]:
                told.wasDerivedFrom(_name(step), _name(other))
        return
    for other in before:
        if other.kind in _THINGS[:2]:
            told.used(_name(step), _name(other))
        elif other.kind != "effect" and step.kind in ("decision", "motion"):
            told.wasInformedBy(_name(step), _name(other))


def _place(cite: Citation) -> str:
    return f"{cite.document}, {cite.place}" if cite.place else cite.document


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock.replace(microsecond=0))
