"""Commands and rules of matters in camera: held, and released by a decision (rule A6)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from domain.council.bodies import BodyId, Charter, NotAuthorised
from domain.proceedings.matter import (
    Matter,
    MatterHeldInCamera,
    MatterReleased,
    UnknownMatter,
    require_opened_before,
)
from domain.proceedings.recommendations import MatterCommand
from domain.shared.messages import Basis, DecisionRef
from domain.shared.problems import Refusal


class HoldInCamera(MatterCommand):
    """Enter that a matter is not public from here on: only who may see it is shown what follows."""

    KIND: ClassVar[str] = "hold-in-camera"

    body: BodyId
    reason: str = Field(min_length=1)


class ReleaseMatter(MatterCommand):
    """Enter that a decision made a matter public, with all that was recorded in camera."""

    KIND: ClassVar[str] = "release-matter"

    authority: DecisionRef


class AlreadyInCamera(Refusal):
    """The matter is in camera already."""

    rule = "A6"
    matter: str
    reason: str


class NotInCamera(Refusal):
    """The matter is public."""

    rule = "A6"
    matter: str


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
    return MatterReleased(matter=command.matter, **basis)
