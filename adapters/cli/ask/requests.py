"""`requests` and `agreements`: how far each request is, and how each agreement stands."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import answer, asked, uncertain
from adapters.cli.common.date_options import AsOf, KnownAt, Year, moment
from adapters.cli.common.fields import tell_fields, tell_steps
from adapters.cli.common.output import Format, FormatOption, number_of, show, tell
from adapters.queries.requests import (
    AgreementRow,
    RequestRow,
    WholeRequest,
    agreement,
    agreements,
    request,
    requests,
)
from domain.partnerships.agreement import Status


def list_requests(
    year: Year = None,
    place: Annotated[str | None, typer.Option(help="Only about this place, by any name.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List requests for a relationship, when each report is due, and how far each is."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows, emptied = asked(requests, register, at, year=year, place=place)
    columns = {
        "request": "request",
        "place": "place",
        "stage": "stage",
        "received": "received",
        "report_due": "report due",
        "overdue": "overdue",
        "late": "reported late",
        "arrangement": "arrangement",
    }
    late = sum(row.overdue for row in rows)
    said = f"{number_of(len(rows), 'request')} on {at.on}; {number_of(late, 'report')} overdue."
    answer(rows, RequestRow, columns, form, at, emptied or said)


def show_request(
    name: Annotated[str, typer.Argument(help="The request, by its name or its place.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show one request: who asks for what, and every step with all that it says."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = request(register, name, at)
    if form is not Format.TABLE:
        show(rows, {}, form)
        return
    for row in rows:
        _tell(row)
    uncertain(rows, at)


def _tell(row: WholeRequest) -> None:
    tell(f"{row.request}: {row.stage} since {row.since}", strong=True)
    told = row.plain()
    fields = ("place", "code", "asks", "received", "report_due", "overdue", "late", "arrangement")
    tell_fields({name: told[name] for name in (*fields, "recommended", "positive_case")}, 2)
    tell_steps(row.steps, ("request", "place"))


def list_agreements(
    place: Annotated[str | None, typer.Option(help="Only with this place, by any name.")] = None,
    status: Annotated[Status | None, typer.Option(help="Only those of this status.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List agreements: of which kind, with whom, since when and until when."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows, emptied = asked(agreements, register, at, place=place, status=status)
    columns = {
        "agreement": "agreement",
        "kind": "kind",
        "places": "with",
        "status": "status",
        "since": "since",
        "expires": "until",
        "decision": "by",
    }
    if any(row.succeeded_by for row in rows):
        columns["succeeded_by"] = "succeeded by"
    said = f"{number_of(len(rows), 'agreement')} on {at.on}."
    answer(rows, AgreementRow, columns, form, at, emptied or said)


def show_agreement(
    name: Annotated[str, typer.Argument(help="The agreement, by its name or description.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show one agreement: parties, signatures, roles, and every step."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = agreement(register, name, at)
    if form is not Format.TABLE:
        show(rows, {}, form)
        return
    for row in rows:
        tell(f"{row.agreement}: {row.status}", strong=True)
        told = row.plain()
        unsaid = ("agreement", "status", "steps", "certain", "codes")
        tell_fields({name: value for name, value in told.items() if name not in unsaid}, 2)
        tell_steps(row.steps, ("agreement", "places", "text"))
    uncertain(rows, at)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("agreements")(list_agreements)
    app.command("agreement")(show_agreement)
    app.command("requests")(list_requests)
    app.command("request")(show_request)
