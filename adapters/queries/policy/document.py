"""The whole policy on a day as one document: its provisions, its events and the bodies it names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence, Set
from datetime import date
from typing import NamedTuple

from adapters.bootstrap import Register
from adapters.queries.moment import Moment
from adapters.queries.named.bodies import charter
from adapters.queries.policy.provisions import ProvisionRow, row_of
from adapters.queries.rows import Row
from domain.council.bodies import Charter
from domain.shared.problems import Invalid
from projections.engine.read_model import Phase
from projections.matters import DECISION_RECORD
from projections.policy import POLICY_TEXT, Provision


class NothingInForce(Invalid):
    """No provision was in force on the day, so there is no policy to write down."""

    on: date


class PolicyEvent(Row):
    """An act that gave provisions their text, and the days on which it may have taken hold.

    `kind` is `generation` for the first decision and `amendment` for others. A decision of which
    the day is not known is dated by the `last` day of its meeting, from which it surely holds.
    """

    first: date
    last: date
    kind: str
    decision: str


class SourceRow(Row):
    """The original of a paper, by its digest."""

    document: str
    name: str
    sha256: str


class WrittenProvision(NamedTuple):
    """A provision as `list provisions` gives it, and what gave it this text."""

    row: ProvisionRow
    since: PolicyEvent


class PolicyDocument(NamedTuple):
    """The policy on a day; `bodies` are names by id, and `author` is the one that decides it.

    `events` are all that may have taken hold by the day, in order. `country` (ISO 3166-1) and
    `language` (BCP 47) are the charter's, `None` where it names none; `locality` is the city, or
    the register's id. `sources` are originals of the papers that provisions cite.
    """

    on: date
    title: str
    number: str
    locality: str
    country: str | None
    language: str | None
    author: str
    bodies: dict[str, str]
    provisions: Sequence[WrittenProvision]
    events: Sequence[PolicyEvent]
    sources: Sequence[SourceRow] = ()


def policy_document(register: Register, at: Moment) -> PolicyDocument:
    """Return every provision that may be in force on the day. Raises `NothingInForce`."""
    reader = register.reader(POLICY_TEXT)
    held = reader.every(at.on, at.known, {"in_force": True})
    if not held:
        raise NothingInForce(on=at.on)
    keys = dict.fromkeys(each.key for each in reader.every(at.on, at.known))
    phases = sorted(
        (p for key in keys for p in reader.history(key, at.known) if p.state and p.first <= at.on),
        key=lambda p: (p.last, p.place),
    )
    first = _decision(phases[0])
    title = _title(register, first, at)
    bodies = charter(register, at)
    return PolicyDocument(
        on=at.on,
        title=title,
        number=_for_address(title) or "policy",
        locality=_locality(bodies) or register.settings.register_id,
        country=bodies.country,
        language=next(iter(bodies.languages), None),
        author=bodies.residual_authority,
        bodies=dict(bodies.names()),
        provisions=[WrittenProvision(row_of(h, at), _event(h.phase, first)) for h in held],
        events=list(dict.fromkeys(_event(phase, first) for phase in phases)),
        sources=list(_sources(register, {c.document for h in held for c in h.state.cites}, at)),
    )


def _sources(register: Register, documents: Set[str], at: Moment) -> Iterator[SourceRow]:
    """Yield the originals of these papers, as far as the register has their digests."""
    for held in register.reader(DECISION_RECORD).every(at.on, at.known):
        source = held.state.detail.get("source")
        if source and held.state.item in documents:
            yield SourceRow(document=held.state.item, **source)


def _locality(charter: Charter) -> str:
    """Return the city in the letters of an address: by its name, or else by that of its charter."""
    return _for_address(charter.city) or _for_address(charter.edition) if charter.city else ""


def _for_address(name: str) -> str:
    """Return a name in the letters of an address, without accents; empty for another script."""
    plain = (letter for letter in unicodedata.normalize("NFKD", name.casefold()))
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", kept).strip("-")


def _decision(phase: Phase[Provision]) -> str:
    return (phase.state.decision if phase.state else None) or "unknown"


def _event(phase: Phase[Provision], first: str) -> PolicyEvent:
    decision = _decision(phase)
    kind = "generation" if decision == first else "amendment"
    return PolicyEvent(first=phase.first, last=phase.last, kind=kind, decision=decision)


def _title(register: Register, decision: str, at: Moment) -> str:
    matter = decision.partition("/")[0]
    answer = register.reader(DECISION_RECORD).answer(matter, date.max, at.known)
    item = answer.candidates[-1] if answer.candidates else None
    return item.title if item else "Policy"
