"""Partnerships and targeted cities: what holds on a day, and the story of one city."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

from adapters.bootstrap import Register
from adapters.queries.moment import Moment
from adapters.queries.named.hints import telling_kinds
from adapters.queries.named.names import key_found
from adapters.queries.named.places import Names, country_of, gazetteer, place_of, region_of
from adapters.queries.policy.categories import categories_on
from adapters.queries.requests import agreements, holder_in_words
from adapters.queries.rows import DatedRow, Row, decided_later
from domain.instruments import PartnershipState, Side
from domain.partnerships.agreement import Status
from domain.places import Place
from domain.shared.categories import Category, standing_in
from domain.shared.dates import When
from domain.shared.provisions import TermValue
from domain.shared.text import folded
from projections.engine.read_model import LAST_DAY, Held, Phase
from projections.partnerships import PARTNERSHIPS, Relationship
from projections.policy import POLICY_TEXT


class PartnershipRow(DatedRow):
    """A city's relationship on the day: a partner, or targeted.

    `kind` is that of the place, in the country's own words, and `part_of` its state or province;
    `successors` are the places that have its territory on the day, if it is no more.
    `established` is null without a partnership, `decision` where a report states the fact.
    `classification` is the category, by its name on the day, null while it is in none that is in
    force; `former_category` is then the last. `state` is null without a partnership and rests on a
    `decision`, a `report` or an `agreement` (`state_basis`), or on nothing said; `reported` is the
    state that reports give beside a decision. It is active without anybody's act since the last day
    of a suspension that `ran_out`. `ended_by` says who or what ended the last one, `roles` who has
    each role in it, such as a body's representative.
    """

    SUBJECT: ClassVar[str] = "city"

    code: str
    city: str
    country: str
    country_code: str
    established: When | None
    description: str | None
    classification: str | None
    former_category: str | None
    reason: str | None
    state: PartnershipState | None
    state_basis: str | None
    state_by: Side | None
    until: When | None
    condition: str | None
    state_reason: str | None
    ran_out: When | None
    reported: str | None
    ended_by: Side | None
    roles: dict[str, str]
    targeted: bool
    kind: str
    part_of: str | None
    region: str | None
    other_names: tuple[str, ...]
    successors: tuple[str, ...]
    decision: str | None
    certain: bool


class PartnershipStep(Row):
    """A phase of a city's relationship, `since` a day or one of several."""

    since: str
    established: When | None
    classification: str | None
    state: PartnershipState | None
    roles: tuple[str, ...]
    targeted: bool
    decision: str | None


class WholePartnership(PartnershipRow):
    """A city's relationship on the day, its agreements, and the steps by which it came about."""

    steps: tuple[PartnershipStep, ...]
    agreements: tuple[str, ...]


class PartnershipStory(NamedTuple):
    """A place, and all that may hold of it on the day: nothing before the papers name it.

    `before` has what holds of the places whose territory it took over.
    """

    place: Place
    rows: Sequence[WholePartnership]
    before: Sequence[WholePartnership] = ()


EXPIRED = PartnershipState.EXPIRED


class Order(StrEnum):
    """How partnerships are sorted."""

    CLASS = "class"
    CITY = "city"
    ESTABLISHED = "established"


@telling_kinds
def partnerships(
    register: Register,
    at: Moment,
    *,
    classification: str | None = None,
    state: PartnershipState | None = None,
    country: str | None = None,
    region: str | None = None,
    search: str | None = None,
    description: str | None = None,
    established: int | None = None,
    sort: Order = Order.CLASS,
) -> list[PartnershipRow]:
    """Return every partnership that may hold on the day.

    `country` is a name or a code, `search` a part of a present or former name, `description` a
    part of the original description, `established` a year; none minds case, accents and
    punctuation. Raises `NothingRecorded` for a class, country or region that nobody knows.
    """
    wanted = _wanted(register, at, country, region, search)
    names = Names(register, at)
    on = WrittenDay.of(register, at)
    if classification is not None:
        known = _classes(register, at, on.categories)
        classification = key_found("classification", classification, known)
    rows = [
        _row(held, names, on)
        for held in register.reader(PARTNERSHIPS).every(at.on, at.known)
        if held.state.established
    ]
    rows = [
        row
        for row in rows
        if wanted(row)
        and classification in (None, row.classification)
        and state in (None, row.state)
        and (description is None or folded(description) in folded(row.description or ""))
        and (established is None or _in_year(row.established, established))
    ]
    ranks = {category.name: rank for rank, category in enumerate(on.categories)}
    return sorted(rows, key=lambda row: _order(sort, row, ranks))


@telling_kinds
def targeted(
    register: Register,
    at: Moment,
    *,
    country: str | None = None,
    region: str | None = None,
    search: str | None = None,
) -> list[PartnershipRow]:
    """Return every targeted city; filters as in `partnerships`. Raises `NothingRecorded`."""
    wanted = _wanted(register, at, country, region, search)
    held = register.reader(PARTNERSHIPS).every(at.on, at.known, {"targeted": True})
    names = Names(register, at)
    on = WrittenDay.of(register, at)
    rows = [_row(h, names, on) for h in held]
    return [row for row in rows if wanted(row)]


class CategoryRow(DatedRow):
    """One category that the policy names on the day, with what it implies, and its partners.

    `implies` are the words that rules read, `requires` the council's; `approver` is the body that
    puts a city into it, null where no term of its own says so.
    """

    SUBJECT: ClassVar[str] = "name"

    category: str
    name: str
    implies: tuple[str, ...]
    requires: tuple[str, ...]
    approver: str | None
    partners: int
    provision: str
    decision: str | None
    certain: bool


def categories(register: Register, at: Moment) -> list[CategoryRow]:
    """Return every category that may be in force on the day, in the order of lists."""
    names = Counter(row.classification for row in partnerships(register, at) if row.classification)
    held = register.reader(POLICY_TEXT).every(at.on, at.known, {"in_force": True})
    texts = {h.key: h.state for h in held}
    terms = {name: value for text in texts.values() for name, value in text.terms.items()}
    return [
        CategoryRow(
            category=c.id,
            name=c.name,
            implies=tuple(sorted(c.implies)),
            requires=_listed(terms.get(f"category.{c.id}.requires")),
            approver="/".join(_listed(terms.get(f"category.{c.id}.approver"))) or None,
            partners=names[c.name],
            provision=str(c.provision),
            decision=texts[c.provision.address].decision if c.provision else None,
            certain=c.certain,
        )
        for c in categories_on(register, at)
    ]


def _listed(value: TermValue | None) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (str(value),) if value else ()


@telling_kinds
def partnership(register: Register, city: str, at: Moment) -> PartnershipStory:
    """Return one city, by code or any name it has had.

    Raises `NothingRecorded`, with names like it.
    """
    place, names = place_of(register, city, at), Names(register, at)
    before = names.on(at.on).before(place.code)
    return PartnershipStory(
        place,
        _whole(register, place.code, names, at),
        [row for code in before for row in _whole(register, code, names, at)],
    )


def _whole(register: Register, code: str, names: Names, at: Moment) -> list[WholePartnership]:
    reader = register.reader(PARTNERSHIPS)
    past = (p for p in reader.history(code, at.known) if p.first <= at.on)
    steps = tuple(_steps(register, at, past))
    held = reader.every(at.on, at.known, {"city": code})
    on = WrittenDay.of(register, at)
    agreed = tuple(row.agreement for row in agreements(register, at) if code in row.codes)
    rows = (_row(h, names, on) for h in held)
    return [WholePartnership.of(row, steps=steps, agreements=agreed) for row in rows]


def _order(sort: Order, row: PartnershipRow, ranks: Mapping[str, int]) -> tuple[Any, ...]:
    """Sort key; by class in the order of the categories, those without one last."""
    match sort:
        case Order.CITY:
            return (row.city,)
        case Order.ESTABLISHED:
            return (str(row.established), row.city)
        case Order.CLASS:
            name = row.classification
            rank = ranks.get(name, len(ranks)) if name else len(ranks) + 1
            return (rank, name or "", row.country, row.city)


def _wanted(
    register: Register, at: Moment, country: str | None, region: str | None, search: str | None
) -> Callable[[PartnershipRow], bool]:
    known = gazetteer(register, at)
    inside = None if country is None else known.in_country(country_of(register, country, at))
    within = None if region is None else known.in_region(region_of(register, region, at))

    def wanted(row: PartnershipRow) -> bool:
        names = (row.city, *row.other_names, *row.successors)
        return (
            (inside is None or row.code in inside)
            and (within is None or row.code in within)
            and (search is None or any(folded(search) in folded(name) for name in names))
        )

    return wanted


def _classes(
    register: Register, at: Moment, known: Sequence[Category]
) -> Mapping[str, tuple[str, ...]]:
    """Return the categories of the day or later, by name, and the classes of partners then."""
    later = categories_on(register, Moment(LAST_DAY, at.known))
    names = {category.name: (category.id,) for category in (*later, *known)}
    if names:
        return names
    days = (at.on, LAST_DAY)
    rows = (h.state for on in days for h in register.reader(PARTNERSHIPS).every(on, at.known))
    return {row.classification: () for row in rows if row.classification}


def _in_year(established: When | None, year: int) -> bool:
    return established is not None and established.first.year <= year <= established.last.year


class WrittenDay(NamedTuple):
    """The categories that may be in force on a day, and the places whose agreements are all over.

    A partnership that an agreement made for a term has expired with it, while nobody renews or ends
    it, and no decision or report says anything else.
    """

    at: Moment
    categories: Sequence[Category]
    expired: frozenset[str]

    @staticmethod
    def of(register: Register, at: Moment) -> WrittenDay:
        made = [row for row in agreements(register, at) if row.partnership]
        over = {code for row in made if row.status == Status.EXPIRED for code in row.codes}
        alive = {code for row in made if row.status == Status.IN_FORCE for code in row.codes}
        return WrittenDay(at, categories_on(register, at), frozenset(over - alive))


def _row(held: Held[Relationship], names: Names, on: WrittenDay) -> PartnershipRow:
    row, known = held.state, names.on(on.at.on)
    place = names.place(held.key, on.at.on)
    found, at = _category(row, on.categories), on.at
    name = found.name if found else None
    now = row.standing.now
    beside = row.standing.reported if row.standing.decided else None
    return PartnershipRow(
        code=row.city,
        city=place.name,
        country=place.country_name,
        country_code=place.country,
        established=row.established,
        description=row.description,
        classification=name,
        former_category=None if name else row.classification,
        reason=row.reason,
        state=_state(row, on) if row.established else None,
        state_basis="agreement" if _state(row, on) is EXPIRED else row.standing.basis,
        state_by=now.by,
        until=now.until,
        condition=now.condition,
        state_reason=now.reason,
        ran_out=now.ran_out,
        reported=beside.state.value if beside else None,
        ended_by=row.ended_by,
        roles={role: holder_in_words(who) for role, who in row.roles.items()},
        targeted=row.targeted,
        kind=place.kind,
        part_of=place.part_of,
        region=place.region,
        successors=tuple(
            names.place(code, at.on).name
            for code in (known.now(place.code) if place.code in known.successors else ())
        ),
        other_names=place.other_names,
        decision=row.decision,
        certain=held.certain and (found is None or found.certain),
        decided_later=decided_later(row.decided_on, at.on),
    )


def _state(row: Relationship, on: WrittenDay) -> PartnershipState:
    over = row.city in on.expired and row.standing.basis is None
    return EXPIRED if over else row.standing.now.state


def _category(row: Relationship, known: Sequence[Category]) -> Category | None:
    """Return the category of a relationship among those that may be in force; `None` for none."""
    if row.classification is None:
        return None
    return standing_in(known, row.category, row.classification)


def _state_then(row: Relationship) -> PartnershipState | None:
    """Return the state of a partnership in one phase, its end included."""
    if row.established:
        return row.standing.now.state
    return PartnershipState.ENDED if row.ended_by else None


def _name_on(register: Register, row: Relationship, at: Moment) -> str | None:
    """Return the name of a relationship's category on a day."""
    found = _category(row, categories_on(register, at))
    return found.name if found else None


def _steps(
    register: Register, at: Moment, phases: Iterable[Phase[Relationship]]
) -> Iterator[PartnershipStep]:
    """Yield the changes between phases, each with the category's name on the day it began."""
    steps = [
        PartnershipStep(
            since=f"{phase.first}" if phase.first == phase.last else f"{phase.first}/{phase.last}",
            established=phase.state.established,
            classification=_name_on(register, phase.state, Moment(phase.last, at.known)),
            state=_state_then(phase.state),
            roles=tuple(
                f"{role}: {holder_in_words(who)}" for role, who in phase.state.roles.items()
            ),
            targeted=phase.state.targeted,
            decision=phase.state.decision,
        )
        for phase in phases
        if phase.state
    ]
    for before, step in pairwise([None, *steps]):
        if step and (before is None or step != before.model_copy(update={"since": step.since})):
            yield step
