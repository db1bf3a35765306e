"""Roles, and the person behind a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["reader", "clerk", "auditor", "subscriber", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)


class NotSignedIn(Exception):
    """The provider's answer is not to be trusted, or there is none; the text says which."""


@dataclass(frozen=True)
class Person:
    """The person behind a request.

    `id` is the pseudonym that the log keeps, or locally the name of who records. `session` is
    empty for a program that sends a token of its own, and for the local clerk.
    """

    id: str
    name: str
    roles: frozenset[Role]
    session: str = ""
    signed_in: bool = True

    def may(self, *roles: Role) -> bool:
        """True if the person has one of these roles."""
        return not self.roles.isdisjoint(roles)


def known_roles(named: Iterable[object]) -> frozenset[Role]:
    """Roles among the names; a provider has others too."""
    given = {str(name) for name in named}
    return frozenset(role for role in ROLES if role in given)
