"""Decisions of later years, made up for the tests, as minutes files and corrections."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.scenarios.questions_2001 import Question, chain, count, each, said, terms
from tests.support.street import Street

RECLASSIFICATION = """\
meeting: { id: 2003-06-24-council, on: 2003-06-24, body: council, matter: 2003-6-1 }
items:
  - open-matter: { title: Kiev }
  - submit-report:
      on: 2003-06-02
      document: report-2003-06-02
      by: { office: Commissioner, name: a later Commissioner }
      title: Kiev as an International partnership
      recommendations:
        - id: report-2003-06-02/1
          text: Make Kiev an International partnership.
          instruments:
            - instrument: classify-partnership
              city: UA-KIEV
              classification: International
              reason: meets the criteria since 2003
  - decide:
      decision: council-reclassifies-kiev
      kind: adopt
      summary: Makes Kiev International.
      adopts: [report-2003-06-02/1]
"""

AMENDMENT = """\
meeting: { id: 2004-02-10-council, on: 2004-02-10, body: council, matter: 2004-2-7 }
items:
  - open-matter: { title: Delegations }
  - decide:
      decision: council-amends-delegations
      kind: adopt
      summary: From July, the Mayor approves who is on the delegation.
      effective_from: 2004-07-01
      instruments:
        - instrument: replace-provision
          address: outbound/2
          text: The Mayor approves who is on the official delegation, and reports it to Council.
          terms: { delegation.approver: mayor }
"""

RECORDED_LATE = """\
meeting: { id: 2002-03-05-council, on: 2002-03-05, body: council, matter: 2002-3-2 }
items:
  - open-matter: { title: Milan }
  - decide:
      decision: council-drops-milan
      kind: adopt
      summary: Takes Milan off the targeted list.
      instruments: [{ instrument: drop-targeted-city, city: IT-MILAN, reason: no interest }]
"""

IN_FUTURE = """\
meeting: { id: 2004-04-15-council, on: 2004-04-15, body: council, matter: 2004-4-3 }
items:
  - open-matter: { title: Volgograd }
  - decide:
      decision: council-ends-volgograd
      kind: adopt
      summary: Lets the partnership with Volgograd end with the year 2040.
      effective_from: 2041-01-01
      instruments: [{ instrument: end-partnership, city: RU-VOLGOGRAD, reason: agreed }]
"""

FILES = {
    "reclassification": RECLASSIFICATION,
    "amendment": AMENDMENT,
    "recorded-late": RECORDED_LATE,
    "in-future": IN_FUTURE,
}

CORRECTION = (
    *("correct", "partnership/IT-AGUILA", "1", "--set", "established=1987"),
    *("--reason", "misread: the agreement is of 1987", "--by", "Clerk's office"),
    *("--on", "2005-01-17", "--source", "agreement with L'Aquila"),
)


def record_later(street: Street, folder: Path) -> Iterator[str]:
    """Record all of them, one after the other, and last a correction of 2001's record."""
    for name, minutes in FILES.items():
        file = folder / f"{name}.yaml"
        file.write_text(minutes, encoding="utf-8")
        street.done("record", file)
        yield name
    street.done(*CORRECTION)
    yield "correction"


KIEV, AQUILA = ("show", "partnership", "kiev"), ("show", "partnership", "L'Aquila")
CLASS, DELEGATION = each("classification", "decision"), ("policy", "outbound/2")
RECLASSIFIED = ("International", "2003-6-1/council-reclassifies-kiev")
CLASSIFIED = ("Historical", "2001-12-4/council-adopts")

ANSWERS_NOW = (
    Question("What was Kiev in 2002?", KIEV, "2002-06-30", CLASS, [CLASSIFIED]),
    Question("And since June 2003?", KIEV, "2003-06-24", CLASS, [RECLASSIFIED]),
    Question(
        "As was known when 2001 was recorded?", KIEV, "2003-06-24", CLASS, [CLASSIFIED], "council"
    ),
    Question(
        "Why is Kiev International?",
        ("why", "partnership/kiev/classification"),
        "2003-12-31",
        chain("changes", "proposes"),
        [
            ("2001-11-07", "report-2001-11-07"),
            ("2001-11-19", "committee-recommends"),
            ("2001-12-04/2001-12-06", "council-strikes-kiev"),
            ("2003-06-02", "report-2003-06-02"),
            ("2003-06-24", "council-reclassifies-kiev"),
            ("2003-06-24", "partnership-reclassified"),
        ],
    ),
    Question(
        "Who approved delegations until June 2004?",
        DELEGATION,
        "2004-06-30",
        each("version", "in_force", "terms"),
        [
            (1, True, {"delegation.approver": "council"}),
            (2, False, {"delegation.approver": "mayor"}),  # decided, and to come
        ],
    ),
    Question(
        "And from July?",
        DELEGATION,
        "2004-07-01",
        each("version", "terms"),
        [(2, {"delegation.approver": "mayor"})],
    ),
    Question(
        "As was known before?",
        DELEGATION,
        "2004-07-01",
        terms("delegation.approver"),
        ("council",),
        "council",
    ),
    Question("Who was targeted in April 2002?", ("list", "targeted"), "2002-04-01", count, 5),
    Question("As was known before?", ("list", "targeted"), "2002-04-01", count, 6, "council"),
    Question(
        "Since when is Aguila a partner?", AQUILA, "2001-12-31", each("established"), [("1987",)]
    ),
    Question(
        "Was it in July 1987, perhaps?",
        AQUILA,
        "1987-07-01",
        each("established", "certain"),
        [("1987", False)],
    ),
    Question(
        "What was believed of it before?",
        AQUILA,
        "2001-12-31",
        each("established"),
        [("1988",)],
        "council",
    ),
    Question(
        "Was it one in July 1987, as was believed before?",
        AQUILA,
        "1987-07-01",
        count,
        0,
        "council",
    ),
    Question(
        "What was corrected in its story?",
        ("why", "partnership/aquila/established"),
        "2005-12-31",
        lambda a: (said(a), [s["relation"] for s in a["steps"] if s["role"] == "corrected"]),
        ((["1987"], True), ["corrected: misread: the agreement is of 1987"]),
    ),
    Question(
        "Is Volgograd a partner in 2040?",
        ("why", "partnership/volgograd/established"),
        "2040-12-31",
        said,
        (["1991"], True),
    ),
    Question(
        "And in 2041?",
        ("why", "partnership/volgograd/established"),
        "2041-01-01",
        said,
        ([None], True),
    ),
    Question(
        "As was known in 2001?",
        ("why", "partnership/volgograd/established"),
        "2041-01-01",
        said,
        (["1991"], True),
        "council",
    ),
)
"""What is answered when all is recorded; with a stage, as known at the end of that stage."""
