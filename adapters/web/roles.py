"""Roles of routes: each route names its roles, and nobody gets past a route that names none."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from adapters.people.people import People
from adapters.people.rate_limits import TooMany, site_of
from adapters.people.roles import ROLES, NotSignedIn, Person, Role

SESSION = "alliance-session"
READING = ("GET", "HEAD", "OPTIONS")
UNCOUNTED = ("/static/", "/health", "/ready")
"""Paths without a rate limit: files of each page, and what tells a proxy that the server lives."""
LOCAL = Person("", "", frozenset(ROLES), signed_in=False)
"""The clerk at this machine, where nobody signs in."""


class RateLimited(HTTPException):
    """429: the person's or the address's requests of a minute are used up."""

    def __init__(self, found: TooMany) -> None:
        self.seconds = found.seconds
        says = (
            f"more than {found.a_minute} requests a minute to {found.act}: wait {found.seconds} s"
        )
        super().__init__(429, says, {"Retry-After": str(found.seconds)})


class Needs:
    """The roles of which one is needed; without any, everybody may, signed in or not."""

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    def __call__(self, request: Request) -> None:
        """Raise 401 for who is not signed in, 403 for who has another role."""
        if not self.roles:
            return
        person: Person | None = request.state.person
        if person is None:
            _sign_in_first(request)
        elif not person.may(*self.roles):
            own = ", ".join(sorted(person.roles)) or "none"
            wanted = " or ".join(sorted(self.roles))
            raise HTTPException(403, f"this is for the role {wanted}; yours: {own}")


def _sign_in_first(request: Request) -> None:
    """Send a reader's browser to the sign-in, and tell everything else that it is needed."""
    page = "text/html" in request.headers.get("accept", "")
    if page and request.method == "GET" and not request.url.path.startswith("/api/"):
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise HTTPException(303, "sign in first", {"Location": f"/sign-in?back={quote(here)}"})
    raise HTTPException(401, "sign in first", {"WWW-Authenticate": "Bearer"})


EVERYBODY = Depends(Needs())
READS = Depends(Needs("reader", "clerk", "auditor", "administrator"))
RECORDS = Depends(Needs("clerk"))
REVIEWS = Depends(Needs("clerk", "auditor"))
AUDITS = Depends(Needs("auditor"))
FOLLOWS = Depends(Needs("subscriber", "auditor"))
VERIFIES = Depends(Needs(*ROLES))
ADMINISTERS = Depends(Needs("administrator"))


def roles_needed(dependant: Dependant) -> list[Needs]:
    """The roles that a route says it needs."""
    return [each.call for each in dependant.dependencies if isinstance(each.call, Needs)]


async def identify(request: Request) -> None:
    """Find the person behind a request; 403 for a route that says of nobody that they may."""
    people: People | None = request.app.state.people
    if people is None:
        request.state.person = LOCAL
    else:
        request.state.person = await run_in_threadpool(_counted, request, people)
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or not roles_needed(route.dependant):
        raise HTTPException(403, "no role may ask this")


def _counted(request: Request, people: People) -> Person | None:
    """The person behind a request, counted for them, else for the address; 429 for one more."""
    try:
        person = LOCAL if people.provider is None else _person(request, people)
    except HTTPException:  # a token that is none counts as well: else it could be guessed
        _count(request, people, None)
        raise
    _count(request, people, person)
    return person


def _count(request: Request, people: People, person: Person | None) -> None:
    if request.url.path.startswith(UNCOUNTED):
        return
    address = site_of(request.client.host) if request.client else ""
    who = f"person {person.id}" if person and person.signed_in else f"address {address}"
    try:
        people.limits.spend(who, "read" if request.method in READING else "record")
    except TooMany as error:
        raise RateLimited(error) from None


def _person(request: Request, people: People) -> Person | None:
    """The person of the token that a program sent, else of the browser's session."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and people.provider:
        try:
            found = people.provider.person_of(token.strip())
        except NotSignedIn as error:
            given = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise HTTPException(401, str(error), given) from None
        people.sessions.remember(found)
        return found
    secret = request.cookies.get(SESSION)
    return people.sessions.find(secret) if secret else None
