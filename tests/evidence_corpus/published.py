"""The published files: an archive of bundles and policies, its list, and the list of reasons."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from adapters.evidence.faults import EvidenceFault
from tests.evidence_corpus.case import Case
from tests.evidence_corpus.corpus import FORGERIES, HONEST
from tests.evidence_corpus.honest import POLICIES

FOLDER = Path(__file__).parents[2] / "docs" / "evidence"
LIST, ARCHIVE, REASONS = "forgeries.json", "forgeries.tar.xz", "reasons.json"


def reasons() -> list[dict[str, Any]]:
    """Every reason in the code with its exit."""
    return [
        {
            "reason": kind.fault,
            "exit": kind.exit_code,
            "problem": kind.__name__,
            "says": (kind.__doc__ or "").partition("\n")[0].strip(),
        }
        for kind in sorted(_kinds(EvidenceFault), key=lambda kind: (kind.exit_code, kind.fault))
    ]


def _kinds(of: type[EvidenceFault]) -> Iterator[type[EvidenceFault]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


def row(case: Case) -> dict[str, Any]:
    """One line of the list; `why` is this verifier's own message."""
    return {
        "name": case.name,
        "says": case.says,
        "bundle": f"bundles/{case.name}.zip",
        "sha256": sha256(case.make()).hexdigest(),
        "policy": f"policies/{case.policy}.txt",
        "exit": case.fault.exit_code if case.fault else 0,
        "reason": case.fault.fault if case.fault else None,
        "why": case.why or None,
    }


def corpus() -> dict[str, bytes]:
    """The members of the archive."""
    cases = (*HONEST, *FORGERIES)
    members = {f"policies/{name}.txt": text.encode() for name, text in POLICIES.items()}
    members |= {f"bundles/{case.name}.zip": case.make() for case in cases}
    return {LIST: _json([row(case) for case in cases]), **members}


def published() -> dict[str, bytes]:
    """Every file by its name; the archive may be compressed otherwise by another library."""
    members, out = corpus(), io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:xz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return {LIST: members[LIST], ARCHIVE: out.getvalue(), REASONS: _json(reasons())}


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
