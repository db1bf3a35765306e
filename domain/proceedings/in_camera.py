"""Commands and rules of matters in camera: held, and released by a decision (rule A6)."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from pydantic import Field

from domain.council.bodies import BodyId, Charter, NotAuthorised
from domain.proceedings.decisions import DecisionTaken, MatterReopened
from domain.proceedings.matter import (
    Matter,
    MatterHeldInCamera,
    MatterOpened,
    MatterReleased,
    UnknownMatter,
    require_opened_before,
    stream_of,
)
from domain.proceedings.motions import MotionCarried, MotionFailed, MotionMoved, NoticeGiven
from domain.proceedings.papers import CommunicationReceived, DeputationHeard, ReportSubmitted
from domain.proceedings.recommendations import MatterCommand
from domain.shared.messages import Basis, DecisionRef, Event, StreamId
from domain.shared.problems import Refusal


class HoldInCamera(MatterCommand):
    """Enter that a matter is not public from here on: only who may see it is shown what follows."""

    KIND: ClassVar[str] = "hold-in-camera"

    body: BodyId
    reason: str = Field(min_length=1)


class ReleaseMatter(MatterCommand):
    """Enter that a decision made a matter public, with all that was recorded in camera.

    With `parts`, which name papers, motions, notices and decisions, only these, with its title.
    """

    KIND: ClassVar[str] = "release-matter"

    authority: DecisionRef
    parts: tuple[str, ...] = ()


class AlreadyInCamera(Refusal):
    """The matter is in camera already."""

    rule = "A6"
    matter: str
    reason: str


class NotInCamera(Refusal):
    """The matter is public."""

    rule = "A6"
    matter: str


class NotReleasedAlone(Refusal):
    """A part of a matter that is released must be a paper, motion, notice or decision in camera.

    A recommendation stands in the paper that makes it: release that paper, or split it off into a
    matter of its own. `known` are the parts that there are.
    """

    rule = "A6"
    matter: str
    part: str
    known: tuple[str, ...]


def hold_in_camera(state: Matter, command: HoldInCamera, basis: Basis) -> MatterHeldInCamera:
    """Enter that a matter goes on in camera. Raises `AlreadyInCamera`."""
    if not state.opened_on:
        raise UnknownMatter(matter=command.matter)
    require_opened_before(state, command)
    if state.in_camera:
        raise AlreadyInCamera(matter=command.matter, reason=state.in_camera.reason)
    return MatterHeldInCamera(
        matter=command.matter, body=command.body, reason=command.reason, **basis
    )


def release_matter(
    state: Matter, command: ReleaseMatter, charter: Charter, basis: Basis
) -> MatterReleased:
    """Enter the release, by a decision of the body that holds the matter, or of the one over it.

    Raises `NotInCamera` and `NotAuthorised`.
    """
    if not state.opened_on:
        raise UnknownMatter(matter=command.matter)
    if not state.in_camera:
        raise NotInCamera(matter=command.matter)
    holder = state.in_camera.body or charter.residual_authority
    if not charter.may_act(command.authority.body, (holder, charter.residual_authority)):
        raise NotAuthorised(act=command.KIND, body=command.authority.body, authority=holder)
    return MatterReleased(matter=command.matter, parts=command.parts, **basis)


def part_of_matter(event: Event) -> str | None:
    """Return the name of the paper, motion, notice or decision that an event of a matter is on."""
    match event:
        case ReportSubmitted() | CommunicationReceived():
            return event.document
        case DeputationHeard():
            return event.deputation
        case NoticeGiven():
            return event.notice
        case MotionMoved() | MotionCarried() | MotionFailed():
            return event.motion
        case DecisionTaken() | MatterReopened():
            return event.decision
        case _:
            return None


def belongs_to(parts: Collection[str], matter: str, stream: StreamId, event: Event) -> bool:
    """True if an event belongs to parts of a matter, or takes effect by a decision among them.

    The opening of the matter belongs to every part.
    """
    authority = event.authority
    if authority and authority.matter == matter:
        return authority.decision in parts
    if stream != stream_of(matter):
        return False
    return isinstance(event, MatterOpened) or part_of_matter(event) in parts
