"""An event in a few words: what kind of thing it is, who did it, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from domain.council.bodies import CharterRecorded
from domain.council.succession import BodiesChanged
from domain.discrepancies import DiscrepancyNoted, DiscrepancySettled
from domain.instruments import Side
from domain.missions.messages import (
    MissionCancelled,
    MissionCompleted,
    MissionDelegationApproved,
    MissionDocumentFiled,
    MissionEvent,
    MissionHostNamed,
    MissionProposed,
    MissionStopExcepted,
)
from domain.partnerships.agreement import (
    AgreementDayCame,
    AgreementEnded,
    AgreementEntered,
    AgreementEvent,
    AgreementRatified,
    AgreementRenewed,
    AgreementRoleGiven,
    AgreementSigned,
    AgreementSucceeded,
)
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
from domain.partnerships.states import (
    PartnershipStateChanged,
    PartnershipStateReported,
    StateEvent,
)
from domain.places import PlaceIdentified, PlacesReplaced
from domain.policy import ProvisionAdopted, ProvisionAmended, ProvisionDeleted
from domain.proceedings.decisions import DecisionTaken, MatterReopened
from domain.proceedings.matter import (
    MatterConsidered,
    MatterHeldInCamera,
    MatterOpened,
    MatterReleased,
    MatterSplit,
)
from domain.proceedings.motions import MotionCarried, MotionFailed, MotionMoved, NoticeGiven
from domain.proceedings.numbers import MatterNumbered
from domain.proceedings.papers import CommunicationReceived, DeputationHeard, ReportSubmitted
from domain.proceedings.requested_reports import ReportRequested
from domain.programme.activities import ActivityCarriedOut, AnnualReportGiven
from domain.programme.messages import (
    PlanApproved,
    PlanConfirmed,
    PlanEntryFreed,
    PlanEntryListed,
    PlanEvent,
    PlanReopened,
    PlanSubmitted,
)
from domain.requests.messages import (
    RequestAgreementApproved,
    RequestAgreementPrepared,
    RequestAgreementSigned,
    RequestArrangementAdvised,
    RequestAssessed,
    RequestBusinessCaseMade,
    RequestEvent,
    RequestGroupConsulted,
    RequestReceived,
    RequestReported,
)
from domain.shared.log_facts import EntryWithdrawn
from domain.shared.messages import Event
from projections.matters import motion_in_words, name_of_person


class Described(NamedTuple):
    """An event for people. An effect is named by its stored name, less the version."""

    kind: str
    item: str
    says: str
    matter: str | None = None
    body: str | None = None
    by: str | None = None
    result: str | None = None


def event_in_words(event: Event) -> Described:
    """Name an event and say what is in it."""
    match event:
        case ReportSubmitted():
            by = name_of_person(event.by)
            return Described("report", event.document, event.title, event.matter, by=by)
        case CommunicationReceived():
            by = name_of_person(event.sender)
            return Described("communication", event.document, event.asks, event.matter, by=by)
        case DeputationHeard():
            by, about = name_of_person(event.speaker), ", ".join(event.about)
            says = f"about {about}" if about else "appeared on the matter"
            return Described("deputation", event.deputation, says, event.matter, event.body, by)
        case NoticeGiven():
            giver = name_of_person(event.by) if event.by else None
            kind, says = "notice of motion", event.text
            return Described(kind, event.notice, says, event.matter, event.body, giver)
        case MotionMoved():
            mover = name_of_person(event.mover) if event.mover else None
            return Described(
                "motion", event.motion, motion_in_words(event), event.matter, event.body, mover
            )
        case MotionCarried() | MotionFailed():
            result = event.result.value if isinstance(event, MotionFailed) else "carried"
            return Described("vote", event.motion, result, event.matter, event.body)
        case DecisionTaken():
            return Described(
                "decision",
                event.decision,
                event.summary,
                event.matter,
                event.body,
                result=event.kind.value,
            )
        case MatterOpened():
            return Described("matter", event.matter, event.title, event.matter)
        case MatterReopened():
            return Described("reopening", event.decision, event.reason, event.matter, event.body)
        case _:
            authority = event.authority
            return Described(
                "withdrawal" if isinstance(event, EntryWithdrawn) else "effect",
                event.TOPIC.rpartition(".")[0],
                _effect(event),
                authority.matter if authority else None,
                authority.body if authority else None,
            )


def _effect(event: Event) -> str:
    match event:
        case PartnershipClassified() | PartnershipReclassified():
            because = event.reason or "no reason is given"
            return f"{event.place.name} is {event.classification}: {because}"
        case ProvisionAdopted(amended_by=amended_by):
            amended = f", as amended by {', '.join(amended_by)}" if amended_by else ""
            return f"{event.provision} in force{amended}: {event.draft.text}"
        case ProvisionAmended():
            return f"{event.provision} in force: {event.draft.text}"
        case ProvisionDeleted():
            return f"{event.provision.address} out of force"
        case ExplorationDirected():
            owed = "a report back is owed" if event.report_back else "no report back was asked for"
            return f"explore {event.name}; {owed}"
        case ExplorationStated():
            return f"staff mean to explore {event.name}"
        case ExplorationAnswered():
            return f"reported in {event.document}"
        case _:
            return _on_place(event)


def _on_place(event: Event) -> str:
    match event:
        case PartnershipFormed():
            return f"{event.place.name}: {event.description}, since {event.established}"
        case PartnershipLapsed(by=by, reason=reason):
            ended = f"the partnership with {event.place.name} ended"
            ended = ended if by is Side.US else f"{ended}, by {by}"
            return f"{ended}: {reason}" if reason else ended
        case PartnershipMoved():
            to = ", ".join(
                f"{old} to {new.name if new else 'none'}" for old, new in event.mapping.items()
            )
            return f"{event.place.name} is moved with its category: {to}"
        case PartnershipStateChanged() | PartnershipStateReported():
            return _state(event)
        case PartnershipRoleGiven(place=place, role=role, holder=holder):
            return f"{place.name}: {role}: {name_of_person(holder) if holder else 'nobody'}"
        case CityTargeted():
            return f"{event.place.name} is targeted"
        case CityNoLongerTargeted():
            return f"{event.place.name} is no longer targeted"
        case _:
            return _beside(event)


def _state(event: StateEvent) -> str:
    if event.ran_out:
        return f"the suspension of {event.place.name} until {event.ran_out} ran out"
    last = event.until or event.condition
    said = "" if isinstance(event, PartnershipStateChanged) else ", as a report says"
    because = f": {event.reason}" if event.reason else ""
    return f"{event.place.name} is {event.state}{f' until {last}' if last else ''}{said}{because}"


def _beside(event: Event) -> str:
    if isinstance(event, _OfTheMatter):
        return _of_the_matter(event)
    match event:
        case PlaceIdentified(place=place):
            return f"{place.name}, {place.country_name}, is {place.code}"
        case PlacesReplaced():
            return f"{', '.join(event.places)} ended; {', '.join(event.by)} from then on"
        case CharterRecorded(charter=charter):
            residue = charter.names()[charter.residual_authority]
            return (
                f"{len(charter.bodies)} bodies; {residue} decides what no provision gives another"
            )
        case BodiesChanged():
            return "; ".join(_changed_bodies(event))
        case DiscrepancyNoted():
            return f"{event.title}: {len(event.passages)} passages disagree"
        case DiscrepancySettled():
            return f"settled: {event.how}"
        case EntryWithdrawn():
            return event.replaces.reason if event.replaces else "no reason is given"
        case ReportRequested():
            return f"a report on {event.about}, to {event.to}"
        case _:
            return _of_the_year(event)


_OfTheMatter = MatterNumbered | MatterConsidered | MatterSplit | MatterHeldInCamera | MatterReleased


def _parts(parts: tuple[str, ...]) -> str:
    return f": {', '.join(parts)}" if parts else ""


def _of_the_matter(event: _OfTheMatter) -> str:
    match event:
        case MatterHeldInCamera():
            return f"in camera: {event.reason}"
        case MatterReleased(parts=parts):
            return f"public from here on{_parts(parts)}"
        case MatterNumbered():
            return f"{event.matter} is also {event.number}"
        case MatterConsidered():
            return f"considered by {event.body} with {', '.join(event.together_with)}"
        case MatterSplit():
            return f"parts go on as {', '.join(event.into)}"


def _changed_bodies(event: BodiesChanged) -> Iterator[str]:
    for body in event.bodies:
        took = f", in the place of {', '.join(body.succeeds)}" if body.succeeds else ""
        yield f"{body.id} is {body.name}{took}"
    if event.abolished:
        yield f"no more: {', '.join(event.abolished)}"
    if event.residual_authority:
        yield f"{event.residual_authority} decides what no provision gives another"


def _of_the_year(event: Event) -> str:
    if isinstance(event, RequestEvent):
        return _of_request(event)
    if isinstance(event, MissionEvent):
        return _of_mission(event)
    if isinstance(event, PlanEvent):
        return _of_plan(event)
    if isinstance(event, ActivityCarriedOut):
        return f"{event.place.name}, {event.year}: {event.activity}"
    if isinstance(event, AnnualReportGiven):
        return f"{event.document}, the report on the programme of {event.year}"
    if isinstance(event, AgreementEvent):
        return _of_agreement(event)
    return _named(event)


def _of_agreement(event: AgreementEvent) -> str:
    match event:
        case AgreementEntered(text=text):
            parties = ", ".join(party.name for party in text.parties)
            until = f", until {text.expires}" if text.expires else ""
            return f"{text.kind}: {text.description}, between {parties}{until}"
        case AgreementSigned(party=party):
            return f"{party} signs"
        case AgreementRatified(party=party):
            return f"{party} ratifies"
        case AgreementRenewed(expires=expires):
            return f"renewed until {expires}" if expires else "renewed without a last day"
        case AgreementEnded(by=by):
            return f"ended by {by}"
        case AgreementRoleGiven(role=role, holder=holder):
            return f"{role}: {name_of_person(holder) if holder else 'nobody'}"
        case AgreementDayCame(in_force=in_force, expires=expires):
            return f"in force from {in_force}" if in_force else f"it was until {expires}"
        case AgreementSucceeded(by=by):
            return f"succeeded by {by}, which renews it"


def _of_request(event: RequestEvent) -> str:
    match event:
        case RequestReceived():
            due = f"; a report is due on {event.report_due}" if event.report_due else ""
            return f"{name_of_person(event.group)} asks for {event.place.name}: {event.asks}{due}"
        case RequestGroupConsulted(objectives=objectives):
            return f"the group wants: {objectives}"
        case RequestArrangementAdvised():
            return f"{event.arrangement} is advised: {event.reason}"
        case RequestAssessed():
            visit = f" after a visit by {event.visited_by}" if event.visited_by else ""
            return f"{len(event.criteria)} criteria and {len(event.goals)} goals answered{visit}"
        case RequestReported():
            asks = "an agreement is recommended" if event.recommends else "no agreement"
            return f"reported in {event.document}{', late' if event.late else ''}; {asks}"
        case RequestBusinessCaseMade():
            outcome = "positive" if event.positive else "not positive"
            return f"the business case in {event.document} is {outcome}"
        case RequestAgreementApproved(body=body):
            return f"{body} approved the agreement"
        case RequestAgreementPrepared(description=description):
            return f"the agreement was prepared: {description}"
        case RequestAgreementSigned():
            return f"the agreement with {event.place.name} was signed: {event.description}"


def _of_mission(event: MissionEvent) -> str:
    match event:
        case MissionProposed(outline=outline):
            cities = ", ".join(stop.name for stop in outline.stops)
            because = f": {outline.rationale}" if outline.rationale else ""
            return f"{outline.direction.value} mission of {outline.year}, {cities}{because}"
        case MissionDelegationApproved():
            return f"{event.body} approved a delegation of {len(event.travellers)}"
        case MissionStopExcepted():
            because = f": {event.reason}" if event.reason else ""
            return f"a stop at {event.city} is excepted{because}"
        case MissionHostNamed():
            on = f" on {event.welcome_on}" if event.welcome_on else ""
            by = event.welcome_by
            welcome = f"; {by} is to welcome the guests{on}" if by else ""
            return f"{name_of_person(event.host)} is the host{welcome}"
        case MissionCompleted(welcome_given=given) if given is not None:
            return f"{event.mission}: the formal welcome was {'' if given else 'not '}given"
        case MissionDocumentFiled():
            return f"{event.kind} filed: {event.document}"
        case MissionCancelled():
            return f"{event.mission}: {event.reason}"
        case _:
            return event.mission


def _of_plan(event: PlanEvent) -> str:
    match event:
        case PlanEntryListed(outline=outline):
            return f"the plan of {event.year} lists {outline.mission}"
        case PlanEntryFreed():
            return f"the place of {event.mission} is free: {event.reason}"
        case PlanApproved() | PlanConfirmed():
            return f"{event.body} approved the plan of {event.year}"
        case PlanSubmitted():
            counts = f"{event.visits} visits and {event.missions} missions"
            return f"the plan of {event.year} was submitted in {event.document}, with {counts}"
        case PlanReopened():
            return f"the plan of {event.year} was opened again: {event.reason}"
        case _:
            return f"the plan of {event.year}"


def _named(event: Event) -> str:
    """Return its subject, by whichever of its fields has it."""
    place = getattr(event, "place", None)
    if place is not None:
        return str(place.name)
    fields = ("title", "motion", "about", "request", "study", "name", "subject")
    return next((str(getattr(event, n)) for n in fields if getattr(event, n, None)), event.TOPIC)
