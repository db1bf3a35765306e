"""A command is read for, decided and appended in one guarded commit; a repeat changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from application.ports import Keys, Log, OutcomeUnknown, Pending, Stale
from domain import authority, cities, policy
from domain.authority import Charter, CharterRecorded
from domain.cities import Gazetteer
from domain.facts import PolicyInForce
from domain.history import History, Recorded, fold
from domain.kernel import (
    Command,
    CommandRecorded,
    Conflict,
    Event,
    Fact,
    Invalid,
    Problem,
    StreamId,
)
from domain.text import texts, unreadable

ATTEMPTS = 100
LONGEST_NAME = 500
"""Characters in the name of a stream; an index of PostgreSQL takes 2,700 bytes."""
_PROVISIONAL = 1 << 62

C = TypeVar("C", bound=Command)


class Contradicts(Conflict):
    """Something else is recorded so named: see `alliance log --tree ITEM`, and correct it."""

    def __init__(self, item: str) -> None:
        super().__init__(item=item)


class RaceLost(Conflict):
    """What the decision rests on kept changing; nothing is stored."""

    def __init__(self, item: str, attempts: int) -> None:
        super().__init__(item=item, attempts=attempts)


class NotText(Invalid):
    """A text has a character that is none, such as a control character."""

    def __init__(self, character: str) -> None:
        super().__init__(character=character)


class NameTooLong(Invalid):
    """A name is longer than a log keeps."""

    def __init__(self, name: str, most: int) -> None:
        super().__init__(begins=name[:60], characters=len(name), most=most)


@dataclass(frozen=True, slots=True)
class Request:
    """A command as it is asked: its name, who asks, and the command that led to it, if any.

    `place` is where it was written, such as a line of a file: a problem names that, since several
    files may ask for the same.
    """

    id: str
    command: Command
    actor: str
    causation: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request came to; `repeated` says that it was recorded before."""

    id: str
    kind: str
    events: tuple[Recorded[Fact], ...]
    repeated: bool


@dataclass(slots=True)
class Work:
    """One commit in the making: reads the log through what is already decided in it.

    `known` is the position up to which it reads, for a question about what was known then.
    """

    log: Log
    known: int | None = None
    seen: dict[StreamId, list[Recorded[Fact]]] = field(default_factory=dict)
    expect: dict[StreamId, int] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)

    def fetch(self, *streams: StreamId) -> None:
        """Read several streams in one go; what is read is guarded until the commit."""
        missing = tuple(s for s in streams if s not in self.seen)
        for stream in missing:
            if len(stream) > LONGEST_NAME:
                raise NameTooLong(stream, LONGEST_NAME)
        if missing:
            for stream, entries in self.log.read(*missing).items():
                known = (e for e in entries if self.known is None or e.position <= self.known)
                self.seen[stream] = list(known)
                self.expect[stream] = len(entries)

    def read(self, stream: StreamId) -> History[Any]:
        """A stream, with what this commit adds to it."""
        self.fetch(stream)
        entries: tuple[Recorded[Any], ...] = tuple(self.seen[stream])
        return History(entries, len(entries))

    def streams(self, kind: str) -> tuple[StreamId, ...]:
        """All streams of a kind, with what this commit adds; one that begins later is no race."""
        here = (s for s, entries in self.seen.items() if entries and s.startswith(f"{kind}/"))
        return tuple(sorted({*self.log.streams(kind), *here}))

    def write(self, stream: StreamId, *facts: Fact, at: int | None = None) -> None:
        """Add facts to a stream; `at` puts them before what was written since that mark."""
        self.fetch(stream)
        entries = self.seen[stream]
        mark = len(self.pending) if at is None else at
        for number, fact in enumerate(facts):
            version = len(entries) + 1
            position = _PROVISIONAL + 2 * (mark + number) - (at is not None)
            entries.append(Recorded(fact, stream, version, position, _PROVISIONAL))
            self.pending.insert(mark + number, Pending(stream, version, fact))

    def moved(self) -> bool:
        """Whether a stream that was read has grown since."""
        if not self.expect:
            return False
        now = self.log.read(*self.expect)
        return any(len(now[stream]) != version for stream, version in self.expect.items())

    def mark(self) -> int:
        """Where the next fact will be written."""
        return len(self.pending)

    def policy(self, day: date) -> PolicyInForce:
        """The policy surely in force on a day."""
        return policy.in_force(self.read(policy.STREAM), day)

    def charter(self, day: date) -> Charter | None:
        """The charter surely in force on a day; before the first one, that one.

        The first is dated by whoever set the register up, and the bodies were there before it.
        """
        history = self.read(authority.STREAM)
        standing = history.on(day) or history.standing()[:1]
        last: CharterRecorded | None = standing[-1].event if standing else None
        return last.charter if last else None

    def places(self) -> Gazetteer:
        """Every place known."""
        return fold(cities.evolve, Gazetteer(), self.read(cities.STREAM).standing())

    def require_body(self, body: str, day: date) -> Charter:
        """The charter in force on a day, where it has the body (rule A1)."""
        return authority.require_body(self.charter(day), body)


Handlers = Mapping[type[Command], Callable[[Work, Any], None]]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where commands are handed in."""

    log: Log
    keys: Keys
    handlers: Handlers

    def handle(self, *requests: Request) -> tuple[Outcome, ...]:
        """Decide and store all requests as one commit, or none.

        A request recorded before, to the letter, gives its original outcome. Raises `Refusal`,
        `Contradicts` for another command under a recorded name, and `RaceLost`.
        """
        for _ in range(ATTEMPTS):
            work, outcomes = self._decided(requests)
            if not work.pending:
                return outcomes
            try:
                entries = self.log.append(work.pending, work.expect)
            except (Stale, OutcomeUnknown):
                continue  # read again: the commands' own streams say whether they are stored
            return _placed(outcomes, entries)
        raise RaceLost(requests[0].id, ATTEMPTS)

    def rehearse(
        self,
        *batches: Sequence[Request],
        on_progress: Callable[[int, int], object] | None = None,
    ) -> tuple[Outcome, ...]:
        """What handling these batches one after the other would come to; stores nothing.

        `on_progress` is told how many of how many batches are decided, after each.
        """
        return self._decided(*batches, on_progress=on_progress)[1]

    def _decided(
        self,
        *batches: Sequence[Request],
        on_progress: Callable[[int, int], object] | None = None,
    ) -> tuple[Work, tuple[Outcome, ...]]:
        """What every request comes to. A problem on a state that has moved on is none yet.

        Another process may record the same between two readings: its effects are then no grounds
        to refuse what is a repeat. Raises `RaceLost`.
        """
        for _ in range(ATTEMPTS):
            work, outcomes = Work(self.log), list[Outcome]()
            try:
                for number, batch in enumerate(batches, start=1):
                    outcomes += self._decide(work, batch)
                    if on_progress:
                        on_progress(number, len(batches))
            except Problem:
                if not work.moved():
                    raise
            else:
                return work, tuple(outcomes)
        raise RaceLost(next(request.id for batch in batches for request in batch), ATTEMPTS)

    def _decide(self, work: Work, requests: Sequence[Request]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        streams = {r.id: StreamId(f"command/{r.id}") for r in requests}
        work.fetch(*streams.values())
        for request in requests:
            _require_text(request)
            digest = self.keys.digest(_content(request.command))
            entries = work.read(streams[request.id]).entries
            if entries:
                outcomes.append(self._repeated(request, digest, entries[0]))
                continue
            work.write(streams[request.id], self._opening(work, request, digest))
            mark = work.mark()
            try:
                self.handlers[type(request.command)](work, request.command)
            except Problem as problem:
                problem.item = request.place or request.id
                raise
            events = tuple(Recorded(p.fact, p.stream, p.version, 0, 0) for p in work.pending[mark:])
            outcomes.append(Outcome(request.id, request.command.KIND, events, repeated=False))
        return outcomes

    def _opening(self, work: Work, request: Request, digest: str) -> CommandRecorded:
        correlation = request.id
        if request.causation:
            cause = work.read(StreamId(f"command/{request.causation}")).entries
            correlation = cause[0].event.correlation if cause else request.causation
        return CommandRecorded(
            command=request.id,
            kind=request.command.KIND,
            actor=request.actor,
            digest=digest,
            causation=request.causation,
            correlation=correlation,
        )

    def _repeated(
        self, request: Request, digest: str, opening: Recorded[CommandRecorded]
    ) -> Outcome:
        if opening.event.digest != digest or opening.event.kind != request.command.KIND:
            problem = Contradicts(request.id)
            problem.item = request.place or request.id
            raise problem
        events: list[Recorded[Fact]] = []
        if opening.position < _PROVISIONAL:
            for entry in self.log.after(opening.position, 1).entries:
                same = entry.recorded_at == opening.recorded_at
                if not same or isinstance(entry.event, CommandRecorded):
                    break
                events.append(entry)
        return Outcome(request.id, request.command.KIND, tuple(events), repeated=True)


def _require_text(request: Request) -> None:
    content = request.command.model_dump(mode="python", context={"reveal": True})
    for text in (request.id, request.actor, *texts(content)):
        if character := unreadable(text):
            problem = NotText(character)
            problem.item = request.place or request.id
            raise problem


def _content(command: Command) -> bytes:
    # Without nulls: a field that a command gains later defaults to null, and old repeats stay so.
    shown = command.model_dump_json(exclude_none=True, context={"reveal": True})
    return f"{command.KIND}\n{shown}".encode()


def _placed(outcomes: Sequence[Outcome], entries: Sequence[Recorded[Fact]]) -> tuple[Outcome, ...]:
    rest = iter(entries)
    placed: list[Outcome] = []
    for outcome in outcomes:
        if outcome.repeated:
            placed.append(outcome)
            continue
        next(rest)
        events = tuple(next(rest) for _ in outcome.events)
        placed.append(replace(outcome, events=events))
    return tuple(placed)


def events_of(outcome: Outcome) -> tuple[Event, ...]:
    """The domain events of an outcome."""
    return tuple(e.event for e in outcome.events if isinstance(e.event, Event))
