"""The year's business plan: drafted, approved, submitted, and approved where it was submitted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from domain.council.bodies import Charter, in_place_of, may_act
from domain.instruments import ApprovePlan
from domain.missions.outline import MissionOutline
from domain.programme import limits, rotation
from domain.programme.limits import Difference
from domain.programme.messages import (
    AmendPlan,
    DraftPlan,
    ListMission,
    PlanAct,
    PlanApproved,
    PlanConfirmed,
    PlanDiscrepancyOpened,
    PlanDrafted,
    PlanEntryFreed,
    PlanEntryListed,
    PlanEvent,
    PlanReopened,
    PlanSubmitted,
    SubmitPlan,
)
from domain.programme.rotation import RestOfProgramme
from domain.shared.dates import When, span_of_days
from domain.shared.findings import Answer, Finding, Ground, Ruling, finding_of_silence
from domain.shared.messages import Basis, ProvisionRef, StreamId
from domain.shared.problems import Refusal


def stream_of(year: int) -> StreamId:
    """Return the stream of a year's plan: all that takes or frees a place in it is written here."""
    return StreamId(f"plan/{year}")


class Stage(StrEnum):
    """The stages of a plan. Missions are listed until its submission; each takes a new approval."""

    DRAFT = "draft"
    APPROVED = "approved for submission"
    SUBMITTED = "submitted"
    CONFIRMED = "approved"


class NoPlan(Refusal):
    """There is no plan for the year."""

    rule = "B1"
    year: int


class NotAtThisStage(Refusal):
    """The plan is at another stage: it is approved, submitted and approved again in that order."""

    rule = "B1"
    provision: ProvisionRef | None = None
    year: int
    act: str
    stage: Stage
    needed: tuple[Stage, ...]


class NotThePlansBody(Refusal):
    """Another body approves the plan at this stage."""

    rule = "B1"
    provision: ProvisionRef
    year: int
    body: str
    by: str


class DatedBeforeStage(Refusal):
    """A step of a plan cannot be dated before the step that it follows."""

    rule = "B1"
    year: int
    on: When
    previous: When


class NotProposed(Refusal):
    """A plan can list only missions that are proposed."""

    rule = "M10"
    year: int
    mission: str


class NotAsProposed(Refusal):
    """A plan must list a mission as it is proposed: correct the proposal, and the plan follows."""

    rule = "B1"
    year: int
    mission: str


class OtherYear(Refusal):
    """A mission must be listed in the plan of its own year."""

    rule = "B1"
    year: int
    mission: str
    own: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One year's plan; `since` is the date of its last step."""

    stage: Stage | None = None
    since: When | None = None
    entries: dict[str, MissionOutline] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()

    @property
    def visits(self) -> tuple[MissionOutline, ...]:
        """Official visits that are listed and not cancelled."""
        return tuple(o for o in self.entries.values() if o.counted_visit)

    @property
    def missions(self) -> tuple[MissionOutline, ...]:
        """Outbound missions that are listed and not cancelled; one trip counts once."""
        return tuple(o for o in self.entries.values() if o.outbound)

    def approves(self, mission: str) -> bool:
        """True if the plan lists the mission and both approvals are given."""
        return self.stage is Stage.CONFIRMED and mission in self.entries


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Facts from other streams for a plan: the policy, the other plans, and what is to be listed.

    `outline` is the mission's as it is proposed, `body` the one that approves, of those that
    `charter` has on the day.
    """

    ground: Ground
    rest: RestOfProgramme = field(default_factory=RestOfProgramme)
    outline: MissionOutline | None = None
    body: str = ""
    charter: Charter | None = None


def decide(
    state: Plan, act: PlanAct | ListMission | ApprovePlan, around: Circumstances, basis: Basis
) -> Ruling:
    """Apply rules B1-B4, B6, M6 and M8 to a plan and its entries."""
    match act:
        case DraftPlan(year=year):
            return Ruling(() if state.stage else (PlanDrafted(year=year, **basis),))
        case ListMission():
            return _list(state, act, around, basis)
        case ApprovePlan():
            return _approve(state, act, around, basis)
        case SubmitPlan():
            return _submit(state, act, around, basis)
        case AmendPlan():
            return _amend(state, act, around.ground, basis)
        case _:
            assert_never(act)


def _list(state: Plan, act: ListMission, around: Circumstances, basis: Basis) -> Ruling:
    outline, ground, year = around.outline, around.ground, act.year
    if outline is None:
        raise NotProposed(year=year, mission=act.mission)
    if outline.year != year:
        raise OtherYear(year=year, mission=outline.mission, own=outline.year)
    if outline.mission in state.entries:
        return Ruling(())
    approver = ground.words("plan.approver")
    provision = approver.provision if approver else None
    stages = (Stage.DRAFT, Stage.APPROVED)
    differing = limits.differing_limits(ground)
    answers = (
        *limits.at_plan_stage(outline, state.stage in stages, ground),
        *_at(state, year, act.KIND, basis, provision, *stages),
        *limits.room_in_plan(outline, state.visits, state.missions, differing, ground),
        *limits.plan_entry_described(outline, ground),
        *rotation.turn_of_city(outline, around.rest, ground),
    )
    findings = ground.weigh(answers)
    opened = tuple(
        PlanDiscrepancyOpened(year=year, difference=difference, **basis)
        for difference in differing
        if difference not in state.differences
    )
    listed = PlanEntryListed(year=year, outline=outline, findings=findings, **basis)
    return Ruling((*opened, listed), findings)


def _approve(state: Plan, act: ApprovePlan, around: Circumstances, basis: Basis) -> Ruling:
    """Apply rule B1: first the body that approves before submission, then the one submitted to."""
    submitted = state.stage is Stage.SUBMITTED
    term = "plan.submitted-to" if submitted else "plan.approver"
    findings = around.ground.weigh(_whose(state, act, around, basis, term))
    kind = PlanConfirmed if submitted else PlanApproved
    return Ruling((kind(year=act.year, body=around.body, findings=findings, **basis),), findings)


def _submit(state: Plan, act: SubmitPlan, around: Circumstances, basis: Basis) -> Ruling:
    ground = around.ground
    approver = ground.words("plan.approver")
    needed = Stage.APPROVED if approver else Stage.DRAFT
    provision = approver.provision if approver else None
    answers = (
        *_at(state, act.year, act.KIND, basis, provision, needed),
        *limits.plan_reaches_aims(act.year, state.visits, state.missions, ground),
        *rotation.rotation(state.missions, around.rest, ground),
    )
    findings = ground.weigh(answers)
    to = ground.words("plan.submitted-to")
    submitted = PlanSubmitted(
        year=act.year,
        to=to.value[0] if to else None,
        document=act.document,
        visits=len(state.visits),
        missions=len(state.missions),
        findings=findings,
        **basis,
    )
    return Ruling((submitted,), findings)


def _amend(state: Plan, act: AmendPlan, ground: Ground, basis: Basis) -> Ruling:
    ground.weigh(_at(state, act.year, act.KIND, basis, None, Stage.SUBMITTED, Stage.CONFIRMED))
    return Ruling((PlanReopened(year=act.year, reason=act.reason, **basis),))


def free_plan_entry(state: Plan, year: int, mission: str, reason: str, basis: Basis) -> Ruling:
    """Take a cancelled mission out of the plan, at whatever stage the plan is."""
    if mission not in state.entries:
        return Ruling(())
    return Ruling((PlanEntryFreed(year=year, mission=mission, reason=reason, **basis),))


def out_of_order(name: str, events: Iterable[PlanEvent]) -> Refusal | None:
    """Return the refusal of the first recorded step that is out of order (rule B1), if any.

    A correction may take away the draft, or date a step before the one it follows. The order in
    which missions are listed, between the same steps, does not matter.
    """
    year = int(name)
    state, turned, last = Plan(), None, None
    listed: dict[str, When] = {}
    for event in events:
        on = event.effective_from
        match event:
            case PlanDiscrepancyOpened():
                continue
            case PlanEntryListed(outline=outline):
                after, listed[outline.mission] = turned, on
            case PlanEntryFreed(mission=mission):
                after = listed.get(mission)
            case _:
                after = last
        if state.stage is None and not isinstance(event, PlanDrafted):
            return NoPlan(year=year)
        if after and span_of_days(on) < span_of_days(after):
            return DatedBeforeStage(year=year, on=on, previous=after)
        state = evolve(state, event)
        if not isinstance(event, PlanEntryFreed):
            last = max(last or on, on, key=span_of_days)
            turned = turned if isinstance(event, PlanEntryListed) else on
    return None


def _at(
    state: Plan,
    year: int,
    act: str,
    basis: Basis,
    provision: ProvisionRef | None,
    *needed: Stage,
) -> Iterator[Finding | Refusal]:
    if state.stage is None:
        raise NoPlan(year=year)
    if state.since and span_of_days(basis["effective_from"]) < span_of_days(state.since):
        yield DatedBeforeStage(year=year, on=basis["effective_from"], previous=state.since)
    if state.stage not in needed:
        yield NotAtThisStage(
            provision=provision, year=year, act=act, stage=state.stage, needed=needed
        )


def _whose(
    state: Plan, act: ApprovePlan, around: Circumstances, basis: Basis, term: str
) -> Iterator[Finding | Refusal]:
    body, whose = around.body, around.ground.words(term)
    provision = whose.provision if whose else None
    needed = (Stage.SUBMITTED,) if state.stage is Stage.SUBMITTED else (Stage.DRAFT,)
    yield from _at(state, act.year, act.instrument, basis, provision, *needed)
    if whose is None:
        yield finding_of_silence("B1", "says who approves the plan at this stage")
    elif not may_act(body, whose.value, around.charter):
        yield NotThePlansBody(
            provision=whose.provision, year=act.year, body=body, by=" or ".join(whose.value)
        )
    else:
        yield Finding(
            rule="B1",
            answer=Answer.MET,
            reason=f"approved by {in_place_of(body, whose.value)}",
            provision=whose.provision,
        )


def evolve(state: Plan, event: PlanEvent) -> Plan:
    """Return the plan after one more event.

    A new entry needs the approval before submission again.
    """
    match event:
        case PlanDrafted():
            return replace(state, stage=Stage.DRAFT, since=event.effective_from)
        case PlanEntryListed(outline=outline):
            entries = {**state.entries, outline.mission: outline}
            stage = Stage.DRAFT if state.stage is Stage.APPROVED else state.stage
            return replace(state, entries=entries, stage=stage, since=event.effective_from)
        case PlanEntryFreed(mission=mission):
            rest = {m: o for m, o in state.entries.items() if m != mission}
            return replace(state, entries=rest)
        case PlanDiscrepancyOpened(difference=difference):
            return replace(state, differences=(*state.differences, difference))
        case PlanApproved():
            return replace(state, stage=Stage.APPROVED, since=event.effective_from)
        case PlanSubmitted():
            return replace(state, stage=Stage.SUBMITTED, since=event.effective_from)
        case PlanConfirmed():
            return replace(state, stage=Stage.CONFIRMED, since=event.effective_from)
        case PlanReopened():
            return replace(state, stage=Stage.DRAFT, since=event.effective_from)
        case _:
            assert_never(event)
