"""Every fact the log may hold, by its stored name, and every command by its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast, get_args

from domain import (
    agreements,
    authority,
    cities,
    closing,
    corrections,
    decisions,
    discrepancies,
    duties,
    effects,
    explorations,
    history,
    hosting,
    logbook,
    matters,
    missions,
    motions,
    papers,
    partnerships,
    planning,
    plans,
    policy,
    procedure,
    programming,
    proposals,
    requests,
    roster,
    terms_of_council,
)
from domain.kernel import Command, CommandRecorded, Fact

_FACTS: tuple[object, ...] = (
    CommandRecorded,
    logbook.EpochOpened,
    history.EntryWithdrawn,
    authority.CharterRecorded,
    cities.PlaceIdentified,
    roster.RosterCited,
    matters.MatterEvent,
    policy.PolicyEvent,
    partnerships.PartnershipEvent,
    explorations.ExplorationEvent,
    duties.DutyEvent,
    discrepancies.DiscrepancyEvent,
    requests.RequestEvent,
    plans.PlanEvent,
    missions.MissionEvent,
    programming.ProgrammeEvent,
    terms_of_council.TermOfCouncilRecorded,
)


def _members(unions: tuple[object, ...]) -> Iterator[type[Fact]]:
    for union in unions:
        yield from get_args(union) or (cast("type[Fact]", union),)


catalogue: Mapping[str, type[Fact]] = {fact.TOPIC: fact for fact in _members(_FACTS)}
"""Stored name to type."""

commands: Mapping[str, type[Command]] = {
    command.KIND: command
    for command in (
        authority.RecordCharter,
        cities.IdentifyPlaces,
        matters.OpenMatter,
        papers.SubmitReport,
        papers.ReceiveCommunication,
        papers.HearDeputation,
        motions.MoveMotion,
        motions.DisposeOfMotion,
        decisions.Decide,
        decisions.ReopenMatter,
        effects.RecordEffect,
        corrections.CorrectRecord,
        discrepancies.NoteDiscrepancy,
        discrepancies.SettleDiscrepancy,
        procedure.ReceiveRequest,
        procedure.ConsultGroup,
        procedure.AdviseArrangement,
        procedure.AssessRequest,
        procedure.ReportOnRequest,
        agreements.MakeBusinessCase,
        agreements.PrepareAgreement,
        agreements.SignAgreement,
        planning.DraftPlan,
        planning.ListMission,
        planning.SubmitPlan,
        planning.AmendPlan,
        proposals.ProposeMission,
        hosting.NameHost,
        missions.StartMission,
        missions.CompleteMission,
        closing.FileMissionDocument,
        closing.CloseMission,
        missions.CancelMission,
        programming.CarryOutActivity,
        programming.GiveAnnualReport,
        terms_of_council.RecordTermOfCouncil,
    )
}
"""Kind, as minutes files write it, to type."""
