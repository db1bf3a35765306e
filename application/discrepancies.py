"""Handlers of source discrepancies: noted by a clerk or opened by a plan, settled by a decision."""

from __future__ import annotations

import re

from application.corrections import require_decision
from application.handling import Handlers, Work
from application.proceedings import dated
from application.programme import plan_stream
from domain import discrepancies
from domain.dates import When
from domain.discrepancies import Discrepancy, NoteDiscrepancy, SettleDiscrepancy, of_plan, stream_of
from domain.history import fold
from domain.planning import PlanDiscrepancyOpened

_OF_PLAN = re.compile(r"plan-(\d{4})-.+")


def note_discrepancy(work: Work, command: NoteDiscrepancy) -> None:
    """Enter a discrepancy."""
    basis = dated(command.on, cites=command.cites)
    state = discrepancy_of(work, command.discrepancy)
    work.write(stream_of(command.discrepancy), *discrepancies.note(state, command, basis))


def settle_discrepancy(work: Work, command: SettleDiscrepancy) -> None:
    """Enter which decision settled a discrepancy; the decision is in the record (rule K2)."""
    decision = require_decision(work, command.KIND, command.authority)
    basis = dated(
        decision.decided_on,
        effective_from=None if decision.by_convention else decision.effective_from,
        authority=command.authority,
        cites=command.cites,
    )
    state = discrepancy_of(work, command.discrepancy)
    work.write(stream_of(command.discrepancy), discrepancies.settle(state, command, basis))


def discrepancy_of(work: Work, name: str) -> Discrepancy:
    """A discrepancy with all that stands of it."""
    since = _opened_by_plan(work, name)
    opened = Discrepancy(since=since, opened=since is not None)
    return fold(discrepancies.evolve, opened, work.read(stream_of(name)).standing())


def _opened_by_plan(work: Work, name: str) -> When | None:
    of = _OF_PLAN.fullmatch(name)
    plan = work.read(plan_stream(int(of[1]))).standing() if of else ()
    opened = (e.event for e in plan if isinstance(e.event, PlanDiscrepancyOpened))
    return next(
        (e.effective_from for e in opened if of_plan(e.year, e.difference.limit) == name), None
    )


HANDLERS: Handlers = {
    NoteDiscrepancy: note_discrepancy,
    SettleDiscrepancy: settle_discrepancy,
}
