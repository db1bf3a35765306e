"""Entries are canonical JSON, read back exactly, and follow one another."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from adapters.evidence.entries import (
    MOST_REDACTED,
    Entry,
    Order,
    SealedRow,
    entry_of,
    entry_texts,
    read_entry,
)
from adapters.evidence.faults import BadEntry, BrokenOrder

D = "0123456789abcdef" * 4
E = "f" * 64
ENTRY = Entry(
    n=7,
    pos=189,
    at=1_764_367_200_000_000,
    stream="toronto/partnership/UA-KIEV",
    ver=2,
    topic="partnership-classified.v1",
    commit={"event": D, **{f"p{i}": D for i in range(1, 12)}},
)


def test_an_entry_is_what_rfc_8785_says_of_its_content() -> None:
    assert ENTRY.text() == rfc8785.dumps(json.loads(ENTRY.text()))
    assert ENTRY.text().startswith(b'{"at":1764367200000000,"commit":{"event":"0123')


def test_an_entry_is_read_back() -> None:
    redacting = Entry(8, 190, 5, "toronto/log", 1, "values-destroyed.v1", {"event": D}, (D, E))
    for entry in (ENTRY, redacting):
        assert read_entry(entry.text()) == entry


def test_as_many_digests_as_are_promised_fit_into_the_longest_entry() -> None:
    digests = tuple(f"{number:064x}" for number in range(MOST_REDACTED + 1))
    stream = f"{'r' * 20}/destructions"

    def destroying(some: tuple[str, ...]) -> Entry:
        return Entry(
            10**10, 10**10, 9 * 10**15, stream, 10**6, "parts-destroyed.v1", {"event": D}, some
        )

    assert read_entry(destroying(digests[:-1]).text()) == destroying(digests[:-1])
    with pytest.raises(BadEntry, match="more than 65535 bytes"):
        destroying(digests).text()


TEXT = Entry(7, 189, 5, "toronto/log", 2, "t.v1", {"event": D, "p1": E}, (E,)).text()


@pytest.mark.parametrize(
    ("bent", "why"),
    [
        (TEXT[:-1], "not ASCII JSON"),
        (TEXT + b"\n", "not in canonical form"),
        (b" " + TEXT, "not in canonical form"),
        (TEXT.replace(b'"n":7', b'"n":7,"n":7'), "each key once"),
        (TEXT.replace(b'"n":7', b'"N":7'), "other keys"),
        (TEXT.replace(b'"n":7,', b""), "other keys than it must: n"),
        (TEXT.replace(b'"n":7', b'"m":1,"n":7'), "other keys than it must: m"),
        (TEXT.replace(b'"n":7', b'"n":7.0'), "n is not a whole number"),
        (TEXT.replace(b'"n":7', b'"n":1e5'), "n is not a whole number"),
        (TEXT.replace(b'"n":7', b'"n":true'), "n is not a whole number"),
        (TEXT.replace(b'"n":7', b'"n":"7"'), "n is not a whole number"),
        (TEXT.replace(b'"n":7', b'"n":-7'), "n is not a whole number"),
        (TEXT.replace(b'"n":7', b'"n":9007199254740993'), "n is not a whole number"),
        (TEXT.replace(b'"n":7', b'"n":0'), "number out of range"),
        (TEXT.replace(b'"n":7', b'"n":07'), "not ASCII JSON"),
        (TEXT.replace(b'"v":1', b'"v":2'), "number out of range"),
        (TEXT.replace(b"toronto", b"t\\u006fronto"), "not in canonical form"),
        (TEXT.replace(b"toronto", b"toront\\u00f6"), "stream is not printable ASCII text"),
        (TEXT.replace(b"toronto", b"toronto\\n"), "stream is not printable ASCII text"),
        (TEXT.replace(b"toronto", "torontö".encode()), "not ASCII JSON"),
        (TEXT.replace(b'"p1"', b'"p2"'), "commit holds the digests event, p1"),
        (TEXT.replace(b'"event"', b'"Event"'), "commit holds the digests event, p1"),
        (TEXT.replace(E.encode(), E.upper().encode(), 1), "commit holds the digests"),
        (TEXT.replace(E.encode(), E[1:].encode(), 1), "commit holds the digests"),
        (TEXT.replace(f'["{E}"]'.encode(), b"[]"), "redacts is not a list of digests"),
        (TEXT.replace(f'["{E}"]'.encode(), b"null"), "redacts is not a list of digests"),
        (TEXT.replace(f'["{E}"]'.encode(), f'["{E}","{E}"]'.encode()), "each once"),
        (TEXT.replace(f'["{E}"]'.encode(), b'["x"]'), "redacts lists digests"),
        (b"[1]", "not a JSON object"),
        (b"[" * 100_000, "not ASCII JSON"),
        (b"", "not ASCII JSON"),
    ],
)
def test_what_is_no_entry(bent: bytes, why: str) -> None:
    with pytest.raises(BadEntry, match=why):
        read_entry(bent)


def follow(*entries: Entry) -> Order:
    order = Order()
    for entry in entries:
        order.follow(entry)
    return order


def entry(n: int, **other: object) -> Entry:
    fields: dict[str, object] = {
        "pos": n * 10,
        "at": 1000 + n,
        "stream": f"toronto/s{n}",
        "ver": 1,
        "topic": "t.v1",
        "commit": {"event": D, "p1": f"{n:064x}"},
    }
    return Entry(n=n, **{**fields, **other})  # type: ignore[arg-type]


def test_entries_that_follow_one_another() -> None:
    order = follow(
        entry(1),
        entry(2, at=1001),
        entry(3, stream="toronto/s1", ver=2, redacts=(f"{1:064x}",)),
    )
    assert order.last == entry(3, stream="toronto/s1", ver=2, redacts=(f"{1:064x}",))
    assert order.redacted == {f"{1:064x}": 3}


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (entry(3), "entry 3 follows entry 1"),
        (entry(1), "entry 1 follows entry 1"),
        (entry(2, pos=10), "position 10 does not follow 10"),
        (entry(2, pos=9), "position 9 does not follow 10"),
        (entry(2, at=1000), "its time is before that of entry 1"),
        (entry(2, stream="toronto/s1"), "version 1 of toronto/s1 follows 1"),
        (entry(2, ver=2), "version 2 of toronto/s2 follows 0"),
        (entry(2, redacts=(D,)), "destroys what is not an earlier personal part"),
        (entry(2, redacts=(f"{2:064x}",)), "destroys what is not an earlier personal part"),
    ],
)
def test_entries_that_do_not(second: Entry, why: str) -> None:
    with pytest.raises(BrokenOrder, match=why):
        follow(entry(1), second)


def test_a_part_is_destroyed_once() -> None:
    part = (f"{1:064x}",)
    with pytest.raises(BrokenOrder, match="entry 3 destroys what entry 2 did"):
        follow(entry(1), entry(2, redacts=part), entry(3, redacts=part))


DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)
NAMES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=40)
COUNTS = st.integers(1, 2**53 - 1)
ROWS = st.builds(
    SealedRow,
    stream=NAMES,
    version=COUNTS,
    topic=NAMES,
    state=st.binary(max_size=20),
    position=COUNTS,
    recorded_at=st.integers(0, 2**53 - 1),
    parts=st.lists(DIGESTS, max_size=12),
    redacts=st.lists(DIGESTS, max_size=3, unique=True),
)


@given(st.lists(ROWS, max_size=3), st.integers(0, 10**9))
def test_entries_of_any_rows_are_what_rfc_8785_says_and_are_read_back(
    rows: list[SealedRow], before: int
) -> None:
    expected: list[Entry] = []
    for n, row in enumerate(rows, before + 1):
        parts = {f"p{k}": part for k, part in enumerate(row.parts, 1)}
        content: dict[str, Any] = {
            "at": row.recorded_at,
            "commit": {"event": sha256(row.state).hexdigest(), **parts},
            "n": n,
            "pos": row.position,
            "stream": row.stream,
            "topic": row.topic,
            "v": 1,
            "ver": row.version,
        }
        if row.redacts:
            content["redacts"] = list(row.redacts)
        expected.append(entry_of(row, n))
        assert expected[-1].text() == rfc8785.dumps(content)
    texts = entry_texts(rows, before)
    assert texts == [each.text() for each in expected]
    assert [read_entry(text) for text in texts] == expected


@given(ROWS, st.data())
def test_an_entry_with_another_byte_is_read_as_what_is_written_or_not_at_all(
    row: SealedRow, data: st.DataObject
) -> None:
    (text,) = entry_texts([row], 0)
    at = data.draw(st.integers(0, len(text) - 1))
    bent = text[:at] + data.draw(st.binary(max_size=2)) + text[at + 1 :]
    try:
        found = read_entry(bent)
    except BadEntry:
        return
    assert found.text() == bent == rfc8785.dumps(json.loads(bent))


def test_rows_that_no_entry_can_hold_are_refused() -> None:
    row = SealedRow("toronto/" + "s" * 65_535, 1, "t.v1", b"{}", 1, 1)
    with pytest.raises(BadEntry, match="more than 65535 bytes"):
        entry_texts([row], 0)
