"""Frozen values that contexts share: provisions and their terms."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.council.terms import TermOfCouncil
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding, terms_that_stay, unread_terms
from domain.shared.messages import ProvisionRef
from domain.shared.provisions import (
    TERMS,
    PolicyInForce,
    ProvisionDraft,
    ProvisionInForce,
    TermInForce,
    Terms,
    bodies_named,
    names_a_body,
    terms_unread,
)
from tests.support.small_city import ADOPTION, COUNCIL_DAYS, DELEGATION, PURPOSE, VISITS


def draft(**fields: object) -> ProvisionDraft:
    return ProvisionDraft.model_validate({"address": "a", "heading": "h", "text": "t", **fields})


@pytest.mark.parametrize("name", sorted(TERMS))
def test_every_term_takes_its_type_and_no_other(name: str) -> None:
    examples: dict[type, object] = {int: 3, str: "council", tuple: ("a", "b")}
    wanted = TERMS[name] if TERMS[name] in (int, str) else tuple
    assert draft(terms={name: examples[wanted]}).terms == {name: examples[wanted]}
    others = {int} if names_a_body(name) else examples.keys() - {wanted}
    for kind, example in examples.items():
        if kind in others:
            with pytest.raises(ValidationError):
                draft(terms={name: example})


@pytest.mark.parametrize(
    "terms",
    [
        {"Not a name": 1},
        {"staff.approver": ()},
        {"staff.approver": 1},
        {"of-another-city": 1.5},
        {"inbound.visits.most": -1},
        {"inbound.visits.most": True},
        {"inbound.visits.most": 10.0},
        {"inbound.visits.most": "ten"},
        {"goals": ("a", 1)},
        {"goals": None},
        {1: 1},
    ],
    ids=str,
)
def test_what_is_no_term_is_refused(terms: object) -> None:
    with pytest.raises(ValidationError):
        draft(terms=terms)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"inbound.visits.most": "ten"}, ("'inbound.visits.most'", "a whole number", "'ten'")),
        ({"inbound.visits.most": -1}, ("'inbound.visits.most'", "-1")),
    ],
    ids=["no number", "no count"],
)
def test_of_several_terms_the_one_that_is_refused_is_named(
    wrong: dict[str, object], said: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError) as refused:
        draft(terms={"inbound.visits.least": 6, **wrong})
    (error,) = refused.value.errors()
    assert [figure for figure in said if figure not in error["msg"]] == []


def test_a_term_that_no_rule_reads_is_kept_with_its_type() -> None:
    terms = {"stadtteile": ("Altona",), "delegation.size": 4, "sprache": "Deutsch"}
    assert draft(terms=terms).terms == terms


def test_what_no_rule_reads_is_said_with_the_term_that_it_may_be_meant_for() -> None:
    terms = ("goals", "stadtteile", "delegation.councilors", "classification.approver")
    in_force = ("delegation.councillors", "delegation.councillors.seat")
    assert terms_unread(terms, in_force) == {
        "stadtteile": None,
        "delegation.councilors": "delegation.councillors",
    }
    (finding,) = unread_terms(terms, in_force)
    assert (finding.rule, finding.answer, finding.reason) == (
        "A2",
        Answer.ADVISORY,
        "no rule reads stadtteile, delegation.councilors (is delegation.councillors meant?)",
    )
    assert unread_terms(("goals", "plan.approver")) == ()


def test_the_bodies_that_act_by_a_provision_are_those_its_terms_name() -> None:
    terms = {"plan.approver": "mayor", "plan.submitted-to": "senate", "inbound.host": "Mayor"}
    assert bodies_named(terms) == ("mayor", "senate")


@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one_are_counts(count: int) -> None:
    assert draft(terms={"inbound.visits.least": count}).terms == {"inbound.visits.least": count}


@pytest.mark.parametrize(
    ("day", "touches"),
    [
        ("2000-11-30", False),
        ("2000-12-01", True),
        ("2003-11-30", True),
        ("2003-12-01", False),
        ("2000", True),
        ("2003-11-30/2003-12-02", True),
    ],
)
def test_a_day_lies_in_a_term_of_council_from_its_first_to_its_last(
    day: str, touches: bool
) -> None:
    term = TermOfCouncil(
        term="2000-2003", begins=When.parse("2000-12-01"), ends=When.parse("2003-11-30")
    )
    assert term.touches(When.parse(day)) is touches
    going_on = term.model_copy(update={"ends": None})
    assert going_on.touches(When.parse(day)) is (touches or day > "2003")


@pytest.mark.parametrize("address", ["purpose", "outbound/2", "planning/1(i)", "core-criteria/1"])
def test_provisions_are_addressable(address: str) -> None:
    assert draft(address=address).address == address


@pytest.mark.parametrize(
    "address", ["", "Outbound/2", "outbound 2", "/2", "outbound/", "a--b", "a\n"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        draft(address=address)


def test_a_provision_has_a_heading_and_a_text() -> None:
    for missing in ("heading", "text"):
        with pytest.raises(ValidationError):
            draft(**{missing: ""})


def test_a_draft_goes_into_json_and_comes_back_equal() -> None:
    assert ProvisionDraft.model_validate_json(DELEGATION.model_dump_json()) == DELEGATION
    assert ProvisionDraft.model_validate_json(VISITS.model_dump_json()) == VISITS


def test_a_term_in_force_comes_with_the_provision_that_carries_it() -> None:
    def standing(proposed: ProvisionDraft, version: int) -> ProvisionInForce:
        return ProvisionInForce(
            ref=ProvisionRef(address=proposed.address, version=version),
            draft=proposed,
            effective_from=COUNCIL_DAYS,
            authority=ADOPTION,
        )

    policy = PolicyInForce(
        on=COUNCIL_DAYS.last,
        provisions={"purpose": standing(PURPOSE, 1), "inbound/2": standing(VISITS, 4)},
    )
    inbound = ProvisionRef(address="inbound/2", version=4)
    assert policy.term("inbound.visits.most") == TermInForce(10, inbound)
    assert policy.term("delegation.approver") is None


def test_an_act_may_be_given_to_one_body_or_to_several_of_which_each_may_do_it() -> None:
    terms = draft(
        terms={"delegation.approver": "council", "plan.approver": ("mayor", "city-manager")}
    ).terms
    assert bodies_named(terms) == ("council", "mayor", "city-manager")


def test_a_number_of_seats_is_read_beside_their_name_only() -> None:
    assert terms_unread(("delegation.senatoren",)) == {"delegation.senatoren": None}
    assert terms_unread(("delegation.senatoren", "delegation.senatoren.seat")) == {}
    with pytest.raises(ValidationError, match=r"'delegation.senatoren' takes a whole number"):
        draft(terms={"delegation.senatoren": "zwei", "delegation.senatoren.seat": "Senator"})


def test_a_slip_in_a_term_is_told_from_its_near_neighbour() -> None:
    assert terms_unread(("plan.outbound-missions.mots",)) == {
        "plan.outbound-missions.mots": "plan.outbound-missions.most"
    }


def test_an_amendment_says_which_terms_stay_that_it_does_not_name() -> None:
    terms: Terms = {"goals": ("trade",), "budget.approver": "council", "request.report-days": 45}
    reason = "terms of purpose that are not named stay: budget.approver, goals"
    stay = terms_that_stay("purpose", terms, {"request.report-days": 60})
    assert stay == (Finding(rule="A2", answer=Answer.ADVISORY, reason=reason),)
    assert terms_that_stay("purpose", terms, None) == ()
    assert terms_that_stay("purpose", terms, "unchanged") == ()
    assert terms_that_stay("purpose", terms, {**terms}) == ()
