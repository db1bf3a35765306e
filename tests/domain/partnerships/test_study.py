"""A study is cited, and no decision changes it (rule W1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.instruments import ChangeTier, StudyCited, cannot_take_effect
from domain.partnerships.study import Roster, RosterCited, TierIsCited, decide, evolve
from domain.shared.findings import Answer, Finding, Ruling
from tests.support.given import Context
from tests.support.small_city import FIRST_PAPER, basis

pytestmark = pytest.mark.rule("W1")

BASIS = basis(FIRST_PAPER)
STUDY = StudyCited(
    study="A Roster of World Cities",
    edition="gawc-5",
    authors=("Beaverstock", "Smith", "Taylor"),
    tiers={"Alpha": ("London", "Milan"), "Beta": ("Toronto",), "Gamma": ("Seoul",)},
    marks={"Milan": ("***",)},
)
CITED = RosterCited(
    study=STUDY.study,
    edition="gawc-5",
    authors=STUDY.authors,
    tiers=STUDY.tiers,
    marks=STUDY.marks,
    **BASIS,
)

roster = Context(evolve, Roster())


def citing(act: StudyCited) -> Callable[[Roster], Ruling]:
    return lambda state: decide(state, act, BASIS)


def test_a_study_is_cited_with_its_tiers_and_marks() -> None:
    roster.given().when(citing(STUDY)).then(CITED)
    assert roster.given(CITED).state == Roster({"gawc-5": CITED})


def test_citing_it_again_changes_nothing() -> None:
    reordered = STUDY.model_copy(
        update={
            "tiers": {
                "Gamma": ("Seoul",),
                "Beta": ("Toronto",),
                "Alpha": ("Milan", "London"),
            }
        }
    )
    roster.given(CITED).when(citing(STUDY)).then()
    roster.given(CITED).when(citing(reordered)).then()


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        ({"tiers": {**STUDY.tiers, "Gamma": ("Kiev", "Seoul")}}, ("Kiev",)),
        ({"tiers": {**STUDY.tiers, "Gamma": ()}}, ("Seoul",)),
        (
            {"tiers": {**STUDY.tiers, "Alpha": ("London",), "Beta": ("Milan", "Toronto")}},
            ("Milan",),
        ),
        ({"marks": {}}, ("Milan",)),
        ({"marks": {"Milan": ("*",), "Seoul": ("***",)}}, ("Milan", "Seoul")),
    ],
    ids=["added", "left out", "moved", "unmarked", "marked otherwise"],
)
def test_an_edition_keeps_the_tiers_it_was_published_with(
    change: dict[str, object], differing: tuple[str, ...]
) -> None:
    roster.given(CITED).when(citing(STUDY.model_copy(update=change))).refused(
        TierIsCited, rule="W1", edition="gawc-5", differing=differing
    )


def test_a_new_edition_stands_beside_the_old() -> None:
    newer = STUDY.model_copy(update={"edition": "gawc-2000", "tiers": {"Gamma": ("Kiev",)}})
    cited = CITED.model_copy(update={"edition": "gawc-2000", "tiers": {"Gamma": ("Kiev",)}})
    roster.given(CITED).when(citing(newer)).then(cited)
    assert set(roster.given(CITED, cited).state.editions) == {"gawc-5", "gawc-2000"}


def test_a_motion_to_change_a_tier_is_marked_as_unable_to_take_effect() -> None:
    assert cannot_take_effect(ChangeTier(city="UA-KIEV", tier="Gamma")) == Finding(
        rule="W1",
        answer=Answer.NOT_MET,
        reason="unable to take effect: no decision moves UA-KIEV to Gamma, "
        "the roster is a cited study",
    )
