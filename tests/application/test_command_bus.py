"""A command is read for, decided and appended in one guarded commit; a repeat changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count

import pytest

from application.command_bus import (
    ATTEMPTS,
    CommandBus,
    Contradicts,
    Envelope,
    Outcome,
    RaceLost,
    events_of,
)
from application.handlers.proceedings import HANDLERS
from application.ports import Log
from application.unit_of_work import UnitOfWork
from domain.council.bodies import BodyNoMore, Charter, CharterRecorded, RecordCharter
from domain.council.persons import PrivatePerson
from domain.places import IdentifyPlaces, Place, PlaceIdentified
from domain.policy import ProvisionAdopted
from domain.proceedings.decisions import DecisionTaken
from domain.proceedings.matter import AlreadyRecorded, MatterOpened, UnknownMatter
from domain.proceedings.papers import ReceiveCommunication, ReportSubmitted
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.log_facts import CommandRecorded
from domain.shared.messages import Fact, Personal, StreamId
from domain.shared.problems import Problem
from tests.support.memory_log import MemoryLog
from tests.support.racing import MovingLog, OvertakenLog
from tests.support.small_city import (
    CHARTER,
    COMMITTEE_DAY,
    FIRST_PAPER,
    FOUNDING,
    KIEV,
    LATER,
    MATTER,
    MILAN,
    OPENED,
    POLICY,
    adopt,
    adopted,
    basis,
    command_bus,
    envelope,
    opened,
    submit,
)

CHARTERED, PLACED = (envelope(command) for command in FOUNDING)


def rows(log: Log) -> list[Recorded[Fact]]:
    return list(log.entries())


def names(log: Log) -> list[str]:
    return [row.event.TOPIC for row in rows(log)]


def place(code: str, name: str) -> Place:
    return Place(code=code, name=name, country=code[:2], country_name="Somewhere")


def test_a_commit_opens_with_the_command_and_all_its_rows_share_one_moment() -> None:
    at = command_bus()
    (outcome,) = at.handle(PLACED)
    stored = rows(at.log)
    assert [row.event.TOPIC for row in stored] == [
        "command-recorded.v1",
        *("place-identified.v1" for _ in range(3)),
    ]
    assert len({row.recorded_at for row in stored}) == 1
    assert outcome == Outcome(PLACED.id, "identify-places", tuple(stored[1:]), repeated=False)
    assert [row.version for row in outcome.events] == [1, 2, 3]


def test_the_opening_row_names_command_actor_and_line_of_causes() -> None:
    at = command_bus()
    first, second, third = (
        replace(CHARTERED, id="a"),
        replace(PLACED, id="b", causation="a"),
        replace(envelope(OPENED), id="c", causation="b", actor="another clerk"),
    )
    at.handle(first)
    at.handle(second, third)
    opening = [row.event for row in rows(at.log) if isinstance(row.event, CommandRecorded)]
    digests = [event.digest for event in opening]
    assert opening == [
        CommandRecorded(
            command=name,
            kind=kind,
            actor=actor,
            digest=digest,
            key="plain",
            causation=cause,
            correlation="a",
        )
        for (name, kind, actor, cause), digest in zip(
            [
                ("a", "record-charter", "a clerk", None),
                ("b", "identify-places", "a clerk", "a"),
                ("c", "open-matter", "another clerk", "b"),
            ],
            digests,
            strict=True,
        )
    ]
    assert len(set(digests)) == 3


def test_a_cause_from_elsewhere_begins_the_line() -> None:
    at = command_bus()
    at.handle(replace(CHARTERED, causation="mail/7"))
    (opening, _) = rows(at.log)
    assert isinstance(opening.event, CommandRecorded)
    assert opening.event.correlation == "mail/7"


def test_a_repeat_gives_the_original_outcome_and_stores_nothing() -> None:
    at = command_bus()
    first = at.handle(CHARTERED, PLACED)
    before = rows(at.log)
    again = at.handle(CHARTERED, PLACED)
    assert again == tuple(replace(outcome, repeated=True) for outcome in first)
    assert rows(at.log) == before


def test_a_repeat_from_another_desk_and_another_hand_is_a_repeat() -> None:
    at = command_bus()
    (first,) = at.handle(PLACED)
    (again,) = command_bus(at.log).handle(replace(PLACED, actor="another clerk", causation="x"))
    assert again == replace(first, repeated=True)


def test_a_repeat_beside_something_new_stores_what_is_new() -> None:
    at = command_bus()
    at.handle(CHARTERED)
    repeated, new = at.handle(CHARTERED, PLACED)
    assert (repeated.repeated, new.repeated) == (True, False)
    assert [type(event) for event in events_of(new)] == [PlaceIdentified] * 3
    assert names(at.log).count("charter-recorded.v1") == 1


def test_the_same_request_twice_in_one_commit_is_stored_once() -> None:
    at = command_bus()
    first, second = at.handle(CHARTERED, CHARTERED)
    assert (first.repeated, second.repeated) == (False, True)
    assert names(at.log) == ["command-recorded.v1", "charter-recorded.v1"]


@pytest.mark.parametrize(
    "other",
    [
        RecordCharter(on=FIRST_PAPER, charter=CHARTER.model_copy(update={"edition": "other"})),
        OPENED,
    ],
    ids=["other content", "other kind"],
)
def test_another_command_under_a_recorded_name_is_refused_by_that_name(
    other: RecordCharter,
) -> None:
    at = command_bus()
    at.handle(CHARTERED)
    before = rows(at.log)
    with pytest.raises(Contradicts) as raised:
        at.handle(Envelope(CHARTERED.id, other, "a clerk"), PLACED)
    assert raised.value.details == {"item": CHARTERED.id}
    assert rows(at.log) == before


def test_what_is_so_already_is_said_and_stored_as_such() -> None:
    at = command_bus()
    at.handle(CHARTERED)
    (outcome,) = at.handle(envelope(FOUNDING[0], "again"))
    assert outcome == Outcome("again/record-charter/small-city", "record-charter", (), False)
    assert names(at.log)[-1] == "command-recorded.v1"


def test_one_refusal_refuses_the_whole_commit_and_names_its_item() -> None:
    at = command_bus()
    lost = envelope(POLICY)
    with pytest.raises(UnknownMatter) as raised:
        at.handle(CHARTERED, PLACED, lost)
    assert raised.value.of_item == lost.id
    assert rows(at.log) == []


def test_a_later_request_of_a_commit_sees_the_earlier_ones() -> None:
    at = command_bus()
    outcomes = at.handle(
        CHARTERED, PLACED, envelope(OPENED), envelope(POLICY), envelope(adopt("report/1"))
    )
    assert [type(event) for outcome in outcomes for event in events_of(outcome)] == [
        CharterRecorded,
        *[PlaceIdentified] * 3,
        MatterOpened,
        ReportSubmitted,
        DecisionTaken,
        ProvisionAdopted,
    ]
    positions = [row.position for row in rows(at.log)]
    assert positions == sorted(positions)
    assert [row for outcome in outcomes for row in outcome.events] == [
        row for row in rows(at.log) if not isinstance(row.event, CommandRecorded)
    ]


def test_recorded_together_or_one_by_one_the_streams_come_out_the_same() -> None:
    together, apart = command_bus(), command_bus()
    requests = (CHARTERED, PLACED, envelope(OPENED), envelope(POLICY), envelope(adopt("report/1")))
    together.handle(*requests)
    for each in requests:
        apart.handle(each)
    assert [(r.stream, r.version, r.event) for r in rows(together.log)] == [
        (r.stream, r.version, r.event) for r in rows(apart.log)
    ]


def test_a_rehearsal_says_what_would_happen_and_stores_nothing() -> None:
    at = opened()
    before = rows(at.log)
    rehearsed = at.rehearse([envelope(OPENED)], [envelope(POLICY)], [envelope(adopt("report/1"))])
    assert rows(at.log) == before
    assert [(o.kind, o.repeated) for o in rehearsed] == [
        ("open-matter", True),
        ("submit-report", False),
        ("decide", False),
    ]
    done = at.handle(envelope(POLICY)) + at.handle(envelope(adopt("report/1")))
    assert [events_of(o) for o in rehearsed[1:]] == [events_of(o) for o in done]


def test_a_rehearsal_refuses_what_would_be_refused() -> None:
    at = opened()
    with pytest.raises(UnknownMatter) as raised:
        at.rehearse([envelope(POLICY)], [envelope(submit("other", matter="nowhere"))])
    assert raised.value.details == {"rule": "A4", "matter": "nowhere"}


def test_a_race_is_decided_again_on_what_the_rival_left() -> None:
    log = MovingLog()
    rival = envelope(OPENED.model_copy(update={"title": "Another title"}), "rival")
    log.rivals = iter([lambda: command_bus(log).handle(rival)])
    with pytest.raises(AlreadyRecorded):
        command_bus(log).handle(envelope(OPENED))
    assert names(log) == ["command-recorded.v1", "matter-opened.v1"]
    assert log.attempts == 1


def test_a_race_that_does_not_matter_is_won_at_the_second_attempt() -> None:
    log = MovingLog()
    rival = envelope(IdentifyPlaces(on=FIRST_PAPER, places=(MILAN,)), "rival")
    log.rivals = iter([lambda: command_bus(log).handle(rival)])
    (outcome,) = command_bus(log).handle(
        envelope(IdentifyPlaces(on=FIRST_PAPER, places=(MILAN, KIEV)))
    )
    assert events_of(outcome) == (PlaceIdentified(place=KIEV, **basis(FIRST_PAPER)),)
    assert [row.version for row in outcome.events] == [2]
    assert log.attempts == 2


def test_of_two_desks_with_the_same_command_one_repeats_the_other() -> None:
    log = MovingLog()
    first: list[Outcome] = []
    log.rivals = iter([lambda: first.extend(command_bus(log).handle(PLACED))])
    (second,) = command_bus(log).handle(PLACED)
    assert second == replace(first[0], repeated=True)
    assert names(log).count("place-identified.v1") == 3
    assert log.attempts == 1


@pytest.mark.parametrize(
    "handing_in", [CommandBus.handle, lambda *given: CommandBus.rehearse(given[0], given[1:])]
)
def test_the_effects_of_the_same_command_are_no_grounds_to_refuse_it(
    handing_in: Callable[..., Sequence[Outcome]],
) -> None:
    log = OvertakenLog()
    at = command_bus(log)
    at.handle(CHARTERED, PLACED)
    again = envelope(OPENED, "again")
    log.rival = lambda: at.handle(again)
    (outcome,) = handing_in(at, again)
    assert outcome.repeated
    with pytest.raises(Problem):
        at.handle(envelope(OPENED, "other"))


def test_a_race_lost_for_good_says_so_and_stores_nothing() -> None:
    log = MovingLog()
    numbers = count(1)

    def rival() -> None:
        number = next(numbers)
        new = place(f"US-TOWN-{number}", f"Town {number}")
        command_bus(log).handle(
            envelope(IdentifyPlaces(on=FIRST_PAPER, places=(new,)), f"rival-{number}")
        )

    log.rivals = iter([rival] * (ATTEMPTS + 1))
    with pytest.raises(RaceLost) as raised:
        command_bus(log).handle(PLACED)
    assert raised.value.details == {"item": PLACED.id, "attempts": ATTEMPTS}
    assert log.attempts == ATTEMPTS
    assert names(log).count("command-recorded.v1") == ATTEMPTS
    assert log.read(StreamId(f"command/{PLACED.id}")) == {f"command/{PLACED.id}": []}


def test_what_a_decision_read_is_guarded_as_well_as_what_it_writes() -> None:
    at = adopted()
    work = UnitOfWork(at.log)
    HANDLERS[type(POLICY)](work, submit("other"))
    assert StreamId(f"matter/{MATTER}") in work.expect
    charter_read = UnitOfWork(at.log)
    charter_read.charter(FIRST_PAPER.last)
    assert charter_read.expect == {"charter": 1}


def test_reading_twice_reads_the_log_once_and_sees_what_was_written_since() -> None:
    class CountingLog(MemoryLog):
        reads = 0

        def read(self, *streams: StreamId) -> Mapping[StreamId, Sequence[Recorded[Fact]]]:
            self.reads += 1
            return super().read(*streams)

    log = CountingLog()
    work = UnitOfWork(log)
    stream = StreamId("charter")
    assert work.read(stream).entries == ()
    work.write(stream, CharterRecorded(charter=CHARTER, **basis(FIRST_PAPER)))
    assert [entry.version for entry in work.read(stream).entries] == [1]
    assert charter_of(work, FIRST_PAPER) == CHARTER
    assert log.reads == 1


def charter_of(work: UnitOfWork, on: When) -> Charter:
    """The charter of a day without what it adds of bodies that are no more."""
    found = work.charter(on.last)
    assert found
    return Charter(**{name: getattr(found, name) for name in Charter.model_fields})


@pytest.mark.rule("A1")
def test_the_charter_is_the_one_in_force_on_the_day_of_the_act() -> None:
    later = CHARTER.model_copy(update={"edition": "small-city-2", "bodies": CHARTER.bodies[:2]})
    newer = RecordCharter(on=LATER, charter=later)
    at = opened()
    at.handle(envelope(newer, "2002"))
    work = UnitOfWork(at.log)
    assert charter_of(work, COMMITTEE_DAY) == CHARTER
    assert charter_of(work, LATER) == later
    assert work.require_body("mayor", COMMITTEE_DAY.last) == work.charter(COMMITTEE_DAY.last)
    with pytest.raises(BodyNoMore):
        work.require_body("mayor", LATER.last)
    (again,) = at.handle(envelope(newer, "2002 again"))
    assert events_of(again) == ()


def test_the_first_charter_speaks_for_the_time_before_it() -> None:
    assert charter_of(UnitOfWork(opened().log), When.parse("1991-01-01")) == CHARTER
    assert UnitOfWork(MemoryLog()).charter(FIRST_PAPER.last) is None


@pytest.mark.parametrize("name", ["B. Resident", None])
def test_what_is_said_of_a_private_person_is_part_of_what_a_repeat_repeats(
    name: str | None,
) -> None:
    def letter(value: str | None) -> Envelope:
        sender = PrivatePerson(person=Personal[str](value=value))
        command = ReceiveCommunication(
            on=FIRST_PAPER, matter=MATTER, document="letter", sender=sender, asks="Kiev"
        )
        return envelope(command)

    at = opened()
    at.handle(letter("A. Resident"))
    assert at.handle(letter("A. Resident"))[0].repeated
    with pytest.raises(Contradicts):
        at.handle(letter(name))
