"""The policy: provisions with their text and terms, and what is in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.dates import When, left_of
from domain.facts import PolicyInForce, ProvisionDraft, ProvisionInForce, Terms
from domain.history import History, fold, followed_by, speaking
from domain.instruments import (
    AdoptProvision,
    DeleteProvision,
    Instrument,
    ReplaceProvision,
    StrikeFromProvision,
)
from domain.kernel import Basis, Event, ProvisionRef, Refusal, Ruling, StreamId
from domain.wording import strike

STREAM = StreamId("policy")


class ProvisionAdopted(Event):
    """A provision came into force where there was none.

    `amended_by` names the motions that changed it between proposal and adoption.
    """

    TOPIC: ClassVar[str] = "provision-adopted.v1"

    provision: ProvisionRef
    draft: ProvisionDraft
    amended_by: tuple[str, ...] = ()


class ProvisionAmended(Event):
    """A provision in force got this text and these terms.

    `computed` is what the words as moved make of the text, where the decision declares another.
    """

    TOPIC: ClassVar[str] = "provision-amended.v1"

    provision: ProvisionRef
    draft: ProvisionDraft
    computed: str | None = None


class ProvisionDeleted(Event):
    """A provision went out of force."""

    TOPIC: ClassVar[str] = "provision-deleted.v1"

    provision: ProvisionRef


PolicyEvent = ProvisionAdopted | ProvisionAmended | ProvisionDeleted
PolicyInstrument = AdoptProvision | StrikeFromProvision | ReplaceProvision | DeleteProvision


class NotInForce(Refusal):
    """No provision is in force at this address on the day."""

    rule = "A2"

    def __init__(self, address: str, on: date) -> None:
        super().__init__(address=address, on=on.isoformat())


class AlreadyDeleted(Refusal):
    """The provision was deleted."""

    rule = "A2"

    def __init__(self, provision: ProvisionRef) -> None:
        super().__init__(provision=provision)


class AlreadyInForce(Refusal):
    """A provision is in force at this address: replace it, or delete it first."""

    rule = "A2"

    def __init__(self, provision: ProvisionRef) -> None:
        super().__init__(provision=provision)


class TermsNotStated(Refusal):
    """An amendment of a text that carries terms says what they become, or `unchanged`."""

    rule = "A2"

    def __init__(self, address: str, terms: tuple[str, ...]) -> None:
        super().__init__(address=address, terms=terms)


class TermCarriedTwice(Refusal):
    """A term is carried by at most one provision in force."""

    rule = "A2"

    def __init__(self, term: str, address: str, provision: ProvisionRef) -> None:
        super().__init__(provision=provision, term=term, address=address)


class BeforeItsDecision(Refusal):
    """Nothing is or may be in force before the body decides, though it may be from a later day.

    `instead` is what is left of a date that begins too early, to be written in its place.
    """

    rule = "A3"

    def __init__(self, address: str, effective_from: When, decided_on: When) -> None:
        super().__init__(
            address=address,
            effective_from=str(effective_from),
            decided_on=str(decided_on),
            **left_of(effective_from, decided_on),
        )


class Superseded(Refusal):
    """The decision rests on a version of a provision that is not the one in force."""

    rule = "A3"

    def __init__(self, cited: ProvisionRef, in_force: ProvisionRef | None) -> None:
        super().__init__(provision=in_force, cited=cited)


@dataclass(frozen=True, slots=True)
class Policy:
    """Provisions in force, and the last version of those deleted."""

    provisions: dict[str, ProvisionInForce] = field(default_factory=dict)
    deleted: dict[str, ProvisionRef] = field(default_factory=dict)


def in_force(history: History[PolicyEvent], day: date) -> PolicyInForce:
    """What is surely in force on a day."""
    return PolicyInForce(on=day, provisions=fold(evolve, Policy(), history.on(day)).provisions)


def decide(
    history: History[PolicyEvent],
    act: PolicyInstrument,
    basis: Basis,
    amended_by: Iterable[str] = (),
) -> Ruling:
    """Rule A2, on the text in force when the act takes hold, which is not before (rule A3)."""
    address = act.draft.address if isinstance(act, AdoptProvision) else act.address
    _decided_first(address, basis["effective_from"], basis["decided_on"])
    day = basis["effective_from"].last
    policy = fold(evolve, Policy(), history.on(day))
    if isinstance(act, AdoptProvision):
        if address in policy.provisions:
            raise AlreadyInForce(policy.provisions[address].ref)
        adopted = ProvisionAdopted(
            provision=_next(history, address),
            draft=act.draft,
            amended_by=tuple(amended_by),
            **basis,
        )
        return _without_term_twice(history, policy, adopted)
    if address not in policy.provisions:
        if address in policy.deleted:
            raise AlreadyDeleted(policy.deleted[address])
        raise NotInForce(address, day)
    draft = policy.provisions[address].draft
    ref = _next(history, address)
    match act:
        case DeleteProvision():
            return Ruling((ProvisionDeleted(provision=ref, **basis),))
        case StrikeFromProvision(words=words, declared=declared):
            computed = strike(f"provision/{address}", draft.text, words)
            text = computed if declared is None else declared
            changed = draft.model_copy(update={"text": text, "terms": restated(draft, act.terms)})
            differing = computed if computed != text else None
        case ReplaceProvision():
            changed = replacing(draft, act)
            differing = None
        case _:
            assert_never(act)
    amended = ProvisionAmended(provision=ref, draft=changed, computed=differing, **basis)
    return _without_term_twice(history, policy, amended)


def foreseen(
    history: History[PolicyEvent], acts: Iterable[Instrument], basis: Basis
) -> History[PolicyEvent]:
    """The policy as acts that a body carried would have it; one that no longer fits is left out."""
    for act in acts:
        if not isinstance(act, PolicyInstrument):
            continue
        try:
            ruling = decide(history, act, basis)
        except Refusal:
            continue
        events = (event for event in ruling.events if isinstance(event, PolicyEvent))
        history = followed_by(history, STREAM, *events)
    return history


def require_in_force(cited: ProvisionRef, policy: PolicyInForce) -> None:
    """Raises `Superseded` unless exactly this version is in force."""
    standing = policy.provisions.get(cited.address)
    if standing is None or standing.ref != cited:
        raise Superseded(cited, standing.ref if standing else None)


def restated(draft: ProvisionDraft, terms: Terms | Literal["unchanged"] | None) -> Terms:
    """The terms after an amendment. Raises `TermsNotStated` where it is silent about them."""
    if terms == "unchanged":
        return draft.terms
    if terms is None:
        if draft.terms:
            raise TermsNotStated(draft.address, tuple(sorted(draft.terms)))
        return {}
    return terms


def replacing(draft: ProvisionDraft, act: ReplaceProvision) -> ProvisionDraft:
    """The provision that stands after a delete-and-insert."""
    return ProvisionDraft(
        address=draft.address,
        heading=act.heading or draft.heading,
        text=act.text,
        items=act.items,
        terms=restated(draft, act.terms),
        cites=act.cites,
    )


def _without_term_twice(
    history: History[PolicyEvent], policy: Policy, event: ProvisionAdopted | ProvisionAmended
) -> Ruling:
    """The ruling, where no term is carried twice, neither at once nor by what takes hold later.

    What surely holds on the day is all that comes first only where nothing is later or uncertain.
    """
    if len(history.on(event.effective_from.last)) < len(history.standing()):
        require_terms_once(followed_by(history, STREAM, event))
    else:
        _no_term_twice(policy, event.draft)
    return Ruling((event,))


def _no_term_twice(policy: Policy, draft: ProvisionDraft) -> None:
    for address, standing in policy.provisions.items():
        for term in standing.draft.terms.keys() & draft.terms.keys():
            if address != draft.address:
                raise TermCarriedTwice(term, draft.address, standing.ref)


def require_terms_once(history: History[PolicyEvent]) -> None:
    """Raises `TermCarriedTwice` where two provisions in force carry a term at any time."""
    policy = Policy()
    for entry in history.standing():
        policy = evolve(policy, entry.event)
        if not isinstance(entry.event, ProvisionDeleted):
            _no_term_twice(policy, entry.event.draft)


def renumbered(history: History[PolicyEvent], event: PolicyEvent) -> PolicyEvent:
    """A corrected entry with a version of its own, so that a version never has two texts.

    Raises `BeforeItsDecision` where the correction would have it in force too early (rule A3).
    """
    _decided_first(event.provision.address, event.effective_from, event.decided_on)
    return event.model_copy(update={"provision": _next(history, event.provision.address)})


def _decided_first(address: str, effective_from: When, decided_on: When) -> None:
    if effective_from.first < decided_on.first:
        raise BeforeItsDecision(address, effective_from, decided_on)


def _next(history: History[PolicyEvent], address: str) -> ProvisionRef:
    used = (e.event.provision for e in speaking(history.entries))
    return ProvisionRef(
        address=address,
        version=1 + max((ref.version for ref in used if ref.address == address), default=0),
    )


def evolve(policy: Policy, event: PolicyEvent) -> Policy:
    """The policy after one more event."""
    address = event.provision.address
    match event:
        case ProvisionAdopted() | ProvisionAmended():
            standing = ProvisionInForce(
                ref=event.provision,
                draft=event.draft,
                effective_from=event.effective_from,
                authority=event.authority,
            )
            return replace(policy, provisions={**policy.provisions, address: standing})
        case ProvisionDeleted():
            rest = {a: p for a, p in policy.provisions.items() if a != address}
            return Policy(rest, {**policy.deleted, address: event.provision})
        case _:
            assert_never(event)
