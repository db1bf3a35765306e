"""Write files whole, and name the file in every error."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

MOST_BYTES = 25 * 2**20
"""The largest document that is attached to a register."""
LONGEST_NAME = 200
_NEVER = r"\x00-\x1f\x7f-\x9f/\\\u2028-\u202e\u2066-\u2069"
FILE_NAME = rf"^[^{_NEVER}\s.]([^{_NEVER}]{{0,{LONGEST_NAME - 2}}}[^{_NEVER}\s])?$"
"""The name of a document: no path, nothing that people cannot read, no dot at the beginning."""


@contextmanager
def naming_file(file: Path) -> Generator[None]:
    """Name the file in an `OSError`: for a write to a full disk the system does not."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(file)
        raise


def put_in_place(file: Path, content: bytes) -> None:
    """Write a file beside the one of this name, and put it in its place when it is whole.

    Whoever reads meanwhile sees the old content or the new. What is no file, such as a pipe or a
    terminal, is written to as it is.
    """
    if file.exists() and not file.is_file():
        with naming_file(file):
            file.write_bytes(content)
        return
    target = file.resolve()  # a link goes on pointing to it
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with naming_file(file), unfinished.open("xb") as opened:
            if target.exists():
                os.fchmod(opened.fileno(), target.stat().st_mode & 0o777)
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        with naming_file(file):
            unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
