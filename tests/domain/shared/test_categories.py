"""Categories of partnerships, by id and by name (rule C7)."""

from __future__ import annotations

import pytest

from domain.shared.categories import (
    Category,
    categories_in,
    category_key_of,
    category_meant,
    implied_by_category,
    names_a_category,
    no_category,
    standing_in,
)
from domain.shared.findings import Answer, Finding
from domain.shared.messages import ProvisionRef
from domain.shared.provisions import Terms
from tests.support.programme import ground

pytestmark = pytest.mark.rule("C7")

NEAR, FAR = Category("near", "Close By"), Category("far", "Near")


def test_only_a_name_names_a_category() -> None:
    assert names_a_category("category.far-away.name")
    for term in ("category.far.implies", "category.far.name.of", "goals", "a.category.far.name"):
        assert not names_a_category(term)


def test_words_mean_the_category_of_this_id_or_else_of_this_name() -> None:
    assert category_meant([NEAR, FAR], "NEAR") == NEAR
    assert category_meant([NEAR, FAR], "close by") == NEAR
    assert category_meant([FAR], "near") == FAR
    assert category_meant([NEAR, FAR], "middle") is None


def test_a_partner_stands_in_the_category_of_its_id_and_else_of_its_name() -> None:
    assert standing_in([NEAR, FAR], "far", "Near") == FAR
    assert standing_in([NEAR], "far", "Near") is None
    assert standing_in([NEAR, FAR], None, "Close By") == NEAR
    assert standing_in([], None, "Far  Away") == Category("far-away", "Far  Away")
    assert category_key_of("Far Away") == "far-away"


def test_a_category_has_its_place_and_what_it_implies_from_any_provision() -> None:
    names, more = ProvisionRef(address="a", version=1), ProvisionRef(address="b", version=1)
    named: Terms = {"category.far.name": "Far", "category.near.name": "Near"}
    further: Terms = {"category.near.order": 1, "category.near.implies": ("turns",)}
    assert categories_in([(named, names), (further, more)]) == [
        Category("near", "Near", frozenset({"turns"}), names, 1),
        Category("far", "Far", frozenset(), names, 1_000),
    ]


def test_a_category_implies_what_a_provision_says_and_no_category_implies_nothing() -> None:
    said = ground(amended={"purpose": {"category.near.implies": ("turns",)}})
    assert implied_by_category(said, "near", "turns")
    assert not implied_by_category(said, "near", "work plan")
    assert not implied_by_category(said, "far", "turns")
    assert not implied_by_category(said, None, "turns")


def test_a_class_without_categories_in_force_is_told() -> None:
    reason = "no provision in force names categories"
    assert no_category() == Finding(rule="C7", answer=Answer.NOT_APPLICABLE, reason=reason)
