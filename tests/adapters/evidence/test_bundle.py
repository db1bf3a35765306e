"""A bundle verifies, and each forgery is refused for its own reason."""

from __future__ import annotations

import json
import zipfile
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.evidence.bundle import Contents, event_line, write_bundle
from adapters.evidence.bundle_zip import BundleExists
from adapters.evidence.entries import Entry, SealedRow, digest, read_entry
from adapters.evidence.faults import (
    Altered,
    BadBundle,
    BadEntry,
    BadNote,
    BrokenOrder,
    EvidenceFault,
    NotTrusted,
)
from adapters.evidence.merkle_tree import leaf_hash
from adapters.evidence.sealer import Sealer
from adapters.evidence.signed_notes import Head, KeyType, Note, SigningKey, read_head, read_note
from adapters.evidence.tiles import entry_bundle, grow_tree, tile_name, tiles_of
from adapters.evidence.tree_stores import TreeFolder
from adapters.evidence.trust_policy import Policy, read_policy
from adapters.evidence.verifier import Verified, verify_bundle

ORIGIN = "register.example/toronto"
NOW = 1_764_367_200
KEYS = (
    SigningKey(ORIGIN, KeyType.ED25519, b"\x01" * 32),
    SigningKey(ORIGIN, KeyType.ML_DSA_44, b"\x02" * 32),
)
FORGER = SigningKey(ORIGIN, KeyType.ED25519, b"\x09" * 32)
WITNESS = SigningKey("witness.example/w", KeyType.ED25519_COSIGNATURE, b"\x03" * 32)
POLICY = read_policy("\n".join([*(f"log {key.verifier}" for key in KEYS), "quorum none"]).encode())
WITNESSED = read_policy(
    f"log {KEYS[0].verifier}\nwitness w {WITNESS.verifier}\nquorum w\n".encode()
)
SIZE, DESTROYED, DESTROYS = 300, 7, 250
STREAMS = [f"toronto/partnership/{name}" for name in ("kiev", "lisbon", "warsaw")]
Members = dict[str, bytes]


def part(n: int) -> bytes:
    return b"sealed %d" % n


def content(n: int) -> bytes:
    if n != DESTROYS:
        return b'{"number":%d}' % n
    told = {
        "subject": "person-1",
        "parts": [digest(part(DESTROYED))],
        "authority": {"matter": "m", "decision": "d", "body": "council"},
    }
    return json.dumps(told).encode()


def rows() -> list[SealedRow]:
    """Three streams in turn; entry 7 has a personal part that entry 250 destroys."""
    return [
        SealedRow(
            STREAMS[n % 3],
            n // 3 + 1,
            "personal-data-destroyed.v1" if n + 1 == DESTROYS else "t.v1",
            content(n + 1),
            2 * n + 1,
            1000 + n // 2,
            (digest(part(n + 1)),) if (n + 1) % 5 == 2 else (),
            (digest(part(DESTROYED)),) if n + 1 == DESTROYS else (),
        )
        for n in range(SIZE)
    ]


def stored(entry: Entry) -> Contents:
    parts = {"p1": part(entry.n)} if "p1" in entry.commit and entry.n != DESTROYED else {}
    return Contents(content(entry.n), parts)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("tree")
    every = rows()

    def waiting(after: int, limit: int) -> list[SealedRow]:
        return [row for row in every if row.position > after][:limit]

    sealer = Sealer(ORIGIN, KEYS, waiting, TreeFolder(at), at / "head", lambda: NOW)
    for batch in (10, 246, 44):
        sealer.seal(batch)
    return at


@pytest.fixture
def whole(folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "whole.zip"
    write_bundle(path, TreeFolder(folder), stored, readers={"README.txt": b"Read me.\n"})
    return path


def test_a_whole_bundle_verifies(whole: Path) -> None:
    found = verify_bundle(whole, POLICY, NOW)
    assert (found.head.size, found.heads, found.streams) == (SIZE, 3, None)
    assert (found.disclosed, found.withheld, found.parts) == (SIZE, 0, 59)
    assert found.destroyed == {250: 1}


def test_of_chosen_streams_all_is_shown_and_of_the_others_nothing(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "kiev.zip"
    write_bundle(path, TreeFolder(folder), stored, [STREAMS[0]])
    found = verify_bundle(path, POLICY, NOW)
    assert (found.disclosed, found.withheld) == (100, 200)
    assert found.streams == frozenset([STREAMS[0]])
    with zipfile.ZipFile(path) as archive:
        assert b"sealed 12" not in archive.read("events.jsonl")
        shown = [json.loads(line)["data"] for line in archive.read("events.jsonl").splitlines()]
    assert [bool(data) for data in shown] == [n % 3 == 0 for n in range(SIZE)]


def test_the_same_bundle_has_the_same_bytes(folder: Path, whole: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    write_bundle(again, TreeFolder(folder), stored, readers={"README.txt": b"Read me.\n"})
    assert again.read_bytes() == whole.read_bytes()
    with pytest.raises(BundleExists):
        write_bundle(again, TreeFolder(folder), stored)


def members_of(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def packed(members: Mapping[str, bytes], path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in members.items():
            archive.writestr(name, held)
    return path


def lines_of(members: Members) -> list[bytes]:
    return members["events.jsonl"].splitlines(keepends=True)


def with_line(members: Members, index: int, change: Callable[[dict[str, object]], object]) -> None:
    """Change one line, written as lines are."""
    lines = lines_of(members)
    line = json.loads(lines[index])
    change(line)
    lines[index] = event_line(line["index"], line["leaf"].encode(), line["data"])
    members["events.jsonl"] = b"".join(lines)


def resealed(members: Members, change: Callable[[list[Entry]], list[Entry]], sign: bool) -> None:
    """A tree made anew of changed entries; signed with the log's keys, or with its old head."""
    lines = [json.loads(line) for line in lines_of(members)]
    before = [read_entry(line["leaf"].encode()) for line in lines]
    held = {e.commit["event"]: line["data"] for e, line in zip(before, lines, strict=True)}
    entries = change(before)
    data = [held[entry.commit["event"]] for entry in entries]
    texts = [entry.text() for entry in entries]
    growth = grow_tree(0, texts, list(map(leaf_hash, texts)), lambda _: None)
    for name in [n for n in members if n.startswith(("tile/", "checkpoints/"))]:
        del members[name]
    members |= growth.tiles
    members["events.jsonl"] = b"".join(
        event_line(index, text, data[index]) for index, text in enumerate(texts)
    )
    if sign:
        head = Head(ORIGIN, len(texts), growth.edge.root())
        note = Note(head.text(), tuple(key.sign(head, NOW) for key in KEYS))
        members["checkpoint"] = str(note).encode()


def b64(held: bytes) -> str:
    return b64encode(held).decode()


def a_byte_of_an_event(m: Members) -> None:
    with_line(m, 20, lambda line: line["data"].update(event=b64(b"other")))  # type: ignore[attr-defined]


def an_event_left_out(m: Members) -> None:
    with_line(m, 20, lambda line: line["data"].pop("event"))  # type: ignore[attr-defined]


def a_part_left_out(m: Members) -> None:
    with_line(m, 11, lambda line: line["data"].pop("p1"))  # type: ignore[attr-defined]


def a_part_changed(m: Members) -> None:
    with_line(m, 11, lambda line: line["data"].update(p1=b64(b"other")))  # type: ignore[attr-defined]


def a_part_that_was_never_sealed(m: Members) -> None:
    with_line(m, 12, lambda line: line["data"].update(p1=b64(b"other")))  # type: ignore[attr-defined]


def a_destroyed_part_still_there(m: Members) -> None:
    with_line(m, 6, lambda line: line["data"].update(p1=b64(part(7))))  # type: ignore[attr-defined]


def change_entry(n: int, **fields: object) -> Callable[[list[Entry]], list[Entry]]:
    return lambda entries: [e._replace(**fields) if e.n == n else e for e in entries]  # type: ignore[arg-type]


def without(n: int) -> Callable[[list[Entry]], list[Entry]]:
    return lambda entries: [e for e in entries if e.n != n]


def renumbered_without(n: int) -> Callable[[list[Entry]], list[Entry]]:
    return lambda entries: [
        e._replace(n=i) for i, e in enumerate((e for e in entries if e.n != n), 1)
    ]


def swapped(entries: list[Entry]) -> list[Entry]:
    entries[20], entries[21] = entries[21], entries[20]
    return entries


def inserted(entries: list[Entry]) -> list[Entry]:
    extra = entries[20]._replace(stream="toronto/new", ver=1)
    return [e._replace(n=i) for i, e in enumerate([*entries[:20], extra, *entries[20:]], 1)]


def bits_left_over(members: Members) -> None:
    """Write an event in Base 64 whose last character has bits that no byte takes up."""

    def change(line: Any) -> None:
        encoded: str = line["data"]["event"]
        head, last = encoded.rstrip("=")[:-1], encoded.rstrip("=")[-1]
        line["data"]["event"] = head + chr(ord(last) + 1) + "=" * encoded.count("=")

    events = [json.loads(line)["data"]["event"] for line in lines_of(members)]
    with_line(members, next(n for n, event in enumerate(events) if event.endswith("=")), change)


FORGED: dict[str, tuple[Callable[[Members], object], type[EvidenceFault], str]] = {
    "a byte of an event": (a_byte_of_an_event, Altered, "entry 21: event is not what was sealed"),
    "an event left out": (an_event_left_out, Altered, "entry 21: the event is left out"),
    "a part left out": (a_part_left_out, Altered, "entry 12: a part is missing that no event"),
    "a part changed": (a_part_changed, Altered, "entry 12: p1 is not what was sealed"),
    "a part never sealed": (a_part_that_was_never_sealed, Altered, "entry 13: p1 was never sealed"),
    "a destroyed part": (
        a_destroyed_part_still_there,
        Altered,
        "entry 7: a part is here that entry 250 destroyed",
    ),
    "Base 64 with bits left over": (
        bits_left_over,
        BadBundle,
        "is not in the exact form that lines have",
    ),
    "another topic": (
        lambda m: resealed(m, change_entry(21, topic="u.v1"), sign=False),
        Altered,
        "do not give the root that was signed",
    ),
    "another time": (
        lambda m: resealed(m, change_entry(21, at=1008), sign=False),
        BrokenOrder,
        "entry 21: its time is before that of entry 20",
    ),
    "another version": (
        lambda m: resealed(m, change_entry(21, ver=99), sign=False),
        BrokenOrder,
        "entry 21: version 99 of toronto/partnership/warsaw follows 6",
    ),
    "the last row deleted": (
        lambda m: resealed(m, without(300), sign=False),
        BadBundle,
        r"tile/\S+ is missing",
    ),
    "a row deleted, signed by the log": (
        lambda m: resealed(m, renumbered_without(21), sign=True),
        BrokenOrder,
        "version 8 of toronto/partnership/warsaw follows 6",
    ),
    "a row deleted, its number left": (
        lambda m: resealed(m, without(21), sign=True),
        BrokenOrder,
        "entry 22 follows entry 20",
    ),
    "two rows swapped": (
        lambda m: resealed(m, swapped, sign=True),
        BrokenOrder,
        "entry 22 follows entry 20",
    ),
    "one inserted and renumbered": (
        lambda m: resealed(m, inserted, sign=True),
        BrokenOrder,
        "position 41 does not follow 41",
    ),
    "a destruction of an event": (
        lambda m: resealed(m, change_entry(260, redacts=(digest(content(5)),)), sign=True),
        BrokenOrder,
        "entry 260 destroys what is not an earlier personal part",
    ),
    "a destruction of a later part": (
        lambda m: resealed(m, change_entry(260, redacts=(digest(part(272)),)), sign=True),
        BrokenOrder,
        "entry 260 destroys what is not an earlier personal part",
    ),
    "a destruction told twice": (
        lambda m: resealed(m, change_entry(260, redacts=(digest(part(7)),)), sign=True),
        BrokenOrder,
        "entry 260 destroys what entry 250 did",
    ),
    "a destruction of what is here": (
        lambda m: resealed(m, change_entry(260, redacts=(digest(part(12)),)), sign=True),
        Altered,
        "entry 260: it destroys other parts than its event says",
    ),
    "an older head": (
        lambda m: m.update(checkpoint=m["checkpoints/10"]),
        BadBundle,
        r"tile/\S+ is (missing|a tile of no use)",
    ),
    "the head of a fork": (
        lambda m: m.update(
            checkpoint=str(
                Note(
                    (fork := Head(ORIGIN, SIZE, bytes(32))).text(),
                    tuple(key.sign(fork, NOW) for key in KEYS),
                )
            ).encode()
        ),
        Altered,
        "do not give the root that was signed",
    ),
    "an earlier head of a fork": (
        lambda m: m.update(
            {
                "checkpoints/10": str(
                    Note((fork := Head(ORIGIN, 10, bytes(32))).text(), (KEYS[0].sign(fork, NOW),))
                ).encode()
            }
        ),
        Altered,
        "checkpoints/10 is the head of another tree",
    ),
    "an earlier head under another name": (
        lambda m: m.update({"checkpoints/11": m["checkpoints/10"]}),
        Altered,
        "checkpoints/11 is the head of 10 entries",
    ),
    "an earlier head that nobody signed": (
        lambda m: m.update(
            {
                "checkpoints/10": str(
                    Note(
                        (old := read_note(m["checkpoints/10"])).text,
                        (FORGER.sign(read_head(old.text), NOW),),
                    )
                ).encode()
            }
        ),
        NotTrusted,
        f"no known key of {ORIGIN} signed this head",
    ),
    "a wrong key": (
        lambda m: m.update(
            checkpoint=str(
                Note(
                    read_note(m["checkpoint"]).text,
                    (FORGER.sign(read_head(read_note(m["checkpoint"]).text), NOW),),
                )
            ).encode()
        ),
        NotTrusted,
        f"no known key of {ORIGIN} signed this head",
    ),
    "an extension line": (
        lambda m: m.update(checkpoint=m["checkpoint"].replace(b"=\n\n", b"=\nmore\n\n", 1)),
        BadNote,
        "no extension lines",
    ),
    "a size with a leading zero": (
        lambda m: m.update(checkpoint=m["checkpoint"].replace(b"\n300\n", b"\n0300\n")),
        BadNote,
        "is not the size of a tree",
    ),
    "CRLF in the head": (
        lambda m: m.update(checkpoint=m["checkpoint"].replace(b"\n", b"\r\n")),
        BadNote,
        "control character",
    ),
    "CRLF in the events": (
        lambda m: m.update({"events.jsonl": m["events.jsonl"].replace(b"\n", b"\r\n", 1)}),
        BadBundle,
        "events.jsonl:1: the line ends with a carriage return",
    ),
    "no line end": (
        lambda m: m.update({"events.jsonl": m["events.jsonl"][:-1]}),
        BadBundle,
        "events.jsonl:300: the last line has no line end",
    ),
    "a line too few": (
        lambda m: m.update({"events.jsonl": b"".join(lines_of(m)[:-1])}),
        BadBundle,
        "events.jsonl has 299 lines, the tree 300 entries",
    ),
    "a line too many": (
        lambda m: m.update({"events.jsonl": m["events.jsonl"] + lines_of(m)[-1]}),
        BadBundle,
        "more lines than the tree has entries",
    ),
    "two lines swapped": (
        lambda m: m.update({"events.jsonl": b"".join([*lines_of(m)[1::-1], *lines_of(m)[2:]])}),
        Altered,
        "events.jsonl:1: the leaf is not entry 1",
    ),
    "a key twice in a line": (
        lambda m: m.update(
            {"events.jsonl": m["events.jsonl"].replace(b'"index":0', b'"index":0,"index":0', 1)}
        ),
        BadBundle,
        "events.jsonl:1: the line is not in the exact form that lines have",
    ),
    "a key of a line in capitals": (
        lambda m: m.update({"events.jsonl": m["events.jsonl"].replace(b'"index"', b'"Index"', 1)}),
        BadBundle,
        "events.jsonl:1: the line is not in the exact form that lines have",
    ),
    "a key that no line has": (
        lambda m: m.update(
            {"events.jsonl": m["events.jsonl"].replace(b'"index":0', b'"index":0,"more":1', 1)}
        ),
        BadBundle,
        "events.jsonl:1: the line is not in the exact form that lines have",
    ),
    "an index in another form": (
        lambda m: m.update(
            {"events.jsonl": m["events.jsonl"].replace(b'"index":0', b'"index":0e0', 1)}
        ),
        BadBundle,
        "events.jsonl:1: the line is not in the exact form that lines have",
    ),
    "an entry in another form": (
        lambda m: m.update(
            {
                name: c.replace(b'"n":1,', b'"n":1,')
                for name, c in m.items()
                if name == "tile/entries/000"
            }
            | {"tile/entries/000": m["tile/entries/000"].replace(b'"v":1,', b'"v":1 ', 1)}
        ),
        BadEntry,
        "not ASCII JSON",
    ),
    "a hash of a tile": (
        lambda m: m.update({"tile/0/000": bytes(32) + m["tile/0/000"][32:]}),
        Altered,
        "tile/0/000 is not what the entries give",
    ),
    "a hash of a partial tile": (
        lambda m: m.update({"tile/1/000.p/1": bytes(32)}),
        Altered,
        r"tile/1/000\.p/1 is not what the entries give",
    ),
    "a tile of no use": (
        lambda m: m.update({"tile/0/001.p/43": bytes(43 * 32)}),
        BadBundle,
        r"tile/0/001\.p/43 is a tile of no use",
    ),
    "a tile missing": (
        lambda m: m.pop("tile/0/000"),
        BadBundle,
        "tile/0/000 is missing",
    ),
    "a stray member": (
        lambda m: m.update({"notes.txt": b""}),
        BadBundle,
        "notes.txt is no member of a bundle",
    ),
    "a name that leaves the bundle": (
        lambda m: m.update({"schemas/../../x": b""}),
        BadBundle,
        "is not the name of a member of a bundle",
    ),
    "a name with a backslash": (
        lambda m: m.update({"schemas\\x": b""}),
        BadBundle,
        "is not the name of a member of a bundle|is no member of a bundle",
    ),
    "an absolute name": (
        lambda m: m.update({"/schemas/x": b""}),
        BadBundle,
        "is not the name of a member of a bundle",
    ),
    "no streams": (
        lambda m: m.update({"streams.txt": b""}),
        BadBundle,
        "streams.txt lists names, sorted, each once",
    ),
    "streams that are not sorted": (
        lambda m: m.update({"streams.txt": b"b\na\n"}),
        BadBundle,
        "streams.txt lists names, sorted, each once",
    ),
    "fewer streams than are disclosed": (
        lambda m: m.update({"streams.txt": f"{STREAMS[0]}\n".encode()}),
        BadBundle,
        "data of a stream that was not chosen",
    ),
}


@pytest.mark.parametrize("what", FORGED)
def test_a_forgery_is_refused_for_its_own_reason(what: str, whole: Path, tmp_path: Path) -> None:
    forge, kind, says = FORGED[what]
    members = members_of(whole)
    forge(members)
    with pytest.raises(kind, match=says):
        verify_bundle(packed(members, tmp_path / "forged.zip"), POLICY, NOW)


def test_what_is_packed_again_unchanged_verifies(whole: Path, tmp_path: Path) -> None:
    again = packed(members_of(whole), tmp_path / "again.zip")
    assert verify_bundle(again, POLICY, NOW) == verify_bundle(whole, POLICY, NOW)


def with_bytes_before(held: bytes) -> bytes:
    return b"hidden" + held


def with_bytes_behind(held: bytes) -> bytes:
    return held + b"hidden"


def cut(held: bytes) -> bytes:
    return held[:-10]


def damaged(held: bytes) -> bytes:
    at = held.index(b"events.jsonl") + 200
    return held[:at] + bytes([held[at] ^ 0xFF]) + held[at + 1 :]


@pytest.mark.parametrize(
    ("bend", "says"),
    [
        (with_bytes_before, "bytes beside the members"),
        (with_bytes_behind, "bytes beside the members|not a readable zip"),
        (cut, "not a readable zip archive"),
        (damaged, "events.jsonl is damaged"),
        (lambda _: b"", "not a readable zip archive"),
    ],
)
def test_bytes_beside_the_members_are_refused(
    whole: Path, bend: Callable[[bytes], bytes], says: str
) -> None:
    whole.write_bytes(bend(whole.read_bytes()))
    with pytest.raises(BadBundle, match=says):
        verify_bundle(whole, POLICY, NOW)


def test_a_comment_or_a_member_twice_is_refused(whole: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(whole, "a") as archive:
        archive.comment = b"hidden"
    with pytest.raises(BadBundle, match="bytes beside the members"):
        verify_bundle(whole, POLICY, NOW)
    twice = tmp_path / "twice.zip"
    packed(members_of(whole), twice)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(twice, "a") as archive:
        archive.writestr("README.txt", b"other")
    with pytest.raises(BadBundle, match=r"README\.txt is in the bundle twice"):
        verify_bundle(twice, POLICY, NOW)


def cosigned(whole: Path, tmp_path: Path, at: int, name: str = "witness.example/w") -> Path:
    members = members_of(whole)
    note = read_note(members["checkpoint"])
    key = SigningKey(name, KeyType.ED25519_COSIGNATURE, b"\x03" * 32)
    line = key.sign(read_head(note.text), at)
    members["checkpoint"] = str(Note(note.text, (*note.signatures, line))).encode()
    return packed(members, tmp_path / "cosigned.zip")


@pytest.mark.parametrize(
    ("at", "enough"), [(NOW, True), (NOW + 60, True), (NOW + 61, False), (0, False)]
)
def test_a_witness_is_asked_for_where_the_policy_says_so(
    whole: Path, tmp_path: Path, at: int, enough: bool
) -> None:
    with pytest.raises(NotTrusted, match="too few witnesses cosigned: none"):
        verify_bundle(whole, WITNESSED, NOW)
    path = cosigned(whole, tmp_path, at)
    if enough:
        assert verify_bundle(path, WITNESSED, NOW).cosigned == {"w": at}
    else:
        with pytest.raises(NotTrusted, match="too few witnesses cosigned: none"):
            verify_bundle(path, WITNESSED, NOW)


def test_every_tile_of_the_head_is_in_the_bundle(whole: Path) -> None:
    members = members_of(whole)
    tiles = {name for name in members if tile_name(name)}
    assert tiles == {name.path for name in tiles_of(SIZE)}
    assert members["tile/entries/001.p/44"] == entry_bundle(
        [json.loads(line)["leaf"].encode() for line in lines_of(members)[256:]]
    )


def test_the_policy_alone_says_who_is_believed(whole: Path) -> None:
    nobody = Policy(logs=())
    with pytest.raises(NotTrusted, match="no known key"):
        verify_bundle(whole, nobody, NOW)
    assert isinstance(verify_bundle(whole, POLICY, NOW), Verified)
