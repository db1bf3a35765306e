"""Roots and proofs agree with other programs' trees, and what is bent proves nothing."""

from __future__ import annotations

import random

import pytest
from pymerkle import InmemoryTree
from sigstore._internal.merkle import _chain_border_right, _chain_inner, _decomp_inclusion_proof

from adapters.evidence.merkle_tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    frontier,
    inclusion_proof,
    leaf_hash,
    proves_consistency,
    proves_inclusion,
    root_of,
)
from tests.adapters.evidence.trees import Tiles, entry, plain_root

SIZES = (1, 2, 3, 4, 7, 8, 9, 255, 256, 257, 511, 512, 513, 700)


def test_roots_of_the_first_2000_trees_are_those_of_pymerkle() -> None:
    theirs, ours = InmemoryTree(algorithm="sha256"), Frontier()
    for number in range(2000):
        theirs.append_entry(entry(number))
        ours.append(leaf_hash(entry(number)))
        assert ours.root() == theirs.get_root()


def test_roots_of_small_trees_are_those_of_the_definition() -> None:
    for size in range(66):
        ours = Frontier()
        for number in range(size):
            ours.append(leaf_hash(entry(number)))
        assert ours.root() == plain_root([entry(n) for n in range(size)])


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT
    assert EMPTY_ROOT.hex().startswith("e3b0c44298fc1c14")


def sigstore_root(leaf: bytes, index: int, size: int, hashes: list[bytes]) -> bytes:
    """The root that Sigstore's verifier works out from a proof."""
    inner, border = _decomp_inclusion_proof(index, size)
    assert len(hashes) == inner + border
    return _chain_border_right(_chain_inner(leaf, hashes[:inner], index), hashes[inner:])


@pytest.mark.slow
def test_inclusion_in_every_tree_up_to_2000_is_proven_to_sigstore() -> None:
    tree = Tiles()
    chance = random.Random(2001)
    for size in range(1, 2001):
        tree.grow([entry(size - 1)])
        for index in {0, size - 1, chance.randrange(size)}:
            proof = inclusion_proof(index, size, tree.subtree)
            assert sigstore_root(leaf_hash(entry(index)), index, size, proof) == tree.root
            assert proves_inclusion(leaf_hash(entry(index)), index, size, proof, tree.root)


@pytest.mark.slow
def test_the_tree_of_100_000_has_the_root_of_pymerkle_and_proves_to_sigstore() -> None:
    size = 100_000
    entries = [entry(number) for number in range(size)]
    theirs, tree = InmemoryTree(algorithm="sha256"), Tiles().grow(entries)
    for each in entries:
        theirs.append_entry(each)
    assert tree.root == theirs.get_root()
    chance = random.Random(100_000)
    for index in (0, 65_535, 65_536, size - 1, *(chance.randrange(size) for _ in range(50))):
        proof = inclusion_proof(index, size, tree.subtree)
        assert sigstore_root(leaf_hash(entry(index)), index, size, proof) == tree.root


def test_a_subtree_is_added_as_its_leaves_are() -> None:
    leaves = [leaf_hash(entry(number)) for number in range(13)]
    by_leaf, by_subtree = Frontier(), Frontier()
    for leaf in leaves:
        by_leaf.append(leaf)
    by_subtree.append(root_of(b"".join(leaves[:8])), 3)
    by_subtree.append(root_of(b"".join(leaves[8:12])), 2)
    by_subtree.append(leaves[12])
    assert (by_subtree.size, by_subtree.peaks) == (13, by_leaf.peaks)
    with pytest.raises(ValueError, match="no subtree of level 1 begins at leaf 13"):
        by_subtree.append(leaves[0], 1)


@pytest.mark.slow
@pytest.mark.parametrize("new", SIZES)
def test_each_tree_continues_every_smaller_one(new: int) -> None:
    tree = Tiles().grow([entry(n) for n in range(new)])
    roots = [EMPTY_ROOT]
    edge = Frontier()
    for number in range(new):
        edge.append(leaf_hash(entry(number)))
        roots.append(edge.root())
    for old in range(new + 1):
        proof = consistency_proof(old, new, tree.subtree)
        assert proves_consistency(old, roots[old], new, tree.root, proof)
        if 0 < old < new:
            assert not proves_consistency(old, roots[old - 1], new, tree.root, proof)
            assert not proves_consistency(old, roots[old], new, roots[old], proof)
            assert not proves_consistency(old, roots[old], new, tree.root, proof[:-1])
            assert not proves_consistency(old, roots[old], new, tree.root, [*proof, proof[0]])


def test_a_bent_inclusion_proof_proves_nothing() -> None:
    tree = Tiles().grow([entry(n) for n in range(300)])
    proof, leaf = inclusion_proof(17, 300, tree.subtree), leaf_hash(entry(17))
    assert proves_inclusion(leaf, 17, 300, proof, tree.root)
    for bent in (proof[1:], proof[:-1], [*proof, proof[0]], proof[::-1], []):
        assert not proves_inclusion(leaf, 17, 300, bent, tree.root)
    for index, size in ((16, 300), (18, 300), (-1, 300), (300, 300), (17, 555)):
        assert not proves_inclusion(leaf, index, size, proof, tree.root)
    assert not proves_inclusion(leaf_hash(entry(18)), 17, 300, proof, tree.root)


def test_the_edge_can_be_read_back_from_the_tiles() -> None:
    tree = Tiles()
    for size in (1, 5, 255, 256, 257, 65_535, 65_536, 65_537):
        tree.grow([entry(n) for n in range(tree.size, size)])
        edge = frontier(size, tree.subtree)
        assert (edge.size, edge.root()) == (size, tree.root)


@pytest.mark.parametrize(("index", "size"), [(1, 1), (-1, 4), (4, 4), (0, 0)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    tree = Tiles().grow([entry(n) for n in range(4)])
    with pytest.raises(ValueError, match=f"no leaf {index} in a tree of {size}"):
        inclusion_proof(index, size, tree.subtree)


def test_a_tree_does_not_continue_a_larger_one() -> None:
    with pytest.raises(ValueError, match="a tree of 3 does not continue one of 4"):
        consistency_proof(4, 3, Tiles().grow([entry(n) for n in range(4)]).subtree)
