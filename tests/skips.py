"""A test that did not run is said loudly, and with ALLIANCE_TESTS_NO_SKIPS=1 it fails the session.

Loaded by ``-p tests.skips`` in pyproject.toml; skips of whole modules count as well.
"""

import os

import pytest

FORBIDDEN = "ALLIANCE_TESTS_NO_SKIPS"


class SkipWatch:
    """What was skipped in this session, and why."""

    def __init__(self) -> None:
        self.skipped: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # an expected failure is reported as skipped, but it did run
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.append((report.nodeid, _reason(report)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.skipped.append((report.nodeid, _reason(report)))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        passing = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self.skipped and _forbidden() and exitstatus in passing:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.skipped:
            return
        heading = f"{len(self.skipped)} SKIPPED: these did not run"
        if _forbidden():
            heading = f"{heading}, and {FORBIDDEN} makes that a failure"
        terminalreporter.section(heading, sep="!", red=True, bold=True)
        for nodeid, reason in self.skipped:
            terminalreporter.write_line(f"{nodeid}: {reason}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(SkipWatch(), "alliance-skips")


def _forbidden() -> bool:
    return os.environ.get(FORBIDDEN, "") not in ("", "0")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    where = report.longrepr
    return str(where[2]) if isinstance(where, tuple) else str(where)
