"""Notes, keys and signatures: the documents' own examples, another program, and what is bent."""

from __future__ import annotations

from base64 import b64encode

import pytest
from tlog_scales import signing
from tlog_scales.tlog import Checkpoint

from adapters.evidence.faults import BadNote, BadSignature
from adapters.evidence.signed_notes import (
    Head,
    KeyType,
    Note,
    SigningKey,
    read_head,
    read_key,
    read_note,
)

ORIGIN = "register.example/toronto"
HEAD = Head(ORIGIN, 189, bytes(range(32)))
AT = 1_764_367_200
SEED = b"\x07" * 32
KINDS = list(KeyType)


def signed(kind: KeyType, name: str = ORIGIN, at: int = AT) -> tuple[SigningKey, Note]:
    key = SigningKey(name, kind, SEED)
    return key, read_note(str(Note(HEAD.text(), (key.sign(HEAD, at),))).encode())


def test_the_example_of_the_document_verifies() -> None:
    note = read_note(
        "This is an example message.\n\n"
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFX"
        "mRKuwHjG1Yu72IneyaQM=\n".encode()
    )
    key = read_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    assert str(key) == "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    assert key.kind is KeyType.ED25519
    (signature,) = note.signatures
    assert key.made(signature)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    Ed25519PublicKey.from_public_bytes(key.public).verify(signature.content, note.text.encode())


@pytest.mark.parametrize("kind", KINDS)
def test_a_head_that_was_signed_verifies_with_its_time(kind: KeyType) -> None:
    key, note = signed(kind)
    time = key.verifier.verify(read_head(note.text), note.signatures[0])
    assert time == (None if kind is KeyType.ED25519 else AT)


@pytest.mark.parametrize("kind", KINDS)
def test_another_program_verifies_what_was_signed_here(kind: KeyType) -> None:
    key, note = signed(kind)
    theirs = Checkpoint.from_text(str(note))
    assert (theirs.origin, theirs.size, theirs.root_hash) == (ORIGIN, 189, HEAD.root)
    vkey = signing.Vkey.from_string(str(key.verifier))
    assert vkey.serialize() == str(key.verifier)
    theirs.verify(vkey)


@pytest.mark.parametrize(
    ("kind", "signer"),
    [
        (KeyType.ED25519, signing.PlainEd25519Signer),
        (KeyType.ML_DSA_44, signing.MLDSA44CosignatureSigner),
    ],
)
def test_what_another_program_signed_verifies_here(kind: KeyType, signer: type) -> None:
    theirs = signer(ORIGIN, SEED)
    text = Checkpoint.make_signed(ORIGIN, 189, HEAD.root, [theirs]).serialize()
    note = read_note(text.encode())
    key = read_key(theirs.vkey.serialize())
    assert key == SigningKey(ORIGIN, kind, SEED).verifier
    key.verify(read_head(note.text), note.signatures[0])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "other",
    [
        Head("register.example/other", 189, HEAD.root),
        Head(ORIGIN, 190, HEAD.root),
        Head(ORIGIN, 189, bytes(32)),
    ],
)
def test_a_signature_fits_no_other_head(kind: KeyType, other: Head) -> None:
    key, note = signed(kind)
    with pytest.raises(BadSignature, match=f"signature of {ORIGIN} does not fit"):
        key.verifier.verify(other, note.signatures[0])


@pytest.mark.parametrize("kind", [KeyType.ED25519_COSIGNATURE, KeyType.ML_DSA_44])
def test_the_time_of_a_signature_is_signed(kind: KeyType) -> None:
    key, note = signed(kind)
    (signature,) = note.signatures
    later = signature._replace(content=(AT + 1).to_bytes(8, "big") + signature.content[8:])
    with pytest.raises(BadSignature, match="does not fit"):
        key.verifier.verify(HEAD, later)
    beyond = signature._replace(content=(2**63).to_bytes(8, "big") + signature.content[8:])
    with pytest.raises(BadSignature, match=r"time of .* is out of range"):
        key.verifier.verify(HEAD, beyond)


def test_the_name_of_a_cosigner_is_signed_with_ml_dsa() -> None:
    one, note = signed(KeyType.ML_DSA_44, "witness.example/one")
    other = SigningKey("witness.example/two", KeyType.ML_DSA_44, SEED).verifier
    assert other.public == one.verifier.public
    with pytest.raises(BadSignature, match=r"witness.example/two does not fit"):
        other.verify(HEAD, note.signatures[0])


def test_one_key_has_another_id_for_each_type_and_name() -> None:
    ids = {SigningKey(name, kind, SEED).verifier.key_id for kind in KINDS for name in "ab"}
    assert len(ids) == 2 * len(KINDS)


NOTE = str(signed(KeyType.ED25519)[1])


@pytest.mark.parametrize(
    ("bent", "why"),
    [
        (NOTE.replace("\n\n", "\n"), "a text, an empty line and signature lines"),
        (NOTE.rstrip("\n"), "a text, an empty line and signature lines"),
        (NOTE.replace("189", "18\x009"), "control character"),
        (NOTE.replace("189\n", "189\r\n"), "control character"),
        (NOTE.replace("—", "-"), "is not a signature line"),
        (NOTE.replace("— ", "—  "), "is not a signature line"),
        (
            NOTE + "\n",
            "a signature line has no line end|is not a signature line|text, an empty line",
        ),
        (NOTE.replace("=\n\n", "=\n\n— a.example/b AAAA\n"), "is not a signature line"),
        ("\n\n" + NOTE.split("\n\n")[1], "no signature line|a text, an empty line"),
        (NOTE + NOTE.split("\n\n")[1] * 64, "more than 64 signatures"),
    ],
)
def test_what_is_no_note(bent: str, why: str) -> None:
    with pytest.raises(BadNote, match=why):
        read_note(bent.encode())


def test_a_note_is_utf8_and_not_endless() -> None:
    with pytest.raises(BadNote, match="not UTF-8"):
        read_note(NOTE.encode() + b"\xff")
    with pytest.raises(BadNote, match="longer than"):
        read_note(b"x" * 600_000)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{ORIGIN}\n189\n", "three lines"),
        (f"{HEAD.text()}extension\n", "no extension lines"),
        (HEAD.text().replace("189", "0189"), "is not the size of a tree"),
        (HEAD.text().replace("189", "-1"), "is not the size of a tree"),
        (HEAD.text().replace("189", "+1"), "is not the size of a tree"),
        (HEAD.text().replace("189", "1e5"), "is not the size of a tree"),
        (HEAD.text().replace("189", "189 "), "is not the size of a tree"),
        (HEAD.text().replace("189", "١"), "is not the size of a tree"),
        (HEAD.text().replace("189", str(2**63)), "is not the size of a tree"),
        (f"{ORIGIN}\n1\n{b64encode(bytes(31)).decode()}\n", "32 bytes"),
        (f"{ORIGIN}\n1\n{b64encode(bytes(32)).decode().replace('A=', 'B=')}\n", "32 bytes"),
        (f"\n1\n{b64encode(bytes(32)).decode()}\n", "three lines"),
    ],
)
def test_what_is_no_head(text: str, why: str) -> None:
    with pytest.raises(BadNote, match=why):
        read_head(text)


KEY = str(signed(KeyType.ED25519)[0].verifier)


@pytest.mark.parametrize(
    ("vkey", "why"),
    [
        (KEY.replace(ORIGIN, "other.example"), "id of other.example's key is not that"),
        (KEY[:-4] + "AAA=", "wrong length|id of"),
        (KEY[:-8], "not a verifier key|wrong length"),
        ("", "is not a verifier key of a known type"),
        ("a b+00000000+AQ==", "is not a verifier key of a known type"),
        (f"{ORIGIN}+00000000+{b64encode(bytes([2, *bytes(32)])).decode()}", "of a known type"),
        (f"{ORIGIN}+00000000+{b64encode(bytes([6, *bytes(32)])).decode()}", "wrong length"),
    ],
)
def test_what_is_no_verifier_key(vkey: str, why: str) -> None:
    with pytest.raises(BadNote, match=why):
        read_key(vkey)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "tab\there", "line\nend", "a\u00a0b"])
def test_what_cannot_name_a_key(name: str) -> None:
    with pytest.raises(BadNote, match="cannot name a key"):
        SigningKey(name, KeyType.ED25519, SEED)
