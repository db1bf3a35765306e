"""Votes, divided questions and reconsiderations, held against a record that is kept by hand.

Walks are drawn by a seed. The model knows four recommendations, the fate of each, and plain
arithmetic of votes; it shares no code with the register. What the register answers is read from its
read models, on both databases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from adapters.bootstrap import Register, open_register, set_up
from adapters.queries.matters import matter
from adapters.queries.moment import Moment
from adapters.settings import Settings
from application.command_bus import Envelope
from domain.council.bodies import RecordCharter
from domain.council.persons import OfficeHolder
from domain.proceedings.decisions import Decide, DecisionKind, ReopenMatter
from domain.proceedings.matter import OpenMatter
from domain.proceedings.papers import SubmitReport
from domain.proceedings.recommendations import Recommendation
from domain.proceedings.votes import Cast, Vote
from domain.shared.dates import When
from domain.shared.majorities import CountedOf, Majority
from domain.shared.messages import Command
from domain.shared.problems import Refusal
from projections.engine.read_model import LAST_DAY
from tests import services
from tests.support.small_city import CHARTER
from tests.support.street import STORES

pytestmark = pytest.mark.rule("A4", "A5", "V1")

DAY = When.parse("2003-02-04")
PARTS = ("r/1", "r/2", "r/3", "r/4")
ENDING = {
    DecisionKind.ADOPT: True,
    DecisionKind.REJECT: True,
    DecisionKind.RECEIVE: True,
    DecisionKind.LOST: False,
    DecisionKind.WITHDRAW: True,
}
"""Decisions that end a part, and whether the vote on each carries."""
POSTPONING = (DecisionKind.DEFER, DecisionKind.REFER, DecisionKind.TABLE)
WALKS = {"sqlite": 60, "postgres": 10}
STEPS = 12
MET = {"MatterClosed", "PartDecided", "ResultNotFromFigures", "MatterNotClosed", "PartNotDecided"}
"""Refusals that the walks must have met, beside items that are recorded."""


@dataclass
class Sheet:
    """One matter as a clerk would keep it on a sheet of paper."""

    fates: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PARTS, "left"))
    divided: bool = False
    ended: bool = False

    def left(self) -> list[str]:
        return [part for part, fate in self.fates.items() if fate != "decided"]


def drawn_vote(chance: Random) -> tuple[Vote, bool]:
    """A vote with all its figures, and whether it carries by school arithmetic."""
    yes, no, abstain, absent = (chance.randint(0, 6) for _ in range(4))
    needed, of = chance.choice(list(Majority)), chance.choice(list(CountedOf))
    casting = chance.choice((None, *Cast)) if yes == no else None
    vote = Vote(
        in_favour=yes,
        against=no,
        abstaining=abstain,
        absent=absent,
        needed=needed,
        of=of,
        casting=casting,
    )
    whole = yes + no
    if of is not CountedOf.VOTING:
        whole += abstain
    if of is CountedOf.MEMBERS:
        whole += absent
    if casting is Cast.IN_FAVOUR:
        yes += 1
    if casting and of is not CountedOf.MEMBERS:
        whole += 1
    hundredths = {
        Majority.SIMPLE: yes * 2 > whole,
        Majority.THREE_FIFTHS: yes * 5 >= whole * 3 and yes > 0,
        Majority.TWO_THIRDS: yes * 3 >= whole * 2 and yes > 0,
        Majority.THREE_QUARTERS: yes * 4 >= whole * 3 and yes > 0,
        Majority.UNANIMOUS: yes == whole and yes > 0,
    }
    return vote, hundredths[needed]


@dataclass
class Walk:
    """A matter in the register, and its sheet of paper."""

    register: Register
    name: str
    chance: Random
    sheet: Sheet = field(default_factory=Sheet)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    seen: Counter[str | None] = field(default_factory=Counter[str | None])

    def enter(self, command: Command) -> str | None:
        """The class of the refusal, `None` where it is recorded."""
        request = Envelope(f"{self.name}/{command.KIND}/{command.item}", command, "a clerk")
        said: str | None = None
        try:
            self.register.command_bus.handle(request)
        except Refusal as refusal:
            said = type(refusal).__name__
        self.seen[said] += 1
        return said

    def begin(self) -> None:
        assert self.enter(OpenMatter(on=DAY, matter=self.name, title="T")) is None
        several = tuple(Recommendation(id=part, text=f"Do {part}.") for part in PARTS)
        by = OfficeHolder(office="Clerk")
        report = SubmitReport(
            on=DAY, matter=self.name, document="r", by=by, title="T", recommendations=several
        )
        assert self.enter(report) is None

    def decide(self) -> None:
        """A decision on some parts, or on all that is left; it may be refused."""
        kind = self.chance.choice((*ENDING, *POSTPONING))
        parts = tuple(self.chance.sample(PARTS, self.chance.choice((0, 1, 1, 2))))
        vote, carries = drawn_vote(self.chance)
        voted = self.chance.random() < 0.5
        adopting = kind is DecisionKind.ADOPT
        whole = tuple(self.sheet.left())
        command = Decide(
            on=DAY,
            matter=self.name,
            decision=f"d{next(self.numbers)}",
            body="council",
            kind=kind,
            summary="S.",
            parts=parts,
            adopts=whole if adopting and not parts else (),
            vote=vote if voted else None,
        )
        said = self.enter(command)
        if self.sheet.ended:
            assert said == "MatterClosed"
        elif any(self.sheet.fates[part] == "decided" for part in parts):
            assert said == "PartDecided"
        elif voted and carries is not ENDING.get(kind, True):
            assert said == "ResultNotFromFigures"
        else:
            assert said is None, (command, said)
            self._settle(kind, parts)

    def _settle(self, kind: DecisionKind, parts: tuple[str, ...]) -> None:
        sheet = self.sheet
        sheet.divided = sheet.divided or bool(parts)
        on = parts or tuple(sheet.left())
        if kind in ENDING:
            sheet.fates |= dict.fromkeys(on, "decided")
            sheet.ended = not sheet.left()
        elif sheet.divided:
            sheet.fates |= dict.fromkeys(on, "put off")

    def reopen(self) -> None:
        """The whole matter, or one part of it, is taken up again; it may be refused."""
        part = self.chance.choice((None, *PARTS))
        command = ReopenMatter(
            on=DAY,
            matter=self.name,
            decision=f"d{next(self.numbers)}",
            body="council",
            reason="R.",
            parts=(part,) if part else (),
        )
        said, sheet = self.enter(command), self.sheet
        if part is None:
            assert said == (None if sheet.ended else "MatterNotClosed")
            if said is None:
                self.sheet = Sheet()
        elif sheet.divided and sheet.fates[part] == "decided":
            assert said is None
            sheet.fates[part], sheet.ended = "left", False
        else:
            assert said == "PartNotDecided"

    def the_same_stands(self) -> None:
        self.register.catch_up()
        rows = matter(self.register, self.name, Moment(LAST_DAY, None))
        (row,) = [row for row in rows if row.kind == "matter"]
        assert row.result
        assert (row.result == "closed") == self.sheet.ended
        left = self.sheet.left() if self.sheet.divided else []
        assert sorted(row.left) == left
        if self.sheet.divided and not self.sheet.ended:
            assert row.result == f"open: {len(left)} of {len(PARTS)} parts left"


@pytest.fixture(scope="module", params=STORES)
def register(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Register]:
    folder = tmp_path_factory.mktemp("model")
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{folder / 'log.sqlite'}", folder)
        return
    with services.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield from _opened(url, folder)


def _opened(url: str, folder: Path) -> Iterator[Register]:
    kept: dict[str, Any] = {"keys_file": folder / "register.key"}
    settings = Settings(database_url=url, actor="a clerk", **kept)
    set_up(settings)
    with open_register(settings) as opened:
        charter = RecordCharter(on=DAY, charter=CHARTER)
        opened.command_bus.handle(Envelope("founding", charter, "a clerk"))
        yield opened


@pytest.mark.timeout(300)
def test_the_register_keeps_to_what_is_on_the_sheet(
    register: Register, request: pytest.FixtureRequest
) -> None:
    seen: Counter[str | None] = Counter()
    store = str(request.node.callspec.params["register"])
    for number in range(WALKS[store]):
        walk = Walk(register, f"walk-{number}", Random(number), seen=seen)
        walk.begin()
        for _ in range(walk.chance.randint(3, STEPS)):
            (walk.reopen if walk.chance.random() < 0.25 else walk.decide)()
            if store == "sqlite":
                walk.the_same_stands()
        walk.the_same_stands()
    assert seen[None] > 4 * WALKS[store]
    assert store == "postgres" or seen.keys() >= MET
