"""Formal agreements: business case, Council's approval, preparation and signature (rule N4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from domain.cities import Place
from domain.kernel import Answer, DecisionRef, Event, Finding, ProvisionRef, Refusal
from domain.procedure import RequestCommand, RequestId
from domain.rules import Ground, silent


class MakeBusinessCase(RequestCommand):
    """Enter the business case of a partnership, positive or not."""

    KIND: ClassVar[str] = "make-business-case"

    document: str = Field(min_length=1)
    positive: bool

    @property
    def item(self) -> str:
        """The request and the document."""
        return f"{self.request}/{self.document}"


class PrepareAgreement(RequestCommand):
    """Enter that the agreement was prepared."""

    KIND: ClassVar[str] = "prepare-agreement"

    description: str = Field(min_length=1)


class SignAgreement(RequestCommand):
    """Enter that the agreement was signed: the partnership exists from that day."""

    KIND: ClassVar[str] = "sign-agreement"


class RequestBusinessCaseMade(Event):
    """A business case was made for the partnership that was asked for."""

    TOPIC: ClassVar[str] = "request-business-case-made.v1"

    request: RequestId
    document: str
    positive: bool


class RequestAgreementApproved(Event):
    """The agreement was approved; it may now be prepared and signed."""

    TOPIC: ClassVar[str] = "request-agreement-approved.v1"

    request: RequestId
    body: str
    findings: tuple[Finding, ...]


class RequestAgreementPrepared(Event):
    """The agreement was prepared."""

    TOPIC: ClassVar[str] = "request-agreement-prepared.v2"

    request: RequestId
    description: str
    findings: tuple[Finding, ...]


class RequestAgreementSigned(Event):
    """The agreement was signed."""

    TOPIC: ClassVar[str] = "request-agreement-signed.v2"

    request: RequestId
    place: Place
    description: str
    findings: tuple[Finding, ...]


class AgreementOutOfOrder(Refusal):
    """An agreement follows a positive business case and Council's approval, in that order."""

    rule = "N4"

    def __init__(
        self, provision: ProvisionRef | None, request: str | None, act: str, missing: str
    ) -> None:
        super().__init__(provision=provision, request=request, act=act, missing=missing)


def case_made(
    positive: bool, request: str | None, act: str, ground: Ground
) -> Iterator[Finding | Refusal]:
    """Rule N4, first part: a positive business case."""
    asked = ground.words("agreement.requires")
    if asked is None:
        yield silent("N4", "says what an agreement requires")
    elif not positive:
        yield AgreementOutOfOrder(asked.provision, request, act, "positive business case")
    else:
        yield Finding(
            rule="N4",
            answer=Answer.MET,
            reason="a positive business case was made",
            provision=asked.provision,
        )


def approved(
    approval: DecisionRef | None, act: PrepareAgreement | SignAgreement, ground: Ground
) -> Iterator[Finding | Refusal]:
    """Rule N4, second part: an agreement that no provision governs still needs a decision."""
    if approval is None:
        asked = ground.words("agreement.requires")
        provision = asked.provision if asked else None
        yield AgreementOutOfOrder(provision, act.request, act.KIND, "Council's approval")
