"""The history of a provision, and the differences between two states of the policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import ClassVar, NamedTuple

from adapters.bootstrap import Register
from adapters.queries.moment import Moment
from adapters.queries.named.hints import telling_kinds
from adapters.queries.policy.provisions import addresses_of
from adapters.queries.policy.redline import Segment, marked_text, redline, texts_differ
from adapters.queries.policy.states import State, States, Text, draft_of
from adapters.queries.rows import DatedRow, Row
from domain.proceedings.decisions import ADOPTING, DecisionKind
from domain.shared.provisions import ProvisionDraft, TermValue, shown_number_of
from projections.engine.read_model import Phase
from projections.policy import POLICY_TEXT, Provision


class Cause(Row):
    """A motion or decision between two states. `documents` are those that prompted the motion."""

    kind: str
    name: str
    body: str | None
    on: str
    mover: str | None
    documents: tuple[str, ...]


class ChangedTerm(Row):
    """A term that differs; null where a side has none."""

    term: str
    before: TermValue | None
    after: TermValue | None


class ChangeRow(DatedRow):
    """One provision that differs, or may: `added`, `deleted` or `amended`.

    Each part is a redline; `redline` is the text's, marked. `certain` is false where the record
    cannot tell what one of the states says of it: then this is one of the differences there may be.
    `wording` says whose words the later text is in, `wording_before` the earlier one.
    """

    SUBJECT: ClassVar[str] = "provision"

    provision: str
    change: str
    redline: str
    number: tuple[Segment, ...]
    heading: tuple[Segment, ...]
    text: tuple[Segment, ...]
    items: tuple[tuple[Segment, ...], ...]
    terms: tuple[ChangedTerm, ...]
    causes: tuple[Cause, ...]
    wording: str | None
    wording_before: str | None
    certain: bool

    @property
    def wordings(self) -> tuple[tuple[str, str | None], ...]:
        """The texts of the redline, each with whose words it is in; one name if both agree."""
        before, after = self.change != "added", self.change != "deleted"
        if before and after and self.wording_before != self.wording:
            earlier, later = f"{self.provision} (before)", f"{self.provision} (after)"
            return ((earlier, self.wording_before), (later, self.wording))
        return ((self.provision, self.wording if after else self.wording_before),)


class HistoryRow(DatedRow):
    """A provision from a day on: one version, or its deletion.

    `since` is a day, or two where the record does not say on which between them it took hold;
    `redline` marks what changed in the text, and is the text itself of the first version.
    """

    SUBJECT: ClassVar[str] = "address"

    address: str
    since: str
    version: int
    number: str
    change: str
    heading: str
    redline: str
    terms: tuple[ChangedTerm, ...]
    decision: str | None
    amended_by: tuple[str, ...]
    wording: str | None
    certain: bool


@telling_kinds
def provision_history(register: Register, name: str, at: Moment) -> list[HistoryRow]:
    """Return every version of a provision or of a group of them up to the day, the first first.

    Raises `NothingRecorded`.
    """
    rows: list[HistoryRow] = []
    for address in addresses_of(register, name, at):
        before: Provision | None = None
        for phase in register.reader(POLICY_TEXT).history(address, at.known):
            if phase.state and phase.first <= at.on:
                rows.append(_history(phase, phase.state, before, at))
                before = phase.state
    return rows


def _history(
    phase: Phase[Provision], state: Provision, before: Provision | None, at: Moment
) -> HistoryRow:
    was = before if before and before.in_force else None
    text = state.text if state.in_force else ""
    terms = _terms(draft_of(was) if was else None, draft_of(state) if state.in_force else None)
    return HistoryRow(
        address=state.address,
        since=str(phase.first) if phase.first == phase.last else f"{phase.first}/{phase.last}",
        version=state.version,
        number=state.number,
        change="deleted" if not state.in_force else "amended" if was else "adopted",
        heading=state.heading,
        redline=marked_text(redline(was.text, text)) if was else text,
        terms=tuple(terms),
        decision=state.decision,
        amended_by=state.amended_by,
        wording=state.wording,
        certain=phase.last <= at.on,
    )


class PolicyDifference(NamedTuple):
    """Every provision that differs between two states, and how many are the same in both."""

    rows: Sequence[ChangeRow]
    same: int


@telling_kinds
def policy_changes(
    register: Register, before: str, after: str, at: Moment, address: str | None = None
) -> PolicyDifference:
    """Return differences between two states of the policy, of one provision or of all, by address.

    A state is a day, a stage (with its matter) or a version of one provision. Raises `UnknownState`
    and `NothingRecorded`.
    """
    states = States(register, at.known)
    asked = addresses_of(register, address, at) if address else [None]
    found: list[ChangeRow] = []
    compared: set[str] = set()
    for each in asked:
        one, other = states.find(before, each), states.find(after, each)
        found += _changes(states, one, other)
        compared |= one.texts.keys() | other.texts.keys()
    return PolicyDifference(found, len(compared) - len(found))


def _changes(states: States, before: State, after: State) -> Iterator[ChangeRow]:
    for address in sorted(before.texts.keys() | after.texts.keys()):
        one, other = before.candidates(address), after.candidates(address)
        was, becomes = _apart(one, other)
        certain = len(one) == len(other) == 1
        row = _difference(address, was, becomes, _causes(states, was, becomes), certain=certain)
        if row:
            yield row


def _apart(one: Sequence[Text], other: Sequence[Text]) -> tuple[Text, Text]:
    """Return of what two states may say the texts that only one of them may say."""
    was = [text for text in one if text not in other] or [one[-1]]
    becomes = [text for text in other if text not in one] or [other[-1]]
    return was[0], becomes[-1]


def _difference(
    address: str, was: Text, becomes: Text, causes: tuple[Cause, ...], *, certain: bool
) -> ChangeRow | None:
    one, other = was.draft, becomes.draft
    latest = other or one
    if latest is None:
        return None
    number = redline(shown_number_of(one) if one else "", shown_number_of(other) if other else "")
    heading = redline(one.heading if one else "", other.heading if other else "")
    text = redline(one.text if one else "", other.text if other else "")
    items = tuple(_items(one.items if one else (), other.items if other else ()))
    terms = tuple(_terms(one, other))
    if not terms and not any(map(texts_differ, (number, heading, text, *items))):
        return None
    return ChangeRow(
        provision=address,
        change="added" if one is None else "deleted" if other is None else "amended",
        redline=marked_text(text),
        number=number,
        heading=heading,
        text=text,
        items=items,
        terms=terms,
        causes=causes,
        wording=other.wording if other else None,
        wording_before=one.wording if one else None,
        certain=certain,
    )


def _items(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[Segment, ...]]:
    """Yield items side by side: unchanged ones aligned, replaced ones compared in pairs."""
    matcher = SequenceMatcher(a=one, b=other, autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        for left, right in zip_longest(one[a:b], other[c:d], fillvalue=""):
            yield redline(left, right)


def _terms(one: ProvisionDraft | None, other: ProvisionDraft | None) -> Iterator[ChangedTerm]:
    before, after = (one.terms if one else {}), (other.terms if other else {})
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield ChangedTerm(term=name, before=before.get(name), after=after.get(name))


def _causes(states: States, one: Text, other: Text) -> tuple[Cause, ...]:
    """Return the acts behind one text and not behind the other.

    Where a decision put a text in force, what a body recommended before is no cause.
    """
    names = sorted(one.motions ^ other.motions) + sorted(one.decisions ^ other.decisions)
    acts = [(name, item) for name in names if (item := states.item(name))]
    adopted = any(item.result in ADOPTING for _, item in acts)
    return tuple(
        Cause(
            kind=item.kind,
            name=name,
            body=item.body,
            on=str(item.on),
            mover=item.by,
            documents=tuple(item.detail.get("prompted_by", ())),
        )
        for name, item in acts
        if not (adopted and item.result == DecisionKind.RECOMMEND)
    )
