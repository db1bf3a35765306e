"""Every act on an agreement: its outcome, its repeat, its refusal and its race."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import get_args

import pytest

from application.command_bus import CommandBus
from application.handlers.requests import HANDLERS as ON_REQUESTS
from application.handlers.table import HANDLERS
from application.ports import Log
from domain.council.persons import OfficeHolder
from domain.instruments import (
    AgreementExists,
    EndAgreement,
    EnterAgreement,
    GiveAgreementRole,
    Instrument,
    Party,
    PartySide,
    RenewAgreement,
    Side,
)
from domain.partnerships.agreement import (
    AgreementEvent,
    AgreementInstrument,
    AgreementKnown,
    AgreementOver,
    ExpiresBeforeItBegins,
    NoAgreement,
    NoSuchTerm,
    NotAParty,
    NotSigned,
    PartyAct,
    RatifyForParty,
    SignedAlready,
    SignForParty,
)
from domain.proceedings.matter import OpenMatter
from domain.proceedings.papers import SubmitReport
from domain.shared.dates import When
from domain.shared.messages import Command
from domain.shared.problems import Refusal
from tests.support.memory_log import MemoryLog, PlainKeys
from tests.support.racing import MovingLog
from tests.support.small_city import FOUNDING, LATER, STAFF, adopt, envelope, record

pytestmark = pytest.mark.rule("C9")

US = Party(name="Our City", side=PartySide.OURS)
KIEV = Party(name="Kiev", side=PartySide.THEIRS, place="UA-KIEV")
ENTER = EnterAgreement(
    agreement="letter",
    kind="letter of intent",
    description="A letter",
    parties=(US, KIEV),
    ratified_by=("Kiev",),
    expires=When.parse("2010-12-31"),
)
STATED = AgreementExists(
    agreement="stated",
    kind="twinning",
    description="A twinning",
    parties=(US, KIEV),
    signed={"Our City": When.parse("1991"), "Kiev": When.parse("1991")},
)
MAY = When.parse("2002-05-07")


def decided(matter: str, act: Instrument, on: When = MAY) -> tuple[Command, ...]:
    """Council adopts this on a matter that it opens."""
    opened = OpenMatter(on=on, matter=matter, title=matter)
    return opened, adopt(decision="d", matter=matter, on=on, instruments=(act,))


def stated(matter: str, act: AgreementExists) -> tuple[Command, ...]:
    """A report on a matter of its own states this."""
    report = SubmitReport(
        on=MAY, matter=matter, document="r", by=STAFF, title="Agreements", states=(act,)
    )
    return OpenMatter(on=MAY, matter=matter, title=matter), report


def sign(party: str, on: When = MAY) -> SignForParty:
    return SignForParty(on=on, agreement="letter", party=party)


def ratify(party: str, on: When = MAY) -> RatifyForParty:
    return RatifyForParty(on=on, agreement="letter", party=party)


@dataclass(frozen=True)
class Case:
    """The commands of an act (the last one is it), what they write, and two that are refused.

    `wrong` is refused as it is; `rival` is recorded between the reading and the append of the act,
    which is then `beaten`, or stands beside it.
    """

    commands: tuple[Command, ...]
    then: tuple[str, ...]
    wrong: tuple[Command, ...]
    refusal: type[Refusal]
    details: Mapping[str, object]
    rival: tuple[Command, ...]
    beaten: type[Refusal] | None
    before: tuple[Command, ...] = decided("letter", ENTER, LATER)


RENEW = RenewAgreement(agreement="letter", expires=When.parse("2020-12-31"))
END = EndAgreement(agreement="letter", by=Side.THEM)
ROLE = GiveAgreementRole(
    agreement="letter", role="representative", holder=OfficeHolder(name="A. Ito", office="Member")
)
OTHER_ROLE = ROLE.model_copy(update={"holder": OfficeHolder(name="B. Roy", office="Member")})

CASES: Mapping[type[Command | Instrument | AgreementExists], Case] = {
    EnterAgreement: Case(
        before=(),
        commands=decided("one", ENTER),
        then=("agreement-entered 2002-05-07", "agreement-day-came 2011-01-01"),
        wrong=decided("wrong", ENTER.model_copy(update={"expires": When.parse("2001")})),
        refusal=ExpiresBeforeItBegins,
        details={"expires": "2001", "on": "2002-05-07"},
        rival=decided("two", ENTER),
        beaten=AgreementKnown,
    ),
    AgreementExists: Case(
        before=(),
        commands=stated("one", STATED),
        then=(
            "agreement-entered 1991",
            "agreement-signed 1991",
            "agreement-signed 1991",
        ),
        wrong=stated("wrong", STATED.model_copy(update={"signed": {"Lviv": When.parse("1991")}})),
        refusal=NotAParty,
        details={"party": "Lviv", "parties": ("Our City", "Kiev")},
        rival=stated("two", STATED),
        beaten=AgreementKnown,
    ),
    RenewAgreement: Case(
        commands=decided("one", RENEW),
        then=("agreement-renewed 2002-05-07", "agreement-day-came 2021-01-01"),
        wrong=decided("wrong", RENEW.model_copy(update={"expires": When.parse("2010-12-31")})),
        refusal=NoSuchTerm,
        details={"expires": "2010-12-31"},
        rival=decided("two", RENEW),
        beaten=NoSuchTerm,
    ),
    EndAgreement: Case(
        commands=decided("one", END),
        then=("agreement-ended 2002-05-07",),
        wrong=decided("wrong", END.model_copy(update={"agreement": "lost"})),
        refusal=NoAgreement,
        details={"agreement": "lost"},
        rival=decided("two", END),
        beaten=AgreementOver,
    ),
    GiveAgreementRole: Case(
        commands=decided("one", ROLE),
        then=("agreement-role-given 2002-05-07",),
        wrong=decided("wrong", ROLE.model_copy(update={"agreement": "lost"})),
        refusal=NoAgreement,
        details={"agreement": "lost"},
        rival=decided("two", OTHER_ROLE),
        beaten=None,
    ),
    SignForParty: Case(
        commands=(sign("Kiev"),),
        then=("agreement-signed 2002-05-07",),
        wrong=(sign("Lviv"),),
        refusal=NotAParty,
        details={"party": "Lviv", "parties": ("Our City", "Kiev")},
        rival=(sign("Kiev", When.parse("2002-05-06")),),
        beaten=SignedAlready,
    ),
    RatifyForParty: Case(
        before=(*decided("letter", ENTER, LATER), sign("Kiev", LATER)),
        commands=(ratify("Kiev"),),
        then=("agreement-ratified 2002-05-07",),
        wrong=(ratify("Our City"),),
        refusal=NotSigned,
        details={"party": "Our City"},
        rival=(ratify("Kiev", When.parse("2002-05-06")),),
        beaten=SignedAlready,
    ),
}
every = pytest.mark.parametrize("case", CASES.values(), ids=[act.__name__ for act in CASES])


def bus(log: Log) -> CommandBus:
    return CommandBus(log, PlainKeys(), HANDLERS)


def at(case: Case, log: MemoryLog) -> CommandBus:
    """The city before the act; all but the last of its commands are recorded."""
    register = bus(log)
    record(register, *FOUNDING, *case.before, *case.commands[:-1])
    return register


def written(log: MemoryLog, after: int = 0) -> list[str]:
    """Name and day of the entries about agreements."""
    found = [row for row in log.entries(after) if row.stream.startswith("agreement/")]
    events = [row.event for row in found]
    return [
        f"{event.TOPIC.partition('.')[0]} {event.effective_from}"
        for event in events
        if isinstance(event, AgreementEvent)
    ]


def test_every_act_on_an_agreement_has_a_case() -> None:
    instruments = set(get_args(AgreementInstrument))
    assert set(CASES) == instruments | {c for c in ON_REQUESTS if issubclass(c, PartyAct)}


@every
def test_outcome(case: Case) -> None:
    log = MemoryLog()
    register = at(case, log)
    before = log.head()
    register.handle(envelope(case.commands[-1]))
    assert tuple(written(log, before)) == case.then


@every
def test_repeat(case: Case) -> None:
    log = MemoryLog()
    register = at(case, log)
    (first,) = register.handle(envelope(case.commands[-1]))
    head = log.head()
    (again,) = register.handle(envelope(case.commands[-1]))
    assert again == replace(first, repeated=True)
    assert log.head() == head


@every
def test_refusal(case: Case) -> None:
    log = MemoryLog()
    register = at(case, log)
    record(register, *case.wrong[:-1])
    head = log.head()
    with pytest.raises(case.refusal) as raised:
        register.handle(envelope(case.wrong[-1], "wrong"))
    assert type(raised.value) is case.refusal
    told = raised.value.details
    assert {name: told[name] for name in case.details} == case.details
    assert log.head() == head


@every
def test_race(case: Case) -> None:
    log = MovingLog()
    register = at(case, log)
    record(bus(log), *case.rival[:-1])
    head = log.head()
    log.attempts = 0
    log.rivals = iter([lambda: bus(log).handle(envelope(case.rival[-1], "rival"))])
    if case.beaten:
        with pytest.raises(case.beaten) as raised:
            register.handle(envelope(case.commands[-1]))
        assert type(raised.value) is case.beaten
        assert len(written(log, head)) == len(case.then)
    else:
        register.handle(envelope(case.commands[-1]))
        assert len(written(log, head)) == 2 * len(case.then)
    assert log.attempts == (1 if case.beaten else 2)
