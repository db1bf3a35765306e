"""Handlers of source discrepancies: noted by a clerk or opened by a plan, settled by a decision."""

from __future__ import annotations

import re

from application.handlers.authority import require_decision
from application.unit_of_work import Handlers, UnitOfWork
from domain import discrepancies
from domain.discrepancies import Discrepancy, NoteDiscrepancy, SettleDiscrepancy, of_plan, stream_of
from domain.proceedings.decisions import stated_effect_day
from domain.programme import plan
from domain.programme.messages import PlanDiscrepancyOpened
from domain.shared.dates import When
from domain.shared.history import fold
from domain.shared.messages import dates_and_sources

_OF_PLAN = re.compile(r"plan-(\d{4})-.+")


def note_discrepancy(work: UnitOfWork, command: NoteDiscrepancy) -> None:
    """Enter a discrepancy."""
    basis = dates_and_sources(command.on, cites=command.cites)
    state = discrepancy_of(work, command.discrepancy)
    work.write(stream_of(command.discrepancy), *discrepancies.decide(state, command, basis).events)


def settle_discrepancy(work: UnitOfWork, command: SettleDiscrepancy) -> None:
    """Enter which decision settled a discrepancy; the decision is in the record (rule K2)."""
    decision = require_decision(work, command.KIND, command.authority)
    basis = dates_and_sources(
        decision.decided_on,
        effective_from=stated_effect_day(decision),
        authority=command.authority,
        cites=command.cites,
    )
    state = discrepancy_of(work, command.discrepancy)
    work.write(stream_of(command.discrepancy), *discrepancies.decide(state, command, basis).events)


def discrepancy_of(work: UnitOfWork, name: str) -> Discrepancy:
    """Return a discrepancy with all that stands of it."""
    since = _opened_by_plan(work, name)
    opened = Discrepancy(since=since, opened=since is not None)
    return fold(discrepancies.evolve, opened, work.read(stream_of(name)).standing())


def _opened_by_plan(work: UnitOfWork, name: str) -> When | None:
    of = _OF_PLAN.fullmatch(name)
    planned = work.read(plan.stream_of(int(of[1]))).standing() if of else ()
    opened = (e.event for e in planned if isinstance(e.event, PlanDiscrepancyOpened))
    return next(
        (e.effective_from for e in opened if of_plan(e.year, e.difference.limit) == name), None
    )


HANDLERS: Handlers = {
    NoteDiscrepancy: note_discrepancy,
    SettleDiscrepancy: settle_discrepancy,
}
