"""Files with mistakes: file, line and field of each, refused as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from domain.shared.problems import Invalid


@dataclass(frozen=True, slots=True)
class FileMistake:
    """One thing wrong with a file; `line` counts from 1, if it is on one, `field` is dotted."""

    file: str
    line: int | None
    field: str
    message: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(filter(None, (where, self.field, self.message)))

    def inside(self) -> str:
        """Return line, field and message, where the reader knows which file it is."""
        line = "" if self.line is None else f"line {self.line}"
        return ": ".join(filter(None, (line, self.field, self.message)))


class InvalidFile(Invalid):
    """A minutes file cannot be read; nothing is stored."""

    mistakes: tuple[FileMistake, ...]


def file_with_mistake(
    file: Path, message: str, line: int | None = None, field: str = ""
) -> InvalidFile:
    """Return the problem of a file with one mistake."""
    return InvalidFile(mistakes=(FileMistake(str(file), line, field, message),))
