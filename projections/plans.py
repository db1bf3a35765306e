"""A year's plan: its stage, what it counts, and what the rules said when it was submitted."""

from __future__ import annotations

from collections.abc import Iterable

from domain.programme.limits import Difference
from domain.programme.messages import (
    PlanApproved,
    PlanConfirmed,
    PlanDiscrepancyOpened,
    PlanDrafted,
    PlanEntryFreed,
    PlanEntryListed,
    PlanReopened,
    PlanSubmitted,
)
from domain.programme.plan import Stage
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.history import Recorded
from domain.shared.messages import Event, Value
from projections.engine.read_model import ReadModel, decision_of


class YearPlan(Value):
    """One year's plan. `visits` and `missions` are those it counts, by name.

    `findings` are the rules' answers at its last submission; `differences` are limits for which two
    provisions state different figures.
    """

    year: int
    stage: Stage
    since: When
    visits: tuple[str, ...]
    missions: tuple[str, ...]
    others: tuple[str, ...]
    approved_by: str | None
    submitted_to: str | None
    confirmed_by: str | None
    decision: str | None
    findings: tuple[Finding, ...]
    differences: tuple[Difference, ...]


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    match entry.event:
        case (
            PlanDrafted(year=year)
            | PlanEntryListed(year=year)
            | PlanEntryFreed(year=year)
            | PlanDiscrepancyOpened(year=year)
            | PlanApproved(year=year)
            | PlanSubmitted(year=year)
            | PlanConfirmed(year=year)
            | PlanReopened(year=year)
        ):
            return (str(year),)
        case _:
            return ()


def _evolve(key: str, state: YearPlan | None, entry: Recorded[Event]) -> YearPlan | None:
    event = entry.event
    if state is None:
        return _drafted(event) if isinstance(event, PlanDrafted) else None
    changes = _changes(state, event)
    if "stage" in changes:
        changes |= {"since": event.effective_from}
    return state.model_copy(update={**changes, "decision": decision_of(event) or state.decision})


def _changes(state: YearPlan, event: Event) -> dict[str, object]:
    match event:
        case PlanEntryListed(outline=outline):
            counted = "visits" if outline.counted_visit else "others"
            where = "missions" if outline.outbound else counted
            listed = {where: (*getattr(state, where), outline.mission)}
            again = {"stage": Stage.DRAFT} if state.stage is Stage.APPROVED else {}
            return {**listed, **again}
        case PlanEntryFreed(mission=mission):
            return {
                where: tuple(m for m in getattr(state, where) if m != mission)
                for where in ("visits", "missions", "others")
            }
        case PlanDiscrepancyOpened(difference=difference):
            return {"differences": (*state.differences, difference)}
        case PlanApproved(body=body):
            return {"stage": Stage.APPROVED, "approved_by": body}
        case PlanSubmitted(to=to, findings=findings):
            return {"stage": Stage.SUBMITTED, "submitted_to": to, "findings": findings}
        case PlanConfirmed(body=body):
            return {"stage": Stage.CONFIRMED, "confirmed_by": body}
        case PlanReopened():
            return {"stage": Stage.DRAFT, "approved_by": None, "confirmed_by": None}
        case _:
            return {}


def _drafted(event: PlanDrafted) -> YearPlan:
    return YearPlan(
        year=event.year,
        stage=Stage.DRAFT,
        since=event.effective_from,
        visits=(),
        missions=(),
        others=(),
        approved_by=None,
        submitted_to=None,
        confirmed_by=None,
        decision=None,
        findings=(),
        differences=(),
    )


PLANS = ReadModel("plans", 1, YearPlan, _keys, _evolve)
