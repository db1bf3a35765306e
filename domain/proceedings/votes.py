"""Votes: method, figures and names, the majority that is needed, and what follows from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any

from pydantic import Field

from domain.shared.findings import Answer, Finding
from domain.shared.majorities import CountedOf, Majority
from domain.shared.messages import ProvisionRef, Value
from domain.shared.problems import Refusal


class Method(StrEnum):
    """The way in which a vote is taken."""

    RECORDED = "recorded"
    SHOW_OF_HANDS = "show of hands"
    VOICE = "voice"
    ROLL_CALL = "roll call"
    BALLOT = "ballot"
    CONSENT = "general consent"


class Cast(StrEnum):
    """The side on which the chair breaks a tie."""

    IN_FAVOUR = "in favour"
    AGAINST = "against"


MemberName = Annotated[str, Field(min_length=1)]
Figure = Annotated[int, Field(ge=0)]


class Counted(Value):
    """One side of a vote with its figure and its names, as the papers print both."""

    count: Figure
    names: tuple[MemberName, ...] = Field(min_length=1)


Side = Figure | tuple[MemberName, ...] | Counted
"""One side of a vote: a figure, the names, or both."""


class Vote(Value):
    """A vote on one question. A side of which the papers say nothing is left out.

    The sides are counted before a casting vote; `members` is how many the body has. `papers_differ`
    says in the clerk's words where the papers disagree on the vote.
    """

    method: Method | None = None
    in_favour: Side | None = None
    against: Side | None = None
    abstaining: Side | None = None
    absent: Side | None = None
    members: Annotated[int, Field(ge=1)] | None = None
    needed: Majority = Majority.SIMPLE
    of: CountedOf = CountedOf.VOTING
    casting: Cast | None = None
    cast_by: MemberName | None = None
    papers_differ: Annotated[str, Field(min_length=1)] | None = None


class ResultNotFromFigures(Refusal):
    """The result that is entered does not follow from the figures of the vote."""

    rule = "V1"
    provision: ProvisionRef | None = None
    of: str
    result: str
    in_favour: int | None
    against: int | None
    needed: str
    instead: str


class NoTie(Refusal):
    """There is no tie for a casting vote to break: the figures are not equal."""

    rule = "V1"
    of: str
    in_favour: int | None
    against: int | None


class NamesAndFigureDiffer(Refusal):
    """A side of the vote has another number of names than its figure says."""

    rule = "V2"
    of: str
    side: str
    count: int
    names: int


class NamedTwice(Refusal):
    """A member is named more than once in one vote."""

    rule = "V2"
    of: str
    members: tuple[str, ...]


class MoreThanMembers(Refusal):
    """The sides of the vote together have more votes than the body has members."""

    rule = "V2"
    of: str
    counted: int
    members: int


def votes_on_side(side: Side | None) -> int | None:
    """Return how many are on a side; `None` where the papers do not say."""
    match side:
        case Counted(count=count):
            return count
        case tuple():
            return len(side)
        case _:
            return side


def members_on_side(side: Side | None) -> tuple[str, ...]:
    """Return the members named on a side."""
    match side:
        case Counted(names=names):
            return names
        case tuple():
            return side
        case _:
            return ()


def vote_carries(vote: Vote) -> bool | None:
    """True if the question carries by its figures; `None` where they do not tell."""
    in_favour, against = votes_on_side(vote.in_favour), votes_on_side(vote.against)
    if in_favour is None:
        return _by_those_against(vote, against)
    whole, known = _whole(vote, in_favour, against)
    if vote.casting and in_favour == against:
        in_favour += vote.casting is Cast.IN_FAVOUR
        whole += vote.of is not CountedOf.MEMBERS
    if not _reaches(vote.needed, in_favour, whole):
        return False
    return True if known else None


def _by_those_against(vote: Vote, against: int | None) -> bool | None:
    """Tell by the votes against alone: true where there are none, `None` where that does not tell.

    Any vote against refuses a question that must be unanimous.
    """
    if against == 0 and vote.of is CountedOf.VOTING:
        return True
    return False if against and vote.needed is Majority.UNANIMOUS else None


def _whole(vote: Vote, in_favour: int, against: int | None) -> tuple[int, bool]:
    """Return the number of which the majority is a share, and whether all of it is known."""
    counted = [against]
    if vote.of is not CountedOf.VOTING:
        counted.append(votes_on_side(vote.abstaining))
    if vote.of is CountedOf.MEMBERS:
        if vote.members is not None:
            return vote.members, True
        counted.append(votes_on_side(vote.absent))
    return in_favour + sum(n or 0 for n in counted), None not in counted


_SHARE = {
    Majority.THREE_FIFTHS: Fraction(3, 5),
    Majority.TWO_THIRDS: Fraction(2, 3),
    Majority.THREE_QUARTERS: Fraction(3, 4),
    Majority.UNANIMOUS: Fraction(1),
}


def _reaches(needed: Majority, in_favour: int, whole: int) -> bool:
    if needed is Majority.SIMPLE:
        return 2 * in_favour > whole
    return in_favour > 0 and in_favour >= _SHARE[needed] * whole


def judge_vote(
    vote: Vote | None,
    of: str,
    result: str,
    *,
    carried: bool,
    provision: ProvisionRef | None = None,
) -> tuple[Finding, ...]:
    """Apply rules V1 and V2 to a vote and the result that is entered of it.

    `of` names the motion or decision, `provision` the one that says which majority it needs. Where
    the clerk says that the papers differ, findings say what would otherwise be a refusal.
    """
    if vote is None:
        return ()
    refusals = tuple(_refusals(vote, of, result, carried, provision))
    if vote.papers_differ is None:
        for refusal in refusals:
            raise refusal
        return ()
    said = Finding(rule="V1", answer=Answer.ADVISORY, reason=f"papers differ: {vote.papers_differ}")
    return (said, *(_differing(refusal) for refusal in refusals))


def _differing(refusal: Refusal) -> Finding:
    figures = "; ".join(
        f"{n} {v}" for n, v in refusal.details.items() if n not in ("rule", "of", "provision")
    )
    reason = f"{refusal.title} ({figures})"
    return Finding(
        rule=refusal.rule, answer=Answer.NOT_MET, reason=reason, provision=refusal.by_provision
    )


def _refusals(
    vote: Vote, of: str, result: str, carried: bool, provision: ProvisionRef | None
) -> Iterator[Refusal]:
    sides = {
        "in favour": vote.in_favour,
        "against": vote.against,
        "abstaining": vote.abstaining,
        "absent": vote.absent,
    }
    for name, side in sides.items():
        if isinstance(side, Counted) and side.count != len(side.names):
            yield NamesAndFigureDiffer(of=of, side=name, count=side.count, names=len(side.names))
    times = Counter(member for side in sides.values() for member in members_on_side(side))
    if twice := tuple(member for member, count in times.items() if count > 1):
        yield NamedTwice(of=of, members=twice)
    counted = sum(votes_on_side(side) or 0 for side in sides.values())
    if vote.members is not None and counted > vote.members:
        yield MoreThanMembers(of=of, counted=counted, members=vote.members)
    in_favour, against = votes_on_side(vote.in_favour), votes_on_side(vote.against)
    if vote.casting and None not in (in_favour, against) and in_favour != against:
        yield NoTie(of=of, in_favour=in_favour, against=against)
    follows = vote_carries(vote)
    if follows is not None and follows is not carried:
        by: dict[str, Any] = {"provision": provision} if provision else {}
        yield ResultNotFromFigures(
            **by,
            of=of,
            result=result,
            in_favour=in_favour,
            against=against,
            needed=f"{vote.needed} of {vote.of}",
            instead="carried" if follows else "lost",
        )


def vote_in_words(vote: Vote) -> str:
    """Return a vote in one line: method, figures, majority, and how a tie was broken."""
    sides = (
        ("in favour", vote.in_favour),
        ("against", vote.against),
        ("abstaining", vote.abstaining),
        ("absent", vote.absent),
    )
    counted = (f"{votes_on_side(side)} {name}" for name, side in sides if side is not None)
    needed = f"{vote.needed} of {vote.of} needed"
    usual = vote.needed is Majority.SIMPLE and vote.of is CountedOf.VOTING
    tie = None not in (vote.in_favour, vote.against) and votes_on_side(
        vote.in_favour
    ) == votes_on_side(vote.against)
    said = (
        vote.method.value if vote.method else "",
        *counted,
        "" if usual else needed,
        "a tie" if tie else "",
        f"casting vote {vote.casting}" if vote.casting else "",
        f"by {vote.cast_by}" if vote.cast_by else "",
    )
    return ", ".join(filter(None, said))
