"""Reasons: `why`."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from adapters import clock
from adapters.bootstrap import open_register
from adapters.cli.facts import FORMS, bodies, explain
from adapters.cli.moments import AsOf, KnownAt, moment
from adapters.cli.output import Format, console, show
from projections.steps import Account, Role, Step


class Telling(StrEnum):
    """How an explanation is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PROV = "prov"


def why(
    fact: Annotated[str, typer.Argument(help=f"One of {', '.join(FORMS)}.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: Annotated[
        Telling,
        typer.Option("--format", "-f", help="A table, rows for programs, or PROV-JSON (W3C)."),
    ] = Telling.TABLE,
) -> None:
    """Explain a fact: who decided it, on what papers, and who recorded it.

    What changed the fact is kept apart from what only speaks of it.
    """
    with open_register() as register:
        at = moment(register, as_of, known_at)
        account = explain(register, fact, at)
        names = bodies(register, at)
    match form:
        case Telling.JSON:
            sys.stdout.write(json.dumps(told(account), ensure_ascii=False, indent=2) + "\n")
        case Telling.CSV:
            show([_row(step) for step in account.steps], {}, Format.CSV)
        case Telling.PROV:
            from adapters.provenance import prov_json  # noqa: PLC0415  (heavy)

            sys.stdout.write(prov_json(account, names) + "\n")
        case Telling.TABLE:
            _print(account, names)


def told(account: Account) -> dict[str, Any]:
    """An explanation for programs: the steps by their role, each with its number in the chain."""
    steps = [(step.role, _row(step)) for step in account.steps]
    return {
        **account.model_dump(mode="json", exclude={"steps"}),
        **{role.value: [row for its, row in steps if its is role] for role in Role},
    }


def _row(step: Step) -> dict[str, Any]:
    row = step.model_dump(mode="json")
    return {**row, "recorded_at": clock.shown(step.recorded_at)}


_HEADINGS = {
    Role.CHANGES: "What changed it, or the proposal that became it",
    Role.PROPOSES: "What would change it and has not",
    Role.CITES: "What speaks of it and changed nothing",
    Role.CORRECTED: "What was entered by mistake and corrected",
}


def _print(account: Account, names: Mapping[str, str]) -> None:
    say = console().print
    say(_so(account), style="bold")
    for role, heading in _HEADINGS.items():
        if steps := account.of(role):
            say(f"\n{heading}", style="underline")
            for step in steps:
                for line in _story(step, names):
                    say(_folded(line))


def _folded(line: str) -> str:
    """A line as wide as the terminal, its continuation indented as deeply as its beginning."""
    indent = " " * (len(line) - len(line.lstrip(" ")) + 2)
    return textwrap.fill(line, console().width, subsequent_indent=indent, break_on_hyphens=False)


def _so(account: Account) -> str:
    on = account.as_of
    texts = "; ".join(text.removesuffix(".") for text in account.proposed)
    proposed = f"; proposed: {texts}" if texts else ""
    if account.candidates == (None,):
        return f"{account.fact}: nothing in force on {on}{proposed}."
    said = " or ".join(_state(state).removesuffix(".") for state in account.candidates)
    if account.determinate:
        return f"{account.fact} on {on}: {said}{proposed}."
    return (
        f"{account.fact}: not determinate on {on}, it is {said}{proposed}. The record knows the "
        "day no better than that."
    )


def _state(state: Any) -> str:
    if state is None:
        return "nothing"
    if isinstance(state, dict):
        if "text" in state:
            return f"version {state['version']}, {state['heading']}: {state['text']}"
        return ", ".join(f"{n.replace('_', ' ')} {_state(v)}" for n, v in state.items())
    return {True: "yes", False: "no"}.get(state, str(state)) if state in (True, False) else state


def _story(step: Step, names: Mapping[str, str]) -> Iterator[str]:
    """A step as a person reads it: what, by whom, where it stands, who recorded it."""
    who = " / ".join(each for each in (names.get(step.body or "", step.body), step.by) if each)
    named = " (only by name, in its text)" if step.by_name else ""
    result = f" [{step.result}]" if step.result else ""
    yield ""
    yield f"{step.number}. {step.on}  {step.kind} {step.item}{result}: {step.relation}{named}"
    yield f"   {who}: {step.says}" if who else f"   {step.says}"
    if step.on != step.effective_from and step.kind in ("decision", "effect"):
        yield f"   takes hold: {step.effective_from}"
    for passage in step.passages:
        yield f"   > {passage}"
    for finding in step.findings:
        provision = f" ({finding.provision})" if finding.provision else ""
        yield f"   rule {finding.rule}: {finding.answer} – {finding.reason}{provision}"
    if step.provisions:
        yield f"   provisions: {', '.join(map(str, step.provisions))}"
    if step.declared:
        yield f"   as moved it reads:    {step.computed}"
        yield f"   declared and entered: {step.declared}"
    if step.correction:
        yield f"   corrects entry {step.correction.version} of its stream: {step.correction.reason}"
    if step.cites:
        places = (f"{c.document}, {c.place}" if c.place else c.document for c in step.cites)
        yield f"   cites: {'; '.join(places)}"
    at = clock.shown(step.recorded_at)[:19]
    yield f"   recorded by {step.actor} at {at}Z as {step.command} (position {step.position})"


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(why)
