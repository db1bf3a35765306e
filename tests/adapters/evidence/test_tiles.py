"""Tiles lie where tlog-tiles says, are read back by another program, and broken ones are named."""

from __future__ import annotations

import pytest
from tlog_scales.reader import TilesReader

from adapters.evidence.faults import BadTile
from adapters.evidence.merkle_tree import consistency_proof, inclusion_proof
from adapters.evidence.tiles import (
    TileName,
    entries_of,
    entry_bundle,
    subtrees,
    tile_name,
    tiles_of,
)
from tests.adapters.evidence.trees import Tiles, entry


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (TileName(0, 0), "tile/0/000"),
        (TileName(0, 1_234_067), "tile/0/x001/x234/067"),
        (TileName(1, 1000, 7), "tile/1/x001/000.p/7"),
        (TileName(None, 999, 255), "tile/entries/999.p/255"),
    ],
)
def test_paths(name: TileName, path: str) -> None:
    assert name.path == path
    assert tile_name(path) == name


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000",
        "tile/64/000",
        "tile/0/0",
        "tile/0/x000/001",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/../000",
        "tile/entries/x1/000",
        "/tile/0/000",
        "tile/0/000/",
        "tile/x/000",
    ],
)
def test_what_is_no_path(path: str) -> None:
    assert tile_name(path) is None


def test_a_tree_of_70000_has_the_tiles_that_the_document_counts() -> None:
    names = [name for name in tiles_of(70_000) if name.level is not None]
    assert len([n for n in names if n.level == 0 and n.width == 256]) == 273
    assert [(n.level, n.width) for n in names if n.width < 256] == [(0, 112), (1, 17), (2, 1)]
    assert [n.path for n in tiles_of(256)] == [
        "tile/entries/000",
        "tile/0/000",
        "tile/1/000.p/1",
    ]


class Kept:
    """A backend of tlog-scales over tiles in memory."""

    def __init__(self, tiles: Tiles) -> None:
        self.tiles = tiles

    def get(self, *path: str) -> bytes | None:
        return self.tiles.kept.get("/".join(path))


@pytest.mark.parametrize("steps", [(1, 255, 256, 257, 700), (3, 65_536, 65_800), (70_000,)])
def test_another_program_reads_roots_proofs_and_entries(steps: tuple[int, ...]) -> None:
    tree = Tiles()
    for size in steps:
        old = tree.size
        tree.grow([entry(n) for n in range(old, size)])
        assert {name.path for name in tiles_of(size)} <= tree.kept.keys()
        reader = TilesReader(Kept(tree))
        reader.set_size(size)
        assert reader.calculate_root_hash() == tree.root
        for index in {0, size // 3, size - 1}:
            theirs = reader.get_inclusion_proof(index, size).node_hashes
            assert theirs == inclusion_proof(index, size, tree.subtree)
            assert reader.get_entry(index) == entry(index)
        if old:
            theirs = reader.get_consistency_proof(old, size).node_hashes
            assert theirs == consistency_proof(old, size, tree.subtree)


def test_the_same_tiles_come_of_every_way_to_grow() -> None:
    whole = Tiles().grow([entry(n) for n in range(1000)])
    by_steps = Tiles()
    for size in (1, 2, 250, 256, 300, 512, 999, 1000):
        by_steps.grow([entry(n) for n in range(by_steps.size, size)])
    assert whole.root == by_steps.root
    assert whole.kept.items() <= by_steps.kept.items()


def test_a_partial_tile_is_found_in_the_full_one() -> None:
    tree = Tiles().grow([entry(n) for n in range(200)])
    root = tree.root
    tree.grow([entry(n) for n in range(200, 256)])
    kept = {path: c for path, c in tree.kept.items() if ".p/200" not in path}
    proof = inclusion_proof(7, 200, subtrees(200, kept.get))
    assert proof == inclusion_proof(7, 200, subtrees(200, tree.kept.get))
    assert root != tree.root


def test_growth_on_missing_or_broken_tiles_is_refused() -> None:
    tree = Tiles().grow([entry(n) for n in range(300)])
    for path, content in (
        ("tile/0/001.p/44", None),
        ("tile/0/001.p/44", b"short"),
        ("tile/entries/001.p/44", None),
        ("tile/1/000.p/1", b""),
    ):
        broken = Tiles(dict(tree.kept), tree.size, tree.root)
        if content is None:
            del broken.kept[path]
        else:
            broken.kept[path] = content
        with pytest.raises(BadTile, match=path.replace(".", "[.]")):
            broken.grow([entry(n) for n in range(300, 600)])


def test_an_entry_bundle_that_ends_within_an_entry_is_refused() -> None:
    whole = entry_bundle([b"one", b"", b"three"])
    assert entries_of(whole) == [b"one", b"", b"three"]
    for cut in (1, 3, len(whole) - 1):
        with pytest.raises(BadTile, match="ends within an entry"):
            entries_of(whole[:cut])
