"""A witness over HTTP (C2SP tlog-witness): `add-checkpoint`, and the last head of each log."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LONGEST_REQUEST = 512 * 1024

Answer = tuple[int, str, str]
"""Status, media type and body."""


def create_witness(
    add_checkpoint: Callable[[bytes], Answer], checkpoint: Callable[[str], Answer]
) -> Starlette:
    """The application. Each request is handled in a thread of its own: it waits for the disk."""

    async def add(request: Request) -> Response:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > LONGEST_REQUEST:
                return _response((413, "text/plain; charset=utf-8", "the request is too long\n"))
        return _response(await run_in_threadpool(add_checkpoint, body))

    async def last(request: Request) -> Response:
        return _response(await run_in_threadpool(checkpoint, request.path_params["origin"]))

    return Starlette(
        routes=[
            Route("/add-checkpoint", add, methods=["POST"]),
            Route("/{origin}/checkpoint", last, methods=["GET"]),
        ]
    )


def _response(answer: Answer) -> Response:
    status, kind, body = answer
    headers = {"Content-Type": kind, "Cache-Control": "no-store"}
    return Response(body, status, headers)
