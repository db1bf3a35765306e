"""The decision behind an act: it is in the record, and the act is not before it (rule A1)."""

from __future__ import annotations

from typing import ClassVar, Protocol

from application.handlers.states import ground_on, matter_of
from application.unit_of_work import UnitOfWork
from domain.council.bodies import NoDecision, require_decided_by
from domain.proceedings import decisions
from domain.proceedings.decisions import DecisionTaken
from domain.shared.dates import When
from domain.shared.findings import Ground
from domain.shared.messages import Basis, Citation, DecisionRef, dates_and_sources


class Mandated(Protocol):
    """A command that may name the decision behind it."""

    KIND: ClassVar[str]

    @property
    def on(self) -> When: ...
    @property
    def cites(self) -> tuple[Citation, ...]: ...
    @property
    def authority(self) -> DecisionRef | None: ...


def mandate(work: UnitOfWork, command: Mandated) -> tuple[Basis, Ground]:
    """Return the basis of a command: the decision that it names, and the provisions it sets aside.

    Raises `NoDecision` where the decision named is not in the record, or adopted nothing, and
    `DecidedAfterwards` where the act is or may be before it.
    """
    aside: frozenset[str] = frozenset()
    if named := command.authority:
        decision = require_decision(work, command.KIND, named, adopting=True)
        require_decided_by(command.KIND, named, decision.decided_on, command.on)
        aside = frozenset(decision.notwithstanding)
    basis = dates_and_sources(command.on, authority=command.authority, cites=command.cites)
    return basis, ground_on(work, command.on, aside)


def require_decision(
    work: UnitOfWork,
    act: str,
    authority: DecisionRef | None,
    *,
    adopting: bool = False,
    refusal: type[NoDecision] = NoDecision,
) -> DecisionTaken:
    """Return the decision behind an act: in the record, and by this body (rule A1).

    With `adopting` it must adopt something. Raises `refusal` otherwise, and for an act that names
    no decision.
    """
    if authority is None:
        raise refusal(act=act, authority=None)
    found = matter_of(work, authority.matter).decisions.get(authority.decision)
    if found is None or decisions.reference_to_decision(found) != authority:
        raise refusal(act=act, authority=authority)
    if adopting and found.kind not in decisions.ACTING:
        raise refusal(act=act, authority=authority)
    return found
