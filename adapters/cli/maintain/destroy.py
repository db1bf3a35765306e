"""`destroy`: personal values of one subject, for good."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from adapters.bootstrap import Register, destroy_personal_data, open_register
from adapters.cli.common.output import console, number_of
from adapters.queries.entries import deciding_body_of
from domain.shared.messages import DecisionRef
from domain.shared.problems import Invalid


class NoSuchDecision(Invalid):
    """No decision of this name is recorded: `alliance list decisions` has them.

    Nothing is destroyed.
    """

    decision: str


def destroy(
    subject: Annotated[
        str,
        typer.Argument(
            help="The name as recorded, or the pseudonym; `-` reads it from standard input."
        ),
    ],
    decision: Annotated[str, typer.Option(help="The decision to destroy it, as matter/decision.")],
) -> None:
    """Destroy the personal values of one subject, and their key, for good.

    Every decision and every proof stands: the events keep digests, which tell nothing any more.
    Drafts, the journal of refusals and names of who signs in lose the value too.
    Backups of the log hold nothing that can be read; destroy older backups of the keys yourself.
    """
    words = sys.stdin.readline().strip() if subject == "-" else subject
    with open_register() as register:
        register.catch_up()
        name, parts, erased = destroy_personal_data(register, words, _reference(register, decision))
    console().print(
        f"{name}: {number_of(parts, 'personal value')} and the key are destroyed, by {decision}."
    )
    if erased:
        held = number_of(erased, "draft, refusal or name", "drafts, refusals and names")
        console().print(f"  erased beside the log: {held}; drafts that waited are withdrawn.")


def _reference(register: Register, decision: str) -> DecisionRef:
    matter, _, name = decision.partition("/")
    body = deciding_body_of(register, decision)
    if body == "unknown":
        raise NoSuchDecision(decision=decision)
    return DecisionRef(matter=matter, decision=name, body=body)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(destroy)
