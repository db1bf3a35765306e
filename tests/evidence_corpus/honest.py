"""The honest bundle that forgeries are made of: 20 entries of three streams, and its policies.

Everything is fixed, keys included, so that the same bytes come out anywhere: Ed25519 alone signs,
since signatures of ML-DSA are drawn.
"""

from __future__ import annotations

import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters.evidence.bundle import event_line
from adapters.evidence.entries import Entry, canonical, digest, read_entry
from adapters.evidence.merkle_tree import leaf_hash
from adapters.evidence.signed_notes import Head, KeyType, Note, SigningKey, read_head, read_note
from adapters.evidence.tiles import grow_tree

Members = dict[str, bytes]
Data = Mapping[str, str]
Change = Callable[[list[Entry]], list[Entry]]

ORIGIN = "register.example/toronto"
NOW = 1_764_367_200
"""28 November 2025: the time of every honest cosignature."""
FAR = 4_102_444_800
"""1 January 2100: ahead of every verifier's clock."""
SIZE, DESTROYED, DESTROYS = 20, 7, 15
STREAMS = tuple(f"toronto/partnership/{name}" for name in ("kiev", "lisbon", "warsaw"))

LOG = SigningKey(ORIGIN, KeyType.ED25519, b"\x01" * 32)
FORGER = SigningKey(ORIGIN, KeyType.ED25519, b"\x09" * 32)
ELSEWHERE = SigningKey("register.example/hamburg", KeyType.ED25519, b"\x0a" * 32)
WITNESS = SigningKey("witness.example/w", KeyType.ED25519_COSIGNATURE, b"\x03" * 32)
SECOND = SigningKey("witness.example/v", KeyType.ED25519_COSIGNATURE, b"\x04" * 32)

_log, _one, _two = (str(key.verifier) for key in (LOG, WITNESS, SECOND))
POLICIES: Mapping[str, str] = {
    "log": f"log {_log}\nquorum none\n",
    "witnessed": f"log {_log}\nwitness w {_one}\nquorum w\n",
    "two-of-two": f"log {_log}\nwitness w {_one}\nwitness v {_two}\ngroup g all w v\nquorum g\n",
    "one-key-two-names": f"log {_log}\nwitness w {_one}\nwitness v {_one}\nquorum w\n",
    "no-such-group": f"log {_log}\nquorum g\n",
    "too-many-needed": f"log {_log}\nwitness w {_one}\ngroup g 2 w\nquorum g\n",
    "leading-zero": f"log {_log}\nwitness w {_one}\ngroup g 01 w\nquorum g\n",
    "two-quorums": f"log {_log}\nquorum none\nquorum none\n",
    "witness-as-log": f"log {_one}\nquorum none\n",
    "unknown-line": f"log {_log}\nmonitor {_one}\nquorum none\n",
    "wrong-id": f"log {ORIGIN}+00000000+{_log.rpartition('+')[2]}\nquorum none\n",
    "no-quorum": f"log {_log}\n",
}
"""Policies by their names; the first trusts the log and asks for no witness."""


def part(n: int) -> bytes:
    """The sealed personal part of an entry."""
    return b"sealed %d" % n


def state(n: int) -> bytes:
    """The stored event of an entry."""
    if n != DESTROYS:
        return b'{"number":%d}' % n
    told = {
        "subject": "person-1",
        "parts": [digest(part(DESTROYED))],
        "authority": {"matter": "m", "decision": "d", "body": "council"},
    }
    return json.dumps(told).encode()


def honest_entries() -> list[Entry]:
    """The entries: every fifth has a personal part, and entry 15 destroys that of entry 7."""
    return [
        Entry(
            n=n,
            pos=2 * n - 1,
            at=1000 + n // 2,
            stream=STREAMS[(n - 1) % 3],
            ver=(n - 1) // 3 + 1,
            topic="personal-data-destroyed.v1" if n == DESTROYS else "t.v1",
            commit={"event": digest(state(n))} | ({"p1": digest(part(n))} if n % 5 == 2 else {}),
            redacts=(digest(part(DESTROYED)),) if n == DESTROYS else (),
        )
        for n in range(1, SIZE + 1)
    ]


def honest_data() -> list[dict[str, str]]:
    """The disclosed data of each entry."""
    return [
        {"event": b64(state(n))} | ({"p1": b64(part(n))} if n % 5 == 2 and n != DESTROYED else {})
        for n in range(1, SIZE + 1)
    ]


def bundle_of(
    entries: Sequence[Entry], data: Sequence[Data], *, earlier: Sequence[int] = (4,)
) -> Members:
    """The members of a bundle of these entries, signed by the log."""
    return bundle_of_texts([entry.text() for entry in entries], data, earlier=earlier)


def bundle_of_texts(
    texts: Sequence[bytes], data: Sequence[Data], *, earlier: Sequence[int] = ()
) -> Members:
    """The same of entries as texts, which need not be well formed."""
    growth = grow_tree(0, texts, list(map(leaf_hash, texts)), lambda _: None)
    members = {"checkpoint": signed(len(texts), growth.edge.root())}
    for size in (*earlier, len(texts)):
        some = texts[:size]
        root = grow_tree(0, some, list(map(leaf_hash, some)), lambda _: None).edge.root()
        members[f"checkpoints/{size}"] = signed(size, root)
    members |= growth.tiles
    members["streams.txt"] = b"*\n"
    lines = (
        canonical({"index": i, "leaf": text.decode(), "data": dict(data[i])}) + b"\n"
        for i, text in enumerate(texts)
    )
    members["events.jsonl"] = b"".join(lines)
    members["README.txt"] = b"Read me.\n"
    return members


def signed(size: int, root: bytes, *keys: SigningKey, at: int = NOW, origin: str = ORIGIN) -> bytes:
    """A signed head; by the log where no other keys are named."""
    head = Head(origin, size, root)
    return str(Note(head.text(), tuple(key.sign(head, at) for key in keys or (LOG,)))).encode()


def whole() -> Members:
    """The honest bundle of every stream."""
    return bundle_of(honest_entries(), honest_data())


def chosen() -> Members:
    """The honest bundle of one stream: entries of all, data of that one."""
    entries = honest_entries()
    pairs = zip(entries, honest_data(), strict=True)
    members = bundle_of(entries, [held if e.stream == STREAMS[0] else {} for e, held in pairs])
    return members | {"streams.txt": f"{STREAMS[0]}\n".encode()}


def cosigned(members: Members, at: int, *keys: SigningKey) -> None:
    """Add cosignatures to the head."""
    note = read_note(members["checkpoint"])
    lines = (key.sign(read_head(note.text), at) for key in keys)
    members["checkpoint"] = str(Note(note.text, (*note.signatures, *lines))).encode()


def sealed_again(members: Members, change: Change, *, sign: bool = True) -> None:
    """Make the tree anew of changed entries; signed by the log, or under its old head."""
    before = honest_entries()
    held = dict(zip((e.commit["event"] for e in before), honest_data(), strict=True))
    entries = change(before)
    old = members["checkpoint"]
    members.clear()
    data = [held.get(e.commit["event"], {"event": b64(b"{}")}) for e in entries]
    members |= bundle_of(entries, data, earlier=())
    if not sign:
        members["checkpoint"] = old
        del members[f"checkpoints/{len(entries)}"]


def with_text(members: Members, n: int, old: bytes, new: bytes) -> None:
    """Write one entry otherwise, and sign the tree of it."""
    texts = [entry.text() for entry in honest_entries()]
    assert texts[n - 1].count(old) == 1, (old, texts[n - 1])
    texts[n - 1] = texts[n - 1].replace(old, new)
    members.clear()
    members |= bundle_of_texts(texts, honest_data())


def with_line(members: Members, n: int, change: Callable[[Any], object]) -> None:
    """Change a line of the events, written as lines are."""
    lines = members["events.jsonl"].splitlines(keepends=True)
    line = json.loads(lines[n - 1])
    change(line)
    lines[n - 1] = event_line(line["index"], line["leaf"].encode(), line["data"])
    members["events.jsonl"] = b"".join(lines)


def changed(n: int, **fields: Any) -> Change:
    """Entries of which one has other fields."""
    return lambda entries: [e._replace(**fields) if e.n == n else e for e in entries]


def renumbered(entries: Sequence[Entry]) -> list[Entry]:
    """Entries with `n` from 1 without a hole."""
    return [entry._replace(n=n) for n, entry in enumerate(entries, 1)]


def archived(members: Mapping[str, bytes]) -> bytes:
    """The bytes of a bundle: stored, so that no library's compression changes them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return out.getvalue()


def b64(content: bytes) -> str:
    """Base 64 as text."""
    return b64encode(content).decode()


def entry(n: int) -> Entry:
    """One honest entry, read back from its text."""
    return read_entry(honest_entries()[n - 1].text())
