"""Acts whose basis has changed since: `list basis-changed`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, cast

import typer

from adapters.bootstrap import Register, open_register
from adapters.cli.moments import AsOf, KnownAt, Moment, moment
from adapters.cli.output import Format, FormatOption, console, show
from domain.history import Recorded
from domain.kernel import Event, StreamId
from projections.policy_text import POLICY_TEXT, Provision
from projections.reliance import RELIANCE, Reliance, changed_since, in_force_then
from projections.timeline import Held, Phase


def list_basis_changed(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List acts whose provision was not in force then, or whose decision was changed since."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        rows = list(basis_changed(register, at))
    columns = {
        "on": "on",
        "entry": "act",
        "stream": "of",
        "decision": "decision",
        "provision": "provision",
        "rested_on": "rested on version",
        "in_force_then": "in force then",
        "changed": "changed since",
        "because": "because",
    }
    show(rows, columns, form)
    if form is Format.TABLE:
        acts = {(row["stream"], row["version"]) for row in rows}
        console().print(f"\n{len(acts)} acts rest on what was not so, as known now.")


def basis_changed(register: Register, at: Moment) -> Iterator[dict[str, Any]]:
    """Such acts as flat rows, one for each provision and each decision."""
    texts = register.reader(POLICY_TEXT)

    @cache
    def phases(address: str) -> Sequence[Phase[Provision]]:
        return texts.history(address, at.known)

    @cache
    def matter(name: str) -> Sequence[Recorded[Event]]:
        stream = StreamId(f"matter/{name}")
        entries = cast("Sequence[Recorded[Event]]", register.log.read(stream)[stream])
        return [e for e in entries if at.known is None or e.position <= at.known]

    for held in register.reader(RELIANCE).every(at.on, at.known):
        for ref in held.state.provisions:
            then = in_force_then(held.state.on, phases(ref.address))
            if ref.version not in {state.version for state in then}:
                yield {
                    **_act(held),
                    "provision": ref.address,
                    "rested_on": ref.version,
                    "in_force_then": then[0].version if then else None,
                    "changed": ["another version in force" if then else "not in force"],
                }
        for cited in held.state.authorities:
            change = changed_since(cited, matter(cited.matter), held.phase.known_from)
            if change:
                yield {
                    **_act(held),
                    "decision": f"{cited.matter}/{cited.decision}",
                    "changed": list(change.what),
                    "because": change.because,
                }


def _act(held: Held[Reliance]) -> dict[str, Any]:
    return {
        "on": str(held.state.on),
        "entry": held.state.entry,
        "stream": held.state.stream,
        "version": held.state.version,
        "decision": held.state.decision,
        "provision": None,
        "rested_on": None,
        "in_force_then": None,
        "changed": [],
        "because": None,
        "certain": held.certain,
    }


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("basis-changed")(list_basis_changed)
