"""`config check` tries everything at once: servers that stay silent are waited for together."""

from __future__ import annotations

import threading

import pytest

from tests.support.street import Street

CHECKS = ("_log", "_read_models", "_key", "_bus")


def test_everything_is_tried_at_the_same_time(
    toronto: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(len(CHECKS), timeout=20)

    def meet(_settings: object) -> str:
        together.wait()  # raises BrokenBarrierError unless all are here
        return "met"

    for name in CHECKS:
        monkeypatch.setattr(f"adapters.cli.maintain.config.{name}", meet)
    assert [row["says"] for row in toronto.rows("config", "check")] == ["met"] * len(CHECKS)
