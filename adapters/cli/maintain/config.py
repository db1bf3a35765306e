"""Check of the settings, and of the servers and files that they name: `config`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer

from adapters import settings
from adapters.addresses import without_password
from adapters.bootstrap import open_bus, open_register, open_views
from adapters.bootstrap_log import log_warnings
from adapters.cli.common.output import Format, FormatOption, ending_in, show
from adapters.keys import prove
from adapters.settings import PREFIX, Settings
from application.ports import Unavailable
from domain.shared.problems import Problem

config = typer.Typer(no_args_is_help=True)


class Unsound(Unavailable):
    """Not everything that the settings name can be used."""

    unsound: tuple[object, ...]


@config.command("show")
def show_settings(form: FormatOption = Format.TABLE) -> None:
    """Show every setting, and where its value comes from."""
    chosen = settings.load()
    rows = [
        {
            "setting": f"{PREFIX}{name.upper()}",
            "value": without_password(str(value)) if (value := getattr(chosen, name)) else None,
            "from": "environment" if name in chosen.model_fields_set else "default",
            "meaning": field.description,
        }
        for name, field in Settings.model_fields.items()
    ]
    show(rows, {name: name for name in ("setting", "value", "from", "meaning")}, form)


@config.command()
def check(
    form: FormatOption = Format.TABLE,
    bus: Annotated[bool, typer.Option(help="Try the bus as well.")] = True,
) -> None:
    """Try everything that the settings name; an exit code of 6 says that something is wrong."""
    chosen = settings.load()
    checks: dict[str, Callable[[Settings], str]] = {
        "log": _log,
        "read models": _read_models,
        "key": _key,
        **({"bus": _bus} if bus else {}),
    }

    def row(name: str) -> dict[str, object]:
        try:
            return {"what": name, "sound": True, "says": checks[name](chosen)}
        except Problem as problem:
            return {"what": name, "sound": False, "says": f"{problem.title} {problem}"}

    # at once: each may wait ten seconds for the same silent server
    with ThreadPoolExecutor(len(checks)) as threads:
        rows = list(threads.map(row, checks))
    unsound = tuple(row["what"] for row in rows if not row["sound"])
    with ending_in(Unsound(unsound=unsound) if unsound else None):
        show(rows, {name: name for name in ("what", "sound", "says")}, form)


def _log(settings: Settings) -> str:
    with open_register(settings) as register:
        stands = f"epoch {register.log.epoch()}, position {register.log.head()}"
    return "; ".join([stands, *log_warnings(settings)])


def _read_models(settings: Settings) -> str:
    with open_views(settings) as views:
        return f"tables: {len(views.registered())}"


def _key(settings: Settings) -> str:
    with open_register(settings) as register:
        return prove(settings.keys, register.log)


def _bus(settings: Settings) -> str:
    with open_bus(settings) as bus:
        subscribers = tuple(bus.subscribers.statuses())
        return "; ".join([f"subscribers: {len(subscribers)}", *bus.warnings()])


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(config, name="config", help="Show and check the settings.")
