"""Every read model that a register keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from projections.deadlines import DEADLINES
from projections.decision_record import DECISION_RECORD
from projections.discrepancies import DISCREPANCIES
from projections.explorations import EXPLORATIONS
from projections.mentions import MENTIONS
from projections.missions import MISSIONS
from projections.plans import PLANS
from projections.policy_text import POLICY_TEXT, PROPOSALS
from projections.register import REGISTER
from projections.reliance import RELIANCE
from projections.requests import REQUESTS
from projections.timeline import ReadModel

MODELS: Sequence[ReadModel[Any]] = (
    REGISTER,
    POLICY_TEXT,
    PROPOSALS,
    DECISION_RECORD,
    EXPLORATIONS,
    DISCREPANCIES,
    DEADLINES,
    RELIANCE,
    MENTIONS,
    MISSIONS,
    PLANS,
    REQUESTS,
)
