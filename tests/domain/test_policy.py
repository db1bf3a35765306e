"""Provisions: adopted, amended, deleted; what is in force on a day (rules A2, A3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from domain.instruments import (
    AdoptProvision,
    DeleteProvision,
    ReplaceProvision,
    RequestReport,
    StrikeFromProvision,
)
from domain.policy import (
    STREAM,
    AlreadyDeleted,
    AlreadyInForce,
    BeforeItsDecision,
    NotInForce,
    PolicyEvent,
    PolicyInstrument,
    ProvisionAdopted,
    ProvisionAmended,
    ProvisionDeleted,
    Superseded,
    TermCarriedTwice,
    TermsNotStated,
    decide,
    policy_foreseen,
    provision_named,
    provision_with_own_version,
    require_in_force,
)
from domain.shared.findings import Answer, Finding
from domain.shared.history import History, Recorded
from domain.shared.messages import Basis, ProvisionRef
from domain.shared.problems import Refusal
from domain.shared.provisions import PolicyInForce, ProvisionDraft, ProvisionInForce, Terms
from domain.shared.strikes import NoSuchTerm, NothingLeft, WordsNotThere
from tests.support.small_city import (
    ADOPTION,
    COUNCIL_DAYS,
    DELEGATION,
    PURPOSE,
    REPORT,
    VISITS,
    basis,
    in_force,
)

BASIS = basis(COUNCIL_DAYS, ADOPTION)
MARCH = basis("2002-03-05", ADOPTION)
BEFORE = date(2001, 12, 3)
AFTER = COUNCIL_DAYS.last


def ref(address: str, version: int = 1) -> ProvisionRef:
    return ProvisionRef(address=address, version=version)


def adopted(draft: ProvisionDraft, version: int = 1, at: Basis = BASIS) -> ProvisionAdopted:
    return ProvisionAdopted(provision=ref(draft.address, version), draft=draft, **at)


def history(*events: PolicyEvent) -> History[PolicyEvent]:
    entries = [Recorded(e, STREAM, v, 10 * v, v) for v, e in enumerate(events, 1)]
    return History(tuple(entries), len(entries))


ADOPTED = history(adopted(DELEGATION), adopted(PURPOSE))


def decided(
    known: History[PolicyEvent], act: PolicyInstrument, at: Basis = MARCH
) -> Sequence[object]:
    ruling = decide(known, act, at)
    assert ruling.findings == ()
    return ruling.events


def refused(
    known: History[PolicyEvent],
    act: PolicyInstrument,
    refusal: type[Refusal],
    at: Basis = MARCH,
    **details: Any,
) -> None:
    with pytest.raises(refusal) as raised:
        decide(known, act, at)
    assert type(raised.value) is refusal
    assert raised.value.details == details


def test_a_provision_is_adopted_where_there_is_none() -> None:
    assert decide(history(), AdoptProvision(draft=PURPOSE), BASIS, ("m1",)).events == (
        ProvisionAdopted(provision=ref("purpose"), draft=PURPOSE, amended_by=("m1",), **BASIS),
    )


@pytest.mark.rule("A3")
@pytest.mark.parametrize(
    "act",
    [
        AdoptProvision(draft=VISITS),
        StrikeFromProvision(address="purpose", words="to trade, "),
        ReplaceProvision(address="purpose", text="To meet."),
        DeleteProvision(address="purpose"),
    ],
)
def test_nothing_takes_hold_before_it_is_decided(act: PolicyInstrument) -> None:
    address = provision_named(act)
    refused(
        ADOPTED,
        act,
        BeforeItsDecision,
        basis("2002-03-05", ADOPTION, effective="2002-03-04"),
        rule="A3",
        address=address,
        effective_from="2002-03-04",
        decided_on="2002-03-05",
    )
    refused(
        ADOPTED,
        act,
        BeforeItsDecision,
        basis("2002-03-05", ADOPTION, effective="2002"),
        rule="A3",
        address=address,
        effective_from="2002",
        decided_on="2002-03-05",
        instead="2002-03-05/2002-12-31",
    )
    for whenever in ("2002-03-05", "2002-03-06", "2002-03-05/2002-12-31", "2002-04", "2003"):
        assert decided(ADOPTED, act, basis("2002-03-05", ADOPTION, effective=whenever))


@pytest.mark.rule("A3")
def test_a_correction_puts_nothing_in_force_before_it_was_decided() -> None:
    for too_early in ("2002-03-04", "2002-03"):
        early = adopted(VISITS, at=basis("2002-03-05", ADOPTION, effective=too_early))

        with pytest.raises(BeforeItsDecision) as raised:
            provision_with_own_version(history(adopted(VISITS, at=MARCH)), early)
        told = raised.value.details
        assert (told["address"], told["effective_from"]) == (VISITS.address, too_early)


@pytest.mark.rule("A3")
def test_nothing_is_in_force_before_its_adoption_nor_surely_while_council_sits() -> None:
    for day in (date.min, BEFORE, date(2001, 12, 4), date(2001, 12, 5)):
        assert in_force(ADOPTED, day) == PolicyInForce(on=day)
    standing = in_force(ADOPTED, AFTER)
    assert standing.provisions == {
        draft.address: ProvisionInForce(
            ref=ref(draft.address), draft=draft, effective_from=COUNCIL_DAYS, authority=ADOPTION
        )
        for draft in (DELEGATION, PURPOSE)
    }


@pytest.mark.rule("A2")
def test_a_second_adoption_at_the_address_is_refused() -> None:
    refused(
        ADOPTED,
        AdoptProvision(draft=PURPOSE),
        AlreadyInForce,
        rule="A2",
        provision=ref("purpose"),
    )


def test_words_are_struck_and_the_next_version_has_what_is_left() -> None:
    strike = StrikeFromProvision(address="purpose", words="to trade, ")
    left = PURPOSE.model_copy(update={"text": "To meet, to learn."})
    assert decided(ADOPTED, strike) == (
        ProvisionAmended(provision=ref("purpose", 2), draft=left, **MARCH),
    )


def test_a_declared_text_is_entered_and_the_computed_one_kept_beside_it() -> None:
    strike = StrikeFromProvision(address="purpose", words="to trade, ", declared="To meet.")
    (event,) = decided(ADOPTED, strike)
    assert event == ProvisionAmended(
        provision=ref("purpose", 2),
        draft=PURPOSE.model_copy(update={"text": "To meet."}),
        computed="To meet, to learn.",
        **MARCH,
    )
    agreeing = StrikeFromProvision(
        address="purpose", words="to trade, ", declared="To meet, to learn."
    )
    (same,) = decided(ADOPTED, agreeing)
    assert isinstance(same, ProvisionAmended)
    assert same.computed is None


@pytest.mark.rule("A2")
def test_terms_that_an_amendment_in_force_does_not_name_stay_and_are_listed() -> None:
    changes: dict[str, Any] = {"terms": {"delegation.selector": "staff"}}
    reason = "terms of provision/outbound/2 that are not named stay: delegation.consulted"
    stays = Finding(rule="A2", answer=Answer.ADVISORY, reason=reason)
    for act in (
        StrikeFromProvision(address="outbound/2", words=", with the Chair", **changes),
        ReplaceProvision(address="outbound/2", text="Staff select.", **changes),
    ):
        ruling = decide(ADOPTED, act, MARCH)
        (event,) = ruling.events
        assert isinstance(event, ProvisionAmended)
        terms = {"delegation.selector": "staff", "delegation.consulted": ("chair",)}
        assert (event.draft.terms, ruling.findings) == (terms, (stays,))
        unknown = act.model_copy(update={"terms": {"goals": None}})
        carried = ("delegation.consulted", "delegation.selector")
        told: dict[str, Any] = {"target": "provision/outbound/2", "carried": carried}
        refused(ADOPTED, unknown, NoSuchTerm, rule="A2", terms=("goals",), **told)


def test_a_provision_is_replaced() -> None:
    act = ReplaceProvision(
        address="outbound/2",
        text="Council approves the delegation.",
        terms={"delegation.approver": "council", **dict.fromkeys(DELEGATION.terms)},
    )
    terms = {"delegation.approver": "council"}
    inserted = DELEGATION.model_copy(update={"text": act.text, "terms": terms})
    assert decided(ADOPTED, act) == (
        ProvisionAmended(provision=ref("outbound/2", 2), draft=inserted, **MARCH),
    )
    wholly: dict[str, Any] = {"heading": "Delegates", "items": ("a", "b"), "cites": (REPORT,)}
    assert decided(ADOPTED, act.model_copy(update=wholly)) == (
        ProvisionAmended(
            provision=ref("outbound/2", 2), draft=inserted.model_copy(update=wholly), **MARCH
        ),
    )


def test_a_provision_is_deleted_and_may_be_adopted_again() -> None:
    (deleted,) = decided(ADOPTED, DeleteProvision(address="purpose"))
    assert deleted == ProvisionDeleted(provision=ref("purpose", 2), **MARCH)
    assert isinstance(deleted, ProvisionDeleted)
    known = history(adopted(DELEGATION), adopted(PURPOSE), deleted)
    assert set(in_force(known, date(2002, 3, 5)).provisions) == {"outbound/2"}
    assert "purpose" in in_force(known, date(2002, 3, 4)).provisions
    later = basis("2002-04-01", ADOPTION)
    assert decided(known, AdoptProvision(draft=PURPOSE), later) == (adopted(PURPOSE, 3, later),)


@pytest.mark.rule("A2")
@pytest.mark.parametrize(
    "act",
    [
        StrikeFromProvision(address="inbound/2", words="x"),
        ReplaceProvision(address="inbound/2", text="x"),
        DeleteProvision(address="inbound/2"),
    ],
    ids=lambda act: act.instrument,
)
def test_an_amendment_names_a_provision_in_force(act: PolicyInstrument) -> None:
    refused(ADOPTED, act, NotInForce, rule="A2", address="inbound/2", on="2002-03-05")
    proposed = history(adopted(VISITS, at=basis("2003-01-01", ADOPTION)))
    refused(proposed, act, NotInForce, rule="A2", address="inbound/2", on="2002-03-05")


@pytest.mark.rule("A2")
@pytest.mark.parametrize(
    "act",
    [
        StrikeFromProvision(address="purpose", words="to trade, "),
        ReplaceProvision(address="purpose", text="x"),
        DeleteProvision(address="purpose"),
    ],
    ids=lambda act: act.instrument,
)
def test_an_amendment_of_a_deleted_provision_is_refused(act: PolicyInstrument) -> None:
    deleted = ProvisionDeleted(provision=ref("purpose", 2), **MARCH)
    known = history(adopted(PURPOSE), deleted)
    refused(known, act, AlreadyDeleted, rule="A2", provision=ref("purpose", 2))


@pytest.mark.rule("A2")
def test_words_that_are_not_there_and_words_that_are_all_there_is_are_refused() -> None:
    refused(
        ADOPTED,
        StrikeFromProvision(address="purpose", words="Kiev"),
        WordsNotThere,
        rule="A2",
        target="provision/purpose",
        words="Kiev",
        text=PURPOSE.text,
    )
    refused(
        ADOPTED,
        StrikeFromProvision(address="purpose", words=PURPOSE.text, declared="Nothing."),
        NothingLeft,
        rule="A2",
        target="provision/purpose",
        words=PURPOSE.text,
    )


@pytest.mark.rule("A2")
@pytest.mark.parametrize(
    "act",
    [
        StrikeFromProvision(address="outbound/2", words=", with the Chair"),
        ReplaceProvision(address="outbound/2", text="Council approves."),
    ],
    ids=lambda act: act.instrument,
)
def test_an_amendment_of_a_text_with_terms_says_what_they_become(act: PolicyInstrument) -> None:
    terms = ("delegation.consulted", "delegation.selector")
    refused(ADOPTED, act, TermsNotStated, rule="A2", address="outbound/2", terms=terms)
    (kept,) = decided(ADOPTED, act.model_copy(update={"terms": "unchanged"}))
    assert isinstance(kept, ProvisionAmended)
    assert kept.draft.terms == DELEGATION.terms
    (none,) = decided(ADOPTED, act.model_copy(update={"terms": dict.fromkeys(DELEGATION.terms)}))
    assert isinstance(none, ProvisionAmended)
    assert none.draft.terms == {}


@pytest.mark.rule("A2")
@pytest.mark.parametrize(
    "act",
    [
        AdoptProvision(draft=VISITS.model_copy(update={"terms": {"delegation.selector": "staff"}})),
        ReplaceProvision(address="purpose", text="x", terms={"delegation.selector": "staff"}),
        StrikeFromProvision(
            address="purpose", words="to trade, ", terms={"delegation.selector": "staff"}
        ),
    ],
    ids=lambda act: act.instrument,
)
def test_a_term_is_carried_by_one_provision_only(act: PolicyInstrument) -> None:
    refused(
        ADOPTED,
        act,
        TermCarriedTwice,
        rule="A2",
        provision=ref("outbound/2"),
        term="delegation.selector",
        address="inbound/2" if isinstance(act, AdoptProvision) else "purpose",
    )


def test_the_term_is_free_again_once_its_provision_is_deleted() -> None:
    deleted = ProvisionDeleted(provision=ref("outbound/2", 2), **MARCH)
    known = history(adopted(DELEGATION), deleted)
    moved = VISITS.model_copy(update={"terms": {"delegation.selector": "staff"}})
    assert decided(known, AdoptProvision(draft=moved)) == (adopted(moved, at=MARCH),)


def test_a_term_is_free_where_its_provision_is_deleted_before_though_not_surely_by_then() -> None:
    sometime = adopted(PURPOSE, at=basis("2002"))
    deleted = ProvisionDeleted(provision=ref("outbound/2", 2), **MARCH)
    known = history(adopted(DELEGATION), sometime, deleted)
    april = basis("2002-04-01")
    assert "outbound/2" in in_force(known, april["effective_from"].last).provisions
    moved = VISITS.model_copy(update={"terms": {"delegation.selector": "staff"}})
    assert decided(known, AdoptProvision(draft=moved), april) == (adopted(moved, at=april),)


@pytest.mark.rule("A2")
def test_a_late_amendment_gives_no_term_to_a_provision_that_a_later_one_gave_to_another() -> None:
    hosts: Terms = {"inbound.host": "mayor"}
    hosted = ProvisionAmended(
        provision=ref("purpose", 2),
        draft=PURPOSE.model_copy(update={"terms": hosts}),
        **basis("2003-01-01"),
    )
    known = history(adopted(PURPOSE), adopted(VISITS), hosted)
    act = ReplaceProvision(address="inbound/2", text="Visits.", terms={**hosts})
    told: dict[str, Any] = {"provision": ref("inbound/2", 2), "term": "inbound.host"}
    refused(known, act, TermCarriedTwice, rule="A2", address="purpose", **told)
    without = act.model_copy(update={"terms": "unchanged"})
    assert len(decided(known, without)) == 1


def test_a_late_amendment_lasts_until_the_next_known_version() -> None:
    second = PURPOSE.model_copy(update={"text": "To learn."})
    late = PURPOSE.model_copy(update={"text": "To trade."})
    known = history(
        adopted(PURPOSE),
        ProvisionAmended(provision=ref("purpose", 2), draft=second, **basis("2003-01-01")),
        ProvisionAmended(provision=ref("purpose", 3), draft=late, **basis("2002-06-01")),
    )

    def text(day: date) -> str:
        return in_force(known, day).provisions["purpose"].draft.text

    assert text(date(2002, 5, 31)) == PURPOSE.text
    assert text(date(2002, 6, 1)) == "To trade."
    assert text(date(2003, 1, 1)) == "To learn."


def test_what_is_foreseen_is_what_the_acts_make_of_it_one_after_another() -> None:
    acts = (
        RequestReport(request="r", office="Commissioner", about="Seoul", to="council"),
        StrikeFromProvision(address="purpose", words="Kiev"),
        StrikeFromProvision(address="purpose", words="to trade, "),
        StrikeFromProvision(address="purpose", words=", to learn"),
        DeleteProvision(address="outbound/2"),
    )
    seen = policy_foreseen(ADOPTED, acts, MARCH)
    assert seen.entries[:2] == ADOPTED.entries
    assert [(e.event.provision, e.stream) for e in seen.entries[2:]] == [
        (ref("purpose", 2), STREAM),
        (ref("purpose", 3), STREAM),
        (ref("outbound/2", 2), STREAM),
    ]
    standing = in_force(seen, date(2002, 3, 5)).provisions
    assert {address: p.draft.text for address, p in standing.items()} == {"purpose": "To meet."}


def test_a_corrected_entry_gets_the_version_after_every_one_that_was_used() -> None:
    amended = ProvisionAmended(provision=ref("purpose", 2), draft=PURPOSE, **MARCH)
    known = history(adopted(DELEGATION), adopted(PURPOSE), amended)
    assert provision_with_own_version(known, amended) == amended.model_copy(
        update={"provision": ref("purpose", 3)}
    )
    assert provision_with_own_version(known, adopted(DELEGATION)) == adopted(DELEGATION, 2)


@pytest.mark.rule("A3")
def test_a_decision_rests_on_the_version_in_force() -> None:
    standing = in_force(ADOPTED, AFTER)
    require_in_force(ref("purpose"), standing)
    for cited, actual in ((ref("purpose", 2), ref("purpose")), (ref("inbound/2"), None)):
        with pytest.raises(Superseded) as raised:
            require_in_force(cited, standing)
        expected = {"rule": "A3", "provision": actual, "cited": cited}
        assert raised.value.details == {k: v for k, v in expected.items() if v}
