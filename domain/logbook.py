"""What happened to the log itself, told in the log's own stream."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from domain.kernel import Fact, StreamId

LOG = StreamId("log")
"""The stream of a register in which such facts are recorded."""


class EpochOpened(Fact):
    """A backup was restored: what the earlier epoch recorded after `restored_through` is not here.

    Followers that read further than that in an earlier epoch must be built again.
    """

    TOPIC: ClassVar[str] = "epoch-opened.v2"

    epoch: str
    previous: str
    restored_through: int = Field(ge=0)
    backup: str | None
    """SHA-256 of the backup, as `alliance backup` says it; the first version did not record it."""
    reason: str
