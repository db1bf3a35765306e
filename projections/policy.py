"""The policy: provisions in force, and every text that was proposed for them."""

from __future__ import annotations

from collections.abc import Iterable

from domain.policy import ProvisionAdopted, ProvisionAmended, ProvisionDeleted
from domain.proceedings.motions import MotionCarried
from domain.proceedings.papers import ReportSubmitted
from domain.proceedings.recommendations import drafts_in
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.messages import Citation, Event, Value
from domain.shared.provisions import ProvisionDraft, Terms, shown_number_of
from projections.engine.read_model import ReadModel, decision_of


class Provision(Value):
    """One provision. `in_force` is false once it is deleted; its last text stays with the row.

    `amended_by` names the motions that changed it before its adoption; `computed` is what the
    words of the last amendment make of the text, where the decision declares another.
    """

    address: str
    number: str
    version: int
    in_force: bool
    heading: str
    text: str
    items: tuple[str, ...]
    terms: Terms
    decision: str | None
    decided_on: When
    amended_by: tuple[str, ...]
    computed: str | None
    cites: tuple[Citation, ...]
    wording: str | None = None


class ProposedText(Value):
    """One text before the bodies, by document or motion; `draft` is null for a deletion."""

    source: str
    body: str | None
    on: When
    position: int
    draft: ProvisionDraft | None


class Proposal(Value):
    """The texts that one matter proposed for one provision, in the order they were proposed."""

    matter: str
    address: str
    texts: tuple[ProposedText, ...]
    adopted: bool


def _provision_keys(entry: Recorded[Event]) -> Iterable[str]:
    if isinstance(entry.event, ProvisionAdopted | ProvisionAmended | ProvisionDeleted):
        return (entry.event.provision.address,)
    return ()


def _provision(key: str, state: Provision | None, entry: Recorded[Event]) -> Provision | None:
    match entry.event:
        case ProvisionAdopted() | ProvisionAmended() as event:
            return Provision(
                address=key,
                number=shown_number_of(event.draft),
                version=event.provision.version,
                in_force=True,
                heading=event.draft.heading,
                text=event.draft.text,
                items=event.draft.items,
                terms=event.draft.terms,
                decision=decision_of(event),
                decided_on=event.decided_on,
                amended_by=event.amended_by if isinstance(event, ProvisionAdopted) else (),
                computed=event.computed if isinstance(event, ProvisionAmended) else None,
                cites=(*event.draft.cites, *event.cites),
                wording=event.draft.wording,
            )
        case ProvisionDeleted() as event:
            changes = {
                "in_force": False,
                "version": event.provision.version,
                "decision": decision_of(event),
                "decided_on": event.decided_on,
            }
            return state.model_copy(update=changes) if state else None
        case _:
            return state


def _proposal_keys(entry: Recorded[Event]) -> Iterable[str]:
    match entry.event:
        case ReportSubmitted() as event:
            proposed = drafts_in({r.id: r for r in event.recommendations})
            return tuple(f"{event.matter}:{address}" for address in proposed)
        case MotionCarried(removed=removed) as event:
            addresses = [draft.address for draft in event.redrafted]
            addresses += [removed] if removed else []
            return tuple(f"{event.matter}:{address}" for address in addresses)
        case ProvisionAdopted(authority=authority) as event if authority:
            return (f"{authority.matter}:{event.provision.address}",)
        case _:
            return ()


def _proposal(key: str, state: Proposal | None, entry: Recorded[Event]) -> Proposal | None:
    matter, _, address = key.partition(":")
    row = state or Proposal(matter=matter, address=address, texts=(), adopted=False)
    match entry.event:
        case ReportSubmitted() as event:
            draft = drafts_in({r.id: r for r in event.recommendations})[address]
            text = _text(event.document, None, entry, draft)
        case MotionCarried() as event:
            drafts = {draft.address: draft for draft in event.redrafted}
            text = _text(event.motion, event.body, entry, drafts.get(address))
        case ProvisionAdopted():
            return row.model_copy(update={"adopted": True})
        case _:
            return state
    return row.model_copy(update={"texts": (*row.texts, text)})


def _text(
    source: str, body: str | None, entry: Recorded[Event], draft: ProvisionDraft | None
) -> ProposedText:
    on = entry.event.decided_on
    return ProposedText(source=source, body=body, on=on, position=entry.position, draft=draft)


POLICY_TEXT = ReadModel("policy_text", 3, Provision, _provision_keys, _provision)
PROPOSALS = ReadModel("proposals", 2, Proposal, _proposal_keys, _proposal)
