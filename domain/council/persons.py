"""Office-holders, private persons, and the seats of a delegation."""

from __future__ import annotations

from pydantic import Field

from domain.shared.messages import Personal, Value
from domain.shared.text import folded


class OfficeHolder(Value):
    """Someone acting publicly in an office; not personal data. The papers may name none."""

    name: str | None = Field(default=None, min_length=1)
    office: str = Field(min_length=1)


class PrivatePerson(Value):
    """Someone whose name is kept apart from the event."""

    person: Personal[str]
    represents: str | None = None


Person = OfficeHolder | PrivatePerson


LEAD = "lead"
"""The seat of whoever leads a delegation."""

ACCOMPANYING = "accompanying"
"""The capacity of a traveller who has no official seat."""

PROGRAMME = "programme"
"""The payer of a journey that the programme's funds pay for."""


class Traveller(Value):
    """One person on a mission.

    `seat` is `lead`, `accompanying`, or one of the official seats that the policy's terms name;
    `pays` is `programme` or whoever else pays. `designate_of` is the office whose holder sends this
    person in their stead.
    """

    person: Person
    seat: str = Field(min_length=1)
    pays: str = Field(default=PROGRAMME, min_length=1)
    designate_of: str | None = None

    @property
    def leads(self) -> bool:
        """True if the person leads the delegation."""
        return folded(self.seat) == LEAD

    @property
    def accompanies(self) -> bool:
        """True if the person has no official seat."""
        return folded(self.seat) == ACCOMPANYING

    @property
    def on_funds(self) -> bool:
        """True if the programme pays."""
        return folded(self.pays) == PROGRAMME

    @property
    def name(self) -> str:
        """The name where it may be shown."""
        if isinstance(self.person, OfficeHolder):
            return self.person.name or self.person.office
        return "a private person"
