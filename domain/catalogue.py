"""Every fact the log may hold, by its stored name, and every command by its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast, get_args

from domain import (
    authority,
    cities,
    corrections,
    decisions,
    duties,
    effects,
    explorations,
    history,
    logbook,
    matters,
    motions,
    papers,
    partnerships,
    policy,
    roster,
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
    )
}
"""Kind, as minutes files write it, to type."""
