"""Proofs as text: the inclusion of an entry (C2SP tlog-proof), and a request to a witness."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.evidence.faults import BadProof, NotProven, NotTrusted
from adapters.evidence.merkle_tree import HASH_BYTES, leaf_hash, proves_inclusion
from adapters.evidence.signed_notes import LONGEST_NOTE, Note, read_note
from adapters.evidence.trust_policy import Policy, Trusted, trusted_head

FIRST_LINE = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 63

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """A proof that an entry stands at an index of the tree of a signed head."""

    index: int
    hashes: tuple[bytes, ...]
    note: Note
    extra: bytes | None = None

    def __str__(self) -> str:
        extra = "" if self.extra is None else f"extra {b64encode(self.extra).decode()}\n"
        return f"{FIRST_LINE}\n{extra}index {self.index}\n{_lines(self.hashes)}\n{self.note}"

    def verify(self, entry: bytes, policy: Policy, now: int | None = None) -> Trusted:
        """The head that the entry is under. Raises `NotProven` and what `trusted_head` raises."""
        trusted = trusted_head(self.note, policy, now)
        if not trusted.met:
            raise NotTrusted(
                why=f"too few witnesses cosigned: {', '.join(trusted.cosigned) or 'none'}"
            )
        head = trusted.head
        if not proves_inclusion(leaf_hash(entry), self.index, head.size, self.hashes, head.root):
            raise NotProven(why=f"the entry is not proven to stand at {self.index} of {head.size}")
        return trusted


def read_inclusion_proof(content: bytes) -> InclusionProof:
    """Read a `.tlog-proof`. Raises `BadProof` and `BadNote`."""
    if len(content) > LONGEST_NOTE:
        raise BadProof(why=f"the proof is longer than {LONGEST_NOTE} bytes")
    before, blank, after = content.partition(b"\n\n")
    lines = before.decode("ascii", "replace").split("\n")
    if not blank or lines.pop(0) != FIRST_LINE:
        raise BadProof(why=f"the first line of a proof is {FIRST_LINE}")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = _from_base64(lines.pop(0).removeprefix("extra "))
    word, _, number = (lines.pop(0) if lines else "").partition(" ")
    if word != "index" or not _NUMBER.fullmatch(number):
        raise BadProof(why="a proof has a line with the index of its entry")
    return InclusionProof(int(number), _hashes(lines), read_note(after), extra)


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A log's request to a witness: the size it knows, a consistency proof, and the new head."""

    old: int
    hashes: tuple[bytes, ...]
    note: Note

    def __str__(self) -> str:
        return f"old {self.old}\n{_lines(self.hashes)}\n{self.note}"


def read_add_checkpoint(content: bytes) -> AddCheckpoint:
    """Read the body of a request to a witness. Raises `BadProof` and `BadNote`."""
    if len(content) > LONGEST_NOTE:
        raise BadProof(why=f"the request is longer than {LONGEST_NOTE} bytes")
    before, blank, after = content.partition(b"\n\n")
    lines = before.decode("ascii", "replace").split("\n")
    word, _, number = lines.pop(0).partition(" ")
    if not blank or word != "old" or not _NUMBER.fullmatch(number):
        raise BadProof(why="the first line is the old size, such as old 12")
    return AddCheckpoint(int(number), _hashes(lines), read_note(after))


def _lines(hashes: Sequence[bytes]) -> str:
    return "".join(f"{b64encode(each).decode()}\n" for each in hashes)


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > MOST_HASHES:
        raise BadProof(why=f"a proof has at most {MOST_HASHES} hashes")
    found = tuple(map(_from_base64, lines))
    if any(len(each) != HASH_BYTES for each in found):
        raise BadProof(why="each line of a proof is a hash of 32 bytes")
    return found


def _from_base64(text: str) -> bytes:
    try:
        content = b64decode(text, validate=True)
    except ValueError:
        content = b""
    if b64encode(content).decode() != text:
        raise BadProof(why=f"{text[:60]!r} is not Base 64")
    return content
