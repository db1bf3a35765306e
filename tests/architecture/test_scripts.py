"""Scripts import names that exist: no type checker reads files without an ending."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"adapters", "application", "domain", "projections", "tests"}


def missing(text: str) -> list[str]:
    """Names that a script imports of this project, and that are not there."""
    return [
        f"{node.module}.{name.name}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in PACKAGES
        for name in node.names
        if not hasattr(import_module(str(node.module)), name.name)
    ]


def scripts() -> list[Path]:
    files = sorted(path for path in (ROOT / "scripts").iterdir() if path.is_file())
    return [path for path in files if "python" in path.read_text().partition("\n")[0]]


def test_there_are_scripts() -> None:
    assert "schemas" in {path.name for path in scripts()}


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.name)
def test_every_name_that_a_script_imports_exists(path: Path) -> None:
    assert missing(path.read_text()) == []


def test_a_name_that_does_not_exist_is_told() -> None:
    assert missing("from domain.catalogue import catalogue, lost") == ["domain.catalogue.lost"]
