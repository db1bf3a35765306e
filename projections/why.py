"""Why is it so? The chain from a fact back through decision, motions and reports to the letters.

What changed the fact, or the proposal that became it, is kept apart from what spoke of it. A matter
is followed by its recommendations: those that carry the change, those that adopt a report in which
it stands, the motions that amended them and the decisions that made or adopted them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from domain.decisions import DecisionTaken
from domain.history import Recorded, as_recorded, standing
from domain.kernel import CommandRecorded, Event, Finding, ProvisionRef, StreamId
from domain.motions import MotionCarried, MotionFailed, MotionMoved, Result
from projections.answers import answer
from projections.causes import Causes
from projections.concern import Subject, changed_by
from projections.described import described
from projections.proceedings import Line, Proceedings
from projections.speaking import references
from projections.steps import Account, Role, Step


def why(
    subject: Subject,
    on: date,
    streams: Mapping[StreamId, Sequence[Recorded[Event]]],
    commands: Iterable[Recorded[CommandRecorded]],
) -> Account:
    """Explain a fact as of a day.

    `streams` are the subject's own and those of the matters that concern it, as far as they were
    known; `commands` are the rows that opened what is in them.
    """
    own = streams.get(subject.stream, ())
    effects = [
        e
        for e in standing(own)
        if changed_by(subject, e.event) and e.event.effective_from.first <= on
    ]
    lines: list[Line] = []
    proposed: list[str] = []
    for stream, entries in streams.items():
        if not stream.startswith("matter/"):
            continue
        recorded = as_recorded(entries)
        known = [e for e in recorded if e.event.decided_on.first <= on]
        proceedings = Proceedings(subject, known)
        effective = subject.kind == "decision" or any(map(proceedings.led_to, effects))
        lines += proceedings.lines(effective=effective)
        lines += _mistakes(subject, entries)
        if not effective:
            proposed += proceedings.proposals()
    if subject.kind != "decision":
        lines += [Line(e, Role.CHANGES, _took_hold(e.event)) for e in effects]
        lines += _mistakes(subject, own)
    lines.sort(key=_order)
    said = answer(subject, own, on)
    causes = Causes(commands)
    return Account(
        fact=str(subject),
        as_of=on,
        candidates=said.candidates,
        determinate=said.determinate,
        proposed=tuple(dict.fromkeys(proposed)),
        steps=tuple(_step(number, line, subject, causes) for number, line in enumerate(lines, 1)),
    )


def _order(line: Line) -> tuple[date, date, int]:
    on = line.entry.event.decided_on
    return (on.last, on.first, line.entry.position)


def _took_hold(event: Event) -> str:
    return "corrected it" if event.replaces else "took effect"


def _mistakes(subject: Subject, entries: Sequence[Recorded[Event]]) -> Iterator[Line]:
    """Entries about the subject that a correction replaced or withdrew."""
    by = {e.event.replaces.version: e for e in entries if e.event.replaces}
    for entry in entries:
        concerned = changed_by(subject, entry.event) or not set(references(entry.event)).isdisjoint(
            subject.references
        )
        if entry.version in by and concerned:
            correction = by[entry.version]
            because = correction.event.replaces.reason if correction.event.replaces else ""
            yield Line(entry, Role.CORRECTED, f"corrected: {because}", outcome=correction)


def _step(number: int, line: Line, subject: Subject, causes: Causes) -> Step:
    entry, event = line.entry, line.entry.event
    opening = causes.command(entry)
    findings = tuple(_judging(subject, event))
    carried = line.outcome.event if line.outcome else None
    differing = carried if isinstance(carried, MotionCarried) and carried.computed else None
    said = described(event)
    authority = event.authority
    return Step(
        number=number,
        role=line.role,
        relation=line.relation,
        by_name=line.by_name,
        on=event.decided_on,
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
        command=opening.event.command if opening else None,
        actor=opening.event.actor if opening else None,
        kind=said.kind,
        item=said.item,
        matter=said.matter,
        body=said.body,
        by=said.by,
        says=said.says,
        result=_result(carried) or said.result,
        passages=tuple(p for p in line.passages if p != said.says),
    )


def _result(outcome: Event | None) -> str | None:
    match outcome:
        case MotionCarried():
            return Result.CARRIED.value
        case MotionFailed(result=result):
            return result.value
        case _:
            return None


def _judging(subject: Subject, event: Event) -> Iterator[Finding]:
    """The findings on the subject: a decision has some on everything that it does."""
    if isinstance(event, MotionMoved):
        yield from event.findings
    if isinstance(event, DecisionTaken):
        names = "|".join(map(re.escape, (*subject.names, subject.key)))
        wanted = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE)
        for finding in event.findings:
            of_it = finding.provision and finding.provision.address == subject.key
            if subject.kind == "decision" or of_it or wanted.search(finding.reason):
                yield finding


def _provisions(event: Event, findings: Iterable[Finding]) -> Iterator[ProvisionRef]:
    yield from getattr(event, "relies_on", ())
    yield from (f.provision for f in findings if f.provision)
    if own := getattr(event, "provision", None):
        yield own
