"""The policy on paper: what stands at each address on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.support.on_paper.sheets import (
    COUNCIL,
    SILENT,
    Dated,
    Line,
    No,
    Paper,
    Said,
    span,
    stop,
    surely,
    without,
)
from tests.support.on_paper.timelines import deciding, enter

ADOPTING, DELETING = "adopt-provision", "delete-provision"
ACTS = (ADOPTING, "strike-from-provision", "replace-provision", DELETING)
TOPICS = ("provision-adopted", "provision-amended", "provision-deleted")


def read(lines: Iterable[Line]) -> tuple[dict[str, Line], set[str]]:
    """The line that stands at each address, and the addresses from which one was deleted."""
    standing: dict[str, Line] = {}
    gone: set[str] = set()
    for line in lines:
        address = line.says["provision"]["address"]
        standing.pop(address, None)
        if line.topic == "provision-deleted":
            gone.add(address)
        else:
            standing[address] = line
    return standing, gone


def in_force(paper: Paper, day: date) -> dict[str, Line]:
    return read(surely(paper.sheet("policy"), day))[0]


def term(paper: Paper, name: str, day: date) -> Any:
    """What the provisions in force say of something; `None` where they say nothing."""
    carried = (line.says["draft"]["terms"].get(name) for line in in_force(paper, day).values())
    return next((value for value in carried if value is not None), None)


def decides(paper: Paper, act: str, day: date) -> str:
    """Whose an act is: the approver that a provision in force names, or Council."""
    return term(paper, f"{act}.approver", day) or COUNCIL


def act_on(paper: Paper, act: Said, dated: Dated, amended_by: Iterable[str] = ()) -> None:
    """Rules A2 and A3 on one act."""
    decided_first(dated)

    def decide(before: list[Line], dated: Dated) -> None:
        _rule(paper, act, before, dated, amended_by)

    deciding(paper, "policy", dated, decide)


def _rule(
    paper: Paper, act: Said, before: list[Line], dated: Dated, amended_by: Iterable[str]
) -> None:
    standing, gone = read(before)
    if act["instrument"] == ADOPTING:
        draft = act["draft"]
        if draft["address"] in standing:
            raise No("A2 AlreadyInForce")
        return _enter(paper, 0, dated, {"draft": draft, "amended_by": list(amended_by)})
    address = act["address"]
    if address not in standing:
        raise No("A2 AlreadyDeleted" if address in gone else "A2 NotInForce")
    was = standing[address].says["draft"]
    if act["instrument"] == DELETING:
        return _enter(paper, 2, dated, {"provision": {"address": address}})
    becomes, computed = amended(was, act, "A2 TermsNotStated")
    terms_stay(paper, was, act)
    return _enter(paper, 1, dated, {"draft": becomes, "computed": computed})


def decided_first(dated: Dated) -> None:
    """Nothing stands, or may stand, before it was decided."""
    if span(dated.holds)[0] < span(dated.on)[0]:
        raise No("A3 BeforeItsDecision")


def amended(draft: Said, act: Said, silent: str) -> tuple[Said, str | None]:
    """A draft after words were struck or another put in its place; what the words make of it."""
    reasons: set[str] = set()
    computed, text = None, act.get("text")
    if "words" in act:
        try:
            struck = without(draft["text"], act["words"])
        except No as no:
            reasons |= no.reasons
        else:
            text = act.get("declared") or struck
            computed = struck if text != struck else None
    terms = act.get("terms")
    if terms is None and draft["terms"]:
        reasons.add(silent)
    named = {} if terms in (None, "unchanged") else terms
    dropped = {name for name, value in named.items() if value is None}
    if dropped - draft["terms"].keys():
        reasons.add("A2 NoSuchTerm")
    stop(reasons)
    terms = {n: v for n, v in (draft["terms"] | named).items() if n not in dropped}
    heading = act.get("heading") or draft["heading"]
    return {"address": draft["address"], "heading": heading, "text": text, "terms": terms}, computed


def terms_stay(paper: Paper, draft: Said, act: Said) -> None:
    """Terms that an amendment of others does not name are listed."""
    if act.get("terms") not in (None, "unchanged") and draft["terms"].keys() - act["terms"]:
        paper.find("A2", "advisory")


def _enter(paper: Paper, topic: int, dated: Dated, says: Said) -> None:
    address = (says.get("draft") or says["provision"])["address"]
    provision = {"address": address, "version": next_version(paper, address)}
    enter(paper, "policy", TOPICS[topic], dated, {**says, "provision": provision})


def next_version(paper: Paper, address: str) -> int:
    spoken = (line for line in paper.sheet("policy") if line.topic not in SILENT)
    used = (line.says["provision"] for line in spoken)
    return max((ref["version"] for ref in used if ref["address"] == address), default=0) + 1
