"""This register's secret key, in a file beside the log that only its owner reads."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from adapters.files import naming_file
from application.ports import Log, NotSetUp
from domain.shared.log_facts import CommandRecorded

BYTES = 32
WINDOW = 1000
"""Positions that are looked through at once for a recorded command."""


class NoKey(NotSetUp):
    """The register's key is not here: restore its file.

    `alliance setup` makes one for a register in which nothing is recorded.
    """


class BadKey(NotSetUp):
    """The file of the register's key is cut short, or others may read it: put it right."""


class KeyAway(NotSetUp):
    """Commands are recorded with this register's key, which is not here: restore its file.

    Only where it is lost for good: `alliance setup --new-key` makes another, and commands recorded
    before can then no longer be recognised when they are sent again.
    """


class WrongKey(NotSetUp):
    """The last command was recorded with another key than the one that is here.

    With this key a command sent again is not recognised, and is refused: restore the other key.
    """

    item: str


class FileKeys:
    """Implements `application.ports.Keys` with a key that was read from a file.

    Its name is a keyed digest of an empty text, which binds the key and does not disclose it.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.name = self.digest(b"")[:16]

    def digest(self, content: bytes) -> str:
        """Return the digest by HMAC-SHA256, in hexadecimal."""
        return hmac.new(self._secret, content, hashlib.sha256).hexdigest()


def set_up_keys(path: Path, in_use: Callable[[], bool]) -> None:
    """Make a key where there is none; if several processes do at once, the first one's is kept.

    Raises `BadKey` where the file holds no key, and `KeyAway` where a key is `in_use` already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        open_keys(path)
        return
    if in_use():
        raise KeyAway(keys=str(path.absolute()))
    mine = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with naming_file(path), os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(mine, path)
    finally:
        mine.unlink()


def open_keys(path: Path) -> FileKeys:
    """Read the key. Raises `NoKey`, and `BadKey` where it is cut short."""
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        raise NoKey(keys=str(path.absolute())) from None
    if len(secret) != BYTES:
        raise BadKey(
            keys=str(path.absolute()), found=f"{len(secret)} bytes", expected=f"{BYTES} bytes"
        )
    return FileKeys(secret)


def last_command(log: Log) -> CommandRecorded | None:
    """Return the command that this register recorded last."""
    end = log.head()
    while end > 0:
        begin = max(end - WINDOW, 0)
        rows = log.raw_after(begin, WINDOW).rows
        found = [row.state for row in rows if row.topic == CommandRecorded.TOPIC]
        if found:
            return CommandRecorded.model_validate_json(found[-1])
        end = begin
    return None


def prove(path: Path, log: Log) -> str:
    """Try the key on the command recorded last, and return the result in words.

    Raises `NoKey`, `BadKey` where others may read it, and `WrongKey`.
    """
    keys = open_keys(path)
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise BadKey(keys=str(path.absolute()), mode=oct(mode), expected="0o600")
    last = last_command(log)
    if last is None:
        return f"{path}, for its owner only; no command is recorded yet"
    if last.key != keys.name:
        raise WrongKey(keys=str(path), item=last.command)
    return f"{path}, for its owner only; {last.command} was recorded with it"
