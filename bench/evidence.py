"""Evidence beside its floor: the same rows read and hashed, the same bundle unpacked and hashed.

    python -m bench evidence

The floor of sealing reads the rows of a log and hashes as often as a tree of them needs; that of
verification unzips, reads JSON and Base 64, and hashes. A proof at a million entries stands beside
one at a thousand. What the sealer costs the register, and its memory: `bench.evidence_beside`.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from adapters.bootstrap_evidence import rows_to_seal
from adapters.database.state_database import open_database
from adapters.evidence.bundle import EVENTS
from adapters.evidence.merkle_tree import inclusion_proof, leaf_hash
from adapters.evidence.sealer import BATCH
from adapters.evidence.tiles import grow_tree, subtrees
from adapters.evidence.tree_stores import TreeFolder, TreeTables
from adapters.evidence.verifier import verify_bundle
from adapters.store.event_log.log import EventLog
from adapters.store.event_log.open_log import open_log, setup_log
from application.ports import Pending
from bench import evidence_beside
from bench.evidence_subjects import bundled, policy, rows_of, sealed_into
from bench.pairs import PAIRS, Figure, compare
from bench.subjects import CATALOGUE, EVENT
from domain.shared.messages import StreamId
from tests.services import fresh_database, postgres_server

COMMIT, ROWS, FEW, MANY, PROOFS = 20, 20_000, 1_000, 1_000_000, 200
NOTED = EVENT.model_copy(update={"reason": "Review of the existing relationships. " * 10})
"""An event of 851 bytes: those of the register of 2001 have 836 on average."""


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="alliance-bench-") as name:
        yield from _sealing(Path(name))
        yield from _verification(Path(name))
    yield _proofs()
    yield from evidence_beside.measure()


def _sealing(folder: Path) -> Iterator[Figure]:
    yield _sealing_of("SQLite", folder, f"sqlite:///{folder / 'log.sqlite'}")
    with postgres_server(durable=True) as server, fresh_database(server) as url:
        yield _sealing_of("PostgreSQL", folder, url)


def _sealing_of(database: str, folder: Path, url: str) -> Figure:
    """Seal a log into tables of SQLite, and read and hash the same rows."""
    setup_log(url)
    with open_log(url, "bench", CATALOGUE) as log:
        for start in range(0, ROWS, COMMIT):
            log.append(
                [
                    Pending(StreamId(f"partnership/{n % 100}"), n // 100 + 1, NOTED)
                    for n in range(start, start + COMMIT)
                ],
                {},
            )
        trees = iter([_empty_tree(folder / f"{database}-{n}") for n in range(PAIRS + 1)])

        def seal() -> int:
            own, tables = next(trees)
            sealed_into(tables, own / "head", rows_to_seal(log))
            return ROWS

        return compare(
            f"{database} seal {ROWS:,} rows",
            "read and SHA-256",
            seal,
            lambda: _hashed(_read(log)),
            0.5,
        )


def _empty_tree(folder: Path) -> tuple[Path, TreeTables]:
    folder.mkdir()
    tables = TreeTables(open_database(f"sqlite:///{folder / 'tree.sqlite'}", derived=True))
    tables.setup()
    return folder, tables


def _read(log: EventLog) -> Iterator[tuple[Any, ...]]:
    """The same rows by the log's own query, and nothing else."""
    after = 0
    while rows := log.recorder.following(after, BATCH, "bench"):
        yield from rows
        after = rows[-1][4]


def _hashed(rows: Iterator[tuple[Any, ...]]) -> int:
    """Each row has two hashes, of its state and its entry, and a tree one more for each leaf."""
    done = 0
    for row in rows:
        done += 1
        sha256(row[3]).digest()
        leaf = sha256(b"\x00" + row[3][:300]).digest()
        sha256(b"\x01" + leaf + leaf).digest()
    return done


def _verification(folder: Path) -> Iterator[Figure]:
    tree = TreeFolder(folder / "sealed")
    sealed_into(tree, folder / "head", rows_of(ROWS))
    bundle, trusted = bundled(folder / "bundle.zip", tree), policy()

    def verified() -> int:
        return verify_bundle(bundle, trusted).head.size

    def unpacked() -> int:
        with zipfile.ZipFile(bundle) as archive:
            for info in archive.infolist():
                if info.filename != EVENTS:
                    sha256(archive.read(info)).digest()
            with archive.open(EVENTS) as file:
                for line in file:
                    content = json.loads(line)
                    sha256(content["leaf"].encode()).digest()
                    sha256(b64decode(content["data"]["event"])).digest()
        return ROWS

    yield compare("verify 20,000 events", "unzip, JSON, SHA-256", verified, unpacked, 0.5)


def _proofs() -> Figure:
    """Proofs a second at a million entries, beside those at a thousand."""
    kept: dict[str, bytes] = {}
    size = 0
    while size < MANY:
        texts = [b"%d" % n for n in range(size, min(MANY, size + 10_000))]
        kept |= grow_tree(size, texts, list(map(leaf_hash, texts)), kept.get).tiles
        size += len(texts)
    small: dict[str, bytes] = {}
    texts = [b"%d" % n for n in range(FEW)]
    small |= grow_tree(0, texts, list(map(leaf_hash, texts)), small.get).tiles
    return compare(
        "a proof at 1,000,000", "at 1,000", _proving(MANY, kept), _proving(FEW, small), 0.5
    )


def _proving(size: int, kept: dict[str, bytes]) -> Callable[[], int]:
    def prove() -> int:
        for number in range(PROOFS):
            inclusion_proof(number * (size // PROOFS), size, subtrees(size, kept.get))
        return PROOFS

    return prove
