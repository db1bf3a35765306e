"""The trace of each commit, beside the log, so that its messages are published under it.

A trace is kept for a day. The log and the evidence know nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import structlog
from sqlalchemy import Column, Double, MetaData, String, Table, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from adapters.database.state_database import clock, open_database, reading
from adapters.telemetry import span
from application.ports import Log, Pending
from domain.shared.history import Recorded
from domain.shared.log_facts import CommandRecorded
from domain.shared.messages import Fact, StreamId
from domain.shared.problems import Problem

KEPT_SECONDS = 24 * 3600.0

_log = structlog.get_logger("traces")
_metadata = MetaData()
_trace = Table(
    "bus_trace",
    _metadata,
    Column("command", String, primary_key=True),
    Column("traceparent", String, nullable=False),
    Column("kept", Double, nullable=False, index=True),
)


class Traces:
    """The traces of commands that were recorded within a day."""

    def __init__(self, url: str) -> None:
        self._engine = open_database(url)

    def close(self) -> None:
        self._engine.dispose()

    def create(self) -> None:
        """Create the table; safe to repeat."""
        with self._engine.begin() as db:
            _metadata.create_all(db, checkfirst=True)

    def keep(self, commands: Sequence[str], traceparent: str) -> None:
        """Keep the trace of commands; one that cannot be kept is told, and hinders nobody."""
        if not commands:
            return
        try:
            with self._engine.begin() as db:
                now = clock(db)
                old = (_trace.c.kept < now - KEPT_SECONDS) | _trace.c.command.in_(commands)
                db.execute(delete(_trace).where(old))
                row = {"traceparent": traceparent, "kept": now}
                db.execute(insert(_trace), [{"command": each, **row} for each in commands])
        except (Problem, SQLAlchemyError) as problem:  # two servers may keep one at once
            _log.warning("a trace is not kept", problem=str(problem))

    def of(self, commands: Sequence[str]) -> Mapping[str, str]:
        """The traces of these commands, of those that have one."""
        if not commands:
            return {}
        try:
            with reading(self._engine) as db:
                asked = select(_trace.c.command, _trace.c.traceparent)
                rows = db.execute(asked.where(_trace.c.command.in_(commands))).all()
        except Problem as problem:
            _log.warning("traces are not known", problem=str(problem))
            return {}
        return {row.command: row.traceparent for row in rows}


class _TracedLog:
    """The log, whose commits are measured and whose traces are kept."""

    def __init__(self, log: Log, traces: Traces) -> None:
        self._log, self._traces = log, traces

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def append(
        self, facts: Sequence[Pending], expect: Mapping[StreamId, int]
    ) -> Sequence[Recorded[Fact]]:
        commands = {p.fact.command: None for p in facts if isinstance(p.fact, CommandRecorded)}
        with span("commit", facts=len(facts)) as traceparent:
            if traceparent:  # before the commit: the relay may publish it at once
                self._traces.keep(list(commands), traceparent)
            return self._log.append(facts, expect)


def traced(log: Log, traces: Traces) -> Log:
    """The same log with a span for each commit."""
    return cast("Log", _TracedLog(log, traces))
