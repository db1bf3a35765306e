"""Handlers of a year's plan, activities and report, and of terms of the council."""

from __future__ import annotations

from application.handlers.authority import mandate
from application.handlers.states import (
    expected_in_report,
    ground_on,
    mission_of,
    plan_of,
    read_rest_of_programme,
    relationship_of,
    year_of,
)
from application.unit_of_work import Handlers, UnitOfWork
from domain.council import terms
from domain.council.terms import RecordTermOfCouncil
from domain.missions import mission
from domain.programme import activities, plan
from domain.programme.activities import CarryOutActivity, GiveAnnualReport
from domain.programme.messages import AmendPlan, DraftPlan, ListMission, PlanAct, SubmitPlan
from domain.shared.messages import dates_and_sources


def act_on_plan(work: UnitOfWork, command: PlanAct) -> None:
    """Enter a step of a year's plan."""
    basis, judged = mandate(work, command)
    around = plan.Circumstances(
        judged, read_rest_of_programme(work, command.year, command.on, None)
    )
    ruling = plan.decide(plan_of(work, command.year), command, around, basis)
    work.write(plan.stream_of(command.year), *ruling.events)


def list_mission(work: UnitOfWork, command: ListMission) -> None:
    """Enter a mission in the plan of its year: one commit, guarded by plan, mission and term."""
    basis, judged = mandate(work, command)
    state = mission_of(work, command.mission)
    rest = read_rest_of_programme(work, command.year, command.on, state.outline)
    around = plan.Circumstances(judged, rest, outline=state.outline)
    ruling = plan.decide(plan_of(work, command.year), command, around, basis)
    if ruling.events:
        work.write(plan.stream_of(command.year), *ruling.events)
        planned = mission.enter_plan(state, command.mission, basis)
        work.write(mission.stream_of(command.mission), *planned.events)


def record_term(work: UnitOfWork, command: RecordTermOfCouncil) -> None:
    """Enter a term of the council."""
    basis = dates_and_sources(command.on, cites=command.cites)
    ruling = terms.TIMELINE.decide(
        terms.STREAM,
        work.read(terms.STREAM),
        basis,
        lambda state: terms.decide(state, command, basis),
    )
    work.write(terms.STREAM, *ruling.events)


def carry_out_activity(work: UnitOfWork, command: CarryOutActivity) -> None:
    """Enter something done for a city."""
    city = relationship_of(work, command.place, command.on)
    basis = dates_and_sources(command.on, cites=command.cites)
    state = year_of(work, command.year)
    around = activities.Circumstances(ground_on(work, command.on), city=city)
    ruling = activities.decide(state, command, around, basis)
    work.write(activities.stream_of(command.year), *ruling.events)


def give_annual_report(work: UnitOfWork, command: GiveAnnualReport) -> None:
    """Enter a year's report on the programme."""
    expected = expected_in_report(work, command.year, command.on)
    basis = dates_and_sources(command.on, cites=command.cites)
    around = activities.Circumstances(ground_on(work, command.on), expected=expected)
    ruling = activities.decide(year_of(work, command.year), command, around, basis)
    work.write(activities.stream_of(command.year), *ruling.events)


HANDLERS: Handlers = {
    DraftPlan: act_on_plan,
    SubmitPlan: act_on_plan,
    AmendPlan: act_on_plan,
    ListMission: list_mission,
    RecordTermOfCouncil: record_term,
    CarryOutActivity: carry_out_activity,
    GiveAnnualReport: give_annual_report,
}
