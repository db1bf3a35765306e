"""The policy: `policy [PROVISION]`, and `policy diff` between two of its states."""

from __future__ import annotations

import typer

from adapters.cli.common.lazy_commands import Table, grouped

COMMANDS: Table = {
    "adapters.cli.ask.policy_text": {
        "text": "Show the policy in force, or one provision with how it came to say what it says.",
    },
    "adapters.cli.ask.policy_diff": {
        "diff": "Compare two states of the policy word by word, and name what lies between them.",
    },
    "adapters.cli.ask.policy_history": {
        "history": "Show every version of a provision, and what changed from each to the next.",
    },
}
"""Its commands and the modules they are in, as in `adapters.cli.main`."""

HELP = (
    "Show the policy, or compare two states of it. `alliance policy outbound/2` shows one "
    "provision, as `policy text outbound/2` does."
)


def register(app: typer.Typer) -> None:
    """Add these commands: `policy outbound/2` means `policy text outbound/2`."""
    group = grouped(COMMANDS, HELP, unless_said="text")
    app.add_typer(group, name="policy")
