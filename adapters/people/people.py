"""Everything about people that a server asks: one register's, in one database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from adapters.people.drafts import Drafts
from adapters.people.rate_limits import RateLimits
from adapters.people.refusals import Refusals
from adapters.people.sessions import Sessions

if TYPE_CHECKING:
    from adapters.people.openid import OpenID


@dataclass(frozen=True)
class People:
    """Sessions, and the provider where people sign in; without one, a clerk at this machine."""

    engine: Engine
    sessions: Sessions
    provider: OpenID | None
    limits: RateLimits
    secure: bool = False
    four_eyes: bool = False

    @property
    def drafts(self) -> Drafts:
        """Drafts that wait for a second person."""
        return Drafts(self.engine)

    @property
    def refusals(self) -> Refusals:
        """The journal of refusals."""
        return Refusals(self.engine)
