"""Back a log up into one file, and restore it on either database."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import from_json

from adapters.addresses import locate
from adapters.store.attachments import Attachments
from adapters.store.backup import file, postgres, sqlite
from adapters.store.backup.file import Contents, Reader
from adapters.store.event_log.open_log import setup_log
from adapters.store.event_log.recorder import (
    FORMAT,
    Draft,
    Epoch,
    PersonalPart,
    Row,
    new_epoch,
    require_types,
)
from application.ports import NewerLog, Unreadable
from domain.shared.log_facts import LOG, EpochOpened, PersonalDataDestroyed


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as it was written or found: counts, last position, and the digest of the whole."""

    rows: int
    personal: int
    documents: int
    head: int
    epoch: str
    digest: str


def back_up(url: str, target: Path) -> Backup:
    """Copy a log, held still by a read transaction while others go on writing, into a new file.

    Raises `BackupExists`, `NotSetUp`, `Unavailable`, and `Unreadable` for a row that is damaged.
    """
    head = 0
    versions: dict[str, int] = {}

    def watched(rows: Iterator[Row]) -> Iterator[Row]:
        nonlocal head
        for row in rows:
            stream, version, topic, state, head, recorded_at = row
            try:
                require_types(state, recorded_at, stream)
                if version != versions.get(stream, 0) + 1:
                    raise ValueError(f"it follows version {versions.get(stream, 0)} of its stream")
                if "/" not in stream:
                    raise ValueError("its stream belongs to no register")
                versions[stream] = version
                from_json(state)
            except (TypeError, ValueError) as error:
                raise Unreadable(
                    topic=topic,
                    stream=str(stream),
                    version=version,
                    position=head,
                    reason=str(error),
                ) from error
            yield row

    with snapshot(url) as contents:
        digest = file.write_backup(target, contents._replace(rows=watched(contents.rows)))
    header = contents.header
    epoch = header.epochs[-1].epoch
    return Backup(header.rows, header.personal, header.documents, head, epoch, digest)


def verify(source: Path) -> Backup:
    """Read a backup to its end; raises `BrokenBackup` with the line where it is damaged."""
    with file.read_backup(source) as reader:
        return survey(reader)[0]


def restore(source: Path, url: str, reason: str, destroyed: Collection[str] = ()) -> Epoch:
    """Fill an empty log from a backup, positions and times as they were; all or nothing.

    What was recorded after the backup is lost to the log but not to who has read it: so a new
    epoch begins, told by a fact in each register's own stream, and followers that are ahead refuse.
    Personal parts that were `destroyed` since, or by the backup's own events, are left out.
    Raises `BrokenBackup` before anything is stored, `NotEmpty`, `NewerLog`.
    """
    with file.read_backup(source) as reader:
        found, logbooks = survey(reader)
        if reader.header.format > FORMAT:
            raise NewerLog(program=FORMAT, log=reader.header.format)
    setup_log(url, *(stream.partition("/")[0] for stream in logbooks))
    with closing(Attachments(url, "")) as attachments:
        attachments.set_up()
    epoch = Epoch(new_epoch(), found.epoch, found.head)
    opened = EpochOpened(
        epoch=epoch.epoch,
        previous=found.epoch,
        restored_through=found.head,
        backup=found.digest,
        reason=reason,
    )
    state = opened.__pydantic_serializer__.to_json(opened)
    told = [
        Draft(stream, version + 1, EpochOpened.TOPIC, state) for stream, version in logbooks.items()
    ]
    where = locate(url)
    with file.read_backup(source) as reader:
        epochs = (*reader.header.epochs, epoch)
        gone = set(destroyed)

        def rows() -> Iterator[Row]:
            for row in reader.rows():
                if row[2] == PersonalDataDestroyed.TOPIC:
                    gone.update(PersonalDataDestroyed.model_validate_json(row[3]).parts)
                yield row

        def personal() -> Iterator[PersonalPart]:
            return (part for part in reader.personal() if part.digest not in gone)

        if isinstance(where, Path):
            sqlite.load(where, rows(), personal, reader.documents, epochs, told)
        else:
            postgres.load(where, rows(), personal, reader.documents, epochs, told)
    return epoch


def snapshot(url: str) -> AbstractContextManager[Contents]:
    where = locate(url)
    if isinstance(where, Path):
        return sqlite.snapshot(where)
    return postgres.snapshot(where)


def survey(reader: Reader) -> tuple[Backup, dict[str, int]]:
    """Check every line, and find the last version of each register's own stream."""
    head = 0
    logbooks: dict[str, int] = {}
    for stream, version, _, _, head, _ in reader.rows():  # noqa: B007
        register, _, name = stream.partition("/")
        logbook = f"{register}/{LOG}"
        logbooks[logbook] = version if name == LOG else logbooks.get(logbook, 0)
    for _ in reader.personal():
        pass
    for _ in reader.documents():
        pass
    header = reader.header
    return (
        Backup(
            header.rows,
            header.personal,
            header.documents,
            head,
            header.epochs[-1].epoch,
            reader.digest,
        ),
        logbooks,
    )
