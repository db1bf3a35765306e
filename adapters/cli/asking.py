"""What stands: `list` and `show`, each a table of its own commands."""

from __future__ import annotations

import typer

from adapters.cli.lazily import Table, grouped

LISTED: Table = {
    "adapters.cli.partnerships": {
        "partnerships": "List partnerships, and beside them the targeted cities, which are none.",
        "targeted": "List targeted cities: informal relationships, with no agreement.",
    },
    "adapters.cli.matters": {
        "matters": "List matters, and how each stands.",
        "decisions": "List what the bodies decided.",
        "explorations": "List what is being explored, and where a report is owed.",
    },
    "adapters.cli.provisions": {
        "provisions": "List the provisions in force, or what was proposed before any were.",
    },
    "adapters.cli.relying": {
        "basis-changed": "List acts that rested on a version not in force then, as is known now.",
    },
    "adapters.cli.disagreeing": {
        "discrepancies": "List where the sources disagree with themselves, and what settled it.",
    },
}
SHOWN: Table = {
    "adapters.cli.partnerships": {
        "partnership": "Show one city's relationship, and how it came about.",
    },
    "adapters.cli.matters": {
        "matter": "Show a matter from first report to disposition.",
    },
    "adapters.cli.disagreeing": {
        "discrepancy": "Show one discrepancy with its places, and which decision settled it.",
    },
}
"""Every command of a group and the module it is in, as in `adapters.cli.main`."""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(grouped(LISTED, "List what stands, on a day, as then known."), name="list")
    app.add_typer(
        grouped(SHOWN, "Show one partnership, matter or discrepancy, whole."), name="show"
    )
