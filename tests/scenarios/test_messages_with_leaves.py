"""Messages name the leaf of the evidence that they will be, or are, sealed as."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.bootstrap import open_bus, open_register
from adapters.bootstrap_evidence import open_tree
from adapters.bus.messages.cloud_event import UNPUBLISHED, Leaves, messages
from adapters.bus.messages.feed import raw_page
from adapters.evidence.merkle_tree import inclusion_proof, leaf_hash, proves_inclusion
from adapters.evidence.tiles import subtrees
from adapters.settings import Settings
from tests.support.street import RECORDS, STORES, Street

ORIGIN = "register.example/toronto"


def settings_of(street: Street) -> Settings:
    given = {n.removeprefix("ALLIANCE_").lower(): v for n, v in street.environment.items()}
    return Settings.model_validate(given)


@pytest.fixture(params=STORES)
def street(request: pytest.FixtureRequest, tmp_path: Path) -> Street:
    if request.param == "sqlite":
        made = Street.on_sqlite(tmp_path)
    else:
        made = Street.on_postgres(request.getfixturevalue("fresh_postgres_url"), tmp_path)
    street = Street({**made.environment, "ALLIANCE_ORIGIN": ORIGIN})
    street.done("setup")
    street.done("record", RECORDS / "founding.yaml")
    return street


def test_a_message_has_its_leaf_before_anything_is_sealed_and_it_is_the_one_sealed(
    street: Street,
) -> None:
    settings = settings_of(street)
    with open_bus(settings) as bus:
        sent = [json.loads(message.body) for message in bus.feed.messages(0)]
    street.done("seal", "--once")
    with open_tree(settings) as tree:
        head = tree.head()
        hashes = subtrees(head.size, tree.store.get)
        for message in sent:
            index, entry = message["leafindex"], message["entry"].encode()
            assert entry == tree.entry(index)
            assert json.loads(entry)["pos"] == int(message["sequence"])
            proof = inclusion_proof(index, head.size, hashes)
            assert proves_inclusion(leaf_hash(entry), index, head.size, proof, head.root)
        unpublished = [
            index
            for index in range(head.size)
            if json.loads(tree.entry(index))["topic"].startswith(UNPUBLISHED)
        ]
    assert sorted([*(message["leafindex"] for message in sent), *unpublished]) == [
        *range(head.size)
    ]


def test_from_any_position_and_in_any_order_a_message_has_the_same_bytes(street: Street) -> None:
    with open_bus(settings_of(street)) as bus:
        whole = {message.position: message.body for message in bus.feed.messages(0)}
        for after in (20, 5, 33, 0, 39):
            found = list(bus.feed.messages(after))
            assert [m.body for m in found] == [b for p, b in whole.items() if p > after]


def test_a_message_of_an_earlier_version_differs_by_the_leaf_alone(street: Street) -> None:
    with open_bus(settings_of(street)) as bus:
        page, sources = raw_page(bus.feed.log, 0, 1000), bus.feed.sources()
        old = [json.loads(message.body) for message in messages(page.rows, sources)]
        new = [json.loads(message.body) for message in bus.feed.messages(0)]
    assert old
    assert [{k: v for k, v in m.items() if k not in ("leafindex", "entry")} for m in new] == old


def test_entries_between_two_positions_are_counted(street: Street) -> None:
    with open_register(settings_of(street)) as register:
        head = register.log.head()
        count = register.log.count
        assert [count(0, 1), count(0, head), count(10, 12), count(head, head)] == [1, head, 2, 0]
        assert count(head - 1, head + 10) == 1


def test_several_readers_count_each_row_about_once() -> None:
    counted: list[int] = []

    def count(after: int, until: int) -> int:
        counted.append(until - after)
        return until - after

    leaves = Leaves(count, lambda row, n: "")
    for position in range(1, 1001, 10):
        for reader in (position, position + 5_000, position + 100_000):
            assert leaves.through(reader) == reader
    assert leaves.through(7) == 7
    assert sum(counted) < 110_000, "the rows up to the last reader's end, and little besides"
    assert len(counted) == 301
