"""What is written while measuring: the rows of a real command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from application.ports import Pending
from domain.partnerships.partnership import PartnershipReclassified
from domain.places import Place
from domain.shared.dates import When
from domain.shared.log_facts import CommandRecorded
from domain.shared.messages import Citation, DecisionRef, Fact, StreamId

CATALOGUE: Mapping[str, type[Fact]] = {
    kind.TOPIC: kind for kind in (PartnershipReclassified, CommandRecorded)
}
POLICY = StreamId("policy")

EVENT = PartnershipReclassified(
    place=Place(code="UA-KIEV", name="Kiev", country="UA", country_name="Ukraine"),
    classification="Historical",
    reason="Review of the existing relationships",
    decided_on=When.parse("2001-12-04/2001-12-06"),
    effective_from=When.parse("2001-12-06"),
    authority=DecisionRef(matter="edc-2001-13-1", decision="council-2001-12", body="council"),
    cites=(Citation(document="report-13-clause-1", place="Appendix A"),),
)


def opening(command: str) -> CommandRecorded:
    return CommandRecorded(
        command=command,
        kind="record-decision",
        actor="clerk",
        digest="0" * 64,
        key="0" * 16,
        correlation=command,
    )


def handled(number: object) -> Sequence[Pending]:
    """What one command comes to: its opening, and its event in a stream of its own."""
    command = f"council-2001-12/{number}"
    return placed(number, opening(command))


OPENING = opening("council-2001-12/30")


def placed(number: object, command: CommandRecorded = OPENING) -> Sequence[Pending]:
    """The same facts in streams of their own each time."""
    return (
        Pending(StreamId(f"command/council-2001-12/{number}"), 1, command),
        Pending(StreamId(f"partnership/{number}"), 1, EVENT),
    )


ROW = b"".join(pending.fact.__pydantic_serializer__.to_json(pending.fact) for pending in placed(0))
"""The bytes that one such commit stores: what a raw insert is given, in one row."""
