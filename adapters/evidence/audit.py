"""The audit of a log: each stored row and column beside its sealed entry.

Nothing is decoded, so that a damaged row is named like an altered one. What was sealed comes from
the tree, whose root must be that of the last signed heads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from adapters.evidence.destructions import redacted_digests
from adapters.evidence.entries import EVENT, Entry, digest

StoredRow = tuple[Any, Any, Any, Any, int, Any]
"""Stream, version, topic, state, position and recorded time, of any type, as SQLite may have."""
StoredPart = tuple[Any, Any, Any]
"""A sealed personal part: digest, subject and sealed bytes."""
Owns = Callable[[Any, bytes], bool]
"""True if a part is sealed under the key of a subject."""
PartsOf = Callable[[bytes], Sequence[str]]
"""The digests of the personal parts that a stored event names."""


class Difference(NamedTuple):
    """A row that is not as it was sealed; `columns` names what is altered.

    Of a personal part, position and version are 0, and `stream` says which.
    """

    kind: str
    position: int
    stream: str
    version: int
    columns: tuple[str, ...] = ()


@dataclass
class Audit:
    """Rows compared, rows recorded `since` the last head, personal parts compared and `erased`."""

    compared: int = 0
    since: int = 0
    personal: int = 0
    erased: int = 0
    differences: list[Difference] = field(default_factory=list[Difference])


def audit(
    entries: Iterable[Entry],
    rows: Iterable[StoredRow],
    personal: Iterable[StoredPart],
    prefix: str,
    parts_of: PartsOf,
    owns: Owns | None = None,
) -> Audit:
    """Compare the rows of a log, by position, with the sealed entries of one register.

    `prefix` begins the stored names of the register's streams. Rows of other registers are passed
    over. A personal part may be missing where an event destroys it, and nowhere else. `owns` tells
    of its subject, which is not sealed, where the keys are at hand.
    """
    return _Comparison(prefix, parts_of, owns).run(iter(entries), rows, personal)


class _Comparison:
    """One audit, while rows and entries are read side by side."""

    def __init__(self, prefix: str, parts_of: PartsOf, owns: Owns | None) -> None:
        self._prefix = prefix
        self._owns = owns
        self._parts_of = parts_of
        self._found = Audit()
        self._sealed: set[str] = set()
        self._destroyed: set[str] = set()
        self._named: set[str] = set()
        """Parts that a row names which is not sealed: a later one's, or another register's."""
        self._since: set[str] = set()
        """Parts that a later row destroys; it may just be at it."""
        self._missing: dict[tuple[str, int], Entry] = {}
        self._beside: list[StoredRow] = []

    def run(
        self,
        entries: Iterator[Entry],
        rows: Iterable[StoredRow],
        personal: Iterable[StoredPart],
    ) -> Audit:
        entries = map(self._parts_in, entries)
        entry = next(entries, None)
        for row in rows:
            while entry is not None and entry.pos < row[4]:
                self._missing[entry.stream, entry.ver] = entry
                entry = next(entries, None)
            own = isinstance(row[0], str) and row[0].startswith(self._prefix)
            sealed = entry is not None and entry.pos == row[4]
            if isinstance(row[3], bytes):
                self._named.update(self._parts_of(row[3]))
            if entry is not None and sealed:
                self._compare(entry, row)
                entry = next(entries, None)
            elif own and entry is not None:
                self._beside.append(row)
            elif own:
                self._found.since += 1
                self._since.update(_destroyed_by(row))
                if (str(row[0]), row[1]) in self._missing:
                    self._beside.append(row)
        while entry is not None:
            self._missing[entry.stream, entry.ver] = entry
            entry = next(entries, None)
        self._pair()
        self._compare_parts(personal)
        self._found.differences.sort(key=lambda each: (not each.position, each.position))
        return self._found

    def _parts_in(self, entry: Entry) -> Entry:
        self._sealed.update(held for name, held in entry.commit.items() if name != EVENT)
        self._destroyed.update(entry.redacts)
        return entry

    def _compare(self, entry: Entry, row: StoredRow) -> None:
        stream, version, topic, state, _, recorded_at = row
        pairs: tuple[tuple[str, object, object], ...] = (
            ("stream", entry.stream, stream),
            ("version", entry.ver, version),
            ("topic", entry.topic, topic),
            ("state", entry.commit[EVENT], digest(state) if isinstance(state, bytes) else state),
            ("recorded_at", entry.at, recorded_at),
        )
        self._found.compared += 1
        differ = tuple(name for name, sealed, kept in pairs if sealed != kept)
        if differ:
            self._tell("altered", entry, differ)

    def _pair(self) -> None:
        """A row that is gone from one position and stands at another one was moved."""
        for row in self._beside:
            moved = self._missing.pop((str(row[0]), row[1]), None)
            if moved is not None:
                self._tell("altered", moved, ("position",))
            else:
                self._found.differences.append(Difference("invented", row[4], row[0], row[1]))
        for entry in self._missing.values():
            self._tell("missing", entry, ())

    def _compare_parts(self, personal: Iterable[StoredPart]) -> None:
        missing, known = set(self._sealed), self._sealed | self._named
        for named, subject, sealed in personal:
            missing.discard(named)
            if named in self._sealed:
                self._found.personal += 1
            if named in self._destroyed or named not in known:
                self._tell_part("invented", named)
            elif not isinstance(sealed, bytes) or digest(sealed) != named:
                self._tell_part("altered", named, ("sealed",))
            elif self._owns and named in self._sealed and not self._owns(subject, sealed):
                self._tell_part("altered", named, ("subject",))
        self._found.erased = len(missing & (self._destroyed | self._since))
        for named in sorted(missing - self._destroyed - self._since):
            self._tell_part("missing", named)

    def _tell_part(self, kind: str, named: object, columns: tuple[str, ...] = ()) -> None:
        self._found.differences.append(Difference(kind, 0, f"personal value {named}", 0, columns))

    def _tell(self, kind: str, entry: Entry, columns: tuple[str, ...]) -> None:
        self._found.differences.append(
            Difference(kind, entry.pos, entry.stream, entry.ver, columns)
        )


def _destroyed_by(row: StoredRow) -> Sequence[str]:
    """The parts that a row destroys; none for a row that is damaged."""
    try:
        return redacted_digests(row[2], row[3])
    except (AttributeError, KeyError, TypeError, ValueError):
        return ()
