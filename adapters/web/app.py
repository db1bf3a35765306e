"""The web application on loopback: the feed now, the API and pages of clerks and auditors later."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from adapters.web.feed import Source, feed
from domain.kernel import Problem

HOST, PORT = "127.0.0.1", 8414
NAMES = ("127.0.0.1", "localhost", "[::1]")
STOP_SECONDS = 3
"""How long open requests may take when the server ends; a stream never would."""


def create_app(
    source: Source, schemas: Mapping[str, Mapping[str, Any]], names: Sequence[str] = NAMES
) -> FastAPI:
    """The application. Another host name is refused, so that a page elsewhere cannot read us."""
    app = FastAPI(title="Alliance Register", version="1", docs_url=None, redoc_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(names), www_redirect=False)
    app.add_exception_handler(Problem, _told)
    app.include_router(feed(source, schemas), prefix="/feed")
    return app


def _told(_request: Request, problem: Exception) -> JSONResponse:
    """The log is away, or not set up: a reader asks again. Where it is, is not for them."""
    title = problem.title if isinstance(problem, Problem) else ""
    told = {"problem": type(problem).__name__, "detail": title}
    return JSONResponse(told, 503, {"Retry-After": "5"})


def read_schemas(folder: Path) -> dict[str, dict[str, Any]]:
    """The published documents, by file name."""
    return {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def serve(app: FastAPI, host: str = HOST, port: int = PORT) -> None:
    """Serve until stopped. Raises `OSError` where the port is taken."""
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=STOP_SECONDS,
        limit_concurrency=200,
    )
    with socket.create_server((host, port)) as listener, suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
