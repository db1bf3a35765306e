"""Two states of the policy compared: `policy diff`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.moments import KnownAt, moment
from adapters.cli.output import Format, FormatOption, number_of, show, shown, tell
from adapters.exports.policy_changes import Cause, Changed, changes
from adapters.exports.policy_states import States
from adapters.exports.redline import Change, Segment, marked

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
        str | None, typer.Argument(help="One provision, such as outbound/2; all unless said.")
    ] = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Compare two states of the policy word by word, and name what lies between them."""
    with open_register() as register:
        states = States(register, moment(register, None, known_at).known)
        one, other = (states.find(name, provision) for name in (before, after))
        found = list(changes(states, one, other))
        untouched = len(one.texts.keys() | other.texts.keys()) - len(found)
    if form is not Format.TABLE:
        show([each.row() for each in found], {}, form)
        return
    for each in found:
        _tell(each)
    if found:
        tell(f"Between {before} and {after}: {len(found)} differing, {untouched} the same.")
    else:
        tell(f"Nothing differs between {before} and {after} ({number_of(untouched, 'provision')}).")


def _tell(changed: Changed) -> None:
    tell(_line(f"{changed.address}, ", changed.heading, f" ({changed.change})"))
    tell(_line("", changed.text), indent=2)
    for number, item in enumerate(changed.items, 1):
        tell(_line(f"{number}. ", item), indent=2)
    for name, before, after in changed.terms:
        tell(_line(f"{name}: ", _replaced(before, after)), indent=2)
    for cause in changed.causes:
        tell(f"by {_named(cause)}", indent=2)
    sys.stdout.write("\n")


def _replaced(before: object, after: object) -> Iterable[Segment]:
    if before is not None:
        yield Segment(Change.DELETED, shown(before))
    if after is not None:
        yield Segment(Change.INSERTED, shown(after))


def _named(cause: Cause) -> str:
    said = f"{cause.kind} {cause.name} ({cause.body}, {cause.on})"
    if cause.kind == "motion":
        said += f", moved by {cause.mover}" if cause.mover else ", its mover not recorded"
    return f"{said}, after {', '.join(cause.documents)}" if cause.documents else said


_STYLES = {Change.KEPT: "", Change.DELETED: "red strike", Change.INSERTED: "green underline"}


def _line(before: str, segments: Iterable[Segment], after: str = "") -> Text:
    """In colour on a terminal, with marks in a file or a pipe."""
    from rich.text import Text  # noqa: PLC0415  (heavy: only where it is shown)

    if not sys.stdout.isatty():
        return Text(f"{before}{marked(segments)}{after}")
    coloured = ((text, _STYLES[change]) for change, text in segments)
    return Text.assemble(before, *coloured, after)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(diff)
