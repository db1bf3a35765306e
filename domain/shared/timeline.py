"""Judging a whole timeline: which acts lapse, which take effect again, on which ground.

The acts of a stream are folded in the order in which they take hold. One that does not fit in its
place lapses, and takes effect after all once it fits again; an event records either, and a finding
names the act. What stands is therefore the same in whichever order the acts were recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar, cast

from domain.shared.dates import span_of_days
from domain.shared.findings import Answer, Finding, Ruling
from domain.shared.history import (
    History,
    Recorded,
    day_placed_on,
    fold,
    history_followed_by,
    lapses,
    standing_entries,
)
from domain.shared.log_facts import EntryLapsed
from domain.shared.messages import (
    Basis,
    Effect,
    Event,
    Replacement,
    StreamId,
)
from domain.shared.problems import Refusal

S = TypeVar("S")
Ev = TypeVar("Ev", bound=Event)


class TakesItsGround(Refusal):
    """Another act could no longer stand, which only a decision may cause: correct that act first.

    `because` says what that act would be refused for.
    """

    rule = "A1"
    act: str
    entry: str
    decision: str | None
    takes_hold: str
    because: str


class AmendedSince(Refusal):
    """A later decision replaced the text that the act amends."""

    rule = "A2"
    by: str


class Lapse(NamedTuple):
    """An act that is no longer possible, what refuses it, and the act that prevails over it."""

    act: Recorded[Event]
    because: Refusal
    by: Recorded[Event] | None


@dataclass(frozen=True, slots=True)
class Timeline(Generic[S, Ev]):
    """How the acts of one kind of stream follow one another.

    `objection` is what a state has against an act, `subject` names the part of the stream that an
    act changes, and `ground` says what of a state it rests on. An act that `begins` something comes
    before what needs it on the same day. Those that `amend` are made from the text before them. An
    objection that is `refused` lets no act lapse: the new one is refused.
    """

    rule: str
    nothing: S
    evolve: Callable[[S, Ev], S]
    objection: Callable[[S, Ev], Refusal | None]
    ground: Callable[[S, Ev], str]
    begins: tuple[type[Event], ...]
    amend: tuple[type[Event], ...] = ()
    refused: tuple[type[Refusal], ...] = ()
    subject: Callable[[Ev], str] = lambda _: ""

    def decide(
        self,
        stream: StreamId,
        history: History[Ev],
        basis: Basis,
        decision: Callable[[S], Ruling],
    ) -> Ruling:
        """Judge an act on the state before it, and what it means for the other acts.

        An act that is refused there may be possible after what begins on the same day, though that
        was decided later; it then takes its place behind that one, and so do the acts of the same
        decision after it. Raises the refusal otherwise.
        """
        after = _placed_before(history, basis)
        place = day_placed_on(after) if after else basis["decided_on"]
        before = history.before(basis["effective_from"], place)
        try:
            ruling = decision(fold(self.evolve, self.nothing, before))
            ruling = _placed(ruling, after) if after else ruling
        except Refusal:
            placed = self._behind_a_beginning(history, len(before), basis, decision)
            if placed is None:
                raise
            ruling = placed
        last = len(before) == len(standing_entries(history.entries, lapsed_too=True))
        if last and all(e.event.decided_on.first <= basis["decided_on"].last for e in before):
            return ruling
        events, findings = list[Event](), list(ruling.findings)
        for event in ruling.events:
            settled = self.settle(stream, history, cast("Ev", event))
            history = history_followed_by(history, stream, *cast("tuple[Ev, ...]", settled.events))
            events += settled.events
            findings += settled.findings
        return Ruling(tuple(events), tuple(findings))

    def _behind_a_beginning(
        self, history: History[Ev], own: int, basis: Basis, decision: Callable[[S], Ruling]
    ) -> Ruling | None:
        stands = history.standing()
        for number, entry in enumerate(stands[own:], start=own + 1):
            if span_of_days(entry.event.effective_from) != span_of_days(basis["effective_from"]):
                return None
            if isinstance(entry.event, self.begins):
                try:
                    ruling = decision(fold(self.evolve, self.nothing, stands[:number]))
                except Refusal:
                    continue
                return _placed(ruling, entry.event)
        return None

    def settle(self, stream: StreamId, history: History[Ev], event: Ev) -> Ruling:
        """Return the event with findings on the other acts that it affects.

        Findings name each act that lapses or takes effect after all, and the next change of the
        same subject. Raises whatever refuses the event at its place in the timeline, and
        `TakesItsGround` for a statement or a correction that would make another act lapse.
        """
        history = history_followed_by(history, stream, event)
        new = history.entries[-1]
        lapsed = {named.version: entry for named, entry in lapses(history.entries)}
        misfits = {lapse.act.version: lapse for lapse in self.misfits(history.entries)}
        events, findings = list[Event]((event,)), list[Finding]()
        for version, lapse in misfits.items():
            if version not in lapsed:
                _require_prevailing(new, lapse, self.refused)
                events.append(_lapsing(lapse, lapse.by or new))
                findings.append(_finding("lapses", lapse.because.rule, lapse.act))
        for version, entry in lapsed.items():
            if version not in misfits:
                act = history.entries[version - 1]
                events.append(_after_all(act, entry, new.event))
                findings.append(_finding("takes effect after all", self.rule, act))
        if not event.replaces and new.version not in misfits:
            findings.extend(self._next_change(history, new, misfits))
        return Ruling(tuple(events), tuple(findings))

    def misfits(self, entries: Sequence[Recorded[Ev]]) -> Iterator[Lapse]:
        """Return the acts that do not fit in their places, of all that stand or lapsed before.

        An act that amends a text does not fit behind one that was decided later.
        """
        state, latest = self.nothing, dict[str, Recorded[Ev]]()
        for act in standing_entries(entries, lapsed_too=True):
            event, subject = act.event, self.subject(act.event)
            because = self.objection(state, event)
            before = latest.get(subject)
            later = before and before.event.decided_on.first > day_placed_on(event).last
            if because:
                yield Lapse(act, because, None)
                continue
            if before and later and isinstance(event, self.amend):
                yield Lapse(act, AmendedSince(by=_named(before.event)), before)
                continue
            state = self.evolve(state, event)
            if before is None or before.event.decided_on.first < event.decided_on.first:
                latest[subject] = act

    def _next_change(
        self, history: History[Ev], new: Recorded[Ev], misfits: Container[int]
    ) -> Iterator[Finding]:
        stands, subject = history.standing(), self.subject(new.event)
        for entry in stands[stands.index(new) + 1 :]:
            if entry.version not in misfits and self.subject(entry.event) == subject:
                yield _finding("changes it again", self.rule, entry)
                return


def _require_prevailing(
    new: Recorded[Event], lapse: Lapse, refused: tuple[type[Refusal], ...]
) -> None:
    """Raise the refusal of the new act where another one prevails: see `Timeline.settle`."""
    event = new.event
    decided = event.authority is not None and event.replaces is None
    if isinstance(lapse.because, refused) or (lapse.act is new and not (decided and lapse.by)):
        raise lapse.because
    if not decided:
        raise _taking(event, lapse)


def name_of(event: Event) -> str:
    """Return the stored name of an event without its version."""
    return event.TOPIC.rpartition(".")[0]


def _named(event: Event) -> str:
    """Return an act as a finding names it."""
    by = event.authority
    decision = f" by {by.matter}/{by.decision}" if by else ""
    return f"{name_of(event)} from {event.effective_from}{decision}"


def _finding(what: str, rule: str, act: Recorded[Event]) -> Finding:
    return Finding(rule=rule, answer=Answer.ADVISORY, reason=f"{what}: {_named(act.event)}")


def _lapsing(lapse: Lapse, by: Recorded[Event]) -> EntryLapsed:
    act, prevails = lapse.act.event, by.event
    return EntryLapsed(
        by=by.version,
        entry=name_of(act),
        lapsed=act.authority,
        takes_hold=act.effective_from,
        decided_on=prevails.decided_on,
        effective_from=prevails.effective_from,
        by_convention=prevails.by_convention,
        authority=prevails.authority,
        replaces=Replacement(
            version=lapse.act.version, reason=lapse.because.title, authority=prevails.authority
        ),
    )


def _after_all(act: Recorded[Ev], lapse: Recorded[Event], new: Event) -> Ev:
    by = new.replaces.authority if new.replaces else new.authority
    again = Replacement(
        version=lapse.version, reason="The act fits in its place again.", authority=by
    )
    return act.event.model_copy(update={"replaces": again})


def _taking(new: Event, lapse: Lapse) -> TakesItsGround:
    act, by = lapse.act.event, lapse.act.event.authority
    return TakesItsGround(
        act=name_of(new),
        entry=f"{name_of(act)} ({lapse.act.stream}/{lapse.act.version})",
        decision=f"{by.matter}/{by.decision}" if by else None,
        takes_hold=str(act.effective_from),
        because=lapse.because.title,
    )


def _placed_before(history: History[Ev], basis: Basis) -> Ev | None:
    """Return the last act of the same decision that begins that day and has a place of its own."""
    by, day = basis["authority"], span_of_days(basis["effective_from"])
    for entry in reversed(history.standing()):
        event = entry.event
        same = event.authority == by is not None and span_of_days(event.effective_from) == day
        if same and isinstance(event, Effect) and event.placed_on:
            return event
    return None


def _placed(ruling: Ruling, behind: Event) -> Ruling:
    events = (
        event.model_copy(update={"placed_on": day_placed_on(behind)})
        if isinstance(event, Effect)
        else event
        for event in ruling.events
    )
    return Ruling(tuple(events), ruling.findings)


class Regrounded(NamedTuple):
    """An act that rests on another state than was known when it was recorded.

    Entries recorded with it in one commit count as known then.
    """

    entry: Recorded[Event]
    then: str
    now: str


def acts_on_other_ground(
    timeline: Timeline[S, Ev], entries: Sequence[Recorded[Ev]]
) -> Iterator[Regrounded]:
    """Return the acts of a stream that rest on another state than when they were recorded."""
    stands = standing_entries(entries)
    replaced = {e.event.replaces.version: e.version for e in entries if e.event.replaces}
    latest = 0
    for number, entry in enumerate(stands):
        late, latest = latest > entry.version, max(latest, entry.version)
        if not late and not any(was < entry.version < by for was, by in replaced.items()):
            continue  # nothing before it was recorded or replaced since
        known = standing_entries(e for e in entries if e.recorded_at <= entry.recorded_at)
        before = known[: known.index(entry)]
        then = timeline.ground(fold(timeline.evolve, timeline.nothing, before), entry.event)
        now = timeline.ground(fold(timeline.evolve, timeline.nothing, stands[:number]), entry.event)
        if then != now:
            yield Regrounded(entry, then, now)
