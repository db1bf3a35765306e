"""Whether the settings make sense and what they name can be reached: `config`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from adapters import settings as configuration
from adapters.bootstrap import check_bus, check_keys, check_log, check_views
from adapters.cli.output import Format, FormatOption, ending_in, show
from adapters.settings import PREFIX, Settings, without_password
from application.ports import Unavailable
from domain.kernel import Problem

config = typer.Typer(no_args_is_help=True)


class Unsound(Unavailable):
    """Not everything that the settings name can be used."""


@config.command("show")
def show_settings(form: FormatOption = Format.TABLE) -> None:
    """Show every setting, and where its value comes from."""
    chosen = configuration.load()
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
    chosen = configuration.load()
    checks: dict[str, Callable[[Settings], str]] = {
        "log": check_log,
        "read models": check_views,
        "key": check_keys,
        **({"bus": check_bus} if bus else {}),
    }
    rows: list[dict[str, object]] = []
    for name, attempt in checks.items():
        try:
            rows.append({"what": name, "sound": True, "says": attempt(chosen)})
        except Problem as problem:
            rows.append({"what": name, "sound": False, "says": f"{problem.title} {problem}"})
    unsound = tuple(row["what"] for row in rows if not row["sound"])
    with ending_in(Unsound(unsound=unsound) if unsound else None):
        show(rows, {name: name for name in ("what", "sound", "says")}, form)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(config, name="config", help="Show and check the settings.")
