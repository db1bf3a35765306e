"""Which rules the tests guard, and what happens to them when a rule is disabled.

    python -m tests.rules            # every rule of the domain: its tests fail without it
    python -m tests.rules B2 M2b     # some rules
    python -m pytest --rule B2       # the tests that name a rule
    python -m pytest --rule B2 --without-rule B2

A rule is disabled as the domain and the application are imported: wherever the code says no by that
rule (`raise` or `yield` of a `Refusal` whose `rule` it is), it goes on instead, and each `Finding`
of it answers "not applicable". Nothing in the register knows of this.
"""

from __future__ import annotations

import ast
import builtins
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("domain", "application")
ALLOWED = "__allowed_without_the_rule__"

RULES = (
    *(
        "A1",
        "A2",
        "A3",
        "A4",
        "A5",
        "A6",
        "C1",
        "C2",
        "C3",
        "C4",
        "C5",
        "C6",
        "C7",
        "C8",
        "C9",
        "W1",
        "W2",
    ),
    *("N1", "N2", "N3", "N4", "N5", "N6", "B1", "B2", "B3", "B4", "B5", "B6"),
    *("M1", "M2", "M2b", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10", "R1", "R2"),
    *("V1", "V2", "V3"),  # votes
    *("K1", "K2"),  # practice: corrections, discrepancies
)
"""Every rule id of the domain."""


class Without(ast.NodeTransformer):
    """The code without one rule: refusals are not raised, findings do not apply."""

    def __init__(self, rule: str) -> None:
        self.rule = rule

    def visit_Raise(self, node: ast.Raise) -> ast.stmt:
        self.generic_visit(node)
        if node.exc is None:
            return node
        name = ast.Name("__refusal__", ast.Load())
        return self._if_allowed(node.exc, ast.Raise(name, node.cause), node)

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        self.generic_visit(node)
        if not isinstance(node.value, ast.Yield) or node.value.value is None:
            return node
        name = ast.Name("__refusal__", ast.Load())
        return self._if_allowed(node.value.value, ast.Expr(ast.Yield(name)), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        rule = next((k.value for k in node.keywords if k.arg == "rule"), None)
        if isinstance(rule, ast.Constant) and rule.value == self.rule:
            for keyword in node.keywords:
                if keyword.arg == "answer":
                    keyword.value = ast.Attribute(
                        ast.Name("Answer", ast.Load()), "NOT_APPLICABLE", ast.Load()
                    )
        return node

    def _if_allowed(self, what: ast.expr, then: ast.stmt, at: ast.stmt) -> ast.stmt:
        asked = ast.NamedExpr(ast.Name("__refusal__", ast.Store()), what)
        allowed = ast.Call(ast.Name(ALLOWED, ast.Load()), [asked], [])
        return ast.copy_location(ast.If(allowed, [then], []), at)


class WithoutRule(SourceFileLoader):
    """Loads a module without one rule, always from source."""

    changes: Without

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        tree = self.changes.visit(ast.parse(self.get_data(path), path))
        return compile(ast.fix_missing_locations(tree), path, "exec")


class Finder(MetaPathFinder):
    """Finds the domain and the application without one rule."""

    def __init__(self, rule: str) -> None:
        self.changes = Without(rule)
        setattr(
            builtins,
            ALLOWED,
            lambda what: getattr(what, "rule", None) != rule or not isinstance(what, Exception),
        )

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in PACKAGES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.origin and isinstance(spec.loader, SourceFileLoader):
            loader = WithoutRule(fullname, spec.origin)
            loader.changes = self.changes
            spec.loader = loader
            spec.cached = None
        return spec


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("rules of the domain")
    group.addoption("--rule", action="append", help="run the tests that name this rule (or more)")
    group.addoption("--without-rule", help="disable this rule in domain and application")


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    rule = early_config.known_args_namespace.without_rule
    if rule:
        loaded = [m for m in sys.modules if m.partition(".")[0] in PACKAGES]
        if loaded:
            raise pytest.UsageError(f"a rule is disabled before anything is imported: {loaded}")
        sys.meta_path.insert(0, Finder(rule))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    rules = config.getoption("--rule")
    if not rules:
        return
    kept = [item for item in items if not _named(item).isdisjoint(rules)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _named(item: pytest.Item) -> set[str]:
    return {rule for mark in item.iter_markers("rule") for rule in mark.args}


def files_naming(rules: Sequence[str]) -> list[str]:
    """The test files in which any of these rules is named."""
    texts = {path: path.read_text() for path in (ROOT / "tests").rglob("test_*.py")}
    return sorted(
        str(path.relative_to(ROOT))
        for path, text in texts.items()
        if "mark.rule" in text and any(f'"{rule}"' in text for rule in rules)
    )


def _run(rules: Sequence[str], *more: str) -> tuple[int, str]:
    files = files_naming(rules)
    if not files:
        return pytest.ExitCode.NO_TESTS_COLLECTED, "no test names it"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--no-header",
        "--tb=no",
        "-p",
        "no:cacheprovider",
    ]
    named = [f"--rule={rule}" for rule in rules]
    result = subprocess.run(
        [*command, "-m", "not drill", *named, *more, *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    last = [line for line in result.stdout.splitlines() if " in " in line]
    return result.returncode, last[-1].strip("= ") if last else result.stdout[-200:]


def disabled(rule: str) -> tuple[str, bool, str]:
    """A rule, whether the tests that name it fail without it, and what their run said."""
    code, said = _run([rule], f"--without-rule={rule}")
    return rule, code == pytest.ExitCode.TESTS_FAILED, said


def main(rules: Sequence[str]) -> int:
    """Check every rule, or those named, and print a table."""
    unknown = [rule for rule in rules if rule not in RULES]
    if unknown:
        print(f"no such rule: {', '.join(unknown)}")
        return 2
    rules = rules or RULES
    begun = time.monotonic()
    guarded = 0
    with ThreadPoolExecutor(2) as pool:
        whole = pool.submit(_run, rules)
        for rule, good, said in pool.map(disabled, rules):
            guarded += good
            print(
                f"{rule:4} {'guarded' if good else 'NOT GUARDED':12} without it: {said}", flush=True
            )
        code, said = whole.result()
    print(f"with all rules: {said}")
    print(
        f"{guarded} of {len(rules)} rules are guarded: the tests that name them fail when the rule "
        f"is disabled ({time.monotonic() - begun:.0f} s)"
    )
    return 0 if code == pytest.ExitCode.OK and guarded == len(rules) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
