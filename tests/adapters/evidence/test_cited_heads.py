"""A file that cites a head is on the proven line, or it is said why it is not."""

from __future__ import annotations

import io
import zipfile

import pytest

from adapters.evidence.cited_heads import CitedHead, cite, heads_cited_in, prove_cited
from adapters.evidence.entries import Entry
from adapters.evidence.faults import BadPage, BadTile, NotProven
from adapters.evidence.signed_notes import Head, KeyType, Note, SigningKey
from tests.adapters.evidence.trees import Tiles, plain_root

ORIGIN = "register.example/toronto"
KEY = SigningKey(ORIGIN, KeyType.ED25519, bytes(32))
TEXTS = [
    Entry(n, 2 * n, 1_000 + n, "toronto/log", n, "t.v1", {"event": f"{n:064x}"}).text()
    for n in range(1, 601)
]
"""600 entries at the positions 2, 4, … 1200."""


def root_of(size: int) -> bytes:
    return plain_root(TEXTS[:size])


@pytest.fixture(scope="module")
def tree() -> Tiles:
    return Tiles().grow(TEXTS)


def note(tree: Tiles) -> bytes:
    head = Head(ORIGIN, tree.size, tree.root)
    return str(Note(head.text(), (KEY.sign(head, 0),))).encode()


@pytest.mark.parametrize(
    ("position", "size", "whole"),
    [(1200, 600, True), (1300, 600, False), (1199, 599, True), (513, 256, True), (2, 1, True)],
)
def test_a_position_is_cited_by_the_tree_of_what_was_sealed_up_to_it(
    tree: Tiles, position: int, size: int, whole: bool
) -> None:
    found = cite(note(tree), tree.kept.get, position, lambda _: True)
    assert found is not None
    assert found == (CitedHead(ORIGIN, position, size, root_of(size)), whole)


def test_nothing_is_cited_before_the_first_entry(tree: Tiles) -> None:
    assert cite(note(tree), tree.kept.get, 1, lambda _: True) is None


@pytest.mark.parametrize("size", [1, 255, 256, 257, 599, 600])
def test_what_was_cited_at_any_time_is_on_the_line(tree: Tiles, size: int) -> None:
    head = Head(ORIGIN, 600, root_of(600))
    cited = CitedHead(ORIGIN, 2 * size, size, root_of(size))
    assert prove_cited(cited, head, tree.kept.get) == (cited, head, 0)


def test_entries_that_were_not_sealed_yet_are_counted(tree: Tiles) -> None:
    head = Head(ORIGIN, 600, root_of(600))
    cited = CitedHead(ORIGIN, 30, 12, root_of(12))
    assert prove_cited(cited, head, tree.kept.get).unsealed == 3


@pytest.mark.parametrize(
    ("cited", "why"),
    [
        (
            CitedHead(ORIGIN, 20, 10, root_of(11)),
            "it cites a tree of 10 entries that the head of 600 does not continue",
        ),
        (CitedHead(ORIGIN, 1200, 600, root_of(10)), "it cites another tree of 600 entries"),
        (
            CitedHead(ORIGIN, 19, 10, root_of(10)),
            "it cites position 19, and entry 10 is at 20",
        ),
        (
            CitedHead("another.example/x", 20, 10, root_of(10)),
            "it cites another.example/x, and the head is of register.example/toronto",
        ),
    ],
)
def test_what_is_on_no_line_contradicts(tree: Tiles, cited: CitedHead, why: str) -> None:
    with pytest.raises(NotProven) as refused:
        prove_cited(cited, Head(ORIGIN, 600, root_of(600)), tree.kept.get)
    assert refused.value.why == why


def test_a_later_head_is_asked_for(tree: Tiles) -> None:
    cited = CitedHead(ORIGIN, 1202, 601, bytes(32))
    with pytest.raises(BadPage) as refused:
        prove_cited(cited, Head(ORIGIN, 600, root_of(600)), tree.kept.get)
    assert refused.value.why == (
        "it cites 601 entries, and the signed head has 600: give a later one"
    )


def test_tiles_of_another_tree_are_told_as_broken_and_blame_no_page(tree: Tiles) -> None:
    others = Tiles().grow([*TEXTS[:-1], TEXTS[0]])
    cited = CitedHead(ORIGIN, 20, 10, root_of(10))
    with pytest.raises(BadTile) as refused:
        prove_cited(cited, Head(ORIGIN, 600, root_of(600)), others.kept.get)
    assert refused.value.why == "the tiles do not give the root of the 600 entries signed"


def test_a_head_alone_proves_its_own_size_and_no_position() -> None:
    head = Head(ORIGIN, 600, root_of(600))
    own = CitedHead(ORIGIN, 1200, 600, root_of(600))
    assert prove_cited(own, head, None) == (own, head, None)
    with pytest.raises(BadPage) as refused:
        prove_cited(CitedHead(ORIGIN, 20, 10, root_of(10)), head, None)
    assert refused.value.why == (
        "it cites 10 entries: a signed head of 600 proves them only with its tiles, "
        "of a bundle or a tree"
    )


CITED = CitedHead(ORIGIN, 20, 10, bytes(range(32)))
LINE = str(CITED)


def workbook(text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/sharedStrings.xml", f"<t>{text}</t>")
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        LINE.encode(),
        f"<p class='seal'>{LINE}</p>".encode(),
        f'{{"evidence": "{LINE}"}}\n{{"evidence": "{LINE}"}}\n'.encode(),
        f"city,evidence\r\nKiev,{LINE}\r\n".encode(),
        LINE.replace(" root ", "\n  root ").encode(),
        f"HTTP/1.1 200 OK\r\n{LINE.replace('Evidence', 'evidence')}\r\n\r\n[]".encode(),
        b"BEGIN:VCALENDAR\r\nX-WR-CALDESC:" + LINE[:50].encode() + b"\r\n " + LINE[50:].encode(),
        workbook(LINE),
    ],
    ids=["text", "html", "json", "csv", "wrapped", "header", "calendar", "workbook"],
)
def test_the_line_is_read_in_each_format(content: bytes) -> None:
    assert LINE == (
        "Evidence: register.example/toronto position 20 n 10 root "
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    )
    assert heads_cited_in(content) == [CITED]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it has no line Evidence: … with position, n and root"),
        (b"[]", "it has no line Evidence: … with position, n and root"),
        (
            LINE[:-1].encode(),
            "its line Evidence: … is not whole: position, n and a root of 64 digits",
        ),
        (
            LINE.replace("n 10", "n 010").encode(),
            "its line Evidence: … is not whole: position, n and a root of 64 digits",
        ),
        (b"%PDF-1.7", "of a PDF give the text, such as pdftotext writes it"),
        (b"PK\x03\x04", "it is not a readable workbook: File is not a zip file"),
    ],
)
def test_a_file_that_cites_nothing_cannot_be_read(content: bytes, why: str) -> None:
    with pytest.raises(BadPage) as refused:
        heads_cited_in(content)
    assert refused.value.why == why
