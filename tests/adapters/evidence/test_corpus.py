"""The published corpus: honest bundles verify, and each forgery is refused for its own reason."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from adapters.evidence.faults import EvidenceFault
from adapters.evidence.trust_policy import read_policy
from adapters.evidence.verifier import verify_bundle
from tests.evidence_corpus.case import Case
from tests.evidence_corpus.corpus import FORGERIES, HONEST
from tests.evidence_corpus.honest import NOW, POLICIES
from tests.evidence_corpus.published import ARCHIVE, FOLDER, LIST, REASONS, corpus, published
from tests.support.alliance import run

DOCUMENT = FOLDER.parent / "evidence.md"


def refused(case: Case, folder: Path) -> tuple[type[EvidenceFault] | None, str]:
    bundle = folder / "bundle.zip"
    bundle.write_bytes(case.make())
    try:
        verify_bundle(bundle, read_policy(POLICIES[case.policy].encode()), NOW)
    except EvidenceFault as fault:
        return type(fault), fault.why.replace(str(bundle), "BUNDLE")
    return None, ""


@pytest.mark.parametrize("case", [*HONEST, *FORGERIES], ids=lambda case: case.name)
def test_each_bundle_is_answered_as_the_list_says(case: Case, tmp_path: Path) -> None:
    assert refused(case, tmp_path) == (case.fault, case.why)


def test_there_are_as_many_as_were_promised_and_each_has_its_name() -> None:
    names = [case.name for case in (*HONEST, *FORGERIES)]
    assert len(names) == len(set(names))
    assert len(FORGERIES) >= 60
    assert all(case.fault and case.why for case in FORGERIES)
    assert not any(case.fault for case in HONEST)


def test_the_published_corpus_is_the_one_that_is_made() -> None:
    with tarfile.open(fileobj=io.BytesIO((FOLDER / ARCHIVE).read_bytes())) as archive:
        held = {
            info.name: file.read()
            for info in archive.getmembers()
            if (file := archive.extractfile(info)) is not None
        }
    assert held == corpus(), "python -m tests.evidence_corpus"
    assert (FOLDER / LIST).read_bytes() == held[LIST]


def test_every_reason_in_the_code_is_published_with_its_exit() -> None:
    assert (FOLDER / REASONS).read_bytes() == published()[REASONS], (
        "python -m tests.evidence_corpus"
    )
    rows = json.loads((FOLDER / REASONS).read_bytes())
    assert {row["exit"] for row in rows} == {2, 4, 5}
    assert len({row["reason"] for row in rows}) == len(rows)
    told = DOCUMENT.read_text(encoding="utf-8")
    table = [f"| `{row['reason']}` | {row['exit']} | {row['says']} |" for row in rows]
    assert [line for line in told.splitlines() if line in table] == table


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("whole", 0, ""),
        ("one-key-two-names", 2, "policy-unusable"),
        ("state-byte", 4, "altered"),
        ("cut-short", 5, "bundle-malformed"),
    ],
)
def test_the_command_line_ends_with_that_exit_and_tells_the_reason(
    name: str, code: int, reason: str, tmp_path: Path
) -> None:
    (case,) = (case for case in (*HONEST, *FORGERIES) if case.name == name)
    bundle, policy = tmp_path / "bundle.zip", tmp_path / "policy.txt"
    bundle.write_bytes(case.make())
    policy.write_text(POLICIES[case.policy])
    ran = run("evidence", "verify", bundle, "--policy", policy, "-f", "json", settings={})
    assert ran.code == code, ran.err
    assert not code or json.loads(ran.err)["reason"] == reason
