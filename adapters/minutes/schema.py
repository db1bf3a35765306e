"""The published schema of minutes files: written to the documents, or checked against them.

`python -m adapters.minutes.schema` writes it; `--check` says whether the one that ships is stale.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from application.minutes import schema

MINUTES = Path(__file__).parents[2] / "docs" / "schemas" / "minutes.schema.json"


def minutes_schema() -> str:
    """Return the JSON Schema of minutes files as it ships."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the schema, or only compare it and return 1 where it is stale."""
    content = minutes_schema()
    if "--check" not in arguments:
        MINUTES.parent.mkdir(parents=True, exist_ok=True)
        MINUTES.write_text(content, encoding="utf-8")
        return 0
    if MINUTES.exists() and MINUTES.read_text(encoding="utf-8") == content:
        return 0
    sys.stderr.write(f"{MINUTES.name} is stale: run python -m adapters.minutes.schema\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
