"""The one register of a command that runs until stopped, or each that ALLIANCE_REGISTERS names."""

from __future__ import annotations

from collections.abc import Callable

from adapters import bootstrap_registers, settings
from adapters.cli.common.until_stopped import until_told, when_there
from adapters.settings import Settings
from application.ports import Stop
from application.turns import TURN_SECONDS


def work_until_stopped(
    work: Callable[[Settings, Stop], bool], turn_seconds: float = TURN_SECONDS
) -> None:
    """Work for the one register, or for each of several in turn, until told to stop.

    `work` returns true if something is left to do when its `Stop` is set. Of several registers one
    that fails is named and tried again, and the others go on.
    """
    stop = until_told()
    chosen = settings.load()
    if not chosen.registers:
        when_there(lambda: work(chosen, stop), stop)
        return
    bootstrap_registers.carried()  # a mistake in the settings ends the command
    bootstrap_registers.carry(chosen, work, stop, turn_seconds)
