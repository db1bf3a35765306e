"""Reports that a body asked an office for, once or every year, and when they were given."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar, assert_never

from domain.dates import When
from domain.instruments import ReportAnswers, RequestReport
from domain.kernel import Basis, Event, Refusal, Ruling, StreamId

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

    def __init__(self, request: str) -> None:
        super().__init__(request=request)


class AskedOtherwise(Refusal):
    """A request of this name was made, and it asks for something else."""

    rule = "R1"

    def __init__(self, request: str, office: str, about: str) -> None:
        super().__init__(request=request, office=office, about=about)


@dataclass(frozen=True, slots=True)
class Duties:
    """Reports asked for, and the documents that answered them."""

    requested: dict[str, ReportRequested] = field(default_factory=dict[str, ReportRequested])
    given: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


def decide(
    state: Duties, act: RequestReport | ReportAnswers, document: str, basis: Basis
) -> Ruling:
    """A request is entered once; an answer needs its request."""
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
                raise AskedOtherwise(request, known.office, known.about)
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
                raise NoSuchRequest(request)
            return Ruling((ReportGiven(request=request, document=document, **basis),))
        case _:
            assert_never(act)


def evolve(state: Duties, event: DutyEvent) -> Duties:
    """The duties after one more event."""
    match event:
        case ReportRequested(request=request):
            return replace(state, requested={**state.requested, request: event})
        case ReportGiven(request=request, document=document):
            given = (*state.given.get(request, ()), document)
            return replace(state, given={**state.given, request: given})
        case _:
            assert_never(event)
