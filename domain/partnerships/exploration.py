"""Looks at possible relationships: directed by a body or intended by staff, and reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, assert_never

from domain.instruments import ExplorationIntended, ExplorationReported, Explore
from domain.places import PlaceCode
from domain.shared.findings import Answer, Finding, Ground, Ruling, finding_of_silence
from domain.shared.messages import Basis, Effect, StreamId
from domain.shared.problems import Refusal
from domain.shared.timeline import Timeline


class ExplorationDirected(Effect):
    """A body directed that a relationship be explored."""

    TOPIC: ClassVar[str] = "exploration-directed.v1"

    subject: str
    name: str
    places: tuple[PlaceCode, ...]
    report_back: bool
    purpose: str | None


class ExplorationStated(Effect):
    """Staff stated that they mean to explore a relationship; no body directed it."""

    TOPIC: ClassVar[str] = "exploration-stated.v1"

    subject: str
    name: str
    places: tuple[PlaceCode, ...]
    purpose: str | None


class ExplorationAnswered(Effect):
    """The report that an exploration owed was given."""

    TOPIC: ClassVar[str] = "exploration-answered.v1"

    subject: str
    document: str


ExplorationEvent = ExplorationDirected | ExplorationStated | ExplorationAnswered
ExplorationAct = Explore | ExplorationIntended | ExplorationReported


class NoExploration(Refusal):
    """There is no exploration of this subject to report on."""

    rule = "R2"
    subject: str


@dataclass(frozen=True, slots=True)
class Exploration:
    """One subject: known, directed, and whether a report is owed; open until one is given."""

    known: bool = False
    directed: bool = False
    report_owed: bool = False
    open_as: str | None = None


STREAMS = "exploration"
"""The kind of stream, for asking the log for all of them."""


def stream_of(subject: str) -> StreamId:
    """Return the stream of an exploration."""
    return StreamId(f"{STREAMS}/{subject}")


def decide(state: Exploration, act: ExplorationAct, document: str, basis: Basis) -> Ruling:
    """Apply rule R2: a report back that was asked for is owed until it is given."""
    match act:
        case Explore():
            owed = Finding(
                rule="R2",
                answer=Answer.NOT_MET if act.report_back else Answer.NOT_APPLICABLE,
                reason=f"{act.name}: a report back is owed"
                if act.report_back
                else f"{act.name}: no report back was asked for",
            )
            directed = ExplorationDirected(
                subject=act.subject,
                name=act.name,
                places=act.places,
                report_back=act.report_back,
                purpose=act.purpose,
                **basis,
            )
            return Ruling((directed,), (owed,))
        case ExplorationIntended():
            stated = ExplorationStated(
                subject=act.subject,
                name=act.name,
                places=act.places,
                purpose=act.purpose,
                **basis,
            )
            return Ruling(() if state.open_as else (stated,))
        case ExplorationReported(subject=subject):
            if not state.known:
                raise NoExploration(subject=subject)
            met = Finding(rule="R2", answer=Answer.MET, reason=f"{subject}: reported")
            return Ruling(
                (ExplorationAnswered(subject=subject, document=document, **basis),), (met,)
            )
        case _:
            assert_never(act)


def tiers_in_order(
    act: Explore, tiers: Mapping[str, str | None], ground: Ground
) -> tuple[Finding, ...]:
    """Apply rule W2: which tiers are explored first. `tiers` has each place's, by its name."""
    if not tiers:
        return ()
    first, second = (
        ground.words("exploration.tiers.first"),
        ground.words("exploration.tiers.second"),
    )
    if first is None:
        return (finding_of_silence("W2", "says which tiers are explored first"),)
    answers: list[Finding] = []
    for name, tier in tiers.items():
        later = second is not None and tier in second.value
        order = "first" if tier in first.value else "second" if later else "in no order"
        answers.append(
            Finding(
                rule="W2",
                answer=Answer.MET if tier in first.value else Answer.ADVISORY,
                reason=f"{act.name}: {name} is {tier or 'in no tier'}, explored {order}",
                provision=first.provision,
            )
        )
    return tuple(answers)


def evolve(state: Exploration, event: ExplorationEvent) -> Exploration:
    """Return the exploration after one more event."""
    match event:
        case ExplorationDirected(report_back=report_back, name=name):
            owed = state.report_owed or report_back
            return Exploration(known=True, directed=True, report_owed=owed, open_as=name)
        case ExplorationStated(name=name):
            return replace(state, known=True, open_as=name)
        case ExplorationAnswered():
            return replace(state, report_owed=False, open_as=None)
        case _:
            assert_never(event)


def _objection(state: Exploration, event: ExplorationEvent) -> Refusal | None:
    if isinstance(event, ExplorationAnswered) and not state.known:
        return NoExploration(subject=event.subject)
    return None


def _ground(state: Exploration, event: ExplorationEvent) -> str:
    if not state.known:
        return "not explored"
    explored = "directed" if state.directed else "stated"
    return f"{explored}, {'open' if state.open_as else 'reported'}"


TIMELINE = Timeline(
    rule="R2",
    nothing=Exploration(),
    evolve=evolve,
    objection=_objection,
    ground=_ground,
    begins=(ExplorationDirected, ExplorationStated),
)
