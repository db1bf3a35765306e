"""Reception of a visit: its official host and the formal welcome (rule M7)."""

from __future__ import annotations

from collections.abc import Iterator

from domain.missions.outline import MissionOutline
from domain.shared.findings import Answer, Finding, Ground, finding_of_silence
from domain.shared.messages import ProvisionRef
from domain.shared.problems import Refusal
from domain.shared.text import missing_and_unwanted


class NotWelcomed(Refusal):
    """A visit needs a host and a planned formal welcome to start, and a given welcome to end."""

    rule = "M7"
    provision: ProvisionRef
    mission: str
    missing: tuple[str, ...]


class NotToWelcome(Refusal):
    """The formal welcome must be given by the holder of an office that the provision names."""

    rule = "M7"
    provision: ProvisionRef
    by: str
    named: tuple[str, ...]


def may_welcome(by: str | None, ground: Ground) -> Iterator[Finding | Refusal]:
    """Apply rule M7, when the welcome is planned."""
    offices = ground.words("inbound.welcome")
    if by and offices and missing_and_unwanted(offices.value, (by,))[1]:
        yield NotToWelcome(provision=offices.provision, by=by, named=offices.value)


def to_be_welcomed(
    outline: MissionOutline, hosted: bool, welcomed: bool, ground: Ground
) -> Iterator[Finding | Refusal]:
    """Apply rule M7, when a visit starts."""
    if outline.outbound:
        return
    for term, a, what, has in (
        ("inbound.host", "an", "official host", hosted),
        ("inbound.welcome", "a", "planned welcome", welcomed),
    ):
        asked = ground.words(term)
        if asked is None:
            yield finding_of_silence("M7", f"asks for {a} {what}")
        elif not has:
            yield NotWelcomed(provision=asked.provision, mission=outline.mission, missing=(what,))
        else:
            yield Finding(
                rule="M7", answer=Answer.MET, reason=f"has its {what}", provision=asked.provision
            )


def was_welcomed(
    outline: MissionOutline, given: bool, ground: Ground
) -> Iterator[Finding | Refusal]:
    """Apply rule M7, when a visit ends."""
    offices = ground.words("inbound.welcome")
    if outline.outbound or offices is None:
        return
    if not given:
        yield NotWelcomed(
            provision=offices.provision, mission=outline.mission, missing=("welcome given",)
        )
        return
    yield Finding(
        rule="M7",
        answer=Answer.MET,
        reason="the formal welcome was given",
        provision=offices.provision,
    )
