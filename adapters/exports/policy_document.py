"""What the Akoma Ntoso file of a day says, read from the register."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import cast

from adapters.bootstrap import Register
from adapters.exports.akoma_ntoso import Happened, InForce, NothingInForce, PolicyDocument
from domain.authority import Charter, CharterRecorded
from domain.history import Recorded, standing
from domain.kernel import StreamId
from projections.decision_record import DECISION_RECORD
from projections.policy_text import POLICY_TEXT, Provision
from projections.timeline import Phase


def policy_document(
    register: Register, on: date, known: int | None, country: str
) -> PolicyDocument:
    """The policy that surely is in force on a day. Raises `NothingInForce`."""
    reader = register.reader(POLICY_TEXT)
    keys = [held.key for held in reader.every(on, known)]
    histories = {key: _surely(reader.history(key, known), on) for key in keys}
    order = sorted(
        ((p.last, p.place, p) for phases in histories.values() for p in phases),
        key=lambda item: item[:2],
    )
    if not any(phases and _in_force(phases[-1]) for phases in histories.values()):
        raise NothingInForce(on)
    first = _decision(order[0][2])
    events = [_happened(phase, first) for _, _, phase in order]
    charter = _charter(register, known)
    title = _title(register, first, known)
    return PolicyDocument(
        title=title,
        number=re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-"),
        country=country,
        locality=register.settings.register_id,
        author=charter.residual_authority,
        bodies=charter.names(),
        provisions=[
            InForce(cast("Provision", phases[-1].state), _happened(phases[-1], first))
            for _, phases in sorted(histories.items())
            if phases and _in_force(phases[-1])
        ],
        events=events,
    )


def _surely(phases: Iterable[Phase[Provision]], on: date) -> list[Phase[Provision]]:
    return [phase for phase in phases if phase.state and phase.last <= on]


def _in_force(phase: Phase[Provision]) -> bool:
    return phase.state is not None and phase.state.in_force


def _decision(phase: Phase[Provision]) -> str:
    return (phase.state.decision if phase.state else None) or "unknown"


def _happened(phase: Phase[Provision], first: str) -> Happened:
    decision = _decision(phase)
    return Happened(phase.last, "generation" if decision == first else "amendment", decision)


def _charter(register: Register, known: int | None) -> Charter:
    stream = StreamId("charter")
    entries = cast("list[Recorded[CharterRecorded]]", register.log.read(stream)[stream])
    then = [e for e in entries if known is None or e.position <= known]
    return standing(then)[-1].event.charter


def _title(register: Register, decision: str, known: int | None) -> str:
    matter = decision.partition("/")[0]
    answer = register.reader(DECISION_RECORD).answer(matter, date.max, known)
    item = answer.candidates[-1] if answer.candidates else None
    return item.title if item else "Policy"
