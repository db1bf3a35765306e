"""States of a partnership: decided or reported, until a day or until something, and what is due."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.partnerships.conftest import City, deciding

pytestmark = pytest.mark.rule("C8")


def state(city: City, name: str, on: str) -> tuple[Any, ...]:
    """The state of a partner on a day, what it rests on, and until when or what."""
    row = city.partners(on)[name]
    return (row["state"], row["state_basis"], row["until"] or row["condition"])


def suspending(how: str = "") -> str:
    return f"{{ instrument: set-partnership-state, city: RU-TVER, state: suspended{how} }}"


RESUME = "{ instrument: set-partnership-state, city: RU-TVER, state: active }"


def test_a_partnership_is_active_until_something_else_is_said(bare: City) -> None:
    assert state(bare, "Tver", "2001-01-01") == ("active", None, None)
    assert bare.listed("2001-01-01") == "4 partnerships on 2001-01-01."


def test_a_suspension_until_something_is_owed_until_it_is_resumed(bare: City) -> None:
    bare.decided(suspending(", condition: the war ends, reason: The war."), on="2022-03-02")

    assert state(bare, "Tver", "2022-03-01") == ("active", None, None)
    assert state(bare, "Tver", "2022-03-02") == ("suspended", "decision", "the war ends")
    assert bare.listed("2022-03-02") == "4 partnerships on 2022-03-02: 1 suspended."
    assert list(bare.partners("2022-03-02", "--state", "suspended")) == ["Tver"]
    assert bare.due("2022-06-01") == [("end of a suspension", "RU-TVER", "owed")]

    bare.decided(RESUME, on="2024-05-06")
    assert state(bare, "Tver", "2024-05-06") == ("active", "decision", None)
    assert bare.due("2024-05-06") == []
    shown = bare.street.done("show", "partnership", "tver", "--as-of", "2023-01-01")
    assert "state: suspended until the war ends; by us; The war." in shown


def test_a_suspension_until_a_day_is_due_on_it_and_over_on_the_day_after(bare: City) -> None:
    bare.decided(suspending(", until: 2022-12-31"), on="2022-03-02")

    assert bare.due("2022-12-31") == [("end of a suspension", "RU-TVER", "due")]
    assert state(bare, "Tver", "2022-12-31") == ("suspended", "decision", "2022-12-31")
    assert state(bare, "Tver", "2023-01-01") == ("active", "decision", None)
    assert bare.due("2023-01-01") == []


def test_nobody_made_a_partnership_active_whose_suspension_ran_out(bare: City) -> None:
    """It is active by itself from January 1, 2023, after a visit decided on in June 2022."""
    bare.decided(suspending(", until: 2022-12-31"), on="2022-03-02")
    bare.decided(
        "{ instrument: classify-partnership, city: RU-TVER, classification: Sister City }",
        on="2022-06-01",
    )
    row = bare.partners("2023-01-01")["Tver"]
    assert (row["state"], row["state_by"], row["ran_out"]) == ("active", None, "2022-12-31")
    shown = bare.street.done("show", "partnership", "tver", "--as-of", "2023-01-01")
    assert "state: active; its suspension until 2022-12-31 ran out\n" in shown

    asked = ("why", "partnership/tver", "--as-of", "2023-02-01")
    steps = [(s["on"], s["item"]) for s in bare.street.rows(*asked)["steps"]]
    assert [step for step in steps if step[1].startswith("partnership-")] == [
        ("2000-01-10", "partnership-formed"),
        ("2022-03-02", "partnership-state-changed"),
        ("2022-06-01", "partnership-classified"),
        ("2023-01-01", "partnership-state-changed"),
    ]


def test_a_suspension_that_is_prolonged_does_not_run_out_on_its_first_day(bare: City) -> None:
    bare.decided(suspending(", until: 2022-12-31"), on="2022-03-02")
    bare.decided(suspending(", until: 2023-12-31"), on="2022-12-15")

    assert state(bare, "Tver", "2023-01-01") == ("suspended", "decision", "2023-12-31")
    assert bare.due("2023-06-01") == [("end of a suspension", "RU-TVER", "due")]
    assert state(bare, "Tver", "2024-01-01") == ("active", "decision", None)


def test_a_prolonged_suspension_found_late_holds_on_the_whole_line(bare: City) -> None:
    bare.decided(suspending(", until: 2023-12-31"), on="2022-12-15")
    bare.decided(suspending(", until: 2022-12-31"), on="2022-03-02")

    assert state(bare, "Tver", "2022-06-01") == ("suspended", "decision", "2022-12-31")
    assert state(bare, "Tver", "2023-01-01") == ("suspended", "decision", "2023-12-31")
    assert state(bare, "Tver", "2024-01-01") == ("active", "decision", None)


def test_a_corrected_last_day_moves_the_end_with_it(bare: City) -> None:
    bare.decided(suspending(", until: 2022-12-31"), on="2022-03-02")
    fix = "  - correct-record: { stream: partnership/RU-TVER, version: %d, reason: A slip., authority: City Clerk, changed: { until: 2023-06-30 } }\n"

    told = bare.refused(fix.replace("until: 2023-06-30", "reason: x") % 3, on="2023-02-01")
    assert "act: partnership/RU-TVER/2" in told
    bare.recorded(fix % 2, on="2023-02-01")

    assert state(bare, "Tver", "2023-06-30") == ("suspended", "decision", "2023-06-30")
    assert state(bare, "Tver", "2023-07-01") == ("active", "decision", None)
    assert bare.due("2023-05-01") == [("end of a suspension", "RU-TVER", "due")]


def test_a_withdrawn_suspension_leaves_the_partnership_active(bare: City) -> None:
    bare.decided(suspending(", until: 2022-12-31"), on="2022-03-02")
    bare.recorded(
        "  - correct-record: { stream: partnership/RU-TVER, version: 2, reason: A slip., authority: City Clerk, withdraw: true }\n",
        on="2023-02-01",
    )
    assert state(bare, "Tver", "2022-06-01") == ("active", None, None)
    assert state(bare, "Tver", "2023-06-01") == ("active", None, None)
    assert bare.due("2022-06-01") == []


@pytest.mark.parametrize("said", ["dormant", "emeritus"])
def test_a_body_calls_a_partnership_dormant_or_emeritus(bare: City, said: str) -> None:
    bare.decided(
        f"{{ instrument: set-partnership-state, city: CL-TALCA, state: {said} }}", on="2010-04-01"
    )
    assert state(bare, "Talca", "2010-04-01") == (said, "decision", None)
    assert bare.listed("2010-04-01") == f"4 partnerships on 2010-04-01: 1 {said}."


def test_what_a_report_says_is_weaker_than_a_decision_and_says_so(bare: City) -> None:
    told = bare.stated(
        "{ states: partnership-state, city: CL-TALCA, state: dormant, reason: No contact since 1999. }",
        on="2010-04-01",
    )
    assert "dormant by a report, without a decision" in " ".join(told.split())
    assert state(bare, "Talca", "2010-04-02") == ("dormant", "report", None)

    bare.decided(
        "{ instrument: set-partnership-state, city: CL-TALCA, state: emeritus }", on="2011-01-01"
    )
    told = bare.stated(
        "{ states: partnership-state, city: CL-TALCA, state: active }", on="2012-01-01"
    )
    assert "the decision that it is emeritus prevails" in " ".join(told.split())
    row = bare.partners("2012-01-02")["Talca"]
    assert (row["state"], row["state_basis"], row["reported"]) == ("emeritus", "decision", "active")


def test_the_other_side_ends_it_while_we_say_that_it_goes_on(bare: City) -> None:
    bare.stated(
        "{ states: partnership-state, city: RU-TVER, state: ended, by: them }", on="2022-05-01"
    )
    row = bare.partners("2022-05-02")["Tver"]
    assert (row["state"], row["state_basis"], row["state_by"]) == ("ended", "report", "them")

    bare.decided(
        "{ instrument: set-partnership-state, city: RU-TVER, state: active, reason: It goes on. }",
        on="2022-06-01",
    )
    row = bare.partners("2022-06-02")["Tver"]
    assert (row["state"], row["state_basis"], row["reported"]) == ("active", "decision", None)


@pytest.mark.parametrize("by", ["us", "them", "both", "circumstance", "expiry"])
def test_a_partnership_that_ended_says_by_whom_or_what(bare: City, by: str) -> None:
    bare.decided(f"{{ instrument: end-partnership, city: CL-TALCA, by: {by} }}", on="2010-04-01")
    assert "Talca" not in bare.partners("2010-04-01")
    (row,) = bare.street.rows("show", "partnership", "talca", "--as-of", "2010-04-01")
    assert (row["established"], row["ended_by"]) == (None, by)


def test_refusals_of_a_state_name_their_rule(bare: City) -> None:
    same = bare.refused(deciding(RESUME), on="2022-01-01")
    assert "rule C8" in same
    assert "The partnership is in this state already" in same
    early = bare.refused(deciding(suspending(", until: 2021-12-31")), on="2022-01-01")
    assert "A suspension cannot end before it begins" in early
    dormant = suspending(", until: 2023-12-31").replace("suspended", "dormant")
    assert "Only a suspension can have" in bare.refused(deciding(dormant), on="2022-01-01")
    nobody = suspending().replace("RU-TVER", "IT-MILAN")
    assert "There is no partnership with this city" in bare.refused(
        deciding(nobody), on="2022-01-01"
    )


def test_why_tells_the_decision_behind_a_state(bare: City) -> None:
    bare.decided(suspending(", condition: the war ends"), on="2022-03-02", matter="war")
    why = bare.street.done("why", "partnership/tver/state", "--as-of", "2022-04-01")
    assert "suspended until the war ends" in why
    assert "war/d" in why or "2022-03-02-1/decide/war/d" in why
