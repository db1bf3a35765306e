"""The sealer gives one tree, whatever interrupts it, and signs nothing that goes back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from tlog_scales.reader import TilesReader

from adapters.evidence.entries import SealedRow, entry_texts, read_entry
from adapters.evidence.faults import BadTile, NotAnExtension
from adapters.evidence.sealer import Sealer
from adapters.evidence.signed_notes import Head, KeyType, SigningKey, read_head, read_note
from adapters.evidence.tiles import tiles_of
from adapters.evidence.tree_stores import TreeFolder, TreeStore, TreeTables
from tests.adapters.evidence.trees import plain_root

ORIGIN = "register.example/toronto"
NOW = 1_764_367_200
KEYS = (
    SigningKey(ORIGIN, KeyType.ED25519, b"\x01" * 32),
    SigningKey(ORIGIN, KeyType.ML_DSA_44, b"\x02" * 32),
)


@dataclass
class FakeLog:
    """Rows in commits of one to five, with holes between positions."""

    rows: list[SealedRow] = field(default_factory=list[SealedRow])
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def grow(self, rows: int) -> FakeLog:
        target = len(self.rows) + rows
        while len(self.rows) < target:
            position = (self.rows[-1].position if self.rows else 0) + self.chance.choice((1, 1, 3))
            at = 1000 * len(self.rows)
            for offset in range(min(self.chance.randint(1, 5), target - len(self.rows))):
                number = len(self.rows)
                self.rows.append(
                    SealedRow(
                        f"toronto/s{number}", 1, "t.v1", b"%d" % number, position + offset, at
                    )
                )
        return self

    def __call__(self, after: int, limit: int) -> Sequence[SealedRow]:
        waiting = [row for row in self.rows if row.position > after]
        end = limit
        while 0 < end < len(waiting) and waiting[end].recorded_at == waiting[end - 1].recorded_at:
            end += 1
        return waiting[:end]


def root(log: FakeLog, size: int) -> bytes:
    return plain_root(entry_texts(log.rows[:size], 0))


@pytest.fixture(params=["folder", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], TreeStore]]:
    if request.param == "folder":
        yield lambda: TreeFolder(tmp_path / "tree")
        return
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path / 'tree.sqlite'}")
    else:
        url = make_url(request.getfixturevalue("fresh_postgres_url"))
        engine = create_engine(url.set(drivername="postgresql+psycopg"))
    TreeTables(engine).setup()
    yield lambda: TreeTables(engine)
    engine.dispose()


def sealer(log: FakeLog, store: TreeStore, tmp_path: Path, origin: str = ORIGIN) -> Sealer:
    return Sealer(origin, KEYS, log, store, tmp_path / "head", lambda: NOW)


def test_everything_is_sealed_under_a_signed_head(
    store: Callable[[], TreeStore], tmp_path: Path
) -> None:
    log = FakeLog().grow(300)
    head = Head(ORIGIN, 300, root(log, 300))
    assert sealer(log, store(), tmp_path).seal() == head
    note = read_note(store().head() or b"")
    assert read_head(note.text) == head
    assert [key.verifier.verify(head, s) for key, s in zip(KEYS, note.signatures, strict=True)] == [
        None,
        NOW,
    ]
    assert sealer(log, store(), tmp_path).seal() is None
    reader = TilesReader(_Backend(store()))
    reader.set_size(300)
    assert reader.calculate_root_hash() == head.root
    assert read_entry(reader.get_entry(17)).pos == log.rows[17].position


class _Backend:
    def __init__(self, store: TreeStore) -> None:
        self._store = store

    def get(self, *path: str) -> bytes | None:
        return self._store.get("/".join(path))


def test_no_head_splits_a_commit(store: Callable[[], TreeStore], tmp_path: Path) -> None:
    log = FakeLog().grow(100)
    ends = {
        number + 1
        for number, row in enumerate(log.rows)
        if number == 99 or log.rows[number + 1].recorded_at != row.recorded_at
    }
    one = sealer(log, store(), tmp_path)
    sizes = [head.size for head in iter(lambda: one.seal(batch=7), None)]
    assert set(sizes) <= ends
    assert sizes[-1] == 100


class Crash(Exception):
    pass


@dataclass
class Crashing:
    """A store that fails before or after the n-th write."""

    store: TreeStore
    at: int
    after: bool

    def _write(self, write: Callable[[], None]) -> None:
        self.at -= 1
        if self.at == 0 and not self.after:
            raise Crash
        write()
        if self.at == 0:
            raise Crash

    def get(self, path: str) -> bytes | None:
        return self.store.get(path)

    def put(self, tiles: Mapping[str, bytes]) -> None:
        self._write(lambda: self.store.put(tiles))

    def head(self) -> bytes | None:
        return self.store.head()

    def heads(self) -> Iterator[tuple[int, bytes]]:
        return self.store.heads()

    def publish(self, size: int, note: bytes) -> None:
        self._write(lambda: self.store.publish(size, note))


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_write_leaves_the_same_tree(
    store: Callable[[], TreeStore], tmp_path: Path, after: bool
) -> None:
    log = FakeLog()
    crashes = 0
    for at in (1, 2, 3, 4, 5, 6):
        log.grow(150)
        try:
            one = sealer(log, Crashing(store(), at, after), tmp_path)
            while one.seal(batch=60):
                pass
        except Crash:
            crashes += 1
        kept = store().head()
        if kept is not None:
            head = read_head(read_note(kept).text)
            assert head.root == root(log, head.size)
            assert all(store().get(name.path) is not None for name in tiles_of(head.size))
        log.grow(3)
    last = sealer(log, store(), tmp_path)
    while last.seal():
        pass
    assert last.head() == Head(ORIGIN, len(log.rows), root(log, len(log.rows)))
    assert crashes >= 5


def test_a_lost_database_is_made_again_from_the_log(tmp_path: Path) -> None:
    log = FakeLog().grow(300)
    sealer(log, TreeFolder(tmp_path / "one"), tmp_path).seal()
    log.grow(5)
    fresh = sealer(log, TreeFolder(tmp_path / "two"), tmp_path)
    assert fresh.seal() == Head(ORIGIN, 305, root(log, 305))


def test_a_log_that_lost_sealed_events_is_not_sealed(
    store: Callable[[], TreeStore], tmp_path: Path
) -> None:
    log = FakeLog().grow(50)
    sealer(log, TreeFolder(tmp_path / "one"), tmp_path).seal()
    older = FakeLog(log.rows[:40])
    before = (tmp_path / "head").read_bytes()
    with pytest.raises(NotAnExtension, match="50 events were sealed, and the log now has 40"):
        sealer(older, store(), tmp_path).seal()
    assert store().head() is None
    assert (tmp_path / "head").read_bytes() == before


def test_a_log_with_another_past_is_not_sealed(
    store: Callable[[], TreeStore], tmp_path: Path
) -> None:
    log = FakeLog().grow(50)
    sealer(log, TreeFolder(tmp_path / "one"), tmp_path).seal()
    rows = [row._replace(state=b"other") if n == 20 else row for n, row in enumerate(log.rows)]
    with pytest.raises(NotAnExtension, match="first 50 events are not those that were sealed"):
        sealer(FakeLog(rows).grow(5), store(), tmp_path).seal()


@pytest.mark.parametrize("change", [{"state": b"other"}, {"recorded_at": 7}, {"topic": "u.v1"}])
def test_a_changed_last_row_is_noticed_before_the_next_is_sealed(
    store: Callable[[], TreeStore], tmp_path: Path, change: dict[str, Any]
) -> None:
    log = FakeLog().grow(50)
    sealer(log, store(), tmp_path).seal()
    before = store().head()
    log.rows[-1] = log.rows[-1]._replace(**change)
    log.grow(3)
    with pytest.raises(NotAnExtension, match="is not the one that was sealed last"):
        sealer(log, store(), tmp_path).seal()
    assert store().head() == before


def test_a_lost_outside_head_is_written_again(
    store: Callable[[], TreeStore], tmp_path: Path
) -> None:
    log = FakeLog().grow(50)
    sealer(log, store(), tmp_path).seal()
    (tmp_path / "head").unlink()
    log.grow(1)
    head = sealer(log, store(), tmp_path).seal()
    assert head
    assert read_head(read_note((tmp_path / "head").read_bytes()).text) == head


def test_an_origin_is_fixed_at_the_first_sealing(
    store: Callable[[], TreeStore], tmp_path: Path
) -> None:
    log = FakeLog().grow(5)
    sealer(log, store(), tmp_path).seal()
    with pytest.raises(NotAnExtension, match=f"the tree's origin is {ORIGIN}, not other"):
        sealer(log.grow(1), store(), tmp_path, origin="other.example/x").seal()


def test_two_sealers_with_stores_of_their_own_give_the_same_tiles(tmp_path: Path) -> None:
    log = FakeLog().grow(700)
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, batch in zip(folders, (100, 37), strict=True):
        one = Sealer(ORIGIN, KEYS, log, TreeFolder(folder), folder / "head", lambda: NOW)
        while one.seal(batch):
            pass
    for name in tiles_of(700):
        assert (folders[0] / name.path).read_bytes() == (folders[1] / name.path).read_bytes()


def test_a_tile_is_never_replaced(store: Callable[[], TreeStore]) -> None:
    store().put({"tile/0/000.p/1": bytes(32)})
    store().put({"tile/0/000.p/1": bytes(32)})
    with pytest.raises(BadTile, match=r"other bytes are kept as tile/0/000\.p/1"):
        store().put({"tile/0/000.p/1": b"\x01" * 32})
    assert store().get("tile/0/000.p/1") == bytes(32)


def test_a_path_that_is_no_tile_is_not_there(store: Callable[[], TreeStore]) -> None:
    for path in ("checkpoint", "../head", "tile/0/../../checkpoint", "tile/0/000.p/0", ""):
        assert store().get(path) is None
