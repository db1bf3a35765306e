"""Acts on categories, states and agreements: outcome, repeat, refusal and race."""

from __future__ import annotations

from typing import Any

import pytest

from application.command_bus import CommandBus, events_of
from application.handlers.table import HANDLERS
from application.ports import Log
from application.unit_of_work import UnitOfWork
from domain.instruments import (
    AdoptProvision,
    ClassifyPartnership,
    EndAgreement,
    EnterAgreement,
    EnterPartnership,
    Instrument,
    MovePartners,
    PartnershipState,
    Party,
    PartySide,
    RenewAgreement,
    ReplaceProvision,
    SetPartnershipState,
)
from domain.partnerships.agreement import (
    Agreement,
    AgreementOver,
    SignedAlready,
    SignForParty,
    Status,
)
from domain.partnerships.agreement import evolve as evolve_agreement
from domain.partnerships.agreement import stream_of as agreement_stream
from domain.partnerships.partnership import Relationship
from domain.partnerships.partnership import evolve as evolve_partnership
from domain.partnerships.partnership import stream_of as partnership_stream
from domain.partnerships.states import PartnershipStateChanged, SameState
from domain.proceedings.decisions import Decide
from domain.proceedings.matter import OpenMatter
from domain.shared.categories import UnknownCategory
from domain.shared.dates import When
from domain.shared.messages import Command
from domain.shared.provisions import ProvisionDraft
from tests.support.memory_log import MemoryLog, PlainKeys
from tests.support.racing import MovingLog
from tests.support.small_city import FOUNDING, LATER, adopt, envelope, record

CATEGORIES = ProvisionDraft(
    address="categories",
    heading="Categories",
    text="Two kinds.",
    terms={"category.near.name": "Near", "category.far.name": "Far"},
)
LETTER = EnterAgreement(
    agreement="letter",
    kind="letter of intent",
    description="A letter",
    parties=(
        Party(name="Our City", side=PartySide.OURS),
        Party(name="Kiev", side=PartySide.THEIRS, place="UA-KIEV"),
    ),
)
MOVE = MovePartners(mapping={"near": "far"})
SUSPEND = SetPartnershipState(
    city="UA-KIEV", state=PartnershipState.SUSPENDED, until=When.parse("2002-12-31")
)


def bus(log: Log) -> CommandBus:
    return CommandBus(log, PlainKeys(), HANDLERS)


def deciding(name: str, *acts: Instrument, on: When = LATER) -> tuple[Command, Decide]:
    """Council opens a matter and adopts this on it."""
    opened = OpenMatter(on=on, matter=name, title=name)
    return opened, adopt(decision="d", matter=name, on=on, instruments=acts)


def city(log: MemoryLog) -> CommandBus:
    """Kiev is a partner in the category Near, and a letter of intent with it is approved."""
    at = bus(log)
    enter = EnterPartnership(city="UA-KIEV", established=LATER, description="Twin")
    classify = ClassifyPartnership(city="UA-KIEV", classification="Near")
    founding = deciding("founding", AdoptProvision(draft=CATEGORIES), enter, classify, LETTER)
    record(at, *FOUNDING, *founding)
    return at


def kiev(log: Log, on: str = "2002-06-01") -> Relationship:
    stream = partnership_stream("UA-KIEV")
    day = When.parse(on).last
    return UnitOfWork(log).state_on(stream, day, evolve_partnership, Relationship())


def letter(log: Log, on: str = "2002-06-01") -> Agreement:
    stream = agreement_stream("letter")
    day = When.parse(on).last
    return UnitOfWork(log).state_on(stream, day, evolve_agreement, Agreement())


def sign(party: str, on: str = "2002-04-01") -> SignForParty:
    return SignForParty(on=When.parse(on), agreement="letter", party=party)


def rival(log: MovingLog, *commands: Command) -> None:
    """Let these be recorded between the reading and the append of the next commit."""
    for command in commands[:-1]:
        bus(log).handle(envelope(command, "rival"))
    log.rivals = iter([lambda: bus(log).handle(envelope(commands[-1], "rival"))])


@pytest.mark.rule("C7")
def test_a_repeated_move_gives_its_first_outcome() -> None:
    log = MemoryLog()
    at = city(log)
    opened, moved = deciding("move", MOVE)
    first = record(at, opened, moved)
    again = record(at, opened, moved)
    assert events_of(first[1]) == events_of(again[1])
    assert kiev(log).classification == "Far"


@pytest.mark.rule("C7")
def test_a_partner_classified_in_between_moves_too() -> None:
    log = MovingLog()
    at = city(log)
    away = ClassifyPartnership(city="UA-KIEV", classification="Far")
    record(at, *deciding("away", away, on=When.parse("2002-03-06")))
    opened, moved = deciding("move", MOVE, on=When.parse("2002-04-01"))
    record(at, opened)
    back = ClassifyPartnership(city="UA-KIEV", classification="Near")
    rival(log, *deciding("back", back, on=When.parse("2002-03-07")))
    at.handle(envelope(moved))
    assert kiev(log, "2002-03-31").classification == "Near"
    assert kiev(log, "2002-04-01").classification == "Far"


@pytest.mark.rule("C7")
def test_a_category_that_ends_in_between_takes_no_city() -> None:
    log = MovingLog()
    at = city(log)
    opened, put = deciding(
        "put",
        ClassifyPartnership(city="UA-KIEV", classification="Far"),
        on=When.parse("2002-04-01"),
    )
    record(at, opened)
    drop = ReplaceProvision(address="categories", text="One.", terms={"category.far.name": None})
    rival(log, *deciding("drop", drop, on=When.parse("2002-03-07")))
    with pytest.raises(UnknownCategory) as refused:
        at.handle(envelope(put))
    assert refused.value.details["known"] == ("Near",)


@pytest.mark.rule("C8")
def test_of_two_suspensions_at_once_the_second_is_told_of_the_first() -> None:
    log = MovingLog()
    at = city(log)
    opened, suspended = deciding("one", SUSPEND)
    record(at, opened)
    rival(log, *deciding("two", SUSPEND))
    with pytest.raises(SameState):
        at.handle(envelope(suspended))
    events = [e.event for e in log.entries() if isinstance(e.event, PartnershipStateChanged)]
    assert [str(event.effective_from) for event in events] == ["2002-03-05", "2003-01-01"]


@pytest.mark.rule("C9")
def test_of_two_signatures_at_once_the_second_is_told_of_the_first() -> None:
    log = MovingLog()
    at = city(log)
    rival(log, sign("Kiev", "2002-04-02"))
    with pytest.raises(SignedAlready) as refused:
        at.handle(envelope(sign("Kiev", "2002-04-03")))
    assert str(refused.value.details["on"]) == "2002-04-02"


@pytest.mark.rule("C9")
def test_both_sides_signing_at_once_brings_it_into_force() -> None:
    log = MovingLog()
    at = city(log)
    rival(log, sign("Kiev", "2002-04-02"))
    at.handle(envelope(sign("Our City", "2002-04-03")))
    state = letter(log)
    assert (state.status, str(state.since)) == (Status.IN_FORCE, "2002-04-03")


@pytest.mark.rule("C9")
def test_an_agreement_that_ends_in_between_is_not_renewed() -> None:
    log = MovingLog()
    at = city(log)
    renew = RenewAgreement(agreement="letter", expires=When.parse("2010"))
    opened, renewed = deciding("renew", renew, on=When.parse("2002-04-02"))
    record(at, opened)
    ended = EndAgreement(agreement="letter")
    rival(log, *deciding("end", ended, on=When.parse("2002-04-01")))
    with pytest.raises(AgreementOver) as refused:
        at.handle(envelope(renewed))
    told: dict[str, Any] = dict(refused.value.details)
    assert told["status"] == Status.ENDED
