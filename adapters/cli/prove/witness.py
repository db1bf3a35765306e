"""`witness`: cosign the heads of other registers, over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters import bootstrap_evidence
from adapters.cli.common.number_options import number
from adapters.cli.common.until_stopped import until_told


def witness(
    name: Annotated[str, typer.Argument(help="The witness's name, such as witness.example.org/w.")],
    policy: Annotated[
        Path, typer.Option("--policy", help="The logs to cosign: a file with lines log.")
    ],
    folder: Annotated[Path, typer.Option("--folder", help="Where keys and heads are kept.")] = Path(
        "var/witness"
    ),
    port: Annotated[
        int, typer.Option(parser=number(1, 65535), metavar="PORT", help="On 127.0.0.1.")
    ] = 8415,
) -> None:
    """Cosign heads that are proven to continue the ones before (C2SP tlog-witness)."""
    from adapters.web.app import serve  # noqa: PLC0415  (heavy: only where it is used)
    from adapters.web.witness import create_witness  # noqa: PLC0415

    stop = until_told()
    opened = bootstrap_evidence.open_witness(
        policy, folder / "witness.keys", folder / "witness.sqlite", name
    )
    for key in opened.verifiers:
        typer.echo(f"witness {key.kind.name.lower()} {key}")
    serve(create_witness(opened.add_checkpoint, opened.checkpoint), stop, port=port)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(witness)
