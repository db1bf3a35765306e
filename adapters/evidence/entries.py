"""Entries of the tree: what is sealed of each stored row, as one line of canonical JSON (RFC 8785).

    {"at":1764367200000000,"commit":{"event":"9f…"},"n":1,"pos":1,"stream":"toronto/log",…}

Printable ASCII, integers only. `at` is the recorded time in microseconds since 1970, `n` counts
from 1 without a hole, `pos` is the log's position, `stream` the stored name, `ver` the version in
the stream. `commit` holds the SHA-256 of the stored bytes and of each sealed personal part.
"""

from __future__ import annotations

import json.encoder
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple, TypeAlias, cast

from adapters.evidence.faults import BadEntry, BrokenOrder
from adapters.evidence.tiles import LONGEST_ENTRY

VERSION = 1
EVENT = "event"
MOST_REDACTED = 974
"""Digests that fit into one entry; a longer destruction is split over several events."""

_KEYS = {"at", "commit", "n", "pos", "stream", "topic", "v", "ver"}
_HEX = re.compile(r"[0-9a-f]{64}")
_ASCII = re.compile(r"[\x20-\x7e]+")
_LARGEST = 2**53 - 1
"""Integers that every JSON reader holds exactly."""

_COUNT, _DIGEST = "[1-9][0-9]{0,14}", "[0-9a-f]{64}"
_PLAIN = re.compile(
    rf'{{"at":(0|{_COUNT}),"commit":{{"event":"({_DIGEST})"((?:,"p[1-9]":"{_DIGEST}")*)}},'
    rf'"n":({_COUNT}),"pos":({_COUNT}),"stream":"([ !#-\[\]-~]+)","topic":"([ !#-\[\]-~]+)",'
    rf'"v":{VERSION},"ver":({_COUNT})}}'
)
"""Most entries, exactly as they are written: they destroy nothing, and no character is escaped."""
_PARTS = [f"p{number}" for number in range(1, 10)]
"""Names of parts that are in order as numbers and as texts."""


class Entry(NamedTuple):
    """One entry. `redacts` are digests of personal parts that the event destroys."""

    n: int
    pos: int
    at: int
    stream: str
    ver: int
    topic: str
    commit: Mapping[str, str]
    redacts: tuple[str, ...] = ()

    def text(self) -> bytes:
        """The bytes that are hashed. Raises `BadEntry` for what no entry can hold."""
        content: dict[str, object] = {
            "at": self.at,
            "commit": dict(self.commit),
            "n": self.n,
            "pos": self.pos,
            "stream": self.stream,
            "topic": self.topic,
            "v": VERSION,
            "ver": self.ver,
        }
        if self.redacts:
            content["redacts"] = list(self.redacts)
        written = canonical(content)
        if len(written) > LONGEST_ENTRY:
            raise BadEntry(why=f"entry {self.n} has more than {LONGEST_ENTRY} bytes")
        return written


class SealedRow(NamedTuple):
    """A stored row as it is sealed. `parts` are digests of its personal parts, in their order."""

    stream: str
    version: int
    topic: str
    state: bytes
    position: int
    recorded_at: int
    parts: Sequence[str] = ()
    redacts: Sequence[str] = ()


RowToSeal: TypeAlias = tuple[str, int, str, bytes, int, int, Sequence[str], Sequence[str]]
"""The fields of a `SealedRow`; the sealer reads so many that making each costs time."""


def entry_of(row: RowToSeal, n: int) -> Entry:
    """The sealed content of a row."""
    stream, version, topic, state, position, recorded_at, parts, redacts = row
    return Entry(
        n=n,
        pos=position,
        at=recorded_at,
        stream=stream,
        ver=version,
        topic=topic,
        commit={EVENT: digest(state)} | {f"p{k}": part for k, part in enumerate(parts, 1)},
        redacts=tuple(redacts),
    )


def entry_texts(rows: Iterable[RowToSeal], before: int) -> list[bytes]:
    """The texts of the entries of rows that follow so many sealed ones. Raises `BadEntry`."""
    hashed, quoted = sha256, _quoted
    texts: list[bytes] = []
    for n, row in enumerate(rows, before + 1):
        stream, version, topic, state, position, recorded_at, parts, redacts = row
        personal = ""
        if parts or redacts:
            if redacts or len(parts) > len(_PARTS):
                texts.append(entry_of(row, n).text())
                continue
            named = zip(_PARTS, parts, strict=False)
            personal = "".join([f',"{name}":"{part}"' for name, part in named])
        text = (
            f'{{"at":{recorded_at},"commit":{{"event":"{hashed(state).hexdigest()}"{personal}}},'
            f'"n":{n},"pos":{position},"stream":{quoted(stream)},"topic":{quoted(topic)},'
            f'"v":1,"ver":{version}}}'
        )
        texts.append(text.encode())
    if texts and len(max(texts, key=len)) > LONGEST_ENTRY:
        raise BadEntry(why=f"an entry has more than {LONGEST_ENTRY} bytes")
    return texts


_quoted = json.encoder.encode_basestring_ascii
"""A text as RFC 8785 writes it, for printable ASCII."""


def canonical(content: object) -> bytes:
    """RFC 8785 of what has only ASCII texts and integers, for which sorted compact JSON is that."""
    return _compact(content).encode()


_compact = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal, as `commit` holds it."""
    return sha256(content).hexdigest()


def read_entry(text: bytes) -> Entry:
    """Read an entry. Raises `BadEntry` for anything that is not written exactly as entries are."""
    found = _PLAIN.fullmatch(text.decode("latin-1"))
    if found is None or len(text) > LONGEST_ENTRY:
        return _read_any(text)
    at, event, parts, n, pos, stream, topic, ver = found.groups()
    commit = {EVENT: event}
    if parts:
        pieces = parts.split('"')
        names = pieces[1::4]
        if names != _PARTS[: len(names)]:
            return _read_any(text)
        commit |= zip(names, pieces[3::4], strict=True)
    return Entry(int(n), int(pos), int(at), stream, int(ver), topic, commit)


def _read_any(text: bytes) -> Entry:
    """Read an entry step by step, for the reason of a refusal."""
    try:
        content = json.loads(text.decode("ascii"), object_pairs_hook=_once)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadEntry(why="the entry is not ASCII JSON with each key once") from None
    if not isinstance(content, dict):
        raise BadEntry(why="the entry is not a JSON object")
    fields = cast("dict[str, object]", content)
    if fields.keys() - {"redacts"} != _KEYS:
        odd = sorted((fields.keys() ^ _KEYS) - {"redacts"})
        raise BadEntry(why=f"the entry has other keys than it must: {', '.join(odd)[:200]}")
    entry = Entry(
        n=_integer(fields, "n"),
        pos=_integer(fields, "pos"),
        at=_integer(fields, "at"),
        stream=_words(fields, "stream"),
        ver=_integer(fields, "ver"),
        topic=_words(fields, "topic"),
        commit=_digests(fields["commit"]),
        redacts=_redacted(fields),
    )
    if _integer(fields, "v") != VERSION or min(entry.n, entry.pos, entry.ver) < 1:
        raise BadEntry(why=f"entry {entry.n} has a number out of range")
    if entry.text() != text:
        raise BadEntry(why=f"entry {entry.n} is not in canonical form (RFC 8785)")
    return entry


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _integer(fields: Mapping[str, object], name: str) -> int:
    value = fields[name]
    if type(value) is not int or not 0 <= value <= _LARGEST:
        raise BadEntry(why=f"{name} is not a whole number")
    return value


def _words(fields: Mapping[str, object], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str) or not _ASCII.fullmatch(value):
        raise BadEntry(why=f"{name} is not printable ASCII text")
    return value


def _digests(commit: object) -> dict[str, str]:
    if not isinstance(commit, dict):
        raise BadEntry(why="commit is not an object")
    found = cast("dict[str, object]", commit)
    parts = [f"p{number}" for number in range(1, len(found))]
    if set(found) != {EVENT, *parts} or not all(map(_is_digest, found.values())):
        raise BadEntry(why="commit holds the digests event, p1, p2, … and nothing else")
    return cast("dict[str, str]", found)


def _redacted(fields: Mapping[str, object]) -> tuple[str, ...]:
    if "redacts" not in fields:
        return ()
    found = fields["redacts"]
    if not isinstance(found, list) or not found:
        raise BadEntry(why="redacts is not a list of digests")
    listed = cast("list[object]", found)
    if not all(map(_is_digest, listed)) or len(set(listed)) != len(listed):
        raise BadEntry(why="redacts lists digests, each once")
    return tuple(cast("list[str]", listed))


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


class Order:
    """Entries one after the other: counted, later and later, versions of each stream in turn."""

    def __init__(self) -> None:
        self.last: Entry | None = None
        self._versions: dict[str, int] = {}
        self._parts: dict[str, int] = {}
        self.redacted: dict[str, int] = {}
        """Digests of destroyed parts, each with the entry that destroyed it."""

    def follow(self, entry: Entry) -> None:
        """Take the next entry. Raises `BrokenOrder` where it cannot follow the ones before."""
        last, n = self.last, entry.n
        if n != (last.n if last else 0) + 1:
            raise BrokenOrder(why=f"entry {n} follows entry {last.n if last else 0}")
        if last and entry.pos <= last.pos:
            raise BrokenOrder(why=f"entry {n}: position {entry.pos} does not follow {last.pos}")
        if last and entry.at < last.at:
            raise BrokenOrder(why=f"entry {n}: its time is before that of entry {last.n}")
        before = self._versions.get(entry.stream, 0)
        if entry.ver != before + 1:
            raise BrokenOrder(
                why=f"entry {n}: version {entry.ver} of {entry.stream} follows {before}"
            )
        for redacted in entry.redacts:
            if redacted not in self._parts:
                raise BrokenOrder(why=f"entry {n} destroys what is not an earlier personal part")
            if redacted in self.redacted:
                raise BrokenOrder(
                    why=f"entry {n} destroys what entry {self.redacted[redacted]} did"
                )
            self.redacted[redacted] = n
        if len(entry.commit) > 1:
            self._parts |= {d: n for name, d in entry.commit.items() if name != EVENT}
        self._versions[entry.stream] = entry.ver
        self.last = entry
