"""Personal values are destroyed: told by an event, then key and parts go; every proof stands.

The order lets a destruction that was cut short be finished by asking again: from the event on,
nothing missing is without a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Protocol

from application.ports import Log, Pending
from domain.shared.log_facts import MOST_PARTS, PersonalDataDestroyed, destruction_of
from domain.shared.messages import DecisionRef, StreamId
from domain.shared.problems import Invalid


class NothingKept(Invalid):
    """No personal value of this subject is kept; give the name as it was recorded, or a pseudonym.

    One that was destroyed is found by its pseudonym.
    """

    subject: str


class Parts(Log, Protocol):
    """A log whose personal parts can be destroyed."""

    def parts_of(self, subject: str) -> Sequence[str]:
        """The digests of a subject's parts."""
        ...

    def erase(self, digests: Sequence[str]) -> None:
        """Remove parts for good."""
        ...

    def digests(self) -> Iterator[str]:
        """The digests of all parts that the events have."""
        ...


class NotedDestruction(Protocol):
    """A part that was destroyed, as the keys' file has it."""

    @property
    def subject(self) -> str: ...
    @property
    def part(self) -> str: ...
    @property
    def told(self) -> str: ...


class Keys(Protocol):
    """Keys of subjects, and what was destroyed."""

    def destroy(self, subject: str, parts: Iterable[str], told: str) -> None:
        """Destroy a key, and note which parts went."""
        ...

    def destroyed(self) -> Sequence[NotedDestruction]:
        """All that was destroyed."""
        ...


def destroy(log: Parts, keys: Keys, subject: str, authority: DecisionRef, actor: str) -> int:
    """Destroy a subject's parts and key, and return how many parts of the subject are destroyed.

    Asked again, it finishes what was cut short. Raises `NothingKept`.
    """
    stream = destruction_of(subject)
    while True:
        facts = _told(log, stream)
        told = [part for fact in facts for part in fact.parts]
        fresh = sorted({*log.parts_of(subject)} - {*told})
        if fresh:  # also what was recorded meanwhile
            _tell(log, stream, len(facts), subject, fresh, authority, actor)
            continue
        if not facts:
            raise NothingKept(subject=subject)
        keys.destroy(subject, told, facts[-1].model_dump_json())
        if not {*log.parts_of(subject)} - {*told}:
            log.erase(told)
            return len(told)


def replay(log: Parts, keys: Keys) -> int:
    """Destroy again what a restored log or restored keys brought back; return how many parts.

    What the log was restored without is told in it again, by the same decision.
    """
    noted = sorted(keys.destroyed(), key=lambda each: each.subject)
    known = {each.part for each in noted}
    told, done = set[str](), 0
    for stream in log.streams("destroyed"):
        for fact in _told(log, stream):
            told.update(fact.parts)
            if not known.issuperset(fact.parts):
                keys.destroy(fact.subject, fact.parts, fact.model_dump_json())
            if left := {*log.parts_of(fact.subject)} & {*fact.parts}:
                log.erase(sorted(left))
                done += len(left)
    untold = known - told
    held = {part for part in log.digests() if part in untold} if untold else set[str]()
    for subject, parts in groupby(noted, key=lambda each: each.subject):
        lost = [each for each in parts if each.part in held]
        if not lost:
            continue
        fact = PersonalDataDestroyed.model_validate_json(lost[0].told)
        stream = destruction_of(subject)
        before = len(_told(log, stream))
        digests = sorted(each.part for each in lost)
        _tell(log, stream, before, subject, digests, fact.authority, fact.actor)
        log.erase(digests)
        done += len(digests)
    return done


def _tell(
    log: Log,
    stream: StreamId,
    version: int,
    subject: str,
    parts: Sequence[str],
    authority: DecisionRef,
    actor: str,
) -> None:
    facts = (
        PersonalDataDestroyed(subject=subject, parts=some, authority=authority, actor=actor)
        for some in _split(parts)
    )
    pending = [Pending(stream, n, fact) for n, fact in enumerate(facts, version + 1)]
    log.append(pending, {stream: version})


def _split(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(parts[at : at + MOST_PARTS]) for at in range(0, len(parts), MOST_PARTS))


def _told(log: Log, stream: StreamId) -> list[PersonalDataDestroyed]:
    events = (entry.event for entry in log.read(stream)[stream])
    return [event for event in events if isinstance(event, PersonalDataDestroyed)]
