"""The register on two days, or as known at two times: `compare`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any

import typer

from adapters import clock
from adapters.bootstrap import Register, open_register
from adapters.cli.moments import AsOf, KnownAt, day, moment, position
from adapters.cli.output import Format, FormatOption, console, number_of, show, shown
from adapters.moments import Moment, whole
from projections.compare import Difference, differences
from projections.decision_record import DECISION_RECORD
from projections.mentions import MENTIONS
from projections.models import MODELS
from projections.reliance import RELIANCE

LABELS: Mapping[str, str] = {
    "register": "place",
    "policy_text": "provision",
    "proposals": "proposal",
    "decision_record": "proceedings",
}
"""What people call a read model's rows, where its name is not that."""

NOT_COMPARED = (MENTIONS.name, RELIANCE.name)
"""What only leads to other rows, and what acts rest on, which `list basis-changed` judges."""

WITHOUT: Mapping[str, frozenset[str]] = {DECISION_RECORD.name: frozenset({"detail"})}
"""Fields that say again what others say."""


def compare(
    first: Annotated[
        date | None, typer.Argument(parser=day, metavar="DATE", help="The earlier day.")
    ] = None,
    second: Annotated[
        date | None,
        typer.Argument(parser=day, metavar="DATE", help="The later day; today unless said."),
    ] = None,
    known: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--known",
            metavar="T1 T2",
            help="Compare two states of knowledge instead, at recorded times or positions.",
        ),
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Compare the register on two days, or as known at two times.

    Either two days, both as known now or at --known-at; or --known with two recorded times or
    positions, both as of today or --as-of.
    """
    if (first is None) == (known is None):
        raise typer.BadParameter("give one or two days, or --known with two times")
    if (known and known_at) or (first and as_of):
        raise typer.BadParameter("--known-at goes with two days, --as-of with --known")
    with open_register() as register:
        at = moment(register, as_of, known_at)
        if known:
            before, after = (Moment(at.on, whole(register, position(register, k))) for k in known)
        else:
            before, after = (
                Moment(first or at.on, at.known),
                Moment(second or clock.today(), at.known),
            )
        found = list(_differences(register, before, after))
    if form is Format.TABLE:
        _print(found, before, after)
    else:
        show([_row(difference) for difference in found], {}, form)


def _differences(register: Register, before: Moment, after: Moment) -> Iterator[Difference]:
    for model in MODELS:
        if model.name not in NOT_COMPARED:
            reader = register.reader(model)
            yield from differences(
                model.name,
                reader.every(before.on, before.known),
                reader.every(after.on, after.known),
                WITHOUT.get(model.name, frozenset()),
            )


def _row(difference: Difference) -> dict[str, Any]:
    return difference.model_dump(mode="json")


def _print(found: list[Difference], before: Moment, after: Moment) -> None:
    say = console().print
    rows = [
        {
            "what": LABELS.get(difference.what, difference.what),
            "which": difference.key,
            "difference": "\n".join(_fields(difference)),
        }
        for difference in found
    ]
    if rows:
        show(rows, {"what": "what", "which": "which", "difference": "difference"}, Format.TABLE)
    say(f"\n{number_of(len(found), 'difference')} between {_said(before)} and {_said(after)}.")
    if uncertain := sum(not (d.before_determinate and d.after_determinate) for d in found):
        say(f"In {uncertain} of them one side is not determinate: all that may hold is shown.")


def _said(at: Moment) -> str:
    return f"{at.on}" if at.known is None else f"{at.on} as known at position {at.known}"


def _fields(difference: Difference) -> Iterator[str]:
    before, after = difference.before, difference.after
    if before is None or after is None:
        sure = difference.before_determinate and difference.after_determinate
        maybe = "" if sure else " (not determinate)"
        yield f"{difference.change}{maybe}: {_headline(after or before or {})}"
        return
    if not before:
        was, now = difference.before_determinate, difference.after_determinate
        yield f"certain: {shown(was)} → {shown(now)}"
    for name, value in before.items():
        yield from _change(name.replace("_", " "), value, after[name])


def _change(name: str, before: Any, after: Any) -> Iterator[str]:
    """What became of a field; of terms each one, and of findings and the like those that differ."""
    match before, after:
        case dict(), dict() if not _unsure(before) and not _unsure(after):
            for key in dict.fromkeys((*before, *after)):
                if before.get(key) != after.get(key):
                    yield f"{name}, {key}: {_cell(before.get(key))} → {_cell(after.get(key))}"
        case list(), list() if any(isinstance(each, dict) for each in (*before, *after)):
            yield from (f"{name}, gone: {_cell(each)}" for each in before if each not in after)
            yield from (f"{name}, new: {_cell(each)}" for each in after if each not in before)
        case _:
            yield f"{name}: {_cell(before)} → {_cell(after)}"


def _headline(row: Mapping[str, Any]) -> str:
    """What tells most of a row that is new or gone."""
    names = ("name", "heading", "title", "says", "established", "classification", "result", "basis")
    return ", ".join(_cell(row[name]) for name in names if row.get(name))


def _cell(value: Any) -> str:
    match value:
        case {"not determinate": several}:
            return " or ".join(map(_cell, several))
        case {"rule": rule, "answer": answer, "reason": reason}:
            return f"{rule} {answer}: {reason}"
        case dict():
            return ", ".join(_cell(each) for each in value.values() if each is not None)
        case []:
            return shown(None)
        case list():
            return "; ".join(map(_cell, value)) if any(map(_nested, value)) else shown(value)
        case _:
            return shown(value)


def _nested(value: Any) -> bool:
    return isinstance(value, dict)


def _unsure(value: Any) -> bool:
    return "not determinate" in value


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(compare)
