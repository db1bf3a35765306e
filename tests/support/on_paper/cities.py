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
    perhaps,
    span,
    surely,
)


def places(lines: Iterable[Line]) -> dict[str, Said]:
    """Every place by its code."""
    return {line.says["place"]["code"]: line.says["place"] for line in lines}


def known(paper: Paper) -> dict[str, Said]:
    return places(by_date(paper.sheet("places")))


def names_of(place: Said) -> tuple[str, ...]:
    return (place["name"], *place["other_names"])


def named(paper: Paper) -> dict[str, str]:
    """Where every name leads."""
    every = known(paper)
    return {letters(n): code for code, place in every.items() for n in names_of(place)}


def find(paper: Paper, code: str) -> Said:
    every = known(paper)
    if code not in every:
        raise No("C5 UnknownPlace")
    return every[code]


def identify(paper: Paper, given: Said, dated: Dated) -> None:
    """Rule C5: a former name goes on leading to its place, and to no other."""
    was = known(paper).get(given["code"])
    former = [n for n in names_of(was) if letters(n) != letters(given["name"])] if was else []
    led = {letters(n) for n in (given["name"], *former)}
    further = [n for n in given["other_names"] if letters(n) not in led]
    place = {**given, "other_names": [*former, *further]}
    led_to = named(paper)
    if any(led_to.get(letters(n), given["code"]) != given["code"] for n in names_of(place)):
        raise No("C5 NameTaken")
    if place != was:
        paper.write("places", "place-identified", dated, {"place": place})


def names_once(paper: Paper) -> None:
    """At no time does a name lead to two places."""
    kept = by_date(paper.sheet("places"))
    for number in range(1, len(kept) + 1):
        every = places(kept[:number])
        led = {(letters(n), code) for code, place in every.items() for n in names_of(place)}
        if len({name for name, _ in led}) < len(led):
            raise No("C5 NameTaken")


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
                found = Tie()
            case "city-targeted" | "city-no-longer-targeted":
                found = replace(found, targeted=line.topic == "city-targeted")
            case _:
                found = replace(found, classification=line.says["classification"])
    return found


def tie_on(paper: Paper, code: str, day: date) -> Tie:
    return tie(surely(paper.sheet(f"partnership/{code}"), day))


def act_on(paper: Paper, act: Said, dated: Dated, aside: Iterable[str]) -> None:
    """Rules C1 to C5, N4 and N5 on one act."""
    place = find(paper, act["city"])
    sheet = f"partnership/{act['city']}"
    lines, day = paper.sheet(sheet), span(dated.holds)[1]
    now = tie(surely(lines, day))
    if not now.established:
        now = tie(perhaps(lines, day))
    about: Said = {"place": {"code": act["city"], "name": place["name"]}}
    match act.get("instrument") or act["states"]:
        case "partnership-exists" | "enter-partnership" as kind:
            _form(paper, act, dated, about, now if now.established else tie(by_date(lines)))
            if kind == "enter-partnership":
                _agreement(paper, dated, aside)
        case "classify-partnership":
            _classify(paper, act, dated, about, now)
        case "end-partnership":
            if not now.established:
                raise No("C1 NoPartnership")
            _procedure(paper, act["city"], dated)
            paper.write(sheet, "partnership-lapsed", dated, about | {"reason": act.get("reason")})
        case _:
            _target(paper, act, dated, about, now)


def _classify(paper: Paper, act: Said, dated: Dated, about: Said, now: Tie) -> None:
    if not now.established:
        raise No("C1 NoPartnership")
    if now.classification == act["classification"]:
        raise No("C2 SameClass")
    paper.find("C3", "met" if act.get("reason") else "advisory")
    _procedure(paper, act["city"], dated)
    says = {"classification": act["classification"], "reason": act.get("reason")}
    topic = "partnership-reclassified" if now.classification else "partnership-classified"
    paper.write(f"partnership/{act['city']}", topic, dated, about | says)


def _target(paper: Paper, act: Said, dated: Dated, about: Said, now: Tie) -> None:
    sheet = f"partnership/{act['city']}"
    if act["instrument"] == "target-city":
        if now.established:
            raise No("C4 AgreementExists")
        if not now.targeted:
            paper.write(sheet, "city-targeted", dated, about)
        return
    if not now.targeted:
        raise No("C1 NotTargeted")
    says = about | {"reason": act.get("reason")}
    paper.write(sheet, "city-no-longer-targeted", dated, says)


def _form(paper: Paper, act: Said, dated: Dated, about: Said, now: Tie) -> None:
    said = (act["established"], act["description"])
    if now.established:
        if "states" in act and said == (now.established, now.description):
            return
        raise No("C5 AlreadyPartner")
    since = replace(dated, holds=act["established"], by_convention=False)
    says = about | {"established": act["established"], "description": act["description"]}
    paper.write(f"partnership/{act['city']}", "partnership-formed", since, says)


def _agreement(paper: Paper, dated: Dated, aside: Iterable[str]) -> None:
    """Rule N4: nobody made a business case, so a decision enters one by setting it aside."""
    standing = provisions.in_force(paper, span(dated.on)[1])
    asks = [
        a for a, line in standing.items() if "agreement.requires" in line.says["draft"]["terms"]
    ]
    if asks and asks[0] not in aside:
        raise No("N4 AgreementOutOfOrder")
    paper.find("N4", "not met, overridden" if asks else "not applicable")


def _procedure(paper: Paper, city: str, dated: Dated) -> None:
    """Rule N5: what has a class changes without the procedure for it, where there is one."""
    if tie_on(paper, city, span(dated.holds)[1]).classification:
        asked = provisions.term(paper, "relationship-change.follows", span(dated.on)[1])
        paper.find("N5", "advisory" if asked else "not applicable")
