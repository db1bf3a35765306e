"""The question in a request: the register as of a day, as known at a position or time."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import JsonValue
from starlette.exceptions import HTTPException

from adapters.bootstrap import Register
from adapters.bootstrap_evidence import Cited
from adapters.people.people import People
from adapters.people.roles import Person
from adapters.queries import moment as moments
from adapters.queries.documents import originals
from adapters.queries.moment import Known, Moment
from adapters.queries.named.bodies import today
from adapters.web.roles import LOCAL
from projections.engine.read_model import LAST_DAY

DATES = ("as_of", "known_at")

DAY: dict[str, JsonValue] = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-"}
"""A day as the description of the API has it; `moments.day` reads it."""

AsOf = Annotated[
    str | None,
    Query(
        description="What held on this day, written 2001-12-06; today unless said.",
        json_schema_extra={"anyOf": [DAY]},
    ),
]
KnownAt = Annotated[
    str | None,
    Query(
        description="What the register knew at a log position or a time; now unless said.",
        json_schema_extra={
            "anyOf": [
                {"type": "string", "pattern": "^[0-9]{1,18}$"},
                {"type": "string", "format": "date-time"},
            ]
        },
    ),
]


@dataclass(frozen=True)
class Asked:
    """The register, and where the question stands on both axes.

    `at.known` is always a position, so that an answer is of one state of the log. `given` are the
    dates as they were asked for: every link keeps them. `path` and `filters` are the rest of the
    address. `fixed` is true if the answer can never change: both dates are given, and what they
    name is past. `beyond` says in words which date lies beyond what is recorded.
    `person` is who asks.
    """

    register: Register
    at: Moment
    head: int
    given: Mapping[str, str]
    path: str
    filters: Mapping[str, str]
    fixed: bool
    beyond: tuple[str, ...] = ()
    person: Person = LOCAL
    people: People | None = None

    @property
    def recorder(self) -> str:
        """The recorder, as the log keeps it: from the sign-in, never from a field."""
        return self.person.id if self.person.signed_in else self.register.settings.recorder

    def note_refusal(self, rule: str, says: str) -> None:
        """Keep in the journal for auditors that a rule refused something."""
        if self.people is not None:
            self.people.refusals.note(self.recorder, rule, self.path, says)

    def name_of(self, actor: str) -> str:
        """The name behind a pseudonym, for readers who are signed in; else as the log has it."""
        if self.people is None or not self.person.signed_in:
            return actor
        return self.people.sessions.names([actor]).get(actor, actor)

    @property
    def earlier(self) -> bool:
        """True if a page should say that it does not show the latest."""
        return self.fixed or self.known < self.head

    @property
    def known(self) -> int:
        """The position up to which the register is asked."""
        return self.at.known if self.at.known is not None else self.head

    @cached_property
    def cited(self) -> Cited:
        """The head of evidence for the state that is asked."""
        return self.register.cite(self.known)

    @cached_property
    def originals(self) -> dict[str, str]:
        """The digest of the original of each paper that may be seen, by the paper's item."""
        return originals(self.register, self.at)

    @property
    def evidence(self) -> str:
        """The line that cites the head; empty where nothing is sealed."""
        return self.cited.line

    def link(self, path: str, **query: object) -> str:
        """A path of this register with the dates of the request, and with further parameters."""
        return _address(path, {**self.given, **query})

    def here(self, **changed: object) -> str:
        """This page with its filters and dates, some of them `changed`; `None` leaves one out."""
        return _address(self.path, {**self.given, **self.filters, **changed})

    def as_api(self, path: str = "") -> str:
        """The same question to the API, or another one there with the same filters."""
        return _address("/api/v1" + (path or self.path), {**self.given, **self.filters})

    def on_paper(self) -> str:
        """This page as PDF."""
        return _address(f"{self.path}.pdf", {**self.given, **self.filters})

    def cite(self) -> str:
        """This page with both dates fixed: an address that gives the same answer for good."""
        return self.here(as_of=self.at.on.isoformat(), known_at=self.known)

    def latest(self) -> str:
        """This page as known now."""
        return self.here(known_at=None)

    def live(self, about: str) -> str:
        """The address of news for an open page, on the streams that begin so."""
        return _address("/live", {"about": about, "after": self.known})

    def instead(self, wrong: str, right: str) -> str:
        """This page with another name in place of one that nobody knows."""
        before, slash, after = self.path.rpartition(f"/{wrong}")
        if slash and (not after or after.startswith("/")):
            return _address(f"{before}/{right}{after}", {**self.given, **self.filters})
        return self.here(**{name: right for name, said in self.filters.items() if said == wrong})


def _address(path: str, query: Mapping[str, object]) -> str:
    """A path with its parameters, the dates last."""
    ordered = [*(name for name in query if name not in DATES), *DATES]
    said = {name: str(query[name]) for name in ordered if query.get(name) not in (None, "")}
    return quote(path) + (f"?{urlencode(said)}" if said else "")


class ReadingRoom:
    """An open register whose read models are brought to the end of the log before each answer."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._lock = threading.Lock()
        self._read = -1

    def head(self) -> int:
        """The end of the log, with every read model there."""
        head = self.register.log.head()
        if head != self._read:
            with self._lock:
                self.register.catch_up()
                self._read = head
        return head


def ask(request: Request, as_of: AsOf = None, known_at: KnownAt = None) -> Asked:
    """The question in a request; 400 for a date or parameter that is none."""
    room: ReadingRoom = request.app.state.room
    _require_known_parameters(request)
    request.app.state.negotiated(request, room)
    head = room.head()
    try:
        now = today(room.register)
        on = now if as_of is None else moments.day(as_of)
    except ValueError as error:
        raise HTTPException(400, f"as_of: {error}") from None
    try:
        known = (
            Known(head, past=False)
            if known_at is None
            else moments.known(room.register, known_at, head)
        )
    except ValueError as error:
        raise HTTPException(400, f"known_at: {error}") from None
    dates = {"as_of": as_of, "known_at": known_at}
    to_come = on > now
    coming = f"{on} is to come: this is what is decided so far." if to_come else ""
    asked = Asked(
        room.register,
        Moment(min(on, LAST_DAY), known.position),
        head,
        {name: value for name, value in dates.items() if value is not None},
        request.url.path,
        {name: said for name, said in request.query_params.items() if name not in DATES},
        fixed=as_of is not None and known.past and not to_come,
        beyond=tuple(filter(None, (coming, known.beyond))),
        person=request.state.person or LOCAL,
        people=request.app.state.people,
    )
    request.state.asked = asked
    return asked


PLACE = "alliance.place"
"""Part of a request's scope: where its register is on a server of several, such as `/toronto`."""


def place_of(request: Request) -> str:
    """Return what stands before the paths of the request's register; empty for the only one."""
    return str(request.scope.get(PLACE, ""))


Ask = Annotated[Asked, Depends(ask)]
"""The parameter by which a route is told what is asked."""


def _require_known_parameters(request: Request) -> None:
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    own: Iterable[str] = getattr(route.endpoint, "parameters", ())
    known = {*_parameters(route.dependant), *own}
    for name in request.query_params:
        if name not in known:
            raise HTTPException(
                400, f"{name!r} is not a parameter here; known are {', '.join(sorted(known))}"
            )
        if len(request.query_params.getlist(name)) > 1:
            raise HTTPException(400, f"{name!r} is given more than once")


def _parameters(dependant: Dependant) -> Iterator[str]:
    """The query parameters of a route and of all it depends on."""
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _parameters(inner)
