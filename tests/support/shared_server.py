"""One server for all processes of a test run, kept by a process of its own until the last has left.

python -m tests.support.shared_server postgres|rabbitmq FOLDER
"""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

from tests import services
from tests.support import broker

ROOT = Path(__file__).parents[2]
KINDS: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "postgres": services.postgres_server,
    "rabbitmq": broker.amqp_server,
}


@contextmanager
def shared_server(kind: str, folder: Path) -> Generator[str]:
    """Yield the URL of the server that the processes with this folder share.

    Raises `Unavailable` where it is not installed, `RuntimeError` where it does not start.
    """
    with (folder / f"{kind}.users").open("a") as users:
        with _locked(folder / f"{kind}.starting"):
            fcntl.flock(users, fcntl.LOCK_SH)
            url = _url(kind, folder)
        yield url


def _url(kind: str, folder: Path) -> str:
    told = folder / f"{kind}.json"
    if not told.exists():
        keeper = [sys.executable, "-m", __name__, kind, str(folder)]
        detached = ["sh", "-c", '"$@" </dev/null &', "sh", *keeper]
        subprocess.run(detached, check=True, cwd=ROOT, start_new_session=True)
        deadline = time.monotonic() + 2 * services.START_SECONDS
        while not told.exists():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the keeper of {kind} says nothing")
            time.sleep(0.05)
    answer: dict[str, str] = json.loads(told.read_text(encoding="utf-8"))
    if "missing" in answer:
        raise services.Unavailable(answer["missing"])
    if "failed" in answer:
        raise RuntimeError(answer["failed"])
    return answer["url"]


def main(kind: str, folder: Path) -> None:
    """Start the server, tell its URL, and stop it when nobody uses it any more."""
    with (folder / f"{kind}.users").open("a") as users:
        try:
            with KINDS[kind]() as url:
                _tell(kind, folder, url=url)
                fcntl.flock(users, fcntl.LOCK_EX)
                (folder / f"{kind}.json").unlink()
        except services.Unavailable as missing:
            _tell(kind, folder, missing=str(missing))
        except Exception as failed:
            _tell(kind, folder, failed=repr(failed))
            raise


def _tell(kind: str, folder: Path, **answer: str) -> None:
    written = folder / f"{kind}.written"
    written.write_text(json.dumps(answer), encoding="utf-8")
    written.rename(folder / f"{kind}.json")


@contextmanager
def _locked(path: Path) -> Generator[IO[str]]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
