"""Files with mistakes: file, line and field of each, refused as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from domain.shared.problems import Invalid


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

    mistakes: tuple[FileMistake, ...]


def file_with_mistake(file: Path, message: str, line: int = 1, field: str = "") -> InvalidFile:
    """Return the problem of a file with one mistake."""
    return InvalidFile(mistakes=(FileMistake(str(file), line, field, message),))
