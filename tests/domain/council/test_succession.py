"""Bodies over time: successors, renamed, merged, split and abolished ones (rule A1)."""

from __future__ import annotations

from datetime import date

import pytest

from domain.council.bodies import (
    Body,
    BodyNoMore,
    Charter,
    CharterInForce,
    CharterRecorded,
    RecordCharter,
    UnknownBody,
    require_body,
)
from domain.council.succession import (
    AlreadyThatBody,
    BodiesChanged,
    ChangeBodies,
    CharterEvent,
    ResidualAuthorityEnds,
    charter_on,
    decide,
    evolve,
)
from domain.shared.dates import When
from domain.shared.findings import Answer
from domain.shared.history import History, Recorded
from domain.shared.messages import ProvisionRef, StreamId
from domain.shared.problems import Problem
from domain.shared.provisions import PolicyInForce, ProvisionDraft, ProvisionInForce
from tests.support.small_city import ADOPTION, CHARTER, COUNCIL_DAYS, FIRST_PAPER, basis

pytestmark = pytest.mark.rule("A1")

NOTHING = PolicyInForce(on=date(2007, 1, 1))
MERGED = BodiesChanged(
    bodies=(Body(id="growing-city", name="Growing City Committee", succeeds=("committee",)),),
    abolished=("committee",),
    **basis("2007-01-01"),
)
RENAMED_AGAIN = BodiesChanged(
    bodies=(Body(id="economy", name="Economy Committee", succeeds=("growing-city",)),),
    abolished=("growing-city",),
    **basis("2010-12-01"),
)
SPLIT = BodiesChanged(
    bodies=(
        Body(id="parks", name="Parks Committee", succeeds=("committee",)),
        Body(id="economy", name="Economy Committee", succeeds=("committee",)),
    ),
    abolished=("committee",),
    **basis("2007-01-01"),
)


def first() -> CharterRecorded:
    return CharterRecorded(charter=CHARTER, **basis(FIRST_PAPER))


def after(*events: CharterEvent) -> CharterInForce:
    state: CharterInForce | None = None
    for event in (first(), *events):
        state = evolve(state, event)
    assert state is not None
    return state


def asked(
    state: CharterInForce | None, command: RecordCharter | ChangeBodies
) -> tuple[object, ...]:
    return decide(state, command, NOTHING, basis(command.on)).events


def test_a_charter_is_entered_once() -> None:
    command = RecordCharter(on=FIRST_PAPER, charter=CHARTER)
    assert asked(None, command) == (first(),)
    assert asked(after(), command) == ()


def test_another_edition_takes_the_place_of_the_first_and_what_it_leaves_out_is_no_more() -> None:
    newer = Charter(edition="small-city-2", bodies=CHARTER.bodies[:2], residual_authority="council")
    command = RecordCharter(on=When.parse("2003-01-01"), charter=newer)
    (event,) = asked(after(), command)
    assert event == CharterRecorded(charter=newer, **basis("2003-01-01"))
    assert isinstance(event, CharterRecorded)
    later = after(event)
    assert tuple(later.names()) == ("council", "committee")
    assert later.gone == {"mayor": When.parse("2003-01-01")}
    with pytest.raises(BodyNoMore) as refused:
        require_body(later, "mayor")
    assert refused.value.details == {
        "rule": "A1",
        "body": "mayor",
        "ended": "2003-01-01",
        "successors": (),
    }


def test_a_renamed_body_is_the_same_body() -> None:
    event = BodiesChanged(
        bodies=(Body(id="committee", name="Economic Development Committee"),), **basis("2006-12-01")
    )
    state = after(event)
    assert state.names()["committee"] == "Economic Development Committee"
    assert state.gone == {}
    assert [body.id for body in state.bodies] == ["council", "committee", "mayor"]


def test_a_successor_stands_for_all_whose_place_it_took_however_long_ago() -> None:
    state = after(MERGED, RENAMED_AGAIN)
    assert state.now("committee") == ("economy",)
    assert state.stands_for("economy") == {"economy", "growing-city", "committee"}
    assert state.may_act("economy", ("committee",))
    assert not state.may_act("council", ("committee",))


def test_a_split_body_has_several_successors_and_each_may_act_for_it() -> None:
    state = after(SPLIT)
    assert state.now("committee") == ("parks", "economy")
    assert state.may_act("parks", ("committee",))
    assert state.may_act("economy", ("committee",))


def test_who_succeeds_a_body_that_goes_on_has_no_part_of_it() -> None:
    state = after(SPLIT.model_copy(update={"abolished": ()}))
    assert state.now("committee") == ("committee",)
    assert not state.may_act("parks", ("committee",))


def test_what_belongs_to_nobody_falls_to_the_residual_authority() -> None:
    state = after(BodiesChanged(abolished=("committee",), **basis("2007-01-01")))
    assert state.now("committee") == ()
    assert state.may_act("council", ("committee",))
    assert not state.may_act("mayor", ("committee",))
    assert not state.may_act("council", ("committee", "mayor"))


def test_a_delegate_may_act_for_an_office_and_for_what_that_took_over() -> None:
    manager = Body(id="city-manager", name="City Manager", acts_for=("mayor",))
    state = after(
        BodiesChanged(bodies=(manager,), **basis("2006-01-01")),
        BodiesChanged(
            bodies=(Body(id="head", name="Head of Council", succeeds=("mayor",)),),
            abolished=("mayor",),
            **basis("2008-01-01"),
        ),
    )
    assert state.may_act("city-manager", ("mayor",))
    assert state.may_act("city-manager", ("head",))
    assert not state.may_act("mayor", ("city-manager",))


def test_a_body_set_up_again_acts_for_itself() -> None:
    again = BodiesChanged(bodies=(Body(id="committee", name="Committee"),), **basis("2009-01-01"))
    state = after(MERGED, again)
    assert state.gone == {}
    assert state.now("committee") == ("committee",)
    assert not state.may_act("growing-city", ("committee",))


@pytest.mark.parametrize(
    ("command", "refusal", "figures"),
    [
        (
            ChangeBodies(on=FIRST_PAPER, abolished=("board",)),
            UnknownBody,
            {"body": "board", "known": ("council", "mayor", "growing-city")},
        ),
        (
            ChangeBodies(on=FIRST_PAPER, abolished=("committee",)),
            BodyNoMore,
            {"body": "committee", "ended": "2007-01-01", "successors": ("growing-city",)},
        ),
        (
            ChangeBodies(on=FIRST_PAPER, bodies=(Body(id="b", name="B", succeeds=("nobody",)),)),
            UnknownBody,
            {"body": "nobody"},
        ),
        (
            ChangeBodies(on=FIRST_PAPER, bodies=(Body(id="b", name="B", acts_for=("nobody",)),)),
            UnknownBody,
            {"body": "nobody"},
        ),
        (
            ChangeBodies(on=FIRST_PAPER, abolished=("council",)),
            ResidualAuthorityEnds,
            {"body": "council"},
        ),
        (
            ChangeBodies(on=FIRST_PAPER, bodies=(Body(id="mayor", name="Mayor"),)),
            AlreadyThatBody,
            {"bodies": ("mayor",)},
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    command: ChangeBodies, refusal: type[Problem], figures: dict[str, object]
) -> None:
    with pytest.raises(refusal) as refused:
        asked(after(MERGED), command)
    assert refused.value.details == {**refused.value.details, "rule": "A1", **figures}


def test_no_bodies_are_changed_before_there_is_a_charter() -> None:
    with pytest.raises(UnknownBody) as refused:
        asked(None, ChangeBodies(on=FIRST_PAPER, abolished=("board",)))
    assert refused.value.details == {"rule": "A1", "body": "board", "known": ()}


def test_the_residual_authority_may_pass_to_another_body() -> None:
    command = ChangeBodies(
        on=When.parse("2003-01-01"), abolished=("council",), residual_authority="committee"
    )
    (event,) = asked(after(), command)
    assert isinstance(event, BodiesChanged)
    assert after(event).residual_authority == "committee"


def test_a_change_that_changes_nothing_is_not_written() -> None:
    with pytest.raises(ValueError, match="name `bodies`"):
        ChangeBodies(on=FIRST_PAPER)


def test_a_provision_whose_only_body_ends_is_named() -> None:
    ref = ProvisionRef(address="outbound/2", version=2)
    draft = ProvisionDraft(
        address="outbound/2", heading="D", text="T", terms={"delegation.approver": "committee"}
    )
    in_force = ProvisionInForce(
        ref=ref, draft=draft, effective_from=COUNCIL_DAYS, authority=ADOPTION
    )
    policy = PolicyInForce(on=date(2007, 1, 1), provisions={"outbound/2": in_force})
    command = ChangeBodies(on=When.parse("2007-01-01"), abolished=("committee",))
    (finding,) = decide(after(), command, policy, basis("2007-01-01")).findings
    assert (finding.rule, finding.answer, finding.provision) == ("A1", Answer.ADVISORY, ref)
    assert "outbound/2 names committee (delegation.approver)" in finding.reason
    succeeded = ChangeBodies(
        on=When.parse("2007-01-01"), bodies=MERGED.bodies, abolished=("committee",)
    )
    assert decide(after(), succeeded, policy, basis("2007-01-01")).findings == ()


def test_bodies_are_those_of_the_day_whenever_a_change_was_entered() -> None:
    events: tuple[CharterEvent, ...] = (first(), RENAMED_AGAIN, MERGED)
    entries = tuple(
        Recorded(event, StreamId("charter"), number, number, number)
        for number, event in enumerate(events, start=1)
    )
    history: History[CharterEvent] = History(entries, 3)
    names = {
        day: tuple(charter.names())
        for day in (date(1999, 1, 1), date(2006, 12, 31), date(2007, 1, 1), date(2011, 1, 1))
        if (charter := charter_on(history, day))
    }
    assert names == {
        date(1999, 1, 1): ("council", "committee", "mayor"),
        date(2006, 12, 31): ("council", "committee", "mayor"),
        date(2007, 1, 1): ("council", "mayor", "growing-city"),
        date(2011, 1, 1): ("council", "mayor", "economy"),
    }
