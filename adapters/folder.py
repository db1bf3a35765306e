"""The folder of a register, and whose it is: one log's, whichever others lie beside it."""

from __future__ import annotations

from pathlib import Path

from adapters.settings import PREFIX, SQLITE, Settings
from adapters.writing import naming
from domain.kernel import Problem


class OfAnotherLog(Problem):
    """Another log has its register of this name here: give one a folder or a name of its own.

    Details: the `folder` that both would use, the `log` that does, and the `setting` of the name.
    """


def claim(settings: Settings) -> None:
    """Make the register's folder, and note in it whose it is. Raises `OfAnotherLog`.

    A log that is gone has no claim any more.
    """
    settings.folder.mkdir(parents=True, exist_ok=True)
    if not settings.database_url.startswith(SQLITE):
        return
    log = Path(settings.database_url.removeprefix(SQLITE))
    note = settings.folder / "log.name"
    noted = note.read_text(encoding="utf-8").strip() if note.exists() else ""
    owner = noted or log.name
    if owner != log.name and (log.parent / owner).exists():
        raise OfAnotherLog(folder=str(settings.folder), log=owner, setting=f"{PREFIX}REGISTER_ID")
    if noted != log.name:
        with naming(note):
            note.write_text(f"{log.name}\n", encoding="utf-8")
