"""Why, of a motion: what was before it, and what became of its change in later motions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from application.command_bus import CommandBus
from application.handlers.proceedings import HANDLERS
from domain.instruments import AdoptReport, ChangeTier
from domain.proceedings.decisions import DecisionKind
from domain.proceedings.motions import (
    Add,
    Amend,
    Delete,
    DeleteAndInsert,
    DisposeOfMotion,
    MoveMotion,
    Result,
    Strike,
    SubjectTo,
    Substitute,
)
from domain.shared.messages import Command
from domain.shared.text_changes import AddWords, ReplaceWords
from projections.explanation.account import Account, Role
from projections.explanation.subject import Subject
from tests.support import small_city as city
from tests.support.explained import explained, told
from tests.support.memory_log import MemoryLog, PlainKeys

AFTER = date(2001, 12, 31)
GAMMA = ChangeTier(city="UA-KIEV", tier="Gamma")
OUTBOUND = "provision/outbound/2"
ALL = ("report/1", "report/2", "report/3")
AS_AMENDED = city.decide("adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=ALL)


def asked(motion: str, *commands: Command) -> Account:
    """The account of a motion of the small city's matter."""
    log = MemoryLog()
    command_bus = CommandBus(log, PlainKeys(), HANDLERS)
    city.record(command_bus, *city.FOUNDING, city.OPENED, *commands)
    return explained(log, Subject("motion", f"{city.MATTER}/{motion}"), AFTER)


def move(motion: str, operation: Any, **more: Any) -> MoveMotion:
    fields: dict[str, Any] = {"on": city.COUNCIL_DAYS, "matter": city.MATTER, "body": "council"}
    fields |= {"motion": motion, "operation": operation, "result": Result.CARRIED, **more}
    return MoveMotion(**fields)


def inserting(text: str) -> DeleteAndInsert:
    return DeleteAndInsert(target=OUTBOUND, text=text, terms="unchanged")


def adding(words: str, target: str = "recommendation/report/3") -> Amend:
    return Amend(target=target, changes=(AddWords(words=words),), instruments="unchanged")


def striking(words: str, target: str = "recommendation/report/3") -> Strike:
    return Strike(target=target, words=words, instruments="unchanged")


def later(account: Account) -> list[tuple[str, str]]:
    return told(account, Role.FOLLOWED)


CONDITION = move(
    "condition",
    SubjectTo(target="report", change="Kiev is to be Gamma.", instruments=(GAMMA,)),
    on=city.COMMITTEE_DAY,
    body="committee",
)


def recommended(*acts: Any) -> Command:
    one = city.recommendation("committee/1", *acts, text="Adopt it, and make Kiev Gamma.")
    fields: dict[str, Any] = {"on": city.COMMITTEE_DAY, "body": "committee", "recommends": (one,)}
    return city.decide("recommendation", DecisionKind.RECOMMEND, **fields)


STRUCK = Strike(
    target="recommendation/committee/1",
    words=", and make Kiev Gamma",
    instruments=(AdoptReport(document="report"),),
)
ADOPTS_IT = city.decide("adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=("committee/1",))


def test_a_condition_that_council_strikes_is_not_adopted() -> None:
    both = (AdoptReport(document="report"), GAMMA)
    story = (city.POLICY, CONDITION, recommended(*both), move("strike", STRUCK), ADOPTS_IT)

    assert later(asked("condition", *story)) == [
        ("recommendation", "recommended the text with its change"),
        ("strike", "struck its change"),
        ("adoption", "adopted the text without its change: strike struck its change"),
    ]
    strike = asked("strike", *story)
    assert told(strike, Role.PROPOSES) == [
        ("recommendation", "recommended the text that it changes")
    ]
    assert ("condition", "asked for the change that it struck") in told(strike, Role.ALLOWS)
    assert later(strike) == [("adoption", "adopted the text with its change")]


def test_a_condition_that_stays_in_the_recommendation_is_adopted() -> None:
    both = (AdoptReport(document="report"), GAMMA)
    adopts = city.adopt("committee/1")

    assert later(asked("condition", city.POLICY, CONDITION, recommended(*both), adopts)) == [
        ("recommendation", "recommended the text with its change"),
        ("adoption", "adopted the text with its change"),
    ]


def test_a_condition_that_no_recommendation_takes_up_is_not_adopted() -> None:
    bare = recommended(AdoptReport(document="report"))

    account = asked("condition", city.POLICY, CONDITION, bare, city.adopt("committee/1"))
    assert later(account) == [
        ("recommendation", "recommended the text without its change"),
        ("adoption", "adopted the text without its change"),
    ]


def test_a_condition_in_words_alone_is_read_as_the_last_motion_left_it() -> None:
    words = move(
        "condition",
        SubjectTo(target="report", change="A longer list."),
        on=city.COMMITTEE_DAY,
        body="committee",
    )
    act = AdoptReport(document="report")
    story = (city.POLICY, words, recommended(act), move("strike", STRUCK), ADOPTS_IT)

    assert later(asked("condition", *story)) == [
        ("recommendation", "recommended the text with its change"),
        ("strike", "changed the text that has its change"),
        ("adoption", "adopted the text as strike left it"),
    ]


@pytest.mark.parametrize(
    ("then", "did"),
    [
        (inserting("The Clerk selects it."), "put another text in its place"),
        (Delete(target=OUTBOUND), "deleted the text"),
    ],
)
def test_a_motion_on_a_provision_may_be_replaced_or_deleted(then: Any, did: str) -> None:
    first = move("first", inserting("Council selects the delegation."))

    account = asked("first", city.POLICY, first, move("then", then), AS_AMENDED)
    assert later(account) == [
        ("then", did),
        ("adoption", f"adopted the text without its change: then {did}"),
    ]


def test_a_motion_on_another_provision_is_no_part_of_its_story() -> None:
    purpose = DeleteAndInsert(target="provision/purpose", text="To trade.")
    first = move("first", inserting("Council selects the delegation."))

    account = asked("first", city.POLICY, first, move("other", purpose), AS_AMENDED)
    assert "other" not in {step.item for step in account.steps}
    assert later(account) == [("adoption", "adopted the text with its change")]


def test_words_put_in_and_struck_again_are_not_adopted() -> None:
    story = (
        city.POLICY,
        move("put-in", adding(" By May.")),
        move("in-part", adding(" Soon.")),
        move("strike", striking(" By May.")),
        AS_AMENDED,
    )
    struck = "struck the words that it had put in"

    assert later(asked("put-in", *story)) == [
        ("in-part", "changed the same text"),
        ("strike", struck),
        ("adoption", f"adopted the text without its change: strike {struck}"),
    ]
    in_part = asked("in-part", *story)
    assert told(in_part, Role.PROPOSES) == [
        ("report", "recommends the text that it changes"),
        ("put-in", "changed the same text"),
    ]
    assert later(in_part) == [
        ("strike", "changed the same text"),
        ("adoption", "adopted the text with its change"),
    ]


def test_words_struck_and_put_back_are_adopted_as_they_were() -> None:
    back = move("back", adding(" be done."))
    story = (city.POLICY, move("strike", striking(" be done.")), back, AS_AMENDED)
    did = "put back the words that it had struck"

    assert later(asked("strike", *story)) == [
        ("back", did),
        ("adoption", f"adopted the text without its change: back {did}"),
    ]


def test_a_recommendation_added_and_replaced_is_not_adopted() -> None:
    put = (city.recommendation("council/2", text="Wait."),)
    other = Substitute(targets=("recommendation/council/1",), recommendations=put)
    story = (
        city.POLICY,
        move("add", Add(recommendation=city.recommendation("council/1"))),
        move("other", other),
        city.decide("adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=(*ALL, "council/2")),
    )
    did = "put another text in its place"

    assert later(asked("add", *story)) == [
        ("other", did),
        ("adoption", f"adopted the text without its change: other {did}"),
    ]
    substitute = asked("other", *story)
    assert told(substitute, Role.PROPOSES) == [("add", "put in the text that it changes")]
    assert later(substitute) == [("adoption", "adopted the text that it put in")]


def test_a_deleted_recommendation_is_not_among_what_is_adopted() -> None:
    delete = move("delete", Delete(target="recommendation/report/3"))
    adopts = city.decide("adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=ALL[:2])

    assert later(asked("delete", city.POLICY, delete, adopts)) == [
        ("adoption", "adopted the rest, without the text that it deleted")
    ]


def test_a_motion_that_was_lost_is_not_in_what_was_adopted() -> None:
    lost = move("lost", adding(" By May."), result=Result.LOST)

    assert later(asked("lost", city.POLICY, lost, city.adopt(*ALL))) == [
        ("adoption", "adopted the text without its change")
    ]


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (Result.CARRIED, "adopted the text with its change"),
        (Result.LOST, "adopted the text without its change: pending was lost"),
    ],
)
def test_an_amendment_of_a_pending_motion_goes_the_way_of_that_motion(
    result: Result, said: str
) -> None:
    pending = move("pending", adding(" By May."), result=None)
    amendment = Amend(target="motion/pending", changes=(ReplaceWords(words="May", by="June"),))
    voted = DisposeOfMotion(
        on=city.COUNCIL_DAYS, matter=city.MATTER, motion="pending", body="council", result=result
    )
    kind = DecisionKind.ADOPT_AS_AMENDED if result is Result.CARRIED else DecisionKind.ADOPT
    adopts = city.decide("adoption", kind, adopts=ALL)

    account = asked("amending", city.POLICY, pending, move("amending", amendment), voted, adopts)
    assert told(account, Role.PROPOSES) == [
        ("report", "recommends the text that it changes"),
        ("pending", "is the motion that it amends"),
    ]
    assert later(account) == [("pending", "the vote on it"), ("adoption", said)]


def test_an_amendment_of_a_pending_motion_may_be_struck_with_its_words() -> None:
    pending = move("pending", adding(" By May."), result=None)
    amendment = Amend(target="motion/pending", changes=(ReplaceWords(words="May", by="June"),))
    voted = DisposeOfMotion(
        on=city.COUNCIL_DAYS,
        matter=city.MATTER,
        motion="pending",
        body="council",
        result=Result.CARRIED,
    )
    story = (city.POLICY, pending, move("amending", amendment), voted)
    strike = move("strike", striking(" By June."))
    did = "struck the words that it had put in"

    assert later(asked("amending", *story, strike, AS_AMENDED)) == [
        ("pending", "the vote on it"),
        ("strike", did),
        ("adoption", f"adopted the text without its change: strike {did}"),
    ]


def test_two_motions_on_one_provision_in_force() -> None:
    """The second replaces what the first put in its place; both are adopted in order."""
    later_matter = {"matter": "2002-3-1", "on": city.LATER}
    purpose = "provision/purpose"
    first = move("first", DeleteAndInsert(target=purpose, text="To trade."), **later_matter)
    then = move("then", DeleteAndInsert(target=purpose, text="To learn."), **later_matter)
    opened = city.OPENED.model_copy(update={"matter": "2002-3-1", "on": city.LATER})
    report = city.submit("again", city.recommendation("again/1"), **later_matter)
    adopts = city.decide(
        "later-adoption",
        DecisionKind.ADOPT_AS_AMENDED,
        adopts=("again/1", "motion/first", "motion/then"),
        **later_matter,
    )
    log = MemoryLog()
    command_bus = CommandBus(log, PlainKeys(), HANDLERS)
    commands = (city.POLICY, city.adopt(*ALL), opened, report, first, then, adopts)
    city.record(command_bus, *city.FOUNDING, city.OPENED, *commands)

    account = explained(log, Subject("motion", "2002-3-1/first"), date(2002, 12, 31))
    did = "put another text in its place"
    assert later(account) == [
        ("then", did),
        ("later-adoption", f"adopted the text without its change: then {did}"),
    ]
