"""The append-only log of one register, on SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from types import TracebackType
from typing import Self

from pydantic_core import from_json, to_json

from adapters.store.event_log.library import LogApplication
from adapters.store.event_log.mapper import ESCAPE, written_out
from adapters.store.event_log.recorder import (
    Commit,
    Draft,
    PersonalPart,
    Row,
    expected_versions,
    require_types,
)
from adapters.store.event_log.sealed_parts import parts_of
from adapters.store.event_log.stream_cache import StreamCache
from adapters.store.event_log.subject_keys import SubjectKeys
from application.ports import (
    AheadOfLog,
    NotSetUp,
    Page,
    Pending,
    RawPage,
    Stale,
    StoredRow,
    Unreadable,
)
from domain.shared.history import Recorded
from domain.shared.log_facts import (
    EntryDisclosed,
    EntryInCamera,
    EntryName,
    Sealed,
    disclosure_of,
)
from domain.shared.messages import Fact, Personal, StreamId


class EventLog:
    """Implements `application.ports.Log` for one register; see there.

    Everybody's view of an entry in camera: `read` leaves it out until it is disclosed and gives it
    from then on, at the position of its disclosure; `after` and `entries` give an `EntryInCamera`
    in its place, and the entry itself where it is disclosed. See `in_camera`.

    Stored names of streams begin with the register's id, which nobody outside sees.
    """

    def __init__(
        self,
        application: LogApplication,
        register: str,
        keys: SubjectKeys | None = None,
        *,
        reveals: bool = False,
    ) -> None:
        if not register or "/" in register:
            raise ValueError(f"{register!r} cannot be a register's id")
        self.application = application
        self.recorder = application.rows
        self._mapper = application.facts
        self._register = register
        self._prefix = f"{register}/"
        self._keys = keys
        self._reveals = reveals
        self._cache = StreamCache()

    def in_camera(self) -> EventLog:
        """Return the same log with every entry in camera as what it is, for who may see it."""
        return EventLog(self.application, self._register, self._keys, reveals=True)

    def read(self, *streams: StreamId) -> Mapping[StreamId, Sequence[Recorded[Fact]]]:
        found = self._stored(*streams)
        if self._reveals:
            return found
        return {
            stream: list(self._disclosed(entries)) if any(map(_hidden, entries)) else entries
            for stream, entries in found.items()
        }

    def withheld(self, stream: StreamId, known: int | None = None) -> int:
        """Return how many entries of a stream are in camera, as recorded up to a position.

        That they are there is public; who may see them misses none.
        """
        hidden = [] if self._reveals else [*filter(_hidden, self._stored(stream)[stream])]
        return sum(_by(known, entry) and not self._out(entry, known) for entry in hidden)

    def _out(self, entry: Recorded[Fact], known: int | None) -> bool:
        """True if an entry in camera was disclosed up to a position."""
        stream = disclosure_of(EntryName(stream=entry.stream, version=entry.version))
        return any(_by(known, disclosure) for disclosure in self._stored(stream)[stream])

    def _disclosed(self, entries: Iterable[Recorded[Fact]]) -> Iterator[Recorded[Fact]]:
        """Yield a stream's entries, disclosed ones included, those in camera left out."""
        for entry in entries:
            if not isinstance(entry.event, EntryInCamera):
                yield entry
                continue
            stream = disclosure_of(EntryName(stream=entry.stream, version=entry.version))
            for disclosure in self._stored(stream)[stream]:
                yield self._shown(disclosure)

    def _shown(self, entry: Recorded[Fact]) -> Recorded[Fact]:
        """Return an entry; for a disclosure, the disclosed entry at the disclosure's position."""
        if self._reveals or not isinstance(entry.event, EntryDisclosed):
            return entry
        name, content = entry.event.entry, entry.event.content
        fact = self._mapper.decoders[content.topic](content.state.encode())
        return entry._replace(event=fact, stream=StreamId(name.stream), version=name.version)

    def _stored(self, *streams: StreamId) -> Mapping[StreamId, Sequence[Recorded[Fact]]]:
        if not streams:
            return {}
        prefix, recall = self._prefix, self._cache.recall
        known = {stream: seen for stream in streams if (seen := recall(stream))}
        # The last row that is remembered of each is read again: restored backups, standbys that
        # took over and files that were exchanged are other logs.
        after = {prefix + stream: 0 for stream in streams}
        after |= {seen.last[0]: seen.last[1] - 1 for seen in known.values()}
        rows = self.recorder.beyond(after)
        if known:
            read_again = {seen.last for seen in known.values()}
            fresh = [row for row in rows if row not in read_again]
            if len(fresh) + len(read_again) != len(rows):
                self._cache.forget(known)
                return self._stored(*streams)
            rows = fresh
        found = {s: [*known[s].entries] if s in known else [] for s in streams}
        if rows:
            last: dict[StreamId, Row] = {}
            for row, entry in zip(rows, self._decoded(rows), strict=True):
                found[entry.stream].append(entry)
                last[entry.stream] = row
            for stream, row in last.items():
                self._cache.keep(stream, found[stream], row)
        return found

    def streams(self, kind: str) -> Sequence[StreamId]:
        start = len(self._prefix)
        return [StreamId(name[start:]) for name in self.recorder.named(f"{self._prefix}{kind}/")]

    def append(
        self, facts: Sequence[Pending], expect: Mapping[StreamId, int]
    ) -> Sequence[Recorded[Fact]]:
        if not facts:
            raise ValueError("a commit without facts")
        prefix, draft = self._prefix, self._mapper.draft
        drafts: list[Draft] = []
        kept: list[Fact] = []
        personal: list[PersonalPart] = []
        for stream, version, fact, in_camera in facts:
            row, stored, apart = draft(prefix + stream, version, fact)
            if in_camera:
                content = Sealed(topic=row.topic, state=row.state.decode())
                part = self._subject_keys.seal_in_camera(prefix + stream, to_json(content))
                persons = tuple(Personal[str](digest=digest) for digest in parts_of(row.state))
                sealed = EntryInCamera(content=Personal(digest=part.digest), persons=persons)
                row, _, _ = draft(prefix + stream, version, sealed)
                apart = [*apart, part]
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
            self.recorder.append(commit)
        except Stale as stale:
            name = stale.stream.removeprefix(prefix)
            raise Stale(stream=name, expected=stale.expected, actual=stale.actual) from None
        return [
            Recorded(fact, pending.stream, pending.version, position, commit.recorded_at)
            for position, (pending, fact) in enumerate(
                zip(facts, kept, strict=True), start=commit.first
            )
        ]

    def after(self, position: int, limit: int) -> Page:
        rows, through = self._page(position, limit)
        return Page(list(map(self._shown, self._decoded(rows))), through)

    def raw_after(self, position: int, limit: int) -> RawPage:
        rows, through = self._page(position, limit)
        start = len(self._prefix)
        for stream, version, topic, state, at, recorded_at in rows:
            try:
                require_types(state, recorded_at)
                self._mapper.check(topic, state)
            except (TypeError, ValueError) as error:
                raise self._mapper.explain(stream, version, topic, at, error) from error
        return RawPage([StoredRow(StreamId(row[0][start:]), *row[1:]) for row in rows], through)

    def rows_after(self, position: int, limit: int) -> Sequence[Row]:
        """Return the rows of `raw_after` under their stored names, whatever their facts hold.

        Raises `Unreadable` where a column holds a value of another type than its own.
        """
        rows, _ = self._page(position, limit)
        for stream, version, topic, state, at, recorded_at in rows:
            if type(state) is not bytes or type(topic) is not str or type(recorded_at) is not int:
                wrong = TypeError("a column holds a value of another type than its own")
                raise self._mapper.explain(stream, version, topic, at, wrong)
        return rows

    def entries(self, first: int = 0, until: int | None = None) -> Iterator[Recorded[Fact]]:
        stop = self.head() if until is None else self._boundary(until)
        return map(self._shown, self._decoded(chain.from_iterable(self._pages(first, stop))))

    def like(
        self, first: int, until: int, prefix: str = "", kinds: Sequence[str] = ()
    ) -> Iterator[Recorded[Fact]]:
        """Yield entries after a position of streams with a prefix, of these kinds.

        What is disclosed comes whatever it is: whoever asks looks at each once more.
        """
        rows = chain.from_iterable(self._pages_like(first, until, self._prefix + prefix, kinds))
        return map(self._shown, self._decoded(rows))

    def last_of(self, kind: type[Fact], until: int) -> Recorded[Fact] | None:
        """Return the last entry of a type at or before a position."""
        name = kind.TOPIC.partition(".v")[0]
        rows = self.recorder.last_of(name, until, self._register)
        return next(self._decoded(rows), None)

    def count(self, after: int, until: int) -> int:
        """Return how many entries lie after a position, up to and including another."""
        return self.recorder.count(after, until, self._register)

    def head(self) -> int:
        return self.recorder.last(register=self._register)[0]

    def position_at(self, recorded_at: int) -> int:
        # Time rises with the position, so halving finds it without an index of its own.
        beyond, latest = self.recorder.last(register=self._register)
        if latest <= recorded_at:
            return beyond
        known = low = 0
        while beyond - low > 1:
            middle = (low + beyond) // 2
            position, at = self.recorder.last(middle, self._register)
            if at <= recorded_at:
                known, low = position, middle
            else:
                beyond = position
        return known

    def epoch(self) -> str:
        return self.recorder.epochs()[-1].epoch

    def epochs(self) -> Sequence[tuple[str, int]]:
        return [(epoch.epoch, epoch.restored_through) for epoch in self.recorder.epochs()]

    def check_follower(self, position: int, epoch: str) -> None:
        shared = self.head()
        epochs = self.recorder.epochs()
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
        parts = self.recorder.personal(wanted) if wanted else []
        if not parts:
            return {}
        found = self._subject_keys.opened(parts)
        return {digest: from_json(value) for digest, value in found.items()}

    def sealed_parts(self, digests: Iterable[str]) -> Mapping[str, bytes]:
        """Return personal parts as they are stored, by digest.

        One that was destroyed is missing.
        """
        return {part.digest: part.sealed for part in self.recorder.personal(list(digests))}

    def parts_of(self, subject: str) -> Sequence[str]:
        """Return the digests of a subject's parts, sorted."""
        return self.recorder.parts_of(subject)

    def erase(self, digests: Sequence[str]) -> None:
        """Remove parts for good; see `application.destruction`."""
        self.recorder.erase(digests)

    def digests(self) -> Iterator[str]:
        """Yield the digests of all personal parts that this register's events have."""
        for rows in self._pages(0, self.head()):
            for row in rows:
                yield from parts_of(row[3])

    @property
    def _subject_keys(self) -> SubjectKeys:
        if self._keys is None:
            raise NotSetUp(keys="this log was opened without the keys of personal values")
        return self._keys

    def _revealed(self, fact: EntryInCamera) -> Fact:
        """Return the fact that is kept apart; one that was destroyed stays as it is."""
        digest = fact.content.digest or ""
        kept = self.personal([digest]).get(digest)
        if kept is None:
            return fact
        content = Sealed.model_validate(kept)
        return self._mapper.decoders[content.topic](content.state.encode())

    def stored_name(self, stream: StreamId) -> str:
        """Return the name under which a stream is stored, its register's id first."""
        return self._prefix + stream

    def close(self) -> None:
        """Give back every connection."""
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
        """Return this register's rows of whole commits after a position, and the last position."""
        taken: list[Row] = []
        end, most = 0, limit
        while not end:
            start = taken[-1][4] if taken else position
            batch = self.recorder.following(start, limit + 1, self._register)
            taken += batch
            end = len(taken)
            if len(batch) <= limit:
                break
            while end and taken[end - 1][5] == taken[-1][5]:
                end -= 1
            limit *= 2
        if end > most:  # the first commit alone is longer: a later one may hold what is damaged
            times = [row[5] for row in taken[:end]]
            end = next((n for n in range(1, end) if times[n] != times[n - 1]), end)
        rows = taken[:end]
        if (astray := self._astray_in(position, rows)) is not None:
            raise _misplaced(astray)
        return rows, rows[-1][4] if rows else position

    def _pages(self, first: int, stop: int) -> Iterator[Sequence[Row]]:
        """Yield this register's rows with `first` < position <= `stop`."""
        while first < stop:
            rows = self.recorder.following(first, self.recorder.page, self._register)
            last = rows[-1][4] if rows else 0
            astray = self._astray(first, min(last, stop))
            if astray is not None:
                yield [row for row in rows if row[4] < astray[4]]
                raise _misplaced(astray)
            if not rows:
                return
            first = last
            yield rows if first <= stop else [row for row in rows if row[4] <= stop]

    def _pages_like(
        self, first: int, stop: int, prefix: str, kinds: Sequence[str]
    ) -> Iterator[Sequence[Row]]:
        """Yield the rows of `_pages` that are of the wanted sort."""
        while first < stop:
            rows = self.recorder.like(first, self.recorder.page, self._register, prefix, kinds)
            if not rows:
                return
            first = rows[-1][4]
            yield rows if first <= stop else [row for row in rows if row[4] <= stop]

    def _astray_in(self, position: int, rows: Sequence[Row]) -> Row | None:
        """The same of a page of rows after a position.

        A page without a hole has no row of another register in it, and shows of most rows that the
        version before is there: only the others are looked up.
        """
        until = rows[-1][4] if rows else 0
        if not rows or until - position != len(rows) or not self._alone:
            return self._astray(position, until)
        following: dict[str, int] = {}
        unproven: list[int] = []
        for row in rows:
            stream, version = row[0], row[1]
            if type(version) is not int:
                return self._astray(position, until)
            if version != following.get(stream, 1):
                unproven.append(row[4])
            following[stream] = version + 1
        return self.recorder.astray_at(unproven, self._register) if unproven else None

    def _astray(self, position: int, until: int) -> Row | None:
        """The first row after a position that an altered log has there, in the log's own words.

        `until` is 0 where nothing follows; other registers' rows are then not searched.
        """
        if not until:
            if not self._alone:
                return None
            until = 2**62
        return self.recorder.astray(position, until, self._register)

    @cached_property
    def _alone(self) -> bool:
        """True if the log has no other register; one that is set up later costs time alone."""
        return len(self.recorder.registers()) < 2

    def _boundary(self, until: int) -> int:
        """Return the last position at or before `until` that ends a commit."""
        position, at = self.recorder.last(until, self._register)
        following = self.recorder.following(position, 1, self._register)
        if following and following[0][5] == at:
            return self.position_at(at - 1)
        return position

    def _decoded(self, rows: Iterable[Row]) -> Iterator[Recorded[Fact]]:
        """Yield typed entries of this register's rows; raises `Unreadable`.

        One at a time: many decoded events alive at once keep the garbage collector busy.
        """
        start, decoders = len(self._prefix), self._mapper.decoders
        for stream, version, topic, state, position, recorded_at in rows:
            try:
                require_types(state, recorded_at)
                fact = decoders[topic](written_out(state) if ESCAPE in state else state)
            except (KeyError, TypeError, ValueError) as error:
                raise self._mapper.explain(stream, version, topic, position, error) from error
            if self._reveals and isinstance(fact, EntryInCamera):
                fact = self._revealed(fact)
            yield Recorded(fact, StreamId(stream[start:]), version, position, recorded_at)


def _misplaced(row: Row) -> Unreadable:
    stream, version, topic, _, position, _ = row
    return Unreadable(
        topic=str(topic),
        stream=str(stream),
        version=version,
        position=position,
        reason="it belongs to no register of this log, or the version before it is missing; "
        "alliance verify log names what was altered",
    )


def _by(known: int | None, entry: Recorded[Fact]) -> bool:
    return known is None or entry.position <= known


def _hidden(entry: Recorded[Fact]) -> bool:
    return isinstance(entry.event, EntryInCamera)
