"""The import contracts hold, and each of them notices a planted violation."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("adapters", "application", "domain", "projections")

# contract id: the module that offends, the line that does it, a module that must then exist
PLANTED = {
    "layers": ("projections/planted.py", "import application", None),
    "contexts": ("domain/partnerships.py", "import domain.policy", "domain/policy.py"),
    "domain-libraries": ("domain/kernel.py", "import sqlalchemy", None),
    "application-libraries": ("application/planted.py", "import kombu", None),
    "pure": ("projections/planted.py", "import time", None),
    "wiring": ("adapters/cli/planted.py", "import adapters.store", None),
    "command-line": ("adapters/exports/planted.py", "import adapters.cli.moments", None),
}


def contracts() -> dict[str, str]:
    configuration: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {
        contract["id"]: contract["name"]
        for contract in configuration["tool"]["importlinter"]["contracts"]
    }


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copied_tree(tmp_path: Path) -> Path:
    leave_out = shutil.ignore_patterns("__pycache__")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=leave_out)
    shutil.copytree(ROOT / "tests/architecture", tmp_path / "tests/architecture", ignore=leave_out)
    shutil.copy(ROOT / "tests/__init__.py", tmp_path / "tests/__init__.py")
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


def test_every_import_contract_holds() -> None:
    result = lint_imports(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


def test_every_contract_has_a_planted_violation() -> None:
    assert set(PLANTED) == set(contracts())


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_violation_breaks_its_contract(copied_tree: Path, contract: str) -> None:
    offender, line, needed = PLANTED[contract]
    for path in (offender, needed):
        if path is not None:
            (copied_tree / path).touch()
    with (copied_tree / offender).open("a") as file:
        file.write(f"\n{line}\n")

    result = lint_imports(copied_tree)

    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{contracts()[contract]} BROKEN" in result.stdout
