"""An auditor's monitor tells growth from rollback, fork, silence, and times nobody bears out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.evidence.entries import SealedRow
from adapters.evidence.sealer import Sealer
from adapters.evidence.signed_notes import Head, KeyType, Note, SigningKey, read_head, read_note
from adapters.evidence.tree_stores import TreeFolder, with_signatures
from adapters.evidence.trust_policy import read_policy
from adapters.evidence.witnesses.cosigner import Answer
from adapters.evidence.witnesses.monitor import Monitor
from tests.adapters.evidence.test_sealer import KEYS, ORIGIN

WITNESS = SigningKey("witness.example/w", KeyType.ED25519_COSIGNATURE, b"\x04" * 32)
DAY = 86_400
BEGIN = 20_000 * DAY


class Served:
    """A tree as it is served, with a row a day; a witness sees each head as it is signed."""

    def __init__(self, folder: Path) -> None:
        self.rows: list[SealedRow] = []
        self.store = TreeFolder(folder / "tree")
        self.clock = BEGIN
        self.sealer = Sealer(
            ORIGIN, KEYS, self._rows, self.store, folder / "outside", lambda: self.clock
        )
        self.shown: bytes | None = None
        self.away = False
        lines = [*(f"log {key.verifier}" for key in KEYS), f"witness w {WITNESS.verifier}"]
        policy = read_policy("\n".join([*lines, "quorum w"]).encode())
        self.monitor = Monitor(
            "http://log.example/evidence",
            folder / "seen",
            policy,
            self._get,
            lambda: self.clock,
            3 * DAY,
        )

    def _rows(self, after: int, limit: int) -> Sequence[SealedRow]:
        return [row for row in self.rows if row.position > after][:limit]

    def _get(self, url: str) -> Answer:
        if self.away:
            raise OSError("refused")
        path = url.removeprefix("http://log.example/evidence/")
        found = (self.shown or self.store.head()) if path == "checkpoint" else self.store.get(path)
        return Answer(404, b"") if found is None else Answer(200, found)

    def grow(self, rows: int, at: int | None = None) -> Head:
        """Seal rows of today, have the head cosigned a second later, and look."""
        self.clock += DAY
        for _ in range(rows):
            n = len(self.rows) + 1
            seconds = self.clock if at is None else at
            self.rows.append(
                SealedRow(f"toronto/s{n}", 1, "t.v1", b"%d" % n, n, seconds * 1_000_000)
            )
        head = self.sealer.seal()
        assert head is not None
        self.clock += 1
        kept = self.store.head()
        assert kept is not None
        signed = with_signatures(read_note(kept), [WITNESS.sign(head, self.clock)])
        self.store.publish(head.size, str(signed).encode())
        return head

    def show(self, head: Head) -> None:
        """Serve a head, signed and witnessed, whatever the tree says."""
        keys = (*KEYS, WITNESS)
        note = Note(head.text(), tuple(key.sign(head, self.clock) for key in keys))
        self.shown = str(note).encode()

    def look(self) -> list[tuple[str, str]]:
        return [(each.kind, each.why) for each in self.monitor.look()]


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(tmp_path)


def kept(tmp_path: Path) -> list[int]:
    heads = (tmp_path / "seen" / "heads").iterdir()
    return sorted(read_head(read_note(path.read_bytes()).text).size for path in heads)


def test_growth_is_no_finding_and_each_head_is_kept(served: Served, tmp_path: Path) -> None:
    for rows in (3, 250, 10, 300):
        served.grow(rows)
        assert served.look() == []
    assert kept(tmp_path) == [3, 253, 263, 563]


def test_a_smaller_head_is_a_rollback_whenever_it_is_seen(served: Served, tmp_path: Path) -> None:
    served.grow(3)
    first = served.store.head()
    served.grow(5)
    served.look()
    served.shown = first
    assert served.look() == [("rollback", "a head of 3 entries after one of 8")] == served.look()
    assert kept(tmp_path) == [3, 8]


def test_two_heads_of_one_size_are_both_kept(served: Served, tmp_path: Path) -> None:
    head = served.grow(3)
    served.look()
    served.show(replace(head, root=bytes(32)))
    assert served.look() == [("fork", "two heads of 3 entries: both are kept")]
    assert kept(tmp_path) == [3, 3]


def test_a_larger_head_of_another_tree_is_a_fork(served: Served, tmp_path: Path) -> None:
    served.grow(3)
    served.look()
    other = Served(tmp_path / "other")
    other.rows = [served.rows[0], replace_state(served.rows[1]), served.rows[2]]
    other.grow(2)
    served.store = other.store
    (found,) = served.look()
    why = "the head of 5 entries does not continue that of 3: both are kept"
    assert found == ("fork", why)
    assert kept(tmp_path) == [3, 5]


def replace_state(row: SealedRow) -> SealedRow:
    return row._replace(state=b"another")


def test_silence_is_told_after_its_time(served: Served) -> None:
    served.grow(3)
    served.look()
    served.clock += 2 * DAY
    assert served.look() == []
    served.clock += 2 * DAY
    why = f"no new head after 3 entries, for {4 * DAY} seconds"
    assert served.look() == [("silence", why)]
    served.away = True
    assert served.look() == [("silence", f"no answer: refused, for {4 * DAY} seconds")]


@pytest.mark.parametrize(("at", "side"), [(BEGIN, "before"), (BEGIN + 9 * DAY, "after")])
def test_a_recorded_time_that_no_witness_bears_out(served: Served, at: int, side: str) -> None:
    served.rows.append(SealedRow("toronto/s1", 1, "t.v1", b"1", 1, 0))
    served.grow(1)
    served.look()
    served.grow(1)
    served.look()
    served.grow(1, at)
    assert served.look() == [("time", f"entry 4 says {at}, {side} what witnesses saw")]


def test_a_head_without_its_witness_is_not_trusted(served: Served) -> None:
    head = served.grow(3)
    note = Note(head.text(), tuple(key.sign(head, served.clock) for key in KEYS))
    served.shown = str(note).encode()
    assert served.look() == [
        ("untrusted", "too few witnesses cosigned"),
        ("time", "no witness gave a time to 3 entries"),
    ]


def test_a_missing_tile_leaves_growth_unproven(served: Served, tmp_path: Path) -> None:
    served.grow(3)
    served.look()
    served.grow(5)
    (tmp_path / "tree" / "tile" / "0" / "000.p" / "8").unlink()
    assert served.look() == [("unproven", "tile/0/000.p/8 is missing or has the wrong length")]
