"""A matter: opened, reports and letters submitted, notices, deferred, in camera, closed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, NamedTuple, assert_never

from pydantic import Field

from domain.council.bodies import BodyId
from domain.proceedings.amendments import with_draft
from domain.proceedings.decisions import DecisionTaken, MatterReopened
from domain.proceedings.divisions import Division, closes_part
from domain.proceedings.motions import (
    GiveNotice,
    MotionCarried,
    MotionFailed,
    MotionMoved,
    Notice,
    NoticeGiven,
    Result,
    SubjectTo,
)
from domain.proceedings.papers import (
    Communication,
    CommunicationReceived,
    Deputation,
    DeputationHeard,
    HearDeputation,
    ReceiveCommunication,
    Report,
    ReportSubmitted,
    SubmitReport,
)
from domain.proceedings.recommendations import (
    MatterCommand,
    MatterId,
    OfMatter,
    Recommendation,
    RecommendationId,
    drafts_in,
)
from domain.shared.dates import When
from domain.shared.messages import Basis, Event, StreamId, shared_fields
from domain.shared.problems import Conflict, Refusal
from domain.shared.provisions import ProvisionDraft


def stream_of(matter: str) -> StreamId:
    """Return the stream of a matter."""
    return StreamId(f"matter/{matter}")


class Opening(OfMatter):
    """How a matter is named; `in_camera` is the reason for which it is not public."""

    title: str = Field(min_length=1)
    reference: str | None = None
    in_camera: str | None = Field(default=None, min_length=1)


class OpenMatter(Opening, MatterCommand):
    """Enter a matter, as `reference` names it in the papers."""

    KIND: ClassVar[str] = "open-matter"


class MatterOpened(Opening, Event):
    """A matter came before the bodies; one that was split off has its recommendations from there.

    `out_of` is the matter that it was a part of.
    """

    TOPIC: ClassVar[str] = "matter-opened.v1"

    out_of: MatterId | None = None
    recommendations: tuple[Recommendation, ...] = ()


class MatterSplit(OfMatter, Event):
    """Parts of a matter, with these recommendations, go on as matters of their own."""

    TOPIC: ClassVar[str] = "matter-split.v1"

    into: tuple[MatterId, ...]
    recommendations: tuple[RecommendationId, ...]


class MatterHeldInCamera(OfMatter, Event):
    """A body goes on with a matter in camera: it is not public until it is released."""

    TOPIC: ClassVar[str] = "matter-held-in-camera.v1"

    body: BodyId
    reason: str


Parts = Annotated[tuple[str, ...], Field(exclude_if=lambda parts: not parts)]
"""Names of papers, motions, notices and decisions of a matter; not stored where there are none."""


class MatterReleased(OfMatter, Event):
    """A decision made a matter public, or `parts` of it: the rest is in camera still."""

    TOPIC: ClassVar[str] = "matter-released.v1"

    parts: Parts = ()


class InCamera(NamedTuple):
    """The reason for which a matter is not public, and the body that holds it so, if one does."""

    reason: str
    body: str | None = None


class MatterConsidered(OfMatter, Event):
    """A body considered a matter together with others."""

    TOPIC: ClassVar[str] = "matter-considered.v1"

    body: BodyId
    together_with: tuple[MatterId, ...]


MatterEvent = (
    MatterOpened
    | ReportSubmitted
    | CommunicationReceived
    | DeputationHeard
    | NoticeGiven
    | MotionMoved
    | MotionCarried
    | MotionFailed
    | DecisionTaken
    | MatterReopened
    | MatterSplit
    | MatterConsidered
    | MatterHeldInCamera
    | MatterReleased
)


class UnknownMatter(Refusal):
    """No matter has this name."""

    rule = "A4"
    matter: str


class MatterClosed(Refusal):
    """The matter is decided: a later change is a new matter, or a reopening with its decision."""

    rule = "A4"
    matter: str
    closed_by: str


class BeforeOpened(Refusal):
    """A body cannot act on a matter before it is opened."""

    rule = "A4"
    matter: str
    opened_on: When
    on: When


class DeferredToThePast(Refusal):
    """A matter cannot be put off, referred or announced to a day before the act."""

    rule = "A4"
    item: str
    until: When
    on: When


class UnknownNotice(Refusal):
    """The matter has no such notice of motion before this motion or decision."""

    rule = "A4"
    item: str
    notice: str
    known: tuple[str, ...]


class AlreadyRecorded(Conflict):
    """The matter already has an item of this name, and it says something else."""

    matter: str
    item: str


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter; nothing before it is opened.

    `proposed_on` has the day of each report, and that from which each recommendation reads so.
    `removed` has the motion that deleted each provision, `dropped` each recommendation.
    `closed_by` is the decision that closed it, `closed_for` has by body the one that closed that
    body's part, and `division` what is left of a question that was divided. `reopened` is the
    matter as each reopening found it, `taken_up` the decisions that the reopening took up again.
    """

    opened_on: When | None = None
    in_camera: InCamera | None = None
    items: frozenset[str] = frozenset()
    reports: dict[str, tuple[str, ...]] = field(default_factory=dict)
    recommendations: dict[str, Recommendation] = field(default_factory=dict)
    proposed_on: dict[str, When] = field(default_factory=dict)
    motions: dict[str, MotionMoved] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    carried: dict[str, tuple[str, ...]] = field(default_factory=dict)
    amended_by: dict[str, tuple[str, ...]] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    decisions: dict[str, DecisionTaken] = field(default_factory=dict)
    closed_by: str | None = None
    closed_for: dict[str, str] = field(default_factory=dict)
    division: Division = field(default_factory=Division)
    notices: dict[str, When] = field(default_factory=dict)
    reopened: tuple[Matter, ...] = ()
    taken_up: tuple[str, ...] = ()

    def drafts(self) -> dict[str, ProvisionDraft]:
        """Return the provisions proposed, as amended so far."""
        return drafts_in(self.recommendations)


def open_matter(state: Matter, command: OpenMatter, basis: Basis) -> MatterOpened:
    """Enter a matter once."""
    if state.opened_on:
        raise AlreadyRecorded(matter=command.matter, item=command.matter)
    return MatterOpened(**shared_fields(Opening, command), **basis)


def submit_report(state: Matter, command: SubmitReport, basis: Basis) -> ReportSubmitted:
    """Enter a report; a matter that is decided takes no more recommendations (rule A4)."""
    require_new_item(state, command, command.document)
    if command.recommendations:
        require_open(state, command.matter)
        require_unused(state, command.matter, command.recommendations)
    return ReportSubmitted(**shared_fields(Report, command), **basis)


def receive_communication(
    state: Matter, command: ReceiveCommunication, basis: Basis
) -> CommunicationReceived:
    """Enter a letter."""
    require_new_item(state, command, command.document)
    return CommunicationReceived(**shared_fields(Communication, command), **basis)


def hear_deputation(state: Matter, command: HearDeputation, basis: Basis) -> DeputationHeard:
    """Enter a deputation."""
    require_new_item(state, command, command.deputation)
    require_opened_before(state, command)
    return DeputationHeard(**shared_fields(Deputation, command), **basis)


def require_new_item(state: Matter, command: MatterCommand, item: str) -> None:
    """Raise `UnknownMatter`, and `AlreadyRecorded` where the matter has such an item."""
    if not state.opened_on:
        raise UnknownMatter(matter=command.matter)
    if item in state.items:
        raise AlreadyRecorded(matter=command.matter, item=item)


def require_unused(state: Matter, matter: str, recommendations: tuple[Recommendation, ...]) -> None:
    """Raise `AlreadyRecorded` for a recommendation whose name another one has."""
    taken = {*state.recommendations, *state.dropped}
    for recommendation in recommendations:
        if recommendation.id in taken:
            raise AlreadyRecorded(matter=matter, item=recommendation.id)
        taken.add(recommendation.id)


def require_open(state: Matter, matter: str, body: str | None = None) -> None:
    """Raise `MatterClosed` once the matter is decided, or the body's part of it (rule A4)."""
    closed_by = state.closed_by or state.closed_for.get(body or "")
    if closed_by:
        raise MatterClosed(matter=matter, closed_by=closed_by)


def require_opened_before(state: Matter, command: MatterCommand) -> None:
    """Raise `BeforeOpened` for an act of a body on a day surely before the matter was opened.

    Reports and letters may be older than the matter.
    """
    if state.opened_on and command.on.last < state.opened_on.first:
        raise BeforeOpened(matter=command.matter, opened_on=state.opened_on, on=command.on)


def require_notice_given(state: Matter, item: str, notice: str | None, on: When) -> None:
    """Raise `UnknownNotice` for a notice that the matter does not have, or has later only."""
    if notice is None:
        return
    given = state.notices.get(notice)
    if given is None or given.first > on.last:
        raise UnknownNotice(item=item, notice=notice, known=tuple(state.notices))


def give_notice(state: Matter, command: GiveNotice, basis: Basis) -> NoticeGiven:
    """Enter a notice of motion on a matter that is open to its body (rule A4)."""
    require_new_item(state, command, command.notice)
    require_open(state, command.matter, command.body)
    require_opened_before(state, command)
    if command.until and command.until.last < command.on.first:
        raise DeferredToThePast(item=command.notice, until=command.until, on=command.on)
    return NoticeGiven(**shared_fields(Notice, command), **basis)


def evolve(state: Matter, event: MatterEvent) -> Matter:
    """Return the matter after one more event."""
    match event:
        case (
            MatterOpened()
            | MatterSplit()
            | MatterConsidered()
            | MatterHeldInCamera()
            | MatterReleased()
        ):
            return _itself(state, event)
        case ReportSubmitted():
            added = {r.id: r for r in event.recommendations}
            return replace(
                state,
                items=state.items | {event.document},
                reports={**state.reports, event.document: tuple(added)},
                recommendations={**state.recommendations, **added},
                proposed_on=_dated(state, (event.document, *added), event),
            )
        case CommunicationReceived() | DeputationHeard():
            heard = event.deputation if isinstance(event, DeputationHeard) else event.document
            return replace(state, items=state.items | {heard})
        case NoticeGiven():
            return replace(
                state,
                items=state.items | {event.notice},
                notices={**state.notices, event.notice: event.decided_on},
            )
        case MotionMoved():
            return replace(
                state,
                items=state.items | {event.motion},
                motions={**state.motions, event.motion: event},
            )
        case MotionCarried():
            return _amended(state, event)
        case MotionFailed():
            return replace(state, results={**state.results, event.motion: event.result})
        case DecisionTaken():
            return _decided(state, event)
        case MatterReopened():
            return _reopened(state, event)
        case _:
            assert_never(event)


def _itself(
    state: Matter,
    event: MatterOpened | MatterSplit | MatterConsidered | MatterHeldInCamera | MatterReleased,
) -> Matter:
    """Return the matter as it begins, or with what is left of it."""
    match event:
        case MatterOpened():
            begins = {r.id: r for r in event.recommendations}
            return replace(
                state,
                opened_on=event.decided_on,
                recommendations={**state.recommendations, **begins},
                proposed_on=_dated(state, begins, event),
                in_camera=InCamera(event.in_camera) if event.in_camera else state.in_camera,
            )
        case MatterHeldInCamera(reason=reason, body=body):
            return replace(state, in_camera=InCamera(reason, body))
        case MatterReleased(parts=parts):
            return replace(state, in_camera=state.in_camera if parts else None)
        case MatterSplit(recommendations=moved):
            stay = {n: r for n, r in state.recommendations.items() if n not in moved}
            reports = {
                d: recommendations_replaced(names, moved, ()) for d, names in state.reports.items()
            }
            division = state.division.dropping(moved)
            return replace(state, reports=reports, recommendations=stay, division=division)
        case MatterConsidered():
            return state


def _decided(state: Matter, event: DecisionTaken) -> Matter:
    added = {r.id: r for r in event.recommends}
    division = state.division.after(event)
    closed = closes_part(event, division)
    return replace(
        state,
        items=state.items | {event.decision},
        recommendations={**state.recommendations, **added},
        proposed_on=_dated(state, added, event),
        decisions={**state.decisions, event.decision: event},
        closed_by=event.decision if event.closes and closed else state.closed_by,
        closed_for={**state.closed_for, **({event.body: event.decision} if closed else {})},
        division=division,
    )


def _reopened(state: Matter, event: MatterReopened) -> Matter:
    """Return the matter before the bodies again, or a part before the body that had closed it.

    What carried before was decided on, or is moved again; on parts that are taken up alone, what
    carried on the others goes on counting.
    """
    whole = state.closed_by is not None and not event.parts
    kept = {} if whole else {b: m for b, m in state.carried.items() if b != event.body}
    if event.parts:
        division = state.division.without(event.body, event.parts)
        kept = {**kept, event.body: _on_others(state, event)}
    else:
        division = Division() if whole else state.division.without(event.body)
    before = replace(state, taken_up=decisions_taken_up_again(state, event.body, event.parts))
    return replace(
        state,
        items=state.items | {event.decision},
        carried=kept,
        closed_by=None,
        closed_for={b: d for b, d in state.closed_for.items() if b != event.body and not whole},
        division=division,
        reopened=(*state.reopened, before),
    )


def decisions_taken_up_again(
    state: Matter, body: str, parts: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the decisions that a body takes up again: on these parts, or those that closed it."""
    if named := tuple(parts):
        decided = state.division.of(body).decided
        return tuple(dict.fromkeys(decided[part] for part in named if part in decided))
    closed_by = state.closed_by or state.closed_for.get(body)
    if closed_by is None:
        return ()
    closed = state.decisions[closed_by].body
    return tuple(dict.fromkeys((*state.division.of(closed).decided.values(), closed_by)))


def motions_carried_on(state: Matter, body: str, parts: Iterable[str]) -> tuple[str, ...]:
    """Return the motions that carried in a body and amend any of these recommendations."""
    named = set(parts)
    proposed = drafts_in({n: r for n, r in state.recommendations.items() if n in named})
    targets = {f"recommendation/{name}" for name in named}
    targets |= {f"provision/{address}" for address in proposed}
    amending = {m for target in targets for m in state.amended_by.get(target, ())}
    for name in state.carried.get(body, ()):
        operation = state.motions[name].operation if name in state.motions else None
        if isinstance(operation, SubjectTo) and operation.target in targets | named:
            amending.add(name)
    return tuple(motion for motion in state.carried.get(body, ()) if motion in amending)


def _on_others(state: Matter, event: MatterReopened) -> tuple[str, ...]:
    again = set(motions_carried_on(state, event.body, event.parts))
    return tuple(m for m in state.carried.get(event.body, ()) if m not in again)


def _dated(state: Matter, names: Iterable[str], event: Event) -> dict[str, When]:
    return {**state.proposed_on, **dict.fromkeys(names, event.decided_on)}


def _amended(state: Matter, event: MotionCarried) -> Matter:
    results = {**state.results, event.motion: Result.CARRIED}
    if event.amends and event.operation:
        reads = state.motions[event.amends].model_copy(update={"operation": event.operation})
        return replace(state, motions={**state.motions, event.amends: reads}, results=results)
    recommendations = _restated(state, event)
    targets = [f"recommendation/{name}" for name in event.dropped]
    targets += [f"recommendation/{one.id}" for one in event.recommended]
    targets += [f"provision/{draft.address}" for draft in event.redrafted]
    targets += [f"provision/{event.removed}"] if event.removed else []
    amended_by = dict(state.amended_by)
    for target in targets:
        amended_by[target] = (*amended_by.get(target, ()), event.motion)
    restated = (n for n, r in recommendations.items() if r is not state.recommendations.get(n))
    removed = {event.removed: event.motion} if event.removed else {}
    return replace(
        state,
        reports=_reported(state, event),
        recommendations=recommendations,
        proposed_on=_dated(state, restated, event),
        results=results,
        carried={**state.carried, event.body: (*state.carried.get(event.body, ()), event.motion)},
        amended_by=amended_by,
        removed={**state.removed, **removed},
        dropped={**state.dropped, **dict.fromkeys(event.dropped, event.motion)},
        division=state.division.dropping(event.dropped),
    )


def _reported(state: Matter, event: MotionCarried) -> dict[str, tuple[str, ...]]:
    """Return the recommendations of each report, those in the place of others included."""
    if not event.dropped:
        return state.reports
    return {
        document: recommendations_replaced(
            names, event.dropped, [one.id for one in event.recommended]
        )
        for document, names in state.reports.items()
    }


def recommendations_replaced(
    names: Iterable[str], dropped: Collection[str], others: Iterable[str]
) -> tuple[str, ...]:
    """Return the names with others in place of those that are dropped.

    The new ones stand where the first one dropped stood.
    """
    found: dict[str, None] = {}
    for name in names:
        found |= dict.fromkeys(others) if name in dropped else {name: None}
    return tuple(found)


def _restated(state: Matter, event: MotionCarried) -> dict[str, Recommendation]:
    """Return the recommendations before the bodies after a motion.

    What it puts in stands in its place.
    """
    found: dict[str, Recommendation] = {}
    added = {one.id: one for one in event.recommended}
    for name, recommendation in state.recommendations.items():
        if name in event.dropped:
            found |= {n: one for n, one in added.items() if n not in state.recommendations}
        else:
            found[name] = added.get(name, recommendation)
    found |= {name: one for name, one in added.items() if name not in found}
    drafts: dict[str, ProvisionDraft | None] = {d.address: d for d in event.redrafted}
    drafts |= {event.removed: None} if event.removed else {}
    for address, draft in drafts.items():
        found = {name: with_draft(one, address, draft) for name, one in found.items()}
    return found
