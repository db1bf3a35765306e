"""The file of the bus's state: who may read it, and what is said where it may not be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.bus.relay.ledger import Ledger

OBEYING = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
"""Makes root obey the modes of files as everybody else does."""


def modes(folder: Path) -> set[int]:
    return {each.stat().st_mode & 0o777 for each in folder.glob("relay.sqlite*") if each.is_file()}


def test_webhook_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    with closing(Ledger(f"sqlite:///{tmp_path}/relay.sqlite")) as ledger:
        ledger.create()
        assert (tmp_path / "relay.sqlite-wal").exists()
        assert modes(tmp_path) == {0o600}


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/relay.sqlite"
    with closing(Ledger(url)) as ledger:
        ledger.create()
        for each in tmp_path.glob("relay.sqlite*"):
            each.chmod(0o644)
        with closing(Ledger(url)):
            assert modes(tmp_path) == {0o600}


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A register whose own folder, beside the log, may not be written."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed, and root may write everywhere")
    folder = tmp_path_factory.mktemp("register")
    assert alliance(folder, "setup").returncode == 0
    assert alliance(folder, "subscribers", "add", "reader").returncode == 0
    closed = folder / "toronto"
    closed.chmod(0o555)
    yield folder
    closed.chmod(0o755)


def alliance(folder: Path, *words: str, obeying: bool = False) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("alliance")), *words]
    return subprocess.run(
        [*OBEYING, *command] if obeying and os.geteuid() == 0 else command,
        env={**os.environ, "ALLIANCE_DATABASE_URL": f"sqlite:///{folder}/log.sqlite"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", ["relay", "subscribe reader", "webhooks run", "subscribers", "subscribers add other"]
)
def test_a_folder_that_may_not_be_written_is_named_and_not_waited_for(
    register: Path, command: str
) -> None:
    done = alliance(register, *command.split(), obeying=True)
    assert done.returncode == 6
    assert "NotWritable" in done.stderr
    assert f"file: {register}/toronto/" in done.stderr
