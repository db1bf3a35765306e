"""Who decides what (rule A1)."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.council.bodies import (
    Body,
    Charter,
    NotAuthorised,
    UnknownBody,
    authority_over,
    require_authority,
    require_body,
)
from domain.shared.messages import ProvisionRef
from domain.shared.provisions import PolicyInForce, ProvisionInForce
from tests.support.small_city import ADOPTION, CHARTER, COUNCIL_DAYS, DELEGATION

pytestmark = pytest.mark.rule("A1")

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


def test_the_residual_authority_is_one_of_the_bodies() -> None:
    with pytest.raises(ValidationError):
        Charter(edition="x", bodies=(Body(id="mayor", name="Mayor"),), residual_authority="council")


@pytest.mark.parametrize("wrong", ["", "City Council", "council-", "Council", "a--b"])
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
    assert authority_over("delegation", CHARTER, NOTHING) == (("council",), None)
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
    assert authority_over("delegation", CHARTER, APPROVAL) == (("mayor",), OUTBOUND_2)
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
    assert authority_over("policy", CHARTER, APPROVAL) == (("council",), None)
