"""How a request is refused: always as problem+json (RFC 9457), whoever refuses it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from domain.kernel import Invalid, Problem

OURS = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
"""Names of this machine. A page elsewhere that has its own name point here cannot read us."""
MOST_REQUESTS = 200
"""Requests answered at a time, streams included."""
LATER = {"Retry-After": "5"}


class Refused(BaseModel):
    """What a refusal says. Others may be added; a program goes by `status`."""

    title: str
    status: int
    detail: str
    problem: str | None = None
    mistakes: list[str] | None = None


def refusal(
    status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """The answer to a request that is refused."""
    said = Refused(title=HTTPStatus(status).phrase, status=status, detail=detail, **more)
    return JSONResponse(
        said.model_dump(exclude_none=True), status, headers, "application/problem+json"
    )


def refuse_in_one_way(app: FastAPI) -> None:
    """Have all that the application refuses, or fails at, told as problem+json."""
    app.add_middleware(Door)
    for kind in (HTTPException, RequestValidationError, Problem, Exception):
        app.add_exception_handler(kind, _told)


class Door:
    """Lets in what asks for us by name, as long as there is room."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif not OURS.fullmatch(Request(scope).headers.get("host", "")):
            await refusal(400, "this server has another name")(scope, receive, send)
        elif self._inside >= MOST_REQUESTS:
            await refusal(503, "too many requests at a time", LATER)(scope, receive, send)
        else:
            self._inside += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._inside -= 1


class Protocol(H11Protocol):
    """HTTP as uvicorn speaks it, which would refuse in plain text what is no HTTP."""

    def send_400_response(self, msg: str) -> None:
        answer = refusal(400, msg, {"Connection": "close"})
        head = b"".join(b"%s: %s\r\n" % header for header in answer.raw_headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n%s\r\n%s" % (head, answer.body))
        self.transport.close()


def _told(_request: Request, error: Exception) -> JSONResponse:
    """Where the log is, and what went wrong in the program, is not for a reader."""
    match error:
        case HTTPException():
            return refusal(error.status_code, error.detail, error.headers)
        case RequestValidationError():
            mistakes = [
                f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
                for each in error.errors()
            ]
            return refusal(422, "the request makes no sense here", mistakes=mistakes)
        case Invalid():
            mistakes = [f"{name}: {said}" for name, said in error.details.items()]
            return refusal(422, error.title, problem=type(error).__name__, mistakes=mistakes)
        case Problem():  # the log is away, or not set up: a reader asks again
            return refusal(503, error.title, LATER, problem=type(error).__name__)
        case _:
            return refusal(500, "a fault of the program: please report it")
