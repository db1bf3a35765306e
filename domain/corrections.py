"""Corrections: a clerk's mistake is put right by a new entry, and the old one stays readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field, JsonValue, ValidationError, model_validator
from pydantic_core import to_json

from domain.history import EntryWithdrawn, Recorded
from domain.kernel import (
    Command,
    DecisionRef,
    Event,
    Fact,
    Invalid,
    Refusal,
    Replacement,
    personal_in,
)

NAMES = (
    *("matter", "subject", "request", "edition", "place.code", "provision", "draft.address"),
    *("discrepancy", "mission", "outline.mission", "year", "term.term", "body"),
)
"""What an entry is about, and which body acted: that is withdrawn and recorded anew."""

NAMES_ON_A_MATTER = ("document", "deputation", "motion", "decision")

KEPT_BY_THE_REGISTER = ("replaces", "provision")


class CorrectRecord(Command):
    """Correct one entry, by its stream and version: give the fields that change, or withdraw it.

    Dates are fields like any other, so a correction can take hold long before it is recorded.
    """

    KIND: ClassVar[str] = "correct-record"

    stream: Annotated[str, Field(min_length=1)]
    version: Annotated[int, Field(ge=1)]
    reason: Annotated[str, Field(min_length=1)]
    authority: DecisionRef | Annotated[str, Field(min_length=1)]
    changed: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    withdraw: bool = False

    @property
    def item(self) -> str:
        """The entry."""
        return f"{self.stream}/{self.version}"

    @model_validator(mode="after")
    def _one_or_the_other(self) -> CorrectRecord:
        if self.withdraw == bool(self.changed):
            raise ValueError("give the fields `changed`, or `withdraw: true`, and not both")
        return self


class NoSuchEntry(Refusal):
    """There is no such entry to correct."""

    rule = "K1"

    def __init__(self, stream: str, version: int, last: int) -> None:
        super().__init__(stream=stream, version=version, last=last)


class AlreadyReplaced(Refusal):
    """The entry was corrected before: correct the latest version instead."""

    rule = "K1"

    def __init__(self, stream: str, version: int, latest: int) -> None:
        super().__init__(stream=stream, version=version, latest=latest)


class ChangesNothing(Refusal):
    """The entry says so already."""

    rule = "K1"

    def __init__(self, stream: str, version: int) -> None:
        super().__init__(stream=stream, version=version)


class ChangesIdentity(Refusal):
    """What an entry is about is not corrected: withdraw it, and record what should have been."""

    rule = "K1"

    def __init__(self, stream: str, version: int, fields: tuple[str, ...]) -> None:
        super().__init__(stream=stream, version=version, fields=fields)


class LosesAuthority(Refusal):
    """What rests on a decision always does: cite the right decision, or withdraw the entry."""

    rule = "A1"

    def __init__(self, stream: str, version: int, authority: DecisionRef) -> None:
        super().__init__(stream=stream, version=version, authority=authority)


class NotValid(Invalid):
    """The corrected entry would not be what an entry of its kind must be."""

    def __init__(self, stream: str, version: int, fields: dict[str, str]) -> None:
        super().__init__(stream=stream, version=version, **fields)


def decide(entries: Sequence[Recorded[Fact]], command: CorrectRecord) -> Event:
    """The entry that takes the place of the one named, in the same stream (rules K1 and A1)."""
    stream, version = command.stream, command.version
    events = {e.version: e.event for e in entries if isinstance(e.event, Event)}
    was = events.get(version)
    if was is None or isinstance(was, EntryWithdrawn):
        raise NoSuchEntry(stream, version, len(entries))
    latest = _latest(events, version)
    if latest != version:
        raise AlreadyReplaced(stream, version, latest)
    replaces = Replacement(version=version, reason=command.reason, authority=command.authority)
    if command.withdraw:
        return EntryWithdrawn(
            decided_on=was.decided_on,
            effective_from=was.effective_from,
            by_convention=was.by_convention,
            authority=was.authority,
            cites=command.cites,
            replaces=replaces,
        )
    becomes = _changed(was, command)
    known = {None, *(personal.digest for personal in personal_in(was))}
    if any(p.value is None and p.digest not in known for p in personal_in(becomes)):
        raise NotValid(stream, version, {"digest": "give what is personal by its `value`"})
    if touched := tuple(n for n in _names(was) if _at(was, n) != _at(becomes, n)):
        raise ChangesIdentity(stream, version, touched)
    if was.authority and becomes.authority is None:
        raise LosesAuthority(stream, version, was.authority)
    if becomes == was:
        raise ChangesNothing(stream, version)
    cites = becomes.cites if "cites" in command.changed else (*was.cites, *command.cites)
    return becomes.model_copy(update={"replaces": replaces, "cites": tuple(dict.fromkeys(cites))})


def _latest(events: Mapping[int, Event], version: int) -> int:
    by = {e.replaces.version: number for number, e in events.items() if e.replaces}
    while version in by:
        version = by[version]
    return version


def _changed(was: Event, command: CorrectRecord) -> Event:
    kept = [f for f in KEPT_BY_THE_REGISTER if f in command.changed]
    if kept:
        raise ChangesIdentity(command.stream, command.version, tuple(kept))
    fields = {**was.model_dump(mode="json"), **_following(was, command.changed)}
    try:
        return type(was).model_validate_json(to_json(fields | command.changed))
    except ValidationError as error:
        wrong = {".".join(map(str, e["loc"])) or "entry": e["msg"] for e in error.errors()}
        raise NotValid(command.stream, command.version, wrong) from None


def _following(was: Event, changed: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The day an entry takes hold follows the date it was taken from, unless it is given."""
    for name in ("established", "decided_on"):
        taken = getattr(was, name, None) == was.effective_from
        if name in changed and taken and (was.by_convention or name == "established"):
            return {"effective_from": changed[name]}
    if "effective_from" in changed:
        return {"by_convention": False}
    return {}


def _names(event: Event) -> tuple[str, ...]:
    return NAMES + (NAMES_ON_A_MATTER if hasattr(event, "matter") else ())


def _at(event: Event, path: str) -> object:
    found: object = event
    for step in path.split("."):
        found = getattr(found, step, None)
    return found
