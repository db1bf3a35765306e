"""The kinds of things that a name is of, for who asked for a thing of another kind."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from adapters.bootstrap import Register
from adapters.queries.moment import Moment, NothingRecorded
from adapters.queries.named.bodies import charters, names_of
from adapters.queries.named.names import About, names_like
from adapters.queries.named.places import country_names_of_iso, every_name, gazetteer
from domain.shared.text import folded
from projections.agreements import AGREEMENTS
from projections.discrepancies import DISCREPANCIES
from projections.engine.read_model import LAST_DAY
from projections.explorations import EXPLORATIONS
from projections.matters import DECISION_RECORD
from projections.missions import MISSIONS
from projections.partnerships import PARTNERSHIPS
from projections.plans import PLANS
from projections.policy import POLICY_TEXT, PROPOSALS
from projections.requests import REQUESTS


class Thing(NamedTuple):
    """A thing that can be asked about: what it is, its names, and the commands, `{}` for a name.

    `holds` are the names of the places in a country or region.
    """

    what: str
    names: tuple[str, ...]
    ask: tuple[str, ...]
    holds: tuple[str, ...] = ()


def about(register: Register, name: str, at: Moment) -> About:
    """Return what is asked about: a place, body, matter, provision or any other thing, by a name.

    Raises `NothingRecorded` for a name that nobody knows, with those like it.
    """
    wanted = folded(name)
    found = [t for t in things(register, at) if wanted and wanted in map(folded, t.names)]
    if not found:
        text = ("log --grep " + shlex.quote(name),)
        raise NothingRecorded(about=name, near=all_names_like(register, name, at), ask=text)
    names = {n for thing in found for n in (*thing.names, *thing.holds) if n}
    return About(name, frozenset(names))


def kinds_of(register: Register, name: str, at: Moment) -> dict[str, tuple[str, ...]]:
    """Return what a name is of, as fields of a message: `this_is` and `ask`."""
    wanted = folded(name)
    found = [t for t in things(register, at) if wanted in map(folded, t.names)] if wanted else []
    said = shlex.quote(name) if " " in name else name
    return {
        field: values
        for field, values in (
            ("this_is", tuple(dict.fromkeys(thing.what for thing in found))),
            ("ask", tuple(dict.fromkeys(ask.format(said) for t in found for ask in t.ask))),
        )
        if values
    }


def all_names_like(register: Register, name: str, at: Moment) -> tuple[str, ...]:
    """Return names of things of any kind that are like this one."""
    every: dict[str, tuple[str, ...]] = {}
    for thing in things(register, at):
        first = thing.names[0]
        every[first] = (*every.get(first, ()), *filter(None, thing.names))
    return names_like(name, every)


def things(register: Register, at: Moment) -> Iterator[Thing]:
    """Yield everything that has a name, as far as was known."""
    yield from _places(register, at)
    for body, names in names_of(charters(register, at)).items():
        yield Thing("a body", (body, *names), ("show body {}", "why body/{}"))
    yield from _of_the_record(register, at)
    yield from _of_the_policy(register, at)
    yield from _of_the_year(register, at)


def _places(register: Register, at: Moment) -> Iterator[Thing]:
    known = gazetteer(register, at)
    called = every_name(known)
    held = register.reader(PARTNERSHIPS).every(LAST_DAY, at.known)
    partners = {h.key for h in held if h.state.established}
    for code, names in called.items():
        place = known.places[code]
        if code in partners:
            ask = ("show partnership {}", "why partnership/{}")
            yield Thing(f"a {place.kind}, a partner", (code, *names), ask)
        else:
            yield Thing(f"a {place.kind}", (code, *names), ("show partnership {}", "why place/{}"))
    for code, names in known.countries.items():
        named = (code, *names, *country_names_of_iso().get(code, ()))
        there = [n for place in known.in_country(code) for n in (place, *called.get(place, ()))]
        by_country = ("list partnerships --country {}",)
        yield Thing("a country", named, by_country, tuple(there))
    for region, other in sorted(known.regions().items()):
        within = sorted(known.in_region(region))
        inside = [n for place in within for n in (place, *called.get(place, ()))]
        yield Thing("a region", (region, *other), ("list partnerships --region {}",), tuple(inside))


def _of_the_record(register: Register, at: Moment) -> Iterator[Thing]:
    for held in register.reader(DECISION_RECORD).every(LAST_DAY, at.known):
        row = held.state
        if row.kind == "matter":
            names = (row.matter, *row.numbers, row.reference or "", row.title)
            yield Thing("a matter", names, ("show matter {}",))
        else:
            act = row.kind in ("motion", "decision")
            why = (f"why {row.kind}/{row.matter}/{{}}",) if act else ()
            ask = (f"show matter {row.matter}", *why)
            yield Thing(f"a {row.kind} on matter {row.matter}", (row.item,), ask)
    for exploration in register.reader(EXPLORATIONS).every(LAST_DAY, at.known):
        called = (exploration.state.subject, exploration.state.name)
        yield Thing("an exploration", called, ("show exploration {}", "why exploration/{}"))
    for found in register.reader(DISCREPANCIES).every(LAST_DAY, at.known):
        titled = (found.key, found.state.title)
        yield Thing("a discrepancy", titled, ("show discrepancy {}", "why discrepancy/{}"))


def _of_the_policy(register: Register, at: Moment) -> Iterator[Thing]:
    yield Thing("said of cities that are no partners", ("targeted",), ("list targeted",))
    ask = ("policy {}", "why provision/{}")
    known: dict[str, set[str]] = {}
    for held in register.reader(POLICY_TEXT).every(LAST_DAY, at.known):
        known.setdefault(held.key, set()).add(held.state.heading)
    for proposal in register.reader(PROPOSALS).every(LAST_DAY, at.known):
        headings = {text.draft.heading for text in proposal.state.texts if text.draft}
        known.setdefault(proposal.state.address, set()).update(headings)
    for address, headings in known.items():
        yield Thing("a provision", (address, *sorted(headings)), ask)
    groups = {address.partition("/")[0] for address in known if "/" in address} - known.keys()
    for group in sorted(groups):
        yield Thing("a group of provisions", (group,), ("policy {}",))


def _of_the_year(register: Register, at: Moment) -> Iterator[Thing]:
    def keys(names: Iterable[object]) -> Iterator[tuple[str, ...]]:
        return ((str(name),) for name in dict.fromkeys(names))

    every = register.reader
    for name in keys(h.state.mission for h in every(MISSIONS).every(LAST_DAY, at.known)):
        yield Thing("a mission", name, ("mission {}", "why mission/{}"))
    for name in keys(h.state.year for h in every(PLANS).every(LAST_DAY, at.known)):
        yield Thing("a year with a plan", name, ("plan {}", "why plan/{}"))
    for name in keys(h.key for h in every(REQUESTS).every(LAST_DAY, at.known)):
        yield Thing("a request", name, ("show request {}", "why request/{}"))
    for name in keys(h.key for h in every(AGREEMENTS).every(LAST_DAY, at.known)):
        yield Thing("an agreement", name, ("show agreement {}", "why agreement/{}"))
