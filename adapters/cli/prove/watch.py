"""`watch`: an auditor's own monitor of a served tree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import structlog
import typer

from adapters import bootstrap_evidence
from adapters.cli.common.number_options import number
from adapters.cli.common.output import Format, FormatOption, console, ending_in, show
from adapters.cli.common.until_stopped import until_told

CONTRADICTED = 4

_log = structlog.get_logger("watch")


def watch(
    address: Annotated[
        str,
        typer.Argument(help="Where the tree is served, such as https://register.example/evidence."),
    ],
    policy: Annotated[
        Path,
        typer.Option("--policy", help="Whom you trust: lines log, witness, group and quorum."),
    ],
    folder: Annotated[
        Path, typer.Option("--folder", help="Where heads are kept between two looks.")
    ] = Path("var/watch"),
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
    every: Annotated[
        int, typer.Option(parser=number(1), metavar="SECONDS", help="Between two looks.")
    ] = 60,
    silence: Annotated[
        int,
        typer.Option(
            parser=number(), metavar="SECONDS", help="Tell after so long without a new head."
        ),
    ] = 7 * 24 * 3600,
    form: FormatOption = Format.TABLE,
) -> None:
    """Watch a served tree: its growth, rollbacks, forks, silence, and times no witness bears out.

    With --once it exits 4 where the tree contradicts what was seen before.
    """
    monitor = bootstrap_evidence.open_monitor(address, policy, folder, silence)
    if once:
        findings = monitor.look()
        rows = [each._asdict() for each in findings]
        found = any(each.contradicts for each in findings)
        with ending_in(typer.Exit(CONTRADICTED) if found else None):
            show(rows, {"kind": "finding", "why": "why"}, form)
            if form is Format.TABLE and not rows:
                console().print("The tree continues what was seen before.")
        return
    stop = until_told()
    while not stop.is_set():
        for each in monitor.look():
            (_log.error if each.contradicts else _log.warning)(each.kind, why=each.why)
        stop.wait(every)
