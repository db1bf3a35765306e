"""Explorations on paper, the studies that rank cities, and the reports that are owed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from tests.support.on_paper import cities, provisions
from tests.support.on_paper.sheets import (
    Dated,
    Line,
    No,
    Paper,
    Said,
    Sheet,
    by_date,
    letters,
    span,
    surely,
)
from tests.support.on_paper.timelines import deciding, enter


@dataclass(frozen=True)
class Look:
    """An exploration: whether there is one, and whether a report is owed."""

    known: bool = False
    owed: bool = False


def look(lines: Sheet) -> Look:
    found = Look()
    for line in by_date(lines):
        if line.topic == "exploration-answered":
            found = replace(found, owed=False)
        else:
            found = Look(known=True, owed=found.owed or bool(line.says.get("report_back")))
    return found


def going_on(paper: Paper, day: date) -> list[str]:
    """The names of what is surely being explored on a day: no report on it ended that."""
    names: list[str] = []
    for sheet in sorted(name for name in paper.sheets if name.startswith("exploration/")):
        lines = surely(paper.sheet(sheet), day)
        if lines and lines[-1].topic != "exploration-answered":
            names.append(lines[-1].says["name"])
    return names


def explore(paper: Paper, act: Said, dated: Dated, document: str) -> None:
    """Rules R2 and W2 on one act."""
    sheet = f"exploration/{act['subject']}"

    def decide(before: list[Line], dated: Dated) -> None:
        _rule(paper, act, before, dated, document)

    deciding(paper, sheet, dated, decide)


def _rule(paper: Paper, act: Said, before: list[Line], dated: Dated, document: str) -> None:
    sheet = f"exploration/{act['subject']}"
    known = bool(before)
    going_on = bool(before) and before[-1].topic != "exploration-answered"
    says = {"subject": act["subject"]}
    if act.get("states") == "exploration-reported":
        if not known:
            raise No("R2 NoExploration")
        enter(paper, sheet, "exploration-answered", dated, says | {"document": document})
        return
    says |= {"name": act["name"], "places": act["places"]}
    if "states" in act:
        if not going_on:
            enter(paper, sheet, "exploration-stated", dated, says)
        return
    paper.find("R2", "not met" if act["report_back"] else "not applicable")
    _in_order(paper, act["places"], dated)
    says |= {"report_back": act["report_back"]}
    enter(paper, sheet, "exploration-directed", dated, says)


def _in_order(paper: Paper, codes: list[str], dated: Dated) -> None:
    """Rule W2: the tiers that come first."""
    day = span(dated.on)[1]
    tiers = [tier_of(paper, cities.find(paper, code, day), day) for code in codes]
    first = provisions.term(paper, "exploration.tiers.first", day)
    if tiers and first is None:
        paper.find("W2", "not applicable")
    else:
        for tier in tiers:
            paper.find("W2", "met" if tier in first else "advisory")


def tier_of(paper: Paper, place: Said, day: date) -> str | None:
    """The tier in the study that was cited last by a day, of those that have the place."""
    mine = {letters(name) for name in cities.names_of(place)}
    for line in reversed(surely(paper.sheet("roster"), day)):
        for tier, named in line.says["tiers"].items():
            if mine & {letters(city) for city in named}:
                return str(tier)
    return None


def cite(paper: Paper, act: Said, dated: Dated) -> None:
    """Rule W1: an edition says what it says."""
    known = {line.says["edition"]: line for line in by_date(paper.sheet("roster"))}
    if act["edition"] in known:
        if known[act["edition"]].says["tiers"] != act["tiers"]:
            raise No("W1 TierIsCited")
        return
    says = {name: act[name] for name in ("study", "edition", "tiers")}
    paper.write("roster", "roster-cited", dated, says)


def duty(paper: Paper, act: Said, dated: Dated, document: str) -> None:
    """Rule R1: a report is asked for once, and answers what was asked."""
    asked = {
        line.says["request"]: line.says
        for line in by_date(paper.sheet("duties"))
        if line.topic == "report-requested"
    }
    known = asked.get(act["request"])
    if act.get("states"):
        if not known:
            raise No("R1 NoSuchRequest")
        says = {"request": act["request"], "document": document}
        paper.write("duties", "report-given", dated, says)
        return
    says = {name: act[name] for name in ("request", "office", "about", "to")}
    if known is None:
        paper.write("duties", "report-requested", dated, says)
    elif known != says:
        raise No("R1 AskedOtherwise")
