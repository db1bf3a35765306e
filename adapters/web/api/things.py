"""One thing by its name: a city, a provision, a matter, a mission; and why a fact is so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from adapters.bootstrap import Register
from adapters.queries.bodies import body
from adapters.queries.comparison import comparison
from adapters.queries.discrepancies import discrepancy
from adapters.queries.explanations import AccountRow, account_row, explain
from adapters.queries.explorations import exploration
from adapters.queries.facts.clocks import AreaRow, two_clocks
from adapters.queries.matters import matter
from adapters.queries.missions import MissionRow, mission
from adapters.queries.moment import Moment, NothingRecorded, day
from adapters.queries.partnerships import WholePartnership, partnership
from adapters.queries.plans import PlanFindingRow, PlanRow, plan
from adapters.queries.policy.changes import ChangeRow, policy_changes, provision_history
from adapters.queries.policy.provisions import provision, provisions
from adapters.queries.requests import agreement
from adapters.queries.requests import request as one_request
from adapters.queries.rows import Row
from adapters.queries.studies import study
from adapters.web.answers import as_json
from adapters.web.api.described import rows_of_type, says
from adapters.web.asked import DAY, Ask
from adapters.web.roles import READS
from projections.engine.comparison import StateDifference

router = APIRouter(default_response_class=Response, dependencies=[READS])

Year = Annotated[int, Path(ge=1900, le=2999)]
Day = Annotated[str, Query(json_schema_extra=DAY)]
State = Annotated[
    str, Query(description="A day, a stage such as submitted@2001-12-4, or a version such as v1.")
]
Question = Callable[[Register, str, Moment], Sequence[Row]]


class Named(NamedTuple):
    """A kind of thing with a name: where it is, the question, and what the description says."""

    kind: str
    path: str
    question: Question
    says: str


NAMED = (
    Named("matter", "/matters/{name}", matter, "A matter with its items, in the order of days."),
    Named("exploration", "/explorations/{name}", exploration, "An exploration with its steps."),
    Named("mission", "/missions/{name}", mission, "A mission: budget, travellers, steps."),
    Named("request", "/requests/{name}", one_request, "A request with its steps."),
    Named("agreement", "/agreements/{name}", agreement, "An agreement: parties, roles, steps."),
    Named("study", "/studies/{name}", study, "A study as it is cited: its tiers and marks."),
    Named("body", "/bodies/{name}", body, "A body on a day, or its end and its successors."),
    Named("discrepancy", "/discrepancies/{name}", discrepancy, "A discrepancy, by name or number."),
    Named(
        "provision",
        "/policy/{name:path}",
        provision,
        "A provision by address or heading, or those of a group such as `outbound`.",
    ),
    Named(
        "provision-history",
        "/history/{name:path}",
        provision_history,
        "Every version of a provision or a group, and what changed from each to the next.",
    ),
)


def _answering(question: Question) -> Callable[..., Response]:
    def show(request: Request, name: str, asked: Ask) -> Response:
        return as_json(request, asked, question(asked.register, name, asked.at))

    return show


@router.get("/policy", operation_id="list_policy", responses=rows_of_type(provisions))
def show_policy(request: Request, asked: Ask) -> Response:
    """Every provision that may be in force on the day."""
    return as_json(request, asked, provisions(asked.register, asked.at))


for _named in NAMED:
    router.add_api_route(
        _named.path,
        _answering(_named.question),
        operation_id=f"show_{_named.kind.replace('-', '_')}",
        summary=_named.says,
        responses=rows_of_type(_named.question),
    )


@router.get(
    "/partnerships/{city}",
    operation_id="show_partnership",
    responses=says(list[WholePartnership]),
)
def show_partnership(request: Request, city: str, asked: Ask) -> Response:
    """One city: all that may hold of it on the day, and how it came about."""
    story = partnership(asked.register, city, asked.at)
    return as_json(request, asked, [*story.rows, *story.before])


@router.get("/plans/{year}", operation_id="show_plan", responses=says(list[PlanRow]))
def show_plan(request: Request, asked: Ask, year: Year) -> Response:
    """A year's plan."""
    found = plan(asked.register, year, asked.at)
    if not found.plans:
        raise NothingRecorded(fact=f"plan/{year}")
    return as_json(request, asked, found.plans)


@router.get(
    "/plans/{year}/missions", operation_id="plan_missions", responses=says(list[MissionRow])
)
def show_missions_of_plan(request: Request, asked: Ask, year: Year) -> Response:
    """The missions of a year's plan."""
    return as_json(request, asked, plan(asked.register, year, asked.at).entries)


@router.get(
    "/plans/{year}/findings", operation_id="plan_findings", responses=says(list[PlanFindingRow])
)
def show_findings_of_plan(request: Request, asked: Ask, year: Year) -> Response:
    """Answers of the rules to a year's plan, against the limits in force."""
    return as_json(request, asked, plan(asked.register, year, asked.at).findings)


@router.get("/why/{fact:path}", operation_id="why", responses=says(AccountRow))
def why(request: Request, fact: str, asked: Ask) -> Response:
    """Why a fact is so: the account of the events from which it follows."""
    explanation = explain(asked.register, fact, asked.at)
    return as_json(request, asked, account_row(explanation).plain())


@router.get("/clocks/{fact:path}", operation_id="two_clocks", responses=says(list[AreaRow]))
def clocks(request: Request, fact: str, asked: Ask) -> Response:
    """The two clocks of a fact: what was said of which days, and when."""
    return as_json(request, asked, [*two_clocks(asked.register, fact, asked.at).rows()])


@router.get("/redline", operation_id="redline", responses=says(list[ChangeRow]))
def redline(
    request: Request,
    asked: Ask,
    before: State,
    after: State | None = None,
    provision: Annotated[str | None, Query()] = None,
) -> Response:
    """Differences between two states of the policy: days, stages of a matter, versions."""
    until = after or asked.at.on.isoformat()
    rows, _ = policy_changes(asked.register, before, until, asked.at, provision)
    return as_json(request, asked, rows)


@router.get("/compare", operation_id="compare", responses=says(list[StateDifference]))
def compare(request: Request, asked: Ask, before: Day, after: Day | None = None) -> Response:
    """Differences of the whole register between two days, both as known at `known_at`."""
    first, second = _day("before", before), asked.at.on if after is None else _day("after", after)
    known = asked.at.known
    rows = comparison(asked.register, Moment(first, known), Moment(second, known))
    return as_json(request, asked, [*rows])


def _day(name: str, text: str) -> Any:
    try:
        return day(text)
    except ValueError as error:
        raise HTTPException(400, f"{name}: {error}") from None
