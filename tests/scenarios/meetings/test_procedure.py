"""Procedural motions and decisions: what is put off is due, and what is ended is ended."""

from __future__ import annotations

import pytest

from tests.scenarios.meetings.conftest import City

pytestmark = pytest.mark.rule("A4")

REPORT = """
  - open-matter: { title: Lodz }
  - submit-report: { document: r1, on: 2003-01-20, by: { office: Clerk }, title: Lodz, recommendations: [ { id: r1/1, text: Greet Lodz this year. } ] }
"""


def test_a_deferral_to_a_day_and_one_to_a_meeting_are_due(city: City) -> None:
    city.recorded(
        "to-a-day",
        REPORT + "  - decide: { decision: d, kind: defer, until: 2003-04-14, summary: S. }\n",
    )
    city.recorded(
        "to-a-meeting",
        REPORT
        + "  - decide: { decision: d, kind: defer, meeting: first meeting of 2004, summary: S. }\n",
    )
    city.recorded(
        "indefinitely", REPORT + "  - decide: { decision: d, kind: defer, summary: S. }\n"
    )

    rows = {row["subject"]: row for row in city.due("2003-04-15")}
    assert (rows["to-a-day"]["status"], rows["to-a-day"]["due"]) == ("overdue", "2003-04-14")
    to_meeting = rows["to-a-meeting"]
    assert (to_meeting["status"], to_meeting["due"]) == ("owed", "first meeting of 2004")
    assert rows["indefinitely"]["status"] == "owed"
    assert city.matter("to-a-meeting")["to-a-meeting"]["result"] == (
        "open: defer at first meeting of 2004"
    )


def test_a_referral_says_to_whom_and_what_is_asked_until_it_is_answered(city: City) -> None:
    city.recorded(
        "referred",
        REPORT
        + "  - decide: { decision: d, kind: refer, to: { office: City Solicitor }, asks: Whether the city may., until: 2003-06-02, summary: S. }\n",
    )
    (row,) = [row for row in city.due("2003-05-01") if row["subject"] == "referred"]
    assert (row["owed_by"], row["owed_to"], row["says"], row["due"]) == (
        "City Solicitor",
        "council",
        "Whether the city may.",
        "2003-06-02",
    )

    city.recorded(
        "referred",
        "  - submit-report: { document: r2, by: { office: City Solicitor }, title: It may. }\n",
        on="2003-05-26",
    )
    assert not [row for row in city.due("2003-06-30") if row["subject"] == "referred"]


def test_a_tabled_matter_is_owed_and_taken_up_from_the_table(city: City) -> None:
    city.recorded("tabled", REPORT + "  - decide: { decision: d, kind: table, summary: S. }\n")
    (row,) = [row for row in city.due("2003-12-01") if row["subject"] == "tabled"]
    assert (row["kind"], row["status"], row["owed_by"]) == ("tabled matter", "owed", "council")

    city.recorded(
        "tabled",
        "  - decide: { decision: d2, kind: adopt, adopts: [r1/1], summary: S. }\n",
        on="2003-06-24",
    )
    assert not [row for row in city.due("2003-12-01") if row["subject"] == "tabled"]


def test_a_notice_of_motion_is_due_until_the_motion_is_moved(city: City) -> None:
    notice = "  - give-notice: { notice: n1, text: To greet Lodz twice., by: { office: Councillor, name: A. Ito }, until: 2003-03-04 }\n"
    city.recorded("notice", REPORT + notice)
    (row,) = [row for row in city.due("2003-02-10") if row["subject"] == "notice/n1"]
    assert (row["kind"], row["due"], row["says"]) == (
        "notice of motion",
        "2003-03-04",
        "To greet Lodz twice.",
    )
    move = "  - move-motion: { motion: m, notice: %s, operation: { operation: strike, target: recommendation/r1/1, words: ' this year' } }\n"
    assert "(UnknownNotice)" in city.refused("notice", move % "n2", on="2003-03-04")

    city.recorded("notice", move % "n1", on="2003-03-04")
    assert not [row for row in city.due("2003-04-01") if row["subject"] == "notice/n1"]
    assert city.matter("notice")["n1"]["title"] == "To greet Lodz twice."


@pytest.mark.parametrize("kind", ["receive", "withdraw", "lapse", "lost", "reject"])
def test_what_ends_a_matter_ends_it(city: City, kind: str) -> None:
    matter = f"ended-{kind}"
    city.recorded(matter, REPORT + f"  - decide: {{ decision: d, kind: {kind}, summary: S. }}\n")

    rows = city.matter(matter)
    assert (rows[matter]["result"], rows["d"]["result"]) == ("closed", kind)
    again = city.refused(
        matter, "  - decide: { decision: e, kind: adopt, adopts: [r1/1], summary: S. }\n"
    )
    assert "(MatterClosed)" in again


@pytest.mark.parametrize("kind", ["adopt", "receive", "reject"])
def test_a_committee_closes_its_own_part_and_not_councils(city: City, kind: str) -> None:
    matter = f"committee-{kind}"
    adopts = "adopts: [r1/1], " if kind == "adopt" else ""
    decide = "  - decide: {{ decision: {}, kind: {}, {}summary: S. }}\n"
    city.recorded(matter, REPORT + decide.format("c", kind, adopts), body="works", on="2003-02-03")
    assert "(MatterClosed)" in city.refused(
        matter, decide.format("c2", kind, adopts), body="works", on="2003-02-03"
    )

    assert city.matter(matter)[matter]["result"] == f"open: {kind}"
    city.recorded(matter, decide.format("d", "adopt", "adopts: [r1/1], "))
    assert city.matter(matter)[matter]["result"] == "closed"


def test_a_committee_on_a_tie_sends_the_matter_on_without_a_recommendation(city: City) -> None:
    tie = "  - decide: { decision: c, kind: no recommendation, to: council, summary: S., vote: { in_favour: 3, against: %d } }\n"
    assert "Refused by rule V1" in city.refused("tie", REPORT + tie % 2, body="works")
    city.recorded("tie", REPORT + tie % 3, body="works")

    rows = city.matter("tie")
    assert rows["tie"]["result"] == "open: no recommendation"
    assert rows["c"]["voted"] == "3 in favour, 3 against, a tie"
    city.recorded("tie", "  - decide: { decision: d, kind: adopt, adopts: [r1/1], summary: S. }\n")


def test_a_rescinded_decision_is_marked_and_what_it_did_and_still_stands_is_named(
    city: City,
) -> None:
    city.recorded(
        "rescinded",
        """
  - open-matter: { title: Flags }
  - decide: { decision: d, kind: adopt, summary: S., instruments: [ { instrument: adopt-provision, draft: { address: flags, heading: Flags, text: Flags fly. } } ] }
""",
    )
    rescind = "  - decide: {{ decision: e, kind: rescind, earlier: {{ matter: {}, decision: d, body: council }}, summary: S.{} }}\n"
    opened = "  - open-matter: { title: No flags }\n"
    assert "(NoDecision)" in city.refused(
        "rescinding", opened + rescind.format("nowhere", ""), on="2003-03-04"
    )
    assert "(NotAuthorised)" in city.refused(
        "rescinding", opened + rescind.format("rescinded", ""), on="2003-03-04", body="works"
    )
    assert "(BeforeTheEarlier)" in city.refused(
        "rescinding",
        opened.replace("title", "on: 2003-01-01, title") + rescind.format("rescinded", ""),
        on="2003-01-07",
    )
    city.recorded("rescinding", opened + rescind.format("rescinded", ""), on="2003-03-04")

    rows = city.matter("rescinding")
    assert rows["rescinding"]["result"] == "closed"
    assert [f["reason"] for f in rows["e"]["findings"]] == [
        "still stands, by d: provision-adopted of flags (policy)"
    ]
    earlier = city.matter("rescinded")["d"]
    assert (earlier["result"], earlier["later"]) == ("adopt", ["rescind by rescinding/e"])
    assert city.matter("rescinded", "2003-03-03")["d"]["later"] == []
    assert city.text("flags") is not None


def test_a_rescinding_decision_repeals_by_an_instrument_of_its_own(city: City) -> None:
    city.recorded(
        "bells",
        """
  - open-matter: { title: Bells }
  - decide: { decision: d, kind: adopt, summary: S., instruments: [ { instrument: adopt-provision, draft: { address: bells, heading: Bells, text: Bells ring. } } ] }
""",
    )
    city.recorded(
        "no-bells",
        """
  - open-matter: { title: No bells }
  - decide: { decision: e, kind: rescind, earlier: { matter: bells, decision: d, body: council }, summary: S., instruments: [ { instrument: delete-provision, address: bells } ] }
""",
        on="2003-03-04",
    )

    assert city.text("bells", "2003-03-03") is not None
    assert city.text("bells", "2003-03-05") is None
    assert city.matter("no-bells")["e"]["findings"] == []


RESCISSION = "  - open-matter: {{ title: T }}\n  - decide: {{ decision: {}, kind: {}, earlier: {{ matter: {}, decision: {}, body: council }}, summary: S. }}\n"


def test_a_decision_is_rescinded_once(city: City) -> None:
    greet = REPORT + "  - decide: { decision: d, kind: adopt, adopts: [r1/1], summary: S. }\n"
    city.recorded("res-once", greet)
    city.recorded(
        "res-once-first", RESCISSION.format("e", "rescind", "res-once", "d"), on="2003-04-01"
    )

    for kind in ("rescind", "confirm"):
        said = city.refused(
            "res-once-second", RESCISSION.format("f", kind, "res-once", "d"), on="2003-05-06"
        )
        assert "Refused by rule A4" in said
        assert "(AlreadyRescinded)" in said
        assert "by: res-once-first/e" in said
        assert "earlier: res-once/d" in said
    assert city.matter("res-once")["d"]["later"] == ["rescind by res-once-first/e"]


def test_two_decisions_of_one_day_or_one_file_do_not_both_rescind_it(city: City) -> None:
    greet = REPORT + "  - decide: { decision: d, kind: adopt, adopts: [r1/1], summary: S. }\n"
    city.recorded("res-day", greet)
    both = RESCISSION.format("e", "rescind", "res-day", "d") + RESCISSION.format(
        "f", "rescind", "res-day", "d"
    ).replace("open-matter: {", "open-matter: { matter: res-day-2,").replace(
        "decide: {", "decide: { matter: res-day-2,"
    )
    said = city.refused("res-day-1", both, on="2003-04-01")
    assert "(AlreadyRescinded)" in said
    assert "by: res-day-1/e" in said
    assert city.matter("res-day")["d"]["later"] == []  # a file is recorded whole or not at all

    first, second = (RESCISSION.format(name, "rescind", "res-day", "d") for name in "ef")
    city.recorded("res-day-1", first, on="2003-04-01")
    said = city.refused("res-day-3", second, on="2003-04-01")
    assert "(AlreadyRescinded)" in said
    assert "rescinded on: 2003-04-01" in said
    assert city.matter("res-day")["d"]["later"] == ["rescind by res-day-1/e"]


def test_a_decision_whose_rescission_was_rescinded_can_be_rescinded_again(city: City) -> None:
    greet = REPORT + "  - decide: { decision: d, kind: adopt, adopts: [r1/1], summary: S. }\n"
    city.recorded("res-twice", greet)
    city.recorded(
        "res-twice-1", RESCISSION.format("e", "rescind", "res-twice", "d"), on="2003-04-01"
    )
    city.recorded(
        "res-twice-2", RESCISSION.format("f", "rescind", "res-twice-1", "e"), on="2003-05-06"
    )
    again = RESCISSION.format("g", "rescind", "res-twice-1", "e")
    assert "by: res-twice-2/f" in city.refused("res-twice-3", again, on="2003-06-03")

    city.recorded(
        "res-twice-3", RESCISSION.format("g", "rescind", "res-twice", "d"), on="2003-06-03"
    )
    later = ["rescind by res-twice-1/e", "rescind by res-twice-3/g"]
    assert city.matter("res-twice")["d"]["later"] == later
    last = RESCISSION.format("h", "rescind", "res-twice", "d")
    assert "by: res-twice-3/g" in city.refused("res-twice-4", last, on="2003-07-01")


def test_a_rescission_found_late_says_which_later_one_rescinds_nothing_more(city: City) -> None:
    greet = REPORT + "  - decide: { decision: d, kind: adopt, adopts: [r1/1], summary: S. }\n"
    city.recorded("res-late", greet)
    city.recorded("res-late-5", RESCISSION.format("e", "rescind", "res-late", "d"), on="2003-05-06")
    city.recorded("res-late-4", RESCISSION.format("f", "rescind", "res-late", "d"), on="2003-04-01")

    reasons = [f["reason"] for f in city.matter("res-late-4")["f"]["findings"]]
    assert reasons == ["rescinded again, and then without effect: by res-late-5/e on 2003-05-06"]


def test_the_earlier_decision_is_found_by_any_number_of_its_matter(city: City) -> None:
    greet = REPORT + "  - decide: { decision: d, kind: adopt, adopts: [r1/1], summary: S. }\n"
    city.recorded("2003.XY1.1", greet + "  - number-matter: { number: 2003.XY2.2 }\n")
    rescind = RESCISSION.format("e", "rescind", "2003.XY2.2", "d")
    city.recorded("numbered-1", rescind, on="2003-03-04")

    assert city.matter("2003.XY1.1")["d"]["later"] == ["rescind by numbered-1/e"]
    assert "(AlreadyRescinded)" in city.refused(
        "numbered-2", RESCISSION.format("f", "rescind", "2003.XY1.1", "d"), on="2003-04-01"
    )


def test_a_committees_decision_is_confirmed(city: City) -> None:
    city.recorded(
        "confirmed",
        REPORT + "  - decide: { decision: c, kind: receive, summary: S. }\n",
        body="works",
        on="2003-02-03",
    )
    city.recorded(
        "confirmed",
        "  - decide: { decision: d, kind: confirm, earlier: { matter: confirmed, decision: c, body: works }, summary: S. }\n",
    )

    rows = city.matter("confirmed")
    assert rows["c"]["later"] == ["confirm by confirmed/d"]
    assert rows["confirmed"]["result"] == "closed"


def test_adopted_as_amended_by_an_amendment_whose_words_are_not_in_the_record(city: City) -> None:
    decide = "  - decide: {{ decision: d, kind: {}, adopts: [r1/1], summary: S.{} }}\n"
    unknown = ", not_entered: An amendment by Councillor Ito carried; the minutes do not print it."
    assert "(NotAsAmended)" in city.refused(
        "unprinted", REPORT + decide.format("adopt as amended", "")
    )
    city.recorded("unprinted", REPORT + decide.format("adopt as amended", unknown))

    (finding,) = city.matter("unprinted")["d"]["findings"]
    assert (finding["rule"], finding["answer"]) == ("A2", "advisory")
    assert finding["reason"].endswith("the minutes do not print it.")
    city.recorded("unprinted-2", REPORT + decide.format("adopt", unknown))


def test_a_decision_without_effect_needs_no_instrument(city: City) -> None:
    city.recorded(
        "congratulations",
        """
  - open-matter: { title: Congratulations to the people of Lodz }
  - decide: { decision: d, kind: adopt, summary: Council congratulates them., mover: { office: Councillor, name: A. Ito }, vote: { method: voice, against: 0 } }
""",
    )

    row = city.matter("congratulations")["d"]
    assert (row["result"], row["findings"]) == ("adopt", [])
    assert city.matter("congratulations")["congratulations"]["result"] == "closed"


@pytest.mark.rule("A3")
def test_what_recommends_something_is_not_adopted_by_naming_nothing(city: City) -> None:
    said = city.refused(
        "nothing", REPORT + "  - decide: { decision: d, kind: adopt, summary: S. }\n"
    )

    assert "(NothingToAdopt)" in said


@pytest.mark.parametrize(
    ("decide", "message"),
    [
        ("kind: receive, meeting: the next one", "`meeting` belongs to a decision"),
        ("kind: lapse, vote: { against: 1 }", "what lapses is not voted on"),
        ("kind: reject, asks: Why.", "`asks` belongs to a decision that sends a matter on"),
        (
            "kind: adopt, earlier: { matter: a, decision: b, body: council }",
            "`earlier` belongs to a decision that confirms or rescinds another",
        ),
        ("kind: adopt, parts: [r1/1], adopts: [r1/2]", "adopts `parts` adopts these"),
    ],
)
def test_fields_that_do_not_belong_to_a_decision_are_mistakes(
    city: City, decide: str, message: str
) -> None:
    ran = city.minutes(
        "mistaken", REPORT + f"  - decide: {{ decision: d, summary: S., {decide} }}\n"
    )

    assert ran.code != 0
    assert message in ran.err
