"""How the city receives a visit: its official host and the formal welcome (rule M7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from domain.authority import OfficeHolder
from domain.dates import When
from domain.itineraries import MissionCommand, MissionId, MissionOutline
from domain.kernel import Answer, Event, Finding, ProvisionRef, Refusal
from domain.rules import Ground, named, silent


class NameHost(MissionCommand):
    """Name the official host of a visit, and who gives the formal welcome."""

    KIND: ClassVar[str] = "name-host"

    host: OfficeHolder
    welcome_by: str | None = None
    welcome_on: When | None = None


class MissionHostNamed(Event):
    """A visit has its official host, and its formal welcome is planned."""

    TOPIC: ClassVar[str] = "mission-host-named.v1"

    mission: MissionId
    host: OfficeHolder
    welcome_by: str | None
    welcome_on: When | None
    findings: tuple[Finding, ...]


class NotWelcomed(Refusal):
    """A visit has its host and a planned formal welcome when it starts, and had it when it ends."""

    rule = "M7"

    def __init__(self, provision: ProvisionRef, mission: str, missing: tuple[str, ...]) -> None:
        super().__init__(provision=provision, mission=mission, missing=missing)


class NotToWelcome(Refusal):
    """The formal welcome is given by the holder of an office that the provision names."""

    rule = "M7"

    def __init__(self, provision: ProvisionRef, by: str, named: tuple[str, ...]) -> None:
        super().__init__(provision=provision, by=by, named=named)


def may_welcome(by: str | None, ground: Ground) -> Iterator[Finding | Refusal]:
    """Rule M7, when the welcome is planned."""
    offices = ground.words("inbound.welcome")
    if by and offices and named(offices.value, (by,))[1]:
        yield NotToWelcome(offices.provision, by, offices.value)


def to_be_welcomed(
    outline: MissionOutline, hosted: bool, welcomed: bool, ground: Ground
) -> Iterator[Finding | Refusal]:
    """Rule M7, when a visit starts."""
    if outline.outbound:
        return
    for term, a, what, has in (
        ("inbound.host", "an", "official host", hosted),
        ("inbound.welcome", "a", "planned welcome", welcomed),
    ):
        asked = ground.words(term)
        if asked is None:
            yield silent("M7", f"asks for {a} {what}")
        elif not has:
            yield NotWelcomed(asked.provision, outline.mission, (what,))
        else:
            yield Finding(
                rule="M7", answer=Answer.MET, reason=f"has its {what}", provision=asked.provision
            )


def was_welcomed(
    outline: MissionOutline, given: bool, ground: Ground
) -> Iterator[Finding | Refusal]:
    """Rule M7, when a visit ends."""
    offices = ground.words("inbound.welcome")
    if outline.outbound or offices is None:
        return
    if not given:
        yield NotWelcomed(offices.provision, outline.mission, ("welcome given",))
        return
    yield Finding(
        rule="M7",
        answer=Answer.MET,
        reason="the formal welcome was given",
        provision=offices.provision,
    )
