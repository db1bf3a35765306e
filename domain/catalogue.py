"""Every fact the log may hold, by its stored name, and every command by its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast, get_args

from domain import corrections, discrepancies, places, policy
from domain.council import bodies, succession, terms
from domain.missions import messages as missions
from domain.partnerships import agreement, exploration, moves, partnership, roles, study
from domain.proceedings import (
    decisions,
    in_camera,
    matter,
    motions,
    numbers,
    papers,
    requested_reports,
)
from domain.programme import activities
from domain.programme import messages as programme
from domain.requests import messages as requests
from domain.shared import log_facts
from domain.shared.messages import Command, Fact

_FACTS: tuple[object, ...] = (
    log_facts.CommandRecorded,
    log_facts.EpochOpened,
    log_facts.EntryWithdrawn,
    log_facts.EntryLapsed,
    log_facts.EntryInCamera,
    log_facts.EntriesInCamera,
    log_facts.EntryDisclosed,
    log_facts.DecisionRescinded,
    log_facts.PersonalDataDestroyed,
    log_facts.EvidenceKeysRotated,
    log_facts.EvidenceBegunAnew,
    succession.CharterEvent,
    places.PlaceEvent,
    study.RosterCited,
    matter.MatterEvent,
    numbers.MatterNumbered,
    policy.PolicyEvent,
    partnership.PartnershipEvent,
    moves.PartnersMoved,
    agreement.AgreementEvent,
    exploration.ExplorationEvent,
    requested_reports.DutyEvent,
    discrepancies.DiscrepancyEvent,
    requests.RequestEvent,
    programme.PlanEvent,
    missions.MissionEvent,
    activities.ProgrammeEvent,
    terms.TermOfCouncilRecorded,
)


def _members(unions: tuple[object, ...]) -> Iterator[type[Fact]]:
    for union in unions:
        yield from get_args(union) or (cast("type[Fact]", union),)


catalogue: Mapping[str, type[Fact]] = {fact.TOPIC: fact for fact in _members(_FACTS)}
"""Stored name to type."""

commands: Mapping[str, type[Command]] = {
    command.KIND: command
    for command in (
        bodies.RecordCharter,
        succession.ChangeBodies,
        places.IdentifyPlaces,
        places.ReplacePlaces,
        matter.OpenMatter,
        in_camera.HoldInCamera,
        in_camera.ReleaseMatter,
        numbers.NumberMatter,
        numbers.ConsiderTogether,
        numbers.SplitMatter,
        papers.SubmitReport,
        papers.ReceiveCommunication,
        papers.HearDeputation,
        motions.GiveNotice,
        motions.MoveMotion,
        motions.DisposeOfMotion,
        decisions.Decide,
        decisions.ReopenMatter,
        decisions.RecordEffect,
        corrections.CorrectRecord,
        discrepancies.NoteDiscrepancy,
        discrepancies.SettleDiscrepancy,
        requests.ReceiveRequest,
        requests.ConsultGroup,
        requests.AdviseArrangement,
        requests.AssessRequest,
        requests.ReportOnRequest,
        requests.MakeBusinessCase,
        requests.PrepareAgreement,
        requests.SignAgreement,
        agreement.SignForParty,
        agreement.RatifyForParty,
        roles.GivePartnershipRole,
        programme.DraftPlan,
        programme.ListMission,
        programme.SubmitPlan,
        programme.AmendPlan,
        missions.ProposeMission,
        missions.NameHost,
        missions.StartMission,
        missions.CompleteMission,
        missions.FileMissionDocument,
        missions.CloseMission,
        missions.CancelMission,
        activities.CarryOutActivity,
        activities.GiveAnnualReport,
        terms.RecordTermOfCouncil,
    )
}
"""Kind, as minutes files write it, to type."""
