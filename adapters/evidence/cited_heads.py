"""Heads as exports and pages cite them: log position, tree size `n` and root, in one line of text.

    Evidence: register.example.org/toronto position 33 n 33 root 9f86d0…

The line is the same in every format. Whoever has a signed head and its tiles can say of a paper
with this line whether it was made of the history that is proven.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from html import unescape
from typing import NamedTuple

from adapters.evidence.entries import Entry, read_entry
from adapters.evidence.faults import BadPage, BadTile, NotProven
from adapters.evidence.merkle_tree import (
    consistency_proof,
    frontier,
    inclusion_proof,
    leaf_hash,
    proves_consistency,
    proves_inclusion,
)
from adapters.evidence.signed_notes import Head, read_head, read_note
from adapters.evidence.tiles import entry_at, subtrees

LONGEST_PAGE = 64 * 1024 * 1024
"""Bytes of a file that is read for its citation, unpacked."""
_CITED = re.compile(
    r"[Ee]vidence:\s+(?P<origin>[^\s\"'<>]+)\s+position\s+(?P<position>[1-9][0-9]{0,18})"
    r"\s+n\s+(?P<size>[1-9][0-9]{0,18})\s+root\s+(?P<root>[0-9a-f]{64})(?![0-9A-Za-z])"
)
_BEGUN = re.compile(r"[Ee]vidence:\s+\S+\s+position\s")

Get = Callable[[str], bytes | None]
"""The bytes of a tile by its path; `None` where there is none."""


class CitedHead(NamedTuple):
    """A state of the register: the log's position, and the tree of what was sealed up to it."""

    origin: str
    position: int
    size: int
    root: bytes

    def __str__(self) -> str:
        return (
            f"Evidence: {self.origin} position {self.position} n {self.size} root {self.root.hex()}"
        )


class Citation(NamedTuple):
    """The head to cite; `whole` is true if everything up to the position is sealed, for good."""

    head: CitedHead
    whole: bool


def cite(
    note: bytes, get: Get, position: int, is_in_log: Callable[[Entry], bool]
) -> Citation | None:
    """Cite the state at a position, by a signed head and its tiles.

    The same position is cited in the same way, once all that was recorded up to it is sealed.
    `None` before the first entry, and where `is_in_log` denies the last one up to the position: the
    tree is of another history then, from before a restore.
    """
    head = read_head(read_note(note).text)
    last = _entry(head.size, head.size - 1, get) if head.size else None
    if last is None:
        return None
    if last.pos <= position:
        if not is_in_log(last):
            return None
        cited = CitedHead(head.origin, position, head.size, head.root)
        return Citation(cited, whole=last.pos == position)
    low, high = 0, head.size - 1
    while low < high:
        middle = (low + high) // 2
        if _entry(head.size, middle, get).pos <= position:
            low = middle + 1
        else:
            high = middle
    if low == 0 or not is_in_log(_entry(head.size, low - 1, get)):
        return None
    root = frontier(low, subtrees(head.size, get)).root()
    return Citation(CitedHead(head.origin, position, low, root), whole=True)


def heads_cited_in(content: bytes) -> list[CitedHead]:
    """Read which heads a file cites: HTML, text, JSON, CSV, XML, iCalendar, or a workbook.

    Raises `BadPage` where it cites none, or one that is cut short.
    """
    if content.startswith(b"%PDF"):
        raise BadPage(why="of a PDF give the text, such as pdftotext writes it")
    text = "\n".join(_texts(content))
    text = re.sub(r"\r?\n[ \t]", "", text) if text.startswith("BEGIN:VCALENDAR") else text
    found = dict.fromkeys(
        CitedHead(
            unescape(each["origin"]),
            int(each["position"]),
            int(each["size"]),
            bytes.fromhex(each["root"]),
        )
        for each in _CITED.finditer(text)
    )
    if not found:
        cut = _BEGUN.search(text)
        raise BadPage(
            why="its line Evidence: … is not whole: position, n and a root of 64 digits"
            if cut
            else "it has no line Evidence: … with position, n and root"
        )
    return list(found)


def _texts(content: bytes) -> Iterator[str]:
    if not content.startswith(b"PK"):
        yield content.decode("utf-8-sig", "replace")
        return
    left = LONGEST_PAGE
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as workbook:
            for info in workbook.infolist():
                with workbook.open(info) as member:
                    text = member.read(left + 1)
                left -= len(text)
                if left < 0:
                    raise BadPage(why=f"it has more than {LONGEST_PAGE} bytes")
                yield text.decode("utf-8", "replace")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadPage(why=f"it is not a readable workbook: {error}") from None


class OnLine(NamedTuple):
    """A cited head that is proven; `unsealed` entries up to its position were sealed later.

    `unsealed` is `None` where no tiles told it.
    """

    cited: CitedHead
    head: Head
    unsealed: int | None


def prove_cited(cited: CitedHead, head: Head, get: Get | None) -> OnLine:
    """Prove that a cited head is on the line that ends in a signed head.

    Without tiles (`get`) only a citation of the signed head itself can be proven, and not its
    position. Raises `NotProven` where it is on another line, `BadTile` where tiles are missing,
    and `BadPage` where the signed head is older, or another without tiles.
    """
    if cited.origin != head.origin:
        raise NotProven(why=f"it cites {cited.origin}, and the head is of {head.origin}")
    if cited.size > head.size:
        raise BadPage(
            why=f"it cites {cited.size} entries, and the signed head has {head.size}: "
            "give a later one"
        )
    if cited.size == head.size:
        if cited.root != head.root:
            raise NotProven(why=f"it cites another tree of {head.size} entries")
    elif get is None:
        raise BadPage(
            why=f"it cites {cited.size} entries: a signed head of {head.size} proves them only "
            "with its tiles, of a bundle or a tree"
        )
    else:
        _prove_growth(cited, head, get)
    if get is None:
        return OnLine(cited, head, None)
    last = _proven(cited.size - 1, head, get)
    if last.pos > cited.position:
        raise NotProven(
            why=f"it cites position {cited.position}, and entry {cited.size} is at {last.pos}"
        )
    unsealed = 0
    while cited.size + unsealed < head.size:
        if _proven(cited.size + unsealed, head, get).pos > cited.position:
            break
        unsealed += 1
    return OnLine(cited, head, unsealed)


def _prove_growth(cited: CitedHead, head: Head, get: Get) -> None:
    tree = subtrees(head.size, get)
    hashes = consistency_proof(cited.size, head.size, tree)
    if proves_consistency(cited.size, cited.root, head.size, head.root, hashes):
        return
    if frontier(head.size, tree).root() != head.root:
        raise BadTile(why=f"the tiles do not give the root of the {head.size} entries signed")
    raise NotProven(
        why=f"it cites a tree of {cited.size} entries that the head of {head.size} does not "
        "continue"
    )


def _proven(index: int, head: Head, get: Get) -> Entry:
    """The entry at an index, proven to be under the head."""
    text = entry_at(head.size, index, get)
    hashes = inclusion_proof(index, head.size, subtrees(head.size, get))
    if not proves_inclusion(leaf_hash(text), index, head.size, hashes, head.root):
        raise BadTile(why=f"entry {index + 1} is not the one under the head")
    return read_entry(text)


def _entry(size: int, index: int, get: Get) -> Entry:
    return read_entry(entry_at(size, index, get))
