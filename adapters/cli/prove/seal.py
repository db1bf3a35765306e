"""`seal`: put what is recorded into the tree, sign its head, and have witnesses cosign it."""

from __future__ import annotations

import threading
from typing import Annotated

import structlog
import typer

from adapters import bootstrap_evidence
from adapters.cli.common.carried import work_until_stopped
from adapters.cli.common.output import console, number_of
from adapters.cli.common.until_stopped import when_there
from adapters.settings import Settings
from application.ports import Stop

POLL_SECONDS = 0.3
"""Between two heads, unless a whole batch waits: signing each commit would slow down the next."""
JOIN_SECONDS = 2.0
"""The longest that a slow witness holds up the end."""

_log = structlog.get_logger("seal")


def seal(
    once: Annotated[
        bool, typer.Option("--once", help="Seal what is recorded by now, and end.")
    ] = False,
) -> None:
    """Seal each recorded event into a Merkle tree and sign its head, until stopped.

    The origin of the tree is ALLIANCE_ORIGIN. Keys are made at the first sealing. The witnesses of
    ALLIANCE_EVIDENCE_POLICY_FILE are asked for cosignatures; one that is away delays nothing.
    """
    if once:
        _once()
        return
    bootstrap_evidence.require_policy()
    work_until_stopped(_seal)


def _seal(settings: Settings, stop: Stop) -> bool:
    over = threading.Event()
    asking = (lambda: _cosign(settings, over), over)
    cosigning = threading.Thread(target=when_there, args=asking, daemon=True)
    cosigning.start()
    try:
        with bootstrap_evidence.open_sealer(settings) as sealer:
            sealed = 0
            while not stop.is_set():
                head = sealer.seal()
                if head:
                    told = {"origin": head.origin, "entries": head.size, "root": head.root.hex()}
                    _log.info("sealed", **told)
                if head is None or head.size - sealed < sealer.batch:
                    stop.wait(POLL_SECONDS)
                sealed = head.size if head else sealed
            return False
    finally:
        over.set()
        cosigning.join(JOIN_SECONDS)


def _cosign(settings: Settings, stop: Stop) -> None:
    """Ask the witnesses about each new head; say what changed."""
    with bootstrap_evidence.open_cosigner(settings) as cosigner:
        said: object = None
        while cosigner is not None and not stop.is_set():
            asked = cosigner.ask()
            now = asked and (asked.head.size, sorted(asked.cosigned), asked.away, asked.met)
            if asked is not None and now != said:
                tell = _log.info if asked.met and not asked.away else _log.warning
                tell(
                    "cosigned" if asked.published else "held back: the quorum is not met",
                    entries=asked.head.size,
                    by=sorted(asked.cosigned),
                    away=dict(asked.away),
                    quorum_met=asked.met,
                )
                said = now
            stop.wait(POLL_SECONDS)


def _once() -> None:
    with bootstrap_evidence.open_sealer() as sealer:
        while sealer.seal():
            pass
        head = sealer.head()
    entries = number_of(head.size, "event", "events")
    console().print(f"{entries} sealed under {head.origin}, root {head.root.hex()}.")
    with bootstrap_evidence.open_cosigner() as cosigner:
        asked = cosigner and cosigner.ask()
    if not asked:
        return
    console().print(f"  cosigned by: {', '.join(sorted(asked.cosigned)) or 'nobody'}")
    for address, why in sorted(asked.away.items()):
        console().print(f"  away: {address}: {why}")
    if not asked.met:
        kept = "published all the same" if asked.published else "held back until it is"
        console().print(f"  The quorum of the policy is not met; the head is {kept}.")


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(seal)
