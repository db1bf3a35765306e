"""Relationships with cities (rules C1-C5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.dates import When as Day
from domain.instruments import (
    Classification,
    ClassifyPartnership,
    DropTargetedCity,
    EndPartnership,
    EnterPartnership,
    PartnershipExists,
    TargetCity,
)
from domain.kernel import Answer, Ruling
from domain.partnerships import (
    AgreementExists,
    AlreadyPartner,
    CityNoLongerTargeted,
    CityTargeted,
    NoPartnership,
    NotTargeted,
    PartnershipClassified,
    PartnershipFormed,
    PartnershipInstrument,
    PartnershipLapsed,
    PartnershipReclassified,
    Relationship,
    SameClass,
    decide,
    evolve,
    stream_of,
)
from tests.support.given import Context
from tests.support.small_city import ADOPTION, COUNCIL_DAYS, FIRST_PAPER, KIEV, basis

HISTORICAL, INTERNATIONAL = Classification.HISTORICAL, Classification.INTERNATIONAL
BASIS = basis(COUNCIL_DAYS, ADOPTION)
STATED = basis(FIRST_PAPER, effective="1991")
YEAR = Day.parse("1991")

FORMED = PartnershipFormed(
    place=KIEV, established=YEAR, description="Friendship Agreement", **STATED
)
CLASSIFIED = PartnershipClassified(
    place=KIEV, classification=HISTORICAL, reason="shared history", **BASIS
)
LAPSED = PartnershipLapsed(place=KIEV, reason="ended", **BASIS)
TARGETED = CityTargeted(place=KIEV, **BASIS)

EXISTS = PartnershipExists(city="UA-KIEV", established=YEAR, description="Friendship Agreement")
ENTER = EnterPartnership(city="UA-KIEV", established=YEAR, description="Friendship Agreement")

relationship = Context(evolve, Relationship())


def doing(act: PartnershipInstrument) -> Callable[[Relationship], Ruling]:
    at = basis(FIRST_PAPER) if isinstance(act, PartnershipExists) else BASIS
    return lambda state: decide(state, act, KIEV, at)


def classifying(
    classification: Classification, reason: str | None = "shared history"
) -> Callable[[Relationship], Ruling]:
    return doing(ClassifyPartnership(city="UA-KIEV", classification=classification, reason=reason))


def test_a_partnership_exists_from_its_establishment_and_has_no_class_yet() -> None:
    relationship.given().when(doing(EXISTS)).then(FORMED)
    assert relationship.given(FORMED).state == Relationship(YEAR, "Friendship Agreement", None)


def test_a_partnership_that_is_entered_cites_the_decision() -> None:
    formed = FORMED.model_copy(update={"authority": ADOPTION, "decided_on": COUNCIL_DAYS})
    relationship.given().when(doing(ENTER)).then(formed)


def test_stating_again_what_is_known_changes_nothing() -> None:
    relationship.given(FORMED, CLASSIFIED).when(doing(EXISTS)).then()


@pytest.mark.rule("C5")
@pytest.mark.parametrize(
    "act",
    [
        EXISTS.model_copy(update={"description": "Twinning"}),
        EXISTS.model_copy(update={"established": Day.parse("1992")}),
        ENTER,
    ],
    ids=["otherwise", "another year", "entered again"],
)
def test_a_city_has_at_most_one_partnership(act: PartnershipInstrument) -> None:
    relationship.given(FORMED).when(doing(act)).refused(
        AlreadyPartner, rule="C5", city="UA-KIEV", established="1991"
    )


def test_the_first_class_and_another_class() -> None:
    relationship.given(FORMED).when(classifying(HISTORICAL)).then(CLASSIFIED)
    relationship.given(FORMED, CLASSIFIED).when(classifying(INTERNATIONAL)).then(
        PartnershipReclassified(
            place=KIEV, classification=INTERNATIONAL, reason="shared history", **BASIS
        )
    )


@pytest.mark.rule("C2")
@pytest.mark.parametrize("classification", list(Classification))
def test_the_class_it_already_has_is_refused(classification: Classification) -> None:
    classified = CLASSIFIED.model_copy(update={"classification": classification})
    relationship.given(FORMED, classified).when(classifying(classification)).refused(
        SameClass, rule="C2", city="UA-KIEV", classification=classification
    )


@pytest.mark.rule("C2")
def test_the_class_it_once_had_is_not_the_class_it_has() -> None:
    moved = PartnershipReclassified(place=KIEV, classification=INTERNATIONAL, reason=None, **BASIS)
    relationship.given(FORMED, CLASSIFIED, moved).when(classifying(HISTORICAL)).then(
        PartnershipReclassified(
            place=KIEV, classification=HISTORICAL, reason="shared history", **BASIS
        )
    )


@pytest.mark.rule("C1")
@pytest.mark.parametrize("events", [(), (TARGETED,), (FORMED, LAPSED)], ids=len)
def test_only_a_partnership_is_classified_or_ended(
    events: tuple[CityTargeted | PartnershipFormed | PartnershipLapsed, ...],
) -> None:
    for act in (classifying(HISTORICAL), doing(EndPartnership(city="UA-KIEV"))):
        relationship.given(*events).when(act).refused(NoPartnership, rule="C1", city="UA-KIEV")


@pytest.mark.rule("C3")
def test_the_reason_is_recorded_and_where_the_source_gives_none_the_record_says_so() -> None:
    given = relationship.given(FORMED)
    (met,) = given.when(classifying(HISTORICAL)).decision(given.state).findings
    (silent,) = given.when(classifying(HISTORICAL, None)).decision(given.state).findings
    assert (met.rule, met.answer) == ("C3", Answer.MET)
    assert (silent.rule, silent.answer) == ("C3", Answer.ADVISORY)
    unexplained = CLASSIFIED.model_copy(update={"reason": None})
    given.when(classifying(HISTORICAL, None)).then(unexplained)


def test_a_partnership_that_ended_may_be_entered_again_without_its_class() -> None:
    relationship.given(FORMED, CLASSIFIED).when(
        doing(EndPartnership(city="UA-KIEV", reason="ended"))
    ).then(LAPSED)
    again = FORMED.model_copy(update={"authority": ADOPTION, "decided_on": COUNCIL_DAYS})
    relationship.given(FORMED, CLASSIFIED, LAPSED).when(doing(ENTER)).then(again)
    assert relationship.given(FORMED, CLASSIFIED, LAPSED, again).state.classification is None


@pytest.mark.rule("C4")
def test_a_targeted_city_needs_no_agreement_and_has_none() -> None:
    relationship.given().when(doing(TargetCity(city="UA-KIEV"))).then(TARGETED)
    assert relationship.given(TARGETED).state == Relationship(targeted=True)
    relationship.given(TARGETED).when(doing(TargetCity(city="UA-KIEV"))).then()


@pytest.mark.rule("C4")
def test_a_city_with_an_agreement_is_a_partner_and_not_targeted() -> None:
    relationship.given(FORMED).when(doing(TargetCity(city="UA-KIEV"))).refused(
        AgreementExists, rule="C4", city="UA-KIEV", established="1991"
    )


@pytest.mark.rule("C4")
def test_a_targeted_city_that_becomes_a_partner_is_targeted_no_longer() -> None:
    assert relationship.given(TARGETED, FORMED).state == Relationship(YEAR, "Friendship Agreement")


def test_a_city_leaves_the_targeted_list() -> None:
    drop = DropTargetedCity(city="UA-KIEV", reason="no answer")
    gone = CityNoLongerTargeted(place=KIEV, reason="no answer", **BASIS)
    relationship.given(TARGETED).when(doing(drop)).then(gone)
    assert relationship.given(TARGETED, gone).state == Relationship()


@pytest.mark.rule("C1")
@pytest.mark.parametrize("events", [(), (FORMED,)], ids=["unknown", "partner"])
def test_a_city_that_is_not_targeted_is_not_dropped(events: tuple[PartnershipFormed, ...]) -> None:
    relationship.given(*events).when(doing(DropTargetedCity(city="UA-KIEV"))).refused(
        NotTargeted, rule="C1", city="UA-KIEV"
    )


def test_each_partnership_has_a_stream_of_its_own() -> None:
    assert stream_of("UA-KIEV") == "partnership/UA-KIEV"
