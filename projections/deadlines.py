"""Duties, to whom and by when: reports, explorations, requests, missions, postponed matters.

A row says what the record says of one duty. Whether it is due or overdue depends on the day asked
about and is computed then (`status_of_duty`), so that nothing needs to be written when a day
passes. A duty of which no source states a date is owed, and never overdue.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date
from enum import StrEnum

from domain.council.persons import OfficeHolder
from domain.instruments import PartnershipState
from domain.missions.messages import (
    MissionCancelled,
    MissionClosed,
    MissionCompleted,
    MissionDocumentFiled,
)
from domain.partnerships.agreement import (
    AgreementDayCame,
    AgreementEnded,
    AgreementEntered,
    AgreementRenewed,
    AgreementSucceeded,
)
from domain.partnerships.exploration import ExplorationAnswered, ExplorationDirected
from domain.partnerships.partnership import PartnershipLapsed
from domain.partnerships.states import (
    PartnershipStateChanged,
    PartnershipStateReported,
    StateEvent,
)
from domain.proceedings.decisions import POSTPONING, DecisionKind, DecisionTaken
from domain.proceedings.motions import MotionMoved, NoticeGiven
from domain.proceedings.papers import ReportSubmitted
from domain.proceedings.requested_reports import ReportGiven, ReportRequested
from domain.programme.activities import AnnualReportGiven
from domain.requests.messages import RequestReceived, RequestReported
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.messages import Citation, Event, Value
from projections.engine.read_model import ReadModel, decision_of


class Kind(StrEnum):
    """A duty."""

    REQUESTED_REPORT = "requested report"
    YEARLY_REPORT = "yearly report"
    ANNUAL_REPORT = "annual report"
    REPORT_BACK = "report back"
    REQUEST_REPORT = "report on a request"
    MISSION_DOCUMENTS = "documents of a mission"
    DEFERRED_MATTER = "deferred matter"
    REFERRED_MATTER = "referred matter"
    TABLED_MATTER = "tabled matter"
    NOTICE = "notice of motion"
    SUSPENSION = "end of a suspension"
    EXPIRY = "last day of an agreement"


class Status(StrEnum):
    """How a duty stands on a day."""

    DUE = "due"
    OVERDUE = "overdue"
    OWED = "owed"
    """Owed, and no date is stated."""
    DONE = "done"


class DoneDuty(Value):
    """A decision or a report of another body or office, while a matter was owed."""

    by: str
    on: When
    document: str | None = None


_Expiring = (
    AgreementEntered | AgreementRenewed | AgreementEnded | AgreementDayCame | AgreementSucceeded
)


class Due(Value):
    """One duty: `due` is null where no date is stated, `owed_by` where the record names nobody.

    `deeds` are those of bodies that the duty does not name: a successor of one of these may have
    done it (see `duty_done_by`). `given` are the documents that answered it, of a yearly report by
    year; `done_on` is the day that closed it, null while it is open, and always of a yearly one.
    `meeting` is the meeting to which a matter is put off, as the papers name it.
    `place` is the code of the place that it is about, whose name on a day ends what it `says`.
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
    meeting: str | None = None
    deeds: tuple[DoneDuty, ...] = ()
    place: str | None = None


def duty_done_by(row: Due, stands_for: Callable[[DoneDuty, str], bool]) -> Due:
    """Return a duty as done by a body in the place of the one that it names.

    `stands_for` says of a deed whether it was done in the place of a body or office.
    """
    named = tuple(filter(None, (row.owed_by, row.owed_to)))
    for deed in row.deeds if row.done_on is None else ():
        owed = named if deed.document is None else named[:1] if row.owed_by else ()
        if any(stands_for(deed, body) for body in owed):
            given = (*row.given, deed.document) if deed.document else row.given
            return row.model_copy(update={"given": given, "done_on": deed.on})
    return row


def status_of_duty(row: Due, day: date, reported: Collection[int] = ()) -> Status:
    """Return how a duty stands on a day.

    It is overdue from the day after the last on which it may be due. `reported` are the years whose
    annual report was given by then; see `reported_years`.
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
    """Return years whose annual report was given: it answers what is to be reported every year."""
    return frozenset(int(row.subject) for row in rows if row.kind is Kind.ANNUAL_REPORT)


def done_late(row: Due) -> bool:
    """True where a duty was done after its day."""
    return row.due is not None and row.done_on is not None and row.done_on.first > row.due.last


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    match entry.event:
        case AnnualReportGiven(year=year):
            return (f"annual-report/{year}",)
        case ReportRequested(request=request) | ReportGiven(request=request):
            return (f"report/{request}",)
        case ExplorationDirected(subject=subject) | ExplorationAnswered(subject=subject):
            return (f"exploration/{subject}",)
        case DecisionTaken() as event:
            return _postponed_keys(event)
        case ReportSubmitted(matter=matter):
            return (f"matter/{matter}",)
        case NoticeGiven() as event:
            return (f"notice/{event.matter}/{event.notice}",)
        case MotionMoved(matter=matter, notice=str(notice)):
            return (f"notice/{matter}/{notice}",)
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
            return _of_a_partnership(entry.event)


def _of_a_partnership(event: Event) -> tuple[str, ...]:
    if isinstance(event, PartnershipStateChanged | PartnershipStateReported | PartnershipLapsed):
        return (f"suspension/{event.place.code}",)
    if isinstance(event, _Expiring):
        return (f"agreement/{event.agreement}",)
    return ()


def _postponed_keys(event: DecisionTaken) -> tuple[str, ...]:
    """Return the keys of a matter, the parts decided on, and the notice of motion followed."""
    matter = f"matter/{event.matter}"
    notice = (f"notice/{event.matter}/{event.notice}",) if event.notice else ()
    return (matter, *(f"{matter}/{part}" for part in event.parts), *notice)


def _evolve(key: str, state: Due | None, entry: Recorded[Event]) -> Due | None:
    event = entry.event
    if isinstance(event, DecisionTaken):
        return _on_matter(key, state, event)
    if isinstance(event, PartnershipStateChanged | PartnershipStateReported):
        return _suspended(state, event)
    if isinstance(event, _Expiring):
        return _expiring(state, event)
    opened = _opened(event)
    if opened is not None:
        return opened
    return _answered(state, event) if state else None


def _answered(state: Due, event: Event) -> Due:
    match event:
        case ReportGiven(document=document) if state.kind is Kind.YEARLY_REPORT:
            return _given(state, f"{event.effective_from.first.year}: {document}")
        case ReportGiven() | ExplorationAnswered() | RequestReported():
            return _closed(_given(state, event.document), event)
        case MissionDocumentFiled(kind=kind, document=document):
            return _given(state, f"{kind}: {document}")
        case MotionMoved() | MissionClosed() | MissionCancelled() | PartnershipLapsed():
            return _closed(state, event)
        case ReportSubmitted():
            return _reported(state, event)
        case _:
            return state


def _reported(state: Due, event: ReportSubmitted) -> Due:
    """Return a duty on a matter after a report on it."""
    office = event.by.office if isinstance(event.by, OfficeHolder) else None
    if office is None:
        return state
    if office == state.owed_by:
        return _closed(_given(state, event.document), event)
    return _with_deed(state, DoneDuty(by=office, on=event.effective_from, document=event.document))


def _with_deed(state: Due, deed: DoneDuty) -> Due:
    return state if state.done_on else state.model_copy(update={"deeds": (*state.deeds, deed)})


def _suspended(state: Due | None, event: StateEvent) -> Due | None:
    """Return the duty of a suspension: due on its last day, or owed until its condition is met.

    A decision outweighs what a report says of it.
    """
    if event.ran_out:
        same = state is not None and state.due == event.ran_out
        return _closed(state, event) if state and same else state
    decided = state is not None and state.decision is not None and state.done_on is None
    if isinstance(event, PartnershipStateReported) and decided:
        return state
    if event.state is not PartnershipState.SUSPENDED or not (event.until or event.condition):
        return _closed(state, event) if state and state.done_on is None else state
    says = f"{event.place.name}: suspended until {event.until or event.condition}"
    reported = "" if isinstance(event, PartnershipStateChanged) else ", as a report says"
    row = _duty(event, Kind.SUSPENSION, event.place.code, f"{says}{reported}")
    return row.model_copy(update={"due": event.until})


def _expiring(
    state: Due | None,
    event: _Expiring,
) -> Due | None:
    """Return the duty to renew or end an agreement by its last day.

    A renewal gives another day.
    """
    match event:
        case AgreementEntered(text=text):
            says = f"{text.kind}: {text.description}"
            row = _duty(event, Kind.EXPIRY, event.agreement, says)
            return row.model_copy(update={"due": text.expires}) if text.expires else None
        case AgreementRenewed(expires=expires):
            says = state.says if state else "renewed"
            row = _duty(event, Kind.EXPIRY, event.agreement, says)
            return row.model_copy(update={"due": expires}) if expires else None
        case AgreementEnded() | AgreementSucceeded():
            return _closed(state, event) if state else None
        case AgreementDayCame(expires=expires):
            over = state is not None and expires is not None and state.due == expires
            return _closed(state, event) if state and over else state


def _opened(event: Event) -> Due | None:
    match event:
        case ReportRequested():
            kind = Kind.YEARLY_REPORT if event.yearly else Kind.REQUESTED_REPORT
            row = _duty(event, kind, event.request, event.about, by=event.office, to=event.to)
            return row.model_copy(update={"due": event.due})
        case ExplorationDirected(report_back=True):
            says = f"the report of staff on {event.name}"
            to = event.authority.body if event.authority else None
            return _duty(event, Kind.REPORT_BACK, event.subject, says, by="staff", to=to)
        case RequestReceived():
            says = "the request about"
            row = _duty(event, Kind.REQUEST_REPORT, event.request, says, to=event.report_to)
            due = When.day(event.report_due) if event.report_due else None
            return row.model_copy(update={"due": due, "place": event.place.code})
        case NoticeGiven():
            by = event.by.office if isinstance(event.by, OfficeHolder) else None
            subject = f"{event.matter}/{event.notice}"
            row = _duty(event, Kind.NOTICE, subject, event.text, by=by, to=event.body)
            return row.model_copy(update={"due": event.until, "meeting": event.meeting})
        case AnnualReportGiven():
            says = "the year's report on the programme"
            row = _duty(event, Kind.ANNUAL_REPORT, str(event.year), says)
            return _closed(_given(row, event.document), event)
        case MissionCompleted(owes=owes) if owes.documents:
            says = f"{', '.join(owes.documents)}: filed before the mission is closed"
            return _duty(event, Kind.MISSION_DOCUMENTS, event.mission, says)
        case _:
            return None


def _on_matter(key: str, state: Due | None, event: DecisionTaken) -> Due | None:
    """Return the duty on a matter or part that is put off, until the body that has it acts."""
    matter, part = f"matter/{event.matter}", ""
    if key.startswith(f"{matter}/"):
        part = key.removeprefix(f"{matter}/")
    notice = key.startswith("notice/")
    if event.kind in POSTPONING and not notice and bool(part) == bool(event.parts):
        return _postponed(event, part)
    if state is None or state.done_on:
        return state
    if notice or event.closes or event.body in (state.owed_by, state.owed_to):
        return _closed(state, event)
    return _with_deed(state, DoneDuty(by=event.body, on=event.effective_from))


def _postponed(event: DecisionTaken, part: str) -> Due:
    """Return the duty on a matter that is referred or deferred.

    The body or office that it was referred to owes it, or the body that deferred it.
    """
    deferred = event.kind is not DecisionKind.REFER
    to = event.to.office if isinstance(event.to, OfficeHolder) else event.to
    row = _duty(
        event,
        _KINDS[event.kind],
        f"{event.matter}/{part}" if part else event.matter,
        event.asks or event.summary,
        by=to or (event.body if deferred else None),
        to=event.body,
    )
    decision = f"{event.matter}/{event.decision}"
    changes = {"due": event.until, "decision": decision, "meeting": event.meeting}
    return row.model_copy(update=changes)


_KINDS = {
    DecisionKind.DEFER: Kind.DEFERRED_MATTER,
    DecisionKind.REFER: Kind.REFERRED_MATTER,
    DecisionKind.TABLE: Kind.TABLED_MATTER,
}


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


DEADLINES = ReadModel("deadlines", 8, Due, _keys, _evolve)
