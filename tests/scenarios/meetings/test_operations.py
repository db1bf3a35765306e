"""Every operation on a recommendation, a provision, a pending motion and a whole policy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.meetings.conftest import City

pytestmark = pytest.mark.rule("A2")

TEXT = "Send two missions a year, and send two letters a year."


def proposing(city: City, operation: str, result: str = "carried") -> str:
    """A matter whose report recommends a text and proposes a provision; one motion on it."""
    matter = f"operation-{next(city.numbers)}"
    items = f"""
  - open-matter: {{ title: Operations }}
  - submit-report:
      document: r1
      on: 2003-01-20
      by: {{ office: Clerk }}
      title: T
      recommendations:
        - {{ id: r1/1, text: "{TEXT}" }}
        - {{ id: r1/2, text: Adopt it., instruments: [ {{ instrument: adopt-provision, draft: {{ address: {matter}/2, heading: Sending, text: "{TEXT}", items: [Beijing, London, Tokyo] }} }} ] }}
        - {{ id: r1/3, text: And report. }}
  - move-motion: {{ motion: m, operation: {operation.replace("PROVISION", f"provision/{matter}/2")}, result: {result} }}
"""
    ran = city.minutes(matter, items)
    return matter if ran.code == 0 else ran.err


def made(city: City, matter: str) -> dict[str, Any]:
    """What the motion made of its target."""
    found: dict[str, Any] = city.matter(matter)["m"]["content"]["made"]
    return found


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ('{ change: strike, words: ", and send two letters a year" }', "Send two missions a year."),
        (
            '{ change: strike, words: " a year", everywhere: true }',
            "Send two missions, and send two letters.",
        ),
        (
            '{ change: insert-after, words: " overseas", after: missions }',
            "Send two missions overseas a year, and send two letters a year.",
        ),
        (
            '{ change: insert-before, words: "friendly ", before: letters }',
            "Send two missions a year, and send two friendly letters a year.",
        ),
        (
            "{ change: add, words: ' This ends.' }",
            "Send two missions a year, and send two letters a year. This ends.",
        ),
        (
            "{ change: add, words: 'From now on: ', at: beginning }",
            "From now on: Send two missions a year, and send two letters a year.",
        ),
        (
            "{ change: replace, words: two, by: three, everywhere: true }",
            "Send three missions a year, and send three letters a year.",
        ),
        (
            "{ change: replace, words: missions, by: guests }, { change: insert-after, words: ' three', after: 'two guests,' }, { change: strike, words: ', three' }",
            None,
        ),
        (
            "{ change: replace, words: two missions, by: one mission }, { change: replace, words: one, by: no }",
            "Send no mission a year, and send two letters a year.",
        ),
    ],
)
def test_words_are_struck_inserted_and_replaced_in_turn(
    city: City, changes: str, text: str | None
) -> None:
    for target in ("recommendation/r1/1", "PROVISION"):
        operation = f"{{ operation: amend, target: {target}, changes: [ {changes} ] }}"
        matter = proposing(city, operation)
        if text is None:
            assert "(WordsNotThere)" in matter
        else:
            assert made(city, matter)["text"] == text


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ("{ change: strike, words: two }", "WordsAmbiguous"),
        ("{ change: replace, words: four, by: five }", "WordsNotThere"),
        ("{ change: insert-after, words: x, after: ' a year' }", "WordsAmbiguous"),
        ("{ change: strike-item, item: Paris }", "ItemNotThere"),
        ("{ change: add-item, item: Paris, after: Rome }", "ItemNotThere"),
    ],
)
def test_words_and_items_that_are_not_there_are_refused(
    city: City, change: str, refusal: str
) -> None:
    assert f"({refusal})" in proposing(
        city, f"{{ operation: amend, target: PROVISION, changes: [ {change} ] }}"
    )


@pytest.mark.parametrize(
    ("change", "items"),
    [
        ("{ change: item, item: London, becomes: Paris }", ["Beijing", "Paris", "Tokyo"]),
        (
            "{ change: add-item, item: Paris, after: Beijing }",
            ["Beijing", "Paris", "London", "Tokyo"],
        ),
        ("{ change: add-item, item: Paris }", ["Beijing", "London", "Tokyo", "Paris"]),
        ("{ change: strike-item, item: Beijing }", ["London", "Tokyo"]),
    ],
)
def test_one_item_of_a_list_is_changed_added_or_struck(
    city: City, change: str, items: list[str]
) -> None:
    matter = proposing(city, f"{{ operation: amend, target: PROVISION, changes: [ {change} ] }}")

    assert (made(city, matter)["items"], made(city, matter)["text"]) == (items, TEXT)


def test_a_heading_is_changed_of_a_provision_and_of_nothing_else(city: City) -> None:
    change = "changes: [ { change: heading, becomes: Missions } ]"
    matter = proposing(city, f"{{ operation: amend, target: PROVISION, {change} }}")

    assert (made(city, matter)["heading"], made(city, matter)["text"]) == ("Missions", TEXT)
    other = proposing(city, f"{{ operation: amend, target: recommendation/r1/1, {change} }}")
    assert "(NoSuchPart)" in other


def test_a_recommendation_is_deleted_and_substituted(city: City) -> None:
    deleted = proposing(city, "{ operation: delete, target: recommendation/r1/1 }")
    assert city.matter(deleted)["m"]["content"]["dropped"] == ["r1/1"]
    gone = city.refused(
        deleted,
        "  - decide: { decision: d, kind: adopt as amended, adopts: [r1/1], summary: S. }\n",
    )
    assert "missing: r1/1" in gone
    again = city.refused(
        deleted,
        "  - move-motion: { motion: n, operation: { operation: delete, target: recommendation/r1/1 }, result: carried }\n",
    )
    assert "(TargetDeleted)" in again
    city.recorded(
        deleted,
        "  - decide: { decision: d, kind: adopt as amended, adopts: [r1/3], summary: S. }\n",
    )
    assert city.matter(deleted)["d"]["findings"] == []

    operation = "{ operation: substitute, targets: [recommendation/r1/1, recommendation/r1/3], recommendations: [ { id: council/1, text: Send nobody. } ] }"
    substituted = proposing(city, operation)
    assert made(city, substituted)["text"] == "Send nobody."
    city.recorded(
        substituted,
        "  - decide: { decision: d, kind: adopt as amended, adopts: [council/1], summary: S. }\n",
    )
    assert "A2" not in str(city.matter(substituted)["d"]["findings"])


def test_the_text_of_a_recommendation_is_deleted_and_another_inserted(city: City) -> None:
    operation = "{ operation: delete-and-insert, target: recommendation/r1/1, text: Send one. }"

    one = made(city, proposing(city, operation))
    assert (one["id"], one["text"], one["instruments"]) == ("r1/1", "Send one.", [])


def test_an_amendment_of_a_pending_motion_changes_what_is_voted_on(city: City) -> None:
    operation = (
        "{ operation: add, recommendation: { id: council/1, text: Send three letters to Porto. } }"
    )
    matter = proposing(city, operation, result="null")
    amendment = """
  - move-motion: { motion: a, operation: { operation: amend, target: motion/m, changes: [ { change: replace, words: three, by: four } ] }, result: carried }
"""
    city.recorded(matter, amendment)
    rows = city.matter(matter)
    assert rows["m"]["result"] is None
    assert rows["m"]["later"] == [f"amended by {matter}/a"]
    assert rows["m"]["content"]["reads"]["recommendation"]["text"] == "Send four letters to Porto."

    city.recorded(
        matter,
        """
  - dispose-of-motion: { motion: m, result: carried }
  - decide: { decision: d, kind: adopt as amended, adopts: [r1/1, council/1], summary: S. }
""",
    )
    why = city.street.rows("why", f"recommendation/{matter}/council/1", "--as-of", "2003-12-31")
    assert "Send four letters to Porto." in str(why)
    late = amendment.replace("motion: a,", "motion: b,")
    assert "(MatterClosed)" in city.refused(matter, late)


def test_why_a_provision_reads_so_names_the_amendment_of_the_motion_that_amended_it(
    city: City,
) -> None:
    operation = "{ operation: amend, target: PROVISION, changes: [ { change: replace, words: two missions, by: three missions } ] }"
    matter = proposing(city, operation, result="null")
    city.recorded(
        matter,
        """
  - move-motion: { motion: a, operation: { operation: amend, target: motion/m, changes: [ { change: replace, words: three, by: four } ] }, result: carried }
  - move-motion: { motion: b, operation: { operation: amend, target: motion/m, changes: [ { change: replace, words: four, by: five } ] }, result: lost }
  - dispose-of-motion: { motion: m, result: carried }
  - decide: { decision: d, kind: adopt as amended, adopts: [r1/2], summary: S. }
""",
    )

    row = city.text(f"{matter}/2")
    assert row
    assert row["text"] == "Send four missions a year, and send two letters a year."
    account = city.street.rows("why", f"provision/{matter}/2", "--as-of", "2003-12-31")
    told = {
        s["item"]: (s["role"], s["relation"]) for s in account["steps"] if s["kind"] == "motion"
    }
    assert told["m"] == ("changes", "amended it")
    assert told["a"] == ("changes", "amended the motion m")
    assert told["b"][1] == "would have amended the motion m; lost"


def test_an_amendment_of_a_substitute_names_the_recommendation_in_it(city: City) -> None:
    operation = "{ operation: substitute, targets: [recommendation/r1/1], recommendations: [ { id: council/1, text: Send one. }, { id: council/2, text: Send two. } ] }"
    matter = proposing(city, operation, result="null")
    amend = "  - move-motion: {{ motion: {}, operation: {{ operation: strike, target: motion/{}, words: ' two' }}, result: carried }}\n"
    assert "(NoSuchTarget)" in city.refused(matter, amend.format("a", "m"))
    assert "(NoSuchTarget)" in city.refused(matter, amend.format("a", "m/council/9"))
    assert "(WordsNotThere)" in city.refused(matter, amend.format("a", "m/council/1"))
    assert "(UnknownMotion)" in city.refused(matter, amend.format("a", "n"))
    city.recorded(matter, amend.format("a", "m/council/2"))

    city.recorded(matter, "  - dispose-of-motion: { motion: m, result: carried }\n")
    texts = [one["text"] for one in city.matter(matter)["m"]["content"]["made"]]
    assert texts == ["Send one.", "Send."]
    assert "(MotionEnded)" in city.refused(matter, amend.format("b", "m/council/2"))


def test_recommendations_are_renumbered_and_moved_and_keep_their_names(city: City) -> None:
    numbers = "{ recommendation/r1/1: '2', recommendation/r1/2: '1' }"
    matter = proposing(city, f"{{ operation: renumber, numbers: {numbers} }}")
    city.recorded(
        matter,
        """
  - move-motion: { motion: n, operation: { operation: move, target: recommendation/r1/3, to: 1(a) }, result: carried }
  - decide: { decision: d, kind: adopt as amended, adopts: [r1/1, r1/2, r1/3], summary: S. }
""",
    )

    rows = city.matter(matter)
    assert {one["id"]: one["number"] for one in rows["m"]["content"]["made"]} == {
        "r1/1": "2",
        "r1/2": "1",
    }
    assert rows["n"]["content"]["made"]["number"] == "1(a)"
    assert rows["d"]["content"]["adopts"] == ["r1/1", "r1/2", "r1/3"]


IN_FORCE = """
  - open-matter: {{ title: A policy }}
  - decide:
      decision: adopted
      kind: adopt
      summary: Adopted.
      instruments:
        - {{ instrument: adopt-provision, draft: {{ address: {0}/1, heading: One, text: First. }} }}
        - {{ instrument: adopt-provision, draft: {{ address: {0}/2, heading: Two, text: Second of two., items: [a, b] }} }}
        - {{ instrument: adopt-provision, draft: {{ address: {0}/3, heading: Three, text: Third. }} }}
"""


def in_force(city: City, name: str) -> None:
    city.recorded(f"{name}-policy", IN_FORCE.format(name), on="2003-01-07")


def test_a_provision_in_force_is_amended_by_a_motion_and_by_an_instrument(city: City) -> None:
    in_force(city, "amended")
    city.recorded(
        "amended-2",
        """
  - open-matter: { title: Amended }
  - move-motion: { motion: m, operation: { operation: amend, target: provision/amended/2, changes: [ { change: replace, words: two, by: three }, { change: add-item, item: c }, { change: heading, becomes: Another } ] }, result: carried }
  - decide: { decision: d, kind: adopt as amended, adopts: [motion/m], summary: S. }
""",
    )
    row = city.text("amended/2")
    assert row
    assert (row["heading"], row["text"], row["items"]) == (
        "Another",
        "Second of three.",
        ["a", "b", "c"],
    )

    city.recorded(
        "amended-3",
        """
  - open-matter: { title: Amended again }
  - decide: { decision: d, kind: adopt, summary: S., instruments: [ { instrument: amend-provision, address: amended/2, changes: [ { change: add, words: "The ", at: beginning }, { change: strike-item, item: b } ] } ] }
""",
        on="2003-03-04",
    )
    row = city.text("amended/2")
    assert row
    assert (row["text"], row["items"], row["version"]) == ("The Second of three.", ["a", "c"], 3)


def test_provisions_are_renumbered_and_history_follows_them(city: City) -> None:
    in_force(city, "numbers")
    renumber = "  - move-motion: {{ motion: {}, operation: {{ operation: renumber, numbers: {{ {} }} }}, result: carried }}\n"
    opened = "  - open-matter: { title: Renumbered }\n"
    taken = city.refused(
        "numbers-2", opened + renumber.format("m", "provision/numbers/1: numbers/2")
    )
    assert "(NumberTaken)" in taken
    swap = "provision/numbers/1: numbers/2, provision/numbers/2: numbers/1"
    city.recorded(
        "numbers-2",
        opened
        + renumber.format("m", swap)
        + "  - decide: { decision: d, kind: adopt as amended, adopts: [motion/m], summary: S. }\n",
    )

    shown_as_two = city.text("numbers/2")
    assert shown_as_two
    assert (shown_as_two["address"], shown_as_two["number"], shown_as_two["text"]) == (
        "numbers/1",
        "numbers/2",
        "First.",
    )
    before = city.text("numbers/2", "2003-02-01")
    assert before
    assert (before["address"], before["text"]) == ("numbers/2", "Second of two.")
    history = city.street.rows("policy", "history", "numbers/1", "--as-of", "2003-12-31")
    assert [(row["version"], row["number"], row["decision"]) for row in history] == [
        (1, "numbers/2", "numbers-policy/adopted"),
        (2, "numbers/1", "numbers-2/d"),
    ]
    diff = city.street.rows("policy", "diff", "2003-02-03", "2003-02-05", "numbers/1")
    assert [(row["provision"], row["redline"]) for row in diff] == [("numbers/2", "Second of two.")]
    changed = [part["change"] for part in diff[0]["number"] if part["change"] != "kept"]
    assert changed == ["deleted", "inserted"]
    why = city.street.rows("why", "provision/numbers/1", "--as-of", "2003-12-31")
    assert "numbers-policy" in str(why)
    assert "numbers-2" in str(why)


def test_a_moved_provision_leaves_its_number_to_a_new_one(city: City) -> None:
    in_force(city, "moved")
    new = "{{ instrument: adopt-provision, draft: {{ address: moved/new, number: {}, heading: New, text: New. }} }}"
    city.recorded(
        "moved-2",
        """
  - open-matter: { title: Moved }
  - move-motion: { motion: m, operation: { operation: move, target: provision/moved/2, to: other/7 }, result: carried }
  - decide: { decision: d, kind: adopt as amended, adopts: [motion/m], summary: S. }
""",
    )
    taken = "  - open-matter: {{ title: New }}\n  - decide: {{ decision: d, kind: adopt, summary: S., instruments: [ {} ] }}\n"
    assert "(NumberTaken)" in city.refused(
        "moved-3", taken.format(new.format("moved/3")), on="2003-03-04"
    )
    city.recorded("moved-3", taken.format(new.format("moved/2")), on="2003-03-04")

    moved, fresh = city.text("other/7"), city.text("moved/2")
    assert moved
    assert fresh
    assert (moved["address"], moved["text"]) == ("moved/2", "Second of two.")
    assert (fresh["address"], fresh["text"]) == ("moved/new", "New.")


def test_a_whole_policy_is_repealed_by_one_act(city: City) -> None:
    in_force(city, "repealed")
    in_force(city, "kept")
    repeal = "  - open-matter: {{ title: Repeal }}\n  - decide: {{ decision: d, kind: adopt, summary: S., instruments: [ {{ instrument: repeal-policy, under: {} }} ] }}\n"
    assert "(NothingToRepeal)" in city.refused("repeal", repeal.format("nowhere"))
    city.recorded("repeal", repeal.format("repealed"))

    assert [city.text(f"repealed/{n}") for n in (1, 2, 3)] == [None, None, None]
    assert city.text("repealed/1", "2003-02-03") is not None
    assert city.text("kept/1") is not None


def test_a_whole_policy_is_replaced_by_one_act_and_what_stays_keeps_its_history(
    city: City,
) -> None:
    in_force(city, "replaced")
    city.recorded(
        "replace",
        """
  - open-matter: { title: Replace }
  - submit-report:
      document: r1
      on: 2003-01-20
      by: { office: Clerk }
      title: T
      recommendations:
        - id: r1/1
          text: Adopt the new policy.
          instruments:
            - instrument: replace-policy
              under: replaced
              provisions:
                - { address: replaced/1, heading: One, text: First. }
                - { address: replaced/2, heading: Two, text: Second of one. }
                - { address: replaced/4, heading: Four, text: A fourth one. }
  - move-motion: { motion: m, operation: { operation: strike, target: provision/replaced/4, words: " one" }, result: carried }
  - decide: { decision: d, kind: adopt as amended, adopts: [r1/1], summary: S. }
""",
    )

    texts = {n: city.text(f"replaced/{n}") for n in (1, 2, 3, 4)}
    assert {n: row and (row["text"], row["version"]) for n, row in texts.items()} == {
        1: ("First.", 1),
        2: ("Second of one.", 2),
        3: None,
        4: ("A fourth.", 1),
    }
    assert texts[4]
    assert texts[4]["amended_by"] == ["m"]


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (
            "{ operation: amend, target: PROVISION, changes: [ { change: insert-after, words: x } ] }",
            "after",
        ),
        (
            "{ operation: amend, target: PROVISION, changes: [] }",
            "changes",
        ),
    ],
)
def test_changes_that_say_too_little_are_mistakes(city: City, operation: str, message: str) -> None:
    assert message in proposing(city, operation)
