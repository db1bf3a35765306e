"""Agreements: kinds, parties, signatures on days of their own, terms, renewals, ends and roles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.partnerships.conftest import City, deciding

pytestmark = pytest.mark.rule("C9")

PARTIES = "parties: [ { name: Our City, side: ours }, { name: Comune di Milano, side: theirs, place: IT-MILAN } ]"
LETTER = f"{{ instrument: enter-agreement, agreement: letter, kind: letter of intent, description: To talk of a twinning, {PARTIES} }}"
TARGET = "{ instrument: target-city, city: IT-MILAN }"


def twinning(more: str = "") -> str:
    return f"{{ instrument: enter-agreement, agreement: twinning, kind: twinning, description: Twinning Agreement, partnership: true, {PARTIES}{more} }}"


def signs(agreement: str, party: str, on: str, more: str = "") -> str:
    return f"  - sign-for-party: {{ on: {on}, agreement: {agreement}, party: {party}{more} }}\n"


def both(agreement: str, on: str) -> str:
    return signs(agreement, "Our City", on) + signs(agreement, "Comune di Milano", on)


def agreement(city: City, name: str, on: str) -> dict[str, Any]:
    """The row of an agreement on a day."""
    (row,) = city.street.rows("show", "agreement", name, "--as-of", on)
    found: dict[str, Any] = row
    return found


def status(city: City, name: str, on: str) -> tuple[Any, ...]:
    row = agreement(city, name, on)
    return (row["status"], row["since"])


def test_each_side_signs_on_its_own_day_and_it_is_in_force_from_the_last(bare: City) -> None:
    bare.decided(TARGET, on="2001-12-05")
    bare.decided(twinning(), on="2003-06-24", matter="milan")
    bare.recorded(
        signs("twinning", "Our City", "2003-06-30", ", by: { name: D. Miller, office: Mayor }")
        + signs("twinning", "Comune di Milano", "2003-07-12"),
        on="2003-07-12",
    )

    assert status(bare, "twinning", "2003-06-24") == ("approved", None)
    assert status(bare, "twinning", "2003-06-30") == ("partly signed", None)
    assert status(bare, "twinning", "2003-07-12") == ("in force", "2003-07-12")
    row = agreement(bare, "twinning", "2003-07-12")
    assert row["signed"] == {"Our City": "2003-06-30", "Comune di Milano": "2003-07-12"}
    assert row["places"] == ["Milan"]
    assert "Milan" not in bare.partners("2003-07-11")
    milan = bare.partners("2003-07-12")["Milan"]
    assert (milan["established"], milan["decision"]) == ("2003-07-12", "milan/d")
    assert bare.street.rows("list", "targeted", "--as-of", "2003-07-12") == []


def test_an_earlier_signature_found_last_counts_in_its_place(bare: City) -> None:
    bare.decided(TARGET, on="2001-12-05")
    bare.decided(twinning(), on="2003-06-24")
    bare.recorded(signs("twinning", "Comune di Milano", "2003-07-12"), on="2003-07-12")
    bare.recorded(signs("twinning", "Our City", "2003-06-30"), on="2003-06-30")

    assert status(bare, "twinning", "2003-06-30") == ("partly signed", None)
    assert status(bare, "twinning", "2003-07-12") == ("in force", "2003-07-12")
    assert bare.partners("2003-07-12")["Milan"]["established"] == "2003-07-12"


def test_a_letter_of_intent_makes_no_partnership_and_stands_beside_the_twinning(bare: City) -> None:
    bare.decided(TARGET, on="2001-12-05")
    bare.decided(LETTER, on="2002-06-18")
    bare.recorded(both("letter", "2002-06-20"), on="2002-06-20")
    assert status(bare, "letter", "2002-06-20") == ("in force", "2002-06-20")
    assert "Milan" not in bare.partners("2002-06-21")

    bare.decided(twinning(", renews: letter"), on="2003-06-24")
    bare.recorded(both("twinning", "2003-06-30"), on="2003-06-30")
    rows = bare.street.rows("list", "agreements", "--place", "milan", "--as-of", "2003-07-01")
    assert [(row["agreement"], row["kind"]) for row in rows] == [
        ("letter", "letter of intent"),
        ("twinning", "twinning"),
    ]
    letter = agreement(bare, "letter", "2003-07-01")
    assert (letter["renewed_by"], letter["status"]) == (["twinning"], "succeeded")


def test_a_letter_signed_before_the_body_adopts_it_is_stated_and_ratified(bare: City) -> None:
    bare.stated(
        f"{{ states: agreement-exists, agreement: letter, kind: letter of intent, description: Letter, {PARTIES}, ratified_by: [Our City], signed: {{ Our City: 2002-04, Comune di Milano: 2002-04 }} }}",
        on="2002-05-30",
    )
    bare.recorded(
        deciding("{ instrument: authorise-officials }")
        + "  - ratify-for-party: { agreement: letter, party: Our City, authority: { matter: milan, decision: d, body: council } }\n",
        on="2002-06-18",
        matter="milan",
    )
    assert status(bare, "letter", "2002-05-01") == ("signed", None)
    assert status(bare, "letter", "2002-06-18") == ("in force", "2002-06-18")
    assert agreement(bare, "letter", "2002-06-18")["decision"] == "milan/d"


def test_several_parties_and_predecessors_are_on_either_side(bare: City) -> None:
    bare.stated(
        "{ states: agreement-exists, agreement: old, kind: friendship, description: Friendship, parties: [ { name: Metro, side: ours, succeeded_by: Our City }, { name: Suburb, side: ours, succeeded_by: Our City }, { name: Lodz, side: theirs, place: PL-LODZ }, { name: Porto, side: theirs, place: PT-PORTO } ], signed: { Metro: 1985, Suburb: 1985, Lodz: 1985, Porto: 1986 } }",
        on="1998-02-01",
    )
    row = agreement(bare, "old", "1998-02-02")
    assert row["parties"] == ["Metro (now Our City)", "Suburb (now Our City)", "Lodz", "Porto"]
    assert (row["status"], row["since"], row["places"]) == ("in force", "1986", ["Lodz", "Porto"])


def test_an_agreement_names_the_day_from_which_it_is_in_force(bare: City) -> None:
    bare.decided(LETTER.replace("kind:", "in_force: 2003-01-01, kind:"), on="2002-06-18")
    bare.recorded(both("letter", "2002-06-20"), on="2002-06-20")
    assert status(bare, "letter", "2002-12-31") == ("signed", None)
    assert status(bare, "letter", "2003-01-01") == ("in force", "2003-01-01")


def test_the_last_day_is_due_and_the_agreement_is_over_on_the_day_after(bare: City) -> None:
    bare.decided(LETTER.replace("kind:", "expires: 2005-06-30, kind:"), on="2002-06-18")
    bare.recorded(both("letter", "2002-06-20"), on="2002-06-20")

    assert bare.due("2005-06-30") == [("last day of an agreement", "letter", "due")]
    assert status(bare, "letter", "2005-06-30") == ("in force", "2002-06-20")
    assert status(bare, "letter", "2005-07-01") == ("expired", "2002-06-20")
    assert bare.due("2005-07-01") == []
    late = bare.refused(signs("letter", "Our City", "2005-07-02"), on="2005-07-02")
    assert "rule C9" in late
    assert "status: expired" in late


def test_a_renewal_goes_through_to_its_end(bare: City) -> None:
    bare.decided(LETTER.replace("kind:", "expires: 2005-06-30, kind:"), on="2002-06-18")
    bare.recorded(both("letter", "2002-06-20"), on="2002-06-20")
    bare.decided(
        "{ instrument: renew-agreement, agreement: letter, expires: 2010-06-30 }", on="2005-05-01"
    )

    assert status(bare, "letter", "2005-07-01")[0] == "in force"
    assert bare.due("2005-07-01") == [("last day of an agreement", "letter", "due")]
    assert status(bare, "letter", "2010-07-01")[0] == "expired"
    too_late = deciding("{ instrument: renew-agreement, agreement: letter, expires: 2020-06-30 }")
    assert "status: expired" in bare.refused(too_late, on="2010-08-01")


def renewed(city: City) -> None:
    """The letter is in force from 2002-06-20, the twinning that renews it from 2003-06-30."""
    city.decided(TARGET, on="2001-12-05")
    city.decided(LETTER.replace("kind:", "expires: 2005-06-30, kind:"), on="2002-06-18")
    city.recorded(both("letter", "2002-06-20"), on="2002-06-20")
    city.decided(twinning(", renews: letter"), on="2003-06-24")
    city.recorded(both("twinning", "2003-06-30"), on="2003-06-30")


def succeeded(city: City, on: str) -> tuple[Any, ...]:
    row = agreement(city, "letter", on)
    return (row["status"], row["succeeded_by"])


def test_an_agreement_is_succeeded_by_its_renewal_from_the_day_that_is_in_force(bare: City) -> None:
    renewed(bare)
    assert succeeded(bare, "2003-06-29") == ("in force", None)
    assert succeeded(bare, "2003-06-30") == ("succeeded", "twinning")
    assert bare.due("2003-06-29") == [("last day of an agreement", "letter", "due")]
    assert bare.due("2003-07-01") == []
    assert succeeded(bare, "2005-07-01") == ("succeeded", "twinning")  # and not expired
    told = bare.street.done("list", "agreements", "--as-of", "2003-07-01")
    assert "succeeded by" in told
    why = bare.street.done("why", "agreement/letter", "--as-of", "2003-07-01")
    assert "succeeded by twinning, which renews it" in why


def test_nobody_renews_what_was_succeeded(bare: City) -> None:
    renewed(bare)
    again = deciding("{ instrument: renew-agreement, agreement: letter, expires: 2010-06-30 }")
    assert "status: succeeded" in bare.refused(again, on="2004-01-01")


def test_a_renewal_of_before_lapses_once_the_agreement_was_succeeded_earlier(bare: City) -> None:
    bare.decided(TARGET, on="2001-12-05")
    bare.decided(LETTER, on="2002-06-18")
    bare.recorded(both("letter", "2002-06-20"), on="2002-06-20")
    bare.decided(
        "{ instrument: renew-agreement, agreement: letter, expires: 2010-06-30 }", on="2004-01-01"
    )
    bare.decided(twinning(", renews: letter"), on="2003-06-24")
    bare.recorded(both("twinning", "2003-06-30"), on="2003-06-30")
    assert succeeded(bare, "2004-01-02") == ("succeeded", "twinning")
    assert agreement(bare, "letter", "2004-01-02")["expires"] is None
    why = bare.street.done("why", "agreement/letter", "--as-of", "2004-01-02")
    assert "The agreement is over" in " ".join(why.split())


def test_the_agreement_that_is_renewed_may_be_found_after_its_renewal(bare: City) -> None:
    bare.decided(TARGET, on="2001-12-05")
    told = bare.decided(twinning(", renews: letter"), on="2003-06-24")
    assert "twinning renews letter, which is not in the record" in " ".join(told.split())
    bare.recorded(both("twinning", "2003-06-30"), on="2003-06-30")
    bare.stated(
        f"{{ states: agreement-exists, agreement: letter, kind: letter of intent, description: Letter, {PARTIES}, signed: {{ Our City: 2002-04, Comune di Milano: 2002-04 }} }}",
        on="2004-05-30",
    )
    assert succeeded(bare, "2003-06-29") == ("in force", None)
    assert succeeded(bare, "2003-06-30") == ("succeeded", "twinning")


def test_a_succession_moves_with_the_signature_and_goes_with_it(bare: City) -> None:
    renewed(bare)
    moved = "  - correct-record: { stream: agreement/twinning, version: 3, reason: A slip., authority: City Clerk, changed: { effective_from: 2003-07-15 } }\n"
    bare.recorded(moved, on="2003-08-01")
    assert succeeded(bare, "2003-07-14") == ("in force", None)
    assert succeeded(bare, "2003-07-15") == ("succeeded", "twinning")
    gone = "  - correct-record: { stream: agreement/twinning, version: 4, reason: Never signed., authority: City Clerk, withdraw: true }\n"
    bare.recorded(gone, on="2003-08-02")
    assert succeeded(bare, "2003-07-15") == ("in force", None)
    assert succeeded(bare, "2005-07-01") == ("expired", None)


def test_a_succession_is_corrected_with_the_renewal(bare: City) -> None:
    renewed(bare)
    said = bare.refused(
        "  - correct-record: { stream: agreement/letter, version: 5, reason: A slip., authority: City Clerk, withdraw: true }\n",
        on="2003-08-01",
    )
    assert "act: agreement/twinning" in said


def test_an_agreement_does_not_renew_itself(bare: City) -> None:
    bare.decided(TARGET, on="2001-12-05")
    itself = deciding(twinning(", renews: twinning"))
    assert "There is no such agreement" in bare.refused(itself, on="2003-06-24")


def test_a_renewal_found_late_holds_on_the_whole_line(bare: City) -> None:
    bare.decided(LETTER.replace("kind:", "expires: 2005-06-30, kind:"), on="2002-06-18")
    bare.recorded(both("letter", "2002-06-20"), on="2002-06-20")
    bare.decided("{ instrument: end-agreement, agreement: letter, by: them }", on="2005-06-01")
    assert status(bare, "letter", "2005-06-01")[0] == "ended"
    told = bare.decided(
        "{ instrument: renew-agreement, agreement: letter, expires: 2010-06-30 }", on="2005-05-01"
    )
    assert "changes it again: agreement-ended" in " ".join(told.split())
    assert status(bare, "letter", "2005-05-31")[0] == "in force"
    assert agreement(bare, "letter", "2005-06-01")["ended_by"] == "them"


def test_somebody_has_a_role_on_it_until_another_has(bare: City) -> None:
    bare.decided(LETTER, on="2002-06-18")
    role = "{ instrument: give-agreement-role, agreement: letter, role: Council's representative, holder: { name: %s, office: Councillor } }"
    bare.decided(role % "A. Ito", on="2002-06-19")
    bare.decided(role % "B. Okafor", on="2003-12-01")

    said = {"Council's representative": "A. Ito, Councillor"}
    assert agreement(bare, "letter", "2003-11-30")["roles"] == said
    said = {"Council's representative": "B. Okafor, Councillor"}
    assert agreement(bare, "letter", "2003-12-01")["roles"] == said


def test_plain_approval_makes_a_targeted_city_a_partner_without_a_request(bare: City) -> None:
    bare.decided(
        "{ instrument: adopt-provision, draft: { address: new, heading: New, text: A case comes first., terms: { agreement.requires: [a positive case, approval] } } }",
        TARGET,
        on="2001-12-05",
    )
    stranger = twinning().replace("IT-MILAN", "IT-ROME")
    bare.recorded(
        "  - identify-places: { places: [ { code: IT-ROME, name: Rome, country: IT, country_name: Italy } ] }\n",
        on="2002-01-01",
    )
    assert "rule N4" in bare.refused(deciding(stranger), on="2003-06-24")
    told = bare.decided(twinning(), on="2003-06-24")
    assert "Milan was targeted; no business case is in the register" in " ".join(told.split())
    bare.recorded(both("twinning", "2003-06-30"), on="2003-06-30")
    assert bare.partners("2003-06-30")["Milan"]["description"] == "Twinning Agreement"


def test_a_signature_that_is_corrected_moves_the_partnership_with_it(bare: City) -> None:
    bare.decided(TARGET, on="2001-12-05")
    bare.decided(twinning(), on="2003-06-24")
    bare.recorded(both("twinning", "2003-06-30"), on="2003-06-30")
    bare.recorded(
        "  - correct-record: { stream: agreement/twinning, version: 3, reason: A slip., authority: City Clerk, changed: { effective_from: 2003-07-15 } }\n",
        on="2003-08-01",
    )
    assert status(bare, "twinning", "2003-07-14") == ("partly signed", None)
    assert status(bare, "twinning", "2003-07-15") == ("in force", "2003-07-15")
    assert "Milan" not in bare.partners("2003-07-14")
    assert bare.partners("2003-07-15")["Milan"]["established"] == "2003-07-15"


REFUSED = {
    "an agreement is entered once": (deciding(LETTER), "The agreement is entered already"),
    "no such agreement": (signs("lettre", "Our City", "2003-01-01"), "There is no such agreement"),
    "no party": (signs("letter", "Roma", "2003-01-01"), "does not name this party"),
    "signed before": (
        signs("letter", "Our City", "2003-01-01"),
        "The party has signed, or ratified",
    ),
    "before it was approved": (signs("letter", "Our City", "2002-01-01"), "no such agreement"),
    "ratified unsigned": (
        "  - ratify-for-party: { on: 2003-01-01, agreement: letter, party: Comune di Milano }\n",
        "must sign an agreement before it ratifies it",
    ),
    "expires too early": (
        deciding(LETTER.replace("letter,", "other,", 1).replace("kind:", "expires: 2001, kind:")),
        "must expire after the day",
    ),
    "one side": (
        deciding(LETTER.replace("letter,", "other,", 1).replace("theirs", "ours")),
        "and each side a party",
    ),
    "the same term": (
        deciding("{ instrument: renew-agreement, agreement: letter }"),
        "must give another last day",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_an_agreement_refuses_names_its_rule(bare: City, what: str) -> None:
    bare.decided(LETTER, on="2002-06-18")
    bare.recorded(signs("letter", "Our City", "2002-06-20"), on="2002-06-20")
    items, reason = REFUSED[what]
    said = bare.refused(items, on="2003-01-01")
    assert "rule C9" in said
    assert reason in said


def test_the_same_file_again_records_nothing_more(bare: City) -> None:
    bare.decided(LETTER, on="2002-06-18")
    bare.recorded(signs("letter", "Our City", "2002-06-20"), on="2002-06-20")
    (file,) = bare.folder.glob("2002-06-20-*.yaml")
    again = bare.street.done("record", file)
    assert "recorded before" in again


def test_why_tells_approval_signatures_and_the_last_day(bare: City) -> None:
    bare.decided(LETTER.replace("kind:", "expires: 2005-06-30, kind:"), on="2002-06-18")
    bare.recorded(both("letter", "2002-06-20"), on="2002-06-20")
    why = bare.street.done("why", "agreement/letter", "--as-of", "2006-01-01")
    assert "letter of intent: To talk of a twinning" in why
    assert "Comune di Milano signs" in why
    assert "it was until 2005-06-30" in why
