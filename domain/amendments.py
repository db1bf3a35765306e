"""Rule A2 on what is proposed: what a carried motion makes of the recommendation it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, assert_never

from domain.facts import ProvisionDraft, Terms
from domain.instruments import (
    AdoptProvision,
    DeleteProvision,
    Instrument,
    ReplaceProvision,
    StrikeFromProvision,
)
from domain.kernel import Refusal
from domain.motions import (
    Add,
    Delete,
    DeleteAndInsert,
    Operation,
    Recommendation,
    Strike,
    SubjectTo,
)
from domain.wording import strike

OF_A_MOTION = "motion/"
"""How the id begins of a recommendation that a motion on a provision in force makes."""


class NoSuchTarget(Refusal):
    """The amendment names nothing that is proposed or in force."""

    rule = "A2"

    def __init__(self, target: str) -> None:
        super().__init__(target=target)


class TargetDeleted(Refusal):
    """The amendment names a provision that was deleted."""

    rule = "A2"

    def __init__(self, target: str, by: str) -> None:
        super().__init__(target=target, by=by)


class ChoiceNeeded(Refusal):
    """The words as moved and the declared text differ: the clerk says which to enter."""

    rule = "A2"

    def __init__(self, target: str, computed: str, declared: str) -> None:
        super().__init__(target=target, computed=computed, declared=declared)


class SilentOnEffects(Refusal):
    """An amendment of a text that does something says what it does now, or `unchanged`."""

    rule = "A2"

    def __init__(self, target: str, silent_on: tuple[str, ...]) -> None:
        super().__init__(target=target, silent_on=silent_on)


@dataclass(frozen=True, slots=True)
class Amended:
    """What a carried motion makes of its target; `computed` only where `declared` differs."""

    recommendation: Recommendation | None = None
    draft: ProvisionDraft | None = None
    removed: str | None = None
    computed: str | None = None
    declared: str | None = None


def apply(
    operation: Operation,
    recommendations: Mapping[str, Recommendation],
    drafts: Mapping[str, ProvisionDraft],
) -> Amended:
    """Rule A2, on what is proposed. Raises a refusal that names the target."""
    match operation:
        case Add(recommendation=recommendation):
            return Amended(recommendation=recommendation)
        case SubjectTo():
            return Amended()
        case Strike(target=target):
            return _strike(operation, recommendations, drafts)
        case DeleteAndInsert(target=target):
            draft = _draft(target, drafts)
            inserted = ProvisionDraft(
                address=draft.address,
                heading=operation.heading or draft.heading,
                text=operation.text,
                items=operation.items,
                terms=_restated(target, draft.terms, operation.terms),
                cites=operation.cites,
            )
            return Amended(draft=inserted)
        case Delete(target=target):
            return Amended(removed=_draft(target, drafts).address)
        case _:
            assert_never(operation)


def on_what_is_in_force(
    operation: Operation, address: str
) -> StrikeFromProvision | ReplaceProvision | DeleteProvision:
    """The instrument by which a motion amends a provision that the matter does not propose."""
    match operation:
        case Strike():
            return StrikeFromProvision(
                address=address,
                words=operation.words,
                declared=operation.declared if operation.enter == "declared" else None,
                terms=operation.terms,
            )
        case DeleteAndInsert():
            return ReplaceProvision(
                address=address,
                text=operation.text,
                heading=operation.heading,
                items=operation.items,
                terms=operation.terms,
                cites=operation.cites,
            )
        case Delete():
            return DeleteProvision(address=address)
        case Add() | SubjectTo():
            raise NoSuchTarget(f"provision/{address}")
        case _:
            assert_never(operation)


def proposing(
    motion: str,
    operation: Operation,
    instrument: StrikeFromProvision | ReplaceProvision | DeleteProvision,
    draft: ProvisionDraft,
) -> Amended:
    """The recommendation that a carried motion makes of an amendment of a provision in force."""
    proposed = Recommendation(
        id=f"{OF_A_MOTION}{motion}",
        text=f"Amend provision {draft.address} as moved.",
        instruments=(instrument,),
    )
    if not isinstance(operation, Strike):
        return Amended(recommendation=proposed)
    _, computed = _entered(operation, draft.text)
    return Amended(recommendation=proposed, computed=computed, declared=operation.declared)


def amending(
    recommendations: Mapping[str, Recommendation],
) -> Iterator[tuple[str, Recommendation]]:
    """What `proposing` made, each with its motion, in the order they carried."""
    for name, recommendation in recommendations.items():
        if name.startswith(OF_A_MOTION):
            yield name.removeprefix(OF_A_MOTION), recommendation


def require_not_deleted(
    target: str, address: str, before: Mapping[str, Iterable[Instrument]]
) -> None:
    """Raises `TargetDeleted` where a motion that carried before deletes the provision (rule A2)."""
    for motion, acts in before.items():
        if any(isinstance(act, DeleteProvision) and act.address == address for act in acts):
            raise TargetDeleted(target, motion)


def with_draft(
    recommendation: Recommendation, address: str, draft: ProvisionDraft | None
) -> Recommendation:
    """A recommendation that proposes this text at the address, or none where it was deleted."""
    kept: list[Instrument] = []
    for instrument in recommendation.instruments:
        if not (isinstance(instrument, AdoptProvision) and instrument.draft.address == address):
            kept.append(instrument)
        elif draft:
            kept.append(instrument.model_copy(update={"draft": draft}))
    return recommendation.model_copy(update={"instruments": tuple(kept)})


def _strike(
    operation: Strike,
    recommendations: Mapping[str, Recommendation],
    drafts: Mapping[str, ProvisionDraft],
) -> Amended:
    kind, _, name = operation.target.partition("/")
    if kind == "provision":
        draft = _draft(operation.target, drafts)
        text, computed = _entered(operation, draft.text)
        terms = _restated(operation.target, draft.terms, operation.terms)
        changed = draft.model_copy(update={"text": text, "terms": terms})
        return Amended(draft=changed, computed=computed, declared=operation.declared)
    if name not in recommendations:
        raise NoSuchTarget(operation.target)
    recommendation = recommendations[name]
    text, computed = _entered(operation, recommendation.text)
    instruments = operation.instruments
    if instruments is None and recommendation.instruments:
        kinds = tuple(sorted({i.instrument for i in recommendation.instruments}))
        raise SilentOnEffects(operation.target, kinds)
    if instruments == "unchanged":
        instruments = recommendation.instruments
    restated = recommendation.model_copy(update={"text": text, "instruments": instruments or ()})
    return Amended(recommendation=restated, computed=computed, declared=operation.declared)


def _entered(operation: Strike, text: str) -> tuple[str, str | None]:
    computed = strike(operation.target, text, operation.words)
    declared = operation.declared
    if declared is None or declared == computed:
        return computed, None
    if operation.enter is None:
        raise ChoiceNeeded(operation.target, computed, declared)
    return (declared if operation.enter == "declared" else computed), computed


def _draft(target: str, drafts: Mapping[str, ProvisionDraft]) -> ProvisionDraft:
    kind, _, address = target.partition("/")
    if kind != "provision" or address not in drafts:
        raise NoSuchTarget(target)
    return drafts[address]


def _restated(target: str, terms: Terms, stated: Terms | Literal["unchanged"] | None) -> Terms:
    if stated == "unchanged":
        return terms
    if stated is None and terms:
        raise SilentOnEffects(target, tuple(sorted(terms)))
    return stated or {}
