"""The import contracts hold, and each of them notices a planted violation."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Any, NamedTuple

import grimp
import pytest
from importlinter import configuration
from importlinter.application import use_cases
from importlinter.domain.contract import Contract, registry

configuration.configure()
OPTIONS = use_cases.read_user_options("pyproject.toml")
use_cases._register_contract_types(OPTIONS)
CONTRACTS: dict[str, dict[str, Any]] = {c["id"]: c for c in OPTIONS.contracts_options}
NEW = "planted"


class Plant(NamedTuple):
    """An import that a contract forbids; the importer may be a module that does not exist yet."""

    importer: str
    imported: str


PLANTED = {
    "layers": Plant(f"projections.{NEW}", "application.ports"),
    "no-circles": Plant("domain.shared.dates", "domain.shared.messages"),
    "domain-libraries": Plant("domain.shared.messages", "sqlalchemy"),
    "application-libraries": Plant(f"application.{NEW}", "kombu"),
    "pure": Plant(f"projections.{NEW}", "time"),
    "wiring": Plant("adapters.cli.main", "adapters.store.backup.backup"),
    "command-line": Plant(f"adapters.exports.{NEW}", "adapters.cli.common.date_options"),
}
"""Of the contracts that are not about floors; those get theirs from their own lists."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        "adapters", "application", "domain", "projections", include_external_packages=True
    )


def kept(contract: dict[str, Any], graph: grimp.ImportGraph) -> bool:
    checked: Contract = registry.get_contract_class(contract["type"])(
        name=contract["name"], session_options=OPTIONS.session_options, contract_options=contract
    )
    return checked.check(deepcopy(graph), verbose=False).kept


def planted(graph: grimp.ImportGraph, plant: Plant) -> grimp.ImportGraph:
    changed = deepcopy(graph)
    for module in plant:
        if module not in changed.modules:
            changed.add_module(module)
    changed.add_import(
        importer=plant.importer, imported=plant.imported, line_number=1, line_contents="planted"
    )
    return changed


def floors() -> Iterator[tuple[str, Plant]]:
    """For each two neighbouring floors of each package, the lower one imports the higher one."""
    for name, contract in CONTRACTS.items():
        if name.startswith("floors-"):
            (package,) = contract["containers"]
            tops = [f"{package}.{floor.split(' ')[0]}" for floor in contract["layers"]]
            for higher, lower in pairwise(tops):
                yield name, Plant(lower, higher)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_import_contract_holds(contract: str, graph: grimp.ImportGraph) -> None:
    assert kept(CONTRACTS[contract], graph)


def test_every_contract_has_a_planted_violation() -> None:
    assert set(PLANTED) | {name for name in CONTRACTS if name.startswith("floors-")} == set(
        CONTRACTS
    )


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_violation_breaks_its_contract(contract: str, graph: grimp.ImportGraph) -> None:
    assert not kept(CONTRACTS[contract], planted(graph, PLANTED[contract]))


@pytest.mark.parametrize(("contract", "plant"), list(floors()))
def test_a_lower_floor_may_not_import_a_higher_one(
    contract: str, plant: Plant, graph: grimp.ImportGraph
) -> None:
    assert not kept(CONTRACTS[contract], planted(graph, plant))


@pytest.mark.parametrize("contract", [name for name in CONTRACTS if name.startswith("floors-")])
def test_a_new_module_must_choose_its_floor(contract: str, graph: grimp.ImportGraph) -> None:
    (package,) = CONTRACTS[contract]["containers"]
    changed = deepcopy(graph)
    changed.add_module(f"{package}.{NEW}")
    assert not kept(CONTRACTS[contract], changed)


def test_every_package_has_its_floors(graph: grimp.ImportGraph) -> None:
    packages = {
        m
        for m in graph.modules
        if m.split(".")[0] in OPTIONS.session_options["root_packages"]
        and len(graph.find_children(m)) > 1
    }
    assert {f"floors-{package}" for package in packages} == {
        name for name in CONTRACTS if name.startswith("floors-")
    }
