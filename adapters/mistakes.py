"""What is wrong with a minutes file, for whoever reports it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.kernel import Invalid


@dataclass(frozen=True, slots=True)
class FileMistake:
    """One thing wrong with a file; `line` counts from 1, `field` is dotted."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return (
            f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"
        )


class InvalidFile(Invalid):
    """A minutes file cannot be read; nothing is stored."""

    def __init__(self, mistakes: Sequence[FileMistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(mistakes=self.mistakes)


def wrong(file: Path, message: str, line: int = 1, field: str = "") -> InvalidFile:
    """A file with one mistake."""
    return InvalidFile([FileMistake(str(file), line, field, message)])
