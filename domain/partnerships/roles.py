"""Roles in a partnership that has no agreement, such as a body's representative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from domain.council.persons import OfficeHolder
from domain.places import Place
from domain.shared.messages import Command, DecisionRef, Effect


class GivePartnershipRole(Command):
    """Enter who a decision gave a role in a partnership; without a holder, it is nobody's."""

    KIND: ClassVar[str] = "give-partnership-role"

    city: str = Field(min_length=1)
    role: str = Field(min_length=1)
    holder: OfficeHolder | None = None
    authority: DecisionRef

    @property
    def item(self) -> str:
        """The city and the role."""
        return f"{self.city}/{self.role}"


class PartnershipRoleGiven(Effect):
    """Somebody has a role in a partnership; null for nobody."""

    TOPIC: ClassVar[str] = "partnership-role-given.v1"

    place: Place
    role: str
    holder: OfficeHolder | None


def roles_with(
    roles: Mapping[str, OfficeHolder], given: PartnershipRoleGiven
) -> Mapping[str, OfficeHolder]:
    """Return who has each role after one was given, or is nobody's any more."""
    others = {role: who for role, who in roles.items() if role != given.role}
    return {**others, given.role: given.holder} if given.holder else others
