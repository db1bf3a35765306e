"""An auditor's monitor of a served tree: keeps its heads, and tells what a truthful log never does.

| finding | what was seen |
|---|---|
| `rollback` | a head smaller than one that was served before |
| `fork` | another head of a size that was served before, or one that does not continue it |
| `silence` | no answer, or no new head, for longer than allowed |
| `unproven` | tiles that a proof of growth needs are missing or broken |
| `time` | a recorded time that no witness bears out: before the last head was witnessed, or later |
| `untrusted` | a head that no key of the policy signed, or too few witnesses |

Each head that differs is kept in the folder: two signed heads of one size convict their log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from adapters.evidence.entries import Entry, read_entry
from adapters.evidence.faults import BadEntry, BadNote, BadSignature, BadTile, NotTrusted
from adapters.evidence.merkle_tree import consistency_proof, leaf_hash, proves_consistency
from adapters.evidence.signed_notes import read_note
from adapters.evidence.tiles import WIDTH, TileName, entries_of, subtrees
from adapters.evidence.tree_stores import write_whole
from adapters.evidence.trust_policy import LATEST_AHEAD, Policy, Trusted, trusted_head
from adapters.evidence.witnesses.cosigner import OK, Answer

Get = Callable[[str], Answer]
"""Asks for an address. Raises `OSError` where no answer comes."""
LAST, HEARD, HEADS = "last", "heard", "heads"
MOST_TOLD = 20
"""Findings on times that are told one by one."""
_CONTRADICTIONS = frozenset(("rollback", "fork", "time", "untrusted"))


class Finding(NamedTuple):
    """One thing that the monitor tells: its kind, and where and why."""

    kind: str
    why: str

    @property
    def contradicts(self) -> bool:
        """True for what no outage explains."""
        return self.kind in _CONTRADICTIONS


class Monitor:
    """Watches one tree; what it has seen is in its folder."""

    def __init__(
        self,
        address: str,
        folder: Path,
        policy: Policy,
        get: Get,
        now: Callable[[], int],
        silence: int,
    ) -> None:
        """`silence` is how many seconds may pass without a new head; `now` gives seconds."""
        self._address = address.rstrip("/")
        self._folder = folder
        self._policy = policy
        self._get = get
        self._now = now
        self._silence = silence

    def look(self) -> list[Finding]:
        """Read the served head once, and compare it with those that are kept."""
        try:
            content = self._fetch("checkpoint")
            trusted = trusted_head(read_note(content), self._policy, self._now())
        except OSError as error:
            return self._silent(f"no answer: {error}")
        except (BadNote, BadSignature, NotTrusted) as error:
            return [Finding("untrusted", str(error))]
        before = self._last()
        self._keep(content, trusted)
        quorum = [] if trusted.met else [Finding("untrusted", "too few witnesses cosigned")]
        if before is None:
            self._heard(content)
            return [*quorum, *self._times(None, trusted)]
        return [*quorum, *self._compared(before, trusted, content)]

    def _compared(self, before: Trusted, found: Trusted, content: bytes) -> list[Finding]:
        old, new = before.head, found.head
        if new.origin != old.origin:
            return [Finding("fork", f"the origin is {new.origin} and was {old.origin}")]
        if new.size < old.size:
            return [Finding("rollback", f"a head of {new.size} entries after one of {old.size}")]
        if new.size == old.size:
            if new.root != old.root:
                return [Finding("fork", f"two heads of {new.size} entries: both are kept")]
            if len(found.cosigned) > len(before.cosigned):
                write_whole(self._folder / LAST, content)
            return self._silent(f"no new head after {new.size} entries")
        try:
            hashes = consistency_proof(old.size, new.size, subtrees(new.size, self._tile))
        except (BadTile, OSError) as error:
            return [Finding("unproven", str(error))]
        if not proves_consistency(old.size, old.root, new.size, new.root, hashes):
            why = f"the head of {new.size} entries does not continue that of {old.size}"
            return [Finding("fork", f"{why}: both are kept")]
        findings = self._times(before, found)
        if not any(finding.kind == "unproven" for finding in findings):
            self._heard(content)
        return findings

    def _times(self, before: Trusted | None, found: Trusted) -> list[Finding]:
        """Recorded times of new entries lie between the witnesses' times of the two heads."""
        if not found.cosigned:
            if self._policy.witnesses:
                return [Finding("time", f"no witness gave a time to {found.head.size} entries")]
            return []
        latest = max(found.cosigned.values()) + LATEST_AHEAD
        earliest = min(before.cosigned.values()) - LATEST_AHEAD if before and before.cosigned else 0
        start = before.head.size if before else 0
        findings: list[Finding] = []
        try:
            for entry in self._entries(start, found.head.size):
                at = entry.at // 1_000_000
                if not earliest <= at <= latest and len(findings) < MOST_TOLD:
                    side = "after" if at > latest else "before"
                    findings.append(
                        Finding("time", f"entry {entry.n} says {at}, {side} what witnesses saw")
                    )
        except (BadTile, BadEntry, OSError) as error:
            findings.append(Finding("unproven", str(error)))
        return findings

    def _entries(self, start: int, size: int) -> Iterator[Entry]:
        """The entries from `start` up to `size`, each compared with its leaf in the tree."""
        leaf = subtrees(size, self._tile)
        for number in range(start // WIDTH, -(-size // WIDTH)):
            width = min(WIDTH, size - number * WIDTH)
            content = self._tile(TileName(None, number, width).path)
            if content is None and width < WIDTH:  # the full bundle may have taken its place
                content = self._tile(TileName(None, number).path)
            found = entries_of(content or b"")[:width]
            if len(found) != width:
                raise BadTile(why=f"{TileName(None, number, width).path} is missing or too short")
            for within, text in enumerate(found):
                index = number * WIDTH + within
                if index < start:
                    continue
                if leaf_hash(text) != leaf(0, index):
                    raise BadTile(why=f"entry {index + 1} is not the one under the head")
                yield read_entry(text)

    def _tile(self, path: str) -> bytes | None:
        answer = self._get(f"{self._address}/{path}")
        return answer.body if answer.status == OK else None

    def _fetch(self, path: str) -> bytes:
        answer = self._get(f"{self._address}/{path}")
        if answer.status != OK:
            raise OSError(f"{self._address}/{path} answered {answer.status}")
        return answer.body

    def _last(self) -> Trusted | None:
        path = self._folder / LAST
        if not path.exists():
            return None
        return trusted_head(read_note(path.read_bytes()), self._policy)

    def _keep(self, content: bytes, trusted: Trusted) -> None:
        head = trusted.head
        path = self._folder / HEADS / f"{head.size}-{head.root.hex()}"
        if not path.exists():
            write_whole(path, content)

    def _heard(self, content: bytes) -> None:
        write_whole(self._folder / LAST, content)
        write_whole(self._folder / HEARD, str(self._now()).encode())

    def _silent(self, why: str) -> list[Finding]:
        path = self._folder / HEARD
        if not path.exists():
            write_whole(path, str(self._now()).encode())
        for_seconds = self._now() - int(path.read_text())
        if for_seconds <= self._silence:
            return []
        return [Finding("silence", f"{why}, for {for_seconds} seconds")]
