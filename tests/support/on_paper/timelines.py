"""Whole timelines on paper: what fits in its place, what lapses, and what is changed again.

Written from the rule and not from the code: lay all acts of a sheet in the order in which they take
hold, walk along, and strike what cannot stand where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from tests.support.on_paper.sheets import (
    LAPSED,
    Dated,
    Line,
    No,
    Paper,
    Said,
    Sheet,
    by_date,
    span,
    stands_at,
)

KINDS = {"policy": "A2", "partnership": "C1", "exploration": "R2"}
"""The sheets that are judged so, and the rule under which a later change is named."""


@dataclass
class Walk:
    """What is so at a point of the walk, by subject."""

    in_force: dict[str, Line] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    amended: dict[str, Line] = field(default_factory=dict)
    partner: bool = False
    explored: bool = False


def subject(line: Line) -> str:
    """What a line changes: an address, or all that its sheet is about."""
    return str(line.says["provision"]["address"]) if "provision" in line.says else ""


def misfits(lines: Sheet) -> dict[int, str]:
    """The lines that cannot stand in their places, and why."""
    walk, found = Walk(), dict[int, str]()
    for line in by_date(lines, lapsed_too=True):
        if why := _against(walk, line):
            found[line.version] = why
        else:
            _go_on(walk, line)
    return found


def _against(walk: Walk, line: Line) -> str | None:
    at = subject(line)
    match line.topic:
        case "provision-adopted" if at in walk.in_force:
            return "A2 AlreadyInForce"
        case "provision-amended" if at not in walk.in_force:
            return "A2 AlreadyDeleted" if at in walk.deleted else "A2 NotInForce"
        case "provision-adopted" | "provision-amended":
            terms = line.says["draft"]["terms"].keys()
            others = (o.says["draft"]["terms"] for a, o in walk.in_force.items() if a != at)
            if any(terms & other.keys() for other in others):
                return "A2 TermCarriedTwice"
            last = walk.amended.get(at)
            amends = line.topic == "provision-amended"
            if amends and last and span(last.dated.on)[0] > stands_at(line)[1][1]:
                return "A2 AmendedSince"
            return None
        case "partnership-formed" if walk.partner:
            return "C5 AlreadyPartner"
        case "city-targeted" if walk.partner:
            return "C4 AgreementExists"
        case "partnership-classified" | "partnership-reclassified" if not walk.partner:
            return "C1 NoPartnership"
        case "exploration-answered" if not walk.explored:
            return "R2 NoExploration"
        case _:
            return None


def _go_on(walk: Walk, line: Line) -> None:
    at = subject(line)
    match line.topic:
        case "provision-deleted":
            walk.in_force.pop(at, None)
            walk.deleted.add(at)
        case "provision-adopted" | "provision-amended":
            walk.in_force[at] = line
        case "partnership-formed":
            walk.partner = True
        case "partnership-lapsed":
            walk.partner = False
        case "exploration-directed" | "exploration-stated":
            walk.explored = True
        case _:
            pass
    before = walk.amended.get(at)
    if before is None or span(before.dated.on)[0] < span(line.dated.on)[0]:
        walk.amended[at] = line


def enter(
    paper: Paper,
    sheet: str,
    topic: str,
    dated: Dated,
    says: Said,
    *,
    replaces: Line | None = None,
) -> None:
    """Add a line with what it means for the others, or say what is against it."""
    paper.write(sheet, topic, dated, says, replaces=replaces)
    if sheet.partition("/")[0] not in KINDS:
        return
    lines = paper.sheet(sheet)
    new = lines[-1]
    rule = KINDS[sheet.partition("/")[0]]
    struck = {line.replaces for line in lines}
    lapsed = {
        line.replaces: line
        for line in lines
        if line.topic == LAPSED and line.version not in struck and line.replaces is not None
    }
    found = misfits(lines)
    decided = new.dated.authority is not None and new.replaces is None
    at = {line.version: line for line in lines}
    for version, why in found.items():
        if version in lapsed:
            continue
        if why == "A2 TermCarriedTwice" or (version == new.version and why != "A2 AmendedSince"):
            raise No(why)
        if not decided:
            raise No(why if version == new.version else "A1 TakesItsGround")
        by = _prevails(lines, at[version]) if why == "A2 AmendedSince" else new
        dated = replace(by.dated, placed=None)
        paper.write(sheet, LAPSED, dated, {"by": by.version}, replaces=at[version])
        paper.find(why.partition(" ")[0], "advisory")
    for version, lapse in lapsed.items():
        if version not in found:
            act = at[version]
            paper.write(sheet, act.topic, act.dated, act.says, replaces=lapse)
            paper.find(rule, "advisory")
    if new.replaces is None and new.version not in found:
        order = [line for line in by_date(lines) if line.version not in found]
        later = order[order.index(new) + 1 :]
        if any(subject(line) == subject(new) for line in later):
            paper.find(rule, "advisory")


def _prevails(lines: Sheet, act: Line) -> Line:
    """The last decided of what stands before an act that amends."""
    found = misfits(lines)
    before: list[Line] = []
    for line in by_date(lines, lapsed_too=True):
        if line is act:
            break
        if line.version not in found and subject(line) == subject(act):
            before.append(line)
    latest = max(span(line.dated.on)[0] for line in before)
    return next(line for line in before if span(line.dated.on)[0] == latest)


def deciding(
    paper: Paper, sheet: str, dated: Dated, decide: Callable[[list[Line], Dated], None]
) -> None:
    """Decide on what is before the act, or behind what begins on the same day.

    The acts of one decision that begin on one day stay in their order.
    """
    stands = by_date(paper.sheet(sheet))
    for line in stands:
        same = line.dated.authority == dated.authority is not None
        if line.dated.placed and same and span(line.dated.holds) == span(dated.holds):
            dated = replace(dated, placed=line.dated.placed)
    own = (span(dated.holds), span(dated.placed or dated.on))
    before = [line for line in stands if stands_at(line) <= own]
    found = list(paper.findings)
    try:
        decide(before, dated)
    except No as no:
        for lines, placed in _beginnings(stands, len(before), dated):
            paper.findings[:] = found
            try:
                return decide(lines, placed)
            except No:
                continue
        paper.findings[:] = found
        raise no from None


def _beginnings(stands: list[Line], own: int, dated: Dated) -> Iterator[tuple[list[Line], Dated]]:
    for number, line in enumerate(stands[own:], own + 1):
        if span(line.dated.holds) != span(dated.holds):
            return
        if line.topic in BEGINS:
            yield stands[:number], replace(dated, placed=line.dated.placed or line.dated.on)


BEGINS = (
    *("provision-adopted", "partnership-formed", "city-targeted"),
    *("exploration-directed", "exploration-stated"),
)
