"""Who decides what (rule A1)."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.authority import (
    Body,
    Charter,
    CharterRecorded,
    NotAuthorised,
    RecordCharter,
    UnknownBody,
    authority_over,
    record,
    require_authority,
    require_body,
)
from domain.facts import PolicyInForce, ProvisionInForce
from domain.kernel import ProvisionRef
from tests.support.small_city import ADOPTION, CHARTER, COUNCIL_DAYS, DELEGATION, FIRST_PAPER, basis

pytestmark = pytest.mark.rule("A1")

BASIS = basis(FIRST_PAPER)
COMMAND = RecordCharter(on=FIRST_PAPER, charter=CHARTER)
NOTHING = PolicyInForce(on=COUNCIL_DAYS.last)
OUTBOUND_2 = ProvisionRef(address="outbound/2", version=2)
APPROVAL = NOTHING.model_copy(
    update={
        "provisions": {
            "outbound/2": ProvisionInForce(
                ref=OUTBOUND_2,
                draft=DELEGATION.model_copy(update={"terms": {"delegation.approver": "mayor"}}),
                effective_from=COUNCIL_DAYS,
                authority=ADOPTION,
            )
        }
    }
)


def test_a_charter_is_entered_once() -> None:
    assert record(None, COMMAND, BASIS) == (CharterRecorded(charter=CHARTER, **BASIS),)
    assert record(CHARTER, COMMAND, BASIS) == ()


def test_another_edition_takes_the_place_of_the_first() -> None:
    newer = CHARTER.model_copy(update={"edition": "small-city-2"})
    command = RecordCharter(on=FIRST_PAPER, charter=newer)
    assert record(CHARTER, command, BASIS) == (CharterRecorded(charter=newer, **BASIS),)


def test_the_residual_authority_is_one_of_the_bodies() -> None:
    with pytest.raises(ValidationError):
        Charter(edition="x", bodies=(Body(id="mayor", name="Mayor"),), residual_authority="council")


@pytest.mark.parametrize("wrong", ["", "City Council", "council-", "council2", "Council", "a--b"])
def test_a_body_is_named_by_a_lower_case_word(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Body(id=wrong, name="Council")


def test_a_body_that_the_charter_does_not_have_is_refused() -> None:
    with pytest.raises(UnknownBody) as refused:
        require_body(CHARTER, "board")
    assert refused.value.details == {
        "rule": "A1",
        "body": "board",
        "known": ("council", "committee", "mayor"),
    }
    assert require_body(CHARTER, "committee") is CHARTER


def test_no_body_decides_before_there_is_a_charter() -> None:
    with pytest.raises(UnknownBody) as refused:
        require_body(None, "council")
    assert refused.value.details == {"rule": "A1", "body": "council", "known": ()}


def test_where_no_provision_names_an_approver_the_residual_body_decides() -> None:
    assert authority_over("delegation", CHARTER, NOTHING) == ("council", None)
    require_authority("delegation", "council", CHARTER, NOTHING)
    with pytest.raises(NotAuthorised) as refused:
        require_authority("delegation", "committee", CHARTER, NOTHING)
    assert refused.value.details == {
        "rule": "A1",
        "act": "delegation",
        "body": "committee",
        "authority": "council",
    }
    assert (refused.value.provision, refused.value.authority) == (None, "council")


def test_a_provision_in_force_names_the_approver_and_the_refusal_names_its_version() -> None:
    assert authority_over("delegation", CHARTER, APPROVAL) == ("mayor", OUTBOUND_2)
    require_authority("delegation", "mayor", CHARTER, APPROVAL)
    with pytest.raises(NotAuthorised) as refused:
        require_authority("delegation", "council", CHARTER, APPROVAL)
    assert refused.value.details == {
        "rule": "A1",
        "provision": OUTBOUND_2,
        "act": "delegation",
        "body": "council",
        "authority": "mayor",
    }


def test_an_approver_of_one_act_is_not_an_approver_of_another() -> None:
    assert authority_over("policy", CHARTER, APPROVAL) == ("council", None)
