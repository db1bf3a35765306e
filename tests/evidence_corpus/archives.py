"""Archives with more or less than a bundle has, and lines that are not written as lines are."""

from __future__ import annotations

from adapters.evidence.faults import (
    Altered,
    BadBundle,
    BadTile,
)
from adapters.evidence.tiles import entries_of, entry_bundle
from tests.evidence_corpus.case import Case, bent, made_of, put, replaced
from tests.evidence_corpus.honest import (
    STREAMS,
    Members,
    archived,
    whole,
)


def _lines(m: Members) -> list[bytes]:
    return m["events.jsonl"].splitlines(keepends=True)


def _lines_swapped(m: Members) -> None:
    one, two, *others = _lines(m)
    m["events.jsonl"] = b"".join([two, one, *others])


def _member_twice(_: bytes) -> bytes:
    """The README is in the list of members twice, under one name."""
    members = whole()
    del members["README.txt"]
    once = archived(members | {"README.txt": b"one\n", "README.tx2": b"two\n"})
    return once.replace(b"README.tx2", b"README.txt")


def _name_in_one_header(held: bytes) -> bytes:
    """The first header of the README names it otherwise, and longer by nothing."""
    at = held.index(b"README.txt")
    return held[:at] + b"README.doc" + held[at + 10 :]


def _without_last(m: Members) -> bytes:
    return entry_bundle(entries_of(m["tile/entries/000.p/20"])[:-1])


NO_ARCHIVE = "BUNDLE is not a readable zip archive: File is not a zip file"
"""The path of the bundle stands in the message."""

ARCHIVES = (
    Case(
        "bytes-before",
        "there are bytes before the first member",
        bent(lambda held: b"hidden" + held),
        fault=BadBundle,
        why="there are bytes beside the members, at 0",
    ),
    Case(
        "bytes-behind",
        "there are bytes behind the last member",
        bent(lambda held: held + b"hidden"),
        fault=BadBundle,
        why="there are bytes beside the members, at 11524 or behind",
    ),
    Case(
        "cut-short",
        "the archive ends too early",
        bent(lambda held: held[:-10]),
        fault=BadBundle,
        why=NO_ARCHIVE,
    ),
    Case("empty-file", "the file is empty", lambda: b"", fault=BadBundle, why=NO_ARCHIVE),
    Case(
        "not-an-archive",
        "the file is a text",
        lambda: b"verified\n",
        fault=BadBundle,
        why=NO_ARCHIVE,
    ),
    Case(
        "member-damaged",
        "the bytes of a member do not fit its checksum",
        bent(lambda held: held.replace(b"Read me", b"Read it")),
        fault=BadBundle,
        why="README.txt is damaged: Bad CRC-32 for file 'README.txt'",
    ),
    Case(
        "two-names-of-a-member",
        "a member has another name in its own header than in the list",
        bent(_name_in_one_header),
        fault=BadBundle,
        why="README.txt is damaged: File name in directory 'README.txt' and header "
        "b'README.doc' differ.",
    ),
    Case(
        "member-twice",
        "a member is there twice",
        bent(_member_twice),
        fault=BadBundle,
        why="README.txt is in the bundle twice",
    ),
    Case(
        "comment",
        "the archive has a comment",
        bent(lambda held: held[:-2] + b"\x06\x00hidden"),
        fault=BadBundle,
        why="there are bytes beside the members, at 11524 or behind",
    ),
    Case(
        "path-escape",
        "a member's name leads out of the bundle",
        made_of(lambda m: m.update({"schemas/../../x": b""})),
        fault=BadBundle,
        why="'schemas/../../x' is not the name of a member of a bundle",
    ),
    Case(
        "absolute-path",
        "a member's name is absolute",
        made_of(lambda m: m.update({"/schemas/x": b""})),
        fault=BadBundle,
        why="'/schemas/x' is not the name of a member of a bundle",
    ),
    Case(
        "backslash",
        "a member's name has a backslash",
        made_of(lambda m: m.update({"schemas\\x": b""})),
        fault=BadBundle,
        why="'schemas\\\\x' is not the name of a member of a bundle",
    ),
    Case(
        "folder",
        "a folder is there as a member",
        made_of(lambda m: m.update({"schemas/": b""})),
        fault=BadBundle,
        why="'schemas/' is not the name of a member of a bundle",
    ),
    Case(
        "stray-member",
        "a member is there that no bundle has",
        made_of(lambda m: m.update({"notes.txt": b""})),
        fault=BadBundle,
        why="notes.txt is no member of a bundle",
    ),
    Case(
        "stray-tile",
        "a tile is there that the head does not need",
        made_of(lambda m: m.update({"tile/0/000.p/4": bytes(128)})),
        fault=BadBundle,
        why="tile/0/000.p/4 is a tile of no use",
    ),
    Case(
        "tile-missing",
        "a tile is missing",
        made_of(lambda m: m.pop("tile/0/000.p/20")),
        fault=BadBundle,
        why="tile/0/000.p/20 is missing",
    ),
    Case(
        "tile-altered",
        "a hash of a tile differs",
        made_of(lambda m: m.update({"tile/0/000.p/20": bytes(32) + m["tile/0/000.p/20"][32:]})),
        fault=Altered,
        why="tile/0/000.p/20 is not what the entries give",
    ),
    Case(
        "entries-cut",
        "the entry bundle ends within an entry",
        made_of(lambda m: m.update({"tile/entries/000.p/20": m["tile/entries/000.p/20"][:-3]})),
        fault=BadTile,
        why="an entry bundle ends within an entry",
    ),
    Case(
        "entries-too-few",
        "the entry bundle has an entry less",
        made_of(lambda m: m.update({"tile/entries/000.p/20": _without_last(m)})),
        fault=BadTile,
        why="tile/entries/000.p/20 has 19 entries and not 20",
    ),
    Case(
        "events-missing",
        "the events are missing",
        made_of(lambda m: m.pop("events.jsonl")),
        fault=BadBundle,
        why="events.jsonl is missing",
    ),
    Case(
        "head-missing",
        "the head is missing",
        made_of(lambda m: m.pop("checkpoint")),
        fault=BadBundle,
        why="checkpoint is missing",
    ),
)

LINES = (
    Case(
        "events-crlf",
        "a line of the events ends with a carriage return",
        made_of(replaced("events.jsonl", b"\n", b"\r\n")),
        fault=BadBundle,
        why="events.jsonl:1: the line ends with a carriage return",
    ),
    Case(
        "events-unfinished",
        "the last line of the events does not end",
        made_of(lambda m: m.update({"events.jsonl": m["events.jsonl"][:-1]})),
        fault=BadBundle,
        why="events.jsonl:20: the last line has no line end",
    ),
    Case(
        "line-too-few",
        "the events have a line less than the tree has entries",
        made_of(lambda m: m.update({"events.jsonl": b"".join(_lines(m)[:-1])})),
        fault=BadBundle,
        why="events.jsonl has 19 lines, the tree 20 entries",
    ),
    Case(
        "line-too-many",
        "the events have a line more",
        made_of(lambda m: m.update({"events.jsonl": m["events.jsonl"] + _lines(m)[-1]})),
        fault=BadBundle,
        why="events.jsonl has more lines than the tree has entries",
    ),
    Case(
        "lines-swapped",
        "two lines of the events have changed places",
        made_of(_lines_swapped),
        fault=Altered,
        why="events.jsonl:1: the leaf is not entry 1 of the tree",
    ),
    *(
        Case(
            name,
            says,
            made_of(replaced("events.jsonl", b'"index":0', new)),
            fault=BadBundle,
            why="events.jsonl:1: the line is not in the exact form that lines have",
        )
        for name, says, new in (
            ("line-key-twice", "a key of a line stands twice", b'"index":0,"index":0'),
            ("line-key-in-capitals", "a key of a line is in capitals", b'"Index":0'),
            ("line-unknown-key", "a line has a key that no line has", b'"index":0,"more":1'),
            ("line-exponent", "the index is written 0e0", b'"index":0e0'),
            ("line-space", "a line has a space between its keys", b'"index": 0'),
        )
    ),
    Case(
        "streams-none",
        "no stream is listed",
        made_of(put(**{"streams.txt": b""})),
        fault=BadBundle,
        why="streams.txt lists names, sorted, each once, or *",
    ),
    Case(
        "streams-unsorted",
        "the streams are not sorted",
        made_of(put(**{"streams.txt": b"b\na\n"})),
        fault=BadBundle,
        why="streams.txt lists names, sorted, each once, or *",
    ),
    Case(
        "streams-fewer",
        "fewer streams are listed than are shown",
        made_of(put(**{"streams.txt": f"{STREAMS[0]}\n".encode()})),
        fault=BadBundle,
        why="events.jsonl:2: data of a stream that was not chosen",
    ),
)
