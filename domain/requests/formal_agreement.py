"""Rules on the formal agreement of a request: business case, approval, order of steps (N4)."""

from __future__ import annotations

from collections.abc import Iterator

from domain.council.bodies import NoDecision
from domain.requests.messages import PrepareAgreement, SignAgreement
from domain.shared.findings import Answer, Finding, Ground, finding_of_silence
from domain.shared.messages import DecisionRef, ProvisionRef
from domain.shared.problems import Refusal


class AgreementOutOfOrder(Refusal):
    """An agreement must follow a positive business case and its approval, in that order."""

    rule = "N4"
    provision: ProvisionRef | None = None
    request: str | None
    act: str
    missing: str


def business_case_made(
    positive: bool, request: str | None, act: str, ground: Ground
) -> Iterator[Finding | Refusal]:
    """Apply rule N4, first part: a positive business case."""
    asked = ground.words("agreement.requires")
    if asked is None:
        yield finding_of_silence("N4", "says what an agreement requires")
    elif not positive:
        yield AgreementOutOfOrder(
            provision=asked.provision, request=request, act=act, missing="positive business case"
        )
    else:
        yield Finding(
            rule="N4",
            answer=Answer.MET,
            reason="a positive business case was made",
            provision=asked.provision,
        )


def agreement_approved(
    approval: DecisionRef | None, act: PrepareAgreement | SignAgreement, ground: Ground
) -> Iterator[Finding | Refusal]:
    """Apply rule N4, second part: an approval before an agreement is prepared and signed.

    Where no provision says so, nothing but the signature needs a decision behind it (rule A1).
    """
    asked = ground.words("agreement.requires")
    if approval is None and asked:
        yield AgreementOutOfOrder(
            provision=asked.provision, request=act.request, act=act.KIND, missing="approval"
        )
    elif asked is None:
        yield finding_of_silence("N4", "says what an agreement requires")
        if approval is None and isinstance(act, SignAgreement):
            raise NoDecision(act=act.KIND, authority=None)
