"""The code knows no city: no word of one city's policy, offices or money stands in it.

Looked for are string literals and docstrings, which decide, are shown or are published in schemas,
and names of the language such as an enumeration's `INTERNATIONAL`. Words of the domain stay: a
module `council`, an item `record-term-of-council`, a class `TermOfCouncil`. A city's own words are
in `records/`, in documents and in tests. Decision 67 says why.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "application", "projections", "adapters")

IN_TEXTS = re.compile(
    r"\b(International|Historical|Alpha|Beta|Gamma|Council|Councillors?|councillors?|Mayor|Toronto"
    r"|USD|CAD)\b"
)
"""Categories, tiers, bodies, offices and currencies of one city."""

MARKERS = re.compile(r"every year|designate of|none granted", re.IGNORECASE)
"""Words that rules once looked for in texts; nothing is compared with such words."""

IN_NAMES = re.compile(
    r"(?i:(?:^|_)(?:international|historical|alpha|beta|gamma|councillors?|mayor|toronto)(?:_|$))"
    r"|International|Historical|Alpha|Councillor|Mayor|Toronto"
)
"""The same in the names of classes, functions, constants and members of enumerations."""


def cities_words(path: Path) -> Iterator[str]:
    """Words of one city in a module, each with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for text, pattern in _said(node):
            for found in pattern.finditer(text):
                yield f"{path.name}:{getattr(node, 'lineno', 0)}: {found[0]}"


def _said(node: ast.AST) -> Iterator[tuple[str, re.Pattern[str]]]:
    match node:
        case ast.Constant(value=str(text)):
            yield text, IN_TEXTS
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name, IN_NAMES
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            yield name, IN_NAMES
        case ast.Compare():
            for side in (node.left, *node.comparators):
                if isinstance(side, ast.Constant) and isinstance(side.value, str):
                    yield side.value, MARKERS
        case _:
            return


@pytest.mark.parametrize("package", PACKAGES)
def test_no_word_of_one_city_stands_in_the_code(package: str) -> None:
    found = [word for path in sorted((ROOT / package).rglob("*.py")) for word in cities_words(path)]
    assert found == []


@pytest.mark.parametrize("folder", ["adapters/web"])
def test_no_word_of_one_city_stands_on_a_page(folder: str) -> None:
    pages = sorted((ROOT / folder).rglob("*.html"))
    assert pages
    found = {p.name: IN_TEXTS.findall(p.read_text(encoding="utf-8")) for p in pages}
    assert {name: words for name, words in found.items() if words} == {}


PLANTED = {
    "a category": 'if city.classification == "International": ...',
    "an enumeration": "class Class(StrEnum):\n    HISTORICAL = auto()",
    "an office": 'OFFICES = ("Mayor",)',
    "a currency": "def money(cents):\n    return f'CAD {cents}'",
    "a marker": 'yearly = "every year" in cell',
    "a docstring": '"""Council approves."""',
    "a name": "def visits_of_toronto(): ...",
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_planted_word_is_found(planted: str, tmp_path: Path) -> None:
    module = tmp_path / "planted.py"
    module.write_text(planted, encoding="utf-8")
    assert list(cities_words(module))


def test_words_of_the_domain_are_none_of_a_citys(tmp_path: Path) -> None:
    module = tmp_path / "domain.py"
    module.write_text(
        'from domain.council.terms import TermOfCouncil\nKIND = "record-term-of-council"\n',
        encoding="utf-8",
    )
    assert list(cities_words(module)) == []
