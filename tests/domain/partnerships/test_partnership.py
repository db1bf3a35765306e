"""Relationships with cities (rules C1-C5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from domain.instruments import (
    ClassifyPartnership,
    DropTargetedCity,
    EndPartnership,
    EnterPartnership,
    PartnershipExists,
    PartnershipState,
    Side,
    TargetCity,
)
from domain.partnerships.moves import CategoryRef, PartnershipMoved
from domain.partnerships.partnership import (
    TIMELINE,
    AgreementExists,
    AlreadyPartner,
    CityNoLongerTargeted,
    CityTargeted,
    NoPartnership,
    NotTargeted,
    PartnershipClassified,
    PartnershipEnded,
    PartnershipFormed,
    PartnershipInstrument,
    PartnershipLapsed,
    PartnershipReclassified,
    Relationship,
    SameClass,
    decide,
    evolve,
    partnership_dates,
    relationship_in_words,
    stated_before,
    stream_of,
)
from domain.partnerships.states import PartnershipStateChanged, Standing
from domain.shared.categories import Category, UnknownCategory
from domain.shared.dates import When as Day
from domain.shared.findings import Answer, Finding, Ruling
from domain.shared.history import History, history_followed_by
from tests.support.given import Context
from tests.support.small_city import ADOPTION, COUNCIL_DAYS, FIRST_PAPER, KIEV, basis

HISTORICAL, INTERNATIONAL = "Historical", "International"
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
    classification: str, reason: str | None = "shared history"
) -> Callable[[Relationship], Ruling]:
    return doing(ClassifyPartnership(city="UA-KIEV", classification=classification, reason=reason))


def test_a_partnership_exists_from_its_establishment_and_has_no_class_yet() -> None:
    relationship.given().when(doing(EXISTS)).then(FORMED)
    assert relationship.given(FORMED).state == Relationship(YEAR, "Friendship Agreement", None)


ENTERED = PartnershipFormed(
    place=KIEV, established=YEAR, description="Friendship Agreement", **BASIS
)


@pytest.mark.rule("A1")
def test_no_city_is_a_partner_before_the_decision_that_enters_the_partnership() -> None:
    relationship.given().when(doing(ENTER)).then(ENTERED)


@pytest.mark.parametrize(
    ("established", "takes_hold"),
    [
        ("2001-12-05", "2001-12-05"),
        ("2001-12-04/2001-12-06", "2001-12-04/2001-12-06"),
        ("2001-12", "2001-12-04/2001-12-06"),
        ("2001", "2001-12-04/2001-12-06"),
        ("2002", "2002"),
    ],
)
def test_a_partnership_that_is_established_later_takes_hold_then(
    established: str, takes_hold: str
) -> None:
    entering = ENTER.model_copy(update={"established": Day.parse(established)})
    assert doing(entering)(Relationship()).events[0].effective_from == Day.parse(takes_hold)


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
@pytest.mark.parametrize("classification", ["International", "Historical"])
def test_the_class_it_already_has_is_refused(classification: str) -> None:
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
    (met, _) = given.when(classifying(HISTORICAL)).decision(given.state).findings
    (silent, unnamed) = given.when(classifying(HISTORICAL, None)).decision(given.state).findings
    assert (met.rule, met.answer) == ("C3", Answer.MET)
    assert (silent.rule, silent.answer) == ("C3", Answer.ADVISORY)
    assert (unnamed.rule, unnamed.answer) == ("C7", Answer.NOT_APPLICABLE)
    unexplained = CLASSIFIED.model_copy(update={"reason": None})
    given.when(classifying(HISTORICAL, None)).then(unexplained)


def test_a_partnership_that_ended_may_be_entered_again_without_its_class() -> None:
    relationship.given(FORMED, CLASSIFIED).when(
        doing(EndPartnership(city="UA-KIEV", reason="ended"))
    ).then(LAPSED)
    relationship.given(FORMED, CLASSIFIED, LAPSED).when(doing(ENTER)).then(ENTERED)
    assert relationship.given(FORMED, CLASSIFIED, LAPSED, ENTERED).state.classification is None


@pytest.mark.rule("C4")
def test_a_targeted_city_needs_no_agreement_and_has_none() -> None:
    relationship.given().when(doing(TargetCity(city="UA-KIEV"))).then(TARGETED)
    assert relationship.given(TARGETED).state == Relationship(targeted=True)
    relationship.given(TARGETED).when(doing(TargetCity(city="UA-KIEV"))).then(TARGETED)


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


# categories that the policy names

NEAR, FAR = Category("near", "Near"), Category("far", "Far")


def into(category: str) -> Callable[[Relationship], Ruling]:
    act = ClassifyPartnership(city="UA-KIEV", classification=category, reason="criteria")
    return lambda state: decide(state, act, KIEV, BASIS, [NEAR, FAR])


def put_into(category: Category, kind: Any = PartnershipClassified) -> Any:
    return kind(
        place=KIEV, classification=category.name, category=category.id, reason="criteria", **BASIS
    )


def moved(**mapping: CategoryRef | None) -> PartnershipMoved:
    return PartnershipMoved(place=KIEV, mapping=mapping, reason=None, **BASIS)


@pytest.mark.rule("C7")
def test_a_partner_is_put_into_a_category_that_the_policy_names() -> None:
    relationship.given(FORMED).when(into("NEAR")).then(put_into(NEAR))
    again = put_into(FAR, PartnershipReclassified)
    relationship.given(FORMED, put_into(NEAR)).when(into("far")).then(again)
    assert relationship.given(FORMED, put_into(NEAR), again).state.category == "far"
    told = {"rule": "C7", "category": "Middle", "known": ("Near", "Far")}
    relationship.given(FORMED).when(into("Middle")).refused(UnknownCategory, **told)
    same = {"rule": "C2", "city": "UA-KIEV", "classification": "Near"}
    relationship.given(FORMED, put_into(NEAR)).when(into("Near")).refused(SameClass, **same)
    (reasoned,) = into("near")(relationship.given(FORMED).state).findings
    assert reasoned == Finding(rule="C3", answer=Answer.MET, reason="Kiev: criteria")


@pytest.mark.rule("C7")
def test_a_partner_goes_with_the_others_of_its_category() -> None:
    near = relationship.given(FORMED, put_into(NEAR)).state
    far = evolve(near, moved(near=CategoryRef(id="far", name="Far")))
    assert (far.classification, far.category, far.established) == ("Far", "far", YEAR)
    none = evolve(near, moved(near=None))
    assert (none.classification, none.category, none.established) == (None, None, YEAR)
    assert evolve(near, moved(far=CategoryRef(id="near", name="Close"))) == near
    unclassified = relationship.given(FORMED).state
    assert evolve(unclassified, moved(near=None)) == unclassified
    unnamed = relationship.given(FORMED, CLASSIFIED).state
    named = evolve(unnamed, moved(historical=CategoryRef(id="near", name="Near")))
    assert (named.classification, named.category) == ("Near", "near")


def test_who_ended_a_partnership_is_recorded() -> None:
    ended = doing(EndPartnership(city="UA-KIEV", by=Side.THEM, reason="ended"))
    theirs = LAPSED.model_copy(update={"by": Side.THEM})
    relationship.given(FORMED).when(ended).then(theirs)


# what a paper states


KNOWN: History[Any] = history_followed_by(History((), 0), stream_of("UA-KIEV"), FORMED)
ENDED = LAPSED.model_copy(update={"effective_from": Day.parse("2001-11-01")})


@pytest.mark.rule("C5")
def test_a_paper_may_state_again_what_the_record_says() -> None:
    assert stated_before(KNOWN, EXISTS, basis(FIRST_PAPER)) is True
    assert stated_before(History((), 0), EXISTS, basis(FIRST_PAPER)) is False
    earlier = EXISTS.model_copy(update={"established": Day.parse("1990")})
    assert stated_before(KNOWN, earlier, basis(FIRST_PAPER)) is False
    within = EXISTS.model_copy(update={"established": Day.parse("1991-06")})
    assert stated_before(KNOWN, within, basis(FIRST_PAPER)) is False


@pytest.mark.rule("C5")
@pytest.mark.parametrize(
    "other", [{"description": "Twinning"}, {"established": Day.parse("1992")}], ids=str
)
def test_a_paper_cannot_state_another_partnership_with_the_city(other: dict[str, Any]) -> None:
    with pytest.raises(AlreadyPartner) as raised:
        stated_before(KNOWN, EXISTS.model_copy(update=other), basis(FIRST_PAPER))
    told = {"rule": "C5", "city": "UA-KIEV", "established": "1991"}
    assert raised.value.details == told


@pytest.mark.rule("C5")
def test_what_a_report_states_again_changes_nothing() -> None:
    relationship.given(FORMED).when(doing(EXISTS)).then()
    targeted = TARGETED.model_copy(update={"effective_from": Day.parse("1980")})
    nothing: History[Any] = History((), 0)
    history = history_followed_by(nothing, stream_of("UA-KIEV"), targeted, FORMED)
    assert stated_before(history, EXISTS, basis(FIRST_PAPER)) is True


@pytest.mark.rule("C5")
def test_a_paper_cannot_state_a_partnership_that_had_ended() -> None:
    """It ended on 1 November 2001; the paper is of the 7th."""
    history = history_followed_by(KNOWN, stream_of("UA-KIEV"), ENDED)
    with pytest.raises(PartnershipEnded) as raised:
        stated_before(history, EXISTS, basis(FIRST_PAPER))
    assert raised.value.details == {"rule": "C5", "city": "UA-KIEV", "established": "1991"}
    assert stated_before(history, EXISTS, basis("2001-10-31")) is True


def test_only_a_partnership_has_a_day_of_its_own() -> None:
    assert partnership_dates(EXISTS, BASIS) == {
        **BASIS,
        "effective_from": YEAR,
        "by_convention": False,
    }
    assert partnership_dates(ENTER, BASIS) == BASIS
    assert partnership_dates(TargetCity(city="UA-KIEV"), BASIS) == BASIS


# in their places


def state_changed(**more: Any) -> PartnershipStateChanged:
    dormant = PartnershipState.DORMANT
    return PartnershipStateChanged(place=KIEV, state=dormant, by=Side.US, **more, **BASIS)


def test_an_act_is_judged_in_its_place_as_it_was_when_it_was_entered() -> None:
    def objects(state: Relationship, event: Any) -> Any:
        refusal = TIMELINE.objection(state, event)
        return refusal and (type(refusal), refusal.details)

    nothing, partner = Relationship(), relationship.given(FORMED).state
    told = {"city": "UA-KIEV", "established": "1991"}
    assert objects(partner, FORMED) == (AlreadyPartner, {"rule": "C5", **told})
    assert objects(partner, TARGETED) == (AgreementExists, {"rule": "C4", **told})
    classified_again = put_into(NEAR, PartnershipReclassified)
    for event in (CLASSIFIED, classified_again, state_changed()):
        expected = (NoPartnership, {"rule": "C1", "city": "UA-KIEV"})
        assert objects(nothing, event) == expected
        assert objects(partner, event) is None
    gone = CityNoLongerTargeted(place=KIEV, reason=None, **BASIS)
    for event in (FORMED, TARGETED, LAPSED, gone, state_changed(ran_out=YEAR), moved(near=None)):
        assert objects(nothing, event) is None


def test_a_state_of_what_is_no_partnership_means_nothing() -> None:
    assert evolve(Relationship(), state_changed(ran_out=YEAR)) == Relationship()
    dormant = evolve(relationship.given(FORMED, CLASSIFIED).state, state_changed())
    assert dormant.classification == HISTORICAL
    assert dormant.standing != Standing()


def test_a_relationship_in_words_says_since_when_which_class_and_which_state() -> None:
    stood = {
        "neither partner nor targeted": (),
        "targeted": (TARGETED,),
        "partner since 1991, no class": (FORMED,),
        "partner since 1991, Historical": (FORMED, CLASSIFIED),
        "partner since 1991, no class, dormant": (FORMED, state_changed()),
    }
    for words, acts in stood.items():
        assert relationship_in_words(relationship.given(*acts).state) == words
        assert TIMELINE.ground(relationship.given(*acts).state, LAPSED) == words


def test_a_city_that_is_a_partner_no_more_may_still_be_targeted() -> None:
    targeted = relationship.given(FORMED, TARGETED, CLASSIFIED, LAPSED).state
    assert targeted == Relationship(targeted=True)
