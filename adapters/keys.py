"""This register's secret key, in a file beside the log that only its owner reads."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from adapters.writing import naming
from application.ports import NotSetUp

BYTES = 32


@dataclass(frozen=True, slots=True)
class FileKeys:
    """Implements `application.ports.Keys` with a key that was read from a file."""

    secret: bytes

    def digest(self, content: bytes) -> str:
        """HMAC-SHA256, in hexadecimal."""
        return hmac.new(self.secret, content, hashlib.sha256).hexdigest()


def set_up_keys(path: Path) -> None:
    """Make a key where there is none; of several processes at once, the first one's stands.

    Raises `NotSetUp` where what is there is no key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        open_keys(path)
        return
    mine = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with naming(path), os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(mine, path)
    finally:
        mine.unlink()


def open_keys(path: Path) -> FileKeys:
    """Read the key. Raises `NotSetUp` where there is none or it is cut short."""
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        raise NotSetUp(keys=str(path)) from None
    if len(secret) != BYTES:
        raise NotSetUp(keys=str(path), bytes=len(secret), expected=BYTES)
    return FileKeys(secret)
