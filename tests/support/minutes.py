"""Minutes files as a clerk writes them, recorded by the command line in a test's own register."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.support.alliance import Ran, alliance
from tests.support.toronto import recorded_2001


class Clerk:
    """A clerk with a register of one's own, in which the record of 2001 is."""

    def __init__(self, folder: Path) -> None:
        recorded_2001(folder)
        self.folder = folder

    def records(self, name: str, text: str) -> Ran:
        """Record a minutes file. Fails the test unless it is recorded."""
        ran = self.tries(name, text)
        assert ran.code == 0, ran.err
        return ran

    def tries(self, name: str, text: str) -> Ran:
        """Record a minutes file, or learn why not."""
        file = self.folder / f"{name}.yaml"
        file.write_text(dedent(text), encoding="utf-8")
        return alliance(self.folder, "record", file)

    def asks(self, *arguments: object, **options: object) -> Any:
        """The rows of an answer; an option is written as `as_of="2002-01-01"`."""
        given = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        ran = alliance(self.folder, *arguments, *given, "--format=json")
        assert ran.code == 0, ran.err
        return ran.rows

    def sees(self, *arguments: object) -> str:
        """Everything that a command prints."""
        ran = alliance(self.folder, *arguments)
        return ran.out + ran.err
