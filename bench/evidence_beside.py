"""The sealer beside its register: what it costs each commit, how soon a head follows, its memory.

    python -m bench.evidence_beside memory FOLDER ROWS

seals and verifies so many rows in a process of its own, and prints the peak after 10,000 and all.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

from adapters.bootstrap import set_up
from adapters.bootstrap_evidence import tree_tables
from adapters.evidence.sealer import BATCH
from adapters.evidence.tree_stores import TreeFolder
from adapters.settings import Settings
from adapters.store.event_log.log import EventLog
from adapters.store.event_log.open_log import open_log, setup_log
from bench.evidence_subjects import ORIGIN, bundled, policy, rows_of, sealed_into
from bench.log_memory import peak_megabytes
from bench.pairs import Figure, compare
from bench.subjects import CATALOGUE, handled
from tests.services import fresh_database, postgres_server

COMMITS, PAIRS = 500, 12
HEADS = 200
SECOND = 1000.0
EARLY = 10_000
ROWS = int(os.environ.get("ALLIANCE_BENCH_EVENTS", "1000000"))


class Beside(NamedTuple):
    """A register, and the process that seals it."""

    log: EventLog
    settings: Settings
    sealer: subprocess.Popen[bytes]


def measure() -> Iterator[Figure]:
    """Commits and heads on both databases, then memory."""
    with tempfile.TemporaryDirectory(prefix="alliance-bench-", dir=Path(__file__).parent) as name:
        folder = Path(name)
        urls = [f"sqlite:///{folder / each}" for each in ("sealed.sqlite", "other.sqlite")]
        yield from _figures("SQLite", urls[0], urls[1], folder / "sqlite")
        with (
            postgres_server(durable=True) as server,
            fresh_database(server) as sealed,
            fresh_database(server) as other,
        ):
            yield from _figures("PostgreSQL", sealed, other, folder / "postgres")
        yield from _memory(folder)


def _figures(database: str, sealed: str, other: str, folder: Path) -> Iterator[Figure]:
    """A log that a sealer follows beside one that none does: each waits while the other is used."""
    setup_log(other, "bench")
    with _sealed(sealed, folder) as beside, open_log(other, "bench", CATALOGUE) as plain:
        number = count(1)

        def commits(log: EventLog) -> Callable[[], int]:
            def run() -> int:
                for _ in range(COMMITS):
                    log.append(handled(next(number)), {})
                return COMMITS

            return run

        yield compare(
            f"{database} commits to a log that is sealed",
            "to one that is not",
            commits(beside.log),
            commits(plain),
            0.95,
            PAIRS,
        )
        yield _heads(database, beside, number)


@contextmanager
def _sealed(url: str, folder: Path) -> Generator[Beside]:
    folder.mkdir()
    given = {
        "database_url": url,
        "register_id": "bench",
        "origin": ORIGIN,
        "keys": folder / "register.key",
        "evidence_keys_file": folder / "evidence.keys",
        "evidence_head_file": folder / "evidence.head",
        "personal_keys_file": folder / "personal-keys.sqlite",
        "bus_url": f"sqlite:///{folder / 'bus.sqlite'}",
        "keys_file": folder / "register.key",
    }
    named = {f"ALLIANCE_{key.upper()}": str(value) for key, value in given.items() if key != "keys"}
    settings = Settings.model_validate({k: v for k, v in given.items() if k != "keys"})
    set_up(settings)
    with open_log(url, "bench", CATALOGUE) as log:
        alliance = Path(sys.executable).with_name("alliance")
        sealer = subprocess.Popen(
            [alliance, "seal"], env={**os.environ, **named}, stderr=subprocess.DEVNULL
        )
        try:
            yield Beside(log, settings, sealer)
        finally:
            sealer.terminate()
            sealer.wait(30)


def _heads(database: str, beside: Beside, number: Iterator[int]) -> Figure:
    """How long after a commit its head is published: the 99th of a hundred."""
    took: list[float] = []
    chance = random.Random(1)
    with tree_tables(beside.settings) as store:

        def size() -> int:
            note = store.head()
            return int(note.split(b"\n")[1]) if note else 0

        while size() < beside.log.count(0, beside.log.head()):
            time.sleep(0.05)
        for _ in range(HEADS):
            beside.log.append(handled(next(number)), {})
            recorded, rows = time.perf_counter(), beside.log.count(0, beside.log.head())
            while size() < rows:
                time.sleep(0.005)
            took.append(SECOND * (time.perf_counter() - recorded))
            time.sleep(chance.uniform(0, 0.1))
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return Figure(
        f"{database} ms from a commit to its head, p99",
        "a second",
        cuts[98],
        SECOND,
        SECOND / cuts[98],
        SECOND / max(took),
        SECOND / cuts[49],
        HEADS,
        1.0,
    )


def _memory(folder: Path) -> Iterator[Figure]:
    """The peak at 10,000 rows against that at a million: 1.00 is no growth."""
    command = [sys.executable, "-m", "bench.evidence_beside", "memory", str(folder), str(ROWS)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    peaks = list(map(float, ran.stdout.split()))
    for doing, early, late in zip(("seal", "verify"), peaks[::2], peaks[1::2], strict=True):
        ratio = early / late
        yield Figure(
            f"{doing} {ROWS:,} rows, MB at the peak",
            f"{EARLY:,} rows",
            late,
            early,
            ratio,
            ratio,
            ratio,
            1,
            0.9,
        )


def _sealed_and_verified(folder: Path, rows: int) -> None:
    """Seal rows, few and all; verify the bundle of either in a process of its own."""
    peaks: list[float] = []
    for size in (EARLY, rows):
        sealed_into(TreeFolder(folder / f"tree-{size}"), folder / f"head-{size}", rows_of(size))
        peaks.append(peak_megabytes())
    sys.stdout.write(f"{peaks[0]} {peaks[1]}\n")
    for size in (EARLY, rows):
        bundle = bundled(folder / f"{size}.zip", TreeFolder(folder / f"tree-{size}"))
        command = [sys.executable, "-m", "bench.evidence_beside", "verify", str(bundle), "0"]
        ran = subprocess.run(command, check=True, capture_output=True, text=True)
        sys.stdout.write(ran.stdout)


def _verified(bundle: Path) -> None:
    from adapters.evidence.verifier import verify_bundle  # noqa: PLC0415

    verify_bundle(bundle, policy())
    sys.stdout.write(f"{peak_megabytes()}\n")


if __name__ == "__main__":
    if sys.argv[1] == "memory":
        assert BATCH <= EARLY
        _sealed_and_verified(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        _verified(Path(sys.argv[2]))
