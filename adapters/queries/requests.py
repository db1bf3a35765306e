"""Requests for a relationship, and the agreements that come of them or of a decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from adapters.bootstrap import Register
from adapters.queries.entries import StoryStep, story_of_stream
from adapters.queries.moment import Moment, NotYet
from adapters.queries.named.hints import telling_kinds
from adapters.queries.named.names import key_found
from adapters.queries.named.places import every_name, gazetteer, place_of
from adapters.queries.rows import DatedRow, FindingRow
from domain.council.persons import OfficeHolder
from domain.instruments import Party
from domain.partnerships.agreement import stream_of as agreement_stream
from domain.places import Gazetteer
from domain.requests.request import stream_of
from domain.shared.dates import When
from projections.agreements import AGREEMENTS
from projections.agreements import AgreementRow as Stored
from projections.engine.read_model import LAST_DAY, Held
from projections.requests import REQUESTS, Request


class RequestRow(DatedRow):
    """One request. `late` is null until it is reported on, `positive_case` until one is made.

    `overdue` says that the report was not given and its day is over.
    """

    SUBJECT: ClassVar[str] = "request"

    request: str
    place: str
    code: str
    asks: str
    stage: str
    since: When
    received: When
    report_due: str | None
    late: bool | None
    arrangement: str | None
    recommended: bool | None
    positive_case: bool | None
    decision: str | None
    overdue: bool
    certain: bool


class WholeRequest(RequestRow):
    """One request with its steps: who asks, objectives, advice, answers, case and agreement."""

    findings: tuple[FindingRow, ...]
    steps: tuple[StoryStep, ...]


@telling_kinds
def requests(
    register: Register, at: Moment, *, year: int | None = None, place: str | None = None
) -> list[RequestRow]:
    """Return every request, the oldest first: those received in a year, those about a place.

    Raises `NothingRecorded` for a place that nobody knows.
    """
    where = {} if place is None else {"code": place_of(register, place, at).code}
    held = register.reader(REQUESTS).every(at.on, at.known, where)
    names = gazetteer(register, at)
    return [
        _row(h, at, names)
        for h in sorted(held, key=lambda h: str(h.state.received))
        if year is None or h.state.received.first.year <= year <= h.state.received.last.year
    ]


@telling_kinds
def request(register: Register, name: str, at: Moment) -> list[WholeRequest]:
    """Return one request by its name or its place.

    There are several rows where the record cannot tell its stage. Raises `NothingRecorded`, with
    names like it.
    """
    reader = register.reader(REQUESTS)
    names = gazetteer(register, at)
    called = every_name(names)
    every = (h.state for h in reader.every(LAST_DAY, at.known))
    key = key_found("request", name, {r.request: (r.code, *called.get(r.code, ())) for r in every})
    held = reader.every(at.on, at.known, {"request": key})
    if not held:
        raise NotYet(request=key, as_of=at.on.isoformat())
    steps = tuple(story_of_stream(register, stream_of(key), at))
    return [
        WholeRequest.of(
            h.state,
            place=_called(h.state, names),
            overdue=_overdue(h.state, at),
            certain=h.certain,
            findings=tuple(FindingRow.told(finding) for finding in h.state.findings),
            steps=steps,
        )
        for h in held
    ]


def _row(held: Held[Request], at: Moment, names: Gazetteer) -> RequestRow:
    return RequestRow.of(
        held.state,
        place=_called(held.state, names),
        overdue=_overdue(held.state, at),
        certain=held.certain,
    )


def _called(row: Request, names: Gazetteer) -> str:
    """Return the place as it is called on the day."""
    return names.places[row.code].name if row.code in names.places else row.code


def _overdue(row: Request, at: Moment) -> bool:
    return row.late is None and row.report_due is not None and at.on.isoformat() > row.report_due


class AgreementRow(DatedRow):
    """One agreement on the day, `parties` in the words of the papers.

    `signed` and `ratified` give the day of each party, `since` is null until it is in force;
    `roles` gives who has each role, such as a body's representative. `succeeded_by` is the one of
    those that renew it (`renewed_by`) that was in force first.
    """

    SUBJECT: ClassVar[str] = "agreement"

    agreement: str
    kind: str
    places: tuple[str, ...]
    codes: tuple[str, ...]
    description: str
    parties: tuple[str, ...]
    status: str
    signed: dict[str, str]
    ratified: dict[str, str]
    since: When | None
    expires: When | None
    partnership: bool
    renews: str | None
    renewed_by: tuple[str, ...]
    succeeded_by: str | None
    roles: dict[str, str]
    ended_by: str | None
    decision: str | None
    certain: bool


class WholeAgreement(AgreementRow):
    """One agreement with its steps."""

    steps: tuple[StoryStep, ...]


@telling_kinds
def agreements(
    register: Register, at: Moment, *, place: str | None = None, status: str | None = None
) -> list[AgreementRow]:
    """Return every agreement that may hold on the day, with a place, in a status.

    Raises `NothingRecorded` for a place that nobody knows.
    """
    code = None if place is None else place_of(register, place, at).code
    held = register.reader(AGREEMENTS).every(at.on, at.known)
    renewed = [h.state for h in held if h.state.text.renews]
    names = gazetteer(register, at)
    return [
        _agreement(h, names, renewed)
        for h in held
        if (code is None or code in h.state.places) and status in (None, h.state.status)
    ]


@telling_kinds
def agreement(register: Register, name: str, at: Moment) -> list[WholeAgreement]:
    """Return one agreement by its name; several rows where the record cannot tell how it stands.

    Raises `NothingRecorded`, with names like it.
    """
    reader = register.reader(AGREEMENTS)
    every = (h.state for h in reader.every(LAST_DAY, at.known))
    key = key_found("agreement", name, {row.agreement: (row.text.description,) for row in every})
    rows = [row for row in agreements(register, at) if row.agreement == key]
    if not rows:
        raise NotYet(agreement=key, as_of=at.on.isoformat())
    steps = tuple(story_of_stream(register, agreement_stream(key), at))
    return [WholeAgreement.of(row, steps=steps) for row in rows]


def _agreement(held: Held[Stored], names: Gazetteer, renewing: Sequence[Stored]) -> AgreementRow:
    row = held.state
    by = tuple(each.agreement for each in renewing if each.text.renews == row.agreement)
    return AgreementRow(
        agreement=row.agreement,
        kind=row.text.kind,
        places=tuple(names.places[code].name for code in row.places),
        codes=row.places,
        description=row.text.description,
        parties=tuple(_party(party) for party in row.text.parties),
        status=row.status,
        signed={party: str(day) for party, day in row.signed.items()},
        ratified={party: str(day) for party, day in row.ratified.items()},
        since=row.since,
        expires=row.expires,
        partnership=row.text.partnership,
        renews=row.text.renews,
        renewed_by=by,
        succeeded_by=row.succeeded,
        roles={role: holder_in_words(who) for role, who in row.roles.items()},
        ended_by=row.ended.value if row.ended else None,
        decision=row.decision,
        certain=held.certain,
    )


def _party(party: Party) -> str:
    return f"{party.name} (now {party.succeeded_by})" if party.succeeded_by else party.name


def holder_in_words(who: OfficeHolder) -> str:
    """Return who holds a role: name and office, or the office alone."""
    return f"{who.name}, {who.office}" if who.name else who.office
