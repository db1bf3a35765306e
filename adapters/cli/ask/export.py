"""Lists and the policy as files: `export`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.exports.sheets import as_csv, as_xlsx, citing
from adapters.files import put_in_place
from adapters.queries.lists import LISTS, ListName, row_type
from adapters.queries.moment import Moment, evidence_of


def _country(text: str) -> str:
    if len(text) != 2 or not (text.isascii() and text.isalpha()):
        raise typer.BadParameter(f"{text!r} is not a country such as ca")
    return text.lower()


class FileFormat(StrEnum):
    """How it is written."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    AKN = "akn"


def export(
    what: Annotated[ListName, typer.Argument(help="What to export.")],
    form: Annotated[
        FileFormat | None,
        typer.Option(
            "--format",
            "-f",
            help="Default: csv; for the policy akn (Akoma Ntoso), which is for it alone.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file (default: standard output).")
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(
            parser=_country,
            help="The country in Akoma Ntoso, by ISO 3166-1 (default: the charter's).",
        ),
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> None:
    """Write what stands on a day to a file; the same register gives the same bytes."""
    chosen = form or (FileFormat.AKN if what is ListName.POLICY else FileFormat.CSV)
    if chosen is FileFormat.AKN and what is not ListName.POLICY:
        raise typer.BadParameter(f"akn is for the policy; export {what.value} as csv or jsonl")
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        evidence = evidence_of(register, at.known)
        if chosen is FileFormat.AKN:
            from adapters.exports.akoma_ntoso import akoma_ntoso  # noqa: PLC0415  (only here)
            from adapters.queries.policy.document import policy_document  # noqa: PLC0415

            content = akoma_ntoso(policy_document(register, at), country, evidence)
        else:
            rows = [row.plain() for row in LISTS[what](register, at)]
            content = _written(rows, chosen, what, at, evidence)
    if output:
        put_in_place(output, content)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)


def _written(
    rows: Sequence[Mapping[str, Any]], form: FileFormat, what: ListName, at: Moment, evidence: str
) -> bytes:
    match form:
        case FileFormat.CSV:
            return as_csv(rows, evidence, row_type(LISTS[what]).fields()).encode()
        case FileFormat.XLSX:
            known = "now" if at.known is None else f"position {at.known}"
            about = [what.value, f"as of {at.on}", f"known at {known}", *filter(None, (evidence,))]
            return as_xlsx(rows, what.value, about)
        case _:
            return _lines(citing(rows, evidence)).encode()


def _lines(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(export)
