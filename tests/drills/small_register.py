"""A small register for drills: one council, one provision that decisions rest on."""

from __future__ import annotations

from pathlib import Path

from adapters.bootstrap import Register
from adapters.settings import Settings
from application.command_bus import Envelope
from domain.council.bodies import Body, Charter, RecordCharter
from domain.instruments import AdoptProvision, AuthoriseOfficials, ReplaceProvision
from domain.proceedings.decisions import Decide, DecisionKind
from domain.proceedings.matter import OpenMatter
from domain.shared.dates import When
from domain.shared.messages import Command
from domain.shared.provisions import ProvisionDraft

DAY = When.parse("2002-01-10")
ADDRESS = "outbound/2"
ACTOR = "a clerk"


def settings(url: str, folder: Path) -> Settings:
    """A register of its own, with its files in a folder."""
    return Settings(
        database_url=url,
        views_url=f"sqlite:///{folder / 'views.sqlite'}",
        bus_url=f"sqlite:///{folder / 'bus.sqlite'}",
        keys_file=folder / "register.key",
        actor=ACTOR,
    )


def envelope(name: str, command: Command) -> Envelope:
    """A command under a name."""
    return Envelope(name, command, ACTOR)


def found(register: Register) -> None:
    """Enter the council and put the provision in force."""
    charter = Charter(
        edition="1", bodies=(Body(id="council", name="City Council"),), residual_authority="council"
    )
    draft = ProvisionDraft(address=ADDRESS, heading="Delegation", text="Council approves: 0.")
    register.command_bus.handle(
        envelope("charter", RecordCharter(on=DAY, charter=charter)),
        *adoption("founding", AdoptProvision(draft=draft)),
    )


def adoption(matter: str, act: AdoptProvision | ReplaceProvision) -> tuple[Envelope, Envelope]:
    """A matter on which Council changes the policy."""
    return (
        envelope(f"{matter}/open", OpenMatter(on=DAY, matter=matter, title=matter)),
        envelope(
            f"{matter}/decide",
            Decide(
                on=DAY,
                matter=matter,
                decision="adopted",
                body="council",
                kind=DecisionKind.ADOPT,
                summary="Adopted.",
                instruments=(act,),
            ),
        ),
    )


def amendment(number: int) -> tuple[Envelope, Envelope]:
    """Council replaces the provision."""
    act = ReplaceProvision(address=ADDRESS, text=f"Council approves: {number}.", terms="unchanged")
    return adoption(f"amendment-{number}", act)


def approval(matter: str) -> tuple[Envelope, Envelope]:
    """A decision that rests on the provision in force."""
    return (
        envelope(f"{matter}/open", OpenMatter(on=DAY, matter=matter, title=matter)),
        envelope(
            f"{matter}/decide",
            Decide(
                on=DAY,
                matter=matter,
                decision="approved",
                body="council",
                kind=DecisionKind.ADOPT,
                summary="Approved.",
                instruments=(AuthoriseOfficials(),),
                relies_on=(ADDRESS,),
            ),
        ),
    )
