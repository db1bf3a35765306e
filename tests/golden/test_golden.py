"""What a log holds is read forever, to the letter: examples of every stored fact are frozen."""

from __future__ import annotations

import pytest

from adapters.store.event_log.mapper import FactMapper
from adapters.store.event_log.upcasters import UPCASTERS, newest
from domain.catalogue import catalogue
from domain.shared.messages import Event
from tests.golden.examples import FOLDER, examples, path_of, spared, stored

MAPPER = FactMapper(catalogue)
written = pytest.mark.parametrize("topic", sorted(catalogue))


def lines(topic: str) -> list[bytes]:
    """The examples as they were stored."""
    path = path_of(topic)
    assert path.exists(), "no example: write one with `python -m tests.golden`"
    return path.read_bytes().splitlines()


def test_every_example_is_of_a_fact_that_can_still_be_read() -> None:
    topics = {path.name.removesuffix(".jsonl") for path in FOLDER.glob("*.jsonl")}
    assert topics == {*catalogue, *UPCASTERS}


@written
def test_what_was_stored_is_read_and_would_be_stored_the_same(topic: str) -> None:
    for line in lines(topic):
        fact = MAPPER.decoders[topic](line)
        assert type(fact) is catalogue[topic]
        assert stored(fact) == line, "the shape changed: it needs a new topic and an upcaster"
        assert MAPPER.decoders[topic](stored(fact)) == fact
        draft, read_again, personal = MAPPER.draft("stream", 1, fact)
        assert (draft.topic, draft.state, read_again, personal) == (topic, line, fact, [])


@written
def test_every_field_says_something_in_some_example(topic: str) -> None:
    silent = [set(spared(MAPPER.decoders[topic](line))) for line in lines(topic)]
    never_said = set[str].intersection(*silent)
    assert never_said == set()


@written
def test_the_frozen_examples_cover_every_choice_that_there_is_today(topic: str) -> None:
    assert set(examples(topic)) <= set(lines(topic)), "write them with `python -m tests.golden`"


@pytest.mark.parametrize(
    "topic", sorted(topic for topic, kind in catalogue.items() if issubclass(kind, Event))
)
def test_every_event_is_dated_first(topic: str) -> None:
    for line in lines(topic):
        assert line.startswith(b'{"decided_on":"')


def test_every_example_of_whatever_version_is_read_as_the_newest() -> None:
    for path in FOLDER.glob("*.jsonl"):
        topic = path.name.removesuffix(".jsonl")
        for line in lines(topic):
            assert newest(topic, UPCASTERS) == MAPPER.decoders[topic](line).TOPIC


def test_stored_shapes_are_counted_from_one() -> None:
    """A later version has its upcaster, and the examples of all before it."""
    for topic in catalogue:
        name, _, version = topic.rpartition(".v")
        earlier = {f"{name}.v{number}" for number in range(1, int(version))}
        assert earlier <= set(UPCASTERS), f"{topic} has an earlier version that nobody reads"
