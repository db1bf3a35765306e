"""Handlers of the city's own bodies, and of the places that relationships are with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import cast

from application.handlers.authority import require_decision
from application.unit_of_work import Handlers, UnitOfWork
from domain import places
from domain.council import bodies, succession
from domain.council.bodies import CharterInForce, RecordCharter, UnknownAct, require_decided_by
from domain.council.succession import ChangeBodies, CharterEvent
from domain.instruments import ACTS
from domain.places import IdentifyPlaces, ReplacePlaces
from domain.proceedings.decisions import DecisionTaken
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding, Ruling
from domain.shared.messages import dates_and_sources


def record_charter(work: UnitOfWork, command: RecordCharter | ChangeBodies) -> None:
    """Enter the city and its bodies, or a change of them."""
    if isinstance(command, RecordCharter):
        _require_acts(command.charter.retroactive)
    authority = command.authority if isinstance(command, ChangeBodies) else None
    if authority:
        decision = require_decision(work, command.KIND, authority, adopting=True)
        require_decided_by(command.KIND, authority, decision.decided_on, command.on)
    basis = dates_and_sources(command.on, authority=authority, cites=command.cites)
    policy = work.policy(command.on.last)

    def decided(state: CharterInForce | None) -> Ruling:
        ruling = succession.decide(state, command, policy, basis)
        (event,) = ruling.events or (None,)
        if state is None or event is None:
            return ruling
        after = succession.evolve(state, cast("CharterEvent", event))
        ended = state.names().keys() - (after.names().keys() if after else ())
        findings = (*ruling.findings, *_after_their_end(work, ended, command.on))
        return Ruling((event.model_copy(update={"findings": findings}),), findings)

    history = work.read(bodies.STREAM)
    ruling = succession.TIMELINE.decide(bodies.STREAM, history, basis, decided)
    work.write(bodies.STREAM, *ruling.events)


def _require_acts(named: Iterable[str]) -> None:
    """Raise `UnknownAct` for a name that is not an act of a decision."""
    if unknown := tuple(act for act in named if act not in ACTS):
        raise UnknownAct(acts=unknown, known=tuple(sorted(ACTS)))


def _after_their_end(work: UnitOfWork, ended: Set[str], since: When) -> Iterator[Finding]:
    """Apply rule A1 to recorded decisions that bodies took after the day of their end."""
    streams = work.streams("matter") if ended else ()
    work.fetch(*streams)
    for stream in streams:
        for entry in work.read(stream).standing():
            taken = entry.event
            if not isinstance(taken, DecisionTaken) or taken.body not in ended:
                continue
            if taken.decided_on.first >= since.last:
                yield Finding(
                    rule="A1",
                    answer=Answer.NOT_MET,
                    reason=f"{taken.matter}/{taken.decision} of {taken.body} on "
                    f"{taken.decided_on} is after the end of that body",
                )


def identify_places(work: UnitOfWork, command: IdentifyPlaces | ReplacePlaces) -> None:
    """Enter places, or their end."""
    basis = dates_and_sources(command.on, cites=command.cites)
    ruling = places.TIMELINE.decide(
        places.STREAM,
        work.read(places.STREAM),
        basis,
        lambda known: places.decide(known, command, basis),
    )
    work.write(places.STREAM, *ruling.events)


HANDLERS: Handlers = {
    RecordCharter: record_charter,
    ChangeBodies: record_charter,
    IdentifyPlaces: identify_places,
    ReplacePlaces: identify_places,
}
