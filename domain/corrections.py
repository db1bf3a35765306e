"""Corrections: a clerk's mistake is put right by a new entry, and the old one stays readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field, JsonValue, ValidationError, model_validator
from pydantic_core import to_json

from domain.shared.history import Recorded
from domain.shared.log_facts import EntryWithdrawn, NoLongerStands
from domain.shared.messages import Command, DecisionRef, Event, Fact, Replacement, personal_in
from domain.shared.mistakes import mistake_in_words
from domain.shared.problems import Invalid, Problem, Refusal

NAMES = (
    *("matter", "subject", "request", "edition", "place.code", "provision", "draft.address"),
    *(
        "discrepancy",
        "agreement",
        "party",
        "mission",
        "outline.mission",
        "year",
        "term.term",
        "body",
    ),
)
"""The fields that say what an entry is about and which body acted: no correction changes them."""

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
    stream: str
    version: int
    last: int


class AlreadyReplaced(Refusal):
    """The entry was corrected before: correct the latest version instead."""

    rule = "K1"
    stream: str
    version: int
    latest: int


class ChangesNothing(Refusal):
    """The entry already says what the correction would make it say."""

    rule = "K1"
    stream: str
    version: int


class ChangesIdentity(Refusal):
    """The subject of an entry cannot be corrected: withdraw it, and record the right one."""

    rule = "K1"
    stream: str
    version: int
    fields: tuple[str, ...]


class CorrectedWithItsAct(Refusal):
    """The entry is an effect of another one: correct that one, the `act`, instead."""

    rule = "K1"
    stream: str
    version: int
    act: str


class LosesAuthority(Refusal):
    """An act that rests on a decision needs one: cite the right decision, or withdraw the entry."""

    rule = "A1"
    stream: str
    version: int
    authority: DecisionRef


class NotValid(Invalid):
    """The corrected entry would not be valid for an entry of its kind."""

    def __init__(self, stream: str, version: int, fields: dict[str, str]) -> None:
        Problem.__init__(self, stream=stream, version=version, **fields)


def decide(entries: Sequence[Recorded[Fact]], command: CorrectRecord) -> Event:
    """Return the entry that replaces the one named, in the same stream (rules K1 and A1)."""
    stream, version = command.stream, command.version
    events = {e.version: e.event for e in entries if isinstance(e.event, Event)}
    was = events.get(version)
    if was is None or isinstance(was, NoLongerStands):
        raise NoSuchEntry(stream=stream, version=version, last=len(entries))
    latest = _latest(events, version)
    if latest != version:
        raise AlreadyReplaced(stream=stream, version=version, latest=latest)
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
        raise NotValid(
            stream=stream,
            version=version,
            fields={"digest": "give what is personal by its `value`"},
        )
    if touched := tuple(n for n in _names(was) if _at(was, n) != _at(becomes, n)):
        raise ChangesIdentity(stream=stream, version=version, fields=touched)
    if was.authority and becomes.authority is None:
        raise LosesAuthority(stream=stream, version=version, authority=was.authority)
    if becomes == was:
        raise ChangesNothing(stream=stream, version=version)
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
        raise ChangesIdentity(stream=command.stream, version=command.version, fields=tuple(kept))
    fields = {**was.model_dump(mode="json"), **_following(was, command.changed)}
    try:
        return type(was).model_validate_json(to_json(fields | command.changed))
    except ValidationError as error:
        wrong = {
            ".".join(map(str, e["loc"])) or "entry": mistake_in_words(e, type(was).model_fields)
            for e in error.errors()
        }
        raise NotValid(stream=command.stream, version=command.version, fields=wrong) from None


def _following(was: Event, changed: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the fields with the day of effect, which follows the date it was taken from.

    A day that is given stays as it is. A partnership that a decision enters takes effect by the
    decision where that is older (rule A1).
    """
    for name in ("established", "decided_on"):
        taken = getattr(was, name, None) == was.effective_from
        if name in changed and taken and (was.by_convention or name == "established"):
            older = str(changed[name]) < str(was.decided_on.first)
            if name == "established" and was.authority and older:
                return {}
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
