"""What leaves the register as a file: `export`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.bootstrap import Register, open_register
from adapters.cli.disagreeing import discrepancy
from adapters.cli.matters import exploration, item
from adapters.cli.moments import AsOf, KnownAt, moment
from adapters.cli.output import as_csv
from adapters.cli.owing import deadline, standing
from adapters.cli.partnerships import relationship
from adapters.cli.provisions import provisions
from adapters.moments import Moment
from adapters.writing import naming
from projections.decision_record import DECISION_RECORD
from projections.discrepancies import DISCREPANCIES
from projections.explorations import EXPLORATIONS
from projections.register import REGISTER

Rows = Sequence[Mapping[str, Any]]


def _country(text: str) -> str:
    if len(text) != 2 or not (text.isascii() and text.isalpha()):
        raise typer.BadParameter(f"{text!r} is not a country such as ca")
    return text.lower()


class What(StrEnum):
    """What can be exported."""

    PARTNERSHIPS = "partnerships"
    TARGETED = "targeted"
    PROVISIONS = "provisions"
    MATTERS = "matters"
    DECISIONS = "decisions"
    MOTIONS = "motions"
    EXPLORATIONS = "explorations"
    DISCREPANCIES = "discrepancies"
    DEADLINES = "deadlines"
    POLICY = "policy"


class FileFormat(StrEnum):
    """How it is written."""

    CSV = "csv"
    JSONL = "jsonl"
    AKN = "akn"


def export(
    what: Annotated[What, typer.Argument(help="What to export.")],
    form: Annotated[
        FileFormat | None,
        typer.Option(
            "--format",
            "-f",
            help="csv unless said; akn (Akoma Ntoso) is the policy's, and its own.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file; standard output unless said.")
    ] = None,
    country: Annotated[
        str,
        typer.Option(parser=_country, help="The register's country in Akoma Ntoso, by ISO 3166-1."),
    ] = "ca",
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> None:
    """Write what stands on a day to a file; the same register gives the same bytes."""
    chosen = form or (FileFormat.AKN if what is What.POLICY else FileFormat.CSV)
    if (what is What.POLICY) != (chosen is FileFormat.AKN):
        raise typer.BadParameter("akn is for the policy; export provisions as csv or jsonl")
    with open_register() as register:
        at = moment(register, as_of, known_at)
        if what is What.POLICY:
            from adapters.exports.akoma_ntoso import akoma_ntoso  # noqa: PLC0415  (only here)
            from adapters.exports.policy_document import policy_document  # noqa: PLC0415

            content = akoma_ntoso(policy_document(register, at.on, at.known, country))
        else:
            rows = _ROWS[what](register, at)
            content = (as_csv(rows) if chosen is FileFormat.CSV else _lines(rows)).encode()
    if output:
        with naming(output):
            output.write_bytes(content)
    else:
        sys.stdout.write(content.decode())


def _lines(rows: Rows) -> str:
    return "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)


def _relationships(field: str) -> Callable[[Register, Moment], Rows]:
    def rows(register: Register, at: Moment) -> Rows:
        held = register.reader(REGISTER).every(at.on, at.known)
        return [relationship(h) for h in held if getattr(h.state, field)]

    return rows


def _items(kind: str) -> Callable[[Register, Moment], Rows]:
    def rows(register: Register, at: Moment) -> Rows:
        return [
            item(h) for h in register.reader(DECISION_RECORD).every(at.on, at.known, {"kind": kind})
        ]

    return rows


def _explorations(register: Register, at: Moment) -> Rows:
    return [exploration(h) for h in register.reader(EXPLORATIONS).every(at.on, at.known)]


def _discrepancies(register: Register, at: Moment) -> Rows:
    return [discrepancy(h) for h in register.reader(DISCREPANCIES).every(at.on, at.known)]


def _deadlines(register: Register, at: Moment) -> Rows:
    return [deadline(held, stands) for held, stands in standing(register, at)]


_ROWS: Mapping[What, Callable[[Register, Moment], Rows]] = {
    What.PARTNERSHIPS: _relationships("established"),
    What.TARGETED: _relationships("targeted"),
    What.PROVISIONS: provisions,
    What.MATTERS: _items("matter"),
    What.DECISIONS: _items("decision"),
    What.MOTIONS: _items("motion"),
    What.EXPLORATIONS: _explorations,
    What.DISCREPANCIES: _discrepancies,
    What.DEADLINES: _deadlines,
}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(export)
