"""Entries of the log: all of it, filtered; one of them whole; the story that a stream tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, ClassVar, NamedTuple

from pydantic import JsonValue

from adapters import clock
from adapters.bootstrap import Register
from adapters.queries.moment import Moment, NothingRecorded, as_known, commit, whole
from adapters.queries.named.bodies import body_of
from adapters.queries.named.hints import telling_kinds
from adapters.queries.named.matters import matter_of
from adapters.queries.named.names import (
    About,
    SeveralOfThisName,
    key_found,
    keys_meant,
    names_like,
)
from adapters.queries.named.places import Names, gazetteer
from adapters.queries.rows import DatedRow, Row
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.history import Recorded, standing_entries
from domain.shared.log_facts import CommandRecorded, stream_of
from domain.shared.messages import Citation, DecisionRef, Event, Fact, Replacement, StreamId
from domain.shared.problems import Invalid
from domain.shared.text import folded, texts_within
from projections.engine.read_model import LAST_DAY
from projections.explanation.causes import Branch, Causes, commands_among, tree_of_causes
from projections.matters import DECISION_RECORD


class NoSuchEntry(Invalid):
    """The log has no such position or command."""

    asked: str
    until: int | None = None
    reason: str = ""


class LogRow(Row):
    """One entry as it is stored, under `fact`, with the command that it is the outcome of."""

    position: int
    recorded_at: str
    stream: str
    version: int
    topic: str
    command: str | None
    actor: str | None
    fact: dict[str, JsonValue]


class LogEntry(NamedTuple):
    """An entry of the log, and the command that it is the outcome of."""

    entry: Recorded[Fact]
    opening: CommandRecorded | None

    def row(self) -> LogRow:
        """Return the entry as a row."""
        entry, opening = self
        return LogRow(
            position=entry.position,
            recorded_at=clock.recorded_time_shown(entry.recorded_at),
            stream=entry.stream,
            version=entry.version,
            topic=entry.event.TOPIC,
            command=opening.command if opening else None,
            actor=opening.actor if opening else None,
            fact=entry.event.model_dump(mode="json"),
        )


class LogFilter(NamedTuple):
    """Filters of entries; `None` and `()` leave all.

    `stream` is a stream, a prefix of one or a pattern with `*`; `kinds` are stored names with or
    without a version, or kinds of commands; `body` is an id; `grep` is found in any text of the
    entry, without case, accents and punctuation. `about` is a thing that the entry speaks of by a
    name; `matter` the id of one that it is on, or that its authority is of; `year` one in which it
    was decided or takes hold.
    """

    stream: str | None = None
    kinds: tuple[str, ...] = ()
    body: str | None = None
    actor: str | None = None
    on: date | None = None
    grep: str | None = None
    about: About | None = None
    matter: str | None = None
    year: int | None = None

    def keeps(self, logged: LogEntry) -> bool:
        """True where the filter keeps an entry."""
        entry, opening = logged
        fact = entry.event
        return (
            (self.stream is None or _under(entry.stream, self.stream))
            and (not self.kinds or not {fact.TOPIC, *_kinds(fact)}.isdisjoint(self.kinds))
            and (self.body is None or self.body in _bodies(fact))
            and (self.actor is None or _recorded_by(opening, self.actor))
            and (self.on is None or _takes_hold(fact, self.on))
            and (self.grep is None or folded(self.grep) in _words(entry))
            and (self.matter is None or self.matter in _matters(entry))
            and (self.year is None or _in_year(fact, self.year))
            and (self.about is None or self.about.is_in(*_texts(entry)))
        )


@telling_kinds
def log_filter(register: Register, **asked: Any) -> LogFilter:
    """Return the filter of a question: a stream, body, matter or other thing by any of its names.

    What is empty is left out. Raises `NothingRecorded` for names that nobody knows, with those
    like them.
    """
    from adapters.queries.named.kinds import about  # noqa: PLC0415  (reads every list)

    latest = Moment(LAST_DAY, None)
    named: dict[str, Callable[[Register, str, Moment], object]] = {
        "stream": stream_named,
        "body": body_of,
        "matter": matter_of,
        "about": about,
    }
    given = {name: value for name, value in asked.items() if value not in (None, "", ())}
    require_kinds(given.get("kinds", ()))
    read: dict[str, Any] = {
        name: named[name](register, value, latest) if name in named else value
        for name, value in given.items()
    }
    return LogFilter(**read)


class WholeEntry(NamedTuple):
    """One entry with what it corrects, and the entry that corrected it."""

    logged: LogEntry
    corrects: Recorded[Event] | None
    corrected_by: Recorded[Event] | None


def log_entries(
    register: Register, after: int, until: int | None = None, wanted: LogFilter | None = None
) -> Iterator[LogEntry]:
    """Yield entries after a position up to another, inside a commit or not, each with its command.

    Of those `wanted`, stream and kind are chosen by the database.
    """
    if wanted and (wanted.stream or wanted.kinds):
        end = register.log.head() if until is None else until
        yield from filter(wanted.keeps, _chosen(register, after, end, wanted))
        return
    yield from filter(wanted.keeps if wanted else None, _every(register, after, until))


def _chosen(register: Register, after: int, until: int, wanted: LogFilter) -> Iterator[LogEntry]:
    """Yield entries that may be wanted. The command of each is the last one before it."""
    from domain.catalogue import catalogue  # noqa: PLC0415  (every context)

    kinds = {kind.partition(".v")[0] for kind in wanted.kinds}
    if kinds - {topic.partition(".v")[0] for topic in catalogue}:
        kinds.add(_COMMAND)  # what is no kind of event is one of a command
    prefix = _WILD.split(wanted.stream.rstrip("/"), maxsplit=1)[0] if wanted.stream else ""
    for entry in register.log.like(after, until, prefix, sorted(kinds)):
        fact = entry.event
        if not isinstance(fact, CommandRecorded):
            opening = register.log.last_of(CommandRecorded, entry.position)
            fact = opening.event if opening else fact
        yield LogEntry(entry, fact if isinstance(fact, CommandRecorded) else None)


_COMMAND = CommandRecorded.TOPIC.partition(".v")[0]
_WILD = re.compile(r"[*?\[]")


def _every(register: Register, after: int, until: int | None) -> Iterator[LogEntry]:
    opening: CommandRecorded | None = None
    for entry in register.log.entries(whole(register, after)):
        if until is not None and entry.position > until:
            return
        if isinstance(entry.event, CommandRecorded):
            opening = entry.event
        if entry.position > after:
            yield LogEntry(entry, opening)


def entry_of(register: Register, asked: str) -> Recorded[Fact]:
    """Return the entry at a position, or the command of a name. Raises `NoSuchEntry`."""
    if not (asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_POSITION):
        stream = stream_of(asked)
        found = next(iter(register.log.read(stream)[stream]), None)
    else:
        found = next(register.log.entries(whole(register, int(asked) - 1)), None)
        while found and found.position < int(asked):
            found = next(register.log.entries(found.position), None)
        found = found if found and found.position == int(asked) else None
    if found is None:
        raise NoSuchEntry(asked=asked)
    return found


def whole_entry(register: Register, asked: str) -> WholeEntry:
    """Return an entry by position, or a command by name. Raises `NoSuchEntry`."""
    entry = entry_of(register, asked)
    opening = entry.event if isinstance(entry.event, CommandRecorded) else None
    if opening is None:
        within = Causes(commands_among(commit(register, entry.recorded_at))).command(entry)
        opening = within.event if within else None
    stream: list[Recorded[Event]] = []
    if isinstance(entry.event, Event):
        stream = list(as_known(register, (entry.stream,), Moment(date.max, None))[entry.stream])
    replaced = {e.event.replaces.version: e for e in stream if e.event.replaces}
    own = entry.event.replaces if isinstance(entry.event, Event) else None
    corrects = next((e for e in stream if own and e.version == own.version), None)
    corrected_by = replaced.get(entry.version)
    return WholeEntry(LogEntry(entry, opening), corrects, corrected_by)


def causes_of(register: Register, asked: str, until: int | None = None) -> list[Branch]:
    """Return the chain of commands that an entry belongs to, each with its events, as a tree.

    A command names the one that led to it, and nothing names those that it leads to: the log is
    read from the chain's first command to its end, or through `until`. Raises `NoSuchEntry`.
    """
    entry = entry_of(register, asked)
    if until is not None and entry.position > until:
        raise NoSuchEntry(asked=asked, until=until)
    opening = entry.event
    if not isinstance(opening, CommandRecorded):
        within = Causes(commands_among(commit(register, entry.recorded_at))).command(entry)
        if within is None:
            raise NoSuchEntry(asked=asked, reason="no command led to it")
        opening = within.event
    root = _command(register, opening.correlation) or _command(register, opening.command)
    first = root.position - 1 if root else 0
    return tree_of_causes(register.log.entries(first, until), opening.correlation)


def _command(register: Register, name: str) -> Recorded[Fact] | None:
    stream = stream_of(name)
    return next(iter(register.log.read(stream)[stream]), None)


def stream_named(register: Register, text: str, at: Moment) -> str:
    """Return the stream that is meant, by its own name or one such as `partnership/kiev`.

    A pattern, a kind of stream and an unknown name are returned as they are.
    """
    kind, slash, name = text.partition("/")
    if not slash or not name or "*" in name:
        return text
    names: dict[str, tuple[str, ...]] = {
        stream.partition("/")[2]: () for stream in register.log.streams(kind)
    }
    if kind == "partnership":
        places = gazetteer(register, at).places
        names = {c: (places[c].name, *places[c].other_names) for c in names if c in places}
    try:
        if kind == "matter":
            return f"matter/{matter_of(register, name, at)}"
        return f"{kind}/{key_found('item', name, names)}"
    except (NothingRecorded, SeveralOfThisName):
        return text


def stream_recorded(register: Register, text: str, at: Moment) -> str:
    """Return the stream that is meant, as `stream_named` does, if something is recorded in it.

    Raises `NothingRecorded`, with streams like it.
    """
    stream = StreamId(stream_named(register, text, at))
    if not register.log.read(stream)[stream]:
        kind = stream.partition("/")[0]
        near = names_like(stream, {each: (each,) for each in register.log.streams(kind)})
        raise NothingRecorded(stream=text, near=near)
    return stream


def require_actor(register: Register, actor: str) -> None:
    """Raise `NothingRecorded` for a person who has recorded nothing, with names like theirs.

    Reads the whole log: for a question that found nothing.
    """
    every = (entry.event for entry in register.log.entries(0))
    keys_meant(
        "actor", actor, {fact.actor: () for fact in every if isinstance(fact, CommandRecorded)}
    )


def deciding_body_of(register: Register, decision: str) -> str:
    """Return the body that took a decision, given as `matter/decision`; `unknown` without one."""
    answer = register.reader(DECISION_RECORD).answer(decision, date.max)
    return next((item.body for item in answer.candidates if item and item.body), "unknown")


def require_kinds(kinds: Iterable[str]) -> None:
    """Raise `NothingRecorded` for an unknown kind of event or command, with those like it."""
    from domain.catalogue import catalogue, commands  # noqa: PLC0415  (every context)

    known = {name: () for topic in catalogue for name in (topic, topic.rpartition(".")[0])}
    for kind in kinds:
        key_found("kind", kind, known | dict.fromkeys(commands, ()))


LONGEST_POSITION = 18


def _under(stream: str, asked: str) -> bool:
    return fnmatchcase(stream, asked) or stream.startswith(asked.rstrip("/") + "/")


def _recorded_by(opening: CommandRecorded | None, actor: str) -> bool:
    return opening is not None and folded(opening.actor) == folded(actor)


def _kinds(fact: Fact) -> Iterable[str]:
    yield fact.TOPIC.rpartition(".")[0]
    if isinstance(fact, CommandRecorded):
        yield fact.kind


def _bodies(fact: Fact) -> Iterable[str | None]:
    authority = fact.authority if isinstance(fact, Event) else None
    return (getattr(fact, "body", None), authority.body if authority else None)


def _takes_hold(fact: Fact, on: date) -> bool:
    return isinstance(fact, Event) and fact.effective_from.first <= on <= fact.effective_from.last


def _matters(entry: Recorded[Fact]) -> Iterable[str | None]:
    authority = entry.event.authority if isinstance(entry.event, Event) else None
    kind, _, key = entry.stream.partition("/")
    own = key if kind == "matter" else getattr(entry.event, "matter", None)
    return (own, authority.matter if isinstance(authority, DecisionRef) else None)


def _in_year(fact: Fact, year: int) -> bool:
    days = (fact.decided_on, fact.effective_from) if isinstance(fact, Event) else ()
    return any(when.first.year <= year <= when.last.year for when in days)


def _texts(entry: Recorded[Fact]) -> tuple[str, ...]:
    content = entry.event.model_dump(mode="json")
    return (entry.stream, entry.event.TOPIC, *texts_within(content))


def _words(entry: Recorded[Fact]) -> str:
    return "\n".join(map(folded, _texts(entry)))


FRAME = (*Event.model_fields, "findings")
"""The fields that every event has besides its content."""


class StoryStep(DatedRow):
    """One entry: its days, the decision behind it, and its `content` as it is stored.

    `entry` is the stored name less its version, `says` the entry in a few words. Of a correction,
    `correction` has the version that it replaces, the reason, and who answers for it.
    """

    SUBJECT: ClassVar[str] = "entry"

    on: When
    effective_from: When
    entry: str
    says: str
    decision: str | None
    body: str | None
    content: dict[str, JsonValue]
    findings: tuple[Finding, ...]
    cites: tuple[Citation, ...]
    correction: Replacement | None
    stream: str
    version: int
    position: int
    certain: bool


def story_of_stream(register: Register, stream: StreamId, at: Moment) -> list[StoryStep]:
    """Return every entry of a stream that stands and may have taken hold by the day, in order."""
    entries = standing_entries(as_known(register, (stream,), at)[stream])
    names = Names(register, at)
    return [
        step_of_story(names.told(e), at) for e in entries if e.event.effective_from.first <= at.on
    ]


def step_of_story(entry: Recorded[Event], at: Moment) -> StoryStep:
    """Return one entry as a step."""
    from projections.explanation.descriptions import event_in_words  # noqa: PLC0415  (every context)

    event = entry.event
    authority = event.authority if isinstance(event.authority, DecisionRef) else None
    return StoryStep(
        on=event.decided_on,
        effective_from=event.effective_from,
        entry=event.TOPIC.rpartition(".")[0],
        says=event_in_words(event).says,
        decision=f"{authority.matter}/{authority.decision}" if authority else None,
        body=authority.body if authority else getattr(event, "body", None),
        content=content_of(event),
        findings=getattr(event, "findings", ()),
        cites=event.cites,
        correction=event.replaces,
        stream=entry.stream,
        version=entry.version,
        position=entry.position,
        certain=event.effective_from.last <= at.on,
    )


def content_of(event: Event) -> dict[str, Any]:
    """Return the content of an event without its days, authority, sources and findings."""
    return fields_stated(event.model_dump(mode="json", exclude=set(FRAME)))


def fields_stated(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are not empty."""
    return {name: value for name, value in content.items() if value not in (None, "", [], {})}
