"""Writing effects: each is judged with the whole timeline of its stream."""

from __future__ import annotations

from application.unit_of_work import UnitOfWork
from domain import policy, repeals
from domain.partnerships import agreement, moves, partnership
from domain.partnerships.agreement import AgreementEntered, AgreementSucceeded
from domain.places import Place
from domain.shared.dates import When
from domain.shared.history import fold
from domain.shared.log_facts import EntryWithdrawn
from domain.shared.messages import Event, Replacement, StreamId
from domain.timelines import timeline_of


def write_effect(work: UnitOfWork, stream: StreamId, event: Event) -> None:
    """Write an event, with its consequences for the other acts of its stream."""
    timeline = timeline_of(stream)
    if timeline is None:
        work.write(stream, event)
    else:
        work.write(stream, *timeline.settle(stream, work.read(stream), event).events)
    if stream == policy.STREAM:
        work.write(stream, *repeals.ended_with_it(work.read(stream)).events)


def write_formed(work: UnitOfWork, formed: partnership.PartnershipFormed) -> None:
    """Write that a partnership exists, with the moves since then that it would have shared."""
    write_effect(work, partnership.stream_of(formed.place.code), formed)
    write_missed_moves(work, formed)


def write_missed_moves(work: UnitOfWork, formed: partnership.PartnershipFormed) -> None:
    """Write the moves since a partnership exists that its stream does not have yet."""
    stream = partnership.stream_of(formed.place.code)
    done, own = work.read(moves.STREAM), work.read(stream)
    for move in moves.missed_moves(done, formed.place, own, formed.effective_from):
        write_effect(work, stream, move)


def form_by_agreement(work: UnitOfWork, name: str) -> None:
    """Form the partnerships that an agreement makes, from the day on which it is in force."""
    standing = work.read(agreement.stream_of(name)).standing()
    state = fold(agreement.evolve, agreement.Agreement(), standing)
    entered, since = state.entered, state.since
    if entered is None or since is None or not entered.text.partnership:
        return
    for place in entered.places:
        stream = partnership.stream_of(place.code)
        before = fold(
            partnership.evolve, partnership.Relationship(), work.read(stream).on(since.last)
        )
        if before.established is None:
            write_formed(work, _formed(entered, place, since))


def _formed(entered: AgreementEntered, place: Place, since: When) -> partnership.PartnershipFormed:
    return partnership.PartnershipFormed(
        place=place,
        established=since,
        description=entered.text.description,
        decided_on=entered.decided_on,
        effective_from=since,
        by_convention=False,
        authority=entered.authority,
        cites=entered.cites,
    )


def write_successions(work: UnitOfWork, name: str, *, corrected: bool = False) -> None:
    """Write that an agreement succeeds the one it renews, from the day on which it is in force.

    The same for those that renew it, where it was entered after them. A succession moves with that
    day, and is withdrawn with it. Acts that it leaves no ground for lapse; where a correction moves
    it, that is refused instead.
    """
    streams = work.streams(agreement.STREAMS)
    work.fetch(*streams)
    for stream in streams:
        own = name == stream.partition("/")[2]
        standing = work.read(stream).standing()
        state = fold(agreement.evolve, agreement.Agreement(), standing)
        renews = state.entered.text.renews if state.entered else None
        if state.entered and renews and (own or renews == name):
            renewed = agreement.stream_of(renews)
            _write_succession(work, renewed, state.entered, state.since, corrected=corrected)


def _write_succession(
    work: UnitOfWork,
    renewed: StreamId,
    by: AgreementEntered,
    since: When | None,
    *,
    corrected: bool,
) -> None:
    standing = work.read(renewed).standing()
    if not any(isinstance(entry.event, AgreementEntered) for entry in standing):
        return
    written = [
        entry
        for entry in standing
        if isinstance(entry.event, AgreementSucceeded) and entry.event.by == by.agreement
    ]
    was = written[-1] if written else None
    if (was.event.effective_from if was else None) == since:
        return
    replaces = None
    if was:
        reason = "The agreement that renews this one is in force from another day, or not at all."
        replaces = Replacement(version=was.version, reason=reason, authority=by.authority)
    if was and not (corrected and since):
        said = was.event.model_dump(exclude={"agreement", "by", "placed_on"})
        withdrawn = EntryWithdrawn.model_validate({**said, "replaces": replaces})
        write_effect(work, renewed, withdrawn)
        replaces = None
    if since:
        succeeded = AgreementSucceeded(
            agreement=renewed.partition("/")[2],
            by=by.agreement,
            decided_on=by.decided_on,
            effective_from=since,
            by_convention=False,
            authority=by.authority,
            cites=by.cites,
            replaces=replaces,
        )
        write_effect(work, renewed, succeeded)
