"""Write the corpus: `docs/evidence/forgeries.tar.xz`, its list, and the list of all reasons."""

from __future__ import annotations

import sys

from tests.evidence_corpus.published import FOLDER, published


def main() -> int:
    """Write every published file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in published().items():
        (FOLDER / name).write_bytes(content)
        sys.stdout.write(f"{name}: {len(content)} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
