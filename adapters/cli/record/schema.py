"""The schemas of files: `schema minutes`."""

from __future__ import annotations

import sys

import typer

schemas = typer.Typer(no_args_is_help=True, help="Print the schema of a file, for an editor.")


@schemas.command("minutes")
def minutes() -> None:
    """Print the JSON Schema of minutes files."""
    from adapters.minutes.schema import minutes_schema  # noqa: PLC0415  (only here)

    sys.stdout.write(minutes_schema())


@schemas.callback()
def schema() -> None:
    """Hold the schemas together."""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(schemas, name="schema")
