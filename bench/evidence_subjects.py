"""What is sealed and verified while measuring: rows without a log, their tree and bundle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from adapters.evidence.bundle import Contents, write_bundle
from adapters.evidence.entries import Entry, SealedRow
from adapters.evidence.sealer import Rows, Sealer
from adapters.evidence.signed_notes import KeyType, SigningKey
from adapters.evidence.tree_stores import TreeStore
from adapters.evidence.trust_policy import Policy, read_policy

ORIGIN = "register.example/bench"
KEYS = [
    SigningKey(ORIGIN, KeyType.ED25519, b"\x01" * 32),
    SigningKey(ORIGIN, KeyType.ML_DSA_44, b"\x02" * 32),
]
STATE = b'{"decided_on":"2001-12-06","effective_from":"2001-12-06","text":"%s"}' % (b"x" * 400)


def rows_of(size: int) -> Callable[[int, int], Sequence[SealedRow]]:
    """So many rows in a hundred streams."""

    def row(n: int) -> SealedRow:
        return SealedRow(f"bench/s{n % 100}", n // 100 + 1, "noted.v1", STATE, n + 1, 1_000 + n)

    return lambda after, limit: [row(n) for n in range(after, min(size, after + limit))]


def sealed_into(store: TreeStore, outside: Path, rows: Rows) -> None:
    """Seal all rows."""
    sealer = Sealer(ORIGIN, KEYS, rows, store, outside, lambda: 1_764_367_200)
    while sealer.seal():
        pass


def bundled(path: Path, store: TreeStore) -> Path:
    """Write the bundle of a tree of these rows."""

    def contents(_: Entry) -> Contents:
        return Contents(STATE)

    write_bundle(path, store, contents)
    return path


def policy() -> Policy:
    """The policy that trusts these keys."""
    return read_policy(
        "\n".join([*(f"log {key.verifier}" for key in KEYS), "quorum none"]).encode()
    )
