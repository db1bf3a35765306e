"""The folder of a register, and a note in it that names the log it belongs to."""

from __future__ import annotations

from pathlib import Path

from adapters.addresses import SQLITE
from adapters.files import naming_file
from adapters.settings import PREFIX, Settings
from domain.shared.problems import Problem


class OfAnotherLog(Problem):
    """Another log already has its register of this name in this folder: use another one.

    Give this register another folder or name. Details: the `folder` that both would use, the `log`
    that does, and the `setting` of the name.
    """

    folder: str
    log: str
    setting: str


def claim_folder(settings: Settings) -> None:
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
        with naming_file(note):
            note.write_text(f"{log.name}\n", encoding="utf-8")
