"""Provisions: in force on a day, proposed, and how each came to say what it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from adapters.bootstrap import Register
from adapters.queries.moment import Moment
from adapters.queries.named.hints import telling_kinds
from adapters.queries.named.names import keys_meant
from adapters.queries.rows import DatedRow, Row, decided_later
from domain.shared.messages import Citation, ProvisionRef
from domain.shared.provisions import ProvisionDraft, TermValue, shown_number_of
from domain.shared.text import folded
from projections.engine.read_model import LAST_DAY, Held, Phase
from projections.policy import POLICY_TEXT, PROPOSALS, Proposal, Provision


class ProvisionRow(DatedRow):
    """One provision in force or deleted; or, with `proposed_in`, one that is only proposed.

    `amended_by` names the motions that changed it before adoption; `computed` is what the words as
    moved make of the text, where the decision declares another; `wording` says whose words they
    are. A proposal has no version.
    `address` is the provision's name for good, `number` the one under which it is shown.
    """

    SUBJECT: ClassVar[str] = "address"

    address: str
    number: str
    version: int | None
    in_force: bool
    heading: str
    text: str
    items: tuple[str, ...]
    terms: dict[str, TermValue]
    decision: str | None
    amended_by: tuple[str, ...]
    computed: str | None
    cites: tuple[Citation, ...]
    wording: str | None
    certain: bool
    proposed_in: str | None


class ProposedRow(Row):
    """A text that was before the bodies, and what became of it by the day.

    `heading` and `text` are null where it was proposed to delete the provision; `fate` is
    `not decided`, `adopted`, `in force before` or `never in force`.
    """

    matter: str
    address: str
    source: str
    body: str | None
    heading: str | None
    text: str | None
    items: tuple[str, ...]
    terms: dict[str, TermValue]
    wording: str | None
    fate: str


class WholeProvision(ProvisionRow):
    """One provision with every text that was proposed for it by the day.

    `takes_hold` is set where a version is already decided on the day asked about, but comes into
    force or is deleted only later: it is that later day.
    """

    takes_hold: str | None = None
    proposals: tuple[ProposedRow, ...]


def provisions(register: Register, at: Moment, *, search: str | None = None) -> list[ProvisionRow]:
    """Return every provision that may be in force on the day.

    With words, only those that have them in text or heading.
    """
    held = register.reader(POLICY_TEXT).every(at.on, at.known, {"in_force": True})
    return [row_of(h, at) for h in held if search is None or folded(search) in _words(h.state)]


def _words(row: Provision) -> str:
    return "\n".join(map(folded, (row.address, row.heading, row.text, *row.items)))


def proposed_addresses(register: Register, at: Moment) -> list[str]:
    """Return every provision for which a text was proposed by the day."""
    return sorted({proposal.address for proposal in _proposals(register, at)})


def addresses(register: Register, at: Moment) -> Mapping[str, str]:
    """Return every address that the policy ever had or was proposed, with its latest heading."""
    known: dict[str, str] = {}
    for proposal in register.reader(PROPOSALS).every(LAST_DAY, at.known):
        drafts = [text.draft for text in proposal.state.texts if text.draft]
        known[proposal.state.address] = drafts[-1].heading if drafts else ""
    for held in register.reader(POLICY_TEXT).every(LAST_DAY, at.known):
        known[held.state.address] = held.state.heading
    return dict(sorted(known.items()))


def addresses_of(register: Register, name: str, at: Moment) -> list[str]:
    """Return the provisions of an address, a heading or a group such as `outbound`.

    Raises `NothingRecorded`, with names like it.
    """
    known = addresses(register, at)
    if shown := _shown_as(register, name, at):
        return shown
    names: dict[str, Iterable[str]] = {address: (heading,) for address, heading in known.items()}
    groups = {address.partition("/")[0] for address in known if "/" in address}
    names |= {group: () for group in groups if group not in names}
    asked = keys_meant("provision", name, names)
    if folded(name) in {folded(address) for address in known}:
        asked = tuple(each for each in asked if folded(each) == folded(name))
    return [a for a in known if a in asked or a.partition("/")[0] in set(asked) - set(known)]


def _shown_as(register: Register, number: str, at: Moment) -> list[str]:
    """Return the provision that is shown under a number on the day.

    A number may have been another's.
    """
    held = register.reader(POLICY_TEXT).every(at.on, at.known, {"in_force": True})
    found = {h.state.address for h in held if folded(h.state.number) == folded(number)}
    return sorted(found) if len(found) == 1 else []


@telling_kinds
def provision(register: Register, name: str, at: Moment) -> list[WholeProvision]:
    """Return the provisions of an address, a heading or a group: all that may hold on the day.

    Versions that were decided by then and take hold later follow. Of one that has neither there is
    a row for each text that was proposed, if any.
    Raises `NothingRecorded`.
    """
    asked = addresses_of(register, name, at)
    return [row for address in asked for row in _whole(register, address, at)]


def provision_version(register: Register, version: ProvisionRef, at: Moment) -> ProvisionRow | None:
    """Return one version of a provision, whenever it was in force; none where it is not known."""
    for phase in register.reader(POLICY_TEXT).history(version.address, at.known):
        if phase.state and phase.state.version == version.version:
            return ProvisionRow.of(phase.state, certain=True, proposed_in=None)
    return None


def _whole(register: Register, address: str, at: Moment) -> list[WholeProvision]:
    reader = register.reader(POLICY_TEXT)
    held = reader.every(at.on, at.known, {"address": address})
    phases = reader.history(address, at.known)
    # On a day between two states of a proposal, the later one has the texts of both.
    latest = {p.matter: p for p in _proposals(register, at) if p.address == address}
    proposed = list(latest.values())
    coming = [
        (_days(phase), phase.state)
        for phase in phases
        if phase.state and phase.first > at.on and phase.state.decided_on.first <= at.on
    ]
    rows = [row_of(h, at) for h in held]
    if not rows and not coming:
        rows = list(_only_proposed(proposed))
    proposals = tuple(_fates(proposed, held, phases, at, [state for _, state in coming]))
    found = [WholeProvision.of(row, proposals=proposals) for row in rows]
    for day, state in coming:
        row = ProvisionRow.of(state, certain=True, proposed_in=None)
        whole = WholeProvision.of(row, proposals=proposals, takes_hold=day)
        found.append(whole.model_copy(update={"in_force": False}))
    return found


def _proposals(register: Register, at: Moment) -> list[Proposal]:
    return [held.state for held in register.reader(PROPOSALS).every(at.on, at.known)]


def _only_proposed(proposed: Iterable[Proposal]) -> Iterator[ProvisionRow]:
    """Yield every text that was proposed, in the shape of a provision."""
    for proposal in proposed:
        for text in proposal.texts:
            if text.draft is not None:
                yield ProvisionRow.of(
                    text.draft,
                    number=shown_number_of(text.draft),
                    version=None,
                    in_force=False,
                    decision=None,
                    amended_by=(),
                    computed=None,
                    certain=True,
                    proposed_in=f"{proposal.matter}/{text.source}",
                )


def _fates(
    proposed: Iterable[Proposal],
    held: Sequence[Held[Provision]],
    phases: Sequence[Phase[Provision]],
    at: Moment,
    coming: Sequence[Provision],
) -> Iterator[ProposedRow]:
    now = [*(h.state for h in held if h.state.in_force), *coming]
    ever = [p.state for p in phases if p.state and p.state.in_force and p.first <= at.on]
    for proposal in proposed:
        for text in proposal.texts:
            draft = text.draft
            yield ProposedRow(
                matter=proposal.matter,
                address=proposal.address,
                source=text.source,
                body=text.body,
                heading=draft.heading if draft else None,
                text=draft.text if draft else None,
                items=draft.items if draft else (),
                terms=draft.terms if draft else {},
                wording=draft.wording if draft else None,
                fate=_fate(draft, now, ever) if proposal.adopted or coming else "not decided",
            )


def _fate(draft: ProvisionDraft | None, now: Iterable[Provision], ever: Iterable[Provision]) -> str:
    """Return what became of a text: its heading, items and terms are part of it."""
    if draft is None or _says(draft) in map(_says, now):
        return "adopted"
    return "in force before" if _says(draft) in map(_says, ever) else "never in force"


def _says(text: ProvisionDraft | Provision) -> tuple[object, ...]:
    return (text.heading, text.text, text.items, text.terms)


def _days(phase: Phase[Provision]) -> str:
    """Return the day on which a state begins, or the days between which it does."""
    return str(phase.first) if phase.first == phase.last else f"{phase.first}/{phase.last}"


def row_of(held: Held[Provision], at: Moment) -> ProvisionRow:
    """Return the row of a provision that may hold on the day."""
    later = decided_later(held.state.decided_on, at.on)
    return ProvisionRow.of(held.state, certain=held.certain, proposed_in=None, decided_later=later)
