"""Witnesses are asked over HTTP; one that is away delays nothing, and a quorum can hold heads."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from adapters.evidence.sealer import Sealer
from adapters.evidence.signed_notes import Head, KeyType, SigningKey, read_head, read_note
from adapters.evidence.tree_stores import TreeFolder
from adapters.evidence.trust_policy import Policy, read_policy, trusted_head
from adapters.evidence.witnesses.cosigner import Answer, Cosigner, post
from adapters.evidence.witnesses.witness import Witness
from adapters.web.witness import create_witness
from tests.adapters.evidence.test_sealer import KEYS, NOW, ORIGIN, FakeLog

WITNESS = (
    SigningKey("witness.example/w", KeyType.ML_DSA_44, b"\x03" * 32),
    SigningKey("witness.example/w", KeyType.ED25519_COSIGNATURE, b"\x04" * 32),
)
OTHER = SigningKey("other.example/w", KeyType.ED25519_COSIGNATURE, b"\x05" * 32)
NOWHERE = "http://127.0.0.1:9"


@contextmanager
def served(folder: Path) -> Generator[str]:
    """A witness on a free port."""
    witness = Witness(WITNESS, [key.verifier for key in KEYS], folder / "w.sqlite", lambda: NOW)
    app = create_witness(witness.add_checkpoint, witness.checkpoint)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def policy(address: str, quorum: str = "one") -> Policy:
    lines = [
        *(f"log {key.verifier}" for key in KEYS),
        f"witness pq {WITNESS[0].verifier} {address}",
        f"witness ed {WITNESS[1].verifier} {address}",
        f"witness other {OTHER.verifier} {NOWHERE}",
        "group one any pq ed",
        "group both all one other",
        f"quorum {quorum}",
    ]
    return read_policy("\n".join(lines).encode())


class Sealing:
    """A log, its tree in a folder, and a sealer and cosigner of it."""

    def __init__(self, folder: Path, policy: Policy, *, hold: bool = False) -> None:
        self.log = FakeLog()
        self.store = TreeFolder(folder / "tree")
        outside = folder / "outside"
        self.sealer = Sealer(ORIGIN, KEYS, self.log, self.store, outside, lambda: NOW, hold=hold)
        self.cosigner = Cosigner(self.store, outside, policy, post, hold=hold)

    def grow(self, rows: int) -> Head:
        self.log.grow(rows)
        head = self.sealer.seal(10_000)
        assert head is not None
        return head

    def published(self) -> int:
        note = self.store.head()
        return 0 if note is None else read_head(read_note(note).text).size


def test_heads_are_cosigned_with_both_keys_and_served_so(tmp_path: Path) -> None:
    with served(tmp_path) as address:
        sealing = Sealing(tmp_path, policy(address))
        for rows in (3, 300, 1):
            head = sealing.grow(rows)
            asked = sealing.cosigner.ask()
            assert asked is not None
            assert (asked.head, asked.cosigned, asked.met) == (head, {"pq": NOW, "ed": NOW}, True)
            assert "Connect" in asked.away[NOWHERE]
            note = sealing.store.head()
            assert note is not None
            assert trusted_head(read_note(note), policy(address), NOW).met


def test_what_a_witness_keeps_is_learned_from_its_409(tmp_path: Path) -> None:
    with served(tmp_path) as address:
        sealing = Sealing(tmp_path, policy(address))
        sealing.grow(5)
        sealing.cosigner.ask()
        fresh = Cosigner(sealing.store, tmp_path / "outside", policy(address), post)
        sealing.grow(5)
        asked = fresh.ask()
        assert asked is not None
        assert asked.cosigned == {"pq": NOW, "ed": NOW}


def test_an_unmet_quorum_is_told_and_the_head_is_published(tmp_path: Path) -> None:
    sealing = Sealing(tmp_path, policy(NOWHERE))
    head = sealing.grow(5)
    asked = sealing.cosigner.ask()
    assert asked is not None
    assert (asked.met, asked.published, sealing.published()) == (False, True, head.size)


def test_an_unmet_quorum_holds_the_head_back_and_sealing_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.evidence.witnesses.cosigner.AGAIN_SECONDS", 0.0)
    sealing = Sealing(tmp_path, policy(NOWHERE), hold=True)
    for rows in (5, 300):
        sealing.grow(rows)
        asked = sealing.cosigner.ask()
        assert asked is not None
        assert (asked.met, asked.published, sealing.published()) == (False, False, 0)
    assert sealing.sealer.seal() is None
    with served(tmp_path) as address:
        back = Cosigner(sealing.store, tmp_path / "outside", policy(address), post, hold=True)
        asked = back.ask()
    assert asked is not None
    assert (asked.met, asked.published, sealing.published()) == (True, True, 305)
    assert sealing.grow(2).size == 307
    assert sealing.published() == 305


ANOTHER = Head(ORIGIN, 5, bytes(32))
ANSWERS = {
    "a signature of nobody": (
        Answer(200, OTHER.sign(ANOTHER, NOW).line().encode()),
        "no signature is of a key",
    ),
    "a signature of another head": (
        Answer(200, WITNESS[1].sign(ANOTHER, NOW).line().encode()),
        "does not fit",
    ),
    "no signature": (Answer(200, b"fine\n"), "not a signature line"),
    "a larger size": (Answer(409, b"99\n"), "it keeps a head of 99 entries, above 5"),
    "the same size": (Answer(409, b"0\n"), "it keeps another head of 0 entries"),
    "not known": (Answer(404, b"unknown log\n"), "answered 404: unknown log"),
    "a size that is none": (Answer(409, b"many\n"), "answered 409: many"),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_an_answer_that_is_no_cosignature_is_told_and_not_kept(tmp_path: Path, what: str) -> None:
    answer, why = ANSWERS[what]
    sealing = Sealing(tmp_path, policy("http://w.example"))
    sealing.grow(5)
    before = sealing.store.head()
    asked = Cosigner(
        sealing.store, tmp_path / "outside", policy("http://w.example"), lambda *_: answer
    ).ask()
    assert asked is not None
    assert why in asked.away["http://w.example"]
    assert (asked.cosigned, sealing.store.head()) == ({}, before)
