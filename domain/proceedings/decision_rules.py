"""Rules on decisions: the parts they decide, power, adoption, rescission, reopening."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from domain.council.bodies import (
    Charter,
    NoDecision,
    NoDecisionOnClass,
    NotAuthorised,
    require_authority,
    require_body,
)
from domain.instruments import (
    FREE,
    OWN,
    ApprovePlan,
    ClassifyPartnership,
    Instrument,
)
from domain.proceedings.adoption import adopted_with, instruments_done_by, instruments_of
from domain.proceedings.decisions import (
    ACTING,
    ADOPTING,
    NOT_CARRIED,
    Decide,
    DecisionKind,
    DecisionTaken,
    MatterReopened,
    RecordEffect,
    Reopening,
    ReopenMatter,
)
from domain.proceedings.divisions import origins_of_parts
from domain.proceedings.majorities import (
    NOTICE_WAIVED,
    NOTWITHSTANDING,
    REOPENING,
    Voted,
    stated_for,
    voted,
)
from domain.proceedings.matter import (
    DeferredToThePast,
    Matter,
    decisions_taken_up_again,
    motions_carried_on,
    require_new_item,
    require_notice_given,
    require_open,
    require_opened_before,
    require_unused,
)
from domain.proceedings.recommendations import Recommendation, drafts_in
from domain.proceedings.votes import Vote
from domain.shared.categories import categories_of_policy, category_meant
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding
from domain.shared.messages import Basis, shared_fields
from domain.shared.problems import Refusal
from domain.shared.provisions import PolicyInForce, bodies_in


class Sitting(NamedTuple):
    """Everything a body decides on, on a day: the matter, the charter, and the policy in force."""

    matter: Matter
    charter: Charter
    policy: PolicyInForce


class DividedDecision(NamedTuple):
    """The parts that a decision is on, all parts of the question, and what it adopts of them."""

    parts: tuple[str, ...] = ()
    question: tuple[str, ...] = ()
    adopts: tuple[str, ...] = ()


WHOLE = DividedDecision()
"""A question that was not divided."""


class ResolvedDecision(NamedTuple):
    """All that a decision does, whether the matter is the body's, and what is left out.

    `vote` and `waiver` (of notice) are its votes with the majority that each needs.
    """

    instruments: tuple[Instrument, ...]
    final: bool
    findings: tuple[Finding, ...] = ()
    divided: DividedDecision = WHOLE
    vote: Vote | None = None
    waiver: Vote | None = None


class MatterNotClosed(Refusal):
    """Only a decided matter can be reopened."""

    rule = "A4"
    matter: str


class ReopenedBeforeClosed(Refusal):
    """A matter cannot be reopened before it was decided."""

    rule = "A4"
    matter: str
    closed_by: str
    decided_on: When
    on: When


class NothingToAdopt(Refusal):
    """An adoption must name recommendations that are before the body."""

    rule = "A3"
    decision: str
    missing: tuple[str, ...]
    known: tuple[str, ...]


class AdoptedBeforeProposed(Refusal):
    """A body cannot adopt what was surely proposed, or amended, later."""

    rule = "A3"
    decision: str
    adopts: str
    proposed_on: When
    on: When


class NotAdopted(Refusal):
    """A decision that adopts nothing cannot put anything in force; it may ask for reports."""

    rule = "A3"
    decision: str
    kind: DecisionKind
    acts: tuple[str, ...]


class NotAsAmended(Refusal):
    """A body must adopt as amended if it carried amendments, and only then."""

    rule = "A2"
    decision: str
    kind: DecisionKind
    carried: tuple[str, ...]


class UnknownPart(Refusal):
    """A question can be divided only into recommendations that are before the body."""

    rule = "A5"
    decision: str
    missing: tuple[str, ...]
    known: tuple[str, ...]


class PartDecided(Refusal):
    """The part of the divided question is decided already: take it up again first."""

    rule = "A5"
    decision: str
    parts: tuple[str, ...]
    by: str


class PartNotDecided(Refusal):
    """Only a part that is decided can be taken up again."""

    rule = "A5"
    decision: str
    parts: tuple[str, ...]
    decided: tuple[str, ...]


def resolve_decision(sitting: Sitting, command: Decide) -> ResolvedDecision:
    """Decide: the events of the decision, or the rule that refuses it whole (rules A1-A4)."""
    state, charter, policy = sitting
    adopted = require_decidable(state, command)
    divided = parts_decided(state, command)
    require_notice_given(state, command.decision, command.notice, command.on)
    if command.until and command.until.last < command.on.first:
        raise DeferredToThePast(item=command.decision, until=command.until, on=command.on)
    if isinstance(command.to, str):
        require_body(charter, command.to)
    acts = (*instruments_done_by(adopted), *command.instruments)
    before = state.division.of(command.body).decided
    instruments = instruments_of(state, acts, (*(r.id for r in adopted), *before))
    require_power(sitting, command.body, instruments)
    require_adoption(command, instruments)
    everything = adopted_with(state, divided.adopts, instruments)
    before_it = everything.union(divided.parts)
    require_proposed(state, command.decision, sorted(before_it), command.on)
    if command.notwithstanding:
        require_authority("notwithstanding", command.body, charter, policy)
    waived, taken = _voted(command, policy, instruments)
    left = amended_and_left_out(state, command, everything, divided)
    return ResolvedDecision(
        instruments,
        final=_decides(command.body, sitting, instruments),
        findings=(*waived.findings, *taken.findings, *left),
        divided=divided,
        vote=taken.vote,
        waiver=waived.vote,
    )


def _voted(
    command: Decide, policy: PolicyInForce, instruments: Iterable[Instrument]
) -> tuple[Voted, Voted]:
    """Apply rules V1 to V3 to the vote that waived notice, and to the vote on the question."""
    name, kind = command.decision, command.kind
    acts = {instrument.ACT for instrument in instruments} - {FREE, OWN}
    kinds = (kind.value.replace(" ", "-"), *sorted(acts))
    kinds = (*kinds, NOTWITHSTANDING) if command.notwithstanding else kinds
    waived = voted(
        command.notice_waived,
        stated_for(policy, (NOTICE_WAIVED,)),
        name,
        "notice waived",
        carried=True,
    )
    carried, stated = kind not in NOT_CARRIED, stated_for(policy, kinds)
    return waived, voted(command.vote, stated, name, kind.value, carried=carried)


def parts_decided(state: Matter, command: Decide) -> DividedDecision:
    """Return the parts of the question that a decision is on (rule A5).

    One that names none, on a question that was divided, is on all that the body has left of it.
    """
    question, body = state.division.of(command.body), command.body
    parts = tuple(dict.fromkeys(command.parts))
    missing = tuple(part for part in parts if part not in state.recommendations)
    if missing:
        known = tuple(state.recommendations)
        raise UnknownPart(decision=command.decision, missing=missing, known=known)
    named = (*parts, *command.adopts)
    if again := tuple(part for part in named if part in question.decided):
        by = question.decided[again[0]]
        raise PartDecided(decision=command.decision, parts=again, by=by)
    if not parts and not state.division.own(body):
        return DividedDecision(adopts=command.adopts)
    whole = _whole(state, body, (*question.parts, *parts))
    parts = parts or tuple(part for part in whole if part not in question.decided)
    adopting = command.kind in ADOPTING
    return DividedDecision(parts, whole, command.adopts or (command.parts if adopting else ()))


def _whole(state: Matter, body: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return all recommendations of the documents and bodies that the parts come from.

    With them those that motions of the body added.
    """
    named = set(origins_of_parts(parts))
    carried = set(state.carried.get(body, ()))
    added = {
        target.partition("/")[2]
        for target, motions in state.amended_by.items()
        if target.startswith("recommendation/") and carried & set(motions[:1])
    }
    return tuple(
        name
        for name in state.recommendations
        if name in parts or name.rpartition("/")[0] in named or _added(state, name, added)
    )


def _added(state: Matter, name: str, amended: set[str]) -> bool:
    """True if a motion made the recommendation, and did not only amend it."""
    return (
        name in amended
        and not any(name in made for made in state.reports.values())
        and not any(
            name == recommended.id
            for decision in state.decisions.values()
            for recommended in decision.recommends
        )
    )


def resolve_effect(
    sitting: Sitting, decision: DecisionTaken, command: RecordEffect
) -> tuple[Instrument, ...]:
    """Return all that an effect of a decision in the record comes to (rules A1, A3)."""
    act = command.instrument
    instruments = instruments_of(sitting.matter, (act,))
    if decision.kind not in ACTING and any(i.ACT != FREE for i in instruments):
        raise no_decision(act)(act=act.instrument, authority=command.authority)
    require_power(sitting, decision.body, instruments)
    everything = adopted_with(sitting.matter, (), instruments)
    require_proposed(sitting.matter, decision.decision, sorted(everything), decision.decided_on)
    return instruments


def effects_done_before(state: Matter) -> tuple[Instrument, ...]:
    """Return the effects of this matter's decisions that were taken up again, as far as known.

    A motion or report that was adopted may have been withdrawn from the record since.
    """
    done: list[Instrument] = []
    for before in state.reopened:
        for decision in (before.decisions[name] for name in before.taken_up):
            if decision.kind in ACTING:
                known = before.recommendations
                adopted = tuple(known[name] for name in decision.adopts if name in known)
                acts = (*instruments_done_by(adopted), *decision.instruments)
                done += instruments_of(before, acts, (r.id for r in adopted), known_only=True)
    return tuple(done)


def no_decision(act: Instrument) -> type[NoDecision]:
    """Return the refusal of an effect without a decision."""
    return NoDecisionOnClass if act.ACT == "classification" else NoDecision


def may_reach_back(charter: Charter, instruments: Iterable[Instrument]) -> bool:
    """True if the charter lets each of the acts take hold before the decision on it (rule A3)."""
    acts = {instrument.ACT for instrument in instruments} - {FREE}
    return bool(acts) and acts <= set(charter.retroactive)


def require_power(sitting: Sitting, body: str, instruments: Iterable[Instrument]) -> None:
    """Raise `NotAuthorised` for the first act that belongs to another body (rule A1)."""
    for instrument in instruments:
        for act in acts_needed(instrument, sitting.policy):
            require_authority(act, body, sitting.charter, sitting.policy)


def acts_needed(instrument: Instrument, policy: PolicyInForce) -> tuple[str, ...]:
    """Return the acts that a body needs the power for.

    To put a city into a category takes the power for that category. Where no provision says whose a
    category is, the act of all categories counts, as it does for a move of all partners.
    """
    if instrument.ACT in (FREE, OWN):
        return ()
    if isinstance(instrument, ClassifyPartnership):
        category = category_meant(categories_of_policy(policy), instrument.classification)
        own = f"category.{category.id}" if category else ""
        if policy.term(f"{own}.approver"):
            return (own,)
    return (instrument.ACT,)


def _decides(body: str, sitting: Sitting, instruments: Iterable[Instrument]) -> bool:
    """True where the body may close the matter, by the residual authority or by its own act.

    Another body's adoption, such as a committee's, closes its own part: the matter goes on. So does
    the approval of a plan that is then submitted to another body.
    """
    own = (i for i in instruments if i.ACT != FREE and not _goes_on(i, body, sitting))
    return sitting.charter.may_act(body, (sitting.charter.residual_authority,)) or any(own)


def _goes_on(act: Instrument, body: str, sitting: Sitting) -> bool:
    """True if a body that a provision names approves the plan after this one (rule B1)."""
    after = sitting.policy.term("plan.submitted-to")
    return (
        isinstance(act, ApprovePlan)
        and after is not None
        and not sitting.charter.may_act(body, bodies_in(after.value))
    )


def require_decidable(state: Matter, command: Decide) -> tuple[Recommendation, ...]:
    """Return the recommendations that a decision adopts, none if it is no adoption (rules A2-A5).

    A matter that recommends nothing is adopted without any: such a decision has no effect.
    """
    require_new_item(state, command, command.decision)
    require_open(state, command.matter, command.body)
    require_opened_before(state, command)
    require_unused(state, command.matter, command.recommends)
    divided = parts_decided(state, command)
    adopts, known = divided.adopts, tuple(state.recommendations)
    missing = tuple(r for r in adopts if r not in state.recommendations)
    idle = command.kind in ADOPTING and known and not (adopts or command.instruments)
    if missing or idle:
        raise NothingToAdopt(decision=command.decision, missing=missing, known=known)
    if command.kind not in ADOPTING:
        return ()
    carried = state.carried.get(command.body, ())
    if divided.parts:
        carried = motions_carried_on(state, command.body, divided.parts)
    amended = bool(carried or command.not_entered)
    if carried and command.kind is DecisionKind.ADOPT:
        raise NotAsAmended(decision=command.decision, kind=command.kind, carried=carried)
    if not amended and command.kind is DecisionKind.ADOPT_AS_AMENDED:
        raise NotAsAmended(decision=command.decision, kind=command.kind, carried=carried)
    return tuple(state.recommendations[r] for r in dict.fromkeys(adopts))


def require_proposed(state: Matter, decision: str, adopts: Iterable[str], on: When) -> None:
    """Raise `AdoptedBeforeProposed` for a report or recommendation that is surely later."""
    for name in adopts:
        proposed_on = state.proposed_on[name]
        if proposed_on.first > on.last:
            raise AdoptedBeforeProposed(
                decision=decision, adopts=name, proposed_on=proposed_on, on=on
            )


def amended_and_left_out(
    state: Matter, command: Decide, adopted: Iterable[str], divided: DividedDecision = WHOLE
) -> tuple[Finding, ...]:
    """Find what the body amended and does not adopt (rule A2); `adopted` names recommendations.

    A body may leave an amended recommendation unadopted, so that this is a finding and no refusal.
    Amendments whose words are not in the record are named as well.
    """
    if command.kind not in ADOPTING:
        return ()
    unknown = _unknown_words(command)
    decided = state.division.of(command.body).decided
    if set(divided.question) - set(divided.parts) - set(decided):
        return unknown  # what is left may yet be adopted
    named = {*adopted, *divided.parts, *decided}
    kept = {f"recommendation/{name}" for name in named}
    proposed = drafts_in({n: r for n, r in state.recommendations.items() if n in named})
    kept |= {f"provision/{address}" for address in (*proposed, *state.removed)}
    kept |= {f"recommendation/{name}" for name in state.dropped}
    left = {
        m for target, motions in state.amended_by.items() if target not in kept for m in motions
    }
    carried = tuple(motion for motion in state.carried.get(command.body, ()) if motion in left)
    if not carried:
        return unknown
    reason = f"carried, and what it amends is not adopted: {', '.join(carried)}"
    return (*unknown, Finding(rule="A2", answer=Answer.ADVISORY, reason=reason))


def _unknown_words(command: Decide) -> tuple[Finding, ...]:
    if command.not_entered is None:
        return ()
    reason = f"carried, and its words are not entered: {command.not_entered}"
    return (Finding(rule="A2", answer=Answer.ADVISORY, reason=reason),)


def require_adoption(command: Decide, instruments: Iterable[Instrument]) -> None:
    """Raise `NotAdopted` for effects of a decision that adopts nothing (rule A3)."""
    acts = tuple(i.instrument for i in instruments if i.ACT != FREE)
    if acts and command.kind not in ACTING:
        raise NotAdopted(decision=command.decision, kind=command.kind, acts=acts)


def reopen_matter(sitting: Sitting, command: ReopenMatter, basis: Basis) -> MatterReopened:
    """Enter a reopening, by the body that closed the matter or the one over it (rule A4)."""
    state, charter, policy = sitting
    require_new_item(state, command, command.decision)
    if command.parts:
        decided = state.division.of(command.body).decided
        if missing := tuple(part for part in command.parts if part not in decided):
            name, known = command.decision, tuple(decided)
            raise PartNotDecided(decision=name, parts=missing, decided=known)
    elif not (state.closed_by or state.closed_for.get(command.body)):
        raise MatterNotClosed(matter=command.matter)
    closed_by = decisions_taken_up_again(state, command.body, command.parts)[-1]
    closing = state.decisions[closed_by]
    if not charter.may_act(command.body, (closing.body, charter.residual_authority)):
        raise NotAuthorised(
            act="reopening", body=command.body, authority=closing.body, provision=None
        )
    if closing.decided_on.first > command.on.last:
        raise ReopenedBeforeClosed(
            matter=command.matter,
            closed_by=closing.decision,
            decided_on=closing.decided_on,
            on=command.on,
        )
    stated = stated_for(policy, (REOPENING,))
    taken = voted(command.vote, stated, command.decision, "reopened", carried=True)
    said: dict[str, Any] = {**shared_fields(Reopening, command), "vote": taken.vote}
    return MatterReopened(**said, findings=taken.findings, **basis)
