"""Questions on the record of December 2001, with the answers that the papers give.

Every answer is typed here from the clause itself. `stage` is how far the register had been told:
`founding` (bodies and places), `committee` (the papers up to the Committee's meeting of 19
November) or `council` (the whole clause).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Rows = list[dict[str, Any]]

MATTER = "2001-12-4"
ADOPTED = f"{MATTER}/council-adopts"
OFFICE = "Commissioner of Economic Development, Culture and Tourism"


class Question(NamedTuple):
    """What is asked, in words and as a command; what of the JSON is looked at; what it says."""

    words: str
    command: tuple[str, ...]
    on: str | None
    look: Callable[[Any], object]
    answer: object
    stage: str = "council"


def count(rows: Rows) -> int:
    return len(rows)


def cities(rows: Rows) -> set[str]:
    return {row["city"] for row in rows}


def unsure(rows: Rows) -> set[str]:
    return {row["city"] for row in rows if not row["certain"]}


def classes(rows: Rows) -> dict[str | None, int]:
    found = [row["classification"] for row in rows]
    return {each: found.count(each) for each in found}


def dated(rows: Rows) -> dict[str, tuple[str, str]]:
    return {row["city"]: (row["established"], row["description"]) for row in rows}


def each(*names: str) -> Callable[[Rows], list[tuple[object, ...]]]:
    """Some fields of every row, in order."""
    return lambda rows: [tuple(row[name] for name in names) for row in rows]


def of_kind(kind: str, *names: str) -> Callable[[Rows], list[tuple[object, ...]]]:
    return lambda rows: each(*names)([row for row in rows if row["kind"] == kind])


def terms(*names: str) -> Callable[[Rows], tuple[object, ...]]:
    """Some terms of the one provision."""
    return lambda rows: tuple(rows[0]["terms"][name] for name in names)


def chain(*roles: str) -> Callable[[dict[str, Any]], list[tuple[str, str]]]:
    """The steps of these roles, or all, in order, as date and item."""

    def look(account: dict[str, Any]) -> list[tuple[str, str]]:
        steps = [s for s in account["steps"] if not roles or s["role"] in roles]
        return [(s["on"], s["item"]) for s in steps]

    return look


def said(account: dict[str, Any]) -> tuple[object, bool]:
    return (account["candidates"], account["determinate"])


def proposed(account: dict[str, Any]) -> tuple[object, int]:
    return (account["candidates"], len(account["proposed"]))


MEETING = "2001-12-04/2001-12-06"

KIEV = [
    ("2001-11-07", "charter-recorded"),
    ("2001-11-07", "place-identified"),
    ("2001-11-07", MATTER),
    ("2001-11-07", "report-2001-11-07"),
    ("2001-11-07", "partnership-formed"),
    ("2001-11-15", "communication-2001-11-15"),
    ("2001-11-16", "communication-2001-11-16"),
    ("2001-11-19", "deputation-lindsay-luby"),
    ("2001-11-19", "committee-kiev-gamma"),
    ("2001-11-19", "committee-recommends"),
    ("2001-11-19", "committee-asks-for-report"),
    ("2001-11-19", "report-requested"),
    ("2001-11-26", "report-2001-11-26"),
    (MEETING, "council-strikes-kiev"),
    (MEETING, "council-adds-supplementary-report"),
    (MEETING, "council-adopts"),
    (MEETING, "partnership-classified"),
]
"""Every event from which Kiev's class follows, and those that speak of it."""

PARTNERSHIPS = ("list", "partnerships")
INTERNATIONAL = (*PARTNERSHIPS, "--classification", "International")
HISTORICAL = (*PARTNERSHIPS, "--classification", "Historical")
THE_MATTER = ("show", "matter", MATTER)
KIEVS_CLASS = ("why", "partnership/kiev/classification")

QUESTIONS = (
    # Partnerships: since when, and what kind
    Question("How many partners are there at the end?", PARTNERSHIPS, "2001-12-06", count, 26),
    Question("And on the day before the first paper?", PARTNERSHIPS, "2001-11-06", count, 26),
    Question("Was any older than 1971?", PARTNERSHIPS, "1970-12-31", count, 0),
    Question(
        "Which surely stood in the middle of 1985?",
        PARTNERSHIPS,
        "1985-07-01",
        dated,
        {
            "Skopje": ("1971", "Twinning Agreement"),
            "Amsterdam": ("1972", "Twinning Agreement"),
            "Wroclaw": ("1978", "Twinning"),
            "Florina": ("1983", "Fraternisation"),
        },
    ),
    Question(
        "Of which can the record not tell in the middle of 1986, the year being all it has?",
        PARTNERSHIPS,
        "1986-07-01",
        unsure,
        {"Chongqing", "Thessaloniki"},
    ),
    Question(
        "And on the first day of 1987?", PARTNERSHIPS, "1987-01-01", unsure, {"Cassino", "Lisbon"}
    ),
    Question("How many stood at the end of 1991, for sure?", PARTNERSHIPS, "1991-12-31", count, 17),
    Question(
        "Which came in 1996, the last year of any?",
        PARTNERSHIPS,
        "1996-06-30",
        unsure,
        {"Tianjin", "Indianapolis", "Shenyang", "Wuxi", "Xiamen"},
    ),
    Question(
        "Which partners are Chinese?",
        (*PARTNERSHIPS, "--country", "China"),
        "2001-12-06",
        cities,
        {"Chongqing", "Tianjin", "Shenyang", "Wuxi", "Xiamen"},
    ),
    Question(
        "Who is found under Kyiv?",
        (*PARTNERSHIPS, "--search", "kyiv"),
        "2001-12-06",
        cities,
        {"Kiev"},
    ),
    # Classes: none before the decision, not determinate during the meeting, sure from its last day
    Question(
        "Had any a class while the report was out?", PARTNERSHIPS, "2001-11-10", classes, {None: 26}
    ),
    Question("After the Committee recommended?", PARTNERSHIPS, "2001-11-20", classes, {None: 26}),
    Question("On the eve of Council?", PARTNERSHIPS, "2001-12-03", classes, {None: 26}),
    Question(
        "On the first day of the meeting?",
        PARTNERSHIPS,
        "2001-12-04",
        lambda rows: (classes(rows), len(unsure(rows))),
        ({None: 26, "International": 11, "Historical": 15}, 26),
    ),
    Question(
        "And on its last?",
        PARTNERSHIPS,
        "2001-12-06",
        lambda rows: (classes(rows), unsure(rows)),
        ({"International": 11, "Historical": 15}, set()),
    ),
    Question(
        "Which are International, since when, and as what?",
        INTERNATIONAL,
        "2001-12-31",
        dated,
        {
            "Chongqing": ("1986", "Sister City"),
            "Tianjin": ("1996", "Economic Co-operation"),
            "Merignac": ("1992", "Economic Co-operation"),
            "Frankfurt": ("1989", "Friendship Agreement"),
            "Haifa": ("1995", "Friendship Agreement"),
            "Sagamihara": ("1991", "Friendship City"),
            "Amsterdam": ("1972", "Twinning Agreement"),
            "Warsaw": ("1990", "Friendship Agreement"),
            "Cankaya-Ankara": ("1993", "Friendship Agreement"),
            "Chicago": ("1991", "Sister City Agreement"),
            "Indianapolis": ("1996", "Sister City"),
        },
    ),
    Question(
        "Which are Historical?",
        HISTORICAL,
        "2001-12-31",
        dated,
        {
            "Shenyang": ("1996", "Friendship Agreement"),
            "Wuxi": ("1996", "Friendship City"),
            "Xiamen": ("1996", "Friendship Agreement"),
            "Florina": ("1983", "Fraternisation"),
            "Thessaloniki": ("1986", "Friendship Agreement"),
            "Tripolis": ("1995", "Twinning Agreement"),
            "Aguila": ("1988", "Informal Partnership"),
            "Cassino": ("1987", "Friendship Agreement"),
            "Terracina": ("1989", "Friendship Agreement"),
            "Tatsunokuchi": ("1991", "Cultural Exchange"),
            "Skopje": ("1971", "Twinning Agreement"),
            "Wroclaw": ("1978", "Twinning"),
            "Lisbon": ("1987", "Friendship Agreement"),
            "Volgograd": ("1991", "Friendship Agreement"),
            "Kiev": ("1991", "Friendship Agreement"),
        },
    ),
    Question(
        "Which Historical ones are Italian?",
        (*HISTORICAL, "--country", "Italy"),
        "2001-12-06",
        cities,
        {"Aguila", "Cassino", "Terracina"},
    ),
    Question(
        "What is Poland's Warsaw, and what its Wroclaw?",
        (*PARTNERSHIPS, "--country", "PL"),
        "2001-12-06",
        each("city", "classification"),
        [("Warsaw", "International"), ("Wroclaw", "Historical")],
    ),
    Question(
        "What was Kiev on 5 December?",
        ("show", "partnership", "kiev"),
        "2001-12-05",
        each("classification", "certain"),
        [(None, False), ("Historical", False)],
    ),
    Question(
        "And on the 6th, by whose decision, for what reason?",
        ("show", "partnership", "Kyiv"),
        "2001-12-06",
        each("classification", "decision", "reason", "certain"),
        [("Historical", ADOPTED, None, True)],
    ),
    # Targeted cities are no partners
    Question("Was any city targeted on the eve?", ("list", "targeted"), "2001-12-03", count, 0),
    Question(
        "Which are, once Council had met?",
        ("list", "targeted"),
        "2001-12-06",
        cities,
        {"Milan", "Los Angeles", "New York", "Hong Kong", "London", "Seoul"},
    ),
    Question(
        "Is Milan a partner?",
        ("show", "partnership", "milan"),
        "2001-12-06",
        each("targeted", "established", "classification"),
        [(True, None, None)],
    ),
    # Explorations
    Question(
        "What was explored when the Committee met?",
        ("list", "explorations"),
        "2001-11-19",
        count,
        0,
    ),
    Question(
        "And a week later, when staff had reported?",
        ("list", "explorations"),
        "2001-11-26",
        each("subject", "basis", "report_owed"),
        [("baltic-region", "stated", False)],
    ),
    Question(
        "At the end, on what basis, and where is a report owed?",
        ("list", "explorations"),
        "2001-12-06",
        each("subject", "basis", "report_owed", "decision"),
        [
            ("baltic-region", "stated", False, None),
            ("guerrero", "directed", True, ADOPTED),
            ("seoul", "directed", False, ADOPTED),
        ],
    ),
    Question(
        "Was Guerrero's exploration sure on 4 December?",
        ("why", "exploration/guerrero"),
        "2001-12-04",
        said,
        ([None, {"basis": "directed", "report_owed": True}], False),
    ),
    # The policy
    Question("Was anything in force on the eve?", ("list", "provisions"), "2001-12-03", count, 0),
    Question(
        "What had been proposed for the delegation's selection by then?",
        ("why", "provision/outbound/2"),
        "2001-12-03",
        proposed,
        ([None], 1),
    ),
    Question(
        "Who approves the official delegation, by which amendment?",
        ("policy", "outbound/2"),
        "2001-12-06",
        each("version", "terms", "amended_by", "decision", "certain"),
        [
            (
                1,
                {"delegation.approver": "council"},
                ["council-approves-delegation"],
                ADOPTED,
                True,
            )
        ],
    ),
    Question(
        "Was that sure on 5 December?",
        ("policy", "outbound/2"),
        "2001-12-05",
        each("certain"),
        [(False,)],
    ),
    Question(
        "How many inbound visits does a plan list?",
        ("policy", "planning/1(i)"),
        "2001-12-31",
        terms("plan.inbound-visits.least", "plan.inbound-visits.most"),
        (6, 10),
    ),
    Question(
        "How many outbound missions?",
        ("policy", "planning/1(ii)"),
        "2001-12-31",
        terms("plan.outbound-missions.least", "plan.outbound-missions.most"),
        (2, 3),
    ),
    Question(
        "How many designated cities may be funded?",
        ("policy", "funding/1"),
        "2001-12-31",
        terms("funding.designated-cities"),
        (26,),
    ),
    Question(
        "Which provision did Council amend before it adopted?",
        ("list", "provisions"),
        "2001-12-31",
        lambda rows: [r["address"] for r in rows if r["amended_by"]],
        ["outbound/2"],
    ),
    # Proceedings
    Question(
        "How stood the matter while the report was out?",
        ("list", "matters"),
        "2001-11-10",
        each("matter", "result"),
        [(MATTER, "open")],
    ),
    Question(
        "And when Council had adopted?",
        ("list", "matters"),
        "2001-12-06",
        each("matter", "result", "certain"),
        [(MATTER, "closed", True)],
    ),
    Question(
        "What had been decided by 20 November?",
        ("list", "decisions"),
        "2001-11-20",
        lambda rows: {(r["body"], r["result"]) for r in rows},
        {("edp-committee", "recommend"), ("edp-committee", "request report")},
    ),
    Question(
        "And by the end?",
        ("list", "decisions"),
        "2001-12-06",
        lambda rows: [(r["on"], r["body"], r["result"]) for r in rows][-1],
        (MEETING, "council", "adopt as amended"),
    ),
    Question(
        "Which motions carried, in whose meeting?",
        THE_MATTER,
        "2001-12-06",
        of_kind("motion", "body", "result"),
        [
            ("edp-committee", "carried"),
            ("council", "carried"),
            ("council", "carried"),
            ("council", "carried"),
        ],
    ),
    Question(
        "Could the motion on Kiev's tier take effect?",
        THE_MATTER,
        "2001-12-06",
        lambda rows: [
            (f["rule"], f["answer"]) for r in rows if r["kind"] == "motion" for f in r["findings"]
        ],
        [("W1", "not met")],
    ),
    Question(
        "Does the strike, to the letter, leave more than the declared text: a stray semicolon?",
        THE_MATTER,
        "2001-12-06",
        lambda rows: [
            r["computed"].removesuffix("; .") == r["declared"].removesuffix(".")
            for r in rows
            if r["computed"] and r["computed"] != r["declared"]
        ],
        [True],
    ),
    Question(
        "Who wrote to the Committee?",
        THE_MATTER,
        "2001-11-19",
        of_kind("communication", "on", "by"),
        [
            ("2001-11-15", "Gloria Lindsay Luby, Councillor, Ward 4 Etobicoke Centre"),
            ("2001-11-16", "David Miller, Councillor, Ward 13 Parkdale-High Park"),
        ],
    ),
    # Reasons
    Question("Why is Kiev Historical?", KIEVS_CLASS, "2001-12-31", chain(), KIEV),
    Question(
        "What of that changed it?",
        KIEVS_CLASS,
        "2001-12-31",
        chain("changes"),
        KIEV[15:],
    ),
    Question(
        "What of it proposed that?",
        KIEVS_CLASS,
        "2001-12-31",
        chain("proposes"),
        [KIEV[3], KIEV[9], KIEV[13]],
    ),
    Question(
        "And what had to be so for it?",
        KIEVS_CLASS,
        "2001-12-31",
        chain("allows"),
        [*KIEV[:3], KIEV[4], *KIEV[10:13], KIEV[14]],
    ),
    Question(
        "And what only spoke of it?",
        KIEVS_CLASS,
        "2001-12-31",
        chain("cites"),
        KIEV[5:9],
    ),
    Question(
        "What was said of Kiev's class on 20 November?",
        KIEVS_CLASS,
        "2001-11-20",
        lambda a: (a["candidates"], a["proposed"]),
        ([None], ["Historical (report-2001-11-07/1)"]),
    ),
    Question(
        "Why does Council approve the delegation?",
        ("why", "provision/outbound/2"),
        "2001-12-31",
        chain("changes", "proposes"),
        [
            ("2001-11-07", "report-2001-11-07"),
            ("2001-11-19", "committee-recommends"),
            (MEETING, "council-strikes-kiev"),
            (MEETING, "council-approves-delegation"),
            (MEETING, "council-adopts"),
            (MEETING, "provision-adopted"),
        ],
    ),
    Question(
        "Why is Guerrero explored?",
        ("why", "exploration/guerrero"),
        "2001-12-31",
        chain("changes", "proposes"),
        [
            ("2001-11-19", "committee-asks-for-report"),
            ("2001-11-19", "report-requested"),
            ("2001-11-26", "report-2001-11-26"),
            (MEETING, "council-adds-supplementary-report"),
            (MEETING, "council-adopts"),
            (MEETING, "exploration-directed"),
        ],
    ),
    # Two days
    Question(
        "For how many places did Council's meeting change anything?",
        ("compare", "2001-12-03", "2001-12-06"),
        None,
        lambda rows: len({r["key"] for r in rows if r["what"] == "partnerships"}),
        32,
    ),
    Question(
        "What differs between two days of it?",
        ("compare", "2001-12-04", "2001-12-05"),
        None,
        count,
        0,
    ),
    # What was known then
    Question(
        "What partners did the register know at first?",
        PARTNERSHIPS,
        "2001-12-31",
        count,
        0,
        "founding",
    ),
    Question("What matters?", ("list", "matters"), "2001-12-31", count, 0, "founding"),
    Question(
        "Before it learned of Council, what classes at the year's end?",
        PARTNERSHIPS,
        "2001-12-31",
        classes,
        {None: 26},
        "committee",
    ),
    Question("What was in force?", ("list", "provisions"), "2001-12-31", count, 0, "committee"),
    Question("What was explored?", ("list", "explorations"), "2001-12-31", count, 0, "committee"),
    Question(
        "What did it know of Kiev's story?",
        KIEVS_CLASS,
        "2001-12-31",
        chain(),
        KIEV[:10],
        "committee",
    ),
)
