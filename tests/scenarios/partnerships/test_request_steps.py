"""The steps of a request: those that the policy lists are gone through, and no others."""

from __future__ import annotations

import pytest

from tests.scenarios.partnerships.conftest import City

pytestmark = pytest.mark.rule("N1")

LISTS = "{{ instrument: adopt-provision, draft: {{ address: requests, heading: Requests, text: How requests go., terms: {{ request.steps: [{}], request.arrangements: [Projekt], request.formal-arrangements: [Städtepartnerschaft] }} }} }}"
RECEIVED = "  - receive-request: { request: milan, place: Milan, asks: A project, group: { office: A society } }\n"
CONSULTED = "  - consult-group: { request: milan, objectives: Trade }\n"
ADVISED = "  - advise-arrangement: { request: milan, arrangement: Projekt, reason: It is small. }\n"
REPORTED = "  - report-on-request: { request: milan, document: report, recommends: false }\n"


def stage(city: City, on: str) -> tuple[str, list[str]]:
    """How far the request is, and what rule N1 says of it."""
    (row,) = city.street.rows("show", "request", "milan", "--as-of", on)
    return row["stage"], [f["reason"] for f in row["findings"] if f["rule"] == "N1"]


def test_a_city_that_lists_no_steps_may_report_at_once_and_the_report_says_so(bare: City) -> None:
    bare.recorded(RECEIVED, on="2002-02-01")
    bare.recorded(REPORTED, on="2002-03-01")
    assert stage(bare, "2002-03-01") == (
        "reported",
        ["no provision in force asks for advice on the arrangement"],
    )


def test_a_step_that_the_policy_lists_is_not_left_out(bare: City) -> None:
    bare.decided(LISTS.format("received, group consulted, reported"), on="2002-01-01")
    bare.recorded(RECEIVED, on="2002-02-01")
    for later in (ADVISED, REPORTED):
        said = bare.refused(later, on="2002-03-01")
        assert "(RequestOutOfOrder)" in said
        assert "needed: group consulted" in said
    bare.recorded(CONSULTED + REPORTED, on="2002-03-01")
    assert stage(bare, "2002-03-01")[0] == "reported"


def test_a_word_that_names_no_step_is_named_on_receipt(bare: City) -> None:
    bare.decided(LISTS.format("received, Anhörung"), on="2002-01-01")
    bare.recorded(RECEIVED, on="2002-02-01")
    assert stage(bare, "2002-02-01") == ("received", ["no step of a request: Anhörung"])


def test_a_withdrawal_leaves_no_step_without_one_that_the_policy_lists(bare: City) -> None:
    bare.decided(LISTS.format("group consulted, arrangement advised"), on="2002-01-01")
    bare.recorded(RECEIVED + CONSULTED + ADVISED + REPORTED, on="2002-02-01")
    withdrawn = "  - correct-record: {{ stream: request/milan, version: {}, reason: A slip., authority: Clerk, withdraw: true }}\n"
    assert "(RequestOutOfOrder)" in bare.refused(withdrawn.format(2), on="2002-03-01")

    bare.decided(
        "{ instrument: replace-provision, address: requests, text: No steps., terms: { request.steps: null } }",
        on="2002-01-15",
    )
    bare.recorded(withdrawn.format(2), on="2002-03-01")
    assert stage(bare, "2002-03-01")[0] == "reported"
