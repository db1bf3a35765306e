"""Random categories, states and agreements, late ones among them, against a plain model.

The model keeps what was accepted as a list of dated lines, walks along them and skips what cannot
stand where it is. It shares none of the domain's code. Each act is refused exactly when the model
has a reason, and afterwards the register answers on sampled days as the model does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests import services
from tests.scenarios.partnerships.conftest import CATEGORIES, PARTNERS, PLACES, City, deciding
from tests.support.street import STORES, Street

pytestmark = pytest.mark.rule("C7", "C8", "C9")

NAMES = {"sister": "Sister City", "friend": "Friendship City"}
CITIES = {"PT-PORTO": "Porto", "PL-LODZ": "Lodz", "RU-TVER": "Tver"}
PARTIES = ("Our City", "Porto")
OVER = (None, "ended", "expired", "succeeded")
FIRST = date(2001, 1, 1)
STEPS = 20
SEEDS = range(3)

Line = tuple[date, int, int, dict[str, Any]]


@dataclass
class Walk:
    """An agreement on the way along its lines."""

    signed: dict[str, date] = field(default_factory=dict)
    expires: date | None = None
    over: str | None = None
    entered: bool = False

    def take(self, what: dict[str, Any]) -> None:
        """One more line; what cannot stand where it is, is skipped."""
        kind, came = what["kind"], what.get("came")
        if kind not in ("enter", "sign", "renew", "end"):
            return
        if came:
            lasted = came == self.expires and len(self.signed) == len(PARTIES) and not self.over
            self.over = "expired" if lasted else self.over
        elif kind == "enter":
            self.entered, self.expires = True, what["expires"]
        elif not self.entered or self.over:
            return
        elif kind == "sign":
            self.signed.setdefault(what["party"], what["day"])
        elif kind == "renew":
            self.expires = what["expires"]
        else:
            self.over = "ended"


@dataclass
class Paper:
    """What was accepted, as lines of (day, 0 for a day that came, number, what)."""

    lines: list[Line] = field(default_factory=list)

    def add(self, day: date, what: dict[str, Any]) -> None:
        self.lines.append((day, 1, len(self.lines), what))
        last = what.get("until") or what.get("expires")
        if last:
            came = {**what, "came": last}
            self.lines.append((last + timedelta(days=1), 0, len(self.lines), came))

    def until(self, day: date) -> list[dict[str, Any]]:
        """The lines that hold on a day, in order."""
        return [
            what for on, _, _, what in sorted(self.lines, key=lambda line: line[:3]) if on <= day
        ]

    def category(self, city: str, day: date) -> str | None:
        now = {"PT-PORTO": "sister", "PL-LODZ": "sister"}.get(city)
        for what in self.until(day):
            if what["kind"] == "classify" and what["city"] == city:
                now = what["to"]
            elif what["kind"] == "move" and now == what["old"]:
                now = what["new"]
        return now

    def state(self, city: str, day: date) -> tuple[str, str | None, date | None]:
        """State, what it rests on, and until when."""
        said: dict[str, tuple[str, date | None] | None] = {"decision": None, "report": None}
        for what in self.until(day):
            if what["kind"] != "state" or what["city"] != city:
                continue
            by = what["by"]
            if "came" in what:
                now = said[by]
                if now is None or now[1] != what["came"]:
                    continue
                said[by] = ("active", None)
            else:
                said[by] = (what["state"], what.get("until"))
            if by == "decision":
                said["report"] = None
        for by, now in said.items():
            if now:
                return (now[0], by, now[1])
        return ("active", None, None)

    def agreement(self, day: date) -> tuple[str | None, dict[str, date]]:
        """How the agreement stands, and who has signed."""
        walk, since = Walk(), self.renewed_since()
        for on, _, _, what in sorted(self.lines, key=lambda line: line[:3]):
            if on <= day:
                if since and on >= since and walk.entered:
                    walk.over = walk.over or "succeeded"
                walk.take(what)
        if not walk.entered:
            return None, {}
        if since and since <= day:
            walk.over = walk.over or "succeeded"
        stages = ("approved", "partly signed", "in force")
        return walk.over or stages[len(walk.signed)], walk.signed

    def renewal(self, day: date) -> tuple[bool, dict[str, date]]:
        """Whether the agreement that renews the first is entered, and who has signed it."""
        kinds = {"enter-b": "entered", "sign-b": "signed"}
        lines = [what for what in self.until(day) if what["kind"] in kinds]
        first = {what["party"]: what["day"] for what in reversed(lines) if "party" in what}
        return bool(lines), first

    def renewed_since(self) -> date | None:
        """The day from which the renewal is in force; none until all have signed it."""
        _, signed = self.renewal(date.max)
        return max(signed.values()) if len(signed) == len(PARTIES) else None

    def against(self, day: date, what: dict[str, Any]) -> bool:
        """True if there is a reason against an act on its day."""
        match what["kind"]:
            case "classify":
                return bool(self.category(what["city"], day) == what["to"])
            case "state":
                now, by, until = self.state(what["city"], day)
                asked = (what["state"], what.get("until"))
                if what["by"] == "report":
                    return self._reported(what["city"], day) == asked
                return by != "report" and (now, until) == asked
            case "enter":
                return self.agreement(day)[0] is not None or bool(self._entered())
            case "sign":
                status, signed = self.agreement(day)
                return status in OVER or what["party"] in signed
            case "renew":
                status, _ = self.agreement(day)
                return status in OVER or self._expires(day) == what["expires"]
            case "end":
                return self.agreement(day)[0] in OVER
            case "enter-b":
                return self.renewal(date.max)[0]
            case "sign-b":
                entered, signed = self.renewal(day)
                return not entered or what["party"] in signed
            case _:
                return False

    def _entered(self) -> list[Line]:
        return [line for line in self.lines if line[3]["kind"] == "enter"]

    def _expires(self, day: date) -> date | None:
        last = None
        for what in self.until(day):
            if what["kind"] in ("enter", "renew") and "came" not in what:
                last = what["expires"]
        return last

    def _reported(self, city: str, day: date) -> tuple[str, date | None] | None:
        said: tuple[str, date | None] | None = None
        for what in self.until(day):
            if what["kind"] != "state" or what["city"] != city:
                continue
            if "came" in what:
                if what["by"] == "report" and said and said[1] == what["came"]:
                    said = ("active", None)
                elif what["by"] == "decision" and self._decided_came(what, day):
                    said = None
            elif what["by"] == "report":
                said = (what["state"], what.get("until"))
            else:
                said = None
        return said

    def _decided_came(self, came: dict[str, Any], day: date) -> bool:
        before = came["came"]
        return self.state(came["city"], before)[1:] == ("decision", before)


def drawn(chance: Random, day: date) -> dict[str, Any]:
    """A random act on a day."""
    later = day + timedelta(days=chance.choice((20, 90, 200)))
    kinds = (
        "classify",
        "move",
        "state",
        "state",
        "sign",
        "sign",
        "sign-b",
        "sign-b",
        "renew",
        "end",
    )
    match chance.choice(kinds):
        case "classify":
            return {
                "kind": "classify",
                "city": chance.choice([*CITIES]),
                "to": chance.choice([*NAMES]),
            }
        case "move":
            old, new = chance.sample([*NAMES], 2)
            return {"kind": "move", "old": old, "new": new}
        case "state":
            state = chance.choice(("active", "suspended", "suspended", "dormant", "emeritus"))
            until = later if state == "suspended" and chance.random() < 0.6 else None
            by = chance.choice(("decision", "decision", "report"))
            found = {"kind": "state", "city": chance.choice([*CITIES]), "state": state, "by": by}
            return found | ({"until": until} if until else {})
        case "sign":
            return {"kind": "sign", "party": chance.choice(PARTIES), "day": day}
        case "sign-b":
            return {"kind": "sign-b", "party": chance.choice(PARTIES), "day": day}
        case "renew":
            return {"kind": "renew", "expires": later}
        case _:
            return {"kind": "end"}


def minutes(what: dict[str, Any], day: date) -> str:
    """An act as items of a minutes file."""
    until = f", until: {what['until']}" if what.get("until") else ""
    match what["kind"]:
        case "enter" | "enter-b":
            parties = (
                "[ { name: Our City, side: ours }, { name: Porto, side: theirs, place: PT-PORTO } ]"
            )
            own = f"a, expires: {what['expires']}" if what["kind"] == "enter" else "b, renews: a"
            return deciding(
                f"{{ instrument: enter-agreement, agreement: {own}, kind: memorandum, description: D, parties: {parties} }}"
            )
        case "classify":
            return deciding(
                f"{{ instrument: classify-partnership, city: {what['city']}, classification: {what['to']} }}"
            )
        case "move":
            return deciding(
                f"{{ instrument: move-partners, mapping: {{ {what['old']}: {what['new']} }} }}"
            )
        case "state" if what["by"] == "decision":
            return deciding(
                f"{{ instrument: set-partnership-state, city: {what['city']}, state: {what['state']}{until} }}"
            )
        case "state":
            return (
                "  - open-matter: { title: Report }\n  - submit-report: { document: r, by: { office: Clerk }, title: R, "
                f"states: [ {{ states: partnership-state, city: {what['city']}, state: {what['state']}{until} }} ] }}\n"
            )
        case "sign-b":
            return f"  - sign-for-party: {{ agreement: b, party: {what['party']} }}\n"
        case "sign":
            return f"  - sign-for-party: {{ agreement: a, party: {what['party']} }}\n"
        case "renew":
            return deciding(
                f"{{ instrument: renew-agreement, agreement: a, expires: {what['expires']} }}"
            )
        case _:
            return deciding("{ instrument: end-agreement, agreement: a }")


@pytest.fixture(params=STORES)
def founded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[City]:
    """A city on either database, with categories that the council gives alone."""
    if request.param == "sqlite":
        yield _founded(Street.on_sqlite(tmp_path), tmp_path)
        return
    with services.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield _founded(Street.on_postgres(url, tmp_path), tmp_path)


def _founded(street: Street, folder: Path) -> City:
    street.done("setup")
    (folder / "founding.yaml").write_text(PLACES)
    street.done("record", folder / "founding.yaml")
    city = City(street, folder)
    city.recorded(PARTNERS, on="2000-01-10")
    city.recorded(CATEGORIES.replace(", category.friend.approver: staff", ""), on="2000-02-01")
    return city


@pytest.mark.parametrize("seed", SEEDS)
def test_the_register_answers_as_the_model_does(founded: City, seed: int) -> None:
    chance, paper = Random(seed), Paper()
    enters = {"kind": "enter", "expires": date(2002, 6, 30)}
    acts: list[tuple[date, dict[str, Any]]] = [(FIRST, enters)]
    acts += [(FIRST + timedelta(days=chance.randrange(300)), {"kind": "enter-b"})]
    for _ in range(STEPS):
        day = FIRST + timedelta(days=chance.randrange(0, 700))
        acts.append((day, drawn(chance, day)))
    refused = 0
    for day, what in acts:
        ran = founded.minutes(minutes(what, day), on=day.isoformat())
        reason = paper.against(day, what)
        assert ran.code == (3 if reason else 0), (day, what, ran.out, ran.err)
        refused += reason
        if not reason:
            paper.add(day, what)
    assert refused < len(acts) - 5  # most acts were possible
    for day in sorted({FIRST + timedelta(days=chance.randrange(0, 1000)) for _ in range(6)}):
        same_on(founded, paper, day)


def same_on(city: City, paper: Paper, day: date) -> None:
    """Compare all answers on a day."""
    rows = city.partners(day.isoformat())
    for code, name in CITIES.items():
        row = rows[name]
        category = paper.category(code, day)
        assert row["classification"] == (NAMES[category] if category else None), (day, name)
        state, by, until = paper.state(code, day)
        said = (row["state"], row["state_basis"], row["until"])
        assert said == (state, by, until.isoformat() if until else None), (day, name)
    agreed = city.street.rows("show", "agreement", "a", "--as-of", day.isoformat())[0]
    status, signed = paper.agreement(day)
    assert agreed["status"] == status, day
    assert agreed["succeeded_by"] == ("b" if status == "succeeded" else None), day
    assert agreed["signed"] == {party: on.isoformat() for party, on in signed.items()}, day
