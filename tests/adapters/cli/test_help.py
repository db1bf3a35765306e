"""The help of every command at 80 columns: it breaks between words, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from adapters.cli.common.lazy_commands import make_wrappable
from adapters.cli.main import app


def every(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command and group."""
    yield path
    for name in getattr(command, "commands", {}):
        yield from every(command.get_command(None, name), (*path, name))


def at_80(*path: str) -> str:
    ran = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "80"}, catch_exceptions=False)
    assert ran.exit_code == 0
    return ran.stdout


@pytest.fixture(scope="module")
def commands() -> list[tuple[str, ...]]:
    return list(every(get_command(app)))


def test_no_value_of_an_option_is_broken_in_the_middle_of_a_word(
    commands: list[tuple[str, ...]],
) -> None:
    assert {("missions",), ("list", "missions"), ("policy", "diff")} <= set(commands)
    broken = [
        (path, line)
        for path in commands
        for line in at_80(*path).splitlines()
        if line.startswith("│") and line.count("<") != line.count(">")
    ]
    assert broken == []


def test_no_help_names_a_type_of_python(commands: list[tuple[str, ...]]) -> None:
    found = {(path, kind) for path in commands for kind in re.findall(r"<[^>|]*>", at_80(*path))}
    assert found == set()
    assert re.search(r"--all +What is granted", at_80("due"))
    assert re.search(r"--about +TEXT +Only", at_80("due"))


def test_choices_are_told_in_words() -> None:
    said = " ".join(at_80("missions").replace("│", " ").split())
    assert "--step STEP Only at this step: proposed, planned, delegation approved, under" in said


@pytest.mark.parametrize("path", [("compare",), ("log",), ("replay",)])
def test_a_paragraph_of_help_fills_its_lines(path: tuple[str, ...]) -> None:
    about = at_80(*path).split("╭")[0]
    paragraphs = [block.splitlines() for block in about.split("\n" + " " * 80 + "\n")]
    for lines in paragraphs:
        for line, following in pairwise(lines):
            last, first = line.rstrip(), following.split()[:1]
            assert not (last and first) or len(last) + 1 + len(first[0]) > 79, (last, first)


def test_a_paragraph_loses_its_line_ends_and_paragraphs_stay_apart() -> None:
    holder = typer.Typer()

    @holder.command()
    def told() -> None:
        """One line.

        Another, which
        goes on.
        """

    command = get_command(holder)
    make_wrappable(command)
    assert command.help == "One line.\n\nAnother, which goes on."
