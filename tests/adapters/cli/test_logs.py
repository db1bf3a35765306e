"""What the program says of itself goes to standard error, one JSON object a line in a pipe."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ALLIANCE = Path(sys.executable).with_name("alliance")


@pytest.mark.slow
def test_messages_and_what_is_said_of_them_do_not_mix(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "LOGNAME": "clerk"}

    def run(*arguments: str) -> None:
        subprocess.run(
            [ALLIANCE, *arguments], cwd=tmp_path, env=environment, check=True, capture_output=True
        )

    run("setup")
    run("record", str(ROOT / "records" / "toronto-2001" / "founding.yaml"))
    received = tmp_path / "received.jsonl"
    said = tmp_path / "said.jsonl"
    with received.open("w") as out, said.open("w") as err:
        processes = [
            subprocess.Popen(
                [ALLIANCE, *each], cwd=tmp_path, env=environment, stdout=out, stderr=err
            )
            for each in (["relay"], ["subscribe", "reader"])
        ]
        try:
            for _ in range(200):
                if len(received.read_text().splitlines()) == 38:
                    break
                time.sleep(0.2)
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            codes = [process.wait(20) for process in processes]
    assert codes == [0, 0]
    messages = [json.loads(line) for line in received.read_text().splitlines()]
    assert [m["specversion"] for m in messages] == ["1.0"] * 38
    records = [json.loads(line) for line in said.read_text().splitlines()]
    assert {"publishing", "subscriber attached"} <= {r["event"] for r in records}
    assert all(r["timestamp"].endswith("Z") and r["level"] for r in records)
