"""The majority that a vote needs, where the policy says it and the minutes do not (rule V3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from domain.proceedings.votes import Vote, judge_vote
from domain.shared.findings import Answer, Finding
from domain.shared.majorities import Needed, read_majority
from domain.shared.messages import ProvisionRef
from domain.shared.provisions import PolicyInForce

MOTION = "motion"
REOPENING = "reopening"
NOTICE_WAIVED = "notice-waived"
NOTWITHSTANDING = "notwithstanding"
"""Votes on no kind of decision and no act; terms name them, as `decision.majority.motion`."""


class Stated(NamedTuple):
    """A majority that a provision in force states."""

    needed: Needed
    provision: ProvisionRef


class Voted(NamedTuple):
    """A vote with the majority that it needs, and findings on it."""

    vote: Vote | None
    findings: tuple[Finding, ...]


def stated_for(policy: PolicyInForce, kinds: Iterable[str]) -> Stated | None:
    """Return the majority that a vote on all these kinds of acts needs.

    That is the greatest one stated of any of them, and otherwise the one of all decisions.
    """
    own = [found for kind in kinds if (found := _term(policy, f"decision.majority.{kind}"))]
    if own:
        return max(own, key=lambda stated: stated.needed.rank)
    return _term(policy, "decision.majority")


def _term(policy: PolicyInForce, name: str) -> Stated | None:
    found = policy.term(name)
    return Stated(read_majority(str(found.value)), found.provision) if found else None


def voted(
    vote: Vote | None, stated: Stated | None, of: str, result: str, *, carried: bool
) -> Voted:
    """Apply rules V1 to V3 to a vote: the policy's majority counts where the minutes state none.

    Minutes that state another one are followed, and a finding says so.
    """
    if vote is None or stated is None:
        return Voted(vote, judge_vote(vote, of, result, carried=carried))
    said = Needed(vote.needed, vote.of)
    provision = None
    if not vote.model_fields_set & {"needed", "of"}:
        said, provision = stated.needed, stated.provision
        vote = vote.model_copy(update={"needed": said.majority, "of": said.of})
    findings = judge_vote(vote, of, result, carried=carried, provision=provision)
    return Voted(vote, (*findings, _finding(said, stated)))


def _finding(said: Needed, stated: Stated) -> Finding:
    same, asked = said == stated.needed, _words(stated.needed)
    reason = f"{asked} needed" if same else f"{asked} needed, and the minutes state {_words(said)}"
    answer = Answer.MET if same else Answer.ADVISORY
    return Finding(rule="V3", answer=answer, reason=reason, provision=stated.provision)


def _words(needed: Needed) -> str:
    return f"{needed.majority} of {needed.of}"
