"""A sealer in a process of its own, which kills itself at a point, or whose files may not grow.

    python -m tests.drills.sealing_process STORE FOLDER KILL_AT MOST_BYTES OUTSIDE

`STORE` is folder or sqlite; `KILL_AT` counts lines of the sealer's own modules (0: never), and how
many there were is printed at the end. `MOST_BYTES` limits each file (0: not). `OUTSIDE` names the
file of the last head.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from adapters.database.state_database import open_database
from adapters.evidence.sealer import Sealer
from adapters.evidence.tree_stores import TreeFolder, TreeStore, TreeTables
from tests.adapters.evidence.test_sealer import KEYS, NOW, ORIGIN, FakeLog

ROWS, BATCH = 560, 90
_MODULES = ("sealer", "tiles", "tree_stores")
WATCHED = {sys.modules[f"adapters.evidence.{name}"].__file__ for name in _MODULES}


def store_of(kind: str, folder: Path) -> TreeStore:
    """The store of a tree below a folder."""
    if kind == "folder":
        return TreeFolder(folder / "tree")
    tables = TreeTables(open_database(f"sqlite:///{folder / 'tree.sqlite'}", derived=True))
    tables.setup()
    return tables


def sealer_of(kind: str, folder: Path, outside: str = "head") -> Sealer:
    """A sealer of 560 rows, with its last head in the folder."""
    log = FakeLog().grow(ROWS)
    return Sealer(ORIGIN, KEYS, log, store_of(kind, folder), folder / outside, lambda: NOW)


class _Killer:
    """Counts the lines that run, and kills the process at one."""

    def __init__(self, at: int) -> None:
        self.count = 0
        self._at = at

    def __call__(self, frame: FrameType, event: str, _: Any) -> _Killer | None:
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line":
            self.count += 1
            if self.count == self._at:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def main(kind: str, folder: Path, kill_at: int, most_bytes: int, outside: str) -> None:
    """Seal everything, in batches."""
    own = sealer_of(kind, folder, outside)
    if most_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    killer = _Killer(kill_at)
    sys.settrace(killer)
    while own.seal(BATCH):
        pass
    sys.settrace(None)
    sys.stdout.write(f"{killer.count}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
