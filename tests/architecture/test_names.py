"""Folders stay small, and names and docstrings say what a thing is to someone who is new to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "application", "projections", "adapters")
MOST_MODULES = 18
NOUNS = {"bindings", "briefing", "listing", "meeting", "minutes", "rating", "string", "thing"}
RELATIVE = {"that", "what", "where", "whether", "which", "who", "whose"}


def modules(folder: Path) -> Iterator[Path]:
    """The modules of a folder and its packages."""
    return (path for path in folder.rglob("*.py") if path.name != "__init__.py")


def crowded(folder: Path) -> dict[str, int]:
    """Folders with more modules than a reader can take in."""
    counts: dict[str, int] = {}
    for path in modules(folder):
        name = str(path.parent.relative_to(folder))
        counts[name] = counts.get(name, 0) + 1
    return {name: count for name, count in counts.items() if count > MOST_MODULES}


def gerunds(folder: Path) -> list[str]:
    """Modules that are named by an activity alone, such as `moving`."""
    return [
        str(path.relative_to(folder))
        for path in modules(folder)
        if path.stem.endswith("ing") and "_" not in path.stem and path.stem not in NOUNS
    ]


def riddles(folder: Path) -> list[str]:
    """Docstrings that begin with a relative word: they do not say what the thing is."""
    found = list[str]()
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for text, line in docstrings(tree):
            first = text.split(maxsplit=1)[0].strip(".,:;").lower() if text.strip() else ""
            if first in RELATIVE:
                found.append(f"{path.relative_to(folder)}:{line}: {text.splitlines()[0]}")
    return found


def docstrings(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Texts that stand alone: of modules, classes and functions, and below constants and fields."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield text, node.lineno
            case _:
                pass


@pytest.mark.parametrize("package", PACKAGES)
def test_no_folder_is_crowded(package: str) -> None:
    assert crowded(ROOT / package) == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_is_named_by_a_bare_gerund(package: str) -> None:
    assert gerunds(ROOT / package) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_docstring_begins_with_a_relative_word(package: str) -> None:
    assert riddles(ROOT / package) == []


def test_a_planted_violation_is_found(tmp_path: Path) -> None:
    for number in range(MOST_MODULES + 1):
        (tmp_path / f"page_{number}.py").touch()
    (tmp_path / "moving.py").write_text('"""What a motion may do."""\n')
    assert crowded(tmp_path) == {".": MOST_MODULES + 2}
    assert gerunds(tmp_path) == ["moving.py"]
    assert riddles(tmp_path) == ["moving.py:1: What a motion may do."]
