"""Forged heads, cosignatures that do not count, and policies that cannot be used."""

from __future__ import annotations

from base64 import b64decode

from adapters.evidence.faults import (
    Altered,
    BadBundle,
    BadNote,
    BadPolicy,
    BadSignature,
    NotTrusted,
)
from adapters.evidence.signed_notes import read_note
from tests.evidence_corpus.case import Case, made_of, replaced
from tests.evidence_corpus.honest import (
    ELSEWHERE,
    FAR,
    FORGER,
    LOG,
    NOW,
    ORIGIN,
    SIZE,
    WITNESS,
    Members,
    archived,
    cosigned,
    signed,
    whole,
)


def _root(note: bytes) -> bytes:
    return b64decode(note.split(b"\n")[2])


def _signature(note: bytes) -> bytes:
    return note.partition(b"\n\n")[2]


def _unfit(note: bytes) -> bytes:
    """The same head with a signature that the key made of another one."""
    read = read_note(note)
    other = read_note(signed(SIZE, bytes(32)))
    return f"{read.text}\n{other.signatures[0].line()}".encode()


def _cosigned_elsewhere(m: Members) -> bytes:
    other = read_note(signed(SIZE, bytes(32), WITNESS))
    return m["checkpoint"] + other.signatures[0].line().encode()


def _forged_earlier_head(m: Members) -> None:
    m["checkpoints/4"] = signed(4, _root(m["checkpoints/4"]), FORGER)


HEADS = (
    Case(
        "old-head",
        "an earlier head stands for the last one",
        made_of(lambda m: m.update(checkpoint=m["checkpoints/4"])),
        fault=BadBundle,
        why="tile/0/000.p/4 is missing",
    ),
    Case(
        "fork",
        "the log signed another tree of the same size",
        made_of(lambda m: m.update(checkpoint=signed(SIZE, bytes(32)))),
        fault=Altered,
        why="the entries do not give the root that was signed",
    ),
    Case(
        "earlier-fork",
        "an earlier head is of another tree",
        made_of(lambda m: m.update({"checkpoints/4": signed(4, bytes(32))})),
        fault=Altered,
        why="checkpoints/4 is the head of another tree",
    ),
    Case(
        "earlier-head-misnamed",
        "an earlier head stands under another size",
        made_of(lambda m: m.update({"checkpoints/5": m["checkpoints/4"]})),
        fault=Altered,
        why="checkpoints/5 is the head of 4 entries of register.example/toronto",
    ),
    Case(
        "later-head",
        "a head is there of more entries than the last one",
        made_of(lambda m: m.update({"checkpoints/21": signed(21, bytes(32))})),
        fault=Altered,
        why="checkpoints/21 is no head before that of 20 entries",
    ),
    Case(
        "empty-head",
        "a head of no entries is there",
        made_of(lambda m: m.update({"checkpoints/0": signed(0, bytes(32))})),
        fault=Altered,
        why="checkpoints/0 is no head before that of 20 entries",
    ),
    Case(
        "earlier-head-of-nobody",
        "an earlier head is signed by a key that nobody trusts",
        made_of(_forged_earlier_head),
        fault=NotTrusted,
        why=f"no known key of {ORIGIN} signed this head",
    ),
    Case(
        "wrong-key",
        "the head is signed by another key of the same name",
        made_of(lambda m: m.update(checkpoint=signed(SIZE, _root(m["checkpoint"]), FORGER))),
        fault=NotTrusted,
        why=f"no known key of {ORIGIN} signed this head",
    ),
    Case(
        "another-origin",
        "the head is of another log, signed by its own key",
        made_of(
            lambda m: m.update(
                checkpoint=signed(
                    SIZE, _root(m["checkpoint"]), ELSEWHERE, origin="register.example/hamburg"
                )
            )
        ),
        fault=NotTrusted,
        why="no known key of register.example/hamburg signed this head",
    ),
    Case(
        "own-key-another-origin",
        "the log's key signed a head under another origin",
        made_of(
            lambda m: m.update(
                checkpoint=signed(
                    SIZE, _root(m["checkpoint"]), LOG, origin="register.example/hamburg"
                )
            )
        ),
        fault=NotTrusted,
        why="no known key of register.example/hamburg signed this head",
    ),
    Case(
        "signature-altered",
        "the signature of the log does not fit",
        made_of(lambda m: m.update(checkpoint=_unfit(m["checkpoint"]))),
        fault=BadSignature,
        why=f"the signature of {ORIGIN} does not fit",
    ),
    Case(
        "signed-twice",
        "the log's key signed twice",
        made_of(lambda m: m.update(checkpoint=m["checkpoint"] + _signature(m["checkpoint"]))),
        fault=BadSignature,
        why=f"{ORIGIN} signed twice",
    ),
    Case(
        "extension-line",
        "the head has a further line",
        made_of(replaced("checkpoint", b"=\n\n", b"=\nmore\n\n")),
        fault=BadNote,
        why="a head has three lines: origin, size and root, and no extension lines",
    ),
    Case(
        "size-leading-zero",
        "the size has a leading zero",
        made_of(replaced("checkpoint", b"\n20\n", b"\n020\n")),
        fault=BadNote,
        why="'020' is not the size of a tree",
    ),
    Case(
        "size-signed",
        "the size has a sign",
        made_of(replaced("checkpoint", b"\n20\n", b"\n+20\n")),
        fault=BadNote,
        why="'+20' is not the size of a tree",
    ),
    Case(
        "root-too-short",
        "the root has fewer than 32 bytes",
        made_of(lambda m: m.update(checkpoint=signed(SIZE, bytes(31)))),
        fault=BadNote,
        why="a root has 32 bytes",
    ),
    Case(
        "head-crlf",
        "the lines of the head end with carriage returns",
        made_of(lambda m: m.update(checkpoint=m["checkpoint"].replace(b"\n", b"\r\n"))),
        fault=BadNote,
        why="the note has a control character",
    ),
    Case(
        "head-unfinished",
        "the last line of the head does not end",
        made_of(lambda m: m.update(checkpoint=m["checkpoint"][:-1])),
        fault=BadNote,
        why="a note is a text, an empty line and signature lines, each with a line end",
    ),
    Case(
        "head-unsigned",
        "the head has no signature line",
        made_of(lambda m: m.update(checkpoint=m["checkpoint"].partition(b"\n\n")[0] + b"\n")),
        fault=BadNote,
        why="a note is a text, an empty line and signature lines, each with a line end",
    ),
    Case(
        "head-not-utf-8",
        "the head is no UTF-8",
        made_of(replaced("checkpoint", b"register", b"\xff")),
        fault=BadNote,
        why="the note is not UTF-8",
    ),
)


def _cosigned_twice(m: Members) -> None:
    cosigned(m, NOW, WITNESS)
    cosigned(m, NOW + 1, WITNESS)


WITNESSES = (
    Case(
        "no-witness",
        "nobody cosigned, and the policy asks for a witness",
        lambda: archived(whole()),
        "witnessed",
        NotTrusted,
        "too few witnesses cosigned: none",
    ),
    Case(
        "witness-time-zero",
        "the witness says the time 0",
        made_of(lambda m: cosigned(m, 0, WITNESS)),
        "witnessed",
        NotTrusted,
        "too few witnesses cosigned: none",
    ),
    Case(
        "witness-time-ahead",
        "the witness's time is more than 60 seconds ahead",
        made_of(lambda m: cosigned(m, FAR, WITNESS)),
        "witnessed",
        NotTrusted,
        "too few witnesses cosigned: none",
    ),
    Case(
        "one-witness-of-two",
        "one of two witnesses cosigned, and both are needed",
        made_of(lambda m: cosigned(m, NOW, WITNESS)),
        "two-of-two",
        NotTrusted,
        "too few witnesses cosigned: w",
    ),
    Case(
        "witness-of-another-head",
        "the cosignature is of another head",
        made_of(lambda m: m.update(checkpoint=_cosigned_elsewhere(m))),
        "witnessed",
        BadSignature,
        "the signature of witness.example/w does not fit",
    ),
    Case(
        "witness-twice",
        "one witness cosigned twice, at two times",
        made_of(_cosigned_twice),
        "witnessed",
        BadSignature,
        "witness.example/w signed twice",
    ),
)

POLICY = tuple(
    Case(name, says, lambda: archived(whole()), name, BadPolicy, why)
    for name, says, why in (
        (
            "one-key-two-names",
            "one key stands under two names of witnesses",
            "line 3: the key of witness.example/w is listed twice",
        ),
        (
            "no-such-group",
            "the quorum names no group",
            "line 2: no line above names a witness or group g",
        ),
        (
            "too-many-needed",
            "a group needs more members than it has",
            "line 3: 2 of 1 members cannot be needed",
        ),
        (
            "leading-zero",
            "a number has a leading zero",
            "line 3: '01' is neither any, all, nor a number",
        ),
        ("two-quorums", "there are two quorum lines", "line 3: a second quorum line"),
        (
            "witness-as-log",
            "a witness's key stands as a log's",
            "line 1: a key of type 0x04 does not sign there",
        ),
        (
            "unknown-line",
            "a line of another kind",
            f"line 2: 'monitor {WITNESS.verifier}' is not a line of a policy",
        ),
        (
            "wrong-id",
            "the id of a key is not its own",
            "line 1: the id of register.example/toronto's key is not that of its name and bytes",
        ),
        ("no-quorum", "there is no quorum line", "the policy has no quorum line"),
    )
)
