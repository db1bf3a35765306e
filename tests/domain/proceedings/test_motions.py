"""What a carried motion makes of what is proposed (rule A2)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.instruments import (
    AdoptProvision,
    AdoptReport,
    DeleteProvision,
    Instrument,
    ReplaceProvision,
    RequestReport,
    StrikeFromProvision,
)
from domain.proceedings.amendments import (
    Amended,
    ChoiceNeeded,
    NoSuchTarget,
    SilentOnEffects,
    TargetDeleted,
    apply_amendment,
    on_what_is_in_force,
    recommend_amendment,
    recommended_amendments,
    require_not_deleted,
    with_draft,
)
from domain.proceedings.motions import (
    Add,
    Delete,
    DeleteAndInsert,
    Operation,
    Strike,
    SubjectTo,
    Target,
)
from domain.proceedings.recommendations import Recommendation, drafts_in
from domain.shared.findings import Answer, Finding
from domain.shared.problems import Refusal
from domain.shared.strikes import NoSuchTerm, NothingLeft, WordsNotThere
from tests.support.small_city import DELEGATION, PURPOSE, REPORT, VISITS, recommendation

pytestmark = pytest.mark.rule("A2")

TEXT = "That the report be adopted, subject to amending Attachment 2."
COMMITTEE = recommendation("committee/1", AdoptReport(document="report"), text=TEXT)
PROPOSED = {
    "report/1": recommendation("report/1", AdoptProvision(draft=DELEGATION)),
    "report/2": recommendation("report/2", AdoptProvision(draft=PURPOSE)),
    "committee/1": COMMITTEE,
}
DRAFTS = drafts_in(PROPOSED)
ASK = RequestReport(request="seoul", office="Commissioner", about="Seoul", to="council")


def amended(operation: Operation) -> Amended:
    return apply_amendment(operation, PROPOSED, DRAFTS)


def refused(operation: Operation, refusal: type[Refusal], **details: Any) -> None:
    with pytest.raises(refusal) as raised:
        amended(operation)
    assert type(raised.value) is refusal
    assert raised.value.details == {"rule": "A2", **details}


def striking(**more: Any) -> Strike:
    fields: dict[str, Any] = {
        "target": "recommendation/committee/1",
        "words": ", subject to amending Attachment 2",
        "instruments": "unchanged",
        **more,
    }
    return Strike(**fields)


def test_every_provision_proposed_is_known_by_its_address() -> None:
    assert DRAFTS == {"outbound/2": DELEGATION, "purpose": PURPOSE}


def test_words_are_struck_from_a_recommendation() -> None:
    left = COMMITTEE.model_copy(update={"text": "That the report be adopted."})
    assert amended(striking()) == Amended(recommendation=left)


def test_a_declared_text_that_agrees_is_not_a_difference() -> None:
    declared = "That the report be adopted."
    left = COMMITTEE.model_copy(update={"text": declared})
    assert amended(striking(declared=declared)) == Amended(recommendation=left, declared=declared)


@pytest.mark.parametrize("enter", ["computed", "declared"])
def test_where_the_declared_text_differs_both_are_kept_and_the_clerk_chooses(enter: str) -> None:
    computed, declared = "That the report be adopted.", "That the report, as amended, be adopted."
    entered = COMMITTEE.model_copy(update={"text": computed if enter == "computed" else declared})
    assert amended(striking(declared=declared, enter=enter)) == Amended(
        recommendation=entered, computed=computed, declared=declared
    )


def test_without_the_clerks_choice_a_difference_is_refused_with_both_texts() -> None:
    refused(
        striking(declared="Otherwise."),
        ChoiceNeeded,
        target="recommendation/committee/1",
        computed="That the report be adopted.",
        declared="Otherwise.",
    )


def test_an_amendment_of_a_text_that_does_something_says_what_it_does_now() -> None:
    refused(
        striking(instruments=None),
        SilentOnEffects,
        target="recommendation/committee/1",
        silent_on=("adopt-report",),
    )
    restated = amended(striking(instruments=(ASK,))).recommendation
    assert restated
    assert restated.instruments == (ASK,)
    emptied = amended(striking(instruments=())).recommendation
    assert emptied
    assert emptied.instruments == ()


def test_a_text_that_does_nothing_needs_no_statement() -> None:
    plain = recommendation("report/3", text="That officials act, at once.")
    strike = Strike(target="recommendation/report/3", words=", at once")
    result = apply_amendment(strike, {"report/3": plain}, {})
    left = plain.model_copy(update={"text": "That officials act."})
    assert result == Amended(recommendation=left)


def test_words_are_struck_from_a_provision_that_is_proposed() -> None:
    strike = Strike(
        target="provision/outbound/2",
        words=", with the Chair",
        terms={"delegation.selector": "mayor", "delegation.consulted": None},
    )
    changed = DELEGATION.model_copy(
        update={
            "text": "The Mayor shall select the delegation.",
            "terms": {"delegation.selector": "mayor"},
        }
    )
    assert amended(strike) == Amended(draft=changed)
    declared = amended(strike.model_copy(update={"declared": "Nobody.", "enter": "declared"}))
    assert declared == Amended(
        draft=changed.model_copy(update={"text": "Nobody."}),
        computed="The Mayor shall select the delegation.",
        declared="Nobody.",
    )


def test_silence_about_terms_is_refused_by_name() -> None:
    for operation in (
        Strike(target="provision/outbound/2", words=", with the Chair"),
        DeleteAndInsert(target="provision/outbound/2", text="Council approves the delegation."),
    ):
        refused(
            operation,
            SilentOnEffects,
            target="provision/outbound/2",
            silent_on=("delegation.consulted", "delegation.selector"),
        )


def test_terms_may_stay_unchanged_or_be_none() -> None:
    strike = Strike(target="provision/outbound/2", words=", with the Chair", terms="unchanged")
    changed = amended(strike).draft
    assert changed
    assert changed.terms == DELEGATION.terms
    none = dict.fromkeys(DELEGATION.terms)
    inserted = amended(DeleteAndInsert(target="provision/outbound/2", text="x", terms=none)).draft
    assert inserted
    assert inserted.terms == {}


@pytest.mark.parametrize(
    "operation",
    [
        Strike(target="provision/outbound/2", words=", with the Chair"),
        DeleteAndInsert(target="provision/outbound/2", text="Staff select the delegation."),
    ],
    ids=lambda operation: operation.operation,
)
def test_terms_that_are_not_named_stay_and_are_listed(operation: Strike | DeleteAndInsert) -> None:
    """Of `selector: mayor` and `consulted: [chair]`, one is changed and the other is not named."""
    staff = amended(operation.model_copy(update={"terms": {"delegation.selector": "staff"}}))
    assert staff.draft
    terms = {"delegation.selector": "staff", "delegation.consulted": ("chair",)}
    assert staff.draft.terms == terms
    reason = "terms of provision/outbound/2 that are not named stay: delegation.consulted"
    assert staff.findings == (Finding(rule="A2", answer=Answer.ADVISORY, reason=reason),)
    dropped = {"delegation.selector": "staff", "delegation.consulted": None}
    alone = amended(operation.model_copy(update={"terms": dropped}))
    assert alone.draft
    assert (alone.draft.terms, alone.findings) == ({"delegation.selector": "staff"}, ())
    nothing_named: dict[str, None] = {}
    for unchanged in ("unchanged", nothing_named):
        same = amended(operation.model_copy(update={"terms": unchanged}))
        assert same.draft
        assert same.draft.terms == DELEGATION.terms


def test_a_term_that_is_not_there_is_not_dropped() -> None:
    refused(
        Strike(target="provision/outbound/2", words=", with the Chair", terms={"goals": None}),
        NoSuchTerm,
        target="provision/outbound/2",
        terms=("goals",),
        carried=("delegation.consulted", "delegation.selector"),
    )


def test_a_provision_is_deleted_and_another_inserted_in_its_place() -> None:
    operation = DeleteAndInsert(
        target="provision/outbound/2",
        text="Council approves the delegation.",
        items=("a", "b"),
        terms={"delegation.approver": "council", **dict.fromkeys(DELEGATION.terms)},
        cites=(REPORT,),
    )
    inserted = DELEGATION.model_copy(
        update={
            "text": "Council approves the delegation.",
            "items": ("a", "b"),
            "terms": {"delegation.approver": "council"},
            "cites": (REPORT,),
        }
    )
    assert amended(operation) == Amended(draft=inserted)


def test_a_provision_is_deleted() -> None:
    assert amended(Delete(target="provision/purpose")) == Amended(removed="purpose")


def test_a_recommendation_is_added() -> None:
    added = recommendation("supplementary/1", ASK)
    assert amended(Add(recommendation=added)) == Amended(recommendation=added)


def test_a_change_without_a_resulting_text_changes_no_text() -> None:
    assert amended(SubjectTo(target="report", change="Kiev to be a Gamma city")) == Amended()


@pytest.mark.parametrize(
    "operation",
    [
        Strike(target="recommendation/committee/2", words="x"),
        Strike(target="provision/inbound/2", words="x"),
        DeleteAndInsert(target="provision/inbound/2", text="x"),
        DeleteAndInsert(target="recommendation/committee/2", text="x"),
        Delete(target="provision/inbound/2"),
        Delete(target="recommendation/committee/2"),
    ],
    ids=lambda o: f"{o.operation} {o.target}",
)
def test_an_amendment_of_what_is_not_proposed_is_refused(operation: Operation) -> None:
    assert isinstance(operation, Strike | DeleteAndInsert | Delete)
    refused(operation, NoSuchTarget, target=operation.target)


def test_words_that_are_not_there_refuse_the_amendment() -> None:
    refused(
        striking(words="Kiev"),
        WordsNotThere,
        target="recommendation/committee/1",
        words="Kiev",
        text=TEXT,
    )


def test_striking_every_word_refuses_the_amendment() -> None:
    refused(
        striking(words=TEXT, declared="Nothing.", enter="declared"),
        NothingLeft,
        target="recommendation/committee/1",
        words=TEXT,
    )


def test_a_motion_on_a_provision_in_force_becomes_the_instrument_that_does_it() -> None:
    strike = Strike(
        target="provision/purpose", words="to trade, ", declared="D", enter="declared", terms={}
    )
    insert = DeleteAndInsert(
        target="provision/purpose",
        text="T",
        heading="H",
        items=("a", "b"),
        terms="unchanged",
        cites=(REPORT,),
    )
    assert on_what_is_in_force(strike, "purpose") == StrikeFromProvision(
        address="purpose", words="to trade, ", declared="D", terms={}
    )
    computed = strike.model_copy(update={"enter": "computed"})
    assert on_what_is_in_force(computed, "purpose") == StrikeFromProvision(
        address="purpose", words="to trade, ", terms={}
    )
    assert on_what_is_in_force(insert, "purpose") == ReplaceProvision(
        address="purpose",
        text="T",
        heading="H",
        items=("a", "b"),
        terms="unchanged",
        cites=(REPORT,),
    )
    delete = Delete(target="provision/purpose")
    assert on_what_is_in_force(delete, "purpose") == DeleteProvision(address="purpose")


def test_only_amendments_of_a_provision_become_such_an_instrument() -> None:
    subject = SubjectTo(target="provision/purpose", change="c")
    for operation in (Add(recommendation=COMMITTEE), subject):
        with pytest.raises(NoSuchTarget) as raised:
            on_what_is_in_force(operation, "purpose")
        assert raised.value.details == {"rule": "A2", "target": "provision/purpose"}


def test_what_it_proposes_keeps_the_computed_text_beside_the_declared_one() -> None:
    strike = Strike(target="provision/purpose", words="to trade, ", declared="D", enter="computed")
    instrument = on_what_is_in_force(strike, "purpose")
    proposed = Recommendation(
        id="motion/m1", text="Amend provision purpose as moved.", instruments=(instrument,)
    )
    assert recommend_amendment("m1", strike, instrument, "To meet, to learn.") == Amended(
        recommendation=proposed, computed="To meet, to learn.", declared="D"
    )
    undecided = strike.model_copy(update={"enter": None})
    with pytest.raises(ChoiceNeeded):
        recommend_amendment("m1", undecided, instrument, "To meet, to learn.")
    delete = Delete(target="provision/purpose")
    deleting = on_what_is_in_force(delete, "purpose")
    assert recommend_amendment("m1", delete, deleting, "") == Amended(
        recommendation=proposed.model_copy(update={"instruments": (deleting,)})
    )


def test_what_motions_propose_is_told_from_what_reports_recommend() -> None:
    first, second = recommendation("motion/m1", ASK), recommendation("motion/m2")
    before = {"report/1": COMMITTEE, "motion/m1": first, "more/motion": second, "motion/m2": second}
    assert list(recommended_amendments(before)) == [("m1", first), ("m2", second)]


def test_a_motion_on_a_provision_that_a_motion_before_it_deletes_is_refused() -> None:
    replace = ReplaceProvision(address="purpose", text="T")
    delete = DeleteProvision(address="purpose")
    before: dict[str, tuple[Instrument, ...]] = {"m1": (ASK, replace), "m2": (replace, delete)}
    with pytest.raises(TargetDeleted) as raised:
        require_not_deleted("provision/purpose", "purpose", before)
    assert raised.value.details == {"rule": "A2", "target": "provision/purpose", "by": "m2"}
    require_not_deleted("provision/goals", "goals", before)
    require_not_deleted("provision/purpose", "purpose", {"m1": before["m1"]})


def test_an_amended_draft_takes_the_place_of_the_first_and_a_deleted_one_leaves() -> None:
    both = recommendation("r/1", AdoptProvision(draft=VISITS), AdoptProvision(draft=PURPOSE), ASK)
    changed = VISITS.model_copy(update={"text": "As resources permit."})
    assert with_draft(both, "inbound/2", changed).instruments == (
        AdoptProvision(draft=changed),
        AdoptProvision(draft=PURPOSE),
        ASK,
    )
    assert with_draft(both, "inbound/2", None).instruments == (AdoptProvision(draft=PURPOSE), ASK)
    assert with_draft(both, "outbound/2", None) == both


@pytest.mark.parametrize(
    "target",
    ["recommendation/committee/1", "recommendation/report-2001-11-07/1", "provision/planning/1(i)"],
)
def test_a_target_is_a_recommendation_or_a_provision(target: str) -> None:
    assert TypeAdapter(Target).validate_python(target) == target


@pytest.mark.parametrize(
    "target",
    ["", "committee/1", "provision/", "provision/Outbound 2", "recommendation/1", "motion/m1/1"],
)
def test_anything_else_is_no_target(target: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Target).validate_python(target)


@pytest.mark.parametrize(
    "wrong",
    [
        {"operation": "strike", "target": "provision/purpose", "words": ""},
        {"operation": "strike", "target": "provision/purpose", "words": "x", "declared": ""},
        {"operation": "strike", "target": "provision/purpose", "words": "x", "enter": "both"},
        {"operation": "delete-and-insert", "target": "provision/purpose", "text": ""},
        {"operation": "subject-to", "target": "report", "change": ""},
        {"operation": "amend", "target": "provision/purpose"},
        {"target": "provision/purpose"},
    ],
    ids=str,
)
def test_an_operation_says_what_it_changes(wrong: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[Any](Operation).validate_python(wrong)
