"""Terms of provisions: rules read those that they are said to read, and none that is shown."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from domain.shared.durations import UNITS
from domain.shared.provisions import SHOWN, TERMS, names_a_body

ROOT = Path(__file__).parents[2]
NAMED_HERE = ROOT / "domain/shared/provisions.py"


@cache
def names_in_code() -> frozenset[str]:
    """Every text in the code that may name a term; what is put into it stands as a star."""
    found: set[str] = set()
    for folder in ("domain", "application", "adapters", "projections"):
        for file in (ROOT / folder).rglob("*.py"):
            if file != NAMED_HERE:
                found.update(map(_text, ast.walk(ast.parse(file.read_text(encoding="utf-8")))))
    return frozenset(found)


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else "*" for p in node.values)
        return "".join(map(str, parts))
    return str(node.value) if isinstance(node, ast.Constant) else ""


def is_read(term: str) -> bool:
    name, _, unit = term.rpartition("-")
    asked = {term, name if unit in UNITS else term}
    patterns = (
        re.escape(n).replace(r"\*", ".+") for n in names_in_code() if "*." in n or ".*" in n
    )
    return bool(asked & names_in_code()) or any(re.fullmatch(p, term) for p in patterns)


@pytest.mark.parametrize("term", sorted(TERMS.keys() - SHOWN.keys()))
def test_a_term_that_rules_read_is_read(term: str) -> None:
    assert is_read(term) or names_a_body(term)


@pytest.mark.parametrize("term", sorted(SHOWN))
def test_a_term_that_is_shown_is_read_by_no_rule(term: str) -> None:
    assert term not in names_in_code()
