"""The sealer is killed, or its disk is full: the same tree comes of it, and never two heads.

`SEALER_KILLS=200` kills at as many points as are promised; see `make drill-sealer`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from adapters.evidence.faults import NotAnExtension
from adapters.evidence.sealer import Sealer
from adapters.evidence.signed_notes import Head, read_head, read_note
from adapters.evidence.tiles import tiles_of
from tests.adapters.evidence.test_sealer import KEYS, NOW, ORIGIN, FakeLog, root
from tests.drills.sealing_process import BATCH, ROWS, sealer_of, store_of

KILLS = int(os.environ.get("SEALER_KILLS", "3"))
ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.drill, pytest.mark.slow, pytest.mark.timeout(3600)]


def run(
    kind: str, folder: Path, kill_at: int = 0, most_bytes: int = 0, outside: str = "head"
) -> tuple[int, str]:
    folder.mkdir(parents=True, exist_ok=True)
    arguments = map(str, (kind, folder, kill_at, most_bytes, outside))
    ran = subprocess.run(
        [sys.executable, "-m", "tests.drills.sealing_process", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout


def tree(kind: str, folder: Path) -> dict[str, bytes | None]:
    store = store_of(kind, folder)
    return {name.path: store.get(name.path) for name in tiles_of(ROWS)}


def heads(kind: str, folder: Path) -> list[Head]:
    """Every head that was published, and the one outside."""
    found = [read_head(read_note(note).text) for _, note in store_of(kind, folder).heads()]
    outside = [path for name in ("head", "other") if (path := folder / name).exists()]
    return found + [read_head(read_note(path.read_bytes()).text) for path in outside]


def require_one_line(kind: str, folder: Path) -> None:
    log = FakeLog().grow(ROWS)
    for head in heads(kind, folder):
        assert head == Head(ORIGIN, head.size, root(log, head.size))


@pytest.mark.parametrize("kind", ["folder", "sqlite"])
def test_wherever_it_is_killed_the_same_tree_comes_of_it(kind: str, tmp_path: Path) -> None:
    code, out = run(kind, tmp_path / "whole")
    assert code == 0
    lines, whole = int(out), tree(kind, tmp_path / "whole")
    assert None not in whole.values()
    for number in range(KILLS):
        point = 1 + number * (lines - 1) // KILLS
        folder = tmp_path / str(number)
        assert run(kind, folder, point) == (-signal.SIGKILL, ""), point
        require_one_line(kind, folder)
        own = sealer_of(kind, folder)
        while own.seal(BATCH):
            pass
        assert tree(kind, folder) == whole, point
        assert own.head() == Head(ORIGIN, ROWS, root(FakeLog().grow(ROWS), ROWS))
        require_one_line(kind, folder)


@pytest.mark.parametrize(("kind", "most"), [("folder", 6000), ("sqlite", 60_000)])
def test_a_full_disk_stops_it_and_it_goes_on_where_there_is_room(
    kind: str, most: int, tmp_path: Path
) -> None:
    assert run(kind, tmp_path / "whole")[0] == 0
    folder = tmp_path / "full"
    code, out = run(kind, folder, most_bytes=most)
    assert (code, out) == (1, "")
    require_one_line(kind, folder)
    assert max((head.size for head in heads(kind, folder)), default=0) < ROWS
    assert run(kind, folder)[0] == 0
    assert tree(kind, folder) == tree(kind, tmp_path / "whole")
    require_one_line(kind, folder)


@pytest.mark.parametrize("kind", ["folder", "sqlite"])
@pytest.mark.parametrize("outside", ["head", "other"], ids=["one machine", "two machines"])
def test_two_sealers_at_once_write_one_history(kind: str, outside: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        ran = list(pool.map(lambda name: run(kind, tmp_path, outside=name), ("head", outside)))
    assert [code for code, _ in ran] == [0, 0]
    require_one_line(kind, tmp_path)
    assert None not in tree(kind, tmp_path).values()
    assert max(head.size for head in heads(kind, tmp_path)) == ROWS


@pytest.mark.parametrize("kind", ["folder", "sqlite"])
@pytest.mark.parametrize("lost", ["store", "head", "both"])
def test_after_an_older_backup_or_without_the_outside_head_it_goes_on(
    kind: str, lost: str, tmp_path: Path
) -> None:
    assert run(kind, tmp_path / "whole")[0] == 0
    folder, kept = tmp_path / "own", tmp_path / "backup"
    folder.mkdir()
    own = sealer_of(kind, folder)
    for _ in range(3):
        assert own.seal(BATCH)
    copytree(folder, kept)
    own = sealer_of(kind, folder)
    while own.seal(BATCH):
        pass
    if lost == "store":  # the outside head is ahead of it
        outside = (folder / "head").read_bytes()
        rmtree(folder)
        copytree(kept, folder)
        (folder / "head").write_bytes(outside)
    elif lost == "both":
        rmtree(folder)
        copytree(kept, folder)
    else:
        (folder / "head").unlink()
    assert run(kind, folder)[0] == 0
    assert tree(kind, folder) == tree(kind, tmp_path / "whole")
    require_one_line(kind, folder)


def test_a_log_that_lost_sealed_events_is_refused_and_nothing_more_is_signed(
    tmp_path: Path,
) -> None:
    assert run("sqlite", tmp_path)[0] == 0
    signed = heads("sqlite", tmp_path)
    older = FakeLog().grow(ROWS)
    del older.rows[500:]
    store = store_of("sqlite", tmp_path)
    own = Sealer(ORIGIN, KEYS, older, store, tmp_path / "head", lambda: NOW)
    with pytest.raises(NotAnExtension, match="is not the one that was sealed last"):
        own.seal()
    assert heads("sqlite", tmp_path) == signed
