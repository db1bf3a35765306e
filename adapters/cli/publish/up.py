"""`up`: pages, relay and the other followers as one supervised group."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

import structlog
import typer

from adapters import bootstrap, bootstrap_registers
from adapters import settings as configuration
from adapters.cli.common.errors import INVALID
from adapters.cli.common.number_options import number
from adapters.cli.common.until_stopped import until_told
from application.ports import Stop

_log = structlog.get_logger("up")

POLL_SECONDS = 0.2
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds until what died is started again: twice as long each time it dies at once."""
LIVED_SECONDS = 30.0
"""After so long a life the next wait is the first one again."""
END_SECONDS = 10.0
"""Seconds that each has to end by itself before it is killed."""
NEVER_MENDED = (2, INVALID)
"""Exit codes of a command line or settings that are wrong: starting again is no use."""
ALLIANCE = (
    sys.executable,
    "-c",
    (
        "from adapters.cli.common.starter_watch import end_with_starter; end_with_starter(); "
        "from adapters.cli.main import main; main()"
    ),
)


@dataclass(slots=True)
class Member:
    """One command of the group, and its process while it lives."""

    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    wait: float = FIRST_WAIT
    began: float = 0.0
    again_at: float = 0.0

    @property
    def name(self) -> str:
        """The command, for the log."""
        return " ".join(self.arguments)

    def start(self, held: int) -> None:
        """Start it, in a process group of its own: Ctrl-C reaches the group's head alone.

        It reads the pipe `held`, which ends when this process does.
        """
        self.began = time.monotonic()
        command = [*ALLIANCE, *self.arguments]
        self.process = subprocess.Popen(command, start_new_session=True, stdin=held)
        _log.info("started", command=self.name, process=self.process.pid)


@dataclass(slots=True)
class Group:
    """Commands that run together: what dies is started again, and all end when told to."""

    members: Sequence[Member]
    failed: int = field(default=0, init=False)
    _pipe: tuple[int, int] = field(default_factory=os.pipe, init=False)

    def run(self, stop: Stop) -> int:
        """Run until `stop` is set, or one has settings that are wrong: then its exit code."""
        try:
            for member in self.members:
                member.start(self._pipe[0])
            while not stop.is_set() and not self.failed:
                for member in self.members:
                    self._look_after(member)
                stop.wait(POLL_SECONDS)
        finally:
            self._end()
        return self.failed

    def _look_after(self, member: Member) -> None:
        now = time.monotonic()
        if member.process is None:
            if now >= member.again_at:
                member.start(self._pipe[0])
            return
        code = member.process.poll()
        if code is None:
            return
        if code in NEVER_MENDED:
            self.failed = code
            return
        if now - member.began > LIVED_SECONDS:
            member.wait = FIRST_WAIT
        _log.warning("ended", command=member.name, code=code, again_in=member.wait)
        member.process, member.again_at = None, now + member.wait
        member.wait = min(LONGEST_WAIT, member.wait * 2)

    def _end(self) -> None:
        alive = [m.process for m in self.members if m.process and m.process.poll() is None]
        for process in alive:
            process.send_signal(signal.SIGTERM)
        until = time.monotonic() + END_SECONDS
        for process in alive:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _log.warning("killed", process=process.pid)
                process.kill()
                process.wait()
        for end in self._pipe:
            os.close(end)


def up(
    port: Annotated[
        int | None,
        typer.Option(
            parser=number(1, 65535), metavar="PORT", help="Another port than ALLIANCE_LISTEN has."
        ),
    ] = None,
) -> None:
    """Serve, publish and seal until stopped: what dies is started again.

    Runs `serve`, `relay` and `webhooks run`, and `seal` where the evidence has a name: each for all
    registers that ALLIANCE_REGISTERS names, if it is set.
    """
    settings = configuration.load()
    if settings.registers:
        said = f"Its registers are {', '.join(bootstrap_registers.carried())}.\n"
    else:
        with bootstrap.open_register(settings):
            said = ""
    host, usual = settings.address
    chosen = ("--port", str(port)) if port else ()
    commands: list[tuple[str, ...]] = [("serve", *chosen), ("relay",), ("webhooks", "run")]
    if settings.origin:
        commands.append(("seal",))
    stop = until_told()
    where = f"[{host}]" if ":" in host else host
    sys.stdout.write(
        f"The register is at http://{where}:{port or usual} until you press Ctrl-C.\n{said}"
    )
    sys.stdout.flush()
    failed = Group([Member(command) for command in commands]).run(stop)
    if failed:
        raise typer.Exit(failed)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(up)
