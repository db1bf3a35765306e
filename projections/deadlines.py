"""What is owed to whom by when: reports asked for, explorations, requests and missions.

A row says what the record says of one duty. Whether it is due or overdue depends on the day asked
about and is computed then (`status`), so that nothing needs to be written when a day passes. A duty
of which no source states a date is owed, and never overdue.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum

from domain.closing import MissionClosed, MissionDocumentFiled
from domain.dates import When
from domain.duties import ReportGiven, ReportRequested
from domain.explorations import ExplorationAnswered, ExplorationDirected
from domain.history import Recorded
from domain.kernel import Citation, Event, Value
from domain.missions import MissionCancelled, MissionCompleted
from domain.procedure import RequestReceived, RequestReported
from domain.programming import AnnualReportGiven
from projections.register import decision_of
from projections.timeline import ReadModel


class Kind(StrEnum):
    """What is owed."""

    REQUESTED_REPORT = "requested report"
    YEARLY_REPORT = "yearly report"
    ANNUAL_REPORT = "annual report"
    REPORT_BACK = "report back"
    REQUEST_REPORT = "report on a request"
    MISSION_DOCUMENTS = "documents of a mission"


class Status(StrEnum):
    """How a duty stands on a day."""

    DUE = "due"
    OVERDUE = "overdue"
    OWED = "owed"
    """Owed, and no date is stated."""
    DONE = "done"


class Due(Value):
    """One duty: `due` is null where no date is stated, `owed_by` where the record names nobody.

    `given` are the documents that answered it, of a yearly report by year; `done_on` is the day
    that closed it, null while it is open, and always of a yearly one.
    """

    kind: Kind
    subject: str
    says: str
    due: When | None
    owed_by: str | None
    owed_to: str | None
    since: When
    given: tuple[str, ...]
    done_on: When | None
    decision: str | None
    cites: tuple[Citation, ...]


def status(row: Due, day: date, reported: Collection[int] = ()) -> Status:
    """How a duty stands on a day: overdue from the day after the last on which it may be due.

    `reported` are the years whose annual report was given by then; see `reported_years`.
    """
    if row.kind is Kind.YEARLY_REPORT:
        given = day.year in reported or any(g.startswith(f"{day.year}: ") for g in row.given)
        return Status.DONE if given else Status.OWED
    if row.done_on:
        return Status.DONE
    if row.due is None:
        return Status.OWED
    return Status.OVERDUE if day > row.due.last else Status.DUE


def reported_years(rows: Iterable[Due]) -> frozenset[int]:
    """Years whose annual report was given: it answers what is to be reported every year."""
    return frozenset(int(row.subject) for row in rows if row.kind is Kind.ANNUAL_REPORT)


def late(row: Due) -> bool:
    """Whether what was done was done after its day."""
    return row.due is not None and row.done_on is not None and row.done_on.first > row.due.last


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    match entry.event:
        case AnnualReportGiven(year=year):
            return (f"annual-report/{year}",)
        case ReportRequested(request=request) | ReportGiven(request=request):
            return (f"report/{request}",)
        case ExplorationDirected(subject=subject) | ExplorationAnswered(subject=subject):
            return (f"exploration/{subject}",)
        case RequestReceived(request=request) | RequestReported(request=request):
            return (f"request/{request}",)
        case (
            MissionCompleted(mission=mission)
            | MissionDocumentFiled(mission=mission)
            | MissionClosed(mission=mission)
            | MissionCancelled(mission=mission)
        ):
            return (f"mission/{mission}",)
        case _:
            return ()


def _evolve(key: str, state: Due | None, entry: Recorded[Event]) -> Due | None:
    event = entry.event
    opened = _opened(event)
    if opened is not None:
        return opened
    if state is None:
        return None
    match event:
        case ReportGiven(document=document) if state.kind is Kind.YEARLY_REPORT:
            return _given(state, f"{event.effective_from.first.year}: {document}")
        case ReportGiven(document=document) | ExplorationAnswered(document=document):
            return _closed(_given(state, document), event)
        case RequestReported(document=document):
            return _closed(_given(state, document), event)
        case MissionDocumentFiled(kind=kind, document=document):
            return _given(state, f"{kind}: {document}")
        case MissionClosed() | MissionCancelled():
            return _closed(state, event)
        case _:
            return state


def _opened(event: Event) -> Due | None:
    match event:
        case ReportRequested():
            kind = Kind.YEARLY_REPORT if event.yearly else Kind.REQUESTED_REPORT
            row = _duty(event, kind, event.request, event.about, by=event.office, to=event.to)
            return row.model_copy(update={"due": event.due})
        case ExplorationDirected(report_back=True):
            says = f"what staff make of {event.name}"
            return _duty(event, Kind.REPORT_BACK, event.subject, says)
        case RequestReceived():
            says = f"the request about {event.place.name}"
            row = _duty(event, Kind.REQUEST_REPORT, event.request, says, to=event.report_to)
            due = When.day(event.report_due) if event.report_due else None
            return row.model_copy(update={"due": due})
        case AnnualReportGiven():
            says = "the year's report on the programme"
            row = _duty(event, Kind.ANNUAL_REPORT, str(event.year), says)
            return _closed(_given(row, event.document), event)
        case MissionCompleted(owes=owes) if owes is None or owes.documents:
            documents = ", ".join(owes.documents) if owes else "what the policy asks for"
            says = f"{documents}: filed before the mission is closed"
            return _duty(event, Kind.MISSION_DOCUMENTS, event.mission, says)
        case _:
            return None


def _duty(
    event: Event,
    kind: Kind,
    subject: str,
    says: str,
    *,
    by: str | None = None,
    to: str | None = None,
) -> Due:
    return Due(
        kind=kind,
        subject=subject,
        says=says,
        due=None,
        owed_by=by,
        owed_to=to,
        since=event.effective_from,
        given=(),
        done_on=None,
        decision=decision_of(event),
        cites=event.cites,
    )


def _given(state: Due, document: str) -> Due:
    return state.model_copy(update={"given": (*state.given, document)})


def _closed(state: Due, event: Event) -> Due:
    return state.model_copy(update={"done_on": event.effective_from})


DEADLINES = ReadModel("deadlines", 2, Due, _keys, _evolve)
