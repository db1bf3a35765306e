"""`list` and `show`, each a table of its own commands."""

from __future__ import annotations

import typer

from adapters.cli.common.lazy_commands import Table, grouped

LISTED: Table = {
    "adapters.cli.ask.partnerships": {
        "partnerships": "List partnerships, and beside them the targeted cities, which are none.",
        "targeted": "List targeted cities: informal relationships, with no agreement.",
        "categories": "List the categories that the policy names, and what each implies.",
    },
    "adapters.cli.ask.matters": {
        "matters": "List matters, and how each stands.",
        "decisions": "List what the bodies decided.",
        "motions": "List the motions, and what became of each.",
        "explorations": "List what is being explored, and where a report is owed.",
    },
    "adapters.cli.ask.provisions": {
        "provisions": "List the provisions in force, or what was proposed before any were.",
    },
    "adapters.cli.ask.basis_changed": {
        "basis-changed": "List acts that rested on what is known to be otherwise now.",
    },
    "adapters.cli.ask.discrepancies": {
        "discrepancies": "List where the sources disagree with each other, and what settled it.",
    },
    "adapters.cli.ask.studies": {
        "studies": "List the editions of studies that reports cite.",
    },
    "adapters.cli.record.documents": {
        "documents": "List the originals that papers name by digest, and which are attached.",
    },
    "adapters.cli.ask.bodies": {
        "bodies": "List the bodies of a day, and former ones with their successors.",
    },
    "adapters.cli.ask.missions": {
        "missions": "List missions, outbound and inbound, and how far each is.",
    },
    "adapters.cli.ask.plan": {
        "plans": "List every year's plan, and how far each is.",
    },
    "adapters.cli.ask.requests": {
        "requests": "List requests for a relationship, and how far each is.",
        "agreements": "List agreements: of which kind, with whom, since when and until when.",
    },
}
SHOWN: Table = {
    "adapters.cli.ask.partnerships": {
        "partnership": "Show one city's relationship, and how it came about.",
    },
    "adapters.cli.ask.matters": {
        "matter": "Show a matter from first report to disposition.",
        "exploration": "Show one exploration, and every step with all that it says.",
    },
    "adapters.cli.ask.discrepancies": {
        "discrepancy": "Show one discrepancy with its places, and which decision settled it.",
    },
    "adapters.cli.ask.studies": {
        "study": "Show a study as it is cited: its tiers, and the marks beside its cities.",
    },
    "adapters.cli.record.documents": {
        "document": "Show an attached document's name and paper, or write its bytes to a file.",
    },
    "adapters.cli.ask.bodies": {
        "body": "Show one body on a day, or its end and its successors.",
    },
    "adapters.cli.ask.missions": {
        "mission": "Show one mission: its steps, travellers, budget and findings.",
    },
    "adapters.cli.ask.requests": {
        "request": "Show one request: who asks for what, and every step with all that it says.",
        "agreement": "Show one agreement: parties, signatures, roles, and every step.",
    },
}
"""Every command of a group and the module it is in, as in `adapters.cli.main`."""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(
        grouped(LISTED, "List what stands on a day (default: today, as known now)."), name="list"
    )
    app.add_typer(
        grouped(SHOWN, "Show one thing whole: a partnership, a matter, a mission."), name="show"
    )
