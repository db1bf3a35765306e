"""Acts whose basis has changed since: `list basis-changed`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import typer

from adapters.bootstrap import Register, open_register
from adapters.cli.moments import AsOf, KnownAt, moment, uncertain
from adapters.cli.output import Format, FormatOption, console, number_of, show
from adapters.moments import Moment, as_known
from domain.history import Recorded
from domain.kernel import DecisionRef, Event, ProvisionRef, StreamId
from projections.policy_text import POLICY_TEXT, Provision
from projections.reliance import (
    RELIANCE,
    ChangedDecision,
    Reliance,
    changed_since,
    in_force_then,
    no_longer_so,
)
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
        console().print(
            f"\n{number_of(len(acts), 'act')} resting on what was not so, as known now."
        )
        uncertain(rows, at)


def basis_changed(register: Register, at: Moment) -> Iterator[dict[str, Any]]:
    """Such acts as flat rows, one for each provision and each decision."""
    known = _Known(register, at)
    for held in register.reader(RELIANCE).every(at.on, at.known):
        for ref in held.state.provisions:
            yield from _on_provision(held, ref, known)
        itself = held.state.decision if held.state.entry == "decision-taken" else None
        if itself and (closed := known.no_longer_so(itself)):
            yield {**_act(held), "changed": list(closed.what), "because": closed.because}
        for cited in _behind(held.state, known):
            change = changed_since(cited, known.matter(cited.matter), held.phase.known_from)
            if change:
                yield {
                    **_act(held),
                    "decision": f"{cited.matter}/{cited.decision}",
                    "changed": list(change.what),
                    "because": change.because,
                }


class _Known:
    """Provisions and entries as far as they were known, each read once."""

    def __init__(self, register: Register, at: Moment) -> None:
        texts = register.reader(POLICY_TEXT)

        @cache
        def phases(address: str) -> Sequence[Phase[Provision]]:
            return texts.history(address, at.known)

        @cache
        def entries(stream: StreamId) -> Sequence[Recorded[Event]]:
            return as_known(register, (stream,), at)[stream]

        self.phases, self.entries = phases, entries

    def matter(self, name: str) -> Sequence[Recorded[Event]]:
        return self.entries(StreamId(f"matter/{name}"))

    def no_longer_so(self, decision: str) -> ChangedDecision | None:
        matter, _, name = decision.partition("/")
        return no_longer_so(name, self.matter(matter))


def _on_provision(
    held: Held[Reliance], ref: ProvisionRef, known: _Known
) -> Iterator[dict[str, Any]]:
    """A row where another version was in force, or where what decided on this one is no more so."""
    then = in_force_then(held.state.on, known.phases(ref.address))
    row = {**_act(held), "provision": ref.address, "rested_on": ref.version}
    row["in_force_then"] = then[0].version if then else None
    rested_on = next((state for state in then if state.version == ref.version), None)
    if rested_on is None:
        yield {**row, "changed": ["another version in force" if then else "not in force"]}
    elif rested_on.decision and (gone := known.no_longer_so(rested_on.decision)):
        changed = [f"{rested_on.decision}: {what}" for what in gone.what]
        yield {**row, "in_force_then": ref.version, "changed": changed, "because": gone.because}


def _behind(act: Reliance, known: _Known) -> Iterator[DecisionRef]:
    """The decisions that an act cites, and those behind each correction that led to it."""
    cited = dict.fromkeys(act.authorities)
    version = act.corrects
    while version is not None:
        corrected = known.entries(StreamId(act.stream))[version - 1].event.replaces
        if corrected and isinstance(corrected.authority, DecisionRef):
            cited[corrected.authority] = None
        version = corrected.version if corrected else None
    yield from cited


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
