"""Lists as JSON, CSV and sheets, with the filters of their pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from adapters.queries.deadlines import DeadlineRow, deadlines
from adapters.queries.discrepancies import DiscrepancyStatus, discrepancies
from adapters.queries.lists import LISTS, ListName, row_type
from adapters.queries.partnerships import Order, PartnershipRow, partnerships
from adapters.queries.rows import Row
from adapters.web.answers import SHEET, as_csv, as_json, as_sheet
from adapters.web.api.described import document, rows_of_type, says
from adapters.web.asked import Ask, Asked
from adapters.web.filters import SEARCH, SORT, ListShape, narrowed
from adapters.web.roles import READS
from adapters.web.tables import accepts, rows_of, shape_of

router = APIRouter(default_response_class=Response, dependencies=[READS])

Text = Annotated[str | None, Query()]
Whole = Annotated[bool, Query(alias="all", description="Those that are done as well.")]


def partnership_rows(
    asked: Ask,
    classification: Text = None,
    country: Text = None,
    region: Text = None,
    search: Text = None,
    description: Text = None,
    established: Annotated[int | None, Query(ge=1, le=9999)] = None,
    sort: Order = Order.CLASS,
) -> Sequence[PartnershipRow]:
    """Partnerships by the filters of a request; an empty one leaves all."""
    return partnerships(
        asked.register,
        asked.at,
        classification=classification or None,
        country=country or None,
        region=region or None,
        search=search,
        description=description,
        established=established,
        sort=sort,
    )


Partnerships = Annotated[Sequence[PartnershipRow], Depends(partnership_rows)]


@router.get("/partnerships", operation_id="list_partnerships", responses=rows_of_type(partnerships))
def list_partnerships(request: Request, asked: Ask, rows: Partnerships) -> Response:
    """List partnerships."""
    return as_json(request, asked, rows)


@router.get(
    "/partnerships.csv", operation_id="list_partnerships_csv", responses=document("text/csv")
)
def list_partnerships_csv(request: Request, asked: Ask, rows: Partnerships) -> Response:
    """List partnerships as CSV."""
    return as_csv(request, asked, rows, PartnershipRow.fields())


@router.get("/partnerships.xlsx", operation_id="list_partnerships_xlsx", responses=document(SHEET))
def list_partnerships_xlsx(request: Request, asked: Ask, rows: Partnerships) -> Response:
    """List partnerships as a sheet."""
    return as_sheet(request, asked, rows, "partnerships")


@router.get(
    "/discrepancies", operation_id="list_discrepancies", responses=rows_of_type(discrepancies)
)
def list_discrepancies(
    request: Request,
    asked: Ask,
    status: DiscrepancyStatus | None = None,
    about: Text = None,
) -> Response:
    """List where the sources disagree with themselves."""
    rows = discrepancies(asked.register, asked.at, status=status, about=about)
    shape = ListShape((), shape_of(ListName.DISCREPANCIES).sorts)
    return as_json(request, asked, narrowed(request, asked, rows, shape).rows)


accepts(list_discrepancies, (SEARCH, SORT))


@router.get("/deadlines", operation_id="list_deadlines", responses=says(list[DeadlineRow]))
def list_deadlines(request: Request, asked: Ask, every: Whole = False) -> Response:
    """List what is due, overdue, and owed with no date stated."""
    rows = [each.row for each in deadlines(asked.register, asked.at, every=every)]
    found = narrowed(request, asked, rows, shape_of(ListName.DEADLINES))
    return as_json(request, asked, found.rows)


accepts(list_deadlines, shape_of(ListName.DEADLINES).parameters)

OF_THEIR_OWN = {
    ListName.PARTNERSHIPS,
    ListName.POLICY,
    ListName.DISCREPANCIES,
    ListName.DEADLINES,
}
"""Lists whose routes have filters of their own."""


def _listed(name: ListName) -> None:
    """Add a list as JSON, as CSV and as a sheet, with the filters of its page."""
    shape = shape_of(name)
    orders = [order for field in shape.sorts for order in (field, f"-{field}")]
    schemas: dict[str, dict[str, Any]] = {SORT: {"type": "string", "enum": ["", *orders]}}
    said = [
        {"name": each, "in": "query", "schema": schemas.get(each, {"type": "string"})}
        for each in shape.parameters
    ]

    def every(asked: Asked) -> Sequence[Row]:
        return LISTS[name](asked.register, asked.at)

    def rows(request: Request, asked: Ask) -> Response:
        return as_json(request, asked, narrowed(request, asked, every(asked), shape).rows)

    def table(request: Request, asked: Ask) -> Response:
        found = narrowed(request, asked, rows_of(name, asked), shape)
        return as_csv(request, asked, found.rows, row_type(LISTS[name]).fields())

    def sheet(request: Request, asked: Ask) -> Response:
        found = narrowed(request, asked, rows_of(name, asked), shape)
        return as_sheet(request, asked, found.rows, name.value)

    def add(handler: Callable[..., Response], ending: str, answers: dict[int | str, Any]) -> None:
        router.add_api_route(
            f"/{name.value}{ending}",
            accepts(handler, shape.parameters),
            operation_id=f"list_{name.value.replace('-', '_')}{ending.replace('.', '_')}",
            summary=f"List {name.value}{ending and ' as ' + ending[1:]}",
            openapi_extra={"parameters": said},
            responses=answers,
        )

    if name not in OF_THEIR_OWN:
        add(rows, "", rows_of_type(LISTS[name]))
    if name is not ListName.PARTNERSHIPS:
        add(table, ".csv", document("text/csv"))
        add(sheet, ".xlsx", document(SHEET))


for _name in ListName:
    _listed(_name)
