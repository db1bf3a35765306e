"""Places and relationships on paper: names, partners and targets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from tests.support.on_paper import provisions
from tests.support.on_paper.sheets import (
    Dated,
    Line,
    No,
    Paper,
    Said,
    by_date,
    letters,
    span,
    stands_at,
    surely,
)
from tests.support.on_paper.timelines import deciding, enter


def places(lines: Iterable[Line]) -> dict[str, Said]:
    """Every place by its code, with every name that it had."""
    found: dict[str, Said] = {}
    for line in lines:
        place = line.says["place"]
        found[place["code"]] = _with_names_of(place, found.get(place["code"]))
    return found


def _with_names_of(place: Said, was: Said | None) -> Said:
    former = [n for n in names_of(was) if letters(n) != letters(place["name"])] if was else []
    led = {letters(n) for n in (place["name"], *former)}
    further = [n for n in place["other_names"] if letters(n) not in led]
    return {**place, "other_names": [*former, *further]}


def known(paper: Paper) -> dict[str, Said]:
    return places(by_date(paper.sheet("places")))


def known_on(paper: Paper, day: date) -> dict[str, Said]:
    """Every place as it is called on a day; before it is first entered, as it was then."""
    return places(_by_then(paper, day))


def _by_then(paper: Paper, day: date) -> list[Line]:
    sheet = by_date(paper.sheet("places"))
    holding = surely(paper.sheet("places"), day)
    first = {line.says["place"]["code"]: line for line in reversed(sheet)}
    return [li for li in sheet if li in holding or li is first[li.says["place"]["code"]]]


def names_of(place: Said) -> tuple[str, ...]:
    return (place["name"], *place["other_names"])


def named(paper: Paper) -> dict[str, set[str]]:
    """The places that every name leads to."""
    led: dict[str, set[str]] = {}
    for code, place in known(paper).items():
        for name in names_of(place):
            led.setdefault(letters(name), set()).add(code)
    return led


def find(paper: Paper, name: str, day: date) -> Said:
    """The place of a code or a name, as it is called on a day. Raises `No`."""
    then = _by_then(paper, day)
    every = places(then)
    if name in every:
        return every[name]
    led = named(paper).get(letters(name), set[str]())
    has = {code for code in led if letters(name) in _has(every[code], then)}
    if len(has) == 1:
        led = has
    if len(led) != 1:
        raise No("C5 SeveralPlaces" if led else "C5 UnknownPlace")
    return every[led.pop()]


def _has(place: Said, lines: list[Line]) -> set[str]:
    """The names of a place that it is not only called by no more."""
    called = [li.says["place"]["name"] for li in lines if li.says["place"]["code"] == place["code"]]
    former = {letters(each) for each in called} - {letters(place["name"])}
    return {letters(each) for each in names_of(place)} - former


def identify(paper: Paper, given: Said, dated: Dated) -> None:
    """Rule C5: a former name goes on leading to its place, and to no other."""
    own = (span(dated.holds), span(dated.on))
    before = [line for line in by_date(paper.sheet("places")) if stands_at(line) <= own]
    was = places(before).get(given["code"])
    place = _with_names_of(given, was)
    if place != was:
        paper.write("places", "place-identified", dated, {"place": place})


@dataclass(frozen=True)
class Tie:
    """What a city is to Toronto."""

    established: str | None = None
    description: str | None = None
    classification: str | None = None
    targeted: bool = False


def tie(lines: Iterable[Line]) -> Tie:
    found = Tie()
    for line in lines:
        match line.topic:
            case "partnership-formed":
                found = Tie(line.says["established"], line.says["description"])
            case "partnership-lapsed":
                found = Tie(targeted=found.targeted)
            case "city-targeted" | "city-no-longer-targeted":
                found = replace(found, targeted=line.topic == "city-targeted")
            case _:
                found = replace(found, classification=line.says["classification"])
    return found


def tie_on(paper: Paper, code: str, day: date) -> Tie:
    return tie(surely(paper.sheet(f"partnership/{code}"), day))


def act_on(paper: Paper, act: Said, dated: Dated, aside: Iterable[str]) -> None:
    """Rules C1 to C5, N4 and N5 on one act."""
    meant = find(paper, act["city"], span(dated.on)[1])
    place = known_on(paper, span(dated.holds)[1]).get(meant["code"], meant)
    act = act | {"city": place["code"]}
    sheet = f"partnership/{act['city']}"
    kind = act.get("instrument") or act["states"]
    since = _since(act, kind, dated)
    if kind == "partnership-exists" and _stated_before(paper, act, dated):
        return

    def decide(before: list[Line], placed: Dated) -> None:
        _rule(paper, act, place, tie(before), replace(dated, placed=placed.placed), aside)

    deciding(paper, sheet, since, decide)


def _rule(
    paper: Paper, act: Said, place: Said, now: Tie, dated: Dated, aside: Iterable[str]
) -> None:
    sheet = f"partnership/{act['city']}"
    about: Said = {"place": {"code": act["city"], "name": place["name"]}}
    match act.get("instrument") or act["states"]:
        case "partnership-exists" | "enter-partnership" as kind:
            if now.established:
                raise No("C5 AlreadyPartner")
            if kind == "enter-partnership":
                direct = now.targeted and act.get("request") is None
                _agreement(paper, dated, aside, targeted=direct)
            elif _asking(paper, dated):
                raise No("N4 AgreementOutOfOrder")
            says = about | {name: act[name] for name in ("established", "description")}
            enter(paper, sheet, "partnership-formed", _since(act, kind, dated), says)
        case "classify-partnership":
            _classify(paper, act, dated, about, now)
        case "end-partnership":
            if not now.established:
                raise No("C1 NoPartnership")
            _procedure(paper, now, dated)
            enter(paper, sheet, "partnership-lapsed", dated, about | {"reason": act.get("reason")})
        case _:
            _target(paper, act, dated, about, now)


def _since(act: Said, kind: str, dated: Dated) -> Dated:
    """A partnership is there since it was established, but by no decision before that."""
    if kind not in ("partnership-exists", "enter-partnership"):
        return dated
    entered = kind == "enter-partnership"
    if entered and span(act["established"])[0] < span(dated.holds)[0]:
        return dated
    return replace(dated, holds=act["established"], by_convention=False)


def _stated_before(paper: Paper, act: Said, dated: Dated) -> bool:
    lines = paper.sheet(f"partnership/{act['city']}")
    then = tie(surely(lines, span(act["established"])[1]))
    if not then.established:
        return False
    if (then.established, then.description) != (act["established"], act["description"]):
        raise No("C5 AlreadyPartner")
    if not tie(surely(lines, span(dated.on)[1])).established:
        raise No("C5 PartnershipEnded")
    return True


def _classify(paper: Paper, act: Said, dated: Dated, about: Said, now: Tie) -> None:
    if not now.established:
        raise No("C1 NoPartnership")
    if now.classification == act["classification"]:
        raise No("C2 SameClass")
    paper.find("C3", "met" if act.get("reason") else "advisory")
    paper.find("C7", "not applicable")  # no provision of the paper names categories
    _procedure(paper, now, dated)
    says = {"classification": act["classification"], "reason": act.get("reason")}
    topic = "partnership-reclassified" if now.classification else "partnership-classified"
    enter(paper, f"partnership/{act['city']}", topic, dated, about | says)


def _target(paper: Paper, act: Said, dated: Dated, about: Said, now: Tie) -> None:
    sheet = f"partnership/{act['city']}"
    if act["instrument"] == "target-city":
        if now.established:
            raise No("C4 AgreementExists")
        enter(paper, sheet, "city-targeted", dated, about)
        return
    if not now.targeted:
        raise No("C1 NotTargeted")
    says = about | {"reason": act.get("reason")}
    enter(paper, sheet, "city-no-longer-targeted", dated, says)


def _agreement(paper: Paper, dated: Dated, aside: Iterable[str], *, targeted: bool) -> None:
    """Rule N4: nobody made a business case, so a decision enters one by setting it aside.

    A targeted city, which the programme chose itself, needs no case.
    """
    asks = _asking(paper, dated)
    if asks and targeted:
        paper.find("N4", "advisory")
        return
    if asks and asks[0] not in aside:
        raise No("N4 AgreementOutOfOrder")
    paper.find("N4", "not met, overridden" if asks else "not applicable")


def _asking(paper: Paper, dated: Dated) -> list[str]:
    """The provisions that ask for a business case; no report states a partnership then."""
    standing = provisions.in_force(paper, span(dated.on)[1])
    return [
        a for a, line in standing.items() if "agreement.requires" in line.says["draft"]["terms"]
    ]


def _procedure(paper: Paper, now: Tie, dated: Dated) -> None:
    """Rule N5: what has a class changes without the procedure for it, where there is one."""
    if now.classification:
        asked = provisions.term(paper, "relationship-change.follows", span(dated.on)[1])
        paper.find("N5", "advisory" if asked else "not applicable")
