"""Forty more questions, as somebody asks who has the clause of 2001 on the table.

Why the policy was made, who paid, what a mission consists of, where the papers slip, and on what
each fact rests. Every answer is typed here from the clause. All is asked as of the end of 2001.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.scenarios.questions_2001 import (
    ADOPTED,
    MATTER,
    MEETING,
    THE_MATTER,
    Question,
    Rows,
    chain,
    count,
    each,
    terms,
)

DAY = "2001-12-31"
REPORT, FURTHER = "report-2001-11-07", "report-2001-11-26"
ROSTER = ("show", "study", "gawc-research-bulletin-5")
DISCREPANCIES = ("list", "discrepancies")


def remark(document: str, words: str, *named: str) -> Callable[[Rows], tuple[bool, ...]]:
    """Of the one remark of a report that begins so: whether each of these stands in it."""

    def look(rows: Rows) -> tuple[bool, ...]:
        (report,) = [row for row in rows if row["item"] == document]
        (found,) = [text for text in report["content"]["remarks"] if text.startswith(words)]
        return tuple(name in found for name in named)

    return look


def remarks(document: str, words: str) -> Callable[[Rows], int]:
    """How many remarks of a report have these words in them."""

    def look(rows: Rows) -> int:
        (report,) = [row for row in rows if row["item"] == document]
        return sum(words in text for text in report["content"]["remarks"])

    return look


def item(name: str, look: Callable[[dict[str, Any]], object]) -> Callable[[Rows], object]:
    """What one item of the matter says."""
    return lambda rows: next(look(row) for row in rows if row["item"] == name)


def said(number: int) -> tuple[str, ...]:
    return ("show", "discrepancy", str(number))


def places(rows: Rows) -> list[str]:
    return [passage["at"]["document"] for passage in rows[0]["passages"]]


def asked(
    words: str, command: tuple[str, ...], look: Callable[[Any], object], answer: object
) -> Question:
    return Question(words, command, DAY, look, answer)


QUESTIONS = (
    # Why there is a policy, and what came before it
    asked(
        "Who had asked for a policy, and whom?",
        THE_MATTER,
        remark(REPORT, "Council had directed", "Economic Development Division", "(Background)"),
        (True, True),
    ),
    asked(
        "Which developments make relations of cities matter more?",
        THE_MATTER,
        remark(
            REPORT,
            "Four developments",
            *("globalization", "on the move", "communications technology", "world cities"),
        ),
        (True, True, True, True),
    ),
    asked(
        "Who paid for the technical exchanges?",
        THE_MATTER,
        remark(
            REPORT,
            "Eleven of the 36",
            "Federation of Canadian Municipalities",
            "World Association of Major Metropolises",
            "Canadian Urban Institute",
        ),
        (True, True, True),
    ),
    asked(
        "How many municipalities had how many relations, and how many are left?",
        THE_MATTER,
        remark(REPORT, "Six of the seven", "36 cities", "thirty years", "remaining 25"),
        (True, True, True),
    ),
    asked(
        "Why must those taken over be realigned?",
        THE_MATTER,
        remark(REPORT, "Many of those", "population", "economy", "few staff", "little money"),
        (True, True, True, True),
    ),
    asked(
        "What is a relationship of two cities made of?",
        THE_MATTER,
        remark(REPORT, "Relationships of cities", "students", "orchestras", "councils and staff"),
        (True, True, True),
    ),
    asked(
        "What would come of agreements without an evaluation?",
        THE_MATTER,
        remark(REPORT, "Foreign officials", "fiscally irresponsible", "name", "stretch"),
        (True, True, True),
    ),
    asked(
        "Is it for the whole city?",
        THE_MATTER,
        item(MATTER, lambda row: row["content"]["reference"].endswith("(City-Wide)")),
        True,
    ),
    asked(
        "Does either report cost anything?",
        THE_MATTER,
        lambda rows: (
            remarks(REPORT, "No financial implications")(rows),
            remarks(FURTHER, "No financial implications")(rows),
        ),
        (1, 1),
    ),
    # What missions and delegations consist of
    asked(
        "Whom does an outbound mission meet?",
        THE_MATTER,
        remark(
            REPORT,
            "A mission consists",
            *("parent companies of Canadian subsidiaries", "foreign investors"),
            *("Chambers of Commerce", "government officials"),
        ),
        (True, True, True, True),
    ),
    asked(
        "What is the political delegation there for?",
        THE_MATTER,
        remark(REPORT, "The main part", "sell the city", "business", "tourists"),
        (True, True, True),
    ),
    asked(
        "What may stand in for a journey?",
        THE_MATTER,
        remark(REPORT, "To join missions", "Videoconferences", "trade shows", "export seminars"),
        (True, True, True),
    ),
    asked(
        "How many things may an outbound mission do, and how many are done for a visitor?",
        ("list", "provisions"),
        lambda rows: [len(r["items"]) for r in rows if r["address"] in ("outbound/3", "inbound/3")],
        [5, 7],
    ),
    asked(
        "Who travels at whose expense?",
        ("policy", "outbound/1"),
        terms("delegation.councillors", "delegation.senior-staff", "delegation.own-expense"),
        (2, 2, ["business community", "further members of Council"]),
    ),
    asked(
        "Who adds to the program's funds?",
        ("policy", "funding/2"),
        terms("funding.contributors"),
        (["business community", "local communities", "Canadian government"],),
    ),
    asked(
        "In how many headings is a mission budgeted?",
        ("policy", "funding/3"),
        lambda rows: len(rows[0]["terms"]["budget.categories"]),
        8,
    ),
    asked(
        "Through which gateways do journeys go?",
        ("policy", "planning/3"),
        terms("mission.gateways"),
        (["London", "Tokyo", "Hong Kong", "Beijing"],),
    ),
    asked(
        "Through which ministry do targeted cities take part in provincial activities?",
        THE_MATTER,
        remark(REPORT, "Targeted cities: the part", "Ministry of Economic Development and Trade"),
        (True,),
    ),
    # How partners are chosen
    asked(
        "How many criteria are there under each goal?",
        ("list", "provisions"),
        lambda rows: {
            r["address"]: len(r["items"]) for r in rows if r["address"].startswith("criteria/")
        },
        {
            "criteria/economic-development": 14,
            "criteria/cultural-development": 7,
            "criteria/tourism-development": 5,
            "criteria/cross-cultural-community-development": 3,
        },
    ),
    asked(
        "Within how many months is a request reported on, and to whom?",
        ("policy", "procedures/5"),
        terms("request.report-months", "request.reported-to"),
        (6, "edp-committee"),
    ),
    asked(
        "What comes before an agreement is drawn up?",
        ("policy", "new-alliances"),
        terms("agreement.requires"),
        (["positive business case", "Council approval"],),
    ),
    # The world cities
    asked(
        "How many cities has each tier of the roster?",
        ROSTER,
        lambda rows: {tier: len(cities) for tier, cities in rows[0]["tiers"].items()},
        {"Alpha": 10, "Beta": 10, "Gamma": 21},
    ),
    asked(
        "In which tier is Toronto?",
        ROSTER,
        lambda rows: [t for t, cities in rows[0]["tiers"].items() if "Toronto" in cities],
        ["Beta"],
    ),
    asked(
        "In which regions have world cities formed?",
        THE_MATTER,
        remark(REPORT, "World cities have formed", "northern America", "Pacific Asia"),
        (True, True),
    ),
    asked(
        "In which countries are Chicago's less known partners?",
        THE_MATTER,
        remark(
            REPORT,
            "Chicago's partners",
            *("Gothenburg (Sweden)", "Accra (Ghana)", "Vilnius (Lithuania)"),
            *("Petach Tikva (Israel)", "Durban (South Africa)"),
        ),
        (True,) * 5,
    ),
    asked(
        "And those of Los Angeles?",
        THE_MATTER,
        remark(
            REPORT,
            "Los Angeles's partners",
            *("Eilat (Israel)", "Giza (Egypt)", "Kaunas (Lithuania)", "Lusaka (Zambia)"),
            *("Mumbai (India)", "Pusan (Korea)", "Split (Croatia)"),
        ),
        (True,) * 7,
    ),
    asked(
        "How many of the world's key cities are compared with Toronto?",
        THE_MATTER,
        remarks(REPORT, "comparison table)"),
        13,  # the row of Toronto, eleven others, and the words before the table
    ),
    # Where the papers slip
    asked("How many disagreements and slips are noted?", DISCREPANCIES, count, 25),
    asked(
        "Which paper alone says when the Committee met?",
        said(23),
        lambda rows: [p["at"]["document"] for p in rows[0]["passages"] if "19" in p["says"]],
        [FURTHER],
    ),
    asked(
        "Does the Committee's decision cite that paper for its day?",
        THE_MATTER,
        item("committee-recommends", lambda r: [c["document"] for c in r["cites"]]),
        ["Report 12, Clause 4", FURTHER],
    ),
    asked(
        "In how many spellings is Ward 4 printed, and in which is each of its two places kept?",
        THE_MATTER,
        lambda rows: [r["by"].partition("4 ")[2] for r in rows if "Ward 4" in (r["by"] or "")],
        ["Etobicoke Centre", "Etobicoke-Centre"],
    ),
    asked("How many meanings has one asterisk?", said(18), lambda r: len(r[0]["passages"]) - 1, 2),
    asked("In how many ways is nothing said?", said(20), lambda r: len(r[0]["passages"]) - 1, 3),
    asked(
        "What is said against each other about the welcome of visitors?",
        said(25),
        lambda rows: (places(rows), rows[0]["about"]),
        ([REPORT, REPORT], ["inbound/1", "inbound/3"]),
    ),
    asked(
        "What disagrees about inbound missions in the table?",
        (*DISCREPANCIES, "--about", "programming/inbound"),
        each("number"),
        [(11,), (20,)],
    ),
    # On what it rests
    asked(
        "Which three amendments did Council adopt?",
        ("why", f"decision/{ADOPTED}"),
        lambda account: [
            step["item"]
            for step in account["steps"]
            if step["kind"] == "motion" and step["body"] == "council"
        ],
        [
            "council-strikes-kiev",
            "council-approves-delegation",
            "council-adds-supplementary-report",
        ],
    ),
    asked(
        "What did the Committee have before it when it recommended?",
        ("why", f"decision/{MATTER}/committee-recommends"),
        chain("proposes", "cites"),
        [
            ("2001-11-07", REPORT),
            ("2001-11-15", "communication-2001-11-15"),
            ("2001-11-16", "communication-2001-11-16"),
            ("2001-11-19", "deputation-lindsay-luby"),
            ("2001-11-19", "committee-kiev-gamma"),
        ],
    ),
    asked(
        "How does the Committee's recommendation read now, and who adopted it?",
        ("why", f"recommendation/{MATTER}/committee/1"),
        lambda account: (
            account["candidates"][0]["adopted_by"],
            "Gamma" in account["candidates"][0]["text"],
        ),
        (["council-adopts"], False),
    ),
    asked(
        "Who prompted the motion on Kiev's tier?",
        ("why", f"motion/{MATTER}/committee-kiev-gamma"),
        lambda account: [s["item"] for s in account["steps"] if "prompted" in s["relation"]],
        ["communication-2001-11-15", "communication-2001-11-16", "deputation-lindsay-luby"],
    ),
    asked(
        "By what is Milan targeted?",
        ("why", "targeted/milano"),
        chain("changes"),
        [(MEETING, "council-adopts"), (MEETING, "city-targeted")],
    ),
    asked(
        "Why are staff to widen the relationship with Warsaw?",
        THE_MATTER,
        remark(FURTHER, "Two reasons", "Committee had directed", "interest of communities"),
        (True, True),
    ),
    asked(
        "What speaks for looking for relationships in Mexico?",
        THE_MATTER,
        remark(FURTHER, "To look for relationships in Mexico", "North American"),
        (True,),
    ),
)
