"""Every command that a minutes file may give has a handler, and no other has."""

from __future__ import annotations

from application.handlers.table import HANDLERS
from domain.catalogue import commands


def test_every_command_is_handled() -> None:
    assert set(HANDLERS) == set(commands.values())
