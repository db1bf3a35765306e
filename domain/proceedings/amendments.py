"""Amendments of what is proposed: applied, split, recommended to a policy in force (rule A2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, assert_never

from domain.instruments import (
    AdoptProvision,
    AmendProvision,
    DeleteProvision,
    Instrument,
    RenumberProvisions,
    ReplacePolicy,
    ReplaceProvision,
    StrikeFromProvision,
)
from domain.proceedings.motions import (
    Add,
    Amend,
    Delete,
    DeleteAndInsert,
    Move,
    Operation,
    Renumber,
    Strike,
    SubjectTo,
    Substitute,
)
from domain.proceedings.recommendations import Recommendation, drafts_in
from domain.shared.findings import Finding, terms_that_stay
from domain.shared.problems import Refusal
from domain.shared.provisions import ProvisionDraft, TermChanges, Terms
from domain.shared.strikes import read_alike, terms_after
from domain.shared.text_changes import (
    StrikeWords,
    TextChange,
    WholeText,
    heading_only,
    whole_text,
    wording_after,
)

OF_A_MOTION = "motion/"
"""How the id begins of a recommendation that a motion on a provision in force makes."""


class NoSuchTarget(Refusal):
    """The amendment names nothing that is proposed or in force."""

    rule = "A2"
    target: str


class TargetDeleted(Refusal):
    """The amendment names a provision that was deleted."""

    rule = "A2"
    target: str
    by: str


class ChoiceNeeded(Refusal):
    """The words as moved and the declared text differ: say which of them to enter."""

    rule = "A2"
    target: str
    computed: str
    declared: str


class SilentOnEffects(Refusal):
    """An amendment of a text with effects must say what they become, or `unchanged`."""

    rule = "A2"
    target: str
    silent_on: tuple[str, ...]


class NoSuchOperation(Refusal):
    """A text of this kind cannot be changed in this way."""

    rule = "A2"
    target: str
    operation: str


@dataclass(frozen=True, slots=True)
class Amended:
    """The targets of a carried motion after it; `computed` only if `declared` differs.

    `dropped` are recommendations that it takes away; `amends` is the pending motion that it
    changes, and `operation` how that one reads now.
    """

    recommendation: Recommendation | None = None
    draft: ProvisionDraft | None = None
    removed: str | None = None
    computed: str | None = None
    declared: str | None = None
    findings: tuple[Finding, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    drafts: tuple[ProvisionDraft, ...] = ()
    dropped: tuple[str, ...] = ()
    amends: str | None = None
    operation: Operation | None = None


def apply_amendment(
    operation: Operation,
    recommendations: Mapping[str, Recommendation],
    drafts: Mapping[str, ProvisionDraft],
) -> Amended:
    """Apply rule A2 to what is proposed. Raises a refusal that names the target."""
    match operation:
        case Add(recommendation=recommendation):
            return Amended(recommendation=recommendation)
        case SubjectTo():
            return Amended()
        case Strike() | Amend() | DeleteAndInsert():
            if operation.target.startswith("provision/"):
                return _redraft(operation, _draft(operation.target, drafts))
            return _restate(operation, _recommendation(operation.target, recommendations))
        case Delete(target=target):
            if target.startswith("recommendation/"):
                return Amended(dropped=(_recommendation(target, recommendations).id,))
            return Amended(removed=_draft(target, drafts).address)
        case Substitute(targets=targets):
            gone = tuple(_recommendation(target, recommendations).id for target in targets)
            return Amended(recommendations=operation.recommendations, dropped=gone)
        case Renumber() | Move():
            return _renumber(numbers_of(operation), recommendations, drafts)
        case _:
            assert_never(operation)


def split_amendment(
    operation: Operation, drafts: Mapping[str, ProvisionDraft]
) -> tuple[Operation | None, Operation | None]:
    """Split an operation: its part on what is proposed, and its part on other provisions."""
    if isinstance(operation, Add | SubjectTo | Substitute):
        return operation, None
    if not isinstance(operation, Renumber):
        kind, _, name = operation.target.partition("/")
        standing = kind == "provision" and name not in drafts
        return (None, operation) if standing else (operation, None)
    ours = {
        target: number
        for target, number in operation.numbers.items()
        if not target.startswith("provision/") or target.removeprefix("provision/") in drafts
    }
    rest = {t: n for t, n in operation.numbers.items() if t not in ours}
    return (
        Renumber(numbers=ours) if ours else None,
        Renumber(numbers=rest) if rest else None,
    )


def numbers_of(operation: Renumber | Move) -> Mapping[str, str]:
    """Return the number that each target gets."""
    if isinstance(operation, Renumber):
        return operation.numbers
    return {operation.target: operation.to}


def _renumber(
    numbers: Mapping[str, str],
    recommendations: Mapping[str, Recommendation],
    drafts: Mapping[str, ProvisionDraft],
) -> Amended:
    restated: list[Recommendation] = []
    redrafted: list[ProvisionDraft] = []
    for target, number in numbers.items():
        if target.startswith("provision/"):
            draft = _draft(target, drafts)
            shown = None if number == draft.address else number
            redrafted.append(draft.model_copy(update={"number": shown}))
        else:
            one = _recommendation(target, recommendations)
            restated.append(one.model_copy(update={"number": number}))
    return Amended(recommendations=tuple(restated), drafts=tuple(redrafted))


def on_what_is_in_force(operation: Operation, address: str) -> Amendment:
    """Return the instrument of a motion that amends a provision the matter does not propose."""
    match operation:
        case Strike():
            return StrikeFromProvision(
                address=address,
                words=operation.words,
                everywhere=operation.everywhere,
                declared=operation.declared if operation.enter == "declared" else None,
                terms=operation.terms,
            )
        case Amend():
            return AmendProvision(
                address=address,
                changes=operation.changes,
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
                wording=operation.wording,
            )
        case Delete():
            return DeleteProvision(address=address)
        case Renumber() | Move():
            numbers = {
                target.removeprefix("provision/"): number
                for target, number in numbers_of(operation).items()
            }
            return RenumberProvisions(numbers=numbers)
        case Add() | SubjectTo() | Substitute():
            raise NoSuchTarget(target=f"provision/{address}")
        case _:
            assert_never(operation)


Amendment = (
    StrikeFromProvision | AmendProvision | ReplaceProvision | DeleteProvision | RenumberProvisions
)
"""Instruments by which a motion amends provisions in force."""


def recommend_amendment(
    motion: str,
    operation: Operation,
    instrument: Amendment,
    computed: str,
    findings: tuple[Finding, ...] = (),
) -> Amended:
    """Return the recommendation that a carried motion makes, to amend a provision in force.

    `computed` is the text that the words as moved make. Raises `ChoiceNeeded` where the motion
    declares another and does not say which is entered.
    """
    if isinstance(instrument, RenumberProvisions):
        said = ", ".join(f"{a} as {n}" for a, n in instrument.numbers.items())
        text = f"Renumber as moved: {said}."
    else:
        text = f"Amend provision {instrument.address} as moved."
    proposed = Recommendation(id=f"{OF_A_MOTION}{motion}", text=text, instruments=(instrument,))
    if not isinstance(operation, Strike | Amend):
        return Amended(recommendation=proposed, findings=findings)
    _, differing = _chosen(operation, computed)
    return Amended(
        recommendation=proposed,
        computed=differing,
        declared=operation.declared,
        findings=findings,
    )


def recommended_amendments(
    recommendations: Mapping[str, Recommendation],
) -> Iterator[tuple[str, Recommendation]]:
    """Yield what `recommend_amendment` made, each with its motion, in the order carried."""
    for name, recommendation in recommendations.items():
        if name.startswith(OF_A_MOTION):
            yield name.removeprefix(OF_A_MOTION), recommendation


def require_not_deleted(
    target: str, address: str, before: Mapping[str, Iterable[Instrument]]
) -> None:
    """Raise `TargetDeleted` where a motion that carried before deletes the provision (rule A2)."""
    for motion, acts in before.items():
        if any(isinstance(act, DeleteProvision) and act.address == address for act in acts):
            raise TargetDeleted(target=target, by=motion)


def with_draft(
    recommendation: Recommendation, address: str, draft: ProvisionDraft | None
) -> Recommendation:
    """Return a recommendation that proposes this text at the address.

    Where the text was deleted, there is none.
    """
    if address not in drafts_in({recommendation.id: recommendation}):
        return recommendation
    acts = (_with_draft(act, address, draft) for act in recommendation.instruments)
    kept = tuple(act for act in acts if act is not None)
    return recommendation.model_copy(update={"instruments": kept})


def _with_draft(act: Instrument, address: str, draft: ProvisionDraft | None) -> Instrument | None:
    match act:
        case AdoptProvision() if act.draft.address == address:
            return act.model_copy(update={"draft": draft}) if draft else None
        case ReplacePolicy(provisions=provisions):
            new = ((draft if each.address == address else each) for each in provisions)
            kept = tuple(each for each in new if each is not None)
            return act.model_copy(update={"provisions": kept})
        case _:
            return act


OnWords = Strike | Amend | DeleteAndInsert
"""Operations that change words."""


def _redraft(operation: OnWords, draft: ProvisionDraft) -> Amended:
    """Return a proposed provision after an amendment of it."""
    target = operation.target
    silent = isinstance(operation, Amend) and heading_only(operation.changes)
    stated = "unchanged" if silent and operation.terms is None else operation.terms
    if isinstance(operation, DeleteAndInsert):
        inserted = ProvisionDraft(
            address=draft.address,
            number=draft.number,
            heading=operation.heading or draft.heading,
            text=operation.text,
            items=operation.items,
            terms=_restated(target, draft.terms, stated),
            cites=operation.cites,
            wording=operation.wording,
        )
        stay = terms_that_stay(target, draft.terms, stated)
        return Amended(draft=inserted, findings=stay)
    made = wording_after(target, whole_text(draft), _changes(operation))
    text, computed = _chosen(operation, made.text)
    terms = _restated(target, draft.terms, stated)
    update = {"text": text, "heading": made.heading, "items": made.items, "terms": terms}
    return Amended(
        draft=draft.model_copy(update=update),
        computed=computed,
        declared=operation.declared,
        findings=terms_that_stay(target, draft.terms, stated),
    )


def _restate(operation: OnWords, one: Recommendation) -> Amended:
    """Return a recommendation after an amendment of it."""
    text, computed = changed_text(operation, one.text)
    instruments = operation.instruments
    if instruments is None and one.instruments:
        kinds = tuple(sorted({i.instrument for i in one.instruments}))
        raise SilentOnEffects(target=operation.target, silent_on=kinds)
    if instruments == "unchanged":
        instruments = one.instruments
    update: dict[str, object] = {"text": text, "instruments": instruments or ()}
    if isinstance(operation, DeleteAndInsert):
        restated = one.model_copy(update={**update, "wording": operation.wording})
        return Amended(recommendation=restated)
    restated = one.model_copy(update=update)
    return Amended(recommendation=restated, computed=computed, declared=operation.declared)


def changed_text(operation: OnWords, text: str) -> tuple[str, str | None]:
    """Return a text that has no heading and no list after an amendment of its words.

    With what the words as moved make of it, where the body declares another text.
    """
    if isinstance(operation, DeleteAndInsert):
        if operation.heading or operation.items:
            raise NoSuchOperation(target=operation.target, operation=operation.operation)
        return operation.text, None
    made = wording_after(operation.target, WholeText(text), _changes(operation)).text
    return _chosen(operation, made)


def _changes(operation: Strike | Amend) -> tuple[TextChange, ...]:
    if isinstance(operation, Amend):
        return operation.changes
    return (StrikeWords(words=operation.words, everywhere=operation.everywhere),)


def _chosen(operation: Strike | Amend, computed: str) -> tuple[str, str | None]:
    """Return the text that is entered and, where another was declared, the one that was made."""
    declared = operation.declared
    if declared is None or read_alike(declared, computed):
        return computed, None
    if operation.enter is None:
        raise ChoiceNeeded(target=operation.target, computed=computed, declared=declared)
    return (declared if operation.enter == "declared" else computed), computed


def _recommendation(target: str, recommendations: Mapping[str, Recommendation]) -> Recommendation:
    kind, _, name = target.partition("/")
    if kind != "recommendation" or name not in recommendations:
        raise NoSuchTarget(target=target)
    return recommendations[name]


def _draft(target: str, drafts: Mapping[str, ProvisionDraft]) -> ProvisionDraft:
    kind, _, address = target.partition("/")
    if kind != "provision" or address not in drafts:
        raise NoSuchTarget(target=target)
    return drafts[address]


def _restated(
    target: str, terms: Terms, stated: TermChanges | Literal["unchanged"] | None
) -> Terms:
    if stated == "unchanged":
        return terms
    if stated is None and terms:
        raise SilentOnEffects(target=target, silent_on=tuple(sorted(terms)))
    return terms_after(target, terms, stated or {})
