"""Proofs as text: written, read back, verified, and refused for their own reason."""

from __future__ import annotations

import pytest

from adapters.evidence.faults import BadNote, BadProof, NotProven, NotTrusted
from adapters.evidence.merkle_tree import consistency_proof, inclusion_proof
from adapters.evidence.proofs import (
    AddCheckpoint,
    InclusionProof,
    read_add_checkpoint,
    read_inclusion_proof,
)
from adapters.evidence.signed_notes import Head, Note
from tests.adapters.evidence.test_trust_policy import LINES, LOG, NOW, ORIGIN, WITNESSES, policy_of
from tests.adapters.evidence.trees import Tiles, entry

TREE = Tiles().grow([entry(n) for n in range(300)])
HEAD = Head(ORIGIN, 300, TREE.root)
POLICY = policy_of(LINES[0], LINES[2], "quorum x1")


def proof(index: int = 17, extra: bytes | None = None) -> InclusionProof:
    signatures = (LOG.sign(HEAD, NOW), WITNESSES["x1"].sign(HEAD, NOW))
    hashes = tuple(inclusion_proof(index, 300, TREE.subtree))
    return InclusionProof(index, hashes, Note(HEAD.text(), signatures), extra)


@pytest.mark.parametrize("extra", [None, b"", b"anything\x00"])
def test_a_proof_is_read_back_as_it_was_written(extra: bytes | None) -> None:
    written = str(proof(extra=extra))
    assert read_inclusion_proof(written.encode()) == proof(extra=extra)
    assert written.splitlines()[0] == "c2sp.org/tlog-proof@v1"


def test_a_tree_of_one_entry_has_a_proof_without_hashes() -> None:
    one = Tiles().grow([entry(0)])
    head = Head(ORIGIN, 1, one.root)
    written = InclusionProof(0, (), Note(head.text(), (LOG.sign(head, NOW),)))
    read = read_inclusion_proof(str(written).encode())
    assert read == written
    assert read.verify(entry(0), policy_of(LINES[0], "quorum none")).head == head


def test_a_proof_verifies_its_entry_and_no_other() -> None:
    assert proof().verify(entry(17), POLICY, NOW).head == HEAD
    with pytest.raises(NotProven, match="not proven to stand at 17 of 300"):
        proof().verify(entry(18), POLICY, NOW)


def test_a_proof_without_its_witness_is_not_trusted() -> None:
    whole = proof()
    alone = InclusionProof(17, whole.hashes, Note(whole.note.text, whole.note.signatures[:1]))
    with pytest.raises(NotTrusted, match="too few witnesses cosigned: none"):
        alone.verify(entry(17), POLICY, NOW)


WRITTEN = str(proof())


@pytest.mark.parametrize(
    ("bent", "why"),
    [
        (WRITTEN.replace("@v1", "@v2"), "the first line of a proof is"),
        (WRITTEN.replace("index 17", "index 017"), "a line with the index"),
        (WRITTEN.replace("index 17\n", ""), "a line with the index"),
        (WRITTEN.replace("index 17\n", "index 17\nAAAA\n"), "a hash of 32 bytes"),
        (WRITTEN.replace("index 17\n", "index 17\n*\n"), "is not Base 64"),
        (WRITTEN.replace("\n", "\r\n"), "the first line of a proof is"),
        (
            WRITTEN.replace(
                "index 17\n", "index 17\n" + WRITTEN.splitlines()[2] + "\n" * 1 * 1
            ).replace("index 17\n", "index 17\n" + (WRITTEN.splitlines()[2] + "\n") * 63),
            "at most 63 hashes",
        ),
    ],
)
def test_what_is_no_proof(bent: str, why: str) -> None:
    with pytest.raises(BadProof, match=why):
        read_inclusion_proof(bent.encode())


def test_a_request_to_a_witness_is_read_back_as_it_was_written() -> None:
    hashes = tuple(consistency_proof(12, 300, TREE.subtree))
    for request in (
        AddCheckpoint(12, hashes, proof().note),
        AddCheckpoint(0, (), proof().note),
    ):
        assert read_add_checkpoint(str(request).encode()) == request


@pytest.mark.parametrize("first", ["", "old", "old -1", "old 01", "old 1 ", "new 1", "old 1\r"])
def test_what_is_no_request_to_a_witness(first: str) -> None:
    with pytest.raises(BadProof, match="first line is the old size"):
        read_add_checkpoint(f"{first}\n\n{proof().note}".encode())


def test_a_request_with_a_broken_head_is_no_request() -> None:
    with pytest.raises(BadNote):
        read_add_checkpoint(b"old 0\n\nno note\n")
