"""Personal parts: a value sealed under the key of its subject, which an event names by a digest.

A part is a byte of its format, 32 random bytes, 32 bytes that commit to the key, and the value
under AES-256-GCM with a key of its own, derived from both by HKDF-SHA-512. Only the subject's key
opens it, and to one value; whoever has no key learns nothing from part or digest.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from application.ports import Damaged

KEY = 32
"""Bytes of a subject's key."""
_FORMAT = b"\x01"
_HEAD = 65
_ONCE = bytes(12)
"""The nonce: each derived key seals one value."""
MARK = b'{"digest":"'
"""Stands in every stored event that names a personal part."""
_PART = re.compile(rb'\{"digest":"([0-9a-f]{64})"\}')
"""The digest of a personal value in an event, as pydantic writes it and nothing else of a fact."""


def seal(key: bytes, value: bytes) -> bytes:
    """Seal a value; the same one has another part each time."""
    salt = secrets.token_bytes(32)
    own, commitment = _derived(key, salt)
    head = _FORMAT + salt + commitment
    return head + AESGCM(own).encrypt(_ONCE, value, head)


def unseal(key: bytes, part: bytes) -> bytes:
    """Open a part. Raises `Damaged` for another key, and for a part that was altered."""
    head, content = part[:_HEAD], part[_HEAD:]
    own, commitment = _derived(key, head[1:33])
    try:
        if head[:1] == _FORMAT and hmac.compare_digest(head[33:], commitment):
            return AESGCM(own).decrypt(_ONCE, content, head)
    except InvalidTag:
        pass
    raise Damaged(
        log=f"personal part {digest_of(part)}",
        reason="it was not sealed so under the key of its subject",
        mend="alliance verify log; restore log and personal keys of one time",
    )


def is_sealed_under(key: bytes, part: bytes) -> bool:
    """True if a part says that it was sealed under a key; it commits to it."""
    return hmac.compare_digest(part[33:_HEAD], _derived(key, part[1:33])[1])


def digest_of(part: bytes) -> str:
    """Return SHA-256 of a part: what its event and its entry of the evidence hold of it."""
    return hashlib.sha256(part).hexdigest()


def parts_of(state: bytes) -> tuple[str, ...]:
    """Return the digests of the personal parts of a stored event, in their order, each once."""
    if MARK not in state:
        return ()
    return tuple(dict.fromkeys(found.decode() for found in _PART.findall(state)))


def _derived(key: bytes, salt: bytes) -> tuple[bytes, bytes]:
    material = HKDF(SHA512(), 64, salt, b"alliance personal part v1").derive(key)
    return material[:32], material[32:]
