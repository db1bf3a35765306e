"""Private keys in a file that only its owner reads: one line a key, `PRIVATE+KEY+name+id+base64`.

The line is that of Go's note package; the bytes are the type and 32 bytes of seed.
"""

from __future__ import annotations

import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path

from adapters.evidence.faults import BadKeyFile, BadNote
from adapters.evidence.signed_notes import KeyType, SigningKey

_PREFIX = "PRIVATE+KEY"


def make_keys(path: Path, name: str, kinds: Sequence[KeyType]) -> list[SigningKey]:
    """Draw a key of each type into a new file. Raises `BadKeyFile` where a file is there."""
    seeds = [secrets.token_bytes(32) for _ in kinds]
    keys = [SigningKey(name, kind, seed) for kind, seed in zip(kinds, seeds, strict=True)]
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadKeyFile(why=f"{path} is there already; a key is never made anew") from None
    with os.fdopen(descriptor, "w") as file:
        for key, seed in zip(keys, seeds, strict=True):
            known = key.verifier
            content = b64encode(bytes([known.kind]) + seed).decode()
            file.write(f"{_PREFIX}+{name}+{known.key_id:08x}+{content}\n")
        file.flush()
        os.fsync(file.fileno())
    return keys


def read_keys(path: Path) -> list[SigningKey]:
    """Read every key of a file. Raises `BadKeyFile`, with the line that is wrong."""
    try:
        mode = path.stat().st_mode & 0o777
        lines = path.read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadKeyFile(why=f"{path} cannot be read: {error}") from None
    if mode & 0o077:
        raise BadKeyFile(why=f"{path} can be read by others (mode {mode:o}); make it 600")
    keys = [_key(path, number, line) for number, line in enumerate(lines, 1)]
    if not keys:
        raise BadKeyFile(why=f"{path} holds no key")
    return keys


def _key(path: Path, number: int, line: str) -> SigningKey:
    private, word, name, key_id, content = [*line.split("+", 4), *[""] * 5][:5]
    try:
        seed = b64decode(content, validate=True)
        key = SigningKey(name, KeyType(seed[0]), seed[1:])
    except (ValueError, IndexError, BadNote):
        raise BadKeyFile(why=f"{path}:{number}: no private key of a known type") from None
    if f"{private}+{word}" != _PREFIX or f"{key.verifier.key_id:08x}" != key_id:
        raise BadKeyFile(why=f"{path}:{number}: the id is not that of the key")
    return key
