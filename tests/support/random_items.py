"""Items of a meeting drawn at random, likely to bear on what the record says by then."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TypeVar

from tests.support.on_paper import cities, matters, provisions
from tests.support.on_paper.matters import Matter
from tests.support.on_paper.sheets import BODIES, WITHDRAWN, Line, Paper, Said

T = TypeVar("T")


def place(code: str, name: str, *other_names: str) -> Said:
    country = {"country": code[:2], "country_name": code[:2]}
    return {"code": code, "name": name, "other_names": list(other_names), **country}


PLACES = (
    place("UA-KIEV", "Kiev"),
    place("US-CHICAGO", "Chicago"),
    place("BR-SAO-PAULO", "São Paulo"),
    place("XX-NOWHERE", "Nowhere Land"),
)
CODES = ("UA-KIEV", "UA-KIEV", "UA-KIEV", "US-CHICAGO", "BR-SAO-PAULO", "XX-NOWHERE")
NAMES = ("Kiev", "Kyiv", "Chicago", "Chi-town", "KIEV", "Sao Paulo")
MEET = "To meet, to trade, to learn."
TEXTS = (MEET, "Learn.", "So it is, so it was.")
WORDS = (", to trade", "to ", "Learn.", "so it was", "So ", "s", "nothing of the kind")
TERMS: dict[str, Said] = {
    "purpose": {},
    "outbound/2": {"agreement.approver": "mayor"},
    "tiers": {
        "exploration.tiers.first": ["Alpha", "Beta"],
        "exploration.tiers.second": ["Gamma"],
    },
    "change": {"relationship-change.follows": "Attachment 5"},
    "annual-report": {"annual-report.covers": ["targeted", "new"]},
    "new-alliances": {"agreement.requires": ["positive business case"]},
}
PROVISIONS: dict[str, Said] = {
    address: {"address": address, "heading": address, "text": MEET, "terms": terms}
    for address, terms in TERMS.items()
}
ADDRESSES = (*TERMS, "elsewhere")
SUBJECTS = ("seoul", "guerrero")
REQUESTS = ("seoul-report", "status-report")
TIERS = (
    {"Alpha": ["Chicago"], "Gamma": ["Kiev"]},
    {"Beta": ["Sao Paulo", "Kyiv"], "Gamma": ["Chicago"]},
)
KINDS = ("recommend", "request report", "adopt", "adopt as amended")
KINDS_BESIDE = ("refer", "defer", "receive", "reject")
OFFICE = {"name": "J. Halstead", "office": "Commissioner"}


class Items:
    """What may be handed in next."""

    def __init__(self, paper: Paper, today: date, chance: Random) -> None:
        self.paper = paper
        self.today = today
        self.chance = chance

    def pick(self, *options: T) -> T:
        return self.chance.choice(options)

    def seldom(self) -> bool:
        return self.pick(*(False,) * 9, True)

    def either(self) -> bool:
        return self.pick(False, True)

    def on(self) -> str:
        """A day, or the days of a meeting."""
        last = self.today + timedelta(days=2)
        return f"{self.today}/{last}" if self.seldom() else self.today.isoformat()

    def about(self) -> str:
        """A day before, on or after today, or several of them, or the year."""
        day = self.today + timedelta(days=self.pick(-20, -3, 0, 3, 20))
        several = f"{day}/{day + timedelta(days=5)}"
        return self.pick(day.isoformat(), day.isoformat(), several, str(day.year))

    def place(self) -> Said:
        return place(self.pick(*CODES), self.pick(*NAMES), *[self.pick(*NAMES)] * self.pick(0, 1))

    # Names

    def called(self) -> str:
        """The code of a city, or a name that leads to one, to none or to several."""
        return self.pick(*NAMES, "Atlantis") if self.either() else self.pick(*CODES)

    def matters(self) -> list[str]:
        names = [n.removeprefix("matter/") for n in self.paper.sheets if n.startswith("matter/m")]
        return names or ["m0"]

    def new_matter(self) -> str:
        known = self.matters()
        return known[-1] if self.seldom() else f"m{len(known)}"

    def matter(self, *, closed: bool = False) -> str:
        """A matter that is open as a rule, or one that is not."""
        known = self.matters()
        fitting = [m for m in known if bool(matters.read(self.paper, m).closed_by) is closed]
        if self.seldom():
            return self.pick(*known, f"m{len(known)}")
        return self.pick(*(fitting or known)[-3:])

    def on_a_matter(self, kind: str, *, closed: bool = False) -> tuple[Matter, Said]:
        """A matter as it stands, and how a further item of it is called."""
        name = self.matter(closed=closed)
        matter = matters.read(self.paper, name)
        taken = sorted(matter.items)
        item = self.pick(*taken) if taken and self.seldom() else f"{kind}{len(taken)}"
        return matter, {"on": self.on(), "matter": name, kind: item}

    def body(self) -> str:
        if self.seldom():
            return self.pick(*BODIES, "star-chamber")
        return self.pick("city-council", "city-council", "committee")

    # What is put before the bodies

    def report(self) -> Said:
        matter, item = self.on_a_matter("document")
        if item["document"] == "document0" and self.either():
            item["document"] = "outbound"
        return {
            **item,
            "by": OFFICE,
            "title": "A report",
            "recommendations": self.recommendations(matter, item["document"]),
            "states": [self.statement() for _ in range(self.pick(0, 0, 1))],
        }

    def recommendations(self, matter: Matter, by: str) -> list[Said]:
        count = self.pick(0, 1, 2)
        taken = sorted(matter.recommended)
        if count and taken and self.seldom():
            return [self.recommendation(self.pick(*taken))]
        return [self.recommendation(f"{by}/{number}") for number in range(1, count + 1)]

    def recommendation(self, name: str) -> Said:
        acts = [self.instrument() for _ in range(self.pick(0, 1, 1, 2))]
        return {"id": name, "text": self.pick(*TEXTS), "instruments": acts}

    def statement(self) -> Said:
        match self.pick("exists", "study", "study", "intended", "reported", "answers"):
            case "exists":
                return {"states": "partnership-exists", **self.founding_of(self.pick(*CODES))}
            case "study":
                edition = self.pick("first", "second")
                cited = {"study": "GaWC", "edition": edition, "tiers": self.pick(*TIERS)}
                return {"states": "study-cited", **cited}
            case "intended":
                return {"states": "exploration-intended", **self.exploration()}
            case "reported":
                return {"states": "exploration-reported", "subject": self.pick(*SUBJECTS)}
            case _:
                return {"states": "report-answers", "request": self.pick(*REQUESTS)}

    def founding_of(self, code: str) -> Said:
        established = self.pick("1991", "1991", "2002", self.today.isoformat())
        return {"city": code, "established": established, "description": "Twin"}

    def exploration(self) -> Said:
        subject = self.pick(*SUBJECTS)
        places = [self.pick(*CODES) for _ in range(self.pick(0, 1, 1))]
        return {"subject": subject, "name": subject, "places": places}

    def letter(self) -> Said:
        _, item = self.on_a_matter("document")
        return {**item, "sender": OFFICE, "asks": "To be heard."}

    def deputation(self) -> Said:
        _, item = self.on_a_matter("deputation")
        return {**item, "speaker": OFFICE, "body": self.body()}

    # What is done

    def instrument(self) -> Said:
        drawn = self.pick(
            self.on_the_policy,
            self.on_the_policy,
            self.on_a_city,
            self.on_a_city,
            self.beside,
        )
        return drawn()

    def words(self, text: str) -> str:
        """Words that stand in a text, as a rule once."""
        there = [words for words in WORDS if words in text]
        once = [words for words in there if text.count(words) == 1]
        return self.pick(*WORDS) if self.seldom() else self.pick(*(once or there or WORDS))

    def terms_of(self, address: str) -> Said:
        """Terms as an amendment states them, or nothing about them."""
        own = {"terms": self.pick("unchanged", TERMS.get(address, {}), {})}
        other = {"terms": TERMS[self.pick(*TERMS)]}
        none = {"terms": dict.fromkeys(TERMS[self.pick(*TERMS)])}
        return self.pick(own, own, own, own, own, own, {}, other, none)

    def on_the_policy(self) -> Said:
        standing = provisions.in_force(self.paper, self.today)
        absent = [address for address in TERMS if address not in standing]
        address = self.pick(*(standing or ADDRESSES))
        if self.seldom():
            absent, address = list(TERMS), self.pick(*ADDRESSES)
        match self.pick("adopt", "adopt", "strike", "replace", "delete"):
            case "adopt":
                draft = PROVISIONS[self.pick(*(absent or TERMS))] | {"text": self.pick(*TEXTS)}
                if self.seldom():
                    draft |= {"terms": TERMS[self.pick(*TERMS)]}
                return {"instrument": "adopt-provision", "draft": draft}
            case "strike":
                line = standing.get(address)
                text = line.says["draft"]["text"] if line else ""
                words = {"address": address, "words": self.words(text)}
                declared = {"declared": "As declared."} if self.seldom() else {}
                act = {"instrument": "strike-from-provision", **words, **declared}
                return act | self.terms_of(address)
            case "replace":
                act = {"instrument": "replace-provision", "address": address}
                return act | {"text": self.pick(*TEXTS), **self.terms_of(address)}
            case _:
                return {"instrument": "delete-provision", "address": address}

    def on_a_city(self) -> Said:
        code = self.pick(*CODES)
        tie = cities.tie_on(self.paper, code, self.today)
        fitting = (
            ("classify", "classify", "end") if tie.established else ("enter", "enter", "target")
        )
        kinds = ("enter", "classify", "end", "target", "drop")
        match self.pick(*kinds) if self.seldom() else self.pick(*fitting):
            case "enter":
                return {"instrument": "enter-partnership", **self.founding_of(code)}
            case "classify":
                kind = {"classification": self.pick("International", "Historical")}
                reason = {"reason": "the criteria"} if self.either() else {}
                return {"instrument": "classify-partnership", "city": code, **kind, **reason}
            case "end":
                return {"instrument": "end-partnership", "city": code}
            case "target":
                return {"instrument": "target-city", "city": code}
            case _:
                return {"instrument": "drop-targeted-city", "city": code}

    def beside(self) -> Said:
        match self.pick("explore", "explore", "tier", "ask", "officials", "report"):
            case "explore":
                back = {"report_back": self.either()}
                return {"instrument": "explore", **self.exploration(), **back}
            case "tier":
                return {"instrument": "change-tier", "city": self.pick(*CODES), "tier": "Beta"}
            case "ask":
                office = {"office": self.pick("Commissioner", "Commissioner", "Protocol")}
                asked = {"request": self.pick(*REQUESTS), **office, "about": "it", "to": "council"}
                return {"instrument": "request-report", **asked}
            case "officials":
                return {"instrument": "authorise-officials"}
            case _:
                document = self.pick("outbound", "document0", "document1")
                return {"instrument": "adopt-report", "document": document}

    def motion(self) -> Said:
        matter, item = self.on_a_matter("motion")
        return {**item, "body": self.body(), "operation": self.operation(matter, item["motion"])}

    def operation(self, matter: Matter, motion: str) -> Said:
        target = self.target(matter)
        kind = self.pick("strike", "strike", "strike", "insert", "delete", "add", "subject-to")
        match kind:
            case "strike":
                return {"operation": kind, "target": target, **self.strike(matter, target)}
            case "insert":
                address = target.removeprefix("provision/")
                inserted = {"text": self.pick(*TEXTS), **self.terms_of(address)}
                return {"operation": "delete-and-insert", "target": target, **inserted}
            case "add":
                taken = sorted(matter.recommended)
                name = self.pick(*taken) if taken and self.seldom() else f"of/{motion}"
                return {"operation": "add", "recommendation": self.recommendation(name)}
            case "subject-to":
                acts = [self.instrument() for _ in range(self.pick(0, 1))]
                return {"operation": kind, "target": target, "change": "so", "instruments": acts}
            case _:
                return {"operation": "delete", "target": target}

    def target(self, matter: Matter) -> str:
        named = [f"recommendation/{name}" for name in matter.recommended]
        proposed = [f"provision/{address}" for address in matter.proposed()]
        standing = [f"provision/{a}" for a in provisions.in_force(self.paper, self.today)]
        if self.seldom() or not (named or standing):
            return self.pick(f"provision/{self.pick(*ADDRESSES)}", "recommendation/nobody/9")
        removed = [f"provision/{address}" for address in sorted(matter.removed)]
        drawn = self.pick(named, proposed, standing, removed)
        return self.pick(*(drawn or named or standing))

    def strike(self, matter: Matter, target: str) -> Said:
        said: Said = {"words": self.words(self.text_of(matter, target))}
        if self.either():
            said["declared"] = self.pick("As declared.", "To meet, to learn.")
            said |= self.pick({}, {"enter": "declared"}, {"enter": "computed"})
        said |= self.terms_of(target.removeprefix("provision/"))
        again = [[], [self.instrument()], "unchanged", "unchanged"]
        return said | self.pick({}, *({"instruments": acts} for acts in again))

    def text_of(self, matter: Matter, target: str) -> str:
        """What the words are struck from."""
        kind, _, name = target.partition("/")
        standing = provisions.in_force(self.paper, self.today)
        drafts = {address: line.says["draft"] for address, line in standing.items()}
        named = drafts | matter.proposed() if kind == "provision" else matter.recommended
        return str(named[name]["text"]) if name in named else ""

    def disposal(self) -> Said:
        name = self.matter()
        matter = matters.read(self.paper, name)
        waiting = [m for m in matter.motions if m not in matter.results]
        others = [*matter.motions, "no-such"]
        motion = self.pick(*(others if self.seldom() or not waiting else waiting))
        moved = matter.motions.get(motion, {"body": "committee"})
        body = self.body() if self.seldom() else moved["body"]
        result = self.pick("carried", "carried", "lost", "withdrawn", "ruled out of order")
        return {"on": self.on(), "matter": name, "motion": motion, "body": body, "result": result}

    def decision(self) -> Said:
        matter, item = self.on_a_matter("decision")
        body = self.body()
        fitting = "adopt as amended" if matter.carried.get(body) else "adopt"
        beside = self.pick(*KINDS, *KINDS_BESIDE)
        kind = beside if self.pick(False, False, True) else fitting
        before = sorted(matter.recommended)
        adopts = [self.pick(*before)] if before and self.either() else before
        adopts = [*adopts, "nobody/9"] if self.seldom() else adopts
        recommends = self.recommendations(matter, body) if kind == "recommend" else []
        acts = [self.instrument() for _ in range(self.pick(0, 0, 0, 1))]
        return {
            **self.adoption(item["matter"], acts),
            **item,
            "body": body,
            "kind": kind,
            "adopts": adopts,
            "recommends": recommends,
        }

    def adoption(self, matter: str, acts: list[Said]) -> Said:
        """Council adopts these acts, with what else a decision may say."""
        later = {"effective_from": self.about()} if self.seldom() else {}
        aside = [self.pick(*TERMS)] if self.seldom() else []
        entering = any(act["instrument"] == "enter-partnership" for act in acts)
        return {
            "on": self.on(),
            "matter": matter,
            "decision": "adoption",
            "body": self.body() if self.seldom() else "city-council",
            "kind": "adopt",
            "summary": "So resolved.",
            "adopts": [],
            "recommends": [],
            "instruments": acts,
            "notwithstanding": ["new-alliances"] if entering and self.either() else aside,
            "relies_on": [self.cited()] if self.seldom() else [],
            **later,
        }

    def cited(self) -> Said | str:
        """A provision, with a version that may be the one in force or not."""
        address = self.pick(*ADDRESSES)
        return {"address": address, "version": self.pick(1, 2)} if self.either() else address

    def reopening(self) -> Said:
        _, item = self.on_a_matter("decision", closed=not self.seldom())
        return {**item, "body": self.body(), "reason": "There is more."}

    def effect(self) -> Said:
        own = {"effective_from": self.about()} if self.seldom() else {}
        by = {} if self.seldom() else {"authority": self.authority()}
        return {"on": self.on(), "instrument": self.instrument(), **by, **own}

    def authority(self) -> Said:
        """A decision that the record has, or one that it may not have."""
        taken = [
            {name: line.says[name] for name in ("matter", "decision", "body")}
            for sheet, lines in self.paper.sheets.items()
            if sheet.startswith("matter/")
            for line in lines
            if line.topic == "decision-taken"
        ]
        known = self.pick(taken[-1], self.pick(*taken))
        return known | {"body": self.body()} if self.seldom() else known

    # What is put right

    def correction(self) -> Said:
        sheet = self.pick(*(s for s in sorted(self.paper.sheets) if s != "matter/founding"))
        lines = self.paper.sheet(sheet)
        struck = {line.replaces for line in lines}
        open_ = [n for n in lines if n.version not in struck and n.topic != WITHDRAWN]
        line = self.pick(*self.pick(open_ or lines, open_ or lines, lines))
        version = line.version + (len(lines) if self.seldom() else 0)
        by = self.authority() if self.either() else "City Clerk"
        said: Said = {"on": self.on(), "stream": sheet, "version": version, "reason": "a slip"}
        said["authority"] = by
        if line.topic == WITHDRAWN or self.pick(False, False, True):
            return said | {"withdraw": True}
        return said | {"changed": self.changed(line)}

    def changed(self, line: Line) -> Said:
        """A field that the line has, with what it might have said."""
        dated: list[Said] = [
            {"decided_on": self.about()},
            {"effective_from": self.about()},
            {"decided_on": line.dated.on},
        ]
        return self.pick(*dated, *self._fields(line), *self._fields(line))

    def _fields(self, line: Line) -> list[Said]:
        says = line.says
        found: list[Said] = [
            {name: says[name] if self.seldom() else "other"}
            for name in ("reason", "title", "subject", "discrepancy", "matter", "how", "name")
            if name in says
        ]
        if "classification" in says:
            found.append({"classification": self.pick("International", "Historical")})
        if "established" in says:
            found.append({"established": self.pick("1990", "2002")})
        if "provision" in says and "draft" in says:
            found += [{"draft": self._redrafted(says["draft"])} for _ in range(3)]
            found.append({"provision": says["provision"]})
        if line.topic == "place-identified":
            found.append({"place": says["place"] | {"name": self.pick(*NAMES)}})
        if line.topic == "decision-taken":
            found += [{"kind": self.pick("defer", "receive")}, {"body": self.body()}]
        if line.topic == "decision-taken" or line.dated.authority:
            found += [{"authority": self.authority()}, {"authority": None}]
        return found

    def _redrafted(self, draft: Said) -> Said:
        if self.seldom():
            return draft | {"address": "elsewhere"}
        return draft | {"text": self.pick(*TEXTS), "terms": TERMS[self.pick(*TERMS)]}

    def disagreement(self) -> Said:
        passages = [
            {"at": {"document": "report"}, "says": "25"},
            {"at": {"document": "report"}, "says": self.pick("26", "26", "27")},
        ]
        about = {"discrepancy": self.pick("counts", "names"), "title": "How many"}
        return {"on": self.on(), **about, "passages": passages}

    def settlement(self) -> Said:
        about = {"discrepancy": self.pick("counts", "counts", "names"), "how": "by counting"}
        return {"on": self.on(), **about, "authority": self.authority()}

    def annual_report(self) -> Said:
        names = ["Kiev", "Chicago", "Sao Paulo", "Nowhere Land"] if self.either() else []
        return {
            "on": self.on(),
            "year": 2002,
            "document": "annual",
            "statuses": dict.fromkeys(names, "good"),
        }
