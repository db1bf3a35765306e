"""How a decision takes effect: each instrument runs the decision of the context that owns it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from application import programme
from application.handling import Work
from application.programme import ROSTER
from domain import duties, explorations, partnerships, policy, roster
from domain.authority import Charter, require_authority
from domain.cities import Place
from domain.facts import PolicyInForce
from domain.history import fold
from domain.instruments import (
    FREE,
    OWN,
    AdoptProvision,
    AdoptReport,
    ApproveAgreement,
    ApproveDelegation,
    ApprovePlan,
    AuthoriseOfficials,
    ChangeTier,
    ClassifyPartnership,
    DeleteProvision,
    DropTargetedCity,
    EndPartnership,
    EnterPartnership,
    ExceptStop,
    ExplorationIntended,
    ExplorationReported,
    Explore,
    Instrument,
    PartnershipExists,
    ReplaceProvision,
    ReportAnswers,
    RequestReport,
    Statement,
    StrikeFromProvision,
    StudyCited,
    TargetCity,
    cannot_take_effect,
)
from domain.kernel import Basis, Finding, Refusal, Ruling, StreamId
from domain.matters import Matter
from domain.motions import Recommendation


class UnknownReport(Refusal):
    """The matter has no report of this name to adopt."""

    rule = "A3"

    def __init__(self, document: str, known: tuple[str, ...]) -> None:
        super().__init__(document=document, known=known)


def instruments_of(
    matter: Matter, instruments: Iterable[Instrument], adopted: Iterable[str] = ()
) -> tuple[Instrument, ...]:
    """All that is done, reports that are adopted included, in order.

    A recommendation does what it does once, however many reports adopt the one that it stands in;
    `adopted` are those whose own acts are among the instruments.
    """
    return tuple(_all_done(matter, instruments, set(adopted)))


def adopted_with(
    matter: Matter, names: Iterable[str], acts: Iterable[Instrument]
) -> frozenset[str]:
    """What is adopted: the recommendations named, and reports with the recommendations in them."""
    reports = tuple(act.document for act in acts if isinstance(act, AdoptReport))
    return frozenset(names).union(reports, *(matter.reports[report] for report in reports))


def _all_done(
    matter: Matter, instruments: Iterable[Instrument], done: set[str]
) -> Iterator[Instrument]:
    for instrument in instruments:
        yield instrument
        if isinstance(instrument, AdoptReport):
            if instrument.document not in matter.reports:
                raise UnknownReport(instrument.document, tuple(matter.reports))
            inside = [name for name in matter.reports[instrument.document] if name not in done]
            done.update(inside)
            acts = done_by(matter.recommendations[name] for name in inside)
            yield from _all_done(matter, acts, done)


def done_by(recommendations: Iterable[Recommendation]) -> tuple[Instrument, ...]:
    """What the recommendations do, in order."""
    return tuple(i for recommendation in recommendations for i in recommendation.instruments)


def require_power(
    body: str, instruments: Iterable[Instrument], charter: Charter, standing: PolicyInForce
) -> None:
    """Raises `NotAuthorised` for the first act that is another body's (rule A1)."""
    for instrument in instruments:
        if instrument.ACT not in (FREE, OWN):
            require_authority(instrument.ACT, body, charter, standing)


def enact(
    work: Work,
    acts: Iterable[Instrument | Statement],
    basis: Basis,
    document: str,
    amended_by: dict[str, tuple[str, ...]],
    notwithstanding: frozenset[str] = frozenset(),
) -> tuple[Finding, ...]:
    """Write the effects of each act, and give the findings on all of them."""
    findings: list[Finding] = []
    for act in acts:
        own: Basis = {**basis, "cites": (*act.cites, *basis["cites"])}
        stream, ruling = _rule(work, act, own, document, amended_by, notwithstanding)
        work.write(stream, *ruling.events)
        findings.extend(ruling.findings)
    return tuple(findings)


def _rule(
    work: Work,
    act: Instrument | Statement,
    basis: Basis,
    document: str,
    amended_by: dict[str, tuple[str, ...]],
    notwithstanding: frozenset[str],
) -> tuple[StreamId, Ruling]:
    match act:
        case AdoptProvision() | StrikeFromProvision() | ReplaceProvision() | DeleteProvision():
            address = act.draft.address if isinstance(act, AdoptProvision) else act.address
            changed = amended_by.get(f"provision/{address}", ())
            return policy.STREAM, policy.decide(work.read(policy.STREAM), act, basis, changed)
        case (
            PartnershipExists()
            | EnterPartnership()
            | ClassifyPartnership()
            | EndPartnership()
            | TargetCity()
            | DropTargetedCity()
        ):
            place = work.places().find(act.city)
            return _on_relationship(work, act, place, basis, notwithstanding)
        case ApproveDelegation() | ExceptStop() | ApprovePlan() | ApproveAgreement():
            return programme.rule(work, act, basis, notwithstanding)
        case Explore() | ExplorationIntended() | ExplorationReported():
            return _on_exploration(work, act, document, basis, notwithstanding)
        case StudyCited():
            cited = fold(roster.evolve, roster.Roster(), work.read(ROSTER).standing())
            return ROSTER, roster.decide(cited, act, basis)
        case RequestReport() | ReportAnswers():
            asked = fold(duties.evolve, duties.Duties(), work.read(duties.STREAM).standing())
            return duties.STREAM, duties.decide(asked, act, document, basis)
        case ChangeTier():
            return ROSTER, Ruling((), (cannot_take_effect(act),))
        case AuthoriseOfficials() | AdoptReport():
            return ROSTER, Ruling(())
        case _:
            assert_never(act)


def _on_relationship(
    work: Work,
    act: partnerships.PartnershipInstrument,
    place: Place,
    basis: Basis,
    notwithstanding: frozenset[str],
) -> tuple[StreamId, Ruling]:
    stream = StreamId(f"partnership/{place.code}")
    history = work.read(stream)
    day = basis["effective_from"].last
    state = fold(partnerships.evolve, partnerships.Relationship(), history.on(day))
    if not state.established:  # known to its year only, it may exist on any day of that year
        possible = history.standing()[: history.certainty(day).possible]
        state = fold(partnerships.evolve, partnerships.Relationship(), possible)
    if isinstance(act, PartnershipExists | EnterPartnership) and not state.established:
        state = fold(partnerships.evolve, partnerships.Relationship(), history.standing())
    ruling = partnerships.decide(state, act, place, basis)
    further = programme.findings_on(work, act, place, basis, notwithstanding)
    return stream, Ruling(ruling.events, (*ruling.findings, *further))


def _on_exploration(
    work: Work,
    act: explorations.ExplorationAct,
    document: str,
    basis: Basis,
    notwithstanding: frozenset[str],
) -> tuple[StreamId, Ruling]:
    stream = StreamId(f"exploration/{act.subject}")
    look = fold(explorations.evolve, explorations.Exploration(), work.read(stream).standing())
    ruling = explorations.decide(look, act, document, basis)
    if not isinstance(act, Explore):
        return stream, ruling
    judged = programme.ground(work, basis["decided_on"], notwithstanding)
    order = explorations.in_order(act, programme.tiers_of(work, act.places), judged)
    return stream, Ruling(ruling.events, (*ruling.findings, *order))
