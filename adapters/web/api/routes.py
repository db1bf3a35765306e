"""Every route of the API that asks; `adapters.web.commands` has those that record."""

from __future__ import annotations

from fastapi import APIRouter

from adapters.web.api import attachments, documents, lists, log, things

router = APIRouter()
_PARTS = (attachments, documents, lists, log, things)  # a list's `.csv` before things of any name
for _part in _PARTS:
    router.include_router(_part.router)
