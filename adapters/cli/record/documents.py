"""Originals of papers, kept under their digest: `attach`, `list documents`, `show document`."""

from __future__ import annotations

import json
import mimetypes
from pathlib import Path
from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.output import Format, FormatOption, number_of, show, tell
from adapters.files import naming_file, put_in_place
from adapters.queries.documents import DocumentRow, document, documents


def attach(
    file: Annotated[Path, typer.Argument(help="The document, such as report.pdf.")],
    name: Annotated[
        str | None, typer.Option(help="Its name in the register (default: the file's).")
    ] = None,
    media_type: Annotated[
        str | None, typer.Option(help="Its media type (default: by the ending of its name).")
    ] = None,
) -> None:
    """Attach the original of a paper, and print how a paper names it.

    It is kept as it is, under its SHA-256; attached again it changes nothing. It is shown where a
    report or letter names it, to those who may see that paper.
    """
    with naming_file(file):
        content = file.read_bytes()
    called = name or file.name
    kind = media_type or mimetypes.guess_type(called)[0] or ""
    with open_register() as register:
        kept = register.attach(called, kind, content, register.settings.recorder)
    tell(f"{kept.name} is attached: {kept.media_type}, {kept.size} bytes. A paper names it so:")
    tell(f"source: {{ name: {json.dumps(kept.name, ensure_ascii=False)}, sha256: {kept.sha256} }}")


def list_documents(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List the originals that papers name by digest, and which of them are attached."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = documents(register, at)
    columns = {
        "name": "original",
        "document": "paper",
        "matter": "matter",
        "attached": "attached",
        "sha256": "SHA-256",
    }
    if form is Format.TABLE:
        tell(f"{number_of(len(rows), 'original')} named by {at.on}.", strong=True)
    if rows or form is not Format.TABLE:
        show(rows, columns, form, fields=DocumentRow.fields())


def show_document(
    sha256: Annotated[str, typer.Argument(help="The SHA-256 of its bytes.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write its bytes to this file.")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show which paper names an original, and write its bytes to a file."""
    with open_register() as register:
        row = document(register, sha256.lower(), moment(register, as_of, known_at, form))
        content = register.attachments.content(row.sha256) if row.attached else None
    if output and content is None:
        raise typer.BadParameter(f"{row.name} is not attached to this register")
    if output and content is not None:
        put_in_place(output, content)
    if form is not Format.TABLE:
        show([row], {}, form)
        return
    tell(f"{row.name}: the original of {row.matter}/{row.document}, {row.title}", strong=True)
    tell(f"SHA-256 {row.sha256}", indent=2)
    if row.size is None:
        tell("Its bytes are not attached to this register.", indent=2)
    else:
        tell(f"{row.media_type}, {row.size} bytes", indent=2)
    if output:
        tell(f"Written to {output}.", indent=2)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(attach)
    app.command("documents")(list_documents)
    app.command("document")(show_document)
