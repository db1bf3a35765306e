"""Files that are written, and what the system says when it refuses."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def naming(file: Path) -> Generator[None]:
    """Have an `OSError` name the file; of a write to a full disk it does not by itself."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(file)
        raise
