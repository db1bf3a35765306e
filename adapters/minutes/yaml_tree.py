"""A YAML file as plain content, every mistake with its line; limits keep hostile files harmless."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import Node, ScalarNode
from ruamel.yaml.reader import ReaderError

from adapters.minutes.mistakes import file_with_mistake
from application.minutes_mistakes import Path

MOST_BYTES = 2_000_000
MOST_NODES = 100_000
"""Values and names of fields; the parser takes some four seconds for them."""
MOST_ALIASES = 1_000
MOST_DEEP = 60
MOST_INTEGER = 2**63

_BRACKETS = re.compile(r"[][{}]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Bounded(Composer):
    """Stops at the first node or alias beyond the limits, and at an alias within what it names."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self._nodes = self._aliases = 0
        self._open: set[str] = set()

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        if isinstance(event, AliasEvent):
            self._aliases += 1
            if self._aliases > MOST_ALIASES:
                raise _limit(event, f"the file has more than {MOST_ALIASES} aliases")
            if event.anchor in self._open:
                raise _limit(event, f"the alias *{event.anchor} is inside what it names")
            return super().compose_node(parent, index)
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _limit(event, f"the file has more than {MOST_NODES} values")
        anchor = event.anchor
        if anchor is None:
            return super().compose_node(parent, index)
        self._open.add(anchor)
        node = super().compose_node(parent, index)
        self._open.discard(anchor)
        return node


def _limit(event: Any, message: str) -> ComposerError:
    return ComposerError(None, None, message, event.start_mark)


class _Plain(RoundTripConstructor):
    """Leaves dates as they are written."""


def _as_written(constructor: RoundTripConstructor, node: Node, *_: object) -> str:
    if not isinstance(node, ScalarNode):
        raise ConstructorError(None, None, "a date must be one word", node.start_mark)
    return str(node.value)


def _checked(name: str) -> Callable[[RoundTripConstructor, Node], object]:
    construct = getattr(RoundTripConstructor, f"construct_yaml_{name}")

    def checked(constructor: RoundTripConstructor, node: Node) -> object:
        try:
            return construct(constructor, node)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            problem = f"this is not a value of type {name} that fits"
            raise ConstructorError(None, None, problem, node.start_mark) from None

    return checked


_Plain.add_constructor("tag:yaml.org,2002:timestamp", _as_written)
for _name in ("bool", "float", "int"):
    _Plain.add_constructor(f"tag:yaml.org,2002:{_name}", _checked(_name))


def read_bytes(path: FilePath) -> bytes:
    """Return the content of a file, as far as a minutes file may be long. Raises `InvalidFile`."""
    try:
        if path.exists() and not path.is_file():
            raise file_with_mistake(path, "this is not a file")
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise file_with_mistake(path, error.strerror or str(error)) from None


def decoded_text(content: bytes, path: FilePath) -> str:
    """Return the text of a file. Raises `InvalidFile`."""
    if len(content) > MOST_BYTES:
        raise file_with_mistake(path, f"the file is larger than {MOST_BYTES} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise file_with_mistake(path, f"byte {error.start} is not UTF-8", line) from None


def load_yaml(path: FilePath) -> Any:
    """Return the tree of a file, which knows its lines. Raises `InvalidFile`."""
    return parsed_yaml(decoded_text(read_bytes(path), path), path)


def parsed_yaml(text: str, path: FilePath) -> Any:
    """Return the tree of a text; `path` names it in mistakes. Raises `InvalidFile`."""
    if line := _too_deep(text):
        raise file_with_mistake(path, f"brackets are nested deeper than {MOST_DEEP}", line)
    yaml = YAML(typ="rt")
    yaml.Composer = _Bounded
    yaml.Constructor = _Plain
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ReusedAnchorWarning)
            return yaml.load(text)
    except ReusedAnchorWarning:
        raise file_with_mistake(path, "an anchor is named twice") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise file_with_mistake(path, _in_words(error), line) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise file_with_mistake(
            path, f"the character U+{error.character:04X} is not allowed", line
        ) from None
    except (YAMLError, ValueError) as error:
        raise file_with_mistake(path, f"not readable as YAML: {error}") from None
    except RecursionError:
        raise file_with_mistake(path, f"items are nested deeper than {MOST_DEEP}") from None


def _in_words(error: MarkedYAMLError) -> str:
    problem = str(error.problem or error)
    if problem.startswith("found character '\\t'"):
        return "a tab stands where YAML takes spaces only"
    if error.context and error.context_mark and "flow" in error.context:
        opened = error.context_mark.line + 1
        return f"the bracket or brace of line {opened} is not closed, or a comma is missing"
    return problem


def _too_deep(text: str) -> int:
    """Return the line on which brackets are nested too deep, 0 for none.

    The parser is slow with such brackets.
    """
    depth = 0
    for found in _BRACKETS.finditer(text):
        depth = max(0, depth + (1 if found.group() in "[{" else -1))
        if depth > MOST_DEEP:
            return text.count("\n", 0, found.start()) + 1
    return 0


class _Unfit(Exception):
    """Raised where the tree has what no minutes file needs."""

    def __init__(self, at: Path, message: str) -> None:
        self.at, self.message = at, message
        super().__init__(message)


def content_of(tree: Any, path: FilePath) -> object:
    """Return a tree as dictionaries, lists, texts and numbers. Raises `InvalidFile`."""
    budget = iter(range(MOST_NODES))

    def plain(node: Any, at: Path) -> object:
        if next(budget, None) is None:
            raise _Unfit(at[:2], f"the file has more than {MOST_NODES} values")
        if len(at) > MOST_DEEP:
            raise _Unfit(at[:2], f"items are nested deeper than {MOST_DEEP}")
        if isinstance(node, dict):
            return {_word(key, at): plain(value, (*at, str(key))) for key, value in node.items()}
        if isinstance(node, list):
            return [plain(value, (*at, index)) for index, value in enumerate(node)]
        return _scalar(node, at)

    try:
        return plain(tree, ())
    except _Unfit as unfit:
        where, field = line_of(tree, unfit.at), field_of(unfit.at)
        raise file_with_mistake(path, unfit.message, where, field) from None


def _word(key: Any, at: Path) -> str:
    if not isinstance(key, str) or _SURROGATE.search(key):
        raise _Unfit(at, "the name of a field is not a word")
    return str(key)


def _scalar(node: Any, at: Path) -> object:
    match node:
        case None | bool():
            return node
        case int() if abs(node) < MOST_INTEGER:
            return int(node)
        case int():
            raise _Unfit(at, "the number is too large")
        case float():
            return float(node)
        case str() if not _SURROGATE.search(node):
            return str(node)
        case _:
            raise _Unfit(at, "this is neither a text nor a number")


def line_of(tree: Any, path: Path) -> int:
    """Return the line on which something in the tree stands, or would stand."""
    node, line = tree, 1
    for step in path:
        inside = isinstance(node, CommentedMap) and step in node
        if isinstance(node, CommentedSeq) and isinstance(step, int):
            inside = step < len(node)
        if inside:
            marks: dict[Any, Sequence[int]] = node.lc.data or {}
            if step in marks:  # a merged key has no mark of its own
                line = marks[step][0] + 1
            node = node[step]
    return line


def field_of(path: Path) -> str:
    """Return a path as people write it: `items[0].on`."""
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in path).lstrip(".")
