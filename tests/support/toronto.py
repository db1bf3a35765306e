"""The register of December 2001, recorded once a run from the files that ship, and copied."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from adapters.bootstrap import Register, open_register, set_up
from adapters.minutes.files import read_files
from adapters.settings import Settings
from application.command_bus import Envelope, Outcome
from domain.shared.messages import Command, DecisionRef
from projections.models import MODELS

RECORDS = Path(__file__).parents[2] / "records" / "toronto-2001"
ADOPTION = DecisionRef(matter="2001-12-4", decision="council-adopts", body="council")
CLERK = "City Clerk"


def settings(folder: Path) -> Settings:
    """A register that is kept in this folder."""
    return Settings(database_url=f"sqlite:///{folder / 'log.sqlite'}", actor="a clerk")


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="toronto-2001-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    set_up(settings(folder))
    with open_register(settings(folder)) as register:
        for file in read_files([RECORDS], "a clerk"):
            register.command_bus.handle(*file.minutes.envelopes)
        register.catch_up()
    return folder


def recorded_2001(folder: Path) -> Settings:
    """A register of one's own, with the record of 2001 in it."""
    shutil.copytree(_template(), folder, dirs_exist_ok=True)
    return settings(folder)


def enter(register: Register, name: str, *commands: Command) -> Sequence[Outcome]:
    """Record commands as one commit, and bring the read models along."""
    envelopes = [Envelope(f"{name}/{c.KIND}/{c.item}", c, "a clerk") for c in commands]
    outcomes = register.command_bus.handle(*envelopes)
    register.catch_up()
    return outcomes


def version_of(register: Register, stream: str, topic: str) -> int:
    """The version of the last entry of a stream that has this stored name."""
    entries = register.log.entries()
    return max(e.version for e in entries if e.stream == stream and topic == e.event.TOPIC)


def everything(register: Register) -> dict[str, list[bytes]]:
    """All rows of all read models, as they are now."""
    return {model.name: list(register.views.dump(model)) for model in MODELS}
