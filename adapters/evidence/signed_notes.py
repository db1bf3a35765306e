"""Signed notes (C2SP signed-note), and the keys that sign heads and cosign them.

| type | what it signs |
|---|---|
| 0x01 | Ed25519 over the note's text: a log's own signature |
| 0x04 | Ed25519 over the text with a time before it: a witness |
| 0x06 | ML-DSA-44 over name, time, origin, size and root (tlog-cosignature): a log or a witness |
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from adapters.evidence.faults import BadNote, BadSignature
from adapters.evidence.merkle_tree import HASH_BYTES

MOST_SIGNATURES = 64
"""Signature lines in a note; a reader has to accept 16 at least."""
LONGEST_NOTE = 512 * 1024

_SIGNATURE = re.compile(r"— (?P<name>[^\s+]+) (?P<bytes>[A-Za-z0-9+/]+={0,2})")
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]*")
_LABEL = b"subtree/v1\n\x00"
_LATEST = 2**63 - 1


class KeyType(IntEnum):
    """The kinds of signatures that are known here."""

    ED25519 = 0x01
    ED25519_COSIGNATURE = 0x04
    ML_DSA_44 = 0x06


_KEY_BYTES = {KeyType.ED25519: 32, KeyType.ED25519_COSIGNATURE: 32, KeyType.ML_DSA_44: 1312}
_SIGNATURE_BYTES = {KeyType.ED25519: 64, KeyType.ED25519_COSIGNATURE: 72, KeyType.ML_DSA_44: 2428}


class Signature(NamedTuple):
    """One signature line: who signed, the id of the key, and the bytes after it."""

    name: str
    key_id: int
    content: bytes

    def line(self) -> str:
        """The line as a note has it, its line end included."""
        return f"— {self.name} {_base64(self.key_id.to_bytes(4, 'big') + self.content)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text with its signatures; the text ends with a line end."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(signature.line() for signature in self.signatures)}"


def read_note(content: bytes) -> Note:
    """Read a note, without trusting it. Raises `BadNote`."""
    if len(content) > LONGEST_NOTE:
        raise BadNote(why=f"the note is longer than {LONGEST_NOTE} bytes")
    try:
        whole = content.decode()
    except UnicodeDecodeError:
        raise BadNote(why="the note is not UTF-8") from None
    if _CONTROL.search(whole):
        raise BadNote(why="the note has a control character")
    text, blank, signed = whole.rpartition("\n\n")
    if not blank or not text or not signed.endswith("\n"):
        raise BadNote(
            why="a note is a text, an empty line and signature lines, each with a line end"
        )
    return Note(text + "\n", tuple(read_signatures(signed)))


def read_signatures(lines: str) -> list[Signature]:
    """Read signature lines, such as a witness answers with. Raises `BadNote`."""
    if not lines.endswith("\n"):
        raise BadNote(why="a signature line has no line end")
    found: list[Signature] = []
    for line in lines[:-1].split("\n"):
        parts = _SIGNATURE.fullmatch(line)
        content = _from_base64(parts["bytes"]) if parts else b""
        if parts is None or len(content) <= 4:
            raise BadNote(why=f"{line[:80]!r} is not a signature line")
        found.append(Signature(parts["name"], int.from_bytes(content[:4], "big"), content[4:]))
    if len(found) > MOST_SIGNATURES:
        raise BadNote(why=f"the note has more than {MOST_SIGNATURES} signatures")
    return found


@dataclass(frozen=True, slots=True)
class Head:
    """A tree's head as it is signed: origin, number of leaves, and root (tlog-checkpoint)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text of the checkpoint, which has no extension lines."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


def read_head(text: str) -> Head:
    """Read the text of a checkpoint. Raises `BadNote`, also for extension lines."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise BadNote(why="a head has three lines: origin, size and root, and no extension lines")
    if not _SIZE.fullmatch(lines[1]) or int(lines[1]) > _LATEST:
        raise BadNote(why=f"{lines[1][:40]!r} is not the size of a tree")
    root = _from_base64(lines[2])
    if len(root) != HASH_BYTES:
        raise BadNote(why="a root has 32 bytes")
    return Head(lines[0], int(lines[1]), root)


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a key, as it is handed to those who verify."""

    name: str
    kind: KeyType
    public: bytes

    @property
    def key_id(self) -> int:
        """Four bytes of a hash of name, type and key."""
        hashed = sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public)
        return int.from_bytes(hashed.digest()[:4], "big")

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id:08x}+{_base64(bytes([self.kind]) + self.public)}"

    def made(self, signature: Signature) -> bool:
        """True if a signature line says that it is of this key; says nothing of its truth."""
        return (signature.name, signature.key_id) == (self.name, self.key_id)

    def verify(self, head: Head, signature: Signature) -> int | None:
        """The signature's time, seconds since 1970, or `None` for a type that has none.

        Raises `BadSignature`.
        """
        if len(signature.content) != _SIGNATURE_BYTES[self.kind]:
            raise BadSignature(why=f"the signature of {self.name} has the wrong length")
        timed = self.kind is not KeyType.ED25519
        time = int.from_bytes(signature.content[:8], "big") if timed else None
        signed = signature.content[8:] if timed else signature.content
        if time is not None and time > _LATEST:
            raise BadSignature(why=f"the time of {self.name}'s signature is out of range")
        try:
            if self.kind is KeyType.ML_DSA_44:
                message = _cosigned(self.name, time or 0, head)
                MLDSA44PublicKey.from_public_bytes(self.public).verify(signed, message)
            else:
                message = _signed_text(time, head)
                Ed25519PublicKey.from_public_bytes(self.public).verify(signed, message)
        except (InvalidSignature, ValueError):
            raise BadSignature(why=f"the signature of {self.name} does not fit") from None
        return time


def read_key(vkey: str) -> VerifierKey:
    """Read a verifier key, `name+id+base64`. Raises `BadNote`."""
    name, _, rest = vkey.partition("+")
    key_id, _, encoded = rest.partition("+")
    content = _from_base64(encoded)
    if not _NAME.fullmatch(name) or not content or content[0] not in list(KeyType):
        raise BadNote(why=f"{vkey[:80]!r} is not a verifier key of a known type")
    key = VerifierKey(name, KeyType(content[0]), content[1:])
    if len(key.public) != _KEY_BYTES[key.kind]:
        raise BadNote(why=f"the key of {name} has the wrong length")
    if f"{key.key_id:08x}" != key_id:
        raise BadNote(why=f"the id of {name}'s key is not that of its name and bytes")
    return key


class SigningKey:
    """The private half of a key: 32 bytes of seed, and the name and type it signs under."""

    def __init__(self, name: str, kind: KeyType, seed: bytes) -> None:
        if not _NAME.fullmatch(name):
            raise BadNote(why=f"{name!r} cannot name a key: it is empty or has a space or a plus")
        if len(seed) != 32:
            raise BadNote(why="the seed of a key has 32 bytes")
        self._ed25519 = self._ml_dsa = None
        if kind is KeyType.ML_DSA_44:
            self._ml_dsa = MLDSA44PrivateKey.from_seed_bytes(seed)
            public = self._ml_dsa.public_key().public_bytes_raw()
        else:
            self._ed25519 = Ed25519PrivateKey.from_private_bytes(seed)
            public = self._ed25519.public_key().public_bytes_raw()
        self.verifier = VerifierKey(name, kind, public)

    def sign(self, head: Head, time: int) -> Signature:
        """Sign a head; `time` is in seconds since 1970, for the types that say it."""
        key = self.verifier
        if self._ml_dsa is not None:
            signed = self._ml_dsa.sign(_cosigned(key.name, time, head))
            return Signature(key.name, key.key_id, time.to_bytes(8, "big") + signed)
        assert self._ed25519 is not None  # noqa: S101  (one of the two is always there)
        if key.kind is KeyType.ED25519:
            return Signature(key.name, key.key_id, self._ed25519.sign(_signed_text(None, head)))
        signed = self._ed25519.sign(_signed_text(time, head))
        return Signature(key.name, key.key_id, time.to_bytes(8, "big") + signed)


def _signed_text(time: int | None, head: Head) -> bytes:
    before = "" if time is None else f"cosignature/v1\ntime {time}\n"
    return (before + head.text()).encode()


def _cosigned(name: str, time: int, head: Head) -> bytes:
    """The `cosigned_message` of tlog-cosignature, for a whole tree."""
    named, origin = name.encode(), head.origin.encode()
    if max(len(named), len(origin)) > 255:
        raise BadNote(why="names of keys and origins have at most 255 bytes here")
    return b"".join(
        (
            _LABEL,
            bytes([len(named)]),
            named,
            time.to_bytes(8, "big"),
            bytes([len(origin)]),
            origin,
            (0).to_bytes(8, "big"),
            head.size.to_bytes(8, "big"),
            head.root,
        )
    )


def _base64(content: bytes) -> str:
    return b64encode(content).decode()


def _from_base64(text: str) -> bytes:
    """The bytes; empty where the text is not exactly their Base 64."""
    try:
        content = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return b""
    return content if _base64(content) == text else b""
