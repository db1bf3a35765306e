"""What becomes of every command."""

from __future__ import annotations

from application import corrections, discrepancies, proceedings, year
from application.handling import Handlers

HANDLERS: Handlers = {
    **proceedings.HANDLERS,
    **corrections.HANDLERS,
    **discrepancies.HANDLERS,
    **year.HANDLERS,
}
