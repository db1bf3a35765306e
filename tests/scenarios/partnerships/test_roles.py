"""Roles in a partnership that has no agreement: given, passed on, left, and gone with its end."""

from __future__ import annotations

import pytest

from tests.scenarios.partnerships.conftest import City

pytestmark = pytest.mark.rule("C1")


def appointing(city: str, holder: str, on: str, body: str = "council") -> str:
    """A decision that gives the role in a partnership, and who has it."""
    return (
        "  - open-matter: { title: Representatives }\n"
        "  - decide: { decision: d, kind: adopt, summary: Appoints its representative. }\n"
        f"  - give-partnership-role: {{ city: {city}, role: Council's representative, holder: {holder},"
        f" authority: {{ matter: roles-{on}, decision: d, body: {body} }} }}\n"
    )


def appointed(city: City, holder: str, on: str) -> None:
    city.recorded(appointing("Porto", holder, on), on=on, matter=f"roles-{on}")


def not_appointed(city: City, to: str, on: str) -> str:
    return city.refused(appointing(to, "{ office: Deputy }", on), on=on, matter=f"roles-{on}")


def roles(city: City, on: str) -> object:
    return city.partners(on)["Porto"]["roles"]


def test_a_representative_is_appointed_to_a_partnership_and_another_follows(bare: City) -> None:
    appointed(bare, "{ name: A. Ito, office: Councillor }", "2002-01-15")
    appointed(bare, "{ name: B. Okafor, office: Councillor }", "2003-12-01")
    assert roles(bare, "2002-01-14") == {}
    assert roles(bare, "2003-11-30") == {"Council's representative": "A. Ito, Councillor"}
    assert roles(bare, "2003-12-01") == {"Council's representative": "B. Okafor, Councillor"}
    shown = bare.street.done("show", "partnership", "porto", "--as-of", "2003-12-01")
    assert "Council's representative: B. Okafor, Councillor" in shown
    why = bare.street.done("why", "partnership/porto", "--as-of", "2003-12-01")
    assert "Porto: Council's representative: B. Okafor" in " ".join(why.split())

    appointed(bare, "null", "2004-01-01")
    assert roles(bare, "2004-01-01") == {}


def test_one_found_late_is_followed_by_the_one_that_was_recorded_before(bare: City) -> None:
    appointed(bare, "{ office: Deputy }", "2003-12-01")
    appointed(bare, "{ office: Alderman }", "2002-01-15")
    assert roles(bare, "2003-11-30") == {"Council's representative": "Alderman"}
    assert roles(bare, "2003-12-01") == {"Council's representative": "Deputy"}


def test_roles_end_with_the_partnership_and_none_is_given_without_one(bare: City) -> None:
    appointed(bare, "{ office: Deputy }", "2002-01-15")
    bare.decided("{ instrument: end-partnership, city: PT-PORTO }", on="2003-01-01")
    assert "There is no partnership with this city" in not_appointed(bare, "Porto", "2003-02-01")
    assert "There is no partnership with this city" in not_appointed(bare, "Milan", "2003-02-01")

    bare.decided(
        "{ instrument: enter-partnership, city: PT-PORTO, established: 2004-01-01, description: Again }",
        on="2004-01-01",
    )
    assert roles(bare, "2004-01-01") == {}


def test_the_policy_says_who_gives_a_role(bare: City) -> None:
    bare.decided(
        "{ instrument: adopt-provision, draft: { address: roles, heading: Roles, text: Staff appoint., terms: { agreement-role.approver: staff } } }",
        on="2002-01-01",
    )
    assert "authority: staff" in not_appointed(bare, "Porto", "2002-02-01")
    given = appointing("Porto", "{ office: Deputy }", "2002-02-01", "staff")
    bare.recorded(given, on="2002-02-01", body="staff", matter="roles-2002-02-01")
    assert roles(bare, "2002-02-01") == {"Council's representative": "Deputy"}
