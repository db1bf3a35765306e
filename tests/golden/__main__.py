"""Add examples of stored facts where some are missing; name topics to write theirs afresh.

Writing afresh is for facts that no log holds yet. Whatever a log may hold keeps its examples, and
a new shape is a new topic with an upcaster.
"""

from __future__ import annotations

import sys

from domain.catalogue import catalogue
from tests.golden.examples import examples, path_of


def main(afresh: list[str]) -> int:
    """Write what is missing; return how many topics are unknown."""
    unknown = [topic for topic in afresh if topic not in catalogue]
    for topic in sorted(catalogue):
        path = path_of(topic)
        kept = [] if topic in afresh or not path.exists() else path.read_bytes().splitlines()
        added = [line for line in examples(topic) if line not in kept]
        if added:
            path.write_bytes(b"".join(line + b"\n" for line in (*kept, *added)))
            sys.stdout.write(f"{path.name}: {len(added)} written\n")
    for topic in unknown:
        sys.stderr.write(f"no stored fact is called {topic}\n")
    return len(unknown)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
