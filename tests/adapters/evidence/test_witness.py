"""A witness cosigns growth and nothing else, and answers each fault with its own status."""

from __future__ import annotations

import multiprocessing
from hashlib import sha256
from pathlib import Path

import pytest

from adapters.evidence.merkle_tree import EMPTY_ROOT, consistency_proof
from adapters.evidence.proofs import AddCheckpoint
from adapters.evidence.signed_notes import (
    Head,
    KeyType,
    Note,
    SigningKey,
    read_head,
    read_note,
    read_signatures,
)
from adapters.evidence.witnesses.witness import Witness, WitnessReply
from tests.adapters.evidence.trees import Tiles, entry

ORIGIN = "register.example/toronto"
NOW = 1_764_367_200
LOG = SigningKey(ORIGIN, KeyType.ED25519, b"\x01" * 32)
LOG_PQ = SigningKey(ORIGIN, KeyType.ML_DSA_44, b"\x02" * 32)
KEYS = (
    SigningKey("witness.example/w", KeyType.ML_DSA_44, b"\x03" * 32),
    SigningKey("witness.example/w", KeyType.ED25519_COSIGNATURE, b"\x04" * 32),
)
TREE = Tiles().grow([entry(n) for n in range(100)])


def opened(path: Path) -> Witness:
    return Witness(KEYS, (LOG.verifier, LOG_PQ.verifier), path / "witness.sqlite", lambda: NOW)


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return opened(tmp_path)


def head_of(size: int, origin: str = ORIGIN) -> Head:
    return Head(origin, size, Tiles().grow([entry(n) for n in range(size)]).root)


def proof(old: int, new: int) -> tuple[bytes, ...]:
    tree = Tiles().grow([entry(n) for n in range(new)])
    return tuple(consistency_proof(old, new, tree.subtree)) if old else ()


def request(
    old: int,
    head: Head,
    hashes: tuple[bytes, ...] | None = None,
    signers: tuple[SigningKey, ...] = (LOG, LOG_PQ),
) -> bytes:
    note = Note(head.text(), tuple(key.sign(head, NOW) for key in signers))
    hashes = proof(old, head.size) if hashes is None else hashes
    return str(AddCheckpoint(old, hashes, note)).encode()


def test_growth_is_cosigned_with_every_key_and_the_time(witness: Witness) -> None:
    for old, new in ((0, 3), (3, 8), (8, 8), (8, 100)):
        reply = witness.add_checkpoint(request(old, head_of(new)))
        assert (reply.status, reply.kind) == (200, "text/plain; charset=utf-8")
        lines = read_signatures(reply.body)
        assert [
            key.verifier.verify(head_of(new), line) for key, line in zip(KEYS, lines, strict=True)
        ] == [NOW, NOW]


def test_the_last_head_is_served_with_signatures_of_log_and_witness(witness: Witness) -> None:
    other = SigningKey("somebody.example", KeyType.ED25519, b"\x09" * 32)
    witness.add_checkpoint(request(0, head_of(3)))
    witness.add_checkpoint(request(3, head_of(8), signers=(LOG, other)))
    reply = witness.checkpoint(sha256(ORIGIN.encode()).hexdigest())
    note = read_note(reply.body.encode())
    assert read_head(note.text) == head_of(8)
    assert [line.name for line in note.signatures] == [ORIGIN, *["witness.example/w"] * 2]


def test_a_log_that_was_never_cosigned_has_no_head(witness: Witness) -> None:
    assert witness.checkpoint(sha256(ORIGIN.encode()).hexdigest()).status == 404


STRANGER = SigningKey("other.example", KeyType.ED25519, b"\x05" * 32)
FORGER = SigningKey(ORIGIN, KeyType.ED25519, b"\x06" * 32)


def bent(body: bytes) -> bytes:
    note = read_note(body.partition(b"\n\n")[2])
    line = note.signatures[0]
    wrong = line._replace(content=bytes([line.content[0] ^ 1]) + line.content[1:])
    return body.replace(line.line().encode(), wrong.line().encode())


REFUSED = {
    "no old size": (b"\n\n" + request(8, head_of(9)), 400, "the first line is the old size"),
    "no note": (b"old 8\n\nnothing\n", 400, "a text, an empty line and signature lines"),
    "an extension line": (
        request(8, head_of(9)).replace(b"\n9\n", b"\n9\n").replace(b"=\n\n\xe2", b"=\next\n\n\xe2"),
        400,
        "no extension lines",
    ),
    "another log": (
        request(0, head_of(9, "other.example"), (), (STRANGER,)),
        404,
        "does not know the log",
    ),
    "signed by nobody known": (
        request(8, head_of(9), signers=(FORGER,)),
        403,
        "no known key of the log signed",
    ),
    "a signature that does not fit": (bent(request(8, head_of(9))), 403, "does not fit"),
    "one of two signatures that does not fit": (
        bent(request(8, head_of(9), signers=(LOG_PQ, LOG))),
        403,
        "does not fit",
    ),
    "an old size above the new": (request(9, head_of(8), ()), 400, "old size 9 is above the new 8"),
    "an older head than the one kept": (request(7, head_of(9)), 409, "8\n"),
    "a size from before": (request(0, head_of(9)), 409, "8\n"),
    "no proof": (request(8, head_of(9), ()), 422, "not proven to continue the one of 8"),
    "the proof of another tree": (
        request(8, head_of(9), proof(7, 9)),
        422,
        "not proven to continue the one of 8",
    ),
    "another tree of the same size": (
        request(8, Head(ORIGIN, 8, bytes(32)), ()),
        409,
        "8\n",
    ),
    "a fork": (
        request(8, Head(ORIGIN, 9, bytes(32)), proof(8, 9)),
        422,
        "not proven to continue the one of 8",
    ),
    "a proof where none is needed": (
        request(8, head_of(8), proof(7, 8)),
        422,
        "not proven to continue the one of 8",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusals(witness: Witness, what: str) -> None:
    witness.add_checkpoint(request(0, head_of(8)))
    body, status, says = REFUSED[what]
    reply = witness.add_checkpoint(body)
    assert reply.status == status
    assert says in reply.body
    assert reply.kind == ("text/x.tlog.size" if status == 409 else "text/plain; charset=utf-8")
    kept = witness.checkpoint(sha256(ORIGIN.encode()).hexdigest())
    assert read_head(read_note(kept.body.encode()).text) == head_of(8)


def test_the_first_head_needs_no_proof_and_may_have_none(witness: Witness) -> None:
    reply = witness.add_checkpoint(request(0, head_of(8), proof(3, 8)))
    assert (reply.status, "not proven" in reply.body) == (422, True)
    assert witness.add_checkpoint(request(0, head_of(8))).status == 200


def test_an_empty_tree_has_one_root(witness: Witness) -> None:
    assert witness.add_checkpoint(request(0, Head(ORIGIN, 0, bytes(32)), ())).status == 422
    assert witness.add_checkpoint(request(0, Head(ORIGIN, 0, EMPTY_ROOT), ())).status == 200


def test_what_was_cosigned_is_known_after_a_restart(tmp_path: Path) -> None:
    opened(tmp_path).add_checkpoint(request(0, head_of(8)))
    reply = opened(tmp_path).add_checkpoint(request(0, head_of(9)))
    assert reply == WitnessReply(409, "text/x.tlog.size", "8\n")


def _race(path: Path, size: int, barrier: object, answers: object) -> None:
    barrier.wait()  # type: ignore[attr-defined]
    answers.put(opened(path).add_checkpoint(request(8, head_of(size))).status)  # type: ignore[attr-defined]


@pytest.mark.slow
def test_of_requests_at_the_same_time_one_is_cosigned(tmp_path: Path) -> None:
    opened(tmp_path).add_checkpoint(request(0, head_of(8)))
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(4), context.Queue()
    processes = [
        context.Process(target=_race, args=(tmp_path, size, barrier, answers))
        for size in (20, 30, 40, 50)
    ]
    for process in processes:
        process.start()
    found = sorted(answers.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    assert found == [200, 409, 409, 409]
