"""The web application on loopback: the feed now, the API and pages of clerks and auditors later."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from adapters.web.feed import Source, feed

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
    app.include_router(feed(source, schemas), prefix="/feed")
    return app


def read_schemas(folder: Path) -> dict[str, dict[str, Any]]:
    """The published documents, by file name."""
    return {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def serve(app: FastAPI, host: str = HOST, port: int = PORT) -> None:
    """Serve until stopped."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=STOP_SECONDS,
        limit_concurrency=200,
    )
