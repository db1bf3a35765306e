"""What `make run` starts ends with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from tests.services import free_port

pytestmark = [pytest.mark.slow]

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(120)
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


@pytest.mark.timeout(200)
def test_what_was_shown_is_served_until_it_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "records").symlink_to(ROOT / "records")
    alliance = tmp_path / "alliance"
    port = free_port()
    alliance.write_text(
        f'#!/bin/sh\n[ "$1" = serve ] && set -- serve --port {port}\n'
        f'exec {Path(sys.executable).parent / "alliance"} "$@"\n'
    )
    alliance.chmod(0o755)
    demo = subprocess.Popen(
        [ROOT / "scripts" / "demo", "--serve"],
        cwd=tmp_path,
        env={**os.environ, "ALLIANCE": str(alliance)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert demo.stdout
    try:
        shown = ""
        for line in demo.stdout:
            shown += line
            if "until you press Ctrl-C" in line:
                break
        assert "26 partnerships" in shown
        assert "events sealed under register.example/toronto" in shown
        page = fetched(f"http://127.0.0.1:{port}/partnerships?as_of=2001-12-06")
        assert "26 partnerships" in page
        assert fetched(f"http://127.0.0.1:{port}/evidence/checkpoint").startswith(
            "register.example/toronto\n"
        )
        demo.send_signal(signal.SIGINT)
        assert demo.wait(20) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(demo.pid, signal.SIGKILL)
        demo.stdout.close()


def fetched(url: str) -> str:
    for _ in range(100):
        with contextlib.suppress(httpx2.ConnectError):
            return httpx2.get(url, timeout=10).raise_for_status().text
        time.sleep(0.1)
    raise AssertionError(f"nobody answers at {url}")
