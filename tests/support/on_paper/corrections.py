"""Corrections and discrepancies on paper: a later line strikes one out, which stays readable."""

from __future__ import annotations

from dataclasses import replace

from tests.support.on_paper import matters, provisions
from tests.support.on_paper.sheets import (
    SILENT,
    WITHDRAWN,
    Dated,
    Line,
    No,
    Paper,
    Said,
    by_date,
    in_turn,
    span,
    stop,
)
from tests.support.on_paper.timelines import enter

ABOUT = {
    "matter": ("matter", "document", "motion", "decision", "body"),
    "partnership": ("place",),
    "exploration": ("subject",),
    "discrepancy": ("discrepancy",),
    "duties": ("request",),
    "roster": ("edition",),
}
"""What a line is about, by the kind of sheet: nobody corrects that."""


def is_decision(paper: Paper, ref: Said) -> bool:
    """Whether the record has the decision, by this body."""
    decision = matters.read(paper, ref["matter"]).decisions.get(ref["decision"])
    return decision is not None and decision.says["body"] == ref["body"]


def behind(paper: Paper, ref: Said, on: str) -> set[str]:
    """What may be said against an act of a day on this decision."""
    if not is_decision(paper, ref):
        return {"A1 NoDecision"}
    decided = matters.read(paper, ref["matter"]).decisions[ref["decision"]].dated.on
    return {"A1 DecidedAfterwards"} if span(on)[0] < span(decided)[0] else set()


def before_decided(topic: str, dated: Dated) -> set[str]:
    """What is said of a decision, or what it did, that may take hold before it."""
    decided = dated.authority or topic == "decision-taken"
    early = span(dated.holds)[0] < span(dated.on)[0]
    return {"A1 DecidedAfterwards"} if decided and early else set()


def correct(paper: Paper, said: Said) -> None:
    """Rules K1 and K2."""
    was_in_turn = settled_in_turn(paper, said["stream"])
    _correct(paper, said)
    if was_in_turn and not settled_in_turn(paper, said["stream"]):
        raise No("K2 DecidedBefore")


def settled_in_turn(paper: Paper, sheet: str) -> bool:
    """No decision settled a disagreement before there was one."""
    found = {line.topic: line.dated for line in in_turn(paper.sheet(sheet))}
    noted, settled = found.get("discrepancy-noted"), found.get("discrepancy-settled")
    return not (noted and settled) or span(settled.on)[0] >= span(noted.holds)[0]


def _correct(paper: Paper, said: Said) -> None:
    sheet, changed = said["stream"], said.get("changed", {})
    reasons: set[str] = set()
    if isinstance(said["authority"], dict):
        reasons |= behind(paper, said["authority"], said["on"])
    lines = paper.sheet(sheet)
    was = next((line for line in lines if line.version == said["version"]), None)
    if was is None or was.topic in SILENT:
        raise No("K1 NoSuchEntry", *reasons)
    if any(line.replaces == was.version for line in lines):
        raise No("K1 AlreadyReplaced", *reasons)
    if said.get("withdraw"):
        stop(reasons)
        enter(paper, sheet, WITHDRAWN, was.dated, {}, replaces=was)
    else:
        _change(paper, sheet, was, changed, reasons)


def _change(paper: Paper, sheet: str, was: Line, changed: Said, reasons: set[str]) -> None:
    if _touches(sheet, was.says, changed):
        raise No("K1 ChangesIdentity", *reasons)
    dated = _dated(was, changed)
    if dated.authority and {"authority", "decided_on"} & changed.keys():
        reasons |= behind(paper, dated.authority, dated.on)
        reasons |= _less(paper, was.dated.authority, dated.authority)
    if sheet != "policy" and {"effective_from", "decided_on"} & changed.keys():
        reasons |= before_decided(was.topic, dated)
    if was.dated.authority and not dated.authority:
        reasons.add("A1 LosesAuthority")
    says = was.says | {name: changed[name] for name in changed if name in was.says}
    if (dated, says) == (was.dated, was.says):
        reasons.add("K1 ChangesNothing")
    stop(reasons)
    if sheet == "policy":
        provisions.decided_first(dated)
        address = says["provision"]["address"]
        version = provisions.next_version(paper, address)
        says |= {"provision": {"address": address, "version": version}}
    enter(paper, sheet, was.topic, dated, says, replaces=was)


def _less(paper: Paper, was: Said | None, ref: Said) -> set[str]:
    """What may be said against a decision that takes the place of another."""
    if was and was["body"] != ref["body"]:
        return {"A1 NotAuthorised"}
    now = matters.read(paper, ref["matter"]).decisions.get(ref["decision"])
    former = matters.read(paper, was["matter"]).decisions.get(was["decision"]) if was else None
    adopted = former is None or former.says["kind"] in matters.ADOPTING
    less = now is not None and adopted and now.says["kind"] not in matters.ADOPTING
    return {"A1 NoDecision"} if less else set()


def _touches(sheet: str, says: Said, changed: Said) -> bool:
    """Whether a correction would have the line speak of something else."""
    if {"replaces", "provision"} & changed.keys():
        return True
    if "place" in changed and changed["place"]["code"] != says["place"]["code"]:
        return True
    if "draft" in changed and changed["draft"]["address"] != says["draft"]["address"]:
        return True
    names = ABOUT.get(sheet.partition("/")[0], ())
    return any(n in changed and n in says and changed[n] != says[n] for n in names if n != "place")


def _dated(was: Line, changed: Said) -> Dated:
    """The day a line holds from follows the date it was taken from, unless it is given."""
    dated = was.dated
    if "authority" in changed:
        dated = replace(dated, authority=changed["authority"])
    older = "established" in changed and changed["established"] < str(span(was.dated.on)[0])
    entered = was.dated.authority and older
    if "established" in changed and was.says["established"] == dated.holds and not entered:
        dated = replace(dated, holds=changed["established"])
    if "decided_on" in changed:
        follows = dated.by_convention and dated.on == dated.holds
        holds = changed["decided_on"] if follows else dated.holds
        dated = replace(dated, on=changed["decided_on"], holds=holds)
    if "effective_from" in changed:
        dated = replace(dated, holds=changed["effective_from"], by_convention=False)
    return dated


def note(paper: Paper, said: Said) -> None:
    """Enter that the papers disagree."""
    sheet = f"discrepancy/{said['discrepancy']}"
    says = {name: said[name] for name in ("discrepancy", "title", "passages")}
    noted, _ = discrepancy(paper, said["discrepancy"])
    if noted and noted.says != says:
        raise No("NotedOtherwise")
    if not noted:
        paper.write(sheet, "discrepancy-noted", Dated(said["on"], said["on"]), says)


def settle(paper: Paper, said: Said) -> None:
    """Rule K2."""
    by = said["authority"]
    if not is_decision(paper, by):
        raise No("A1 NoDecision")
    decided = matters.read(paper, by["matter"]).decisions[by["decision"]].dated
    noted, settled = discrepancy(paper, said["discrepancy"])
    if noted is None:
        raise No("K2 UnknownDiscrepancy")
    reasons = {"K2 AlreadySettled"} if settled else set[str]()
    if span(decided.on)[0] < span(noted.dated.holds)[0]:
        reasons.add("K2 DecidedBefore")
    stop(reasons)
    says = {name: said[name] for name in ("discrepancy", "how")}
    dated = replace(decided, authority=by)
    paper.write(f"discrepancy/{said['discrepancy']}", "discrepancy-settled", dated, says)


def discrepancy(paper: Paper, name: str) -> tuple[Line | None, Line | None]:
    """The line that notes it, and the one that settles it."""
    found = {line.topic: line for line in by_date(paper.sheet(f"discrepancy/{name}"))}
    return found.get("discrepancy-noted"), found.get("discrepancy-settled")
