"""A command is read for, decided and appended in one commit; sent again, it changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from application.in_camera import HIDDEN, hidden_name, hide_in_camera
from application.matter_numbers import by_number
from application.ports import Keys, Log, OutcomeUnknown, Stale
from application.unit_of_work import PROVISIONAL, Handlers, UnitOfWork
from domain.shared.history import Recorded
from domain.shared.log_facts import CommandRecorded, stream_of
from domain.shared.messages import Command, Event, Fact
from domain.shared.problems import Conflict, Invalid, Problem
from domain.shared.text import texts_within, unreadable

ATTEMPTS = 100

C = TypeVar("C", bound=Command)


class Contradicts(Conflict):
    """Something else is recorded under this name: see `alliance log --tree ITEM`, correct it."""

    item: str


class Moved(Conflict):
    """Something that the act rests on was recorded after the position at which it was checked.

    `moved` names each such entry with its position.
    """

    item: str
    seen: int
    moved: tuple[str, ...]


class OtherKey(Problem):
    """The command was recorded with another key, so it cannot be compared: restore that key.

    The setting ALLIANCE_KEYS_FILE names its file; `alliance config check` tries it.
    """

    item: str


class RaceLost(Conflict):
    """The streams that the decision rests on kept changing; nothing is stored."""

    item: str
    attempts: int


class NotText(Invalid):
    """A text contains a character that is not allowed, such as a control character."""

    character: str


@dataclass(frozen=True, slots=True)
class Envelope:
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
    """The result of a command; `repeated` says that it was recorded before."""

    id: str
    kind: str
    events: tuple[Recorded[Fact], ...]
    repeated: bool


@dataclass(frozen=True, slots=True)
class CommandBus:
    """Handles commands: decides them, and stores them as one commit."""

    log: Log
    keys: Keys
    handlers: Handlers

    def handle(self, *envelopes: Envelope, seen: int | None = None) -> tuple[Outcome, ...]:
        """Decide and store all commands as one commit, or none.

        A command recorded before, to the letter, gives its original outcome. `seen` is the
        position at which the asker looked. Raises `Refusal`, `Contradicts` for another command
        under a recorded name, `RaceLost`, and `Moved` where a stream that is read has grown since.
        """
        for _ in range(ATTEMPTS):
            work, outcomes = self._decided(envelopes, seen=seen)
            if not work.pending:
                return outcomes
            _require_unmoved(work, envelopes[0].id, seen)
            try:
                entries = self.log.append(work.pending, work.expect)
            except (Stale, OutcomeUnknown):
                continue  # read again: the commands' own streams say whether they are stored
            return _placed(outcomes, entries)
        raise RaceLost(item=envelopes[0].id, attempts=ATTEMPTS)

    def rehearse(
        self,
        *batches: Sequence[Envelope],
        on_progress: Callable[[int, int], object] | None = None,
    ) -> tuple[Outcome, ...]:
        """Return the outcomes as if these batches were handled one after the other; store nothing.

        `on_progress` is told how many of how many batches are decided, after each.
        """
        return self._decided(*batches, on_progress=on_progress)[1]

    def _decided(
        self,
        *batches: Sequence[Envelope],
        on_progress: Callable[[int, int], object] | None = None,
        seen: int | None = None,
    ) -> tuple[UnitOfWork, tuple[Outcome, ...]]:
        """Return the outcome of every command.

        A problem counts only if the state it was found on has not changed: another process may
        record the same command between two readings, and its effects are no reason to refuse a
        command sent again. Raises `RaceLost`, and `Moved` before any refusal that rests on
        something recorded since it was `seen`.
        """
        for _ in range(ATTEMPTS):
            work, outcomes = UnitOfWork(self.log), list[Outcome]()
            try:
                for number, batch in enumerate(batches, start=1):
                    outcomes += self._decide(work, batch)
                    if on_progress:
                        on_progress(number, len(batches))
            except Problem:
                if not work.moved():
                    _require_unmoved(work, batches[0][0].id, seen)
                    raise
            else:
                return work, tuple(outcomes)
        raise RaceLost(
            item=next(envelope.id for batch in batches for envelope in batch), attempts=ATTEMPTS
        )

    def _decide(self, work: UnitOfWork, envelopes: Sequence[Envelope]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        streams = {r.id: stream_of(r.id) for r in envelopes}
        hidden = {r.id: stream_of(hidden_name(r.id, self.keys)) for r in envelopes}
        work.fetch(*streams.values(), *hidden.values())
        every = (*streams.values(), *hidden.values())
        before = self._recorded(work.read(stream).entries for stream in every)
        for envelope in envelopes:
            _require_text(envelope)
            digest = self.keys.digest(_content(envelope.command))
            entries = (
                work.read(streams[envelope.id]).entries or work.read(hidden[envelope.id]).entries
            )
            if entries:
                self._require_same(envelope, digest, entries[0].event)
                events = before.get(entries[0].event.command, ())
                outcomes.append(Outcome(envelope.id, envelope.command.KIND, events, repeated=True))
                continue
            work.write(streams[envelope.id], self._opening(work, envelope, digest))
            mark = len(work.pending)
            try:
                command = by_number(work, envelope.command)
                self.handlers[type(command)](work, command)
                hide_in_camera(work, command, mark, self.keys)
            except Problem as problem:
                problem.of_item = envelope.place or envelope.id
                raise
            events = tuple(Recorded(p.fact, p.stream, p.version, 0, 0) for p in work.pending[mark:])
            outcomes.append(Outcome(envelope.id, envelope.command.KIND, events, repeated=False))
        return outcomes

    def _require_same(self, envelope: Envelope, digest: str, opening: CommandRecorded) -> None:
        """Raise `Contradicts` for another command under a recorded name, or `OtherKey`."""
        problem: Problem
        if opening.kind not in (envelope.command.KIND, HIDDEN):
            problem = Contradicts(item=envelope.id)
        elif opening.key != self.keys.name:
            problem = OtherKey(item=envelope.id)
        elif opening.digest != digest:
            problem = Contradicts(item=envelope.id)
        else:
            return
        problem.of_item = envelope.place or envelope.id
        raise problem

    def _opening(self, work: UnitOfWork, envelope: Envelope, digest: str) -> CommandRecorded:
        correlation = envelope.id
        if envelope.causation:
            cause = work.read(stream_of(envelope.causation)).entries
            correlation = cause[0].event.correlation if cause else envelope.causation
        return CommandRecorded(
            command=envelope.id,
            kind=envelope.command.KIND,
            actor=envelope.actor,
            digest=digest,
            key=self.keys.name,
            causation=envelope.causation,
            correlation=correlation,
        )

    def _recorded(
        self, streams: Iterable[Sequence[Recorded[CommandRecorded]]]
    ) -> Mapping[str, tuple[Recorded[Fact], ...]]:
        """Return the events of each command recorded before; each commit is read once."""
        commits: dict[int, list[int]] = {}
        for entries in streams:
            for opening in entries[:1]:
                if opening.position < PROVISIONAL:
                    commits.setdefault(opening.recorded_at, []).append(opening.position)
        events: dict[str, tuple[Recorded[Fact], ...]] = {}
        for recorded_at, positions in commits.items():
            command = ""
            for entry in self.log.after(min(positions) - 1, 4 * len(positions)).entries:
                if entry.recorded_at != recorded_at:
                    break
                if isinstance(entry.event, CommandRecorded):
                    command = entry.event.command
                    events[command] = ()
                else:
                    events[command] += (entry,)
        return events


def _require_unmoved(work: UnitOfWork, item: str, seen: int | None) -> None:
    """Raise `Moved` if anything that was read was recorded after the position that was seen."""
    if seen is not None and (later := work.read_after(seen)):
        names = tuple(f"{e.stream} at position {e.position}" for e in later)
        raise Moved(item=item, seen=seen, moved=names)


def _require_text(envelope: Envelope) -> None:
    content = envelope.command.model_dump(mode="python", context={"reveal": True})
    for text in (envelope.id, envelope.actor, *texts_within(content)):
        if character := unreadable(text):
            problem = NotText(character=character)
            problem.of_item = envelope.place or envelope.id
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
    """Return the domain events of an outcome."""
    return tuple(e.event for e in outcome.events if isinstance(e.event, Event))
