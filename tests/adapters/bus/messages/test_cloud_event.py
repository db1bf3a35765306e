"""What a message says, held against the CloudEvents SDK and against the stored row."""

import json
import time
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event

from adapters.bus.messages.cloud_event import CONTENT_TYPE, messages, sequence_text, source_of
from adapters.bus.messages.names import BadName, Names, message_type, stored_topic
from adapters.topics import BadTopic, UnknownTopic, check_topics, topic_matches
from tests.adapters.bus.fakes import DAY, EVENT, SOURCES, FakeLog


def a_log() -> FakeLog:
    log = FakeLog()
    log.commit("partnership/UA-KIEV", "partnership/PL-WARSAW")
    log.commit("partnership/UA-KIEV")
    return log


def test_the_sdk_reads_every_message_and_its_extensions() -> None:
    for message in messages(a_log().rows, SOURCES):
        event = from_structured_event(
            HTTPMessage(headers={"content-type": CONTENT_TYPE}, body=message.body)
        )
        assert (event.get_id(), event.get_source(), event.get_type()) == (
            message.id,
            "/registers/toronto/epochs/1",
            "partnership.reclassified.v1",
        )
        assert event.get_extension("sequence") == sequence_text(message.position)


def test_an_event_is_published_with_what_a_subscriber_orders_and_files_it_by() -> None:
    first = json.loads(next(messages(a_log().rows, SOURCES)).body)
    assert {name: value for name, value in first.items() if name != "data"} == {
        "specversion": "1.0",
        "id": "partnership/UA-KIEV/1",
        "source": "/registers/toronto/epochs/1",
        "type": "partnership.reclassified.v1",
        "subject": "partnership/UA-KIEV",
        "time": datetime.fromtimestamp(DAY // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        + ".000001Z",
        "sequence": "0000000000000000002",
        "partitionkey": "partnership/UA-KIEV",
        "streamversion": 1,
        "effectivefrom": "2001-12-06",
        "decidedon": "2001-12-04/2001-12-06",
        "body": "city-council",
        "matter": "report-12/4",
        "decision": "council-2001-12",
        "causation": "2001-12-04/item-1",
        "correlation": "2001-12-04/item-1",
        "datacontenttype": "application/json",
    }
    assert first["data"] == {**EVENT, "reason": "partnership/UA-KIEV 1"}


def test_the_stored_bytes_travel_as_they_are() -> None:
    log = a_log()
    for row, message in zip(log.events(), messages(log.rows, SOURCES), strict=True):
        assert message.body.endswith(b'"data":' + row.state + b"}")


def test_the_same_row_is_the_same_message_in_any_page() -> None:
    log = a_log()
    whole = list(messages(log.rows, SOURCES))
    paged = [m for start in (0, 3) for m in messages(log.raw_after(start, 1).rows, SOURCES)]
    assert paged == whole


def test_commands_and_who_gave_them_are_not_published() -> None:
    bodies = b"".join(message.body for message in messages(a_log().rows, SOURCES))
    assert b"command-recorded" not in bodies
    assert b"clerk" not in bodies


def test_a_fact_without_a_decision_leaves_its_attributes_out() -> None:
    log = FakeLog()
    log._add(1, "register", "epoch-opened.v1", {"epoch": "2"})
    event = json.loads(next(messages(log.rows, SOURCES)).body)
    assert event["type"] == "epoch.opened.v1"
    assert not {"effectivefrom", "decidedon", "body", "decision", "causation"} & set(event)


def test_another_epoch_is_another_source() -> None:
    assert source_of("toronto", "2") != SOURCES.at(1)
    assert source_of("a/b", "1") == "/registers/a%2Fb/epochs/1"


def test_sequences_sort_as_positions_do() -> None:
    positions = [1, 9, 10, 99, 100, 2**62]
    assert sorted(map(sequence_text, positions)) == [sequence_text(p) for p in positions]


@pytest.mark.parametrize(
    ("topic", "type_"),
    [
        ("partnership-reclassified.v1", "partnership.reclassified.v1"),
        ("city-no-longer-targeted.v2", "city.no-longer-targeted.v2"),
    ],
)
def test_a_type_leads_back_to_its_topic(topic: str, type_: str) -> None:
    assert message_type(topic) == type_
    assert stored_topic(type_) == topic


@pytest.mark.parametrize("topic", ["restored.v1", "partnership-formed", "a-b.c.v1", "A-b.v1"])
def test_a_topic_of_another_shape_is_refused(topic: str) -> None:
    with pytest.raises(BadName):
        message_type(topic)


@pytest.mark.parametrize(
    ("pattern", "key", "taken"),
    [
        ("#", "partnership.formed.v1", True),
        ("partnership.#", "partnership.formed.v1", True),
        ("partnership.#", "partnership", True),
        ("partnership.*", "partnership.formed.v1", False),
        ("*.formed.*", "partnership.formed.v1", True),
        ("#.v1", "partnership.formed.v1", True),
        ("#.v2", "partnership.formed.v1", False),
        ("#.#.formed.#.#", "partnership.formed.v1", True),
        ("partnership.#", "partnerships.formed.v1", False),
        ("partnership.formed.v1", "partnership.formed.v10", False),
    ],
)
def test_patterns_are_read_as_a_broker_reads_them(pattern: str, key: str, taken: bool) -> None:
    assert topic_matches(pattern, key) is taken


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "partnership.",
        "a..b",
        "Partnership.#",
        "é.#",
        "a b",
        "a\n",
        "part*",
        ".".join("#" * 200),
    ],
)
def test_a_pattern_that_no_type_could_match_is_refused(pattern: str) -> None:
    types = ["partnership.formed.v1"]
    check_topics(["#", "partnership.*.v1"], types)
    with pytest.raises(BadTopic):
        check_topics(["#", pattern], types)


def test_a_pattern_of_many_hashes_is_soon_answered() -> None:
    started = time.monotonic()
    assert not topic_matches(".".join("#" * 1000) + ".no", "partnership.formed.v1")
    assert time.monotonic() - started < 1


def test_a_subscriber_name_that_a_broker_would_misread_is_refused() -> None:
    assert Names("t").queue("budget-office") == "t.for.budget-office"
    for bad in ("", "Budget", "a.b", "#", "a\n", "x" * 65):
        with pytest.raises(BadName):
            Names().queue(bad)


@pytest.mark.parametrize(
    ("pattern", "near"),
    [
        ("partnershp.#", ["partnership.#"]),
        ("mission.complete.v1", ["mission.completed.v1", "mission.completed.v2"]),
        ("mission.*", ["mission.completed.v1", "mission.completed.v2"]),
        ("zzz.#", ["mission.#", "partnership.#"]),
    ],
)
def test_a_topic_that_no_event_has_is_refused_and_those_like_it_named(
    pattern: str, near: list[str]
) -> None:
    types = ["mission.completed.v1", "mission.completed.v2", "partnership.formed.v1"]
    check_topics(["#", "mission.#", "*.formed.*", "mission.completed.v1"], types)
    with pytest.raises(UnknownTopic) as unknown:
        check_topics(["#", pattern], types)
    assert unknown.value.details == {"topic": pattern, "near": near}
