"""Minutes files on disk: YAML to plain content, and mistakes back to file, line and field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import ScalarNode

from application import minutes
from application.minutes import InvalidMinutes, Minutes, Path
from domain.kernel import Invalid

MOST_BYTES = 2_000_000
MOST_NODES = 200_000


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


@dataclass(frozen=True, slots=True)
class MinutesFile:
    """A file that was read: its minutes, and where each request stands in it."""

    file: FilePath
    minutes: Minutes
    _tree: Any

    def line(self, request: str) -> int:
        """The line on which a request begins, from 1."""
        return _line(self._tree, self.minutes.places[request])


class _Plain(RoundTripConstructor):
    """Leaves dates as they are written."""


def _as_written(constructor: RoundTripConstructor, node: ScalarNode, *_: object) -> str:
    return str(node.value)


_Plain.add_constructor("tag:yaml.org,2002:timestamp", _as_written)


def files_in(paths: Sequence[FilePath]) -> tuple[FilePath, ...]:
    """The files named, and the `.yaml` and `.yml` files of the folders named."""
    found: list[FilePath] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix in (".yaml", ".yml"))
            if not inside:
                raise InvalidFile([FileMistake(str(path), 0, "", "the folder has no .yaml file")])
            found.extend(inside)
        else:
            found.append(path)
    return tuple(dict.fromkeys(found))


def read_files(paths: Sequence[FilePath], actor: str) -> tuple[MinutesFile, ...]:
    """Read files and folders, ordered by meeting date. Raises `InvalidFile` with every mistake."""
    read: list[MinutesFile] = []
    mistakes: list[FileMistake] = []
    for path in files_in(paths):
        try:
            read.append(_read(path, actor))
        except InvalidFile as error:
            mistakes.extend(error.mistakes)
    if mistakes:
        raise InvalidFile(mistakes)
    return tuple(sorted(read, key=lambda file: file.minutes.order))


def _read(path: FilePath, actor: str) -> MinutesFile:
    tree = _load(path)
    try:
        return MinutesFile(path, minutes.read(_plain(tree, path), actor), tree)
    except InvalidMinutes as error:
        raise InvalidFile(
            [
                FileMistake(str(path), _line(tree, m.path), _field(m.path), m.message)
                for m in error.mistakes
            ]
        ) from None


def _load(path: FilePath) -> Any:
    def wrong(message: str, line: int = 1) -> InvalidFile:
        return InvalidFile([FileMistake(str(path), line, "", message)])

    try:
        if path.stat().st_size > MOST_BYTES:
            raise wrong(f"the file is larger than {MOST_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise wrong(error.strerror or str(error)) from None
    except UnicodeDecodeError as error:
        raise wrong(f"byte {error.start} is not UTF-8") from None
    yaml = YAML(typ="rt")
    yaml.Constructor = _Plain
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise wrong(str(error.problem or error), line) from None
    except (ValueError, RecursionError) as error:
        raise wrong(f"not readable as YAML: {error}") from None


def _plain(tree: Any, path: FilePath) -> object:
    left = MOST_NODES

    def plain(node: Any) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise InvalidFile(
                [FileMistake(str(path), 1, "", f"the file has more than {MOST_NODES} values")]
            )
        if isinstance(node, dict):
            return {str(key): plain(value) for key, value in node.items()}
        if isinstance(node, list):
            return [plain(value) for value in node]
        if node is None or isinstance(node, bool):
            return node
        if isinstance(node, int):
            return int(node)
        return float(node) if isinstance(node, float) else str(node)

    try:
        return plain(tree)
    except RecursionError:
        raise InvalidFile([FileMistake(str(path), 1, "", "the file contains itself")]) from None


def _line(tree: Any, path: Path) -> int:
    node, line = tree, 1
    for step in path:
        if isinstance(node, CommentedMap) and step in node:
            line = node.lc.key(step)[0] + 1
            node = node[step]
        elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
            line = node.lc.item(step)[0] + 1
            node = node[step]
    return line


def _field(path: Path) -> str:
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in path).lstrip(".")
