"""Back a log up into one file, and restore it on either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from adapters.store import backup_file, backup_postgres, backup_sqlite
from adapters.store.backup_file import Header, Reader
from adapters.store.opening import locate, setup_log
from adapters.store.rows import FORMAT, Draft, Epoch, PersonalValue, Row, new_epoch
from application.ports import NewerLog
from domain.logbook import LOG, EpochOpened


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as it was written or found: counts, last position, and the digest of the whole."""

    rows: int
    personal: int
    head: int
    epoch: str
    digest: str


def back_up(url: str, target: Path) -> Backup:
    """Copy a log, held still by a read transaction while others go on writing, into a new file.

    Raises `BackupExists`, `NotSetUp` and `Unavailable`.
    """
    head = 0

    def watched(rows: Iterator[Row]) -> Iterator[Row]:
        nonlocal head
        for row in rows:
            head = row[4]
            yield row

    with _snapshot(url) as (header, rows, personal):
        digest = backup_file.write(target, header, watched(rows), personal)
    return Backup(header.rows, header.personal, head, header.epochs[-1].epoch, digest)


def verify(source: Path) -> Backup:
    """Read a backup to its end; raises `BrokenBackup` with the line where it is damaged."""
    with backup_file.read(source) as reader:
        return _survey(reader)[0]


def restore(source: Path, url: str, reason: str) -> Epoch:
    """Make an empty log what the backup holds, positions and times as they were; all or nothing.

    What was recorded after the backup is lost to the log but not to who has read it: so a new
    epoch begins, told by a fact in each register's own stream, and followers that are ahead refuse.
    Raises `BrokenBackup` before anything is stored, `NotEmpty`, `NewerLog`.
    """
    with backup_file.read(source) as reader:
        found, logbooks = _survey(reader)
        if reader.header.format > FORMAT:
            raise NewerLog(program=FORMAT, log=reader.header.format)
    setup_log(url)
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
    with backup_file.read(source) as reader:
        epochs = (*reader.header.epochs, epoch)
        if isinstance(where, Path):
            backup_sqlite.load(where, reader.rows(), reader.personal, epochs, told)
        else:
            backup_postgres.load(where, reader.rows(), reader.personal, epochs, told)
    return epoch


def _snapshot(
    url: str,
) -> AbstractContextManager[tuple[Header, Iterator[Row], Iterator[PersonalValue]]]:
    where = locate(url)
    if isinstance(where, Path):
        return backup_sqlite.snapshot(where)
    return backup_postgres.snapshot(where)


def _survey(reader: Reader) -> tuple[Backup, dict[str, int]]:
    """Check every line, and find the last version of each register's own stream."""
    head = 0
    logbooks: dict[str, int] = {}
    for stream, version, _, _, head, _ in reader.rows():  # noqa: B007
        register, _, name = stream.partition("/")
        logbook = f"{register}/{LOG}"
        logbooks[logbook] = version if name == LOG else logbooks.get(logbook, 0)
    for _ in reader.personal():
        pass
    header = reader.header
    return (
        Backup(header.rows, header.personal, head, header.epochs[-1].epoch, reader.digest),
        logbooks,
    )
