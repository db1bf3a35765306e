"""How a decision takes effect: each instrument runs the decision of the context that owns it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never, cast

from application.handlers import states
from application.handlers.categories import (
    categories_on,
    left_in_none,
    move_partners,
    with_moves,
)
from application.handlers.effects import form_by_agreement, write_successions
from application.handlers.states import ground_on, mission_of, plan_of, relationship_at, request_of
from application.unit_of_work import UnitOfWork
from domain import policy, repeals
from domain.instruments import (
    AdoptProvision,
    AdoptReport,
    AgreementExists,
    AmendProvision,
    ApproveAgreement,
    ApproveDelegation,
    ApprovePlan,
    AuthoriseOfficials,
    ChangeTier,
    ClassifyPartnership,
    DeleteProvision,
    DropTargetedCity,
    EndAgreement,
    EndPartnership,
    EnterAgreement,
    EnterPartnership,
    ExceptStop,
    ExplorationIntended,
    ExplorationReported,
    Explore,
    GiveAgreementRole,
    Instrument,
    MovePartners,
    PartnershipExists,
    PartnershipStateStated,
    RenewAgreement,
    RenumberProvisions,
    RepealPolicy,
    ReplacePolicy,
    ReplaceProvision,
    ReportAnswers,
    RequestReport,
    SetPartnershipState,
    Statement,
    StrikeFromProvision,
    StudyCited,
    TargetCity,
    cannot_take_effect,
)
from domain.missions import mission
from domain.partnerships import agreement, exploration, partnership, study
from domain.places import Place
from domain.proceedings import requested_reports
from domain.proceedings.recommendations import drafts_of
from domain.programme import plan
from domain.requests import request as requests
from domain.requests.request import Request
from domain.shared import categories
from domain.shared.categories import Category
from domain.shared.findings import Finding, Ruling
from domain.shared.history import fold
from domain.shared.messages import Basis, StreamId
from domain.shared.provisions import PolicyInForce, TermValue, bodies_named

YearInstrument = ApproveDelegation | ExceptStop | ApprovePlan | ApproveAgreement


def enact_in_year(
    work: UnitOfWork, act: YearInstrument, basis: Basis, notwithstanding: frozenset[str]
) -> tuple[StreamId, Ruling]:
    """Enact an adopted instrument of the year's work."""
    judged = ground_on(work, basis["decided_on"], notwithstanding)
    body = basis["authority"].body if basis["authority"] else ""
    charter = work.charter(basis["decided_on"].last)
    match act:
        case ApproveDelegation() | ExceptStop():
            at = mission.Circumstances(
                judged,
                body=body,
                charter=charter,
                city=_place(work, act.city, basis).code if isinstance(act, ExceptStop) else "",
            )
            ruling = mission.decide(mission_of(work, act.mission), act, at, basis)
            return mission.stream_of(act.mission), ruling
        case ApprovePlan(year=year):
            submitted = plan.Circumstances(judged, body=body, charter=charter)
            return plan.stream_of(year), plan.decide(plan_of(work, year), act, submitted, basis)
        case ApproveAgreement(request=request):
            around = requests.Circumstances(judged, body=body)
            ruling = requests.decide(request_of(work, request), act, around, basis)
            return requests.stream_of(request), ruling


def findings_on_partnership(
    work: UnitOfWork,
    act: partnership.PartnershipInstrument,
    relationship: partnership.Relationship,
    place: Place,
    basis: Basis,
    notwithstanding: frozenset[str],
) -> tuple[Finding, ...]:
    """Apply rules N4 and N5 to a decision that enters a partnership, or changes one.

    `relationship` is the state that the act changes, in its place among the other acts.
    """
    judged = ground_on(work, basis["decided_on"], notwithstanding)
    match act:
        case EnterPartnership(request=request):
            state = request_of(work, request) if request else Request()
            return requests.may_enter_partnership(state, act, place, relationship.targeted, judged)
        case PartnershipExists():
            return requests.may_be_stated(judged)
        case ClassifyPartnership(request=request) | EndPartnership(request=request):
            if relationship.classification is None:
                return ()
            state = request_of(work, request) if request else Request()
            return requests.procedure_followed(state, request, place, judged)
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class Enacted:
    """All that a decision or a report brings about, for each of its acts.

    `together` are all of its acts: their effects hold together, in whatever order they are written.
    `before` are the categories in force without them.
    """

    document: str
    amended_by: Mapping[str, tuple[str, ...]]
    notwithstanding: frozenset[str]
    together: tuple[Instrument | Statement, ...]
    before: tuple[Category, ...]


def enact(
    work: UnitOfWork,
    acts: Iterable[Instrument | Statement],
    basis: Basis,
    document: str,
    amended_by: Mapping[str, tuple[str, ...]],
    notwithstanding: frozenset[str] = frozenset(),
    together: tuple[Instrument, ...] = (),
) -> tuple[Finding, ...]:
    """Write the effects of each act, and give the findings on all of them.

    `together` are acts of the same decision that are enacted beside these.
    """
    acts = tuple(acts)
    on_policy = any(isinstance(act, policy.PolicyInstrument | MovePartners) for act in acts)
    before = tuple(categories_on(work, basis)) if on_policy else ()
    whole = Enacted(document, amended_by, notwithstanding, (*together, *acts), before)
    findings: list[Finding] = []
    for act in acts:
        own: Basis = {**basis, "cites": (*act.cites, *basis["cites"])}
        if isinstance(act, MovePartners):
            after = categories_after(work, whole, own)
            findings.extend(move_partners(work, act, own, before, after))
            continue
        stream, ruling = _rule(work, act, own, whole)
        work.write(stream, *ruling.events)
        findings.extend(ruling.findings)
        if isinstance(act, AgreementExists):
            form_by_agreement(work, act.agreement)
        if isinstance(act, agreement.AgreementInstrument):
            write_successions(work, act.agreement)
    return (*findings, *left_in_none(work, before, basis))


def categories_after(work: UnitOfWork, whole: Enacted, basis: Basis) -> Sequence[Category]:
    """Return the categories in force on the day of an act, with those decided together with it."""
    history = policy.policy_foreseen(work.read(policy.STREAM), _acts(whole.together), basis)
    day = basis["effective_from"].last
    state = fold(policy.evolve, policy.Policy(), history.on(day))
    return categories.categories_of_policy(PolicyInForce(on=day, provisions=state.provisions))


def _categories_for(
    work: UnitOfWork, act: ClassifyPartnership, whole: Enacted, basis: Basis
) -> Sequence[Category]:
    """Return the categories in force, or those of the whole decision where it names the act's."""
    known = categories_on(work, basis)
    if categories.category_meant(known, act.classification):
        return known
    return categories_after(work, whole, basis)


def _acts(together: Iterable[Instrument | Statement]) -> Iterator[policy.PolicyInstrument]:
    return (act for act in together if isinstance(act, policy.PolicyInstrument))


def _rule(
    work: UnitOfWork, act: Instrument | Statement, basis: Basis, whole: Enacted
) -> tuple[StreamId, Ruling]:
    match act:
        case (
            AdoptProvision()
            | StrikeFromProvision()
            | ReplaceProvision()
            | DeleteProvision()
            | AmendProvision()
            | RenumberProvisions()
            | RepealPolicy()
            | ReplacePolicy()
        ):
            several = isinstance(act, ReplacePolicy)
            own = whole.amended_by.get(f"provision/{policy.provision_named(act)}", ())
            changed = whole.amended_by if several else own
            _require_bodies(work, act, basis)
            charter = work.charter(basis["decided_on"].last)
            history = work.read(policy.STREAM)
            back = charter is not None and act.ACT in charter.retroactive
            ruling = policy.decide(history, act, basis, changed, reaches_back=back)
            return policy.STREAM, repeals.with_endings(history, ruling)
        case (
            PartnershipExists()
            | EnterPartnership()
            | ClassifyPartnership()
            | SetPartnershipState()
            | PartnershipStateStated()
            | EndPartnership()
            | TargetCity()
            | DropTargetedCity()
        ):
            place = _place(work, act.city, basis)
            return _on_relationship(work, act, place, basis, whole)
        case ApproveDelegation() | ExceptStop() | ApprovePlan() | ApproveAgreement():
            return enact_in_year(work, act, basis, whole.notwithstanding)
        case (
            EnterAgreement()
            | AgreementExists()
            | RenewAgreement()
            | EndAgreement()
            | GiveAgreementRole()
        ):
            return _on_agreement(work, act, basis, whole)
        case Explore() | ExplorationIntended() | ExplorationReported():
            return _on_exploration(work, act, whole.document, basis, whole.notwithstanding)
        case StudyCited():
            cited = work.state_on(study.STREAM, date.max, study.evolve, study.Roster())
            return study.STREAM, study.decide(cited, act, basis)
        case RequestReport() | ReportAnswers():
            stream, empty = requested_reports.STREAM, requested_reports.Duties()
            asked = work.state_on(stream, date.max, requested_reports.evolve, empty)
            return stream, requested_reports.decide(asked, act, whole.document, basis)
        case ChangeTier():
            return study.STREAM, Ruling((), (cannot_take_effect(act),))
        case AuthoriseOfficials() | AdoptReport() | MovePartners():
            return study.STREAM, Ruling(())
        case _:
            assert_never(act)


def _require_bodies(work: UnitOfWork, act: policy.PolicyInstrument, basis: Basis) -> None:
    """Raise `UnknownBody` for a term that gives an act to an unknown body (rule A1)."""
    match act:
        case AdoptProvision() | ReplacePolicy():
            given: tuple[object, ...] = tuple(draft.terms for draft in drafts_of(act))
        case _:
            given = (getattr(act, "terms", None),)
    for stated in given:
        terms = cast("dict[str, TermValue]", stated) if isinstance(stated, dict) else {}
        for body in bodies_named(terms):
            work.require_body(body, basis["effective_from"].last)


def _place(work: UnitOfWork, name: str, basis: Basis) -> Place:
    """Return the place that a paper means by a name on its day, as called when the act holds."""
    meant = work.places(basis["decided_on"].last).find(name)
    return work.places(basis["effective_from"].last).places.get(meant.code, meant)


def _on_relationship(
    work: UnitOfWork,
    act: partnership.PartnershipInstrument,
    place: Place,
    basis: Basis,
    whole: Enacted,
) -> tuple[StreamId, Ruling]:
    stream = partnership.stream_of(place.code)
    history = work.read(stream)
    if isinstance(act, PartnershipExists) and partnership.stated_before(history, act, basis):
        return stream, Ruling(())
    known: Sequence[Category] = ()
    if isinstance(act, ClassifyPartnership):
        known = _categories_for(work, act, whole, basis)

    def decision(state: partnership.Relationship) -> Ruling:
        ruling = partnership.decide(state, act, place, basis, known)
        further = findings_on_partnership(work, act, state, place, basis, whole.notwithstanding)
        moved = states.territory_free(work, place, basis["effective_from"]) if ruling.events else ()
        return Ruling(ruling.events, (*ruling.findings, *further, *moved))

    since = partnership.partnership_dates(act, basis)
    ruling = partnership.TIMELINE.decide(stream, history, since, decision)
    if isinstance(act, PartnershipExists | EnterPartnership):
        return stream, with_moves(work, stream, place, ruling)
    return stream, ruling


def _on_agreement(
    work: UnitOfWork, act: agreement.AgreementInstrument, basis: Basis, whole: Enacted
) -> tuple[StreamId, Ruling]:
    stream = agreement.stream_of(act.agreement)
    basis = agreement.first_day_of_agreement(act, basis)
    places = _other_side(work, act, basis)

    def decision(state: agreement.Agreement) -> Ruling:
        ruling = agreement.decide(state, act, basis, places)
        return Ruling(
            ruling.events, (*ruling.findings, *_may_agree(work, act, basis, places, whole))
        )

    return stream, agreement.TIMELINE.decide(stream, work.read(stream), basis, decision)


def _other_side(
    work: UnitOfWork, act: agreement.AgreementInstrument, basis: Basis
) -> tuple[Place, ...]:
    if not isinstance(act, EnterAgreement | AgreementExists):
        return ()
    known = work.places(basis["effective_from"].last)
    return tuple(known.find(party.place) for party in act.parties if party.place)


def _may_agree(
    work: UnitOfWork,
    act: agreement.AgreementInstrument,
    basis: Basis,
    places: tuple[Place, ...],
    whole: Enacted,
) -> Iterator[Finding]:
    """Apply rule N4 to an agreement that makes a partnership, and C9 to what it renews."""
    if not isinstance(act, EnterAgreement | AgreementExists):
        return
    if act.renews and not work.read(agreement.stream_of(act.renews)).entries:
        yield agreement.renews_an_unknown_one(act)
    if not act.partnership:
        return
    judged = ground_on(work, basis["decided_on"], whole.notwithstanding)
    for place in places:
        standing = relationship_at(work, place, basis["effective_from"])
        if standing.partner:
            continue
        if isinstance(act, AgreementExists):
            yield from requests.may_be_stated(judged)
            continue
        state = request_of(work, act.request) if act.request else Request()
        yield from requests.may_enter_partnership(state, act, place, standing.targeted, judged)


def _on_exploration(
    work: UnitOfWork,
    act: exploration.ExplorationAct,
    document: str,
    basis: Basis,
    notwithstanding: frozenset[str],
) -> tuple[StreamId, Ruling]:
    stream = exploration.stream_of(act.subject)
    ruling = exploration.TIMELINE.decide(
        stream,
        work.read(stream),
        basis,
        lambda look: exploration.decide(look, act, document, basis),
    )
    if not isinstance(act, Explore):
        return stream, ruling
    judged = states.ground_on(work, basis["decided_on"], notwithstanding)
    tiers = states.tiers_of(work, act.places, basis["decided_on"].last)
    order = exploration.tiers_in_order(act, tiers, judged)
    return stream, Ruling(ruling.events, (*ruling.findings, *order))
