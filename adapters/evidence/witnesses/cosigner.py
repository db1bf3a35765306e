"""The cosigner: sends the last head to the witnesses of a policy, and keeps what they cosign.

It stands beside the sealer and delays nothing: a head is signed and its tiles are kept before a
witness hears of it. Where an unmet quorum holds a head back, the cosigner publishes it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx2

from adapters.evidence.faults import BadNote, BadSignature
from adapters.evidence.merkle_tree import consistency_proof
from adapters.evidence.proofs import AddCheckpoint
from adapters.evidence.sealer import alone_with_head
from adapters.evidence.signed_notes import (
    Head,
    Note,
    Signature,
    VerifierKey,
    read_head,
    read_note,
    read_signatures,
)
from adapters.evidence.tiles import subtrees
from adapters.evidence.tree_stores import TreeStore, with_signatures, write_whole
from adapters.evidence.trust_policy import Policy

AGAIN_SECONDS = 5.0
"""Before a witness that did not cosign is asked again."""
OK, NOT_FOUND, CONFLICT = 200, 404, 409
ANSWER_SECONDS = 5.0


class Answer(NamedTuple):
    """A witness's answer: status and body."""

    status: int
    body: bytes


Post = Callable[[str, bytes], Answer]
"""Sends a body to an address. Raises `OSError` where no answer comes in time."""


class Asked(NamedTuple):
    """The witnesses' word on a head."""

    head: Head
    cosigned: Mapping[str, int]
    """Seconds since 1970, by the witness's name in the policy."""
    away: Mapping[str, str]
    """Why a witness has not cosigned, by its address."""
    met: bool
    """True if the policy's quorum is reached."""
    published: bool


class _NotCosigned(Exception):
    """A witness's answer is not a cosignature."""


class Cosigner:
    """Asks the witnesses of one policy about the heads of one tree."""

    def __init__(
        self, store: TreeStore, outside: Path, policy: Policy, post: Post, *, hold: bool = False
    ) -> None:
        """`outside` is the sealer's file of the last head; `hold` keeps heads until the quorum."""
        self._store = store
        self._outside = outside
        self._policy = policy
        self._post = post
        self._hold = hold
        self._sizes: dict[str, int] = {}
        self._again: dict[str, float] = {}
        self._away: dict[str, str] = {}
        self._keys: dict[str, dict[str, VerifierKey]] = {}
        for name, key in policy.witnesses.items():
            if address := policy.addresses.get(name):
                self._keys.setdefault(address, {})[name] = key

    def ask(self) -> Asked | None:
        """Ask every witness that has not cosigned the last head; `None` where there is no head."""
        waiting = self._waiting()
        if waiting is None:
            return None
        head = read_head(waiting.text)
        due = [address for address in self._keys if self._is_due(address, waiting, head)]
        lines: list[Signature] = []
        if due:
            with ThreadPoolExecutor(len(due)) as pool:
                for found in pool.map(partial(self._asked, waiting, head), due):
                    lines += found
        note = with_signatures(waiting, lines)
        cosigned = self._cosigned(note, head)
        met = self._policy.met_by(cosigned)
        published = self._keep(head, note, met=met, news=bool(lines))
        return Asked(head, cosigned, dict(self._away), met, published)

    def _waiting(self) -> Note | None:
        kept = self._store.head()
        if self._hold and self._outside.exists():
            outside = read_note(self._outside.read_bytes())
            if kept is None or read_head(outside.text).size > _size(kept):
                return outside
        return read_note(kept) if kept is not None else None

    def _is_due(self, address: str, note: Note, head: Head) -> bool:
        cosigned = self._cosigned(note, head)
        if all(name in cosigned for name in self._keys[address]):
            self._away.pop(address, None)
            return False
        return time.monotonic() >= self._again.get(address, 0.0)

    def _asked(self, note: Note, head: Head, address: str) -> Sequence[Signature]:
        try:
            lines = self._cosignatures(address, note, head)
        except (OSError, _NotCosigned, BadNote) as error:
            self._away[address] = str(error) or type(error).__name__
            self._again[address] = time.monotonic() + AGAIN_SECONDS
            return ()
        self._away.pop(address, None)
        return lines

    def _cosignatures(self, address: str, note: Note, head: Head) -> Sequence[Signature]:
        """The lines of the witness that fit one of its keys; a size it keeps is learned once."""
        for _ in range(2):
            old = min(self._sizes.get(address, 0), head.size)
            hashes = consistency_proof(old, head.size, subtrees(head.size, self._store.get))
            body = str(AddCheckpoint(old, tuple(hashes) if old else (), note)).encode()
            answer = self._post(f"{address.rstrip('/')}/add-checkpoint", body)
            if answer.status == OK:
                self._sizes[address] = head.size
                return self._fitting(address, answer.body, head)
            said = answer.body.decode("utf-8", "replace").strip()[:200]
            if answer.status != CONFLICT or not said.isascii() or not said.isdigit():
                raise _NotCosigned(f"answered {answer.status}: {said}")
            kept = int(said)
            if kept > head.size:
                raise _NotCosigned(f"it keeps a head of {kept} entries, above {head.size}")
            if kept == old:
                raise _NotCosigned(f"it keeps another head of {kept} entries")
            self._sizes[address] = kept
        raise _NotCosigned("the size that it keeps changes with each answer")

    def _fitting(self, address: str, body: bytes, head: Head) -> Sequence[Signature]:
        found: list[Signature] = []
        for line in read_signatures(body.decode("utf-8", "replace")):
            for key in self._keys[address].values():
                if key.made(line):
                    try:
                        key.verify(head, line)
                    except BadSignature as error:
                        raise _NotCosigned(str(error)) from None
                    found.append(line)
        if not found:
            raise _NotCosigned("no signature is of a key that the policy names")
        return found

    def _cosigned(self, note: Note, head: Head) -> dict[str, int]:
        times: dict[str, int] = {}
        for name, key in self._policy.witnesses.items():
            for line in note.signatures:
                if key.made(line) and (at := key.verify(head, line)):
                    times[name] = at
        return times

    def _keep(self, head: Head, note: Note, *, met: bool, news: bool) -> bool:
        """Keep what was cosigned; true if the head is published."""
        kept = self._store.head()
        published = kept is not None and _size(kept) >= head.size
        if self._hold and not published:
            if news:
                with alone_with_head(self._outside):
                    outside = read_note(self._outside.read_bytes())
                    if outside.text == note.text:
                        whole = with_signatures(outside, note.signatures)
                        write_whole(self._outside, str(whole).encode())
            if not met:
                return False
        if news or not published:
            self._store.publish(head.size, str(note).encode())
        return True


def _size(note: bytes) -> int:
    return read_head(read_note(note).text).size


LONGEST_ANSWER = 16 * 1024 * 1024
"""Bytes; an entry bundle of 256 entries can have that many."""


def post(url: str, body: bytes) -> Answer:
    """Send a body. Raises `OSError` where no answer comes in time."""
    return _answer("POST", url, body)


def get(url: str) -> Answer:
    """Ask for a page. Raises `OSError` where no answer comes in time."""
    return _answer("GET", url, None)


def _answer(method: str, url: str, body: bytes | None) -> Answer:
    until = time.monotonic() + ANSWER_SECONDS
    content = b""
    try:
        with (
            httpx2.Client(
                timeout=ANSWER_SECONDS, follow_redirects=False, trust_env=False
            ) as client,
            client.stream(
                method, url, content=body, headers={"user-agent": "alliance-register"}
            ) as response,
        ):
            for piece in response.iter_bytes():
                content += piece
                if len(content) > LONGEST_ANSWER or time.monotonic() > until:
                    raise OSError(f"{url}: the answer is too long or too slow")
            return Answer(response.status_code, content)
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise OSError(f"{url}: {type(error).__name__}: {error}") from error
