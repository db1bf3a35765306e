"""Two states of the policy compared: `policy diff`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import worded
from adapters.cli.common.date_options import KnownAt, moment
from adapters.cli.common.output import Format, FormatOption, blank, number_of, show, shown, tell
from adapters.queries.policy.changes import Cause, ChangeRow, policy_changes
from adapters.queries.policy.redline import Change, Segment, marked_text

if TYPE_CHECKING:
    from rich.text import Text


def diff(
    before: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="A day (2001-12-06), a stage (submitted, recommended, adopted; with @MATTER where "
            "there are several) or, with a provision, a version (v1).",
        ),
    ],
    after: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    provision: Annotated[
        str | None, typer.Argument(help="One provision, such as outbound/2 (default: all).")
    ] = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Compare two states of the policy word by word, and name what lies between them."""
    with open_register() as register:
        at = moment(register, None, known_at, form)
        rows, same = policy_changes(register, before, after, at, provision)
    if form is not Format.TABLE:
        show(rows, {}, form)
        return
    sure = sum(row.certain for row in rows)
    may = f", {len(rows) - sure} that may differ" if sure < len(rows) else ""
    if rows:
        tell(f"Between {before} and {after}: {sure} differing{may}, {same} the same.")
    else:
        tell(f"Nothing differs between {before} and {after} ({number_of(same, 'provision')}).")
    for row in rows:
        blank()
        _tell(row)
    if rows:
        worded(text for row in rows for text in row.wordings)


def _tell(row: ChangeRow) -> None:
    change = row.change if row.certain else f"may have been {row.change}: uncertain"
    tell(_line(f"{row.provision}, ", row.heading, f" ({change})"))
    tell(_line("", row.text), indent=2)
    for number, item in enumerate(row.items, 1):
        tell(_line(f"{number}. ", item), indent=2)
    for term in row.terms:
        tell(_line(f"{term.term}: ", _replaced(term.before, term.after)), indent=2)
    for cause in row.causes:
        tell(f"by {_named(cause)}", indent=2)


def _replaced(before: object, after: object) -> Iterable[Segment]:
    if before is not None:
        yield Segment(change=Change.DELETED, text=shown(before))
    if after is not None:
        yield Segment(change=Change.INSERTED, text=shown(after))


def _named(cause: Cause) -> str:
    said = f"{cause.kind} {cause.name} ({cause.body}, {cause.on})"
    if cause.kind == "motion":
        said += f", moved by {cause.mover}" if cause.mover else ", the papers name no mover"
    return f"{said}, after {', '.join(cause.documents)}" if cause.documents else said


_STYLES = {Change.KEPT: "", Change.DELETED: "red strike", Change.INSERTED: "green underline"}


def _line(before: str, segments: Iterable[Segment], after: str = "") -> Text:
    """Return the changed text in colour for a terminal, with marks for a file or a pipe."""
    from rich.text import Text  # noqa: PLC0415  (heavy: only where it is shown)

    if not sys.stdout.isatty():
        return Text(f"{before}{marked_text(segments)}{after}")
    coloured = ((part.text, _STYLES[part.change]) for part in segments)
    return Text.assemble(before, *coloured, after)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(diff)
