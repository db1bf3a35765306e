"""Why: from a fact back through a small city's matters, in every way a matter may go."""

from __future__ import annotations

from datetime import date
from typing import Any

from application.command_bus import CommandBus
from application.handlers.corrections import HANDLERS as CORRECTIONS
from application.handlers.proceedings import HANDLERS
from domain.corrections import CorrectRecord
from domain.instruments import (
    AdoptProvision,
    AdoptReport,
    ChangeTier,
    ClassifyPartnership,
    ExplorationIntended,
    Explore,
    PartnershipExists,
    ReplaceProvision,
    TargetCity,
)
from domain.proceedings.decisions import DecisionKind
from domain.proceedings.matter import OpenMatter
from domain.proceedings.motions import Add, DeleteAndInsert, MoveMotion, Result, Strike, SubjectTo
from domain.proceedings.papers import HearDeputation, ReceiveCommunication
from domain.shared.dates import When
from domain.shared.log_facts import CommandRecorded
from domain.shared.messages import Command
from domain.shared.provisions import ProvisionDraft
from projections.explanation.account import Role
from projections.explanation.subject import Subject
from tests.support import small_city as city
from tests.support.explained import explained, told
from tests.support.memory_log import MemoryLog, PlainKeys

SINCE_1991 = PartnershipExists(
    city="UA-KIEV", established=When.parse("1991"), description="Friendship Agreement"
)
HISTORICAL = ClassifyPartnership(city="UA-KIEV", classification="Historical")
INTERNATIONAL = ClassifyPartnership(city="UA-KIEV", classification="International")
KIEVS_CLASS = Subject("partnership", "UA-KIEV", "classification", ("Kiev", "Kyiv"))
KIEV = Subject("partnership", "UA-KIEV", None, ("Kiev", "Kyiv"))
OUTBOUND = Subject("provision", "outbound/2")
GUERRERO = Subject("exploration", "guerrero", None, ("Guerrero",))
MADE = (Role.CHANGES, Role.PROPOSES)
EVE, AFTER = date(2001, 12, 3), date(2001, 12, 31)
MEETING = "2001-12-04/2001-12-06"


def recorded(*commands: Command) -> MemoryLog:
    """A log in which the small city recorded this, a commit each."""
    log = MemoryLog()
    command_bus = CommandBus(log, PlainKeys(), {**HANDLERS, **CORRECTIONS})
    city.record(command_bus, *city.FOUNDING, city.OPENED, *commands)
    return log


def letter(asks: str, *about: str, document: str = "letter") -> ReceiveCommunication:
    return ReceiveCommunication(
        on=When.parse("2001-11-15"),
        matter=city.MATTER,
        document=document,
        sender=city.STAFF,
        asks=asks,
        about=about,
    )


def move(motion: str, operation: Any, **more: Any) -> MoveMotion:
    fields: dict[str, Any] = {"on": city.COUNCIL_DAYS, "matter": city.MATTER, "body": "council"}
    fields |= {"motion": motion, "operation": operation, "result": Result.CARRIED, **more}
    return MoveMotion(**fields)


CLASSES = city.submit("report", city.recommendation("report/1", HISTORICAL), states=(SINCE_1991,))


def test_a_class_goes_back_through_the_decision_to_the_report() -> None:
    account = explained(recorded(CLASSES, city.adopt("report/1")), KIEVS_CLASS, AFTER)

    assert (account.candidates, account.determinate) == (("Historical",), True)
    assert told(account, Role.PROPOSES) == [("report", "proposes it")]
    assert told(account, Role.CHANGES) == [
        ("adoption", "decided it"),
        ("partnership-classified", "took effect"),
    ]
    assert told(account, Role.ALLOWS) == [
        ("charter-recorded", "is needed for it (body/council)"),
        ("place-identified", "is needed for it (place/UA-KIEV)"),
        (city.MATTER, "opened the matter"),
        ("partnership-formed", "is needed for it (partnership/UA-KIEV)"),
    ]
    assert account.of(Role.CHANGED_BEFORE, Role.CITES, Role.CORRECTED) == ()


def test_every_step_says_who_recorded_it_when_and_where_it_stands() -> None:
    log = recorded(CLASSES, city.adopt("report/1"))
    account = explained(log, KIEVS_CLASS, AFTER)
    report, decision, effect = account.of(*MADE)
    stored = {e.position: e for e in log.entries()}

    assert [step.number for step in account.steps] == [1, 2, 3, 4, 5, 6, 7]
    assert [str(s.on) for s in (report, decision, effect)] == ["2001-11-07", MEETING, MEETING]
    assert [s.actor for s in (report, decision, effect)] == ["a clerk"] * 3
    assert [s.command for s in (report, decision, effect)] == [
        "meeting/submit-report/2001-12-4/report",
        "meeting/decide/2001-12-4/adoption",
        "meeting/decide/2001-12-4/adoption",
    ]
    for step in (report, decision, effect):
        entry = stored[step.position]
        assert (step.stream, step.version) == (entry.stream, entry.version)
        assert step.recorded_at == entry.recorded_at
        assert not isinstance(entry.event, CommandRecorded)


def test_a_motion_that_carried_on_what_was_not_adopted_changed_nothing() -> None:
    report = city.submit(
        "report",
        city.recommendation("report/1", HISTORICAL),
        city.recommendation("report/2", HISTORICAL),
        states=(SINCE_1991,),
    )
    strike = Strike(target="recommendation/report/2", words="That ", instruments="unchanged")
    once = Strike(target="recommendation/report/1", words="That ", instruments="unchanged")
    adopting = city.decide("adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=("report/1",))
    log = recorded(report, move("on-the-second", strike), move("on-the-first", once), adopting)
    account = explained(log, KIEVS_CLASS, AFTER)

    assert told(account, *MADE) == [
        ("report", "proposes it"),
        ("on-the-first", "amended the recommendation that proposes it"),
        ("adoption", "decided it"),
        ("partnership-classified", "took effect"),
    ]
    assert told(account, Role.CITES) == [
        (
            "on-the-second",
            "would have amended the recommendation that proposes it; carried, and not adopted",
        )
    ]


def test_a_report_that_recommends_its_own_adoption_is_explained_like_another() -> None:
    itself = city.recommendation("report/1", AdoptReport(document="report"))
    report = city.submit(
        "report", itself, city.recommendation("report/2", HISTORICAL), states=(SINCE_1991,)
    )
    account = explained(recorded(report, city.adopt("report/1")), KIEVS_CLASS, AFTER)

    assert told(account, *MADE) == [
        ("report", "proposes it"),
        ("adoption", "decided it"),
        ("partnership-classified", "took effect"),
    ]


def test_the_findings_on_the_subject_come_with_the_decision_and_no_others() -> None:
    milan = ClassifyPartnership(city="IT-MILAN", classification="Historical")
    exists = SINCE_1991.model_copy(update={"city": "IT-MILAN"})
    report = city.submit(
        "report", city.recommendation("report/1", HISTORICAL, milan), states=(SINCE_1991, exists)
    )
    account = explained(recorded(report, city.adopt("report/1")), KIEVS_CLASS, AFTER)
    decision = next(step for step in account.steps if step.kind == "decision")

    assert [(f.rule, f.reason) for f in decision.findings] == [
        ("C3", "Kiev: the source gives no reason")
    ]
    assert decision.rules == ("C3",)


def test_before_the_decision_nothing_is_so_and_the_proposal_is_shown() -> None:
    account = explained(recorded(CLASSES, city.adopt("report/1")), KIEVS_CLASS, EVE)

    assert (account.candidates, account.determinate) == ((None,), True)
    assert account.proposed == ("Historical (report/1)",)
    assert told(account, Role.PROPOSES) == [("report", "proposes it")]
    assert account.of(Role.CHANGES) == ()


def test_between_the_days_of_a_meeting_both_answers_are_candidates() -> None:
    account = explained(recorded(CLASSES, city.adopt("report/1")), KIEVS_CLASS, date(2001, 12, 5))

    assert (account.candidates, account.determinate) == ((None, "Historical"), False)


def test_what_is_not_known_yet_is_not_told() -> None:
    log = recorded(CLASSES, city.adopt("report/1"))
    before = next(e.position for e in log.entries() if "adoption" in e.stream) - 1

    account = explained(log, KIEVS_CLASS, AFTER, known=before)

    assert account.candidates == (None,)
    assert told(account, Role.PROPOSES) == [("report", "proposes it")]


def test_a_proposal_that_came_to_nothing_changed_nothing() -> None:
    rejected = city.decide("rejection", DecisionKind.REJECT)
    account = explained(recorded(CLASSES, rejected), KIEVS_CLASS, AFTER)

    assert account.candidates == (None,)
    assert account.of(Role.CHANGES) == ()
    assert told(account, Role.PROPOSES) == [("report", "proposes it")]
    assert told(account, Role.CITES) == [("rejection", "rejected the matter")]


def test_an_effect_to_come_is_decided_and_has_not_changed_anything_yet() -> None:
    later = city.adopt("report/1", effective_from=When.parse("2003-01-01"))
    log = recorded(CLASSES, later)

    assert told(explained(log, KIEVS_CLASS, AFTER), Role.PROPOSES) == [
        ("report", "proposes it"),
        ("adoption", "decided it"),
    ]
    assert explained(log, KIEVS_CLASS, date(2003, 1, 1)).candidates == ("Historical",)


def test_a_partnership_that_a_report_states_goes_back_to_that_report() -> None:
    account = explained(recorded(CLASSES), KIEV, AFTER)

    assert account.candidates == (
        {"established": "1991", "description": "Friendship Agreement", "classification": None},
    )
    assert told(account, *MADE) == [
        ("report", "states it"),
        ("partnership-formed", "took effect"),
    ]


def test_letters_and_those_who_appear_are_cited_by_what_they_are_about() -> None:
    log = recorded(
        CLASSES,
        letter("Make it Gamma.", "partnership/UA-KIEV"),
        letter("Make it Beta.", "Kyiv", document="second-letter"),
        letter("Think of Milan.", "IT-MILAN", document="third-letter"),
        HearDeputation(
            on=city.COMMITTEE_DAY,
            matter=city.MATTER,
            deputation="speaker",
            body="committee",
            speaker=city.STAFF,
            about=("UA-KIEV",),
        ),
        city.adopt("report/1"),
    )
    account = explained(log, KIEVS_CLASS, AFTER)

    assert told(account, Role.CITES) == [
        ("letter", "concerns it"),
        ("second-letter", "concerns it"),
        ("speaker", "concerns it"),
    ]
    assert not any(step.by_name for step in account.steps)


def test_a_name_in_the_text_is_the_last_resort_and_is_marked() -> None:
    log = recorded(
        CLASSES,
        letter("Remember our friends in Kyiv."),
        letter("Chicken Kievskaya is no city.", document="recipe"),
        city.adopt("report/1"),
    )
    (cited,) = explained(log, KIEVS_CLASS, AFTER).of(Role.CITES)

    assert (cited.item, cited.relation, cited.by_name) == ("letter", "names it", True)


def test_a_paper_that_prompted_a_motion_on_the_city_is_cited_for_that() -> None:
    gamma = SubjectTo(
        target="report",
        change="Show it as Gamma.",
        instruments=(ChangeTier(city="UA-KIEV", tier="Gamma"),),
    )
    log = recorded(
        CLASSES, letter("A wish."), move("gamma", gamma, prompted_by=("letter",), body="committee")
    )
    account = explained(log, KIEVS_CLASS, AFTER)

    assert told(account, Role.CITES) == [
        ("letter", "prompted the motion gamma"),
        ("gamma", "concerns it"),
    ]
    assert [step.rules for step in account.steps if step.kind == "motion"] == [("W1",)]


def test_a_motion_that_drops_what_concerned_the_city_concerns_it_too() -> None:
    conditional = city.recommendation(
        "committee/1",
        AdoptReport(document="report"),
        ChangeTier(city="UA-KIEV", tier="Gamma"),
        text="Adopt the report, with Kiev as Gamma.",
    )
    strike = Strike(
        target="recommendation/committee/1",
        words=", with Kiev as Gamma",
        instruments=(AdoptReport(document="report"),),
    )
    log = recorded(
        CLASSES,
        city.decide(
            "recommendation",
            DecisionKind.RECOMMEND,
            on=city.COMMITTEE_DAY,
            body="committee",
            recommends=(conditional,),
        ),
        move("strike", strike),
        city.decide("adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=("committee/1",)),
    )
    account = explained(log, KIEVS_CLASS, AFTER)

    assert told(account, *MADE) == [
        ("report", "proposes it"),
        ("recommendation", "recommended it"),
        ("strike", "amended the recommendation that proposes it"),
        ("adoption", "decided it"),
        ("partnership-classified", "took effect"),
    ]


def test_a_provision_goes_back_through_the_motion_that_replaced_it() -> None:
    insert = DeleteAndInsert(
        target="provision/outbound/2",
        text="Council approves the delegation.",
        terms={"delegation.approver": "council"},
    )
    log = recorded(
        city.POLICY,
        move("insert", insert),
        city.decide(
            "adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=("report/1", "report/2", "report/3")
        ),
    )
    account = explained(log, OUTBOUND, AFTER)

    assert told(account, *MADE) == [
        ("report", "proposes it"),
        ("insert", "amended it"),
        ("adoption", "decided it"),
        ("provision-adopted", "took effect"),
    ]
    report, insert_, _, adopted = account.of(*MADE)
    assert (report.role, report.passages) == (Role.PROPOSES, (city.DELEGATION.text,))
    assert insert_.role is Role.CHANGES
    assert insert_.passages == ("Council approves the delegation.",)
    assert [str(ref) for ref in adopted.provisions] == ["outbound/2 (version 1)"]


def test_a_proposal_reads_as_the_last_motion_left_it() -> None:
    insert = DeleteAndInsert(
        target="provision/outbound/2",
        text="Council approves the delegation.",
        terms={"delegation.approver": "council"},
    )
    account = explained(recorded(city.POLICY, move("insert", insert)), OUTBOUND, AFTER)

    assert account.proposed == ("Council approves the delegation. (insert)",)


def test_a_motion_that_was_lost_changed_nothing_and_is_cited_with_its_end() -> None:
    insert = DeleteAndInsert(target="provision/outbound/2", text="Nobody goes.", terms={})
    log = recorded(
        city.POLICY,
        move("insert", insert, result=Result.LOST),
        city.adopt("report/1", "report/2", "report/3"),
    )
    (cited,) = explained(log, OUTBOUND, AFTER).of(Role.CITES)

    assert (cited.item, cited.relation, cited.result) == (
        "insert",
        "would have amended it; lost",
        "lost",
    )


def test_a_later_amendment_is_told_after_the_adoption_with_its_own_matter() -> None:
    replace = ReplaceProvision(
        address="outbound/2", text="The Chair selects.", terms={"delegation.selector": "mayor"}
    )
    log = recorded(
        city.POLICY,
        city.adopt("report/1", "report/2", "report/3"),
        OpenMatter(on=city.LATER, matter="2002-3-1", title="Delegations"),
        city.decide(
            "amendment",
            DecisionKind.ADOPT,
            on=city.LATER,
            matter="2002-3-1",
            instruments=(replace,),
        ),
    )
    account = explained(log, OUTBOUND, date(2002, 12, 31))

    assert [(s.matter, s.item, s.role) for s in account.steps if s.role is not Role.ALLOWS] == [
        (city.MATTER, "report", Role.PROPOSES),
        (city.MATTER, "adoption", Role.CHANGED_BEFORE),
        (city.MATTER, "provision-adopted", Role.CHANGED_BEFORE),
        ("2002-3-1", "amendment", Role.CHANGES),
        ("2002-3-1", "provision-amended", Role.CHANGES),
    ]
    assert explained(log, OUTBOUND, AFTER).steps[-1].item == "provision-adopted"


def test_an_exploration_is_told_from_the_report_that_a_motion_added() -> None:
    explore = Explore(subject="guerrero", name="Guerrero", report_back=True)
    log = recorded(
        city.submit("report"),
        city.submit("further-report", city.recommendation("further-report/1", explore)),
        move(
            "add",
            Add(
                recommendation=city.recommendation(
                    "council/1", AdoptReport(document="further-report")
                )
            ),
        ),
        city.decide("adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=("council/1",)),
    )
    account = explained(log, GUERRERO, AFTER)

    assert account.candidates == ({"basis": "directed", "report_owed": True},)
    assert told(account, *MADE) == [
        ("further-report", "proposes it"),
        ("add", "added the recommendation that proposes it"),
        ("adoption", "decided it"),
        ("exploration-directed", "took effect"),
    ]


def test_what_staff_state_of_an_exploration_goes_back_to_their_report() -> None:
    intended = ExplorationIntended(subject="guerrero", name="Guerrero")
    account = explained(recorded(city.submit("report", states=(intended,))), GUERRERO, AFTER)

    assert account.candidates == ({"basis": "stated", "report_owed": False},)
    assert told(account, *MADE) == [
        ("report", "states it"),
        ("exploration-stated", "took effect"),
    ]


def test_a_targeted_city_is_explained_apart_from_partnerships() -> None:
    report = city.submit("report", city.recommendation("report/1", TargetCity(city="IT-MILAN")))
    log = recorded(report, city.adopt("report/1"))

    account = explained(log, Subject("targeted", "IT-MILAN", None, ("Milan",)), AFTER)
    assert account.candidates == (True,)
    assert told(account, *MADE)[-1] == ("city-targeted", "took effect")

    other = explained(log, Subject("partnership", "IT-MILAN", None, ("Milan",)), AFTER)
    assert other.candidates == (None,)
    assert told(other, Role.CITES) == [("report", "concerns it")]


def test_a_decision_goes_back_to_all_that_was_before_the_body() -> None:
    log = recorded(
        CLASSES,
        letter("A wish."),
        move("add", Add(recommendation=city.recommendation("council/1"))),
        city.decide("adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=("report/1", "council/1")),
    )
    account = explained(log, Subject("decision", f"{city.MATTER}/adoption"), AFTER)

    assert account.candidates == ("adopt as amended (council)",)
    assert told(account, *MADE) == [
        ("report", "has a recommendation that it decides on"),
        ("add", "added a recommendation that it decides on"),
        ("adoption", "is it"),
    ]
    assert told(account, Role.CITES) == [("letter", "was before the bodies")]


def test_a_mistake_is_told_beside_its_correction() -> None:
    correction = CorrectRecord(
        on=city.LATER,
        stream="partnership/UA-KIEV",
        version=2,
        reason="misread",
        authority="clerk",
        changed={"classification": "International"},
    )
    log = recorded(CLASSES, city.adopt("report/1"), correction)
    account = explained(log, KIEVS_CLASS, AFTER)

    assert account.candidates == ("International",)
    (mistake,) = account.of(Role.CORRECTED)
    assert (mistake.version, mistake.relation) == (2, "corrected: misread")
    (corrected,) = [s for s in account.of(Role.CHANGES) if s.correction]
    assert (corrected.version, corrected.relation) == (3, "corrected it")
    assert corrected.command == "meeting/correct-record/partnership/UA-KIEV/2"

    before = explained(log, KIEVS_CLASS, AFTER, known=mistake.position)
    assert before.candidates == ("Historical",)
    assert before.of(Role.CORRECTED) == ()


def test_a_provision_that_two_matters_propose_is_told_of_the_one_that_was_adopted() -> None:
    other = ProvisionDraft(address="outbound/2", heading="Delegation", text="No delegation.")
    log = recorded(
        city.POLICY,
        OpenMatter(on=city.FIRST_PAPER, matter="2001-11-1", title="Another"),
        city.submit(
            "rival",
            city.recommendation("rival/1", AdoptProvision(draft=other)),
            matter="2001-11-1",
        ),
        city.adopt("report/1", "report/2", "report/3"),
    )
    account = explained(log, OUTBOUND, AFTER)

    assert told(account, Role.PROPOSES) == [("report", "proposes it"), ("rival", "proposes it")]
    assert account.proposed == ("No delegation. (rival/1)",)
    assert told(account, Role.CHANGES) == [
        ("adoption", "decided it"),
        ("provision-adopted", "took effect"),
    ]
