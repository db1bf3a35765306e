"""The studies of world cities that reports cite, edition by edition."""

from __future__ import annotations

from typing import ClassVar

from adapters.bootstrap import Register
from adapters.queries.moment import Moment, NotYet, as_known
from adapters.queries.named.hints import telling_kinds
from adapters.queries.named.names import key_found
from adapters.queries.rows import DatedRow
from domain.partnerships.study import STREAM, RosterCited
from domain.shared.dates import When
from domain.shared.history import standing_entries
from domain.shared.messages import Citation
from projections.engine.read_model import LAST_DAY


class StudyRow(DatedRow):
    """One edition of a study, as a report cites it on a day: a citation, and no decision.

    `tiers` gives the cities of each tier, `marks` the cities that carry each mark.
    """

    SUBJECT: ClassVar[str] = "edition"

    edition: str
    study: str
    authors: tuple[str, ...]
    on: When
    tiers: dict[str, tuple[str, ...]]
    marks: dict[str, tuple[str, ...]]
    cites: tuple[Citation, ...]
    certain: bool


def studies(register: Register, at: Moment) -> list[StudyRow]:
    """Return every edition that was cited by the day, the first cited first."""
    entries = standing_entries(as_known(register, (STREAM,), at)[STREAM])
    return [
        StudyRow(
            edition=event.edition,
            study=event.study,
            authors=event.authors,
            on=event.decided_on,
            tiers=dict(event.tiers),
            marks=event.marks,
            cites=event.cites,
            certain=event.effective_from.last <= at.on,
        )
        for event in (e.event for e in entries)
        if isinstance(event, RosterCited) and event.effective_from.first <= at.on
    ]


@telling_kinds
def study(register: Register, name: str, at: Moment) -> list[StudyRow]:
    """Return the editions of a study, by its name or an edition's.

    Raises `NothingRecorded`, `NotYet`.
    """
    every = studies(register, Moment(LAST_DAY, at.known))
    names = [name for row in every for name in (row.edition, row.study)]
    meant = key_found("study", name, dict.fromkeys(names, ()))
    rows = [row for row in studies(register, at) if meant in (row.edition, row.study)]
    if not rows:
        raise NotYet(study=name, as_of=at.on.isoformat())
    return rows
