"""Progress of long work: a bar on a terminal, nothing in a file or a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
Told = Callable[[int, int], object]
"""A function that is told the position reached and the one aimed at."""


@contextmanager
def progress(what: str) -> Generator[Told | None]:
    """Show a bar on standard error during the work; yield `None` if it is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415  (heavy: only where it is shown)
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what)
        yield lambda position, goal: bar.update(task, completed=position, total=goal)


def counted(batches: Sequence[T], told: Told | None) -> Iterator[T]:
    """Yield the same items one after the other, showing how many are done."""
    for done, batch in enumerate(batches):
        if told:
            told(done, len(batches))
        yield batch
    if told:
        told(len(batches), len(batches))
