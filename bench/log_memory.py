"""How much memory it takes to write and to read many events, in a process of its own.

`python -m bench.log_memory write|read URL COUNT` prints the peak after a tenth and after all.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from time import perf_counter

from adapters.store.event_log.open_log import open_log, setup_log
from application.ports import Pending
from bench.pairs import Figure
from bench.subjects import CATALOGUE, EVENT
from domain.shared.messages import StreamId

EVENTS = 300_000
BATCH = 1_000


def grown(database: str, url: str) -> Iterator[Figure]:
    """The peak after a tenth of the events against the peak after all: 1.00 is no growth."""
    for doing in ("write", "read"):
        started = perf_counter()
        child = subprocess.run(
            [sys.executable, "-m", "bench.log_memory", doing, url, str(EVENTS)],
            check=True,
            capture_output=True,
            text=True,
        )
        rate = EVENTS / (perf_counter() - started)
        early, late = map(float, child.stdout.split())
        ratio = early / late
        yield Figure(
            f"{database} {doing} {EVENTS:,} events, MB at the peak",
            f"a tenth of them ({rate:,.0f}/s)",
            late,
            early,
            ratio,
            ratio,
            ratio,
            1,
            0.95,
        )


def peak_megabytes() -> float:
    """Return the most memory that this process had; Linux counts kilobytes, macOS bytes."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _write(url: str, events: int) -> Iterator[int]:
    with open_log(url, "toronto", CATALOGUE) as log:
        for batch in range(events // BATCH):
            name = StreamId(f"partnership/{batch}")
            log.append([Pending(name, n, EVENT) for n in range(1, BATCH + 1)], {})
            yield (batch + 1) * BATCH


def _read(url: str) -> Iterator[int]:
    with open_log(url, "toronto", CATALOGUE) as log:
        for done, entry in enumerate(log.entries(), start=1):
            assert entry.event is not EVENT
            yield done


def main(doing: str, url: str, events: int) -> None:
    setup_log(url)
    early, done = 0.0, 0
    for done in _write(url, events) if doing == "write" else _read(url):
        if not early and done >= events // 10:
            early = peak_megabytes()
    assert done == events, done
    sys.stdout.write(f"{early} {peak_megabytes()}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
