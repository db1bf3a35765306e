"""The one truth: an append-only log of one register, in whichever database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import TracebackType
from typing import Self

from pydantic_core import from_json

from adapters.store.application import LogApplication
from adapters.store.mapper import ESCAPE, written_out
from adapters.store.remembering import Remembered
from adapters.store.rows import Commit, Draft, PersonalValue, Row, expected_versions
from application.ports import AheadOfLog, Page, Pending, RawPage, Stale, StoredRow
from domain.history import Recorded
from domain.kernel import Fact, StreamId


class EventLog:
    """Implements `application.ports.Log` for one register; see there.

    Stored names of streams begin with the register's id, which nobody outside sees.
    """

    def __init__(self, application: LogApplication, register: str) -> None:
        if not register or "/" in register:
            raise ValueError(f"{register!r} cannot be a register's id")
        self.application = application
        self.rows = application.rows
        self._mapper = application.fact_mapper
        self._prefix = f"{register}/"
        self._remembered = Remembered()

    def read(self, *streams: StreamId) -> Mapping[StreamId, Sequence[Recorded[Fact]]]:
        if not streams:
            return {}
        prefix, recall = self._prefix, self._remembered.recall
        known = {stream: seen for stream in streams if (seen := recall(stream))}
        # The last row that is remembered of each is read again: restored backups, standbys that
        # took over and files that were exchanged are other logs.
        after = {prefix + stream: 0 for stream in streams}
        after |= {seen.last[0]: seen.last[1] - 1 for seen in known.values()}
        rows = self.rows.beyond(after)
        if known:
            read_again = {seen.last for seen in known.values()}
            fresh = [row for row in rows if row not in read_again]
            if len(fresh) + len(read_again) != len(rows):
                self._remembered.forget(known)
                return self.read(*streams)
            rows = fresh
        found = {s: [*known[s].entries] if s in known else [] for s in streams}
        if rows:
            last: dict[StreamId, Row] = {}
            for row, entry in zip(rows, self._decoded(rows), strict=True):
                found[entry.stream].append(entry)
                last[entry.stream] = row
            for stream, row in last.items():
                self._remembered.keep(stream, found[stream], row)
        return found

    def streams(self, kind: str) -> Sequence[StreamId]:
        start = len(self._prefix)
        return [StreamId(name[start:]) for name in self.rows.named(f"{self._prefix}{kind}/")]

    def append(
        self, facts: Sequence[Pending], expect: Mapping[StreamId, int]
    ) -> Sequence[Recorded[Fact]]:
        if not facts:
            raise ValueError("a commit without facts")
        prefix, draft = self._prefix, self._mapper.draft
        drafts: list[Draft] = []
        kept: list[Fact] = []
        personal: list[PersonalValue] = []
        for stream, version, fact in facts:
            row, stored, apart = draft(prefix + stream, version, fact)
            drafts.append(row)
            kept.append(stored)
            if apart:
                personal += apart
        versions = expected_versions(drafts)
        for stream, version in expect.items():
            if versions.setdefault(prefix + stream, version) != version:
                raise ValueError(
                    f"{stream} was read at {version}, written after {versions[prefix + stream]}"
                )
        commit = Commit(drafts, versions, personal)
        try:
            self.rows.append(commit)
        except Stale as stale:
            name = str(stale.details["stream"]).removeprefix(prefix)
            raise Stale(**{**stale.details, "stream": name}) from None
        return [
            Recorded(fact, pending.stream, pending.version, position, commit.recorded_at)
            for position, (pending, fact) in enumerate(
                zip(facts, kept, strict=True), start=commit.first
            )
        ]

    def after(self, position: int, limit: int) -> Page:
        rows, through = self._page(position, limit)
        return Page(list(self._decoded(rows)), through)

    def raw_after(self, position: int, limit: int) -> RawPage:
        rows, through = self._page(position, limit)
        start = len(self._prefix)
        return RawPage([StoredRow(StreamId(row[0][start:]), *row[1:]) for row in rows], through)

    def entries(self, first: int = 0, until: int | None = None) -> Iterator[Recorded[Fact]]:
        stop = self.head() if until is None else self._boundary(until)
        return self._decoded(chain.from_iterable(self._pages(first, stop)))

    def head(self) -> int:
        return self.rows.last()[0]

    def position_at(self, recorded_at: int) -> int:
        # Time rises with the position, so halving finds it without an index of its own.
        beyond, latest = self.rows.last()
        if latest <= recorded_at:
            return beyond
        known = low = 0
        while beyond - low > 1:
            middle = (low + beyond) // 2
            position, at = self.rows.last(middle)
            if at <= recorded_at:
                known, low = position, middle
            else:
                beyond = position
        return known

    def epoch(self) -> str:
        return self.rows.epochs()[-1].epoch

    def check_follower(self, position: int, epoch: str) -> None:
        shared = self.head()
        epochs = self.rows.epochs()
        for later in reversed(epochs):
            if later.epoch == epoch:
                break
            shared = min(shared, later.restored_through)
        else:
            shared = 0
        if position > shared:
            raise AheadOfLog(position=position, epoch=epoch, shared=shared)

    def personal(self, digests: Iterable[str]) -> Mapping[str, object]:
        wanted = list(digests)
        found = self.rows.personal(wanted) if wanted else {}
        return {digest: from_json(value) for digest, value in found.items()}

    def close(self) -> None:
        """Give back every connection."""
        self.rows.close()
        self.application.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _page(self, position: int, limit: int) -> tuple[Sequence[Row], int]:
        """This register's rows of whole commits after a position, and the last position read."""
        taken: list[Row] = []
        end = 0
        while not end:
            batch = self.rows.following(taken[-1][4] if taken else position, limit + 1)
            taken += batch
            end = len(taken)
            if len(batch) <= limit:
                break
            while end and taken[end - 1][5] == taken[-1][5]:
                end -= 1
        through = taken[end - 1][4] if end else position
        prefix = self._prefix
        return [row for row in taken[:end] if row[0].startswith(prefix)], through

    def _pages(self, first: int, stop: int) -> Iterator[Sequence[Row]]:
        """Rows with `first` < position <= `stop`, of every register."""
        while first < stop:
            rows = self.rows.following(first, self.rows.page)
            if not rows:
                return
            first = rows[-1][4]
            yield rows if first <= stop else [row for row in rows if row[4] <= stop]

    def _boundary(self, until: int) -> int:
        """The last position at or before `until` that ends a commit."""
        position, at = self.rows.last(until)
        following = self.rows.following(position, 1)
        if following and following[0][5] == at:
            return self.position_at(at - 1)
        return position

    def _decoded(self, rows: Iterable[Row]) -> Iterator[Recorded[Fact]]:
        """Typed entries of rows, other registers' left out; raises `Unreadable`.

        One at a time: many decoded events alive at once keep the garbage collector busy.
        """
        prefix, start, decoders = self._prefix, len(self._prefix), self._mapper.decoders
        for stream, version, topic, state, position, recorded_at in rows:
            if stream.startswith(prefix):
                try:
                    fact = decoders[topic](written_out(state) if ESCAPE in state else state)
                except (KeyError, ValueError) as error:
                    raise self._mapper.explain(stream, version, topic, position, error) from error
                yield Recorded(fact, StreamId(stream[start:]), version, position, recorded_at)
