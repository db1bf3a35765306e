"""The effects that commands would have: entries, texts and facts that change, findings, lapses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, cast

from adapters.bootstrap import Register
from adapters.queries.moment import Moment, as_known
from adapters.queries.policy.redline import Segment, redline
from adapters.queries.rows import FindingRow, Row
from application.command_bus import Outcome
from domain.policy import ProvisionAdopted, ProvisionAmended, ProvisionDeleted
from domain.shared.findings import Finding
from domain.shared.history import Recorded
from domain.shared.log_facts import EntryLapsed
from domain.shared.messages import Event, StreamId
from projections.deadlines import DEADLINES
from projections.engine.read_model import LAST_DAY
from projections.explanation.descriptions import event_in_words
from projections.explanation.facts import fact_on
from projections.explanation.subject import Subject, subjects_of
from projections.policy import POLICY_TEXT


class NewEntry(Row):
    """An entry that would be recorded, in words."""

    kind: str
    says: str
    stream: str


class TextChange(Row):
    """A provision whose text would change: a redline against the text in force or adopted last.

    `wording` says whose words the new text is in; null where nobody says, or it is deleted.
    """

    provision: str
    change: str
    text: tuple[Segment, ...]
    wording: str | None


class FactChange(Row):
    """A fact that would change from the day on which the new entries surely hold.

    `before` and `after` are all that may be so, as `why` has them.
    """

    fact: str
    since: str
    before: tuple[Any, ...]
    after: tuple[Any, ...]


class Prospect(NamedTuple):
    """All that would come of commands; `items` counts those that are not recorded yet.

    `lapses` are the acts that would lapse, `duties` those that would begin.
    """

    items: int
    repeated: int
    entries: Sequence[NewEntry]
    texts: Sequence[TextChange]
    facts: Sequence[FactChange]
    findings: Sequence[FindingRow]
    lapses: Sequence[str]
    duties: Sequence[str]


def prospect(register: Register, outcomes: Sequence[Outcome]) -> Prospect:
    """Return the effects of outcomes of a rehearsal, against the end of the log."""
    new = [outcome for outcome in outcomes if not outcome.repeated]
    entries = [
        cast("Recorded[Event]", entry)
        for outcome in new
        for entry in outcome.events
        if isinstance(entry.event, Event)
    ]
    findings = dict.fromkeys(f for entry in entries for f in _findings(entry.event))
    return Prospect(
        items=len(new),
        repeated=len(outcomes) - len(new),
        entries=[*map(_entry, entries)],
        texts=[*_texts(register, entries)],
        facts=[*_facts(register, entries)],
        findings=[FindingRow.told(finding) for finding in findings],
        lapses=[each.event.entry for each in entries if isinstance(each.event, EntryLapsed)],
        duties=[*_duties(entries)],
    )


def _findings(event: Event) -> Sequence[Finding]:
    return cast("Sequence[Finding]", getattr(event, "findings", ()))


def _entry(entry: Recorded[Event]) -> NewEntry:
    kind = entry.event.TOPIC.rpartition(".")[0].replace("-", " ")
    return NewEntry(kind=kind, says=event_in_words(entry.event).says, stream=entry.stream)


def _texts(register: Register, entries: Iterable[Recorded[Event]]) -> Iterator[TextChange]:
    texts: dict[str, str] = {}
    for entry in entries:
        event = entry.event
        if not isinstance(event, ProvisionAdopted | ProvisionAmended | ProvisionDeleted):
            continue
        address = event.provision.address
        if address not in texts:
            states = [p.state for p in register.reader(POLICY_TEXT).history(address) if p.state]
            texts[address] = states[-1].text if states and states[-1].in_force else ""
        draft = None if isinstance(event, ProvisionDeleted) else event.draft
        becomes = draft.text if draft else ""
        yield TextChange(
            provision=address,
            change=event.TOPIC.rpartition(".")[0].removeprefix("provision-"),
            text=redline(texts[address], becomes),
            wording=draft.wording if draft else None,
        )
        texts[address] = becomes


def _facts(register: Register, entries: Sequence[Recorded[Event]]) -> Iterator[FactChange]:
    changed: dict[str, tuple[Subject, Recorded[Event]]] = {}
    for entry in entries:
        for subject in subjects_of(entry):
            changed[str(subject)] = (subject, entry)
    for subject, last in changed.values():
        day = min(last.event.effective_from.last, LAST_DAY)
        streams = [*as_known(register, subject.streams, Moment(day, None)).items()]
        before = fact_on(subject, [known for _, known in streams], day)
        after = fact_on(subject, [_with(stream, known, entries) for stream, known in streams], day)
        if before != after:
            yield FactChange(
                fact=str(subject),
                since=str(day),
                before=before.candidates,
                after=after.candidates,
            )


def _with(
    stream: StreamId, known: Sequence[Recorded[Event]], entries: Iterable[Recorded[Event]]
) -> list[Recorded[Event]]:
    """Return a stream with the new entries behind the known ones."""
    last = known[-1] if known else None
    position, time = (last.position, last.recorded_at) if last else (0, 0)
    added = (entry for entry in entries if entry.stream == stream)
    return [
        *known,
        *(
            entry._replace(position=position + number, recorded_at=time)
            for number, entry in enumerate(added, 1)
        ),
    ]


def _duties(entries: Iterable[Recorded[Event]]) -> Iterator[str]:
    for entry in entries:
        for key in DEADLINES.keys(entry):
            row = DEADLINES.evolve(key, None, entry)
            if row is not None:
                yield f"{row.kind.value}: {row.says}"
