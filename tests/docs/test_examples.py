"""Every `console` block of the README and docs is run, and prints what the block shows.

A line with `…` alone stands for any lines. The blocks of one document share a fresh folder, in
which `records` and `docs` are those of the project.
"""

from __future__ import annotations

import fnmatch
import re
import shlex
import subprocess
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from tests.support.alliance import run

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def examples(document: Path) -> Iterator[tuple[str, str]]:
    """Each command with the output that the document shows for it."""
    for block in BLOCK.findall(document.read_text(encoding="utf-8")):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = step.partition("\n")
            yield command, shown.rstrip("\n")


def matches(shown: str, printed: str) -> bool:
    """Whether the output is what is shown; `…` alone on a line stands for any lines."""
    pattern = "*".join(
        "".join(f"[{c}]" if c in "*?[" else c for c in part) for part in shown.split("…")
    )
    return fnmatch.fnmatchcase(_tidy(printed), _tidy(pattern))


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_example_prints_what_the_document_shows(document: Path, tmp_path: Path) -> None:
    for folder in ("records", "docs"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    for command, shown in examples(document):
        printed = said(command, tmp_path)
        assert matches(shown, printed), f"$ {command}\n{printed}"


def said(command: str, folder: Path) -> str:
    """Run a command as a shell would, and return its output with its errors."""
    words = shlex.split(command)
    settings = dict(word.split("=", 1) for word in takewhile(lambda word: "=" in word, words))
    name, *arguments = words[len(settings) :]
    if name == "alliance" and not set(command) & set("|&;<>$*\\"):
        ran = run(*arguments, settings=settings, folder=folder)
        return ran.out + ran.err
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_an_example_that_shows_something_else_is_noticed() -> None:
    assert matches("11 International\n…\ndone", "11 International\nmore\ndone\n")
    assert not matches("11 International", "12 International")
    assert not matches("", "an error")


def test_the_readme_has_examples() -> None:
    assert len(list(examples(ROOT / "README.md"))) >= 6
