"""The verification of a page: whether the heads that it cites are on a proven line.

The line is that of a bundle, of a tree in a folder or on the web, or of a signed head alone.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from adapters.evidence.bundle import CHECKPOINT
from adapters.evidence.bundle_zip import reading_bundle
from adapters.evidence.cited_heads import Get, OnLine, heads_cited_in, prove_cited
from adapters.evidence.faults import BadBundle, BadNote, BadPage, NotTrusted
from adapters.evidence.signed_notes import read_note
from adapters.evidence.tiles import tile_name
from adapters.evidence.tree_stores import TreeFolder
from adapters.evidence.trust_policy import Policy, trusted_head
from adapters.evidence.verifier import verify_bundle

Fetch = Callable[[str], bytes | None]
"""The bytes at an address, `None` where there is nothing. Raises `OSError` without an answer."""


def verify_page(page: Path, source: str, policy: Policy, now: int, fetch: Fetch) -> list[OnLine]:
    """Verify each head that a file cites. Raises an `EvidenceFault`, and `OSError` of the web.

    `source` is a bundle, a folder of tiles, the address of a served tree, or a file with a signed
    head, which proves citations of its own size alone.
    """
    try:
        cited = heads_cited_in(page.read_bytes())
    except OSError as error:
        raise BadPage(why=f"{page} cannot be read: {error.strerror}") from None
    except BadPage as fault:
        raise BadPage(why=f"{page}: {fault.why}") from None
    with _tree(source, policy, now, fetch) as (note, get):
        trusted = trusted_head(read_note(note), policy, now)
        if not trusted.met:
            raise NotTrusted(
                why=f"too few witnesses cosigned: {', '.join(trusted.cosigned) or 'none'}"
            )
        return [prove_cited(each, trusted.head, get) for each in cited]


@contextmanager
def _tree(
    source: str, policy: Policy, now: int, fetch: Fetch
) -> Generator[tuple[bytes, Get | None]]:
    """The signed head of a source, and its tiles by their paths."""
    path = Path(source)
    if source.startswith(("https://", "http://")):
        address = source.rstrip("/")
        yield _found(fetch(f"{address}/{CHECKPOINT}"), source), lambda at: fetch(f"{address}/{at}")
    elif path.is_dir():
        folder = TreeFolder(path)
        yield _found(folder.head(), source), folder.get
    elif zipfile.is_zipfile(path):
        verify_bundle(path, policy, now)
        with reading_bundle(path) as bundle:
            yield (
                bundle.read(CHECKPOINT),
                lambda at: bundle.read(at) if at in bundle.members and tile_name(at) else None,
            )
    else:
        try:
            yield path.read_bytes(), None
        except OSError as error:
            raise BadNote(why=f"{source} cannot be read: {error.strerror}") from None


def _found(note: bytes | None, source: str) -> bytes:
    if note is None:
        raise BadBundle(why=f"{source} has no {CHECKPOINT}")
    return note
