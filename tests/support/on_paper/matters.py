"""One matter on paper: what was put before the bodies, moved, carried and decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tests.support.on_paper import provisions
from tests.support.on_paper.sheets import (
    Dated,
    Line,
    No,
    Paper,
    Said,
    again,
    in_turn,
    span,
    stop,
    without,
)

ADOPTING = ("adopt", "adopt as amended")
CLOSING = (*ADOPTING, "receive", "reject")
CARRIED = "carried"


@dataclass
class Matter:
    """A matter as its lines leave it."""

    opened: bool = False
    items: set[str] = field(default_factory=set[str])
    reports: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    recommended: dict[str, Said] = field(default_factory=dict[str, Said])
    motions: dict[str, Said] = field(default_factory=dict[str, Said])
    results: dict[str, str] = field(default_factory=dict[str, str])
    carried: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    amended: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    since: dict[str, str] = field(default_factory=dict[str, str])
    targets: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    removed: set[str] = field(default_factory=set[str])
    decisions: dict[str, Line] = field(default_factory=dict[str, Line])
    closed_by: str | None = None
    closed_for: dict[str, str] = field(default_factory=dict[str, str])
    dropped: set[str] = field(default_factory=set[str])
    opened_on: str = ""
    reopened: list[Matter] = field(default_factory=list["Matter"])

    def proposed(self) -> dict[str, Said]:
        """Every provision that is proposed."""
        return {
            act["draft"]["address"]: act["draft"]
            for one in self.recommended.values()
            for act in one["instruments"]
            if act["instrument"] == provisions.ADOPTING
        }


def read(paper: Paper, name: str) -> Matter:
    found = Matter()
    for line in in_turn(paper.sheet(f"matter/{name}")):
        _add(found, line)
    return found


def _add(to: Matter, line: Line) -> None:
    before = dict(to.recommended)
    _say(to, line)
    new_or_changed = [name for name, one in to.recommended.items() if before.get(name) != one]
    to.since |= dict.fromkeys(new_or_changed, line.dated.on)
    if line.topic == "report-submitted":
        to.since |= dict.fromkeys(
            [line.says["document"], *to.reports[line.says["document"]]], line.dated.on
        )


def _say(to: Matter, line: Line) -> None:
    says = line.says
    match line.topic:
        case "matter-opened":
            to.opened, to.opened_on = True, line.dated.on
        case "report-submitted":
            to.items.add(says["document"])
            to.reports[says["document"]] = [one["id"] for one in says["recommendations"]]
            to.recommended |= {one["id"]: one for one in says["recommendations"]}
        case "communication-received":
            to.items.add(says["document"])
        case "deputation-heard":
            to.items.add(says["deputation"])
        case "motion-moved":
            to.items.add(says["motion"])
            to.motions[says["motion"]] = says
        case "motion-carried":
            _add_carried(to, says)
        case "motion-failed":
            to.results[says["motion"]] = says["result"]
        case "decision-taken":
            to.items.add(says["decision"])
            to.recommended |= {one["id"]: one for one in says["recommends"]}
            to.decisions[says["decision"]] = line
            if says["kind"] in CLOSING:
                to.closed_for[says["body"]] = says["decision"]
                to.closed_by = says["decision"] if says["final"] else to.closed_by
        case _:
            to.items.add(says["decision"])
            _add_reopened(to, says["body"])


def _add_reopened(to: Matter, body: str) -> None:
    to.reopened = [*to.reopened, replace(to, recommended=dict(to.recommended))]
    if to.closed_by:
        to.carried, to.closed_for = {}, {}
    to.closed_by = None
    to.carried.pop(body, None)
    to.closed_for.pop(body, None)


def _add_carried(to: Matter, says: Said) -> None:
    to.results[says["motion"]] = CARRIED
    to.carried.setdefault(says["body"], []).append(says["motion"])
    for name in says.get("dropped", ()):
        to.recommended.pop(name, None)  # what put it before the bodies may be withdrawn
        to.dropped.add(name)
        to.targets.setdefault(name, []).append(says["motion"])
        for names in to.reports.values():
            names[:] = [other for other in names if other != name]
    if says["recommendation"]:
        to.recommended[says["recommendation"]["id"]] = says["recommendation"]
        to.targets.setdefault(says["recommendation"]["id"], []).append(says["motion"])
    changed = says["draft"]["address"] if says["draft"] else says["removed"]
    if not changed:
        return
    for amended in (to.amended, to.targets):
        amended.setdefault(changed, []).append(says["motion"])
    for name, one in to.recommended.items():
        acts = [_redrafted(act, changed, says["draft"]) for act in one["instruments"]]
        to.recommended[name] = one | {"instruments": [act for act in acts if act]}
    if says["removed"]:
        to.removed.add(changed)


def _redrafted(act: Said, address: str, draft: Said | None) -> Said | None:
    if act["instrument"] != provisions.ADOPTING or act["draft"]["address"] != address:
        return act
    return act | {"draft": draft} if draft else None


def new(matter: Matter, item: str) -> set[str]:
    """What is said against an item that is put on a matter's sheet."""
    reasons = set[str]() if matter.opened else {"A4 UnknownMatter"}
    again(reasons, [item], matter.items)
    return reasons


def before_it_opened(matter: Matter, said: Said) -> set[str]:
    """What is said of a body's act on a day before the matter was opened."""
    early = matter.opened and span(said["on"])[1] < span(matter.opened_on)[0]
    return {"A4 BeforeOpened"} if early else set()


def proposed_later(matter: Matter, names: Iterable[str], on: str) -> set[str]:
    """What is said of adopting what was put before a body, or last changed, only later."""
    known = (matter.since[name] for name in names if name in matter.since)
    later = any(span(day)[0] > span(on)[1] for day in known)
    return {"A3 AdoptedBeforeProposed"} if later else set()


def carry(paper: Paper, matter: Matter, moved: Said, dated: Dated) -> None:
    """Rule A2: enter what a motion makes of its target as it stands when the motion carries."""
    operation = moved["operation"]
    says: Said = dict.fromkeys(("recommendation", "draft", "removed", "computed", "declared"))
    says |= _outcome(paper, matter, moved["motion"], operation, dated)
    says |= {name: moved[name] for name in ("matter", "motion", "body")}
    paper.write(f"matter/{moved['matter']}", "motion-carried", dated, says)


def _outcome(paper: Paper, matter: Matter, motion: str, operation: Said, dated: Dated) -> Said:
    if operation["operation"] == "add":
        added = operation["recommendation"]
        if added["id"] in {*matter.recommended, *matter.dropped}:
            raise No("AlreadyRecorded")
        return {"recommendation": added}
    kind, _, name = operation["target"].partition("/")
    if kind == "recommendation" and name in matter.dropped:
        raise No("A2 TargetDeleted")
    proposed = matter.proposed()
    known = {*proposed, *provisions.in_force(paper, span(dated.holds)[1])}
    if kind == "provision" and name in matter.removed - known:
        raise No("A2 TargetDeleted")
    if operation["operation"] == "subject-to":
        return {}
    if kind == "provision":
        if name in proposed:
            return _on_proposed(proposed[name], operation)
        return _on_what_is_in_force(paper, matter, motion, operation, dated)
    if name not in matter.recommended:
        raise No("A2 NoSuchTarget")
    if operation["operation"] == "delete":
        return {"dropped": [name]}
    return _on_recommendation(matter.recommended[name], operation)


def _on_proposed(draft: Said, operation: Said) -> Said:
    if operation["operation"] == "delete":
        return {"removed": draft["address"]}
    reasons, text, texts = _struck(draft["text"], operation)
    if operation.get("terms") is None and draft["terms"]:
        reasons.add("A2 SilentOnEffects")
    stop(reasons)
    becomes, _ = provisions.amended(
        draft,
        {"text": text, "heading": operation.get("heading"), "terms": operation.get("terms")},
        "A2 SilentOnEffects",
    )
    return {"draft": becomes, **texts}


def _on_recommendation(one: Said, operation: Said) -> Said:
    reasons, text, texts = _struck(one["text"], operation)
    acts = operation.get("instruments")
    if acts is None and one["instruments"]:
        reasons.add("A2 SilentOnEffects")
    stop(reasons)
    acts = one["instruments"] if acts == "unchanged" else acts or []
    return {"recommendation": one | {"text": text, "instruments": acts}, **texts}


def _struck(text: str, operation: Said) -> tuple[set[str], str, Said]:
    """What is said against the words; the text to enter; the texts that are kept beside it."""
    if "words" not in operation:
        return set(), operation.get("text", ""), {}
    try:
        computed = without(text, operation["words"])
    except No as no:
        return set(no.reasons), "", {}
    return _chosen(computed, operation)


def _chosen(computed: str, operation: Said) -> tuple[set[str], str, Said]:
    declared = operation.get("declared")
    if declared in (None, computed):
        return set(), computed, {"declared": declared}
    reasons = set[str]() if operation.get("enter") else {"A2 ChoiceNeeded"}
    entered = declared if operation.get("enter") == "declared" else computed
    return reasons, entered, {"declared": declared, "computed": computed}


def _on_what_is_in_force(
    paper: Paper, matter: Matter, motion: str, operation: Said, dated: Dated
) -> Said:
    """A motion on a provision that the matter does not propose makes a recommendation."""
    address = operation["target"].removeprefix("provision/")
    ahead = paper.copy()
    for act in _carried_before(matter):
        if act["instrument"] == provisions.DELETING and act["address"] == address:
            raise No("A2 TargetDeleted")
        if act["instrument"] in provisions.ACTS:
            _tried(ahead, act, dated)
    act = _as_instrument(operation, address)
    ahead.written.clear()
    provisions.act_on(ahead, act, dated)
    reasons, texts = set[str](), dict[str, str | None]()
    if "words" in operation:
        amended = ahead.written[0][1].says
        reasons, _, texts = _chosen(amended["computed"] or amended["draft"]["text"], operation)
    stop(reasons)
    text = f"Amend provision {address} as moved."
    return {
        "recommendation": {"id": f"motion/{motion}", "text": text, "instruments": [act]},
        **texts,
    }


def _carried_before(matter: Matter) -> list[Said]:
    carried = {f"motion/{motion}" for motions in matter.carried.values() for motion in motions}
    before = (one for name, one in matter.recommended.items() if name in carried)
    return [act for one in before for act in one["instruments"]]


def _tried(paper: Paper, act: Said, dated: Dated) -> None:
    kept = dict(paper.sheets)
    try:
        provisions.act_on(paper, act, dated)
    except No:
        paper.sheets = kept


def _as_instrument(operation: Said, address: str) -> Said:
    terms = {"terms": operation["terms"]} if operation.get("terms") is not None else {}
    match operation["operation"]:
        case "strike":
            act = {"instrument": "strike-from-provision", "words": operation["words"]}
            if operation.get("enter") == "declared":
                act["declared"] = operation.get("declared")
        case "delete-and-insert":
            act = {"instrument": "replace-provision", "text": operation["text"]}
        case _:
            return {"instrument": provisions.DELETING, "address": address}
    return {**act, "address": address, **terms}
