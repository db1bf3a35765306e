"""Every read model that a register keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from projections.agreements import AGREEMENTS
from projections.basis_changed import RELIANCE
from projections.deadlines import DEADLINES
from projections.discrepancies import DISCREPANCIES
from projections.engine.read_model import ReadModel
from projections.explorations import EXPLORATIONS
from projections.matters import DECISION_RECORD
from projections.mentions import MENTIONS
from projections.missions import MISSIONS
from projections.partnerships import PARTNERSHIPS
from projections.plans import PLANS
from projections.policy import POLICY_TEXT, PROPOSALS
from projections.requests import REQUESTS

MODELS: Sequence[ReadModel[Any]] = (
    PARTNERSHIPS,
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
    AGREEMENTS,
)
