"""The command `why`: explain a fact of the register by the events that led to it."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Annotated, Any

import typer

from adapters import clock
from adapters.bootstrap import open_register
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.fields import correcting
from adapters.cli.common.output import Format, console, show
from adapters.cli.common.people import naming
from adapters.queries.explanations import FORMS, Explanation, account_row, explain
from adapters.queries.matters import papers_silent
from adapters.queries.moment import evidence_of
from domain.shared.wordings import whose_words
from projections.explanation.account import Account, Role, Step


class Telling(StrEnum):
    """How an explanation is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PROV = "prov"


def why(
    fact: Annotated[str, typer.Argument(help=f"One of {', '.join(FORMS)}; any name will do.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: Annotated[
        Telling,
        typer.Option("--format", "-f", help="A table, rows for programs, or PROV-JSON (W3C)."),
    ] = Telling.TABLE,
) -> None:
    """Explain a fact: every event from which it follows, in the order of days.

    Each step is marked: it changed the fact, proposed it, allowed it, came after it, or only spoke
    of it.
    """
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        explanation = explain(register, fact, at)
        evidence = evidence_of(register, at.known) if form is Telling.PROV else ""
        named = naming(register)
    match form:
        case Telling.JSON:
            told = account_row(explanation).plain()
            sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        case Telling.CSV:
            steps = account_row(explanation).steps
            show([step.plain() for step in steps], {}, Format.CSV)
        case Telling.PROV:
            from adapters.exports.prov import prov_json  # noqa: PLC0415  (heavy)

            sys.stdout.write(prov_json(explanation.account, explanation.bodies, evidence) + "\n")
        case Telling.TABLE:
            _print(explanation, named)


def _print(explanation: Explanation, named: Callable[[str], str]) -> None:
    account = explanation.account
    say = console().print
    say(_so(account), style="bold")
    steps = "1 step" if len(account.steps) == 1 else f"{len(account.steps)} steps"
    say(f"{steps} in the order of days: {account.summed}.")
    for _, alike in groupby(account.steps, key=_together):
        first, *further = alike
        lines = _several(first, further) if further else _story(first, explanation.bodies)
        for line in lines:
            say(_folded(named(line)), style="dim" if first.role is Role.ALLOWS else None)
    if silent := papers_silent(s for s in account.steps if s.role is not Role.ALLOWS):
        say()
        say(_folded(silent))
    if told := whose_words((f"step {s.number}", w) for s in account.steps for w in s.wordings):
        say()
        for sentence in told:
            say(_folded(sentence))


def _together(step: Step) -> tuple[object, ...]:
    """Return steps in a row that only allow the change, such as many places, as one line."""
    if step.role is Role.ALLOWS and step.kind == "effect" and not step.passages:
        return (step.item, str(step.on))
    return (step.number,)


def _several(first: Step, further: Sequence[Step]) -> Iterator[str]:
    says = "; ".join(step.says for step in (first, *further))
    numbers = f"{first.number}.-{further[-1].number}. {first.on}"
    what = f"{first.role.mark}: {len(further) + 1} {first.item}"
    yield ""
    yield f"{numbers}  {what}: {says} (positions {first.position} to {further[-1].position})"


def _folded(line: str) -> str:
    """Return a line wrapped at the terminal's width, indented as deeply as its beginning."""
    indent = " " * (len(line) - len(line.lstrip(" ")) + 2)
    return textwrap.fill(line, console().width, subsequent_indent=indent, break_on_hyphens=False)


def _so(account: Account) -> str:
    on = account.as_of
    texts = "; ".join(text.removesuffix(".") for text in account.proposed)
    proposed = f"; proposed: {texts}" if texts else ""
    if account.candidates == (None,):
        kind = account.fact.partition("/")[0]
        return f"{account.fact}: {_NOTHING.get(kind, 'nothing')} on {on}{proposed}."
    said = " or ".join(_state(state).removesuffix(".") for state in account.candidates)
    if account.determinate:
        return f"{account.fact} on {on}: {said}{proposed}."
    return (
        f"{account.fact}: uncertain on {on}, it is {said}{proposed}. The record knows the "
        "day no better than that."
    )


_NOTHING = {"provision": "nothing in force", "partnership": "no partnership"}
"""The words that say that a fact of a kind is not there."""


def _state(state: Any) -> str:
    match state:
        case None:
            return "nothing"
        case True | False:
            return "yes" if state else "no"
        case {"text": text, "version": version, "heading": heading}:
            return f"version {version}, {heading}: {text}"
        case dict():
            said = {name.replace("_", " "): _state(value) for name, value in state.items()}
            return ", ".join(f"{name} {value}" for name, value in said.items())
        case list():
            return " and ".join(map(_state, state)) or "none"
        case _:
            return str(state)


def _story(step: Step, names: Mapping[int, str]) -> Iterator[str]:
    """Yield a step as a person reads it: what, by whom, where it stands, who recorded it."""
    named = " (only by name, in its text)" if step.by_name else ""
    voted = f", {step.voted}" if step.voted else ""
    result = f" [{step.result}{voted}]" if step.result else ""
    head = f"{step.number}. {step.on}  {step.role.mark}: {step.kind} {step.item}{result}"
    if step.role is Role.ALLOWS:
        yield ""
        yield f"{head}: {step.relation}: {step.says} (position {step.position})"
        yield from (f"   > {passage}" for passage in step.passages)
        return
    who = " / ".join(each for each in (names.get(step.number, step.body), step.by) if each)
    yield ""
    yield f"{head}: {step.relation}{named}"
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
        yield f"   {correcting(step.correction)}"
    if step.cites:
        places = (f"{c.document}, {c.place}" if c.place else c.document for c in step.cites)
        yield f"   cites: {'; '.join(places)}"
    at = clock.recorded_time_shown(step.recorded_at)[:19]
    yield f"   recorded by {step.actor} at {at}Z as {step.command} (position {step.position})"


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(why)
