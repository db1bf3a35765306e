"""The registers of a log, and how each stands: `registers`."""

from __future__ import annotations

from collections.abc import Mapping

import typer

from adapters.bootstrap_registers import Standing, carried, standings
from adapters.cli.common.output import Format, FormatOption, show
from application.followers import Lag
from application.ports import Unavailable


class NotAllStand(Unavailable):
    """Some registers of the log cannot be asked; the list says why."""

    registers: tuple[str, ...]


def registers(form: FormatOption = Format.TABLE) -> None:
    """List the registers of this log: entries, size, and how far what follows them is behind.

    Those that ALLIANCE_REGISTERS names, else all of the log.
    """
    found = list(standings(carried(default="*")))
    columns = ("register", "events", "size", "position", "read_models", "relay", "problem")
    show([_row(each) for each in found], {name: name.replace("_", " ") for name in columns}, form)
    if broken := tuple(each.register for each in found if each.problem):
        raise NotAllStand(registers=broken)


def _row(standing: Standing) -> Mapping[str, object]:
    models = [lag for name, lag in standing.behind.items() if name != "relay"]
    return {
        "register": standing.register,
        "events": standing.events,
        "size": standing.size,
        "position": standing.position,
        "read_models": _behind(*models),
        "relay": _behind(*filter(None, (standing.behind.get("relay"),))),
        "problem": standing.problem,
    }


def _behind(*lags: Lag) -> int | None:
    """Return how many entries the last of them is behind; none if it is not known."""
    return max((lag.entries for lag in lags), default=None)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(registers)
