"""Subjects: the facts that can be explained, their streams, and what changes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal, cast

from domain import discrepancies, places
from domain.council import bodies
from domain.council.bodies import CharterRecorded
from domain.council.succession import BodiesChanged
from domain.instruments import (
    AdoptProvision,
    AgreementExists,
    AmendProvision,
    ApproveAgreement,
    ApproveDelegation,
    ApprovePlan,
    ClassifyPartnership,
    DeleteProvision,
    DropTargetedCity,
    EndAgreement,
    EndPartnership,
    EnterAgreement,
    EnterPartnership,
    ExceptStop,
    ExplorationIntended,
    ExplorationReported,
    Explore,
    GiveAgreementRole,
    MovePartners,
    PartnershipExists,
    PartnershipStateStated,
    RenewAgreement,
    RenumberProvisions,
    RepealPolicy,
    ReplacePolicy,
    ReplaceProvision,
    RequestReport,
    SetPartnershipState,
    StrikeFromProvision,
    TargetCity,
    is_part_of_policy,
)
from domain.missions import mission
from domain.partnerships import agreement, exploration, partnership
from domain.partnerships.exploration import (
    ExplorationAnswered,
    ExplorationDirected,
    ExplorationStated,
)
from domain.partnerships.moves import PartnershipMoved
from domain.partnerships.partnership import (
    CityNoLongerTargeted,
    CityTargeted,
    PartnershipClassified,
    PartnershipFormed,
    PartnershipLapsed,
    PartnershipReclassified,
)
from domain.partnerships.roles import PartnershipRoleGiven
from domain.partnerships.states import PartnershipStateChanged, PartnershipStateReported
from domain.places import PlaceIdentified, PlacesReplaced
from domain.policy import STREAM as POLICY
from domain.policy import ProvisionAdopted, ProvisionAmended, ProvisionDeleted
from domain.proceedings import matter, requested_reports
from domain.proceedings.requested_reports import ReportRequested
from domain.programme import plan
from domain.requests import request
from domain.shared.history import Recorded
from domain.shared.messages import Event, StreamId
from domain.shared.text import folded
from projections.agreements import AGREEMENTS
from projections.discrepancies import DISCREPANCIES
from projections.engine.read_model import ReadModel
from projections.missions import MISSIONS
from projections.plans import PLANS
from projections.requests import REQUESTS

Kind = Literal[
    "partnership",
    "targeted",
    "provision",
    "exploration",
    "decision",
    "motion",
    "recommendation",
    "request",
    "mission",
    "plan",
    "discrepancy",
    "body",
    "place",
    "requested-report",
    "agreement",
]
"""`requested-report` is part of explanations and is not asked about by itself."""

FACETS = ("classification", "state", "established", "description")
"""The parts of a partnership that can be asked about by themselves."""

OF_A_MATTER = ("decision", "motion", "recommendation")
"""Facts that stand in a matter's own stream; their key is `MATTER/ID`."""

MODELS: Mapping[str, ReadModel[Any]] = {
    "request": REQUESTS,
    "mission": MISSIONS,
    "plan": PLANS,
    "discrepancy": DISCREPANCIES,
    "agreement": AGREEMENTS,
}
"""The read model that says what is so, for each kind that has one row of one."""


_ALONE: Mapping[str, StreamId] = {
    "provision": POLICY,
    "body": bodies.STREAM,
    "place": places.STREAM,
    "requested-report": requested_reports.STREAM,
}
"""The streams in which all facts of a kind stand together."""

_STREAMS: Mapping[str, Callable[[str], StreamId]] = {
    "partnership": partnership.stream_of,
    "targeted": partnership.stream_of,
    "exploration": exploration.stream_of,
    "discrepancy": discrepancies.stream_of,
    "request": request.stream_of,
    "mission": mission.stream_of,
    "agreement": agreement.stream_of,
    "plan": lambda year: plan.stream_of(int(year)),
}
"""The streams of the others, by key."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The fact that is asked about.

    `key` is a place's code, an address, a year, a name, or `MATTER/ID`. `names` are those by which
    a text may speak of it. `year` is the year of the plan that a mission belongs to.
    """

    kind: Kind
    key: str
    facet: str | None = None
    names: tuple[str, ...] = ()
    year: int | None = None

    def __str__(self) -> str:
        return "/".join(part for part in (self.kind, self.key, self.facet) if part)

    @property
    def matter(self) -> str:
        """The matter of a decision, motion or recommendation."""
        return self.key.partition("/")[0]

    @property
    def item(self) -> str:
        """The name of a decision, motion or recommendation within its matter."""
        return self.key.partition("/")[2]

    @property
    def stream(self) -> StreamId:
        """The stream of the events that change it."""
        if self.kind in OF_A_MATTER:
            return matter.stream_of(self.matter)
        return _ALONE.get(self.kind) or _STREAMS[self.kind](self.key)

    @property
    def streams(self) -> tuple[StreamId, ...]:
        """All streams that change it: a mission's place in its year's plan stands in the plan's."""
        return (self.stream, plan.stream_of(self.year)) if self.year else (self.stream,)

    @property
    def references(self) -> tuple[str, ...]:
        """How papers that are about it refer to it: `place/UA-KIEV`, and its names."""
        kind = "place" if self.kind in ("partnership", "targeted") else self.kind
        return (f"{kind}/{self.key}", *(f"name/{folded(name)}" for name in self.names))


_ACTS: Mapping[type, tuple[Kind, str]] = {
    PartnershipExists: ("partnership", "city"),
    EnterPartnership: ("partnership", "city"),
    ClassifyPartnership: ("partnership", "city"),
    SetPartnershipState: ("partnership", "city"),
    PartnershipStateStated: ("partnership", "city"),
    EndPartnership: ("partnership", "city"),
    TargetCity: ("targeted", "city"),
    DropTargetedCity: ("targeted", "city"),
    AdoptProvision: ("provision", "draft.address"),
    StrikeFromProvision: ("provision", "address"),
    ReplaceProvision: ("provision", "address"),
    AmendProvision: ("provision", "address"),
    DeleteProvision: ("provision", "address"),
    Explore: ("exploration", "subject"),
    ExplorationIntended: ("exploration", "subject"),
    ExplorationReported: ("exploration", "subject"),
    ApproveAgreement: ("request", "request"),
    EnterAgreement: ("agreement", "agreement"),
    AgreementExists: ("agreement", "agreement"),
    RenewAgreement: ("agreement", "agreement"),
    EndAgreement: ("agreement", "agreement"),
    GiveAgreementRole: ("agreement", "agreement"),
    ApproveDelegation: ("mission", "mission"),
    ExceptStop: ("mission", "mission"),
    ApprovePlan: ("plan", "year"),
    RequestReport: ("requested-report", "request"),
}
"""The kind of fact that an instrument or statement changes, and the field with its key."""

_EVENTS: Mapping[type, tuple[Kind, str]] = {
    PartnershipFormed: ("partnership", "place.code"),
    PartnershipClassified: ("partnership", "place.code"),
    PartnershipReclassified: ("partnership", "place.code"),
    PartnershipMoved: ("partnership", "place.code"),
    PartnershipStateChanged: ("partnership", "place.code"),
    PartnershipStateReported: ("partnership", "place.code"),
    PartnershipRoleGiven: ("partnership", "place.code"),
    PartnershipLapsed: ("partnership", "place.code"),
    CityTargeted: ("targeted", "place.code"),
    CityNoLongerTargeted: ("targeted", "place.code"),
    ProvisionAdopted: ("provision", "provision.address"),
    ProvisionAmended: ("provision", "provision.address"),
    ProvisionDeleted: ("provision", "provision.address"),
    ExplorationDirected: ("exploration", "subject"),
    ExplorationStated: ("exploration", "subject"),
    ExplorationAnswered: ("exploration", "subject"),
    PlaceIdentified: ("place", "place.code"),
    ReportRequested: ("requested-report", "request"),
}
"""The same of events, but for kinds that a read model knows, and for bodies."""

_CLASSES = (
    ClassifyPartnership,
    PartnershipClassified,
    PartnershipReclassified,
    PartnershipMoved,
)
_STATES = (
    SetPartnershipState,
    PartnershipStateStated,
    PartnershipStateChanged,
    PartnershipStateReported,
)
_FOUNDINGS = (PartnershipExists, EnterPartnership, PartnershipFormed)


def act_changes(subject: Subject, act: object) -> bool:
    """True if an instrument or statement changes the fact where it takes effect.

    One that moves all partners of some categories may change any partner's.
    """
    if isinstance(act, MovePartners):
        about = subject.kind == "partnership" and subject.key in (act.cities or (subject.key,))
        return about and subject.facet in (None, "classification")
    if isinstance(act, ReplacePolicy | RenumberProvisions | RepealPolicy):
        return subject.kind == "provision" and _on_several(act, subject.key)
    return _is_on(subject, act, _ACTS)


def _on_several(act: ReplacePolicy | RenumberProvisions | RepealPolicy, address: str) -> bool:
    if isinstance(act, RenumberProvisions):
        return address in act.numbers
    return is_part_of_policy(act.under, address)


def changed_by_entry(subject: Subject, entry: Recorded[Event]) -> bool:
    """True if the entry's event changed the fact itself."""
    if model := MODELS.get(subject.kind):
        return subject.key in model.keys(entry)
    if isinstance(entry.event, CharterRecorded):
        return subject.kind == "body" and subject.key in entry.event.charter.names()
    if isinstance(entry.event, PlacesReplaced):
        return subject.kind == "place" and subject.key in (*entry.event.places, *entry.event.by)
    if isinstance(entry.event, BodiesChanged):
        return subject.kind == "body" and subject.key in entry.event.named()
    return _is_on(subject, entry.event, _EVENTS)


def subjects_of(entry: Recorded[Event]) -> Iterator[Subject]:
    """Yield the facts that an entry changes: places' and bodies' names aside."""
    if told := _EVENTS.get(type(entry.event)):
        kind, path = told
        yield Subject(kind, str(attrgetter(path)(entry.event)))
    for name, model in MODELS.items():
        for key in model.keys(entry):
            yield Subject(cast("Kind", name), key)


def _is_on(subject: Subject, what: object, known: Mapping[type, tuple[Kind, str]]) -> bool:
    kind, path = known.get(type(what), (None, ""))
    if kind != subject.kind or str(attrgetter(path)(what)) != subject.key:
        return False
    if isinstance(what, _CLASSES):
        return subject.facet in (None, "classification")
    if isinstance(what, PartnershipRoleGiven):
        return subject.facet is None
    if isinstance(what, _STATES):
        return subject.facet in (None, "state")
    return not (isinstance(what, _FOUNDINGS) and subject.facet == "classification")
