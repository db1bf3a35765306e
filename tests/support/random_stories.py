"""Random histories of a small city: stories of matters, requests, missions and plans, interleaved.

A story is what a clerk enters on one subject, in order. Several are drawn and shuffled into each
other, each entry on a day of its own; what the rules refuse is left out. A history can be entered
again without one of its entries, and then whatever the rules refuse falls with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

from application.command_bus import CommandBus, Envelope
from application.handlers.table import HANDLERS
from domain.corrections import CorrectRecord
from domain.council.persons import LEAD, OfficeHolder, Traveller
from domain.discrepancies import NoteDiscrepancy, Passage, SettleDiscrepancy
from domain.instruments import (
    AdoptProvision,
    AdoptReport,
    ApproveAgreement,
    ApproveDelegation,
    ApprovePlan,
    ClassifyPartnership,
    DeleteProvision,
    DropTargetedCity,
    EndPartnership,
    EnterPartnership,
    ExplorationReported,
    Explore,
    PartnershipExists,
    ReplaceProvision,
    ReportAnswers,
    RequestReport,
    StrikeFromProvision,
    TargetCity,
)
from domain.missions.messages import (
    CancelMission,
    CloseMission,
    CompleteMission,
    ProposeMission,
    StartMission,
)
from domain.missions.outline import Direction
from domain.places import IdentifyPlaces
from domain.proceedings.decisions import Decide, DecisionKind, RecordEffect, ReopenMatter
from domain.proceedings.matter import OpenMatter
from domain.proceedings.motions import (
    Add,
    Delete,
    DeleteAndInsert,
    DisposeOfMotion,
    MoveMotion,
    Result,
    Strike,
    SubjectTo,
)
from domain.proceedings.papers import ReceiveCommunication, SubmitReport
from domain.programme.messages import AmendPlan, DraftPlan, ListMission, SubmitPlan
from domain.requests.messages import (
    AdviseArrangement,
    AssessRequest,
    ConsultGroup,
    MakeBusinessCase,
    PrepareAgreement,
    ReceiveRequest,
    ReportOnRequest,
    SignAgreement,
)
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.messages import Citation, Command, DecisionRef, Event
from domain.shared.problems import Problem
from domain.shared.provisions import ProvisionDraft
from tests.support import small_city as city
from tests.support.memory_log import MemoryLog, PlainKeys

FIRST_DAY = date(2002, 1, 7)
CITIES = ("UA-KIEV", "IT-MILAN")
ADDRESSES = ("purpose", "alliances", "classes", "inbound/2")
TERMS: dict[str, dict[str, Any]] = {
    "alliances": {"agreement.approver": "mayor"},
    "classes": {"delegation.approver": "mayor"},
}
SUBJECTS = ("seoul", "guerrero")
TEXT = "To meet, to trade, to learn."

Entering = Callable[[When], Command]
"""A command, once its day is known."""

CATEGORIES = ("International", "Historical")


@dataclass(frozen=True)
class Entry:
    """What a clerk entered: a command, or the correction of one event of an earlier entry."""

    name: str
    command: Command
    corrects: tuple[str, int] | None = None


@dataclass(frozen=True)
class Told:
    """A history as it was entered, and the log that it led to."""

    entries: tuple[Entry, ...]
    log: MemoryLog
    events: dict[str, int]
    """How many events each entry led to."""
    moving: frozenset[str]
    """The entries by which others lapsed, or took effect after all."""

    def without(self, name: str) -> Told:
        """The history entered again without one entry."""
        return enter([entry for entry in self.entries if entry.name != name])


def enter(entries: Sequence[Entry]) -> Told:
    """Enter a history from the beginning; what the rules refuse is left out."""
    log = MemoryLog()
    done = hand_in(CommandBus(log, PlainKeys(), HANDLERS), entries)
    counts = {name: len(events) for name, events in done.items()}
    kept = tuple(entry for entry in entries if entry.name in done)
    return Told(kept, log, counts, moving(done))


def hand_in(
    command_bus: CommandBus,
    entries: Sequence[Entry],
    called: Callable[[Command], Command] = lambda command: command,
    prefix: str = "",
) -> dict[str, Sequence[Recorded[Any]]]:
    """Record entries one by one; what each that is not refused led to, by name.

    `called` gives a command other names for what it is on; commands are named by `prefix` and name.
    """
    done: dict[str, Sequence[Recorded[Any]]] = {}
    for entry in entries:
        command = called(entry.command)
        if entry.corrects:
            name, number = entry.corrects
            events = [e for e in done.get(name, ()) if isinstance(e.event, Event)]
            if number >= len(events) or not isinstance(command, CorrectRecord):
                continue
            stream, version = events[number].stream, events[number].version
            command = command.model_copy(update={"stream": stream, "version": version})
        try:
            (outcome,) = command_bus.handle(Envelope(prefix + entry.name, command, "a clerk"))
        except Problem:
            continue
        done[entry.name] = outcome.events
    return done


def moving(done: Mapping[str, Sequence[Recorded[Any]]]) -> frozenset[str]:
    """The entries by which others lapsed, or took effect after all."""
    return frozenset(name for name, led in done.items() if any(map(_moved, led[1:])))


def _moved(entry: Recorded[Any]) -> bool:
    """Of what follows the entry itself: a lapse, or an act in place of its lapse."""
    return isinstance(entry.event, Event) and entry.event.replaces is not None


def history(seed: int) -> Told:
    """A random history."""
    chance = Random(seed)
    stories = [list(story) for story in _stories(chance)]
    entries = [
        *(Entry(f"founding/{n}", command) for n, command in enumerate(_founding())),
    ]
    day = FIRST_DAY
    while any(stories):
        story = chance.choice([story for story in stories if story])
        day += timedelta(days=chance.choice((0, 1, 1, 3)))
        on = When.parse(day.isoformat())
        entries.append(Entry(f"entry/{len(entries)}", story.pop(0)(on)))
    told = enter(entries)
    return enter([*told.entries, *_corrections(told, chance, day)])


def _founding() -> Iterator[Command]:
    yield city.FOUNDING[0]
    for place in (city.KIEV, city.MILAN, city.SEOUL):
        yield IdentifyPlaces(on=city.FIRST_PAPER, places=(place,))


def _corrections(told: Told, chance: Random, day: date) -> Iterator[Entry]:
    """Mistakes that come to light at the end."""
    later = [e for e in told.entries if not e.name.startswith("founding")]
    for number in range(chance.choice((0, 0, 1, 2))):
        entry = chance.choice(later)
        events = told.events[entry.name]
        changes: dict[str, Any] = chance.choice(
            ({"withdraw": True}, {"changed": {"reason": "as is now known"}})
        )
        correction = CorrectRecord(
            on=When.parse(day.isoformat()),
            stream="later",
            version=1,
            reason="a slip",
            authority="City Clerk",
            **changes,
        )
        yield Entry(
            f"correction/{number}", correction, (entry.name, chance.randrange(max(events, 1)))
        )


# Stories


def _stories(chance: Random) -> Iterator[Iterator[Entering]]:
    kinds = (_matter, _matter, _matter, _partner, _exploring, _request, _mission, _disagreement)
    for number in range(chance.choice((2, 3, 4))):
        yield chance.choice(kinds)(chance, f"m{number}")


def _on(command_type: type[Command], /, **fields: Any) -> Entering:
    def command(on: When) -> Command:
        return command_type(on=on, **fields)

    return command


def _body(chance: Random) -> str:
    return chance.choice(("council",) * 6 + ("committee", "mayor"))


def _instrument(chance: Random) -> Any:
    place, address = chance.choice(CITIES), chance.choice(ADDRESSES)
    draft = ProvisionDraft(
        address=address, heading=address, text=TEXT, terms=TERMS.get(address, {})
    )
    return chance.choice(
        (
            AdoptProvision(draft=draft),
            AdoptProvision(draft=draft),
            StrikeFromProvision(address=address, words=", to trade", terms="unchanged"),
            ReplaceProvision(address=address, text="Anew.", terms=TERMS.get(address, {})),
            DeleteProvision(address=address),
            ClassifyPartnership(city=place, classification=chance.choice(CATEGORIES)),
            ClassifyPartnership(city=place, classification=chance.choice(CATEGORIES)),
            EnterPartnership(
                city=place, established=When.parse("2002-01-05"), description="Twinning"
            ),
            EndPartnership(city=place),
            TargetCity(city=place),
            DropTargetedCity(city=place),
            Explore(subject=chance.choice(SUBJECTS), name="Somewhere", report_back=True),
        )
    )


def _partner(chance: Random, matter: str) -> Iterator[Entering]:
    """A report states a partnership, and a class follows."""
    place = chance.choice(CITIES)
    founded = PartnershipExists(
        city=place, established=When.parse("1991"), description="Friendship"
    )
    yield _on(OpenMatter, matter=matter, title=f"On {place}")
    yield _report(matter, "states", states=(founded,))
    act = ClassifyPartnership(city=place, classification=chance.choice(CATEGORIES))
    yield from _decided(chance, matter, act)


def _matter(chance: Random, matter: str) -> Iterator[Entering]:
    """A matter from its first report to a decision, and perhaps beyond it."""
    yield _on(OpenMatter, matter=matter, title="A matter")
    act = _instrument(chance)
    yield from _decided(chance, matter, act)
    if chance.random() < 0.4:
        yield _on(ReopenMatter, matter=matter, decision="again", body="council", reason="More.")
        yield from _decided(chance, matter, _instrument(chance), "second")
    if chance.random() < 0.3:
        authority = DecisionRef(matter=matter, decision="d-first", body="council")
        yield _on(RecordEffect, instrument=_instrument(chance), authority=authority)


def _report(matter: str, document: str, *acts: Any, **more: Any) -> Entering:
    numbered = enumerate(acts, 1)
    several = tuple(city.recommendation(f"{document}/{n}", act) for n, act in numbered)
    fields = {"matter": matter, "document": document, "by": city.STAFF, "title": "A report"}
    return _on(SubmitReport, **fields, recommendations=several, **more)


def _decided(chance: Random, matter: str, act: Any, name: str = "first") -> Iterator[Entering]:
    """An act is proposed, written about, amended, recommended and decided, or some of that."""
    body, document = _body(chance), f"r-{name}"
    if chance.random() < 0.15:
        yield from _at_once(matter, act, body, name)
        return
    yield _report(matter, document, act)
    if chance.random() < 0.3:
        about = (chance.choice((*CITIES, "provision/purpose")),)
        letter = {"document": f"l-{name}", "sender": city.STAFF, "asks": "To be heard."}
        yield _on(ReceiveCommunication, matter=matter, about=about, **letter)
    adopts = f"{document}/1"
    if chance.random() < 0.4:
        adopts = f"committee-{name}/1"
        own = city.recommendation(adopts, AdoptReport(document=document))
        yield _deciding(
            matter, f"rec-{name}", DecisionKind.RECOMMEND, "committee", recommends=(own,)
        )
    for number in range(chance.choice((0, 0, 1, 1, 2))):
        yield from _motion(chance, matter, act, f"{name}-{number}", adopts, body)
    kind = (
        chance.choice((DecisionKind.REJECT, DecisionKind.DEFER)) if chance.random() < 0.1 else None
    )
    if kind:
        yield _deciding(matter, f"d-{name}", kind, body)
        return
    taking = partial(_deciding, matter, f"d-{name}", body=body, adopts=(adopts,))
    # One of the two is refused: a body that amended adopts as amended, and no other does.
    yield taking(DecisionKind.ADOPT)
    yield taking(DecisionKind.ADOPT_AS_AMENDED)


def _at_once(matter: str, act: Any, body: str, name: str) -> Iterator[Entering]:
    yield _deciding(matter, f"d-{name}", DecisionKind.ADOPT, body, instruments=(act,))


def _deciding(matter: str, name: str, kind: DecisionKind, body: str, **more: Any) -> Entering:
    fields = {"matter": matter, "decision": name, "kind": kind, "body": body}
    return _on(Decide, **fields, summary="So resolved.", **more)


def _motion(
    chance: Random, matter: str, act: Any, name: str, adopts: str, body: str
) -> Iterator[Entering]:
    address = act.draft.address if isinstance(act, AdoptProvision) else chance.choice(ADDRESSES)
    provision = f"provision/{address}"
    operation = chance.choice(
        (
            DeleteAndInsert(target=provision, text=f"Text {name}.", terms=TERMS.get(address, {})),
            DeleteAndInsert(target=provision, text=f"Text {name}.", terms=TERMS.get(address, {})),
            Strike(target=provision, words=", to learn", terms="unchanged"),
            # Not of a provision on powers: what it would allow or forbid, others would rest on.
            Delete(target="provision/purpose"),
            Strike(target=f"recommendation/{adopts}", words="That ", instruments="unchanged"),
            Add(recommendation=city.recommendation(f"added-{name}/1")),
            SubjectTo(target="r-first", change="With a change."),
        )
    )
    fields = {"matter": matter, "motion": f"mo-{name}", "body": body, "operation": operation}
    result = chance.choice((Result.CARRIED, Result.CARRIED, Result.LOST))
    if chance.random() < 0.7:
        yield _on(MoveMotion, **fields, result=result)
        return
    yield _on(MoveMotion, **fields)
    voted = {"matter": matter, "motion": f"mo-{name}", "body": body, "result": result}
    yield _on(DisposeOfMotion, **voted)


def _exploring(chance: Random, matter: str) -> Iterator[Entering]:
    """A report is asked for and given, and an exploration with it."""
    subject = chance.choice(SUBJECTS)
    asked = RequestReport(request=f"{matter}-asked", office="staff", about=subject, to="council")
    look = Explore(subject=subject, name=subject, report_back=chance.random() < 0.7)
    yield _on(OpenMatter, matter=matter, title="Exploring")
    yield _deciding(matter, "asks", DecisionKind.REQUEST_REPORT, "committee", instruments=(asked,))
    yield _report(matter, "answer", look, states=(ReportAnswers(request=f"{matter}-asked"),))
    yield _deciding(matter, "explores", DecisionKind.ADOPT, "council", adopts=("answer/1",))
    yield _report(matter, "found", states=(ExplorationReported(subject=subject),))


def _request(chance: Random, name: str) -> Iterator[Entering]:
    """A request from its receipt to a signed agreement, with the matter that approves it."""
    place = chance.choice(CITIES)
    own = {"request": name}
    group = OfficeHolder(office="A friendship association")
    yield _on(ReceiveRequest, **own, place=place, group=group, asks="A partnership.")
    yield _on(ConsultGroup, **own, objectives="Trade.")
    wanted = "project" if chance.random() < 0.15 else "longer-term partnership"
    yield _on(AdviseArrangement, **own, arrangement=wanted, reason="It lasts.")
    yield _on(AssessRequest, **own, criteria={"goals": "met"}, goals={})
    yield _on(ReportOnRequest, **own, document=f"r-{name}", recommends=True)
    yield _on(MakeBusinessCase, **own, document=f"c-{name}", positive=True)
    yield _on(OpenMatter, matter=name, title="The agreement")
    yield from _decided(chance, name, ApproveAgreement(request=name))
    yield _on(PrepareAgreement, **own, description="Friendship Agreement")
    yield _on(SignAgreement, **own)


def _mission(chance: Random, name: str) -> Iterator[Entering]:
    """A mission and its year's plan."""
    outbound = chance.random() < 0.6
    own = {"mission": name}
    plan = {"year": 2002}
    yield _on(
        ProposeMission,
        **own,
        direction=Direction.OUTBOUND if outbound else Direction.INBOUND,
        year=2002,
        cities=CITIES,
        rationale="Fairs.",
    )
    yield _on(DraftPlan, **plan)
    yield _on(ListMission, **plan, mission=name)
    if chance.random() < 0.5:
        yield _on(SubmitPlan, **plan, document=f"plan-{name}")
        yield _on(OpenMatter, matter=name, title="The plan")
        yield from _at_once(name, ApprovePlan(year=2002), "council", "plan")
        if chance.random() < 0.3:
            yield _on(AmendPlan, **plan, reason="One more.")
    if outbound:
        lead = Traveller(person=OfficeHolder(office="Mayor"), seat=LEAD)
        yield _on(OpenMatter, matter=f"{name}-who", title="The delegation")
        act = ApproveDelegation(mission=name, travellers=(lead,))
        yield from _decided(chance, f"{name}-who", act)
    if chance.random() < 0.2:
        yield _on(CancelMission, **own, reason="No funds.")
        return
    yield _on(StartMission, **own)
    yield _on(CompleteMission, **own)
    yield _on(CloseMission, **own)


def _disagreement(chance: Random, name: str) -> Iterator[Entering]:
    """A discrepancy, and the decision that settles it."""
    passages = tuple(
        Passage(at=Citation(document="report", place=str(n)), says=f"It is {n}.") for n in (25, 26)
    )
    yield _on(NoteDiscrepancy, discrepancy=name, title="How many", passages=passages)
    yield _on(OpenMatter, matter=name, title="How many")
    yield from _decided(chance, name, TargetCity(city=chance.choice(CITIES)))
    authority = DecisionRef(matter=name, decision="d-first", body="council")
    yield _on(SettleDiscrepancy, discrepancy=name, authority=authority, how="By counting.")
