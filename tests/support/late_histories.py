"""Random histories of one city, one provision and one exploration: late, future, tied, uncertain.

Matters are decided at once and taken up again, papers state what exists, and entries are corrected
and withdrawn. Days are drawn from few, so that many acts share one; some are known to the year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from application.command_bus import Envelope
from application.ports import Log
from domain.corrections import CorrectRecord
from domain.council.bodies import RecordCharter
from domain.council.persons import OfficeHolder
from domain.instruments import (
    AdoptProvision,
    ClassifyPartnership,
    DeleteProvision,
    DropTargetedCity,
    EndPartnership,
    EnterPartnership,
    ExplorationIntended,
    ExplorationReported,
    Explore,
    Instrument,
    PartnershipExists,
    ReplaceProvision,
    Statement,
    StrikeFromProvision,
    TargetCity,
)
from domain.places import IdentifyPlaces, Place
from domain.proceedings.decisions import CLOSING, Decide, DecisionKind, RecordEffect, ReopenMatter
from domain.proceedings.matter import OpenMatter
from domain.proceedings.papers import SubmitReport
from domain.shared.dates import When
from domain.shared.log_facts import CommandRecorded
from domain.shared.messages import Command, DecisionRef, Event, StreamId
from domain.shared.provisions import ProvisionDraft
from tests.support.random_stories import Entry, Told, enter
from tests.support.small_city import CHARTER

DECIDED = ("2002-02-05", "2002-06-10", "2002-06-10/2002-06-12", "2002-09-01", "2003-03-01")
EFFECTIVE = (None, None, None, "2002-09-01", "2003", "2003-06-01", "2004-01-01")
SINCE = ("1990", "2002", "2003-06-01")
DAYS = (date(2002, 7, 1), date(2010, 1, 1))
"""Days on which much is decided and to come, and on which all has taken hold."""
TEXT = "To meet, to trade, to learn."
FIRST = When.parse("2001-01-01")


@dataclass
class LateHistory:
    """One history, step by step; `decided` are the decisions that were accepted, with their day.

    A decision takes so many `acts`.
    """

    number: int
    seed: str
    acts: tuple[int, ...] = (1, 1, 2)
    decided: list[tuple[DecisionRef, str]] = field(default_factory=list[tuple[DecisionRef, str]])

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed} {self.number}")
        self.city = f"XX-C{self.number}"
        self.address = f"p{self.number}"
        self.subject = f"s{self.number}"

    @property
    def streams(self) -> tuple[StreamId, ...]:
        """The streams that are judged by their timeline; the policy is shared with others."""
        names = (f"partnership/{self.city}", "policy", f"exploration/{self.subject}")
        return tuple(map(StreamId, names))

    def step(self, number: int, log: Log) -> tuple[Command, ...]:
        """What a clerk enters next, in one commit."""
        chance = self.random.random()
        if chance < 0.15:
            return self._correction(log)
        if chance < 0.25:
            return self._paper(number)
        if self.decided and chance < 0.37:
            return self._reopening(number)
        if self.decided and chance < 0.45:
            return self._effect()
        return self._decision(number)

    def entered(self, commands: tuple[Command, ...]) -> None:
        """Remember what was decided."""
        if commands and isinstance(last := commands[-1], Decide) and last.kind in CLOSING:
            ref = DecisionRef(matter=last.matter, decision=last.decision, body=last.body)
            self.decided.append((ref, str(last.on)))

    def _act(self) -> Instrument:
        city, address = self.city, self.address
        draft = ProvisionDraft(address=address, heading="Purpose", text=TEXT)
        since = When.parse(self.random.choice(SINCE))
        return self.random.choice(
            (
                EnterPartnership(city=city, established=since, description="Twinning"),
                EnterPartnership(city=city, established=When.parse("1990"), description="Twinning"),
                ClassifyPartnership(city=city, classification="Historical"),
                ClassifyPartnership(city=city, classification="International"),
                EndPartnership(city=city),
                TargetCity(city=city),
                DropTargetedCity(city=city),
                AdoptProvision(draft=draft),
                AdoptProvision(draft=draft),
                StrikeFromProvision(address=address, words=", to trade"),
                ReplaceProvision(address=address, text=f"Text {self.random.random()}, to trade."),
                DeleteProvision(address=address),
                Explore(subject=self.subject, name="Somewhere", report_back=True),
            )
        )

    def _effective(self) -> When | None:
        effective = self.random.choice(EFFECTIVE)
        return When.parse(effective) if effective else None

    def _decision(self, number: int) -> tuple[Command, ...]:
        """A matter that Council decides at once."""
        matter, on = f"h{self.number}-{number}", When.parse(self.random.choice(DECIDED))
        acts = tuple(self._act() for _ in range(self.random.choice(self.acts)))
        opening = OpenMatter(on=on, matter=matter, title=matter)
        return (opening, self._deciding(matter, "d", on, acts))

    def _deciding(self, matter: str, name: str, on: When, acts: tuple[Instrument, ...]) -> Decide:
        return Decide(
            on=on,
            matter=matter,
            decision=name,
            body="council",
            kind=DecisionKind.ADOPT if acts else DecisionKind.REJECT,
            summary="So resolved.",
            instruments=acts,
            effective_from=self._effective(),
        )

    def _reopening(self, number: int) -> tuple[Command, ...]:
        """A matter that was decided is taken up again, and rejected or decided otherwise."""
        before, day = self.random.choice(self.decided)
        on = When.parse(self.random.choice([later for later in DECIDED if later >= day]))
        acts = tuple(self._act() for _ in range(self.random.choice((0, 1, 1))))
        again = ReopenMatter(
            on=on, matter=before.matter, decision=f"again-{number}", body="council", reason="More."
        )
        return (again, self._deciding(before.matter, f"d-{number}", on, acts))

    def _effect(self) -> tuple[Command, ...]:
        """What a decision did is entered later than the decision."""
        by, _ = self.random.choice(self.decided)
        on = When.parse("2003-05-01")
        act, since = self._act(), self._effective()
        return (RecordEffect(on=on, instrument=act, authority=by, effective_from=since),)

    def _paper(self, number: int) -> tuple[Command, ...]:
        """A report states what there is."""
        matter, on = f"h{self.number}-{number}", When.parse(self.random.choice(DECIDED))
        since = When.parse(self.random.choice(SINCE))
        stated: Statement = self.random.choice(
            (
                PartnershipExists(city=self.city, established=since, description="Twinning"),
                ExplorationIntended(subject=self.subject, name="Somewhere"),
                ExplorationReported(subject=self.subject),
                ExplorationReported(subject=self.subject),
            )
        )
        by = OfficeHolder(office="Commissioner")
        return (
            OpenMatter(on=on, matter=matter, title=matter),
            SubmitReport(on=on, matter=matter, document="r", by=by, title="R", states=(stated,)),
        )

    def _correction(self, log: Log) -> tuple[Command, ...]:
        stream = self.random.choice(self.streams)
        entries = [e for e in log.entries() if e.stream == stream]
        if not entries:
            return ()
        change: dict[str, Any] = self.random.choice(
            (
                {"withdraw": True},
                {"withdraw": True},
                {"changed": {"effective_from": self.random.choice(DECIDED)}},
                {"changed": {"decided_on": self.random.choice(DECIDED)}},
                {"changed": {"established": self.random.choice(SINCE)}},
                {"changed": {"classification": "International"}},
                {"changed": {"reason": "as is now known"}},
            )
        )
        version = self.random.choice(entries).version
        own: dict[str, Any] = {"stream": stream, "version": version, "reason": "a slip"}
        own["authority"] = "City Clerk"
        return (CorrectRecord(on=When.parse("2003-09-01"), **own, **change),)


def envelopes(name: str, commands: tuple[Command, ...]) -> list[Envelope]:
    """Commands as they are handed in together."""
    return [Envelope(f"{name}/{n}", command, "a clerk") for n, command in enumerate(commands)]


def told(seed: int, steps: int = 9) -> Told:
    """One such history in a log of its own, each command an entry that can be left out.

    A decision has one act, as one that it may not take is refused with all others.
    """
    drawn = LateHistory(0, str(seed), acts=(1,))
    place = Place(code=drawn.city, name="City 0", country="XX", country_name="Nowhere")
    before = enter(
        [
            Entry("charter", RecordCharter(on=FIRST, charter=CHARTER)),
            Entry("places", IdentifyPlaces(on=FIRST, places=(place,))),
        ]
    )
    for step in range(steps):
        commands = drawn.step(step, before.log)
        further = [_entry(f"{step}.{n}", each, before) for n, each in enumerate(commands)]
        after = enter([*before.entries, *further])
        if len(after.entries) == len(before.entries) + len(further):  # none was refused
            drawn.entered(commands)
            before = after
    return before


def _entry(name: str, command: Command, before: Told) -> Entry:
    if not isinstance(command, CorrectRecord):
        return Entry(name, command)
    act = (command.stream, command.version)
    of = next(e for e in before.log.entries() if (e.stream, e.version) == act)
    led = [e for e in before.log.entries() if e.recorded_at == of.recorded_at]
    recorded = next(e.event for e in led if isinstance(e.event, CommandRecorded))
    events = [e for e in led if isinstance(e.event, Event)]
    return Entry(name, command, (recorded.command, events.index(of)))
