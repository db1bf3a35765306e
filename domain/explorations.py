"""Looks at possible relationships: directed by Council or intended by staff, and reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, assert_never

from domain.cities import PlaceCode
from domain.instruments import ExplorationIntended, ExplorationReported, Explore
from domain.kernel import Answer, Basis, Event, Finding, Refusal, Ruling, StreamId
from domain.rules import Ground, silent


class ExplorationDirected(Event):
    """A body directed that a relationship be explored."""

    TOPIC: ClassVar[str] = "exploration-directed.v1"

    subject: str
    name: str
    places: tuple[PlaceCode, ...]
    report_back: bool
    purpose: str | None


class ExplorationStated(Event):
    """Staff stated that they mean to explore a relationship; no body directed it."""

    TOPIC: ClassVar[str] = "exploration-stated.v1"

    subject: str
    name: str
    places: tuple[PlaceCode, ...]
    purpose: str | None


class ExplorationAnswered(Event):
    """The report that an exploration owed was given."""

    TOPIC: ClassVar[str] = "exploration-answered.v1"

    subject: str
    document: str


ExplorationEvent = ExplorationDirected | ExplorationStated | ExplorationAnswered
ExplorationAct = Explore | ExplorationIntended | ExplorationReported


class NoExploration(Refusal):
    """There is no exploration of this subject to report on."""

    rule = "R2"

    def __init__(self, subject: str) -> None:
        super().__init__(subject=subject)


@dataclass(frozen=True, slots=True)
class Exploration:
    """One subject: known, directed, and whether a report is owed; open until one is given."""

    known: bool = False
    directed: bool = False
    report_owed: bool = False
    open_as: str | None = None


def stream_of(subject: str) -> StreamId:
    """The stream of an exploration."""
    return StreamId(f"exploration/{subject}")


def decide(state: Exploration, act: ExplorationAct, document: str, basis: Basis) -> Ruling:
    """Rule R2: a report back that was asked for is owed until it is given."""
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
            return Ruling(() if state.known else (stated,))
        case ExplorationReported(subject=subject):
            if not state.known:
                raise NoExploration(subject)
            met = Finding(rule="R2", answer=Answer.MET, reason=f"{subject}: reported")
            return Ruling(
                (ExplorationAnswered(subject=subject, document=document, **basis),), (met,)
            )
        case _:
            assert_never(act)


def in_order(act: Explore, tiers: Mapping[str, str | None], ground: Ground) -> tuple[Finding, ...]:
    """Rule W2: which tiers are explored first. `tiers` has each place's, by its name."""
    if not tiers:
        return ()
    first, second = (
        ground.words("exploration.tiers.first"),
        ground.words("exploration.tiers.second"),
    )
    if first is None:
        return (silent("W2", "says which tiers are explored first"),)
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
    """The exploration after one more event."""
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
