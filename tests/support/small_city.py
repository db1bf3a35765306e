"""A small city with one matter before its bodies, for the tests of domain and application."""

from __future__ import annotations

from datetime import date
from typing import Any

from application.command_bus import CommandBus, Envelope, Outcome
from application.handlers.proceedings import HANDLERS
from application.ports import Log
from domain.council.bodies import Body, Charter, RecordCharter
from domain.council.persons import OfficeHolder
from domain.instruments import AdoptProvision
from domain.places import IdentifyPlaces, Place
from domain.policy import Policy, PolicyEvent, evolve
from domain.proceedings.decisions import Decide, DecisionKind
from domain.proceedings.matter import OpenMatter
from domain.proceedings.papers import SubmitReport
from domain.proceedings.recommendations import Recommendation
from domain.shared.dates import When
from domain.shared.history import History, fold
from domain.shared.messages import Basis, Citation, Command, DecisionRef
from domain.shared.provisions import PolicyInForce, ProvisionDraft
from tests.support.memory_log import MemoryLog, PlainKeys

MATTER = "2001-12-4"
FIRST_PAPER = When.parse("2001-11-07")
COMMITTEE_DAY = When.parse("2001-11-19")
COUNCIL_DAYS = When.parse("2001-12-04/2001-12-06")
LATER = When.parse("2002-03-05")

CHARTER = Charter(
    edition="small-city",
    bodies=(
        Body(id="council", name="City Council"),
        Body(id="committee", name="Economic Development and Parks Committee"),
        Body(id="mayor", name="Mayor"),
    ),
    residual_authority="council",
)
KIEV = Place(
    code="UA-KIEV", name="Kiev", country="UA", country_name="Ukraine", other_names=("Kyiv",)
)
MILAN = Place(code="IT-MILAN", name="Milan", country="IT", country_name="Italy")
SEOUL = Place(code="KR-SEOUL", name="Seoul", country="KR", country_name="Korea")
STAFF = OfficeHolder(name="Joe Halstead", office="Commissioner")
REPORT = Citation(document="report")
ADOPTION = DecisionRef(matter=MATTER, decision="adoption", body="council")

DELEGATION = ProvisionDraft(
    address="outbound/2",
    heading="Delegation",
    text="The Mayor shall select the delegation, with the Chair.",
    terms={"delegation.selector": "mayor", "delegation.consulted": ("chair",)},
)
VISITS = ProvisionDraft(
    address="inbound/2",
    heading="Visits",
    text="There shall be six to ten visits.",
    terms={"inbound.visits.least": 6, "inbound.visits.most": 10},
)
PURPOSE = ProvisionDraft(address="purpose", heading="Purpose", text="To meet, to trade, to learn.")


def basis(
    on: str | When, authority: DecisionRef | None = None, *cites: Citation, effective: str = ""
) -> Basis:
    """The dated and cited part of an event."""
    day = When.parse(on) if isinstance(on, str) else on
    return {
        "decided_on": day,
        "effective_from": When.parse(effective) if effective else day,
        "by_convention": not effective,
        "authority": authority,
        "cites": cites,
    }


def recommendation(name: str, *instruments: Any, text: str = "") -> Recommendation:
    """A recommendation that does this."""
    return Recommendation(id=name, text=text or f"That {name} be done.", instruments=instruments)


def submit(document: str = "report", *recommendations: Recommendation, **more: Any) -> SubmitReport:
    """A report of the commissioner, dated like the first paper unless it says otherwise."""
    fields: dict[str, Any] = {"on": FIRST_PAPER, "matter": MATTER, "by": STAFF, "title": "A report"}
    fields |= {"document": document, "recommendations": recommendations, **more}
    return SubmitReport(**fields)


def decide(decision: str, kind: DecisionKind, **more: Any) -> Decide:
    """A decision of Council in December 2001 unless it says otherwise."""
    fields: dict[str, Any] = {"on": COUNCIL_DAYS, "matter": MATTER, "body": "council"}
    fields |= {"decision": decision, "kind": kind, "summary": f"Council: {kind}.", **more}
    return Decide(**fields)


def adopt(*adopts: str, decision: str = "adoption", **more: Any) -> Decide:
    """Council adopts these recommendations, without amendment."""
    return decide(decision, DecisionKind.ADOPT, adopts=adopts, **more)


FOUNDING: tuple[Command, ...] = (
    RecordCharter(on=FIRST_PAPER, charter=CHARTER),
    IdentifyPlaces(on=FIRST_PAPER, places=(KIEV, MILAN, SEOUL)),
)
OPENED = OpenMatter(on=FIRST_PAPER, matter=MATTER, title="City partners", reference="Clause 4")
POLICY = submit(
    "report",
    recommendation("report/1", AdoptProvision(draft=DELEGATION)),
    recommendation("report/2", AdoptProvision(draft=VISITS), AdoptProvision(draft=PURPOSE)),
    recommendation("report/3"),
)


def command_bus(log: Log | None = None) -> CommandBus:
    """A command bus over an empty log in memory, or over the log given."""
    return CommandBus(log or MemoryLog(), PlainKeys(), HANDLERS)


def envelope(command: Command, meeting: str = "meeting") -> Envelope:
    """A command as a minutes file of this meeting names it."""
    return Envelope(f"{meeting}/{command.KIND}/{command.item}", command, "a clerk")


def record(at: CommandBus, *commands: Command, meeting: str = "meeting") -> tuple[Outcome, ...]:
    """Record commands one commit each."""
    return tuple(at.handle(envelope(command, meeting))[0] for command in commands)


def opened() -> CommandBus:
    """A command bus at which the matter is open."""
    at = command_bus()
    record(at, *FOUNDING, OPENED)
    return at


def proposed() -> CommandBus:
    """A command bus at which the report that proposes the policy is in."""
    at = opened()
    record(at, POLICY)
    return at


def adopted() -> CommandBus:
    """A command bus at which Council has adopted the policy."""
    at = proposed()
    record(at, adopt("report/1", "report/2", "report/3"))
    return at


def in_force(known: History[PolicyEvent], day: date) -> PolicyInForce:
    """The provisions surely in force on a day."""
    return PolicyInForce(on=day, provisions=fold(evolve, Policy(), known.on(day)).provisions)
