"""The web application on loopback: the feed now, the API and pages of clerks and auditors later."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI

from adapters.web.feed import Source, feed
from adapters.web.refusing import Protocol, Refused, refuse_in_one_way

_log = structlog.get_logger("feed")

HOST, PORT = "127.0.0.1", 8414
STOP_SECONDS = 3
"""How long open requests may take when the server ends; a stream never would."""


def create_app(source: Source, schemas: Mapping[str, Mapping[str, Any]]) -> FastAPI:
    """The application."""
    app = FastAPI(title="Alliance Register", version="1", docs_url=None, redoc_url=None)
    refuse_in_one_way(app)
    said = {"application/problem+json": {"schema": Refused.model_json_schema()}}
    refused: dict[int | str, dict[str, Any]] = {
        "default": {"description": "Refused", "content": said}
    }
    app.include_router(feed(source, schemas), prefix="/feed", responses=refused)
    return app


def read_schemas(folder: Path) -> dict[str, dict[str, Any]]:
    """The published documents, by file name."""
    return {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def configured(app: FastAPI) -> uvicorn.Config:
    """How the application is served, on whichever socket."""
    return uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=STOP_SECONDS,
        lifespan="off",
    )


def serve(app: FastAPI, host: str = HOST, port: int = PORT) -> None:
    """Serve until stopped. Raises `OSError` where the port is taken."""
    with socket.create_server((host, port)) as listener, suppress(KeyboardInterrupt):
        _log.info("serving", at=f"http://{host}:{port}/feed/events")
        uvicorn.Server(configured(app)).run(sockets=[listener])
