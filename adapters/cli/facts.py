"""What a clerk or an auditor may ask about, and all of the log that an explanation rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from adapters.bootstrap import Register
from adapters.cli.moments import NothingRecorded
from adapters.cli.places import place_of
from adapters.moments import Moment, as_known, commit
from domain import authority
from domain.authority import CharterRecorded
from domain.decisions import DecisionTaken
from domain.explorations import ExplorationDirected, ExplorationStated
from domain.history import Recorded, standing
from domain.kernel import CommandRecorded, Event, Fact, Invalid, StreamId
from projections.causes import openings
from projections.concern import FACETS, Subject, changed_by
from projections.mentions import MENTIONS
from projections.steps import Account
from projections.why import why

FORMS = (
    "partnership/CITY",
    *(f"partnership/CITY/{facet}" for facet in FACETS),
    "targeted/CITY",
    "provision/ADDRESS",
    "exploration/SUBJECT",
    "decision/MATTER/ID",
)


class NoSuchFact(Invalid):
    """There is no such fact to ask about."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact=fact, known_forms=FORMS)


def subject_of(register: Register, fact: str, at: Moment) -> Subject:
    """Read a fact as it is written. Raises `NoSuchFact`, and `NothingRecorded` of a city."""
    kind, _, rest = fact.partition("/")
    key, _, facet = rest.partition("/")
    if kind == "partnership" and key and facet in ("", *FACETS):
        return _relationship(register, "partnership", key, facet or None, at)
    if kind == "targeted" and key and not facet:
        return _relationship(register, "targeted", key, None, at)
    if kind == "provision" and rest:
        return Subject("provision", rest)
    if kind == "exploration" and key and not facet:
        return _exploration(register, key, at)
    if kind == "decision" and facet:
        return Subject("decision", rest)
    raise NoSuchFact(fact)


def _relationship(
    register: Register, kind: str, city: str, facet: str | None, at: Moment
) -> Subject:
    place = place_of(register, city, at)
    names = (place.name, *place.other_names)
    return Subject("targeted" if kind == "targeted" else "partnership", place.code, facet, names)


def _exploration(register: Register, subject: str, at: Moment) -> Subject:
    bare = Subject("exploration", subject)
    entries = as_known(register, (bare.stream,), at)[bare.stream]
    named = [
        e.event.name
        for e in entries
        if isinstance(e.event, ExplorationDirected | ExplorationStated)
    ]
    return Subject("exploration", subject, names=tuple(dict.fromkeys(named)))


def explain(register: Register, fact: str, at: Moment) -> Account:
    """Why it is so, or was. Raises `NothingRecorded` where no event has to do with it."""
    subject = subject_of(register, fact, at)
    own = as_known(register, (subject.stream,), at)
    matters = _matters(register, subject, own[subject.stream], at)
    streams = {**own, **as_known(register, matters, at)}
    entries = [entry for stream in streams.values() for entry in stream]
    account = why(subject, at.on, streams, commands(register, entries))
    if not account.steps or (subject.kind == "decision" and not _decided(subject, entries)):
        raise NothingRecorded(fact=fact, as_of=at.on.isoformat())
    return account


def _decided(subject: Subject, entries: Iterable[Recorded[Event]]) -> bool:
    name = subject.key.rpartition("/")[2]
    return any(isinstance(e.event, DecisionTaken) and e.event.decision == name for e in entries)


def bodies(register: Register, at: Moment) -> Mapping[str, str]:
    """The names of the bodies, by id."""
    known = standing(as_known(register, (authority.STREAM,), at)[authority.STREAM])
    charters = [e.event.charter for e in known if isinstance(e.event, CharterRecorded)]
    return charters[-1].names() if charters else {}


def _matters(
    register: Register, subject: Subject, own: Iterable[Recorded[Event]], at: Moment
) -> tuple[StreamId, ...]:
    if subject.kind == "decision":
        return (subject.stream,)
    named = register.reader(MENTIONS).answers(subject.references, date.max, at.known)
    found = [
        matter
        for answer in named.values()
        for state in answer.candidates
        if state
        for matter in state.matters
    ]
    effects = (e.event.authority for e in own if changed_by(subject, e.event))
    found += [authority.matter for authority in effects if authority]
    return tuple(StreamId(f"matter/{matter}") for matter in dict.fromkeys(found))


def commands(
    register: Register, entries: Iterable[Recorded[Fact]]
) -> list[Recorded[CommandRecorded]]:
    """The command rows of the commits that entries are in."""
    times = dict.fromkeys(entry.recorded_at for entry in entries)
    return [opening for at in times for opening in openings(commit(register, at))]
