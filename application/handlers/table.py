"""The handler of every command."""

from __future__ import annotations

from application.handlers import (
    corrections,
    discrepancies,
    missions,
    proceedings,
    programme,
    requests,
)
from application.unit_of_work import Handlers

HANDLERS: Handlers = {
    **proceedings.HANDLERS,
    **corrections.HANDLERS,
    **discrepancies.HANDLERS,
    **requests.HANDLERS,
    **missions.HANDLERS,
    **programme.HANDLERS,
}
