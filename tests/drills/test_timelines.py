"""Random histories: late, future, tied, of several days, known to the year, corrected, reopened.

What must hold is told from the read models, without the code that judges timelines: what an
accepted act says is so in its place, nothing that ended comes back by itself, no state is without
its ground, and `basis-changed` lists exactly the acts whose ground differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import Register, open_register, set_up
from adapters.queries.basis_changed import basis_changed
from adapters.queries.moment import Moment
from adapters.settings import Settings
from application.command_bus import Outcome, events_of
from domain.council.bodies import RecordCharter
from domain.partnerships.exploration import (
    ExplorationAnswered,
    ExplorationDirected,
    ExplorationStated,
)
from domain.partnerships.partnership import (
    CityNoLongerTargeted,
    CityTargeted,
    PartnershipClassified,
    PartnershipFormed,
    PartnershipLapsed,
    PartnershipReclassified,
)
from domain.places import IdentifyPlaces, Place
from domain.policy import ProvisionAdopted, ProvisionAmended, ProvisionDeleted
from domain.proceedings.decisions import Decide, DecisionTaken, RecordEffect, ReopenMatter
from domain.shared.history import Recorded, lapses, standing_entries
from domain.shared.log_facts import EntryLapsed
from domain.shared.messages import Command, Event, Fact, StreamId
from domain.shared.problems import Problem
from projections.engine.read_model import Phase, ReadModel
from projections.explorations import EXPLORATIONS
from projections.partnerships import PARTNERSHIPS
from projections.policy import POLICY_TEXT
from tests.support.late_histories import FIRST, LateHistory, envelopes
from tests.support.small_city import CHARTER

HISTORIES = 5
"""How many histories share a register: each has a city, a provision and a subject of its own."""
STEPS = 9
LATEST = Moment(date(2030, 1, 1), None)
BEGINS = (
    *(PartnershipFormed, ProvisionAdopted, CityTargeted),
    *(ExplorationDirected, ExplorationStated),
)

Commits = dict[int, int]
"""The last position of each commit, by its time."""
Act = tuple[str, int]
"""Stream and version."""


def recorded(register: Register, name: str, *commands: Command) -> tuple[Outcome, ...]:
    """Record commands in one commit; what is refused leaves nothing."""
    try:
        return register.command_bus.handle(*envelopes(name, commands)) if commands else ()
    except Problem:
        return ()


# What an act says, and what it rests on


def means(event: Event, state: Any) -> bool:
    """Whether a state is what an act says."""
    match event:
        case PartnershipFormed(established=established):
            return bool(state.established == established and not state.targeted)
        case PartnershipClassified() | PartnershipReclassified():
            return state.classification == event.classification and bool(state.established)
        case PartnershipLapsed():
            return not (state and (state.established or state.classification))
        case CityTargeted():
            return bool(state.targeted)
        case CityNoLongerTargeted():
            return not (state and state.targeted)
        case ProvisionAdopted() | ProvisionAmended():
            return bool(state.in_force and state.text == event.draft.text)
        case ProvisionDeleted():
            return not (state and state.in_force)
        case _:
            return explored(event, state)


def explored(event: Event, state: Any) -> bool:
    """Whether an exploration is what an act says."""
    match event:
        case ExplorationDirected():
            return bool(state.basis == "directed" and state.report_owed is event.report_back)
        case ExplorationStated():
            return bool(state.basis == "stated" and state.reported_in is None)
        case ExplorationAnswered(document=document):
            return bool(state.reported_in == document and not state.report_owed)
        case _:
            return False


def exists(state: Any) -> bool:
    """Whether there is a partnership, a target, a provision in force or an exploration."""
    if hasattr(state, "targeted"):
        return bool(state.established or state.targeted)
    return state.in_force if hasattr(state, "in_force") else state is not None


def ground(phases: Sequence[Phase[Any]]) -> object:
    """What acts rest on after these phases."""
    state: Any = phases[-1].state if phases else None
    if not exists(state):
        return None
    if hasattr(state, "targeted"):
        return (state.established, state.classification, state.targeted)
    if hasattr(state, "in_force"):
        return state.version
    directed = any(getattr(phase.state, "basis", None) == "directed" for phase in phases)
    return (directed, state.reported_in is None)


def has_its_ground(state: Any) -> bool:
    """No class without a partnership, and no target that is a partner."""
    if not hasattr(state, "targeted"):
        return True
    partner = bool(state.established)
    return (partner or state.classification is None) and not (partner and state.targeted)


def before(phases: Sequence[Phase[Any]], version: int) -> Sequence[Phase[Any]]:
    """The phases before that of an entry."""
    return phases[: [phase.version for phase in phases].index(version)]


def first_version(entries: Sequence[Recorded[Any]], entry: Recorded[Any]) -> int:
    """The version of an act, before corrections and lapses."""
    while entry.event.replaces:
        entry = entries[entry.event.replaces.version - 1]
    return entry.version


# What must hold


def subjects(drawn: LateHistory) -> tuple[tuple[ReadModel[Any], str, StreamId], ...]:
    """Read model, key and stream of what a history is about."""
    models = (PARTNERSHIPS, POLICY_TEXT, EXPLORATIONS)
    keys = (drawn.city, drawn.address, drawn.subject)
    return tuple(zip(models, keys, drawn.streams, strict=True))


class Checked:
    """One register with its histories, and what was seen in them."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.entries: list[Recorded[Fact]] = list(register.log.entries())
        self.commits: Commits = {e.recorded_at: e.position for e in self.entries}
        self.seen: Counter[str] = Counter()

    def on(self, stream: StreamId) -> list[Any]:
        return [entry for entry in self.entries if entry.stream == stream]

    def history(self, drawn: LateHistory) -> set[Act]:
        """See that all holds of one history; give the acts whose ground differs, or that lapsed."""
        return {act for of in subjects(drawn) for act in self._of(drawn, *of)}

    def _of(
        self, drawn: LateHistory, model: ReadModel[Any], key: str, stream: StreamId
    ) -> Iterator[Act]:
        reader, entries = self.register.reader(model), self.on(stream)
        phases = reader.history(key)
        self.in_place(phases, entries)
        by_version = {phase.version: phase for phase in phases}
        for entry in (e for e in standing_entries(entries) if e.version in by_version):
            then = reader.history(key, self.commits[entry.recorded_at])
            self.in_place(then, [e for e in entries if e.recorded_at <= entry.recorded_at])
            self.on_its_day(model, key, then, entry.version, self.commits[entry.recorded_at])
            if ground(before(then, entry.version)) != ground(before(phases, entry.version)):
                yield (stream, entry.version)
        for lapse, _ in lapses(entries):
            act = entries[lapse.version - 1].event
            if getattr(getattr(act, "provision", None), "address", drawn.address) == drawn.address:
                self.seen["lapsed"] += 1
                yield (stream, lapse.version)

    def in_place(self, phases: Sequence[Phase[Any]], entries: Sequence[Recorded[Any]]) -> None:
        """What each act says is so in its place, begins and ends as it says, and has its ground."""
        by_version = {phase.version: phase for phase in phases}
        own = [entry for entry in standing_entries(entries) if entry.version in by_version]
        assert [entry.version for entry in own] == [phase.version for phase in phases]
        last, turns = None, dict[tuple[object, ...], int]()
        for entry, phase in zip(own, phases, strict=True):
            event, turn = entry.event, first_version(entries, entry)
            decision = (event.authority, str(event.decided_on), str(event.effective_from))
            assert turns.get(decision, 0) <= turn, "the acts of one decision change places"
            turns[decision] = turn if event.authority else 0
            assert means(entry.event, phase.state), (entry, phase)
            assert has_its_ground(phase.state), phase
            if exists(phase.state) and not exists(last):
                assert isinstance(entry.event, BEGINS), "what ended comes back by an act alone"
            last = phase.state

    def on_its_day(
        self,
        model: ReadModel[Any],
        key: str,
        phases: Sequence[Phase[Any]],
        version: int,
        known: int,
    ) -> None:
        """The answer on the day of an act is what it says, or what later acts of it made of that.

        Where an earlier act may not have taken hold by then, the record cannot tell.
        """
        earlier, (phase, *later) = before(phases, version), phases[len(before(phases, version)) :]
        day = phase.last
        if any(other.last > day for other in earlier):
            return
        candidates = self.register.reader(model).answer(key, day, known).candidates
        expected = [phase.state, *(other.state for other in later if other.first <= day)]
        assert all(candidate in expected for candidate in candidates), (candidates, expected)
        if len(expected) == 1:
            assert candidates == (phase.state,)
            self.seen["certain on their day"] += 1

    def basis_changed(self, expected: set[Act]) -> None:
        """The acts whose ground differs are listed, and no others."""
        rows = basis_changed(self.register, LATEST)
        of_ground = ("rested on: ", "lapsed by ")
        listed = {
            (r.stream, r.version) for r in rows if any(c.startswith(of_ground) for c in r.changed)
        }
        assert listed == expected
        self.seen["listed"] += len(listed)


def takes_effect(commands: Sequence[Command], outcomes: Sequence[Outcome]) -> None:
    """Each act of an accepted command writes its effect, or a finding or a lapse tells of it."""
    command, events = commands[-1], events_of(outcomes[-1])
    match command:
        case Decide(instruments=instruments):
            acts = len(instruments)
        case RecordEffect():
            acts = 1
        case _:
            return
    told = sum(
        "is not done again" in finding.reason
        for event in events
        if isinstance(event, DecisionTaken)
        for finding in event.findings
    )
    new = [e for e in events if not isinstance(e, DecisionTaken | EntryLapsed) and not e.replaces]
    assert len(new) + told == acts, (command, events)


def histories(register: Register, seed: int) -> Counter[str]:
    """Record some histories, check each, and give what was seen."""
    drawn = [LateHistory(number, str(seed)) for number in range(HISTORIES)]
    cities = tuple(
        Place(code=d.city, name=f"City {d.number}", country="XX", country_name="Nowhere")
        for d in drawn
    )
    assert recorded(register, "charter", RecordCharter(on=FIRST, charter=CHARTER))
    assert recorded(register, "places", IdentifyPlaces(on=FIRST, places=cities))
    reopened = 0
    for step in range(STEPS):
        for each in drawn:
            commands = each.step(step, register.log)
            outcomes = recorded(register, f"{each.number}-{step}", *commands)
            if outcomes:
                each.entered(commands)
                takes_effect(commands, outcomes)
                reopened += isinstance(commands[0], ReopenMatter)
    register.catch_up()
    checked = Checked(register)
    checked.basis_changed({act for each in drawn for act in checked.history(each)})
    checked.seen["reopened"] += reopened
    checked.seen["corrected"] += sum(
        bool(getattr(e.event, "replaces", None)) for e in checked.entries
    )
    return checked.seen


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database of either kind."""
    monkeypatch.chdir(tmp_path)
    if request.param == "sqlite":
        return "sqlite:///log.sqlite"
    return str(request.getfixturevalue("fresh_postgres_url"))


def registers(url: str, wanted: int) -> Iterator[tuple[int, Settings]]:
    for number in range(wanted // HISTORIES):
        yield number, Settings(database_url=url, register_id=f"r{number}", actor="a clerk")


@pytest.mark.slow
@pytest.mark.drill
@pytest.mark.timeout(3600)
def test_accepted_acts_hold_whenever_they_are_recorded(
    url: str, request: pytest.FixtureRequest
) -> None:
    """A hundred histories among the other tests, and two thousand in `make drills`."""
    wanted = 2000 if request.config.getoption("-m") == "drill" else 100
    seen: Counter[str] = Counter()
    for number, settings in registers(url, wanted):
        set_up(settings)
        with open_register(settings) as register:
            seen += histories(register, number)
    assert min(seen[what] for what in ("listed", "lapsed", "reopened", "corrected")) > wanted // 25
    told = ", ".join(f"{count} {what}" for what, count in sorted(seen.items()))
    print(f"\n{url.partition(':')[0]}: {wanted} histories; acts: {told}")
