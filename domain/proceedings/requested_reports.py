"""Reports that a body asked an office for, once or every year, and when they were given."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar, assert_never

from domain.instruments import ReportAnswers, RequestReport
from domain.shared.dates import When
from domain.shared.findings import Ruling
from domain.shared.messages import Basis, Event, StreamId
from domain.shared.problems import Refusal

STREAM = StreamId("duties")


class ReportRequested(Event):
    """A body asked an office for a report; no deadline unless the source states one."""

    TOPIC: ClassVar[str] = "report-requested.v1"

    request: str
    office: str
    about: str
    to: str
    yearly: bool
    due: When | None = None


class ReportGiven(Event):
    """A report that a body had asked for was given."""

    TOPIC: ClassVar[str] = "report-given.v1"

    request: str
    document: str


DutyEvent = ReportRequested | ReportGiven


class NoSuchRequest(Refusal):
    """No body asked for such a report."""

    rule = "R1"
    request: str


class AskedOtherwise(Refusal):
    """A request of this name was made, and it asks for something else."""

    rule = "R1"
    request: str
    office: str
    about: str


@dataclass(frozen=True, slots=True)
class Duties:
    """Reports asked for, and the documents that answered them."""

    requested: dict[str, ReportRequested] = field(default_factory=dict[str, ReportRequested])
    given: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


def decide(
    state: Duties, act: RequestReport | ReportAnswers, document: str, basis: Basis
) -> Ruling:
    """Judge a request, which is entered once, or an answer, which needs its request."""
    match act:
        case RequestReport(request=request):
            known = state.requested.get(request)
            if known and (act.office, act.about, act.to, act.yearly, act.due) == (
                known.office,
                known.about,
                known.to,
                known.yearly,
                known.due,
            ):
                return Ruling(())
            if known:
                raise AskedOtherwise(request=request, office=known.office, about=known.about)
            asked = ReportRequested(
                request=request,
                office=act.office,
                about=act.about,
                to=act.to,
                yearly=act.yearly,
                due=act.due,
                **basis,
            )
            return Ruling((asked,))
        case ReportAnswers(request=request):
            if request not in state.requested:
                raise NoSuchRequest(request=request)
            return Ruling((ReportGiven(request=request, document=document, **basis),))
        case _:
            assert_never(act)


def evolve(state: Duties, event: DutyEvent) -> Duties:
    """Return the duties after one more event."""
    match event:
        case ReportRequested(request=request):
            return replace(state, requested={**state.requested, request: event})
        case ReportGiven(request=request, document=document):
            given = (*state.given.get(request, ()), document)
            return replace(state, given={**state.given, request: given})
        case _:
            assert_never(event)
