"""The account of a fact: every event from which it follows, in the order of days.

The fact's own entries come first. Each leads to the decision that it cites and to that decision's
matter, to the request or plan behind it, and to what it rests on: body, place, power to decide.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum
from typing import Protocol, cast

from domain.missions.messages import MissionProposed
from domain.partnerships.agreement import AgreementDayCame, AgreementSucceeded
from domain.policy import STREAM as POLICY
from domain.policy import ProvisionDeleted
from domain.proceedings.decisions import DecisionTaken
from domain.proceedings.matter import stream_of
from domain.proceedings.motions import MotionCarried, MotionFailed, MotionMoved, Result
from domain.proceedings.papers import ReportSubmitted
from domain.proceedings.votes import vote_in_words
from domain.programme.messages import PlanDiscrepancyOpened, PlanEntryFreed, PlanEntryListed
from domain.requests.messages import (
    RequestAgreementApproved,
    RequestAgreementPrepared,
    RequestAgreementSigned,
)
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.history import Recorded, as_recorded, lapses, speaking_entries, standing_entries
from domain.shared.log_facts import CommandRecorded, EntryLapsed, EntryWithdrawn, NoLongerStands
from domain.shared.messages import DecisionRef, Event, Fact, ProvisionRef, StreamId
from domain.shared.wordings import wordings_in
from projections.explanation.account import Account, Role, Step
from projections.explanation.adopted_recommendations import Adoption
from projections.explanation.causes import Causes, commands_among
from projections.explanation.descriptions import event_in_words
from projections.explanation.facts import fact_on
from projections.explanation.grounds import IN_TIME, grounds
from projections.explanation.matter_story import Proceedings
from projections.explanation.parts import Line
from projections.explanation.references import references
from projections.explanation.subject import OF_A_MATTER, Subject, act_changes, changed_by_entry


class Source(Protocol):
    """The log as far as it was known, for one explanation."""

    def stream(self, stream: StreamId) -> Sequence[Recorded[Event]]:
        """Return the entries of a stream."""
        ...

    def commit(self, recorded_at: int) -> Sequence[Recorded[Fact]]:
        """Return all that was recorded at a time, command rows included."""
        ...


class Depth(IntEnum):
    """How near a subject is to the fact that is asked about."""

    GROUND = 0
    """It allows a step."""
    SOURCE = 1
    """The fact came out of it, as a partnership out of a request."""
    FACT = 2


@dataclass(frozen=True, slots=True)
class _Visit:
    """A subject whose story belongs to the account, as far as it was recorded `before` a position.

    `role` is that of the change which came out of it. Of a ground, what takes hold after the last
    day of the act that rests on it, `until`, does not belong.
    """

    subject: Subject
    depth: Depth
    before: int
    role: Role = Role.CHANGES
    until: date = date.max

    def within(self, other: _Visit) -> bool:
        """True if all that this visit may find was found by the other one."""
        return (
            self.depth <= other.depth and self.before <= other.before and self.until <= other.until
        )


_END = 2**63 - 1


def why(subject: Subject, on: date, source: Source, mentioned: Iterable[str] = ()) -> Account:
    """Explain a fact as of a day. `mentioned` names the matters in which it is spoken of."""
    chain = _Chain(on, source)
    proposed = chain.follow(subject, tuple(mentioned))
    said = fact_on(subject, [source.stream(stream) for stream in subject.streams], on)
    return Account(
        fact=str(subject),
        as_of=on,
        candidates=said.candidates,
        determinate=said.determinate,
        proposed=tuple(dict.fromkeys(proposed)),
        steps=tuple(chain.steps(subject)),
    )


class _Chain:
    """Collects the entries of an account; an entry met twice is listed once, in its main role."""

    def __init__(self, on: date, source: Source) -> None:
        self._on = on
        self._source = source
        self._lines: dict[tuple[StreamId, int], tuple[Line, Subject]] = {}
        self._seen: dict[str, list[_Visit]] = {}
        self._todo: list[_Visit] = []
        self._commands: dict[int, Causes] = {}

    def follow(self, subject: Subject, mentioned: Sequence[str]) -> list[str]:
        """Collect everything, and return what open matters propose."""
        proposed = self._visit(_Visit(subject, Depth.FACT, _END), mentioned)
        while self._todo:
            self._visit(self._todo.pop(0), ())
        return proposed

    def _visit(self, visit: _Visit, mentioned: Sequence[str]) -> list[str]:
        subject = visit.subject
        seen = self._seen.setdefault(str(subject), [])
        if any(map(visit.within, seen)):
            return []
        seen.append(visit)
        own = [self._known(stream, visit.before) for stream in subject.streams]
        effects = self._own_lines(visit, own)
        return self._matters(visit, effects, mentioned)

    def _known(self, stream: StreamId, before: int) -> list[Recorded[Event]]:
        return [entry for entry in self._source.stream(stream) if entry.position <= before]

    # The entries that changed the subject

    def _own_lines(self, visit: _Visit, streams: Sequence[Sequence[Recorded[Event]]]) -> list[Line]:
        if visit.subject.kind in OF_A_MATTER:
            return []
        now = fact_on(visit.subject, streams, self._on)
        lines: list[Line] = []
        for index, entries in enumerate(streams):
            for entry in standing_entries(entries):
                rest = [e for e in entries if e != entry]
                others = [*streams[:index], rest, *streams[index + 1 :]]
                if self._counts(visit, entry):
                    role = self._own_role(visit, entry, others, now)
                    corrects = role is Role.CITES and entry.event.replaces is not None
                    made = self._maker(visit, entry, index, streams, now) if corrects else None
                    if made:
                        lines.append(Line(made, Role.CHANGES, _took_hold(made.event, Role.CHANGES)))
                    said = "corrected another part of it" if made else _took_hold(entry.event, role)
                    lines.append(Line(entry, role, said))
                elif made := self._ending(visit, entry, index, streams, now):
                    self._came_of(made, Role.CHANGES, visit)
            lines += self._corrections(visit, index, streams, now)
            self._prevailing(visit, index, streams, now)
        lines = [line for line in lines if self._in_time(visit, line.entry)]
        for line in lines:
            self._add(line, visit)
        return [line for line in lines if not isinstance(line.entry.event, EntryWithdrawn)]

    def _in_time(self, visit: _Visit, entry: Recorded[Event]) -> bool:
        """True if an entry, or one that it corrects or that corrects it, takes hold in time."""
        if visit.until == date.max:
            return True
        chain = _corrected_with(entry, self._known(entry.stream, visit.before))
        return any(each.event.effective_from.first <= visit.until for each in chain)

    def _prevailing(
        self,
        visit: _Visit,
        index: int,
        streams: Sequence[Sequence[Recorded[Event]]],
        now: object,
    ) -> None:
        """Follow the acts on other subjects that made acts on this subject lapse."""
        if visit.depth is not Depth.FACT:
            return
        entries = streams[index]
        for lapsed, lapse in lapses(entries):
            by = entries[lapse.event.by - 1] if isinstance(lapse.event, EntryLapsed) else lapse
            if changed_by_entry(visit.subject, by) or not changed_by_entry(
                visit.subject, entries[lapsed.version - 1]
            ):
                continue
            rest = [entry for entry in entries if entry != lapse]
            others = [*streams[:index], rest, *streams[index + 1 :]]
            shows = fact_on(visit.subject, others, self._on) != now
            self._came_of(by, Role.CHANGES if shows else Role.CHANGED_BEFORE, visit)

    def _came_of(self, entry: Recorded[Event], role: Role, visit: _Visit) -> None:
        """Follow what made or ended the city's partnership."""
        partnership = Subject("partnership", visit.subject.key)
        self._todo.append(_Visit(partnership, Depth.SOURCE, entry.position, role))

    def _counts(self, visit: _Visit, entry: Recorded[Event]) -> bool:
        if not changed_by_entry(visit.subject, entry):
            return False
        if visit.depth is Depth.GROUND and visit.subject.kind == "plan":
            listing = PlanEntryListed | PlanEntryFreed | PlanDiscrepancyOpened
            return not isinstance(entry.event, listing)
        if visit.depth is not Depth.FACT:
            return True
        chain = _with_what_it_replaces(entry, self._source.stream(entry.stream))
        return any(each.event.effective_from.first <= self._on for each in chain)

    def _ending(
        self,
        visit: _Visit,
        entry: Recorded[Event],
        index: int,
        streams: Sequence[Sequence[Recorded[Event]]],
        now: object,
    ) -> Recorded[Event] | None:
        """Return the entry by which a city is not targeted, as it became a partner or ended one."""
        if visit.subject.kind != "targeted" or visit.depth is not Depth.FACT:
            return None
        return self._maker(visit, entry, index, streams, now)

    def _own_role(
        self,
        visit: _Visit,
        entry: Recorded[Event],
        others: Sequence[Sequence[Recorded[Event]]],
        now: object,
    ) -> Role:
        if visit.depth is Depth.GROUND:
            proposed = isinstance(entry.event, MissionProposed)
            return Role.PROPOSES if proposed else Role.ALLOWS
        if visit.depth is Depth.SOURCE:
            if visit.subject.kind == "partnership":
                return visit.role if entry.position == visit.before else Role.ALLOWS
            return visit.role if isinstance(entry.event, _AGREED) else Role.PROPOSES
        if fact_on(visit.subject, others, self._on) != now:
            return Role.CHANGES
        return Role.CITES if entry.event.replaces else Role.CHANGED_BEFORE

    def _maker(
        self,
        visit: _Visit,
        entry: Recorded[Event],
        index: int,
        streams: Sequence[Sequence[Recorded[Event]]],
        now: object,
    ) -> Recorded[Event] | None:
        """Return the entry that made the fact: it, or one that it corrects in another part."""
        left = [*streams[index]]
        for each in _with_what_it_replaces(entry, streams[index]):
            left.remove(each)
            others = [*streams[:index], left, *streams[index + 1 :]]
            if fact_on(visit.subject, others, self._on) != now:
                return each
        return None

    def _corrections(
        self,
        visit: _Visit,
        index: int,
        streams: Sequence[Sequence[Recorded[Event]]],
        now: object,
    ) -> Iterator[Line]:
        """Yield entries that were entered by mistake, and the withdrawals of such."""
        entries = streams[index]
        yield from _mistakes(visit.subject, entries)
        at = {entry.version: entry for entry in entries}
        for entry in entries:
            if not isinstance(entry.event, EntryWithdrawn) or entry.event.replaces is None:
                continue
            if changed_by_entry(visit.subject, at[entry.event.replaces.version]):
                rest = [e for e in entries if e != entry]
                others = [*streams[:index], rest, *streams[index + 1 :]]
                role = self._own_role(visit, entry, others, now)
                yield Line(entry, role, "withdrew an entry made by mistake")

    # Their matters

    def _matters(
        self, visit: _Visit, effects: Sequence[Line], mentioned: Sequence[str]
    ) -> list[str]:
        subject = visit.subject
        cited: dict[str, dict[str, Role]] = {}
        worded: dict[str, Role] = {}
        for line in effects:
            role = Role.PROPOSES if line.role is Role.CORRECTED else line.role
            for matter, name in self._decided_by(subject, line.entry):
                roles = cited.setdefault(matter, {})
                roles[name] = min(role, roles.get(name, role), key=_rank)
                if not isinstance(line.entry.event, ProvisionDeleted):
                    worded[f"{matter}/{name}"] = role
        names = [subject.matter] if subject.kind in OF_A_MATTER else [*cited, *mentioned]
        proposed: list[str] = []
        for matter in dict.fromkeys(names):
            proposed += self._matter(visit, matter, cited.get(matter, {}), worded)
        return proposed

    def _decided_by(self, subject: Subject, entry: Recorded[Event]) -> Iterator[tuple[str, str]]:
        """Yield the matter and the decision, or the report, by which an entry came about."""
        if authority := entry.event.authority:
            yield authority.matter, authority.decision
            return
        for other in self._outcome(entry):
            event = other.event
            if isinstance(event, ReportSubmitted) and any(
                act_changes(subject, state) for state in event.states
            ):
                yield event.matter, event.document

    def _outcome(self, entry: Recorded[Event]) -> Iterator[Recorded[Event]]:
        """Yield the events that one command led to, this one among them."""
        causes = self._causes(entry.recorded_at)
        opening = causes.command(entry)
        for other in self._source.commit(entry.recorded_at):
            if isinstance(other.event, Event) and causes.command(other) == opening:
                yield cast("Recorded[Event]", other)

    def _matter(
        self,
        visit: _Visit,
        matter: str,
        effects: Mapping[str, Role],
        worded: Mapping[str, Role],
    ) -> list[str]:
        subject = visit.subject
        entries = self._known(stream_of(matter), visit.before)
        last = self._last_day(visit, entries, effects)
        known = [e for e in as_recorded(entries) if e.event.decided_on.first <= last]
        stand = {entry.version for entry in as_recorded(entries)}
        mistaken = [
            entry
            for entry in speaking_entries(entries)
            if entry.version not in stand and entry.event.decided_on.first <= last
        ]
        proceedings = Proceedings(subject, known, mistaken, effects, worded)
        adoption = Adoption(sorted((*known, *mistaken), key=lambda entry: entry.position))
        lines = [*proceedings.lines()]
        named = {event_in_words(line.entry.event).item for line in lines}
        named |= {matter} if any(map(_counts, lines)) else set()
        about = {entry.version for entry in mistaken if proceedings.line(entry)}
        about |= {entry.version for entry in mistaken if event_in_words(entry.event).item in named}
        lines += _mistakes(subject, entries, about)
        for line in self._weighed(visit, entries, lines):
            self._add(line, visit, adoption)
        missing = effects.keys() - proceedings.decided()
        everything = (*known, *mistaken)
        taken = {e.event.decision for e in everything if isinstance(e.event, DecisionTaken)}
        for decision in sorted(missing & taken):
            self._todo.append(
                _Visit(
                    Subject("decision", f"{matter}/{decision}"),
                    min(visit.depth, Depth.SOURCE),
                    visit.before,
                    effects[decision],
                )
            )
        open_to = visit.depth is Depth.FACT and subject.kind not in OF_A_MATTER
        return list(proceedings.proposals()) if open_to and not effects else []

    def _weighed(
        self, visit: _Visit, entries: Sequence[Recorded[Event]], lines: Iterable[Line]
    ) -> Iterator[Line]:
        """Return the entries, with votes that another command recorded as entries of their own.

        Of a decision, motion or recommendation, a correction that changes nothing of it says so.
        """
        own = visit.subject.kind in OF_A_MATTER and visit.depth is Depth.FACT
        now = fact_on(visit.subject, [entries], self._on) if own else None
        lines = [*lines]
        ended = max((_end_of(visit.subject, line) for line in lines), default=0) if own else 0
        for line in lines:
            rest = [entry for entry in entries if entry != line.entry]
            decided = own and line.role is Role.CHANGES and _is_decision(line.entry)
            if decided and fact_on(visit.subject, [rest], self._on) == now:
                yield replace(line, role=Role.CITES)
            else:
                yield line
            vote = line.outcome
            if vote is None or not isinstance(vote.event, MotionCarried | MotionFailed):
                continue
            if self._command(vote) == self._command(line.entry):
                continue
            rest = [entry for entry in entries if entry != vote]
            corrected = own and vote.event.replaces is not None
            same = corrected and fact_on(visit.subject, [rest], self._on) == now
            role = Role.FOLLOWED if 0 < ended < vote.position else line.role
            yield Line(vote, Role.CITES if same else role, "the vote on it")

    def _last_day(
        self, visit: _Visit, entries: Sequence[Recorded[Event]], effects: Mapping[str, Role]
    ) -> date:
        """Return the day up to which a matter is read.

        A decision may take hold before it is taken.
        """
        if visit.depth is not Depth.FACT:
            return date.max
        items = (e for e in entries if event_in_words(e.event).item in effects)
        return max((self._on, *(entry.event.decided_on.last for entry in items)))

    # What is collected

    def _add(self, line: Line, visit: _Visit, adoption: Adoption | None = None) -> None:
        role = _seen_from(visit, line.role)
        if role is None:
            return
        entry = line.entry
        key = (entry.stream, entry.version)
        about = "" if visit.depth is Depth.FACT else f" ({visit.subject})"
        line = replace(line, role=role, relation=f"{line.relation}{about}")
        known = self._lines.get(key)
        if known is None or _outranks(line.role, known[0].role):
            nearer = known[0].passages if known and visit.depth is Depth.GROUND else ()
            line = replace(line, passages=nearer or line.passages)
            self._lines[key] = (line, visit.subject)
        if role not in _SPEAKING:
            self._rest(line, visit, adoption)

    def _rest(self, line: Line, visit: _Visit, adoption: Adoption | None) -> None:
        """Follow what the entry rests on, as it was when the entry was recorded."""
        entry = line.entry
        policy = self._source.stream(POLICY)
        for ground in grounds(visit.subject, entry, policy, adoption):
            near = ground.kind in _NEAR and line.role is not Role.ALLOWS
            role = Role.PROPOSES if ground.kind == "requested-report" else line.role
            depth = Depth.SOURCE if near else Depth.GROUND
            until = _last_day_of(entry) if ground.kind in IN_TIME else date.max
            self._todo.append(_Visit(ground, depth, entry.position, role, until))
        if visit.subject.kind == "partnership" and visit.depth > Depth.GROUND:
            for other in self._outcome(entry):
                if isinstance(other.event, RequestAgreementSigned):
                    request = Subject("request", other.event.request)
                    source = _Visit(request, Depth.SOURCE, entry.position, line.role)
                    self._todo.append(source)
        behind = entry.event.replaces.authority if entry.event.replaces else None
        if isinstance(behind, DecisionRef):
            decision = Subject("decision", f"{behind.matter}/{behind.decision}")
            self._todo.append(_Visit(decision, Depth.GROUND, entry.position))

    def _causes(self, recorded_at: int) -> Causes:
        if recorded_at not in self._commands:
            self._commands[recorded_at] = Causes(commands_among(self._source.commit(recorded_at)))
        return self._commands[recorded_at]

    def steps(self, subject: Subject) -> Iterator[Step]:
        """Yield the account's steps in the order of days."""
        found = [*self._lines.values()]
        found.sort(key=lambda each: _order(each[0]))
        for number, (line, about) in enumerate(found, 1):
            yield _step(number, line, about, self._command(line.entry))

    def _command(self, entry: Recorded[Event]) -> CommandRecorded | None:
        opening = self._causes(entry.recorded_at).command(entry)
        return opening.event if opening else None


_AGREED = (RequestAgreementApproved, RequestAgreementPrepared, RequestAgreementSigned)
"""The steps of a request that make the partnership, once it is proposed."""

_NEAR = ("request", "requested-report")
"""Origins of a change, as against what it only rests on."""

_ROLES = tuple(Role)

_SPEAKING = (Role.FOLLOWED, Role.CITES)
"""Roles of what the fact does not rest on."""


def _is_decision(entry: Recorded[Event]) -> bool:
    return isinstance(entry.event, DecisionTaken)


def _end_of(subject: Subject, line: Line) -> int:
    """Return the position of the vote on the motion asked about; 0 where the line is another."""
    event = line.entry.event
    is_it = subject.kind == "motion" and getattr(event, "motion", None) == subject.item
    return line.outcome.position if is_it and line.outcome else 0


def _counts(line: Line) -> bool:
    return line.role not in (*_SPEAKING, Role.CORRECTED)


def _rank(role: Role) -> int:
    return _ROLES.index(role)


def _outranks(role: Role, known: Role) -> bool:
    """True if a role tells more of an entry: that it was a mistake, more than what it allowed."""
    if {role, known} == {Role.ALLOWS, Role.CORRECTED}:
        return role is Role.CORRECTED
    return _rank(role) < _rank(known)


def _seen_from(visit: _Visit, role: Role) -> Role | None:
    """Return the role of an entry in the whole account: further from the fact, it counts less."""
    if visit.depth is Depth.FACT:
        return role
    if role in (*_SPEAKING, Role.CORRECTED):
        return role if role is Role.CORRECTED else None
    if visit.depth is Depth.GROUND:
        return role if role is Role.PROPOSES and visit.subject.kind == "mission" else Role.ALLOWS
    changed = role in (Role.CHANGES, Role.CHANGED_BEFORE)
    return max(role, visit.role, key=_rank) if changed else role


def _order(line: Line) -> tuple[date, date, int]:
    on = _day(line.entry.event)
    return (on.last, on.first, line.entry.position)


def _day(event: Event) -> When:
    """Return the day of a step: that of the decision, or on which something came by itself."""
    came = isinstance(event, AgreementDayCame | AgreementSucceeded)
    by_itself = came or getattr(event, "ran_out", None)
    return event.effective_from if by_itself else event.decided_on


def _took_hold(event: Event, role: Role) -> str:
    if event.replaces:
        return "corrected it" if role is not Role.CITES else "corrected what shows no more"
    match role:
        case Role.CHANGED_BEFORE:
            return "took effect, and shows no more"
        case Role.PROPOSES:
            return "led to it"
        case Role.ALLOWS:
            return "is needed for it"
        case _:
            return "took effect"


def _with_what_it_replaces(
    entry: Recorded[Event], entries: Sequence[Recorded[Event]]
) -> Iterator[Recorded[Event]]:
    yield entry
    while entry.event.replaces:
        entry = entries[entry.event.replaces.version - 1]
        yield entry


def _corrected_with(
    entry: Recorded[Event], entries: Sequence[Recorded[Event]]
) -> list[Recorded[Event]]:
    """Return an entry with all that it corrects, and all that corrects it."""
    versions = {entry.version}
    for known in (True, False):
        for other in sorted(entries, key=lambda each: each.version, reverse=known):
            replaced = other.event.replaces.version if other.event.replaces else None
            if known and other.version in versions and replaced:
                versions.add(replaced)
            elif not known and replaced in versions:
                versions.add(other.version)
    return [each for each in entries if each.version in versions]


def _last_day_of(entry: Recorded[Event]) -> date:
    """Return the last day on which an act may have been decided, or may take hold."""
    return max(entry.event.effective_from.last, entry.event.decided_on.last)


def _mistakes(
    subject: Subject, entries: Sequence[Recorded[Event]], about: Collection[int] = ()
) -> Iterator[Line]:
    """Yield entries on the subject, or of given versions, corrected, withdrawn or lapsed."""
    by = {e.event.replaces.version: e for e in entries if e.event.replaces}
    for entry in entries:
        if entry.version not in by or not (entry.version in about or _is_about(subject, entry)):
            continue
        correction = by[entry.version]
        because = correction.event.replaces.reason if correction.event.replaces else ""
        lapsed = isinstance(correction.event, EntryLapsed)
        role, what = (Role.LAPSED, "lapsed") if lapsed else (Role.CORRECTED, "corrected")
        yield Line(entry, role, f"{what}: {because}", outcome=correction)
        if entry.version in about and isinstance(correction.event, EntryWithdrawn):
            yield Line(correction, Role.ALLOWS, "withdrew an entry made by mistake")


def _is_about(subject: Subject, entry: Recorded[Event]) -> bool:
    if isinstance(entry.event, NoLongerStands):
        return False
    about = set(references(entry.event))
    return changed_by_entry(subject, entry) or not about.isdisjoint(subject.references)


def _step(number: int, line: Line, subject: Subject, command: CommandRecorded | None) -> Step:
    entry, event = line.entry, line.entry.event
    findings = tuple(_judging(subject, event))
    carried = line.outcome.event if line.outcome else None
    differing = carried if isinstance(carried, MotionCarried) and carried.computed else None
    said = event_in_words(event)
    authority = event.authority
    return Step(
        number=number,
        role=line.role,
        relation=line.relation,
        by_name=line.by_name,
        on=_day(event),
        effective_from=event.effective_from,
        cites=tuple(dict.fromkeys((*line.cites, *event.cites))),
        findings=findings,
        rules=tuple(dict.fromkeys(f.rule for f in findings)),
        provisions=tuple(dict.fromkeys(_provisions(event, findings))),
        correction=event.replaces,
        authority=f"{authority.matter}/{authority.decision}" if authority else None,
        computed=differing.computed if differing else None,
        declared=differing.declared if differing else None,
        stream=entry.stream,
        version=entry.version,
        position=entry.position,
        recorded_at=entry.recorded_at,
        command=command.command if command else None,
        actor=command.actor if command else None,
        kind=said.kind,
        item=said.item,
        matter=said.matter,
        body=said.body,
        by=said.by,
        says=said.says,
        result=_result(carried) or said.result,
        voted=_voted(carried) or _voted(event),
        passages=tuple(p for p in line.passages if p != said.says),
        wordings=wordings_in(event.model_dump(mode="json")),
    )


def _voted(event: Event | None) -> str | None:
    vote = event.vote if isinstance(event, MotionCarried | MotionFailed | DecisionTaken) else None
    return vote_in_words(vote) or None if vote else None


def _result(outcome: Event | None) -> str | None:
    match outcome:
        case MotionCarried():
            return Result.CARRIED.value
        case MotionFailed(result=result):
            return result.value
        case _:
            return None


def _judging(subject: Subject, event: Event) -> Iterator[Finding]:
    """Yield the findings on the subject: a decision has some on everything that it does."""
    if isinstance(event, MotionMoved):
        yield from event.findings
    elif isinstance(event, DecisionTaken):
        names = "|".join(map(re.escape, (*subject.names, subject.key)))
        wanted = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE)
        for finding in event.findings:
            of_it = finding.provision and finding.provision.address == subject.key
            if subject.kind == "decision" or of_it or wanted.search(finding.reason):
                yield finding
    else:
        yield from getattr(event, "findings", ())


def _provisions(event: Event, findings: Iterable[Finding]) -> Iterator[ProvisionRef]:
    yield from getattr(event, "relies_on", ())
    yield from (f.provision for f in findings if f.provision)
    if own := getattr(event, "provision", None):
        yield own
