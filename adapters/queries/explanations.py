"""Explanations: the facts that may be asked about, and the account of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, cast

from pydantic import field_serializer

from adapters import clock
from adapters.bootstrap import Register
from adapters.queries.moment import Moment, NothingRecorded, as_known, commit
from adapters.queries.named.bodies import charters, names_of
from adapters.queries.named.hints import telling_kinds
from adapters.queries.named.kinds import all_names_like, kinds_of
from adapters.queries.named.matters import matter_of
from adapters.queries.named.names import key_found
from adapters.queries.named.places import Names, place_of
from adapters.queries.rows import Row
from domain.council.succession import charter_on
from domain.partnerships.exploration import ExplorationDirected, ExplorationStated
from domain.proceedings.decisions import DecisionTaken, MatterReopened
from domain.proceedings.matter import stream_of
from domain.proceedings.motions import MotionMoved
from domain.shared.history import Recorded
from domain.shared.messages import (
    Event,
    Fact,
    StreamId,
)
from domain.shared.problems import Invalid
from projections.agreements import AGREEMENTS
from projections.discrepancies import DISCREPANCIES
from projections.explanation.account import Account, Step
from projections.explanation.adopted_recommendations import Adoption
from projections.explanation.subject import FACETS, OF_A_MATTER, Kind, Subject
from projections.explanation.why import why
from projections.mentions import MENTIONS
from projections.missions import MISSIONS
from projections.plans import PLANS
from projections.policy import POLICY_TEXT, PROPOSALS
from projections.requests import REQUESTS

FORMS = (
    "partnership/CITY",
    *(f"partnership/CITY/{facet}" for facet in FACETS),
    "targeted/CITY",
    "place/PLACE",
    "provision/ADDRESS",
    "exploration/SUBJECT",
    "decision/MATTER/ID",
    "motion/MATTER/ID",
    "recommendation/MATTER/ID",
    "request/REQUEST",
    "agreement/AGREEMENT",
    "mission/MISSION",
    "plan/YEAR",
    "discrepancy/NAME",
    "body/BODY",
)


class NoSuchFact(Invalid):
    """There is no such fact to ask about.

    Of a name without its kind, `this_is` says what it is, and `ask` how to ask; or `near` are names
    like it.
    """

    fact: str
    this_is: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    known_forms: tuple[str, ...] = ()


class Explanation(NamedTuple):
    """The account of a fact, and the name of each step's body on its day, by the step's number."""

    account: Account
    bodies: Mapping[int, str]


@telling_kinds
def explain(register: Register, fact: str, at: Moment) -> Explanation:
    """Return the account of a fact, as of a day and as known at a position.

    Raises `NoSuchFact` for what cannot be asked about, and `NothingRecorded`, with names like it,
    where no event has to do with it.
    """
    subject = subject_of(register, fact, at)
    account = why(
        subject, at.on, LogAsKnown(register, at), matters_mentioning(register, subject, at)
    )
    named = fact_as_called(account.fact, account.candidates, Names(register, at), at.on)
    account = account.model_copy(update={"candidates": named})
    absent = subject.kind in OF_A_MATTER and account.candidates == (None,)
    if not account.steps or absent:
        raise NothingRecorded(fact=fact, as_of=at.on.isoformat())
    return Explanation(account, dict(_bodies(register, account, at)))


def fact_as_called(fact: str, candidates: Sequence[Any], names: Names, on: date) -> tuple[Any, ...]:
    """Return the states of a fact with their places as they are called on the day."""

    def said(name: str, value: Any) -> tuple[str, Any]:
        match name:
            case "code":
                return "place", names.place(value, on).name
            case "codes":
                return "cities", [names.place(code, on).name for code in value]
            case _:
                return name, value

    return tuple(
        dict(said(*field) for field in cast("Mapping[str, Any]", state).items())
        if fact.startswith(("request/", "mission/")) and isinstance(state, dict)
        else state
        for state in candidates
    )


def _bodies(register: Register, account: Account, at: Moment) -> Iterator[tuple[int, str]]:
    history = charters(register, at)
    for step in account.steps:
        charter = charter_on(history, step.on.last)
        name = charter.names().get(step.body or "") if charter else None
        if name:
            yield step.number, name


def subject_of(register: Register, fact: str, at: Moment) -> Subject:
    """Read a fact as it is written: its kind, then any name of the thing.

    Raises `NoSuchFact`, and `NothingRecorded` with names like the one that nobody knows.
    """
    kind, _, name = fact.partition("/")
    read = _KINDS.get(kind.casefold())
    if read is None or not name:
        told: dict[str, Any] = kinds_of(register, fact, at)
        if not told:
            near = all_names_like(register, fact, at)
            told = {"known_forms": FORMS} | ({"near": near} if near else {})
        raise NoSuchFact(fact=fact, **told)
    return read(register, name, at)


class StepRow(Step, Row):
    """One step of an account, with the time of its recording as text."""

    @field_serializer("recorded_at", when_used="json")
    def _as_text(self, recorded_at: int) -> str:
        return clock.recorded_time_shown(recorded_at)


class AccountRow(Row):
    """The fact on the day, the proposals, and the steps in the order of days."""

    fact: str
    as_of: str
    candidates: tuple[Any, ...]
    determinate: bool
    proposed: tuple[str, ...]
    steps: tuple[StepRow, ...]


def account_row(explanation: Explanation) -> AccountRow:
    """Return the account for programs; the table for people tells the same."""
    account = explanation.account
    steps = tuple(map(StepRow.of, account.steps))
    return AccountRow.of(account, as_of=account.as_of.isoformat(), steps=steps)


@dataclass(frozen=True, slots=True)
class LogAsKnown:
    """Reads the log for explanations, as known at a position; every stream and commit once."""

    register: Register
    at: Moment
    _streams: dict[StreamId, Sequence[Recorded[Event]]] = field(
        default_factory=dict[StreamId, Sequence[Recorded[Event]]]
    )
    _commits: dict[int, Sequence[Recorded[Fact]]] = field(
        default_factory=dict[int, Sequence[Recorded[Fact]]]
    )
    _called: list[Names] = field(default_factory=list[Names])

    def stream(self, stream: StreamId) -> Sequence[Recorded[Event]]:
        if stream not in self._streams:
            entries = as_known(self.register, (stream,), self.at)[stream]
            self._streams[stream] = [self._names().told(entry) for entry in entries]
        return self._streams[stream]

    def _names(self) -> Names:
        if not self._called:
            self._called.append(Names(self.register, self.at))
        return self._called[0]

    def commit(self, recorded_at: int) -> Sequence[Recorded[Fact]]:
        if recorded_at not in self._commits:
            self._commits[recorded_at] = [*commit(self.register, recorded_at)]
        return self._commits[recorded_at]


def matters_mentioning(register: Register, subject: Subject, at: Moment) -> Iterator[str]:
    """Yield the matters whose papers, motions and decisions speak of the subject."""
    named = register.reader(MENTIONS).answers(subject.references, date.max, at.known)
    for answer in named.values():
        for state in answer.candidates:
            yield from state.matters if state else ()


# How each kind of fact is read


def _city(kind: Kind) -> Callable[[Register, str, Moment], Subject]:
    def read(register: Register, text: str, at: Moment) -> Subject:
        city, _, facet = text.rpartition("/") if text.endswith(_FACET_ENDS) else (text, "", "")
        if "/" in city or (facet and kind != "partnership") or not city:
            raise NoSuchFact(fact=f"{kind}/{text}", known_forms=FORMS)
        place = place_of(register, city, at)
        return Subject(kind, place.code, facet or None, (place.name, *place.other_names))

    return read


_FACET_ENDS = tuple(f"/{facet}" for facet in FACETS)


def _provision(register: Register, text: str, at: Moment) -> Subject:
    held = register.reader(POLICY_TEXT).every(date.max, at.known)
    names: dict[str, tuple[str, ...]] = {h.key: (h.state.heading,) for h in held}
    for proposal in register.reader(PROPOSALS).every(date.max, at.known):
        drafts = [each.draft for each in proposal.state.texts if each.draft]
        names.setdefault(proposal.state.address, tuple(draft.heading for draft in drafts))
    return Subject("provision", key_found("provision", text, names))


def _exploration(register: Register, text: str, at: Moment) -> Subject:
    names: dict[str, tuple[str, ...]] = {}
    streams = register.log.streams("exploration")
    for entries in as_known(register, streams, at).values():
        for entry in entries:
            event = entry.event
            if isinstance(event, ExplorationDirected | ExplorationStated):
                names[event.subject] = (*names.get(event.subject, ()), event.name)
    subject = key_found("exploration", text, names)
    return Subject("exploration", subject, names=tuple(dict.fromkeys(names[subject])))


def _of_matter(kind: Kind) -> Callable[[Register, str, Moment], Subject]:
    def read(register: Register, text: str, at: Moment) -> Subject:
        given, slash, item = text.partition("/")
        if not slash or not item:
            raise NoSuchFact(fact=f"{kind}/{text}", known_forms=FORMS)
        matter = matter_of(register, given, at)
        stream = stream_of(matter)
        entries = as_known(register, (stream,), at)[stream]
        named = dict.fromkeys(_items(kind, entries), ())
        return Subject(kind, f"{matter}/{key_found('item', item, named)}")

    return read


def _items(kind: Kind, entries: Sequence[Recorded[Event]]) -> Iterator[str]:
    """Yield the names of a matter's decisions, motions or recommendations."""
    if kind == "recommendation":
        yield from (version.id for version in Adoption(entries).versions)
    for entry in entries:
        match entry.event:
            case DecisionTaken(decision=name) | MatterReopened(decision=name):
                if kind == "decision":
                    yield name
            case MotionMoved(motion=name) if kind == "motion":
                yield name
            case _:
                pass


def _agreement(register: Register, text: str, at: Moment) -> Subject:
    held = register.reader(AGREEMENTS).every(date.max, at.known)
    return Subject("agreement", key_found("agreement", text, {h.key: () for h in held}))


def _request(register: Register, text: str, at: Moment) -> Subject:
    held = register.reader(REQUESTS).every(date.max, at.known)
    return Subject("request", key_found("request", text, {h.key: () for h in held}))


def _mission(register: Register, text: str, at: Moment) -> Subject:
    held = {h.key: h.state for h in register.reader(MISSIONS).every(date.max, at.known)}
    mission = key_found("mission", text, dict.fromkeys(held, ()))
    return Subject("mission", mission, year=held[mission].year)


def _plan(register: Register, text: str, at: Moment) -> Subject:
    known = tuple(h.key for h in register.reader(PLANS).every(date.max, at.known))
    if text not in known:
        raise NothingRecorded(fact=f"plan/{text}", known=known)
    return Subject("plan", text)


def _discrepancy(register: Register, text: str, at: Moment) -> Subject:
    held = register.reader(DISCREPANCIES).every(date.max, at.known)
    names = {h.key: (h.state.title, str(h.state.number or "")) for h in held}
    return Subject("discrepancy", key_found("discrepancy", text, names))


def _body(register: Register, text: str, at: Moment) -> Subject:
    names = names_of(charters(register, at))
    body = key_found("body", text, names)
    return Subject("body", body, names=names[body])


_KINDS: Mapping[str, Callable[[Register, str, Moment], Subject]] = {
    "partnership": _city("partnership"),
    "targeted": _city("targeted"),
    "place": _city("place"),
    "provision": _provision,
    "exploration": _exploration,
    "decision": _of_matter("decision"),
    "motion": _of_matter("motion"),
    "recommendation": _of_matter("recommendation"),
    "request": _request,
    "agreement": _agreement,
    "mission": _mission,
    "plan": _plan,
    "discrepancy": _discrepancy,
    "body": _body,
}
