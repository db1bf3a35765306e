"""Minutes files on disk: which are meant, and mistakes back to file, line and field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from adapters.minutes.mistakes import FileMistake, InvalidFile, file_with_mistake
from adapters.minutes.yaml_tree import (
    content_of,
    decoded_text,
    field_of,
    line_of,
    load_yaml,
    parsed_yaml,
)
from application import minutes
from application.minutes import InvalidMinutes, Minutes


@dataclass(frozen=True, slots=True)
class MinutesFile:
    """A file that was read: its minutes, and where each command stands in it."""

    file: FilePath
    minutes: Minutes
    _tree: Any

    def line(self, envelope: str) -> int:
        """Return the line on which a command begins, from 1."""
        return line_of(self._tree, self.minutes.places[envelope])


def files_in(paths: Sequence[FilePath]) -> tuple[FilePath, ...]:
    """Return the files named, and the `.yaml` and `.yml` files of the folders named."""
    found: list[FilePath] = []
    for path in paths:
        if path.is_dir():
            try:
                inside = sorted(p for p in path.iterdir() if p.suffix in (".yaml", ".yml"))
            except OSError as error:
                raise file_with_mistake(path, error.strerror or str(error)) from None
            if not inside:
                raise file_with_mistake(path, "the folder has no .yaml file")
            found.extend(inside)
        else:
            found.append(path)
    return tuple(dict.fromkeys(found))


def read_files(
    paths: Sequence[FilePath], actor: str, told: Callable[[int, int], object] | None = None
) -> tuple[MinutesFile, ...]:
    """Read files and folders, ordered by meeting date. Raises `InvalidFile` with every mistake.

    `told` hears how many of how many files are read, after each.
    """
    read: list[MinutesFile] = []
    mistakes: list[FileMistake] = []
    files = files_in(paths)
    for number, path in enumerate(files, start=1):
        try:
            read.append(_read(path, actor))
        except InvalidFile as error:
            mistakes.extend(error.mistakes)
        if told:
            told(number, len(files))
    if mistakes:
        raise InvalidFile(mistakes=tuple(mistakes))
    return tuple(sorted(read, key=lambda file: file.minutes.order))


def read_content(name: FilePath, content: bytes, actor: str) -> MinutesFile:
    """Read the content of a file that was sent, called `name` in mistakes. Raises `InvalidFile`."""
    return _made_of(parsed_yaml(decoded_text(content, name), name), name, actor)


def _read(path: FilePath, actor: str) -> MinutesFile:
    return _made_of(load_yaml(path), path, actor)


def _made_of(tree: Any, path: FilePath, actor: str) -> MinutesFile:
    try:
        found = minutes.read_minutes(content_of(tree, path), actor)
    except InvalidMinutes as error:
        raise InvalidFile(
            mistakes=tuple(
                FileMistake(str(path), line_of(tree, m.path), field_of(m.path), m.message)
                for m in error.mistakes
            )
        ) from None
    envelopes = tuple(
        replace(envelope, place=f"{path}:{line_of(tree, found.places[envelope.id])}")
        for envelope in found.envelopes
    )
    return MinutesFile(path, replace(found, envelopes=envelopes), tree)
