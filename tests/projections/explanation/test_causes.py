"""Who entered an entry, and what came of a command."""

from __future__ import annotations

from application.command_bus import CommandBus, Envelope
from application.handlers.proceedings import HANDLERS
from domain.instruments import ClassifyPartnership, PartnershipExists
from domain.shared.dates import When
from domain.shared.log_facts import CommandRecorded
from projections.explanation.causes import Branch, Causes, commands_among, tree_of_causes
from tests.support import small_city as city
from tests.support.memory_log import MemoryLog, PlainKeys

REPORT = city.submit(
    "report",
    city.recommendation(
        "report/1", ClassifyPartnership(city="UA-KIEV", classification="Historical")
    ),
    states=(
        PartnershipExists(
            city="UA-KIEV", established=When.parse("1991"), description="Friendship Agreement"
        ),
    ),
)


def log_of(*envelopes: Envelope) -> MemoryLog:
    log = MemoryLog()
    command_bus = CommandBus(log, PlainKeys(), HANDLERS)
    for founding in (*city.FOUNDING, city.OPENED):
        command_bus.handle(city.envelope(founding))
    command_bus.handle(*envelopes)
    return log


def asked(name: str, command: object, because_of: str | None = None) -> Envelope:
    return Envelope(name, command, "a clerk", causation=because_of)  # type: ignore[arg-type]


def names(branches: list[Branch]) -> list[object]:
    """The tree as nested lists of stored names and commands."""
    return [
        (e.command if isinstance(e := b.entry.event, CommandRecorded) else e.TOPIC, names(b.grown))
        for b in branches
    ]


def test_an_entry_belongs_to_the_last_command_before_it_in_its_commit() -> None:
    log = log_of(asked("one", REPORT), asked("two", city.adopt("report/1")))
    entries = list(log.entries())
    causes = Causes(commands_among(entries))

    found = {
        entry.event.TOPIC: opening.event.command
        for entry in entries
        if (opening := causes.command(entry)) and entry.stream.startswith(("matter", "partner"))
    }
    assert found == {
        "matter-opened.v1": "meeting/open-matter/2001-12-4",
        "report-submitted.v1": "one",
        "partnership-formed.v1": "one",
        "decision-taken.v1": "two",
        "partnership-classified.v1": "two",
    }


def test_an_entry_whose_commit_is_not_at_hand_belongs_to_no_command() -> None:
    log = log_of(asked("one", REPORT))
    *_, last = log.entries()
    earlier = [o for o in commands_among(log.entries()) if o.recorded_at != last.recorded_at]

    assert Causes(earlier).command(last) is None


def test_effects_grow_under_their_decision_and_commands_under_the_one_that_led_to_them() -> None:
    log = log_of(asked("one", REPORT), asked("two", city.adopt("report/1"), because_of="one"))

    assert names(tree_of_causes(log.entries(), "one")) == [
        (
            "one",
            [
                ("report-submitted.v1", []),
                ("partnership-formed.v1", []),
                (
                    "two",
                    [("decision-taken.v1", [("partnership-classified.v1", [])])],
                ),
            ],
        )
    ]


def test_what_belongs_to_another_line_is_no_part_of_the_tree() -> None:
    log = log_of(asked("one", REPORT), asked("two", city.adopt("report/1")))

    assert names(tree_of_causes(log.entries(), "two")) == [
        ("two", [("decision-taken.v1", [("partnership-classified.v1", [])])])
    ]
