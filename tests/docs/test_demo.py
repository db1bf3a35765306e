"""What `make run` starts ends with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(60)
def test_a_demo_whose_reader_has_had_enough_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "records").symlink_to(ROOT / "records")
    demo = subprocess.Popen(
        [ROOT / "scripts" / "demo"],
        cwd=tmp_path,
        env={**os.environ, "ALLIANCE": str(Path(sys.executable).parent / "alliance")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert demo.stdout
    while not demo.stdout.readline().startswith(b"$ alliance record"):
        pass
    demo.stdout.close()
    try:
        demo.wait(40)
        time.sleep(0.5)
        with pytest.raises(ProcessLookupError):
            os.killpg(demo.pid, 0)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(demo.pid, signal.SIGKILL)
