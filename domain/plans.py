"""The year's business plan: drafted, approved, submitted, and approved where it was submitted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from domain import limits, turns
from domain.dates import When
from domain.instruments import ApprovePlan
from domain.itineraries import MissionOutline
from domain.kernel import (
    Answer,
    Basis,
    Finding,
    ProvisionRef,
    Refusal,
    Ruling,
)
from domain.limits import Difference
from domain.planning import (
    AmendPlan,
    DraftPlan,
    ListMission,
    PlanApproved,
    PlanConfirmed,
    PlanDiscrepancyOpened,
    PlanDrafted,
    PlanEntryFreed,
    PlanEntryListed,
    PlanReopened,
    PlanSubmitted,
    SubmitPlan,
)
from domain.rules import Ground, silent, span
from domain.turns import YearFacts

PlanEvent = (
    PlanDrafted
    | PlanEntryListed
    | PlanEntryFreed
    | PlanDiscrepancyOpened
    | PlanApproved
    | PlanSubmitted
    | PlanConfirmed
    | PlanReopened
)


class Stage(StrEnum):
    """How far a plan is. Up to its submission missions are listed; an addition asks anew."""

    DRAFT = "draft"
    APPROVED = "approved for submission"
    SUBMITTED = "submitted"
    CONFIRMED = "approved"


class NoPlan(Refusal):
    """There is no plan for the year."""

    rule = "B1"

    def __init__(self, year: int) -> None:
        super().__init__(year=year)


class NotAtThisStage(Refusal):
    """The plan is at another stage: it is approved, submitted and approved again in that order."""

    rule = "B1"

    def __init__(
        self,
        provision: ProvisionRef | None,
        year: int,
        act: str,
        stage: Stage,
        needed: tuple[Stage, ...],
    ) -> None:
        super().__init__(
            provision=provision,
            year=year,
            act=act,
            stage=stage.value,
            needed=tuple(s.value for s in needed),
        )


class NotThePlansBody(Refusal):
    """The plan is another body's to approve at this stage."""

    rule = "B1"

    def __init__(self, provision: ProvisionRef, year: int, body: str, by: str) -> None:
        super().__init__(provision=provision, year=year, body=body, by=by)


class DatedBeforeStage(Refusal):
    """A step of a plan does not happen before the one it follows."""

    rule = "B1"

    def __init__(self, year: int, on: When, previous: When) -> None:
        super().__init__(year=year, on=str(on), previous=str(previous))


class NotProposed(Refusal):
    """A plan lists missions that are proposed."""

    rule = "M10"

    def __init__(self, year: int, mission: str) -> None:
        super().__init__(year=year, mission=mission)


class NotAsProposed(Refusal):
    """A plan lists a mission as it is proposed: correct the proposal, and the plan follows."""

    rule = "B1"

    def __init__(self, year: int, mission: str) -> None:
        super().__init__(year=year, mission=mission)


class OtherYear(Refusal):
    """A mission is listed in the plan of its own year."""

    rule = "B1"

    def __init__(self, year: int, mission: str, own: int) -> None:
        super().__init__(year=year, mission=mission, own=own)


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
        """Whether the plan lists the mission and both approvals are given."""
        return self.stage is Stage.CONFIRMED and mission in self.entries


PlanAct = DraftPlan | SubmitPlan | AmendPlan


def decide(state: Plan, act: PlanAct, ground: Ground, facts: YearFacts, basis: Basis) -> Ruling:
    """Rules B1, and B2, B3 and M6 on the plan as a whole."""
    year = act.year
    match act:
        case DraftPlan():
            return Ruling(() if state.stage else (PlanDrafted(year=year, **basis),))
        case SubmitPlan():
            approver = ground.words("plan.approver")
            needed = Stage.APPROVED if approver else Stage.DRAFT
            provision = approver.provision if approver else None
            answers = (
                *_at(state, year, act.KIND, basis, provision, needed),
                *limits.enough(year, state.visits, state.missions, ground),
                *turns.rotation(state.missions, facts, ground),
            )
            findings = ground.weigh(answers)
            to = ground.words("plan.submitted-to")
            submitted = PlanSubmitted(
                year=year,
                to=to.value[0] if to else None,
                document=act.document,
                visits=len(state.visits),
                missions=len(state.missions),
                findings=findings,
                **basis,
            )
            return Ruling((submitted,), findings)
        case AmendPlan():
            ground.weigh(_at(state, year, act.KIND, basis, None, Stage.SUBMITTED, Stage.CONFIRMED))
            return Ruling((PlanReopened(year=year, reason=act.reason, **basis),))
        case _:
            assert_never(act)


def approve(state: Plan, act: ApprovePlan, ground: Ground, body: str, basis: Basis) -> Ruling:
    """Rule B1: first the body that approves before submission, then the one submitted to."""
    if state.stage is Stage.SUBMITTED:
        findings = ground.weigh(_whose(state, act, ground, body, basis, "plan.submitted-to"))
        return Ruling(
            (PlanConfirmed(year=act.year, body=body, findings=findings, **basis),), findings
        )
    findings = ground.weigh(_whose(state, act, ground, body, basis, "plan.approver"))
    return Ruling((PlanApproved(year=act.year, body=body, findings=findings, **basis),), findings)


def list_entry(
    state: Plan, outline: MissionOutline, year: int, ground: Ground, facts: YearFacts, basis: Basis
) -> Ruling:
    """Rules B1, B2, B3, B4, B6 and M8 on one more entry."""
    if outline.year != year:
        raise OtherYear(year, outline.mission, outline.year)
    if outline.mission in state.entries:
        return Ruling(())
    approver = ground.words("plan.approver")
    stages = (Stage.DRAFT, Stage.APPROVED)
    differing = limits.differing(ground)
    answers = (
        *limits.at_plan_stage(outline, state.stage in stages, ground),
        *_at(
            state,
            year,
            ListMission.KIND,
            basis,
            approver.provision if approver else None,
            *stages,
        ),
        *limits.room(outline, state.visits, state.missions, differing, ground),
        *limits.described(outline, ground),
        *turns.turn_of_city(outline, facts, ground),
    )
    findings = ground.weigh(answers)
    opened = tuple(
        PlanDiscrepancyOpened(year=year, difference=difference, **basis)
        for difference in differing
        if difference not in state.differences
    )
    listed = PlanEntryListed(year=year, outline=outline, findings=findings, **basis)
    return Ruling((*opened, listed), findings)


def free(state: Plan, year: int, mission: str, reason: str, basis: Basis) -> Ruling:
    """A cancelled mission leaves the plan, at whatever stage it is."""
    if mission not in state.entries:
        return Ruling(())
    return Ruling((PlanEntryFreed(year=year, mission=mission, reason=reason, **basis),))


def out_of_order(year: int, events: Iterable[PlanEvent]) -> Refusal | None:
    """Rule B1 on what stands, as recorded: what would have refused the first out of order.

    A correction may take away the draft, or date a step before the one it follows. Which of
    several is listed first on no step's other side matters to none.
    """
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
            return NoPlan(year)
        if after and span(on) < span(after):
            return DatedBeforeStage(year, on, after)
        state = evolve(state, event)
        if not isinstance(event, PlanEntryFreed):
            last = max(last or on, on, key=span)
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
        raise NoPlan(year)
    if state.since and span(basis["effective_from"]) < span(state.since):
        yield DatedBeforeStage(year, basis["effective_from"], state.since)
    if state.stage not in needed:
        yield NotAtThisStage(provision, year, act, state.stage, needed)


def _whose(
    state: Plan, act: ApprovePlan, ground: Ground, body: str, basis: Basis, term: str
) -> Iterator[Finding | Refusal]:
    whose = ground.words(term)
    provision = whose.provision if whose else None
    needed = (Stage.SUBMITTED,) if state.stage is Stage.SUBMITTED else (Stage.DRAFT,)
    yield from _at(state, act.year, act.instrument, basis, provision, *needed)
    if whose is None:
        yield silent("B1", "says who approves the plan at this stage")
    elif body != whose.value[0]:
        yield NotThePlansBody(whose.provision, act.year, body, whose.value[0])
    else:
        yield Finding(
            rule="B1",
            answer=Answer.MET,
            reason=f"approved by {body}",
            provision=whose.provision,
        )


def evolve(state: Plan, event: PlanEvent) -> Plan:
    """The plan after one more event. A new entry needs the approval before submission anew."""
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
