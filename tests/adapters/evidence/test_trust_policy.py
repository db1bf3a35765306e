"""Which heads a policy believes, and which policies are none."""

from __future__ import annotations

import pytest

from adapters.evidence.faults import BadPolicy, BadSignature, NotTrusted
from adapters.evidence.signed_notes import Head, KeyType, Note, SigningKey
from adapters.evidence.trust_policy import Policy, read_policy, trusted_head

ORIGIN = "register.example/toronto"
NOW = 1_764_367_200
HEAD = Head(ORIGIN, 3, bytes(32))
LOG = SigningKey(ORIGIN, KeyType.ED25519, b"\x01" * 32)
LOG_PQ = SigningKey(ORIGIN, KeyType.ML_DSA_44, b"\x02" * 32)
WITNESSES = {
    name: SigningKey(f"{name}.example/w", KeyType.ED25519_COSIGNATURE, bytes([i]) * 32)
    for i, name in enumerate(("x1", "x2", "x3", "y1", "y2", "y3"), 10)
}
LINES = (
    f"log {LOG.verifier} https://register.example/evidence/",
    f"log {LOG_PQ.verifier}",
    *(f"witness {name} {key.verifier}" for name, key in WITNESSES.items()),
    "group X-witnesses 2 x1 x2 x3",
    "group\tY-witnesses   any y1 y2 y3  ",
    "  # two levels, as in the document's example",
    "",
    "group X-and-Y all X-witnesses Y-witnesses",
    "quorum X-and-Y",
)


def policy_of(*lines: str) -> Policy:
    return read_policy("\n".join(lines).encode())


def note(*signers: SigningKey, at: int = NOW, head: Head = HEAD) -> Note:
    return Note(head.text(), tuple(key.sign(head, at) for key in signers))


@pytest.mark.parametrize(
    ("cosigners", "met"),
    [
        ("x1 x2 y1", True),
        ("x2 x3 y3", True),
        ("x1 x2 x3", False),
        ("x1 y1 y2 y3", False),
        ("x1 x2 x3 y1 y2 y3", True),
        ("", False),
    ],
)
def test_a_quorum_of_two_levels(cosigners: str, met: bool) -> None:
    signers = [WITNESSES[name] for name in cosigners.split()]
    trusted = trusted_head(note(LOG, *signers), policy_of(*LINES), NOW)
    assert trusted.met is met
    assert trusted.cosigned == dict.fromkeys(cosigners.split(), NOW)
    assert trusted.head == HEAD


def test_either_key_of_the_log_is_enough_and_all_that_are_there_have_to_fit() -> None:
    policy = policy_of(*LINES[:2], "quorum none")
    assert trusted_head(note(LOG), policy).logs == (LOG.verifier,)
    assert trusted_head(note(LOG_PQ), policy).logs == (LOG_PQ.verifier,)
    assert trusted_head(note(LOG, LOG_PQ), policy).met
    wrong = note(LOG, LOG_PQ)
    bent = wrong.signatures[1]._replace(content=wrong.signatures[1].content[:-1] + b"\x00")
    with pytest.raises(BadSignature, match="does not fit"):
        trusted_head(Note(wrong.text, (wrong.signatures[0], bent)), policy)


def test_a_head_of_nobody_known_is_not_trusted() -> None:
    other = SigningKey(ORIGIN, KeyType.ED25519, b"\x09" * 32)
    with pytest.raises(NotTrusted, match=f"no known key of {ORIGIN} signed"):
        trusted_head(note(other), policy_of(*LINES))


def test_a_log_signs_for_its_own_origin_only() -> None:
    elsewhere = Head("register.example/montreal", 3, bytes(32))
    with pytest.raises(NotTrusted, match=r"no known key of register.example/montreal"):
        trusted_head(note(LOG, head=elsewhere), policy_of(*LINES))


@pytest.mark.parametrize(("at", "counts"), [(0, False), (NOW + 60, True), (NOW + 61, False)])
def test_a_witness_without_a_time_or_ahead_of_it_does_not_count(at: int, counts: bool) -> None:
    signed = Note(
        HEAD.text(), (LOG.sign(HEAD, NOW), *(k.sign(HEAD, at) for k in WITNESSES.values()))
    )
    trusted = trusted_head(signed, policy_of(*LINES), NOW)
    assert (trusted.met, len(trusted.cosigned)) == (counts, 6 * counts)


def test_a_key_that_signs_twice_is_refused() -> None:
    with pytest.raises(BadSignature, match="signed twice"):
        trusted_head(note(LOG, LOG), policy_of(*LINES))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (LINES[:-1], "no quorum line"),
        ((*LINES, "quorum none"), "line 15: a second quorum line"),
        (("quorum x1",), "line 1: no line above names a witness or group x1"),
        (("group g any x1", "quorum g"), "line 1: no line above"),
        ((LINES[2], "group none any x1", "quorum none"), "line 2: the name none is taken"),
        ((LINES[2], LINES[2]), "line 2: the name x1 is taken"),
        (
            (LINES[2], LINES[2].replace("witness x1", "witness x9")),
            "line 2: the key of x1.example/w is listed twice",
        ),
        ((LINES[0], LINES[0]), "line 2: the key of .* is listed twice"),
        ((f"witness x {LOG.verifier}",), "line 1: a key of type 0x01 does not sign there"),
        ((f"log {WITNESSES['x1'].verifier}",), "line 1: a key of type 0x04 does not sign there"),
        ((LINES[2], "group g 2 x1"), "line 2: 2 of 1 members"),
        ((LINES[2], "group g 0 x1"), "line 2: 0 of 1 members"),
        ((LINES[2], "group g 01 x1"), "line 2: '01' is neither any, all, nor a number"),
        ((LINES[2], "group g ² x1"), "neither any, all, nor a number"),
        ((LINES[2], "group g any x1 x1"), "line 2: x1 is a member already"),
        (
            (LINES[2], LINES[3], "group g any x1", "group h any x1 x2"),
            "line 4: x1 is a member already",
        ),
        ((LINES[2], "group g any"), "line 2: 'group g any' is not a line of a policy"),
        (("logs x",), "line 1: 'logs x' is not a line of a policy"),
        (("log nothing",), "line 1: 'nothing' is not a verifier key"),
        (("quorum none\r",), "line 1: a control character"),
    ],
)
def test_what_is_no_policy(lines: tuple[str, ...], why: str) -> None:
    with pytest.raises(BadPolicy, match=why):
        policy_of(*lines)


def test_two_types_of_one_witness_count_once_in_a_group() -> None:
    both = (
        SigningKey("w.example/w", KeyType.ED25519_COSIGNATURE, b"\x20" * 32),
        SigningKey("w.example/w", KeyType.ML_DSA_44, b"\x21" * 32),
    )
    policy = policy_of(
        LINES[0],
        *(f"witness w{i} {key.verifier}" for i, key in enumerate(both)),
        "group w any w0 w1",
        LINES[2],
        "group all all w x1",
        "quorum all",
    )
    assert not trusted_head(note(LOG, *both), policy, NOW).met
    assert trusted_head(note(LOG, both[1], WITNESSES["x1"]), policy, NOW).met
