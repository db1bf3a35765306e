"""How an answer is written: the summary first, then the table, then what is uncertain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import TypeVar

from adapters.bootstrap import Register
from adapters.cli.common.output import Format, blank, show, tell
from adapters.queries.moment import Moment
from adapters.queries.rows import DatedRow
from domain.shared.wordings import whose_words

R = TypeVar("R", bound=DatedRow)


def asked(
    question: Callable[..., Sequence[R]], register: Register, at: Moment, **filters: object
) -> tuple[Sequence[R], str]:
    """Return the rows of a question, and a sentence on the filters that left none."""
    given = {name: value for name, value in filters.items() if value is not None}
    rows = question(register, at, **given)
    if rows or not given:
        return rows, ""
    every = len(question(register, at))
    if not every:
        return rows, f"There are none on {at.on} with any filter."
    alone = [(n, v) for n, v in given.items() if not question(register, at, **{n: v})]
    named = " and ".join(_option(name, value) for name, value in alone or given.items())
    if alone:
        return rows, f"{_none_of(every, at)} {named}."
    return rows, f"{_none_of(every, at)} {named} together."


def _none_of(every: int, at: Moment) -> str:
    if every == 1:
        return f"The only one on {at.on} does not match"
    return f"None of the {every} on {at.on} matches"


def _option(name: str, value: object) -> str:
    said = str(value.value if isinstance(value, Enum) else value)
    return f"--{name.replace('_', '-')} " + (repr(said) if " " in said else said)


def answer(
    rows: Sequence[R],
    of: type[R],
    columns: Mapping[str, str],
    form: Format,
    at: Moment,
    summary: str,
    *,
    in_full: bool = False,
) -> None:
    """Write rows `of` a type: for people the summary, the table and what is uncertain on the day.

    `in_full` writes below each row what a table has no room for.
    """
    if form is not Format.TABLE:
        show(rows, columns, form, fields=of.fields())
        return
    tell(summary)
    if rows:
        blank()
        if not all(row.certain for row in rows):
            first, *others = columns.items()
            columns = dict([first, ("certain", "certain"), *others])
        show(rows, columns, form, in_full=in_full)
        uncertain(rows, at)


def worded(texts: Iterable[tuple[str, str | None]]) -> None:
    """Say whose words texts are in, each with its name and its `wording`."""
    for sentence in whose_words(texts):
        tell(sentence)


def uncertain(rows: Iterable[DatedRow], at: Moment) -> None:
    """Say which rows are uncertain on the day, and which hold by a later decision, if any."""
    rows = list(rows)
    later = dict.fromkeys((row.called, row.decided_later) for row in rows if row.decided_later)
    if later:
        blank()
        told = ", ".join(f"{name} ({day})" for name, day in sorted(later))
        tell(f"On {at.on} not decided yet, and decided later to hold from before: {told}.")
    names = dict.fromkeys(row.called for row in rows if not row.certain)
    if names:
        blank()
        tell(
            f"Uncertain on {at.on}: {', '.join(sorted(names))}. The record does not say on which "
            "day it took hold or ended, so that all that may hold is shown."
        )
