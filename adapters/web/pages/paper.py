"""Pages as PDF/A: the address of a page with `.pdf` gives what it says, set for paper."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Message

from adapters.exports.pdf import NotInstalled, NotSet, Sheet, as_pdf, is_installed
from adapters.web.answers import sent
from adapters.web.asked import Asked
from adapters.web.roles import READS

router = APIRouter(include_in_schema=False, dependencies=[READS])

PDF = "application/pdf"
OF_ROUTE = ("path_params", "endpoint", "route")
"""Names in the scope of a request that belong to the route."""
ABSENT = (
    "pages are not given as PDF here: the optional extra `pdf` is not installed; "
    "print the page from a browser, or install alliance-register[pdf]"
)


@router.get("/{path:path}.pdf")
async def page_as_pdf(request: Request, path: str) -> Response:
    """A page as PDF/A, with its address, both times and the position on each sheet."""
    if not is_installed():
        raise HTTPException(406, ABSENT)
    status, headers, body = await _page(request, f"/{path}")
    kind = headers.get("content-type", "")
    if status != 200 or not kind.startswith("text/html"):
        if status == 200:
            raise HTTPException(404, f"/{path} is no page")
        return Response(body, status, dict(headers.items()))
    asked: Asked = request.state.asked
    return await run_in_threadpool(_made, request, asked, body.decode(), f"/{path}")


def _made(request: Request, asked: Asked, html: str, path: str) -> Response:
    settings = asked.register.settings
    _, recorded = asked.register.log.recorder.last(asked.known)
    time = datetime.fromtimestamp(recorded / 1e6, UTC)
    title = html.partition("<title>")[2].partition("</title>")[0]
    sheet = Sheet(
        html,
        title,
        f"Alliance Register {settings.register_id}",
        [
            f"{settings.public}{asked.cite()}",
            f"As of {asked.at.on} · known at position {asked.known}, {time:%Y-%m-%d %H:%M} UTC",
            *filter(None, (asked.evidence,)),
        ],
        (time.year, time.month, time.day),
    )
    try:
        content = as_pdf(sheet)
    except NotInstalled:
        raise HTTPException(406, ABSENT) from None
    except NotSet as problem:
        raise HTTPException(
            406, f"{path} cannot be set as PDF/A: {problem.details['reason']}"
        ) from None
    answer = sent(request, asked, content, PDF)
    query = urlencode({**asked.filters, "as_of": asked.at.on.isoformat(), "known_at": asked.known})
    answer.headers["Content-Location"] = f"{path}.pdf?{query}"
    name = path.strip("/").replace("/", "-") or "register"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    answer.headers["Content-Disposition"] = f'inline; filename="{plain}.pdf"'
    return answer


async def _page(request: Request, path: str) -> tuple[int, Headers, bytes]:
    """Ask this application for the page itself, as a browser of the same person would."""
    sent_back: list[Message] = []
    left_out = (b"accept", b"if-none-match", b"accept-datetime")
    headers = [pair for pair in request.scope["headers"] if pair[0] not in left_out]
    scope = {
        **{name: told for name, told in request.scope.items() if name not in OF_ROUTE},
        "path": path,
        "raw_path": path.encode(),
        "method": "GET",
        "headers": [*headers, (b"accept", b"text/html")],
    }

    async def keep(message: Message) -> None:
        sent_back.append(message)

    await request.app.router(scope, request.receive, keep)
    body = b"".join(
        each.get("body", b"") for each in sent_back if each["type"] == "http.response.body"
    )
    start = next(each for each in sent_back if each["type"] == "http.response.start")
    return start["status"], MutableHeaders(raw=list(start["headers"])), body
