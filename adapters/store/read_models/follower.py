"""The follower of a read model: write the rows of a page and its position in one transaction."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, cast

from adapters.store.read_models.database import ViewsDatabase
from adapters.store.read_models.reader import saved_progress
from adapters.store.read_models.tables import ViewTable
from application.followers import Progress, Unhandled, commits_of_page
from application.ports import Page, Unavailable, Unreadable
from domain.shared.history import Recorded
from domain.shared.messages import Event, Fact, StreamId
from projections.engine.changes import Changes, Source, changes_by_key
from projections.engine.read_model import R
from projections.engine.revision import Timeline, revise

if TYPE_CHECKING:
    from adapters.store.read_models.row_writer import ViewRows

Streams = Callable[[StreamId], Mapping[StreamId, Sequence[Recorded[Fact]]]]
"""Reads streams whole, as `Log.read` does."""

KEYS_KEPT = 20_000
"""Keys whose last phase stays in memory between pages."""

ENTRIES_KEPT = 20_000
"""Events that stay in memory for keys that must be folded again."""


class _Archive:
    """Finds events by name: in the page at hand, or by reading their stream from the log."""

    def __init__(self, read: Streams) -> None:
        self._read = read
        self._page: Sequence[Recorded[Fact]] = ()
        self._paged: dict[Source, Recorded[Event]] | None = None
        self._streams: OrderedDict[StreamId, dict[int, Recorded[Event]]] = OrderedDict()

    def turn_to(self, page: Sequence[Recorded[Fact]]) -> None:
        self._page, self._paged = page, None
        while len(self._streams) > 1 and sum(map(len, self._streams.values())) > ENTRIES_KEPT:
            self._streams.popitem(last=False)

    def recall(self, source: Source) -> Recorded[Event]:
        stream, version = source
        known = self._streams.get(stream)
        if known is not None and version in known:
            self._streams.move_to_end(stream)
            return known[version]
        if self._paged is None:
            self._paged = {(e.stream, e.version): e for e in events_of(self._page)}
        if entry := self._paged.get(source):
            return entry
        self._streams[stream] = {e.version: e for e in events_of(self._read(stream)[stream])}
        return self._streams[stream][version]


class ViewFollower(Generic[R]):
    """Keeps one table of a read model at the end of the log.

    `streams` is called when the new event is not the last of its key's timeline: late, on an
    uncertain day, or a correction. Not for two threads at once; two processes may follow with the
    same table, and one of them then does the work.
    """

    def __init__(self, database: ViewsDatabase, table: ViewTable[R], streams: Streams) -> None:
        self._database = database
        self._table = table
        self._archive = _Archive(streams)
        self._timelines: OrderedDict[str, Timeline[R]] = OrderedDict()
        self._asked: Progress | None = None
        self._cached_at = Progress()

    @property
    def name(self) -> str:
        return self._table.name

    def progress(self) -> Progress:
        self._asked = saved_progress(self._database, self._table.name)
        return self._asked

    def take(self, page: Page, epoch: str) -> None:
        """Write the rows of a page that begins after what `progress` said last."""
        # SQLAlchemy, which a follower that is at the end of the log has no need of.
        from adapters.store.read_models.row_writer import ViewRows  # noqa: PLC0415
        from adapters.store.read_models.schema import own_progress, save_progress  # noqa: PLC0415

        asked = self._asked or self.progress()
        try:
            with self._database.writing() as connection:
                saved = own_progress(connection, self._table.name)
                if saved != asked or (page.entries and page.entries[0].position <= saved.position):
                    return  # another process was quicker, or built the table again
                if saved != self._cached_at:
                    self._timelines.clear()
                self._archive.turn_to(page.entries)
                rows = ViewRows(connection, self._table)
                touched = self._apply(rows, page.entries)
                rows.write()
                save_progress(connection, self._table.name, Progress(page.through, epoch))
        except BaseException:
            self._timelines.clear()
            raise
        self._asked = self._cached_at = Progress(page.through, epoch)
        self._trim(touched)

    def _apply(self, rows: ViewRows[R], entries: Sequence[Recorded[Fact]]) -> set[str]:
        work = [
            (commit, self._changes(list(events_of(commit)))) for commit in commits_of_page(entries)
        ]
        touched = {key for _, changes in work for key in changes}
        self._load_last(touched, rows)
        for commit, changes in work:
            known_from = commit[-1].position
            for key, change in changes.items():
                self._revise(rows, key, change, known_from, commit)
        return touched

    def _changes(self, commit: Sequence[Recorded[Event]]) -> Mapping[str, Changes]:
        try:
            return changes_by_key(self._table.model, commit, self._archive.recall)
        except (Unavailable, Unreadable):
            raise
        except Exception as error:
            if len(commit) > 1:
                for entry in commit:  # to name the one
                    self._changes([entry])
            raise Unhandled(follower=self.name, entry=commit[0], reason=repr(error)) from error

    def _revise(
        self,
        rows: ViewRows[R],
        key: str,
        change: Changes,
        known_from: int,
        commit: Sequence[Recorded[Fact]],
    ) -> None:
        timeline = self._timelines[key]
        earliest = change.since()
        if earliest and not timeline.reaches(earliest):
            timeline.phases[:0] = rows.between(key, earliest, timeline.phases[0].place)
            timeline.whole = timeline.phases[0].place >= earliest
        try:
            revision = revise(
                self._table.model, key, timeline, change, self._archive.recall, known_from
            )
        except (Unavailable, Unreadable):
            raise
        except Exception as error:
            arrived = change.added[-1].entry if change.added else _correction(commit, change)
            raise Unhandled(
                follower=self.name, entry=arrived, reason=f"{key}: {error!r}"
            ) from error
        rows.revise(key, revision, known_from)

    def _load_last(self, keys: set[str], rows: ViewRows[R]) -> None:
        missing = [key for key in keys if key not in self._timelines]
        last = rows.last(missing)
        for key in missing:
            found = last.get(key)
            # A key without a last phase has none at all, so nothing is all there is.
            self._timelines[key] = Timeline([found] if found else [], whole=not found)
        for key in keys:
            self._timelines.move_to_end(key)

    def _trim(self, touched: set[str]) -> None:
        for key in touched:
            self._timelines[key].forget()
        while len(self._timelines) > KEYS_KEPT:
            self._timelines.popitem(last=False)


def _correction(commit: Sequence[Recorded[Fact]], change: Changes) -> Recorded[Fact]:
    return next(
        entry
        for entry in events_of(commit)
        if entry.event.replaces and (entry.stream, entry.event.replaces.version) in change.dropped
    )


def events_of(entries: Iterable[Recorded[Fact]]) -> Iterator[Recorded[Event]]:
    """Yield entries that can change a read model: all but the log's own facts."""
    for entry in entries:
        if isinstance(entry.event, Event):
            yield cast("Recorded[Event]", entry)
