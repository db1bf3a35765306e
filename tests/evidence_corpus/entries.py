"""Entries that are not written as entries are, in a tree that the log signed."""

from __future__ import annotations

from collections.abc import Callable

from adapters.evidence.entries import digest
from adapters.evidence.faults import (
    BadEntry,
)
from tests.evidence_corpus.case import Case, made_of
from tests.evidence_corpus.honest import (
    DESTROYED,
    entry,
    part,
    state,
    with_text,
)


def _written(n: int, old: bytes, new: bytes) -> Callable[[], bytes]:
    return made_of(lambda m: with_text(m, n, old, new))


_WRITTEN_OTHERWISE = tuple(
    Case(
        name,
        says,
        _written(n, old, new),
        "log",
        BadEntry,
        why,
    )
    for name, says, n, old, new, why in (
        (
            "entry-unknown-key",
            "an entry has a key that no entry has",
            3,
            b'"v":1,',
            b'"v":1,"w":1,',
            "the entry has other keys than it must: w",
        ),
        (
            "entry-key-in-capitals",
            "a key of an entry is written in capitals",
            3,
            b'"topic"',
            b'"Topic"',
            "the entry has other keys than it must: Topic, topic",
        ),
        (
            "entry-key-twice",
            "a key of an entry stands twice",
            3,
            b'"v":1,',
            b'"v":1,"v":1,',
            "the entry is not ASCII JSON with each key once",
        ),
        (
            "entry-key-missing",
            "an entry lacks its version of the format",
            3,
            b'"v":1,',
            b"",
            "the entry has other keys than it must: v",
        ),
        (
            "entry-exponent",
            "a number is written 1e5",
            3,
            b'"at":1001',
            b'"at":1e5',
            "at is not a whole number",
        ),
        (
            "entry-fraction",
            "a number is written with a fraction",
            3,
            b'"at":1001',
            b'"at":1001.0',
            "at is not a whole number",
        ),
        (
            "entry-leading-zero",
            "a number has a leading zero",
            4,
            b'"at":1002',
            b'"at":01002',
            "the entry is not ASCII JSON with each key once",
        ),
        (
            "entry-negative",
            "a number is negative",
            3,
            b'"pos":5',
            b'"pos":-5',
            "pos is not a whole number",
        ),
        (
            "entry-too-large",
            "a number is larger than JSON readers hold exactly",
            3,
            b'"pos":5',
            b'"pos":9007199254740992',
            "pos is not a whole number",
        ),
        (
            "entry-space",
            "an entry has a space between its keys",
            3,
            b'"v":1,',
            b'"v":1, ',
            "entry 3 is not in canonical form (RFC 8785)",
        ),
        (
            "entry-escape",
            "a letter is escaped that needs no escape",
            3,
            b"t.v1",
            b"\\u0074.v1",
            "entry 3 is not in canonical form (RFC 8785)",
        ),
        (
            "entry-not-ascii",
            "a topic has a letter that is not ASCII",
            3,
            b"t.v1",
            "té.v1".encode(),
            "the entry is not ASCII JSON with each key once",
        ),
        (
            "entry-escaped-letter",
            "a topic has an escaped letter that is not ASCII",
            3,
            b"t.v1",
            b"\\u00e9.v1",
            "topic is not printable ASCII text",
        ),
        (
            "entry-control-character",
            "a stream has a control character",
            3,
            b"toronto/partnership/warsaw",
            b"toronto/\\u0007",
            "stream is not printable ASCII text",
        ),
        (
            "entry-other-format",
            "an entry is of another version of the format",
            3,
            b'"v":1,',
            b'"v":2,',
            "entry 3 has a number out of range",
        ),
        (
            "entry-text-for-number",
            "a number is written as text",
            3,
            b'"pos":5',
            b'"pos":"5"',
            "pos is not a whole number",
        ),
        (
            "entry-digest-in-capitals",
            "a digest is written in capitals",
            3,
            digest(state(3)).encode(),
            digest(state(3)).upper().encode(),
            "commit holds the digests event, p1, p2, … and nothing else",
        ),
        (
            "entry-part-skipped",
            "the first part of an entry is called p2",
            2,
            b'"p1"',
            b'"p2"',
            "commit holds the digests event, p1, p2, … and nothing else",
        ),
        (
            "entry-redacts-nothing",
            "a destruction lists no digest",
            15,
            f'["{digest(part(DESTROYED))}"]'.encode(),
            b"[]",
            "redacts is not a list of digests",
        ),
        (
            "entry-redacts-repeated",
            "a destruction lists a digest twice",
            15,
            f'["{digest(part(DESTROYED))}"]'.encode(),
            f'["{digest(part(DESTROYED))}","{digest(part(DESTROYED))}"]'.encode(),
            "redacts lists digests, each once",
        ),
    )
)

ENTRIES = (
    *_WRITTEN_OTHERWISE,
    Case(
        "entry-a-list",
        "an entry is a list",
        made_of(lambda m: with_text(m, 3, entry(3).text(), b"[" + entry(3).text() + b"]")),
        fault=BadEntry,
        why="the entry is not a JSON object",
    ),
)
