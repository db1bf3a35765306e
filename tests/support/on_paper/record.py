"""The record on paper: what each item of a meeting writes, and what may be said against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from tests.support.on_paper import cities, corrections, looks, matters, provisions
from tests.support.on_paper.matters import Matter
from tests.support.on_paper.sheets import (
    BODIES,
    COUNCIL,
    Dated,
    Line,
    No,
    Paper,
    Said,
    Sheet,
    again,
    by_date,
    in_turn,
    letters,
    span,
    stop,
    surely,
)

AUTHORITY = {
    **dict.fromkeys(provisions.ACTS, "policy"),
    **dict.fromkeys(
        ("classify-partnership", "target-city", "drop-targeted-city"), "classification"
    ),
    **dict.fromkeys(("enter-partnership", "end-partnership"), "agreement"),
    "explore": "exploration",
}
"""The act by which authority is looked up; what is not listed needs none."""


@dataclass(frozen=True)
class Verdict:
    """What an item comes to: what is said against it, or what is written."""

    reasons: frozenset[str] = frozenset()
    written: tuple[tuple[str, Line], ...] = ()


class Record:
    """All sheets of one city."""

    def __init__(self, sheets: Mapping[str, Sheet] | None = None) -> None:
        self.paper = Paper(dict(sheets or {}))

    def enter(self, kind: str, said: Said) -> Verdict:
        """Write an item down, or leave every sheet as it is."""
        paper = self.paper.copy()
        try:
            ITEMS[kind](paper, said)
        except No as no:
            return Verdict(no.reasons)
        self.paper = paper
        return Verdict(frozenset(), tuple(paper.written))


def _dated(said: Said) -> Dated:
    return Dated(said["on"], said["on"])


def _named(said: Said, *names: str) -> Said:
    return {name: said[name] for name in names}


def _body(said: Said) -> set[str]:
    return set[str]() if said["body"] in BODIES else {"A1 UnknownBody"}


def _closed(matter: Matter, body: str = "") -> set[str]:
    return {"A4 MatterClosed"} if matter.closed_by or body in matter.closed_for else set[str]()


def identify(paper: Paper, said: Said) -> None:
    for place in said["places"]:
        cities.identify(paper, place, _dated(said))


def open_matter(paper: Paper, said: Said) -> None:
    if matters.read(paper, said["matter"]).opened:
        raise No("AlreadyRecorded")
    paper.write(_sheet(said), "matter-opened", _dated(said), _named(said, "matter", "title"))


def _sheet(said: Said) -> str:
    return f"matter/{said['matter']}"


def submit(paper: Paper, said: Said) -> None:
    matter = matters.read(paper, said["matter"])
    reasons = matters.new(matter, said["document"])
    recommended = [one["id"] for one in said["recommendations"]]
    if recommended:
        reasons |= _closed(matter)
        again(reasons, recommended, {*matter.recommended, *matter.dropped})
    stop(reasons)
    says = _named(said, "matter", "document", "title", "recommendations")
    paper.write(_sheet(said), "report-submitted", _dated(said), says)
    enact(paper, said["states"], _dated(said), said["document"])


def receive(paper: Paper, said: Said) -> None:
    stop(matters.new(matters.read(paper, said["matter"]), said["document"]))
    says = _named(said, "matter", "document")
    paper.write(_sheet(said), "communication-received", _dated(said), says)


def hear(paper: Paper, said: Said) -> None:
    matter = matters.read(paper, said["matter"])
    early = matters.before_it_opened(matter, said)
    stop(_body(said) | matters.new(matter, said["deputation"]) | early)
    says = _named(said, "matter", "deputation", "body")
    paper.write(_sheet(said), "deputation-heard", _dated(said), says)


def move(paper: Paper, said: Said) -> None:
    matter, operation = matters.read(paper, said["matter"]), said["operation"]
    reasons = _body(said) | matters.new(matter, said["motion"]) | _closed(matter, said["body"])
    reasons |= matters.before_it_opened(matter, said)
    added = operation.get("recommendation")
    if added:
        again(reasons, [added["id"]], {*matter.recommended, *matter.dropped})
    stop(reasons)
    would = added or (operation if operation["operation"] == "subject-to" else {})
    for act in would.get("instruments", ()):
        if act["instrument"] == "change-tier":
            paper.find("W1", "not met")
    says = _named(said, "matter", "motion", "body", "operation")
    says |= {"findings": paper.findings}
    paper.write(_sheet(said), "motion-moved", _dated(said), says)
    if said.get("result"):
        dispose(paper, said)


def dispose(paper: Paper, said: Said) -> None:
    matter = matters.read(paper, said["matter"])
    reasons = _body(said) | (set[str]() if matter.opened else {"A4 UnknownMatter"})
    if said["motion"] not in matter.motions:
        raise No("A2 UnknownMotion", *reasons)
    moved = matter.motions[said["motion"]]
    if said["motion"] in matter.results:
        reasons.add("A4 MotionEnded")
    if said["body"] != moved["body"]:
        reasons.add("A1 MovedInAnotherBody")
    if span(said["on"])[1] < span(_moved_on(paper, said))[0]:
        reasons.add("A4 EndedBeforeMoved")
    stop(reasons | _closed(matter, said["body"]))
    if said["result"] == matters.CARRIED:
        matters.carry(paper, matter, moved, _dated(said))
    else:
        says = _named(said, "matter", "motion", "body", "result")
        paper.write(_sheet(said), "motion-failed", _dated(said), says)


def _deferred(said: Said) -> set[str]:
    past = "until" in said and span(said["until"])[1] < span(said["on"])[0]
    return {"A4 DeferredToThePast"} if past else set()


def _moved_on(paper: Paper, said: Said) -> str:
    lines = in_turn(paper.sheet(_sheet(said)))
    moved = (line for line in lines if line.topic == "motion-moved")
    return next(line.dated.on for line in moved if line.says["motion"] == said["motion"])


def decide(paper: Paper, said: Said) -> None:
    matter = matters.read(paper, said["matter"])
    adopts = said["kind"] in matters.ADOPTING
    reasons = _body(said) | matters.new(matter, said["decision"]) | _closed(matter, said["body"])
    reasons |= matters.before_it_opened(matter, said)
    again(
        reasons, [one["id"] for one in said["recommends"]], {*matter.recommended, *matter.dropped}
    )
    if not set(said["adopts"]) <= matter.recommended.keys():
        reasons.add("A3 NothingToAdopt")
    if adopts:
        reasons.update(_adoption(matter, said))
    adopted = [n for n in dict.fromkeys(said["adopts"]) if adopts and n in matter.recommended]
    acts = [act for n in adopted for act in matter.recommended[n]["instruments"]]
    acts = _all_done(matter, acts + said["instruments"], reasons, set(adopted))
    _may(paper, reasons, said["body"], acts, said["on"])
    inside = _reported(matter, acts)
    reasons |= matters.proposed_later(matter, [*said["adopts"], *inside], said["on"])
    if not adopts and any(act["instrument"] in AUTHORITY for act in acts):
        reasons.add("A3 NotAdopted")
    if said["notwithstanding"] and said["body"] != COUNCIL:
        reasons.add("A1 NotAuthorised")
    relied = [_relied(paper, ref, said["on"], reasons) for ref in said["relies_on"]]
    for address in said["notwithstanding"]:
        _relied(paper, address, said["on"], reasons)
    stop(reasons | _deferred(said))
    ref = _named(said, "matter", "decision", "body")
    holds = said.get("effective_from")
    dated = Dated(said["on"], holds or said["on"], by_convention=holds is None, authority=ref)
    stop(corrections.before_decided("decision-taken", dated))
    done = _done_before(matter)
    for act in acts:
        again_ = _amending(paper, act, dated) if matter.reopened else act
        try:
            enact(paper, [again_], dated, said["decision"], matter.amended, said["notwithstanding"])
        except No:
            if act not in done:
                raise
    if adopts and _left_out(matter, said["body"], {*adopted, *inside}):
        paper.find("A2", "advisory")
    says = _named(said, "matter", "decision", "body", "kind", "adopts", "recommends")
    says |= {"instruments": said["instruments"]}
    says |= {"relies_on": relied, "notwithstanding": said["notwithstanding"]}
    own = any(act["instrument"] in AUTHORITY for act in acts)
    says |= {"final": said["body"] == COUNCIL or own}
    says |= {"findings": paper.findings}
    paper.write(_sheet(said), "decision-taken", replace(dated, authority=None), says, at=0)


def _done_before(matter: Matter) -> list[Said]:
    """What decisions did that were taken up again."""
    done: list[Said] = []
    for before in matter.reopened:
        line = before.decisions[before.closed_by] if before.closed_by else None
        if line and line.says["kind"] in matters.ADOPTING:
            names = [n for n in dict.fromkeys(line.says["adopts"]) if n in before.recommended]
            acts = [act for n in names for act in before.recommended[n]["instruments"]]
            done += _all_done(before, acts + line.says["instruments"], set(), set(names))
    return done


def _amending(paper: Paper, act: Said, dated: Dated) -> Said:
    """A provision that this matter put in force is amended, where it is adopted otherwise."""
    if act["instrument"] != provisions.ADOPTING:
        return act
    draft = act["draft"]
    line = provisions.in_force(paper, span(dated.holds)[1]).get(draft["address"])
    if not (line and line.dated.authority and dated.authority) or line.says["draft"] == draft:
        return act
    theirs, ours = line.dated.authority, dated.authority
    if theirs["matter"] != ours["matter"] or theirs == ours:
        return act
    terms = dict.fromkeys(line.says["draft"]["terms"]) | draft["terms"]
    kept = {name: draft[name] for name in ("address", "heading", "text")}
    return {"instrument": "replace-provision", **kept, "terms": terms}


def _left_out(matter: Matter, body: str, adopted: set[str]) -> bool:
    """Whether the body amended what it does not adopt."""
    named = adopted & matter.recommended.keys()
    acts = (act for name in named for act in matter.recommended[name]["instruments"])
    drafts = {act["draft"]["address"] for act in acts if "draft" in act}
    kept = adopted | drafts | matter.removed | matter.dropped
    return any(
        motion in matter.carried.get(body, ()) and target not in kept
        for target, motions in matter.targets.items()
        for motion in motions
    )


def _reported(matter: Matter, acts: list[Said]) -> list[str]:
    """Reports that are adopted, and what they recommend."""
    reports = [act["document"] for act in acts if act.get("document") in matter.reports]
    return reports + [name for report in reports for name in matter.reports[report]]


def _adoption(matter: Matter, said: Said) -> Iterable[str]:
    if matter.recommended and not (said["adopts"] or said["instruments"]):
        yield "A3 NothingToAdopt"
    if bool(matter.carried.get(said["body"])) != (said["kind"] == "adopt as amended"):
        yield "A2 NotAsAmended"


def _all_done(matter: Matter, acts: list[Said], reasons: set[str], done: set[str]) -> list[Said]:
    """The acts with those of every report that is adopted, each recommendation once."""
    found: list[Said] = []
    for act in acts:
        found.append(act)
        document = act.get("document")
        if act["instrument"] != "adopt-report":
            continue
        if document not in matter.reports:
            reasons.add("A3 UnknownReport")
            continue
        names = [name for name in matter.reports[document] if name not in done]
        done.update(names)
        inside = [a for name in names for a in matter.recommended[name]["instruments"]]
        found += _all_done(matter, inside, reasons, done)
    return found


def _may(paper: Paper, reasons: set[str], body: str, acts: list[Said], on: str) -> None:
    """Rule A1."""
    needed = {AUTHORITY[act["instrument"]] for act in acts if act["instrument"] in AUTHORITY}
    if any(provisions.decides(paper, act, span(on)[1]) != body for act in needed):
        reasons.add("A1 NotAuthorised")


def _relied(paper: Paper, cited: Said | str, on: str, reasons: set[str]) -> Said | None:
    address = cited if isinstance(cited, str) else cited["address"]
    standing = provisions.in_force(paper, span(on)[1]).get(address)
    if isinstance(cited, str) and not standing:
        reasons.add("A2 NotInForce")
    elif not isinstance(cited, str) and (not standing or standing.says["provision"] != cited):
        reasons.add("A3 Superseded")
    found: Said | None = standing.says["provision"] if standing else None
    return found


def reopen(paper: Paper, said: Said) -> None:
    matter = matters.read(paper, said["matter"])
    reasons = _body(said) | matters.new(matter, said["decision"])
    closed_by = matter.closed_by or matter.closed_for.get(said["body"])
    if not closed_by:
        raise No("A4 MatterNotClosed", *reasons)
    if said["body"] not in (COUNCIL, matter.decisions[closed_by].says["body"]):
        reasons.add("A1 NotAuthorised")
    if span(matter.decisions[closed_by].dated.on)[0] > span(said["on"])[1]:
        reasons.add("A4 ReopenedBeforeClosed")
    stop(reasons)
    says = _named(said, "matter", "decision", "body")
    paper.write(_sheet(said), "matter-reopened", _dated(said), says)


def record_effect(paper: Paper, said: Said) -> None:
    act, ref = said["instrument"], said.get("authority")
    on_class = AUTHORITY.get(act["instrument"]) == "classification"
    missing = "C1 NoDecisionOnClass" if on_class else "A1 NoDecision"
    if ref is None or not corrections.is_decision(paper, ref):
        raise No(missing)
    matter = matters.read(paper, ref["matter"])
    decision = matter.decisions[ref["decision"]]
    reasons: set[str] = set()
    acts = _all_done(matter, [act], reasons, set())
    adopts = decision.says["kind"] in matters.ADOPTING
    if not adopts and any(act["instrument"] in AUTHORITY for act in acts):
        reasons.add(missing)
    _may(paper, reasons, ref["body"], acts, decision.dated.on)
    reasons |= matters.proposed_later(matter, _reported(matter, acts), decision.dated.on)
    stop(reasons)
    dated = replace(decision.dated, authority=ref)
    if own := said.get("effective_from"):
        dated = replace(dated, holds=own, by_convention=False)
    elif decision.dated.by_convention:
        dated = replace(dated, holds=decision.dated.on)
    stop(corrections.before_decided("decision-taken", dated))
    aside = decision.says["notwithstanding"]
    enact(paper, acts, dated, ref["decision"], matter.amended, aside)


def enact(
    paper: Paper,
    acts: Iterable[Said],
    dated: Dated,
    document: str,
    amended: Mapping[str, list[str]] | None = None,
    aside: Iterable[str] = (),
) -> None:
    """Do each act, in order."""
    for act in acts:
        kind = act.get("instrument") or act["states"]
        if kind in provisions.ACTS:
            address = act["draft"]["address"] if "draft" in act else act["address"]
            provisions.act_on(paper, act, dated, (amended or {}).get(address, ()))
        elif kind == "change-tier":
            paper.find("W1", "not met")
        elif kind == "study-cited":
            looks.cite(paper, act, dated)
        elif kind in ("request-report", "report-answers"):
            looks.duty(paper, act, dated, document)
        elif "subject" in act:
            looks.explore(paper, act, dated, document)
        elif "city" in act:
            cities.act_on(paper, act, dated, aside)


def annual_report(paper: Paper, said: Said) -> None:
    """Rule R1: the status of each targeted city, partnership of the year and open exploration."""
    expected: list[str] = []
    day = span(said["on"])[1]
    for code, place in cities.known_on(paper, day).items():
        lines = paper.sheet(f"partnership/{code}")
        formed = [line for line in by_date(lines) if line.topic == "partnership-formed"]
        days = [span(line.says["established"]) for line in formed]
        new = any(first.year <= said["year"] <= last.year for first, last in days)
        if new or cities.tie(surely(lines, day)).targeted:
            expected.append(place["name"])
    mine = {letters(name) for name in expected}
    expected += [name for name in looks.going_on(paper, day) if letters(name) not in mine]
    covered = {letters(name) for name in said["statuses"]}
    missing = [name for name in expected if letters(name) not in covered]
    asked = provisions.term(paper, "annual-report.covers", day)
    paper.find("R1", "not applicable" if asked is None else "advisory" if missing else "met")
    if day.year < said["year"]:
        paper.find("R1", "advisory")
    says = _named(said, "year", "document") | {"missing": missing, "findings": paper.findings}
    paper.write(f"year/{said['year']}", "annual-report-given", _dated(said), says)


ITEMS: Mapping[str, Callable[[Paper, Said], None]] = {
    "identify-places": identify,
    "open-matter": open_matter,
    "submit-report": submit,
    "receive-communication": receive,
    "hear-deputation": hear,
    "move-motion": move,
    "dispose-of-motion": dispose,
    "decide": decide,
    "reopen-matter": reopen,
    "record-effect": record_effect,
    "correct-record": corrections.correct,
    "note-discrepancy": corrections.note,
    "settle-discrepancy": corrections.settle,
    "give-annual-report": annual_report,
}
"""What is done with each kind of item."""
