"""A stored field without a reader is a fault: somebody wrote it down, and no answer tells it.

A field is read where a program takes it from an event by name: as an attribute, in a pattern, or in
a list of fields that an answer shows. What a handler copies from a command is no reading. Names
that several types share count for each of them, so that the test finds less than there may be.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from domain.catalogue import catalogue
from domain.shared.messages import Event

ROOT = Path(__file__).parents[2]
COMMANDS = {"act", "command"}
"""Variables that hold commands and instruments, in all of the code."""

SHOWING = ("projections", "adapters/queries", "adapters/cli/common")
"""Folders whose texts are names of fields that an answer shows."""

TOLD_BY_A_FINDING = {
    ("decision-taken.v1", "not_entered"): "the finding of rule A2 quotes it",
    ("decision-taken.v1", "notice_waived"): "rules V1 and V2 judge the vote, and findings tell it",
    ("motion-moved.v1", "notice_waived"): "rules V1 and V2 judge the vote, and findings tell it",
}
"""Fields that only findings tell, and where."""

FRAME = {*Event.model_fields, "findings"}
"""The fields of every event, which the log and each account read."""


def read_in(source: str, *, shows: bool) -> Iterator[str]:
    """Names of fields that a module reads; with `shows`, those that it names in a text too."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id=name)) if name in COMMANDS:
                continue
            case ast.Attribute(attr=name, ctx=ast.Load()):
                yield name
            case ast.MatchClass(kwd_attrs=names):
                yield from names
            case ast.Constant(value=str(text)) if shows and text.isidentifier():
                yield text
            case _:
                pass


@cache
def fields_read() -> frozenset[str]:
    found: set[str] = set()
    for folder in ("domain", "application", "projections", "adapters"):
        for path in (ROOT / folder).rglob("*.py"):
            shows = path.relative_to(ROOT).as_posix().startswith(SHOWING)
            found.update(read_in(path.read_text(encoding="utf-8"), shows=shows))
    return frozenset(found)


@pytest.mark.parametrize("topic", sorted(catalogue))
def test_every_field_of_a_stored_fact_has_a_reader(topic: str) -> None:
    own = catalogue[topic].model_fields.keys() - FRAME
    told = {field for known, field in TOLD_BY_A_FINDING if known == topic}
    assert own - fields_read() - told == set()


def test_a_field_that_a_finding_tells_is_one_that_nothing_else_reads() -> None:
    for topic, field in TOLD_BY_A_FINDING:
        assert field in catalogue[topic].model_fields
        assert field not in fields_read()


def test_a_field_that_is_only_copied_from_a_command_is_found() -> None:
    source = """
def decide(act): return Held(place=act.place, until=act.until, by=act.by, why=act.why)
def tell(event):
    match event:
        case Held(by=by):
            return event.place, by, ("why",)
"""
    assert set(read_in(source, shows=False)) == {"place", "by"}
    assert set(read_in(source, shows=True)) == {"place", "by", "why"}
