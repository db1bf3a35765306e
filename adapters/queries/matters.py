"""Matters and their items: reports, communications, deputations, motions and decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar, Literal, Protocol

from pydantic import JsonValue

from adapters.bootstrap import Register
from adapters.queries.entries import FRAME, fields_stated
from adapters.queries.moment import Moment, NotYet
from adapters.queries.named.bodies import body_of
from adapters.queries.named.hints import telling_kinds
from adapters.queries.named.matters import matter_of, withheld
from adapters.queries.rows import DatedRow
from domain.proceedings.motions import VOTED
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.messages import Citation
from domain.shared.text import folded
from domain.shared.wordings import wordings_in
from projections.engine.read_model import Held
from projections.matters import DECISION_RECORD, MatterItem


class ItemRow(DatedRow):
    """One item of a matter, or the matter itself.

    `result` is a matter's state, a motion's result or a decision's kind; of a matter, `since` is
    the day of the act that left it in this state. `computed` and `declared` are the two texts of a
    motion where they differ. Of a matter, `numbers` lead to it beside its name, and the others name
    matters that were considered with it, that were parts of it, or that it was a part of;
    `in_camera` is the reason for which it is not public.
    `voted` is the vote in words, `left` the parts of a
    divided matter that are not decided, `later` the decisions that confirm or rescind this one.
    `wordings` say whose words the texts that it proposes are in, with null where the record does
    not say.
    """

    SUBJECT: ClassVar[str] = "item"

    matter: str
    item: str
    kind: str
    on: When
    title: str
    body: str | None
    by: str | None
    seconded_by: str | None
    result: str | None
    since: When | None
    computed: str | None
    declared: str | None
    voted: str | None
    left: tuple[str, ...]
    numbers: tuple[str, ...]
    together_with: tuple[str, ...]
    split_into: tuple[str, ...]
    out_of: str | None
    in_camera: str | None
    later: tuple[str, ...]
    wordings: tuple[str | None, ...]
    findings: tuple[Finding, ...]
    cites: tuple[Citation, ...]
    certain: bool


class WholeItem(ItemRow):
    """An item of a matter with its `content`: all that its entry says and the row does not.

    Of a report its recommendations, statements and remarks, of a motion its texts and what it made
    of its target, of a decision what it adopts and does. Of a matter, `withheld` counts the entries
    that are in camera and may not be shown.
    """

    content: dict[str, JsonValue]
    withheld: int


class Act(Protocol):
    """A motion or decision, or any other item, with who moved it and the vote in words."""

    @property
    def kind(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def by(self) -> str | None: ...
    @property
    def result(self) -> str | None: ...
    @property
    def voted(self) -> str | None: ...


def papers_silent(items: Iterable[Act]) -> str:
    """Return a sentence on the motions without a mover and the acts without a vote, if any.

    It names them where the papers name a mover or a vote for others.
    """
    acts = list(items)
    motions = [act for act in acts if act.kind == "motion"]
    unmoved = [act.item for act in motions if act.by is None]
    voted_on = [a for a in acts if a.kind == "decision" or a.result in VOTED or a.voted]
    uncounted = [act.item for act in voted_on if act.voted is None]
    said = (
        _none_of("no mover", "of", unmoved, len(motions)),
        _none_of("no vote", "on", uncounted, len(voted_on)),
    )
    told = " and ".join(filter(None, said))
    return f"The papers name {told}." if told else ""


def _none_of(what: str, of: str, without: Sequence[str], among: int) -> str:
    if not without:
        return ""
    return what if len(without) == among else f"{what} {of} {', '.join(without)}"


Kind = Literal["matter", "decision", "motion"]


def matters(
    register: Register, at: Moment, *, year: int | None = None, search: str | None = None
) -> list[ItemRow]:
    """Return every matter and how it stands; or those of a year, or with words in their title."""
    return _items(register, at, "matter", year, search)


@telling_kinds
def decisions(
    register: Register,
    at: Moment,
    *,
    year: int | None = None,
    search: str | None = None,
    body: str | None = None,
    matter: str | None = None,
) -> list[ItemRow]:
    """Return every decision: of a year, with words in its summary, of a body, on a matter.

    Raises `NothingRecorded` for a body or a matter that nobody knows.
    """
    return _items(register, at, "decision", year, search, body, matter)


@telling_kinds
def motions(
    register: Register,
    at: Moment,
    *,
    year: int | None = None,
    search: str | None = None,
    body: str | None = None,
    matter: str | None = None,
) -> list[ItemRow]:
    """Return every motion and its result; filters as in `decisions`. Raises `NothingRecorded`."""
    return _items(register, at, "motion", year, search, body, matter)


@telling_kinds
def matter(register: Register, name: str, at: Moment) -> list[WholeItem]:
    """Return a matter and its items in the order of days. Raises `NothingRecorded`, `InCamera`."""
    key = matter_of(register, name, at)
    reader = register.reader(DECISION_RECORD)
    held = reader.every(at.on, at.known, {"matter": key})
    if not held:
        raise NotYet(matter=key, as_of=at.on.isoformat())
    hidden = withheld(register, key, at)
    return [
        _whole(h, hidden if h.state.kind == "matter" else 0) for h in sorted(held, key=_as_it_went)
    ]


def _items(
    register: Register,
    at: Moment,
    kind: Kind,
    year: int | None,
    search: str | None,
    body: str | None = None,
    matter: str | None = None,
) -> list[ItemRow]:
    where: dict[str, object] = {"kind": kind}
    if body is not None:
        where["body"] = body_of(register, body, at)
    if matter is not None:
        where["matter"] = matter_of(register, matter, at)
    rows = map(_row, register.reader(DECISION_RECORD).every(at.on, at.known, where))
    wanted = (
        row
        for row in rows
        if (year is None or row.on.first.year <= year <= row.on.last.year)
        and (search is None or folded(search) in folded(row.title))
    )
    return sorted(wanted, key=lambda row: (str(row.on), row.matter, row.item))


def _as_it_went(held: Held[MatterItem]) -> tuple[bool, date, int]:
    return (held.state.kind != "matter", held.state.on.first, held.phase.position)


SAID = (*FRAME, "matter", "document", "deputation", "motion", "decision", "title", "body", "kind")
"""Fields of an entry that an item has under this or another name."""

PERSONS = ("by", "sender", "speaker", "mover", "seconder")


def _whole(held: Held[MatterItem], hidden: int) -> WholeItem:
    row = held.state
    told = {"summary": row.title, "asks": row.title, "reason": row.title}
    told |= {"in_camera": row.in_camera} if row.in_camera else {}
    content = {
        name: value
        for name, value in fields_stated(row.detail).items()
        if name not in (*SAID, *PERSONS) and told.get(name) != value
    }
    return WholeItem.of(
        row,
        content=content,
        withheld=hidden,
        wordings=wordings_in(row.detail),
        certain=held.certain,
    )


def _row(held: Held[MatterItem]) -> ItemRow:
    row = held.state
    return ItemRow.of(row, wordings=wordings_in(row.detail), certain=held.certain)
