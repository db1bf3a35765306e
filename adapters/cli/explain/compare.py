"""The register on two days, or as known at two times: `compare`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.date_options import AsOf, KnownAt, day, known_position, moment
from adapters.cli.common.output import Format, FormatOption, blank, number_of, show, shown, tell
from adapters.queries.comparison import comparison
from adapters.queries.moment import Moment
from adapters.queries.named.bodies import today
from projections.engine.comparison import StateDifference

LABELS: Mapping[str, str] = {
    "partnerships": "place",
    "policy_text": "provision",
    "proposals": "proposal",
    "decision_record": "proceedings",
}
"""Names of read models for people, if they differ from the stored names."""


def compare(
    first: Annotated[
        date | None, typer.Argument(parser=day, metavar="DATE", help="The earlier day.")
    ] = None,
    second: Annotated[
        date | None,
        typer.Argument(parser=day, metavar="DATE", help="The later day (default: today)."),
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
        at = moment(register, as_of, known_at, None)
        if known:
            earlier, later = (known_position(register, each, "--known") for each in known)
            before, after = Moment(at.on, earlier.position), Moment(at.on, later.position)
        else:
            before, after = (
                Moment(first or at.on, at.known),
                Moment(second or today(register), at.known),
            )
        if (before.on, before.known or 0) > (after.on, after.known or 0):
            raise typer.BadParameter("the earlier of two days, or times, comes first")
        found = list(comparison(register, before, after))
    if form is Format.TABLE:
        _print(found, before, after)
    else:
        show([_row(difference) for difference in found], {}, form)


def _row(difference: StateDifference) -> dict[str, Any]:
    return difference.model_dump(mode="json")


def _print(found: list[StateDifference], before: Moment, after: Moment) -> None:
    rows = [
        {
            "what": LABELS.get(difference.what, difference.what),
            "which": difference.key,
            "difference": "\n".join(_fields(difference)),
        }
        for difference in found
    ]
    tell(f"{number_of(len(found), 'difference')} between {_said(before)} and {_said(after)}.")
    if uncertain := sum(not (d.before_determinate and d.after_determinate) for d in found):
        tell(f"In {uncertain} of them one side is uncertain: all that may hold is shown.")
    if rows:
        blank()
        columns = {name: name for name in ("what", "which", "difference")}
        show(rows, columns, Format.TABLE, in_full=True)


def _said(at: Moment) -> str:
    return f"{at.on}" if at.known is None else f"{at.on} as known at position {at.known}"


def _fields(difference: StateDifference) -> Iterator[str]:
    before, after = difference.before, difference.after
    if before is None or after is None:
        sure = difference.before_determinate and difference.after_determinate
        maybe = "" if sure else " (uncertain)"
        yield f"{difference.change}{maybe}: {_headline(after or before or {})}"
        return
    if not before:
        was, now = difference.before_determinate, difference.after_determinate
        yield f"certain: {shown(was)} → {shown(now)}"
    for name, value in before.items():
        yield from _change(name.replace("_", " "), value, after[name])


def _change(name: str, before: Any, after: Any) -> Iterator[str]:
    """Yield the changes of a field: of terms and findings, only those that differ."""
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
    """Return the fields that say most about a new or removed row."""
    names = (
        *("name", "heading", "title", "says", "kind", "description", "established"),
        *("classification", "state", "stage", "step", "result", "basis"),
    )
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
