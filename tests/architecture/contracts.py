"""Two contracts that import-linter lacks: an allow-list of libraries, and one of importers."""

import sys
from collections.abc import Iterable
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OnlyLibraries(Contract):
    """The named packages import nothing from outside but the standard library and what is allowed.

    A list of forbidden libraries forgets the next one that somebody installs; this one cannot.
    """

    type_name = "only_libraries"

    modules = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Collect the direct imports of libraries that are not on the list."""
        ours = set(cast("list[str]", self.session_options["root_packages"]))
        known = ours | set(sys.stdlib_module_names) | set(_strings(self.allowed))
        return _found(
            (importer, imported)
            for package in _strings(self.modules)
            for importer in _with_descendants(graph, package)
            for imported in graph.find_modules_directly_imported_by(importer)
            if imported.split(".", maxsplit=1)[0] not in known
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each importer and the library."""
        _render(check, "is not among its allowed libraries")


class OnlyImportedBy(Contract):
    """The named modules are imported directly by the named importers and by nothing else.

    Unlike import-linter's own ``protected``, a module that does not exist yet is no mistake.
    """

    type_name = "only_imported_by"

    modules = fields.ListField(subfield=fields.StringField())
    importers = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Collect the direct imports from outside the list."""
        return _found(
            (importer, imported)
            for module in _strings(self.modules)
            for imported in _with_descendants(graph, module)
            for importer in graph.find_modules_that_directly_import(imported)
            if not _is_within(importer, [module, *_strings(self.importers)])
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each importer and what it may not import."""
        _render(check, "may not be imported there")


def _strings(field: object) -> list[str]:
    return cast("list[str]", field)


def _with_descendants(graph: ImportGraph, module: str) -> set[str]:
    return {module, *graph.find_descendants(module)} if module in graph.modules else set()


def _is_within(module: str, packages: Iterable[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _found(imports: Iterable[tuple[str, str]]) -> ContractCheck:
    illegal = sorted(imports)
    return ContractCheck(kept=not illegal, metadata={"illegal": illegal})


def _render(check: ContractCheck, why: str) -> None:
    for importer, imported in cast("list[tuple[str, str]]", check.metadata["illegal"]):
        output.print_error(f"{importer} -> {imported}: {imported} {why}")
    output.new_line()
