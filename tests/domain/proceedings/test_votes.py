"""Votes whose figures do not tell all, and votes in words (rules V1, V2)."""

from __future__ import annotations

import pytest

from domain.proceedings.votes import (
    Cast,
    Counted,
    Method,
    NamedTwice,
    NamesAndFigureDiffer,
    ResultNotFromFigures,
    Vote,
    judge_vote,
    vote_carries,
    vote_in_words,
)
from domain.shared.findings import Answer
from domain.shared.majorities import CountedOf, Majority
from domain.shared.problems import Refusal


@pytest.mark.rule("V1")
@pytest.mark.parametrize(
    ("vote", "carried"),
    [
        (Vote(), None),
        (Vote(in_favour=3), None),
        (Vote(against=3), None),
        (Vote(against=0), True),
        (Vote(against=1, needed=Majority.UNANIMOUS), False),
        (Vote(against=0, of=CountedOf.PRESENT), None),
        (Vote(in_favour=3, against=1, of=CountedOf.PRESENT), None),
        (Vote(in_favour=3, against=4, of=CountedOf.PRESENT), False),
        (Vote(in_favour=3, against=1, abstaining=1, of=CountedOf.PRESENT), True),
        (Vote(in_favour=3, against=1, abstaining=1, of=CountedOf.MEMBERS), None),
        (Vote(in_favour=3, against=1, abstaining=1, absent=1, of=CountedOf.MEMBERS), False),
        (Vote(in_favour=4, against=1, members=7, of=CountedOf.MEMBERS), True),
        (Vote(in_favour=0, against=0), False),
        (Vote(in_favour=0, against=0, needed=Majority.UNANIMOUS), False),
        (Vote(in_favour=("A", "B"), against=Counted(count=1, names=("C",))), True),
    ],
)
def test_figures_tell_as_much_as_they_can(vote: Vote, carried: bool | None) -> None:
    assert vote_carries(vote) is carried


@pytest.mark.rule("V1")
def test_a_result_that_does_not_follow_is_refused_with_the_figures() -> None:
    with pytest.raises(ResultNotFromFigures) as raised:
        judge_vote(
            Vote(in_favour=19, against=10, needed=Majority.TWO_THIRDS), "m", "carried", carried=True
        )
    assert raised.value.details == {
        "rule": "V1",
        "of": "m",
        "result": "carried",
        "in_favour": 19,
        "against": 10,
        "needed": "two thirds of voting",
        "instead": "lost",
    }


@pytest.mark.rule("V2")
@pytest.mark.parametrize(
    ("vote", "refusal"),
    [
        (Vote(in_favour=("A",), absent=("A",)), NamedTwice),
        (Vote(in_favour=("A", "A")), NamedTwice),
        (Vote(abstaining=Counted(count=2, names=("A",))), NamesAndFigureDiffer),
    ],
)
def test_names_agree_with_themselves_and_with_the_figure(
    vote: Vote, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        judge_vote(vote, "m", "carried", carried=True)
    found = judge_vote(
        vote.model_copy(update={"papers_differ": "They do."}), "m", "carried", carried=True
    )
    assert [(f.rule, f.answer) for f in found] == [("V1", Answer.ADVISORY), ("V2", Answer.NOT_MET)]


def test_what_is_not_voted_on_has_no_findings() -> None:
    assert judge_vote(None, "m", "carried", carried=True) == ()
    assert judge_vote(Vote(in_favour=2, against=1), "m", "carried", carried=True) == ()


def test_a_vote_in_words_has_method_figures_majority_and_tie() -> None:
    vote = Vote(
        method=Method.SHOW_OF_HANDS,
        in_favour=4,
        against=4,
        absent=1,
        needed=Majority.SIMPLE,
        of=CountedOf.PRESENT,
        casting=Cast.AGAINST,
    )
    assert vote_in_words(vote) == (
        "show of hands, 4 in favour, 4 against, 1 absent, simple of present needed, a tie, "
        "casting vote against"
    )
    assert vote_in_words(Vote()) == ""
