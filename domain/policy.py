"""The policy: provisions with their text and terms, and what is in force on a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Annotated, ClassVar, Literal, assert_never, cast

from pydantic import Field

from domain.instruments import (
    AdoptProvision,
    AmendProvision,
    DeleteProvision,
    Instrument,
    RenumberProvisions,
    RepealPolicy,
    ReplacePolicy,
    ReplaceProvision,
    StrikeFromProvision,
    is_part_of_policy,
)
from domain.shared.dates import When
from domain.shared.durations import same_duration
from domain.shared.findings import Finding, Ruling, terms_that_stay, unread_terms
from domain.shared.history import History, history_followed_by, speaking_entries
from domain.shared.messages import Basis, Effect, Event, ProvisionRef, StreamId, Value
from domain.shared.problems import Refusal
from domain.shared.provisions import (
    Address,
    PolicyInForce,
    ProvisionDraft,
    ProvisionInForce,
    TermChanges,
    Terms,
    shown_number_of,
)
from domain.shared.strikes import read_alike, terms_after
from domain.shared.text_changes import (
    StrikeWords,
    TextChange,
    heading_only,
    whole_text,
    wording_after,
)
from domain.shared.timeline import Timeline

STREAM = StreamId("policy")


class Whole(Value):
    """An act on the whole policy, or the part `under` an address.

    It ends whatever is in force there on its day, but for what it puts in itself, at the addresses
    `kept`.
    """

    under: Address | None = None
    kept: tuple[Address, ...] = ()


OfWhole = Annotated[Whole | None, Field(exclude_if=lambda whole: whole is None)]
"""Set where one act ended or replaced the policy as a whole; not stored otherwise."""


class ProvisionAdopted(Effect):
    """A provision came into force where there was none.

    `amended_by` names the motions that changed it between proposal and adoption; `whole` is set
    where one act replaced the policy as a whole.
    """

    TOPIC: ClassVar[str] = "provision-adopted.v1"

    provision: ProvisionRef
    draft: ProvisionDraft
    amended_by: tuple[str, ...] = ()
    whole: OfWhole = None


class ProvisionAmended(Effect):
    """A provision in force got this text and these terms.

    `computed` is what the words as moved make of the text, where the decision declares another.
    """

    TOPIC: ClassVar[str] = "provision-amended.v1"

    provision: ProvisionRef
    draft: ProvisionDraft
    computed: str | None = None
    whole: OfWhole = None


class ProvisionDeleted(Effect):
    """A provision went out of force, alone or with the whole policy."""

    TOPIC: ClassVar[str] = "provision-deleted.v1"

    provision: ProvisionRef
    whole: OfWhole = None


PolicyEvent = ProvisionAdopted | ProvisionAmended | ProvisionDeleted
OnOneProvision = (
    AdoptProvision | StrikeFromProvision | ReplaceProvision | DeleteProvision | AmendProvision
)
PolicyInstrument = OnOneProvision | RenumberProvisions | RepealPolicy | ReplacePolicy


class NotInForce(Refusal):
    """No provision is in force at this address on the day."""

    rule = "A2"
    address: str
    on: date


class AlreadyDeleted(Refusal):
    """The provision was deleted."""

    rule = "A2"
    provision: ProvisionRef


class AlreadyInForce(Refusal):
    """A provision is in force at this address: replace it, or delete it first."""

    rule = "A2"
    provision: ProvisionRef


class NumberTaken(Refusal):
    """Two provisions in force would be shown under one number."""

    rule = "A2"
    number: str
    addresses: tuple[str, ...]


class NothingToRepeal(Refusal):
    """No provision of this part of the policy is in force on the day."""

    rule = "A2"
    under: str
    on: date


class TermsNotStated(Refusal):
    """An amendment of a text that carries terms must say what they become, or `unchanged`."""

    rule = "A2"
    address: str
    terms: tuple[str, ...]


class TermCarriedTwice(Refusal):
    """A term can be carried by at most one provision in force."""

    rule = "A2"
    provision: ProvisionRef
    term: str
    address: str


class BeforeItsDecision(Refusal):
    """A provision cannot be in force before the day on which the body decided on it.

    It may be in force from a later day. `instead` is the part of the date that is not too early:
    write it in place of the date.
    """

    rule = "A3"

    address: str
    effective_from: When
    decided_on: When
    instead: When | None = None


class Superseded(Refusal):
    """The decision rests on a version of a provision that is not the one in force."""

    rule = "A3"

    cited: ProvisionRef
    provision: ProvisionRef | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Provisions in force, and the last version of those deleted."""

    provisions: dict[str, ProvisionInForce] = field(default_factory=dict)
    deleted: dict[str, ProvisionRef] = field(default_factory=dict)


def decide(
    history: History[PolicyEvent],
    act: PolicyInstrument,
    basis: Basis,
    amended_by: tuple[str, ...] | Mapping[str, tuple[str, ...]] = (),
    *,
    reaches_back: bool = False,
) -> Ruling:
    """Apply rule A2 to the text in force when the act takes hold.

    That is not before it is decided (rule A3), unless the charter lets it reach back. `amended_by`
    names the motions behind the text; of a policy that is replaced by one act, by address.
    """
    if not reaches_back:
        _decided_first(provision_named(act), basis["effective_from"], basis["decided_on"])
    if isinstance(act, RepealPolicy | ReplacePolicy | RenumberProvisions):
        motions: Mapping[str, tuple[str, ...]] = {} if isinstance(amended_by, tuple) else amended_by
        decision = partial(_rule_whole, history, act=act, basis=basis, motions=motions)
    else:
        changed = amended_by if isinstance(amended_by, tuple) else ()
        decision = partial(_rule, history, act=act, basis=basis, amended_by=changed)
    return TIMELINE.decide(STREAM, history, basis, decision)


def provision_named(act: PolicyInstrument) -> str:
    """Return the provision that an act names, or the first one, or the part of the policy."""
    match act:
        case AdoptProvision(draft=draft):
            return draft.address
        case RenumberProvisions(numbers=numbers):
            return next(iter(numbers))
        case RepealPolicy(under=part) | ReplacePolicy(under=part):
            return part or STREAM
        case _:
            return act.address


def _rule_whole(
    history: History[PolicyEvent],
    policy: Policy,
    act: RepealPolicy | ReplacePolicy | RenumberProvisions,
    basis: Basis,
    motions: Mapping[str, tuple[str, ...]],
) -> Ruling:
    """Judge an act on several provisions at once, each after those before it."""
    match act:
        case RenumberProvisions():
            ruling = _renumber(history, policy, act, basis)
        case RepealPolicy():
            ruling = Ruling(tuple(_deleted(history, policy, Whole(under=act.under), basis)))
        case ReplacePolicy():
            ruling = _replaced(history, policy, act, basis, motions)
        case _:
            assert_never(act)
    if isinstance(act, RepealPolicy) and not ruling.events:
        raise NothingToRepeal(under=act.under or STREAM, on=basis["effective_from"].last)
    for event in cast("tuple[PolicyEvent, ...]", ruling.events):
        if objection := _objection(policy, event):
            raise objection
        policy = evolve(policy, event)
    _require_one_of_each_number(policy)
    drafts = act.provisions if isinstance(act, ReplacePolicy) else ()
    unread = (finding for draft in drafts for finding in _unread(policy, draft))
    return Ruling(ruling.events, tuple(unread))


def _renumber(
    history: History[PolicyEvent], policy: Policy, act: RenumberProvisions, basis: Basis
) -> Ruling:
    events: list[Event] = []
    for address, number in act.numbers.items():
        if missing := _not_in_force(policy, address, basis["effective_from"].last):
            raise missing
        draft = policy.provisions[address].draft
        shown = draft.model_copy(update={"number": None if number == address else number})
        ref = next_version(history, address)
        events.append(ProvisionAmended(provision=ref, draft=shown, **basis))
    return Ruling(tuple(events))


def _deleted(
    history: History[PolicyEvent],
    policy: Policy,
    whole: Whole,
    basis: Basis,
) -> Iterator[ProvisionDeleted]:
    for address in ended_by(whole, policy):
        yield ProvisionDeleted(provision=next_version(history, address), whole=whole, **basis)


def ended_by(whole: Whole, policy: Policy) -> tuple[str, ...]:
    """Return the addresses in force that an act on the whole policy ends."""
    part, kept = whole.under, whole.kept
    return tuple(a for a in policy.provisions if is_part_of_policy(part, a) and a not in kept)


def _replaced(
    history: History[PolicyEvent],
    policy: Policy,
    act: ReplacePolicy,
    basis: Basis,
    motions: Mapping[str, tuple[str, ...]],
) -> Ruling:
    """Replace the provisions: delete the old ones first, then insert the new ones.

    A term may move from a provision that goes to one that comes.
    """
    drafts = {draft.address: draft for draft in act.provisions}
    whole = Whole(under=act.under, kept=tuple(drafts))
    events: list[Event] = [*_deleted(history, policy, whole, basis)]
    for address, draft in drafts.items():
        ref, found = next_version(history, address), policy.provisions.get(address)
        if found is None:
            changed = motions.get(f"provision/{address}", ())
            adopted = ProvisionAdopted(
                provision=ref, draft=draft, amended_by=changed, whole=whole, **basis
            )
            events.append(adopted)
        elif found.draft != draft:
            events.append(ProvisionAmended(provision=ref, draft=draft, whole=whole, **basis))
    return Ruling(tuple(events))


def _require_one_of_each_number(policy: Policy) -> None:
    shown: dict[str, list[str]] = {}
    for address, provision in policy.provisions.items():
        shown.setdefault(shown_number_of(provision.draft), []).append(address)
    for number, addresses in shown.items():
        if len(addresses) > 1:
            raise NumberTaken(number=number, addresses=tuple(addresses))


def _rule(
    history: History[PolicyEvent],
    policy: Policy,
    act: OnOneProvision,
    basis: Basis,
    amended_by: tuple[str, ...],
) -> Ruling:
    if isinstance(act, AdoptProvision):
        ref = next_version(history, act.draft.address)
        adopted = ProvisionAdopted(provision=ref, draft=act.draft, amended_by=amended_by, **basis)
        if not _objection(policy, adopted):
            _require_one_of_each_number(evolve(policy, adopted))
        return _unless(_objection(policy, adopted), adopted, _unread(policy, act.draft))
    ref = next_version(history, act.address)
    missing = _not_in_force(policy, act.address, basis["effective_from"].last)
    if isinstance(act, DeleteProvision):
        return _unless(missing, ProvisionDeleted(provision=ref, **basis))
    if missing:
        raise missing
    draft = policy.provisions[act.address].draft
    match act:
        case StrikeFromProvision() | AmendProvision():
            changed, differing = _reworded(draft, act)
        case ReplaceProvision():
            changed = provision_replacing(draft, act)
            differing = None
        case _:
            assert_never(act)
    amended = ProvisionAmended(provision=ref, draft=changed, computed=differing, **basis)
    stay = terms_that_stay(f"provision/{act.address}", draft.terms, act.terms)
    findings = (*stay, *_unread(policy, changed))
    return _unless(_objection(policy, amended), amended, findings)


def _unread(policy: Policy, draft: ProvisionDraft) -> tuple[Finding, ...]:
    others = (p.draft.terms for a, p in policy.provisions.items() if a != draft.address)
    return unread_terms(draft.terms, {name for terms in others for name in terms})


def _reworded(
    draft: ProvisionDraft, act: StrikeFromProvision | AmendProvision
) -> tuple[ProvisionDraft, str | None]:
    """Return the provision after the change, and the computed text if another is declared.

    A change of the heading alone says nothing of terms.
    """
    changes = _changes(act)
    made = wording_after(f"provision/{act.address}", whole_text(draft), changes)
    same = act.declared is None or read_alike(act.declared, made.text)
    text = made.text if same else act.declared
    silent = act.terms is None and heading_only(changes)
    terms = draft.terms if silent else terms_restated(draft, act.terms)
    update = {"text": text, "heading": made.heading, "items": made.items, "terms": terms}
    return draft.model_copy(update=update), None if same else made.text


def _changes(act: StrikeFromProvision | AmendProvision) -> tuple[TextChange, ...]:
    if isinstance(act, AmendProvision):
        return act.changes
    return (StrikeWords(words=act.words, everywhere=act.everywhere),)


def _unless(
    objection: Refusal | None, event: PolicyEvent, findings: tuple[Finding, ...] = ()
) -> Ruling:
    if objection:
        raise objection
    return Ruling((event,), findings)


def provision_text_after(ruling: Ruling) -> str:
    """Return the text that an amendment makes of a provision.

    Where another text was declared, it is the one computed from the words as moved.
    """
    amended = (event for event in ruling.events if isinstance(event, ProvisionAmended))
    return next((event.computed or event.draft.text for event in amended), "")


def policy_foreseen(
    history: History[PolicyEvent], acts: Iterable[Instrument], basis: Basis
) -> History[PolicyEvent]:
    """Return the policy as the acts that a body carried would make it.

    An act that no longer fits is left out.
    """
    for act in acts:
        if not isinstance(act, PolicyInstrument):
            continue
        try:
            ruling = decide(history, act, basis)
        except Refusal:
            continue
        events = (event for event in ruling.events if isinstance(event, PolicyEvent))
        history = history_followed_by(history, STREAM, *events)
    return history


def require_in_force(cited: ProvisionRef, policy: PolicyInForce) -> None:
    """Raise `Superseded` unless exactly this version is in force."""
    standing = policy.provisions.get(cited.address)
    if standing is None or standing.ref != cited:
        raise Superseded(cited=cited, provision=standing.ref if standing else None)


def terms_restated(
    draft: ProvisionDraft, terms: TermChanges | Literal["unchanged"] | None
) -> Terms:
    """Return the terms after an amendment.

    Raises `TermsNotStated` where it does not mention them.
    """
    if terms == "unchanged":
        return draft.terms
    if terms is None:
        if draft.terms:
            raise TermsNotStated(address=draft.address, terms=tuple(sorted(draft.terms)))
        return {}
    return terms_after(f"provision/{draft.address}", draft.terms, terms)


def provision_replacing(draft: ProvisionDraft, act: ReplaceProvision) -> ProvisionDraft:
    """Return the provision that stands after a delete-and-insert."""
    return ProvisionDraft(
        address=draft.address,
        number=draft.number,
        heading=act.heading or draft.heading,
        text=act.text,
        items=act.items,
        terms=terms_restated(draft, act.terms),
        cites=act.cites,
        wording=act.wording,
    )


def provision_with_own_version(
    history: History[PolicyEvent], event: PolicyEvent, *, reaches_back: bool = False
) -> PolicyEvent:
    """Return a corrected entry with a version of its own, so that a version never has two texts.

    Raises `BeforeItsDecision` where the correction would have it in force too early (rule A3),
    unless the charter lets it reach back.
    """
    if not reaches_back:
        _decided_first(event.provision.address, event.effective_from, event.decided_on)
    return event.model_copy(update={"provision": next_version(history, event.provision.address)})


def _decided_first(address: str, effective_from: When, decided_on: When) -> None:
    if effective_from.first < decided_on.first:
        raise BeforeItsDecision(
            address=address,
            effective_from=effective_from,
            decided_on=decided_on,
            instead=effective_from.since(decided_on.first),
        )


def next_version(history: History[PolicyEvent], address: str) -> ProvisionRef:
    """Return the version that a further entry of a provision has."""
    used = (e.event.provision for e in speaking_entries(history.entries))
    return ProvisionRef(
        address=address,
        version=1 + max((ref.version for ref in used if ref.address == address), default=0),
    )


def evolve(policy: Policy, event: PolicyEvent) -> Policy:
    """Return the policy after one more event."""
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


def _not_in_force(policy: Policy, address: str, on: date) -> Refusal | None:
    if address in policy.provisions:
        return None
    if address in policy.deleted:
        return AlreadyDeleted(provision=policy.deleted[address])
    return NotInForce(address=address, on=on)


def _objection(policy: Policy, event: PolicyEvent) -> Refusal | None:
    """Return reasons against an act; to delete what is not in force only says so again."""
    address = event.provision.address
    if isinstance(event, ProvisionDeleted):
        return None
    if event.whole:
        return _term_twice(policy, event.draft)  # whatever stood there goes with the whole
    if isinstance(event, ProvisionAdopted):
        if address in policy.provisions:
            return AlreadyInForce(provision=policy.provisions[address].ref)
    elif missing := _not_in_force(policy, address, event.effective_from.last):
        return missing
    return _term_twice(policy, event.draft)


def _term_twice(policy: Policy, draft: ProvisionDraft) -> TermCarriedTwice | None:
    for address, other in policy.provisions.items():
        if address == draft.address:
            continue
        for carried in draft.terms:
            for term in same_duration(carried, other.draft.terms):
                return TermCarriedTwice(provision=other.ref, term=term, address=draft.address)
    return None


def _ground(policy: Policy, event: PolicyEvent) -> str:
    in_force = policy.provisions.get(event.provision.address)
    return f"version {in_force.ref.version}" if in_force else "not in force"


TIMELINE = Timeline(
    rule="A2",
    nothing=Policy(),
    evolve=evolve,
    objection=_objection,
    ground=_ground,
    begins=(ProvisionAdopted,),
    amend=(ProvisionAmended,),
    refused=(TermCarriedTwice,),
    subject=lambda event: event.provision.address,
)
