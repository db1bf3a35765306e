"""The web application on loopback: the feed now, the API and pages of clerks and auditors later."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from typing import Protocol as Tiles
from urllib.parse import urlsplit

import structlog
import uvicorn
from fastapi import Depends, FastAPI
from starlette.types import ASGIApp

from adapters.bootstrap import Register
from adapters.people.people import People
from adapters.settings import Settings
from adapters.web.answers import KeptAnswers
from adapters.web.api.routes import router as api
from adapters.web.asked import ReadingRoom
from adapters.web.commands import router as commands
from adapters.web.evidence import evidence
from adapters.web.feed import Source, feed
from adapters.web.head import AnswersHead
from adapters.web.memento import negotiated
from adapters.web.memento import router as memento
from adapters.web.operations import Measured, Metrics, operations, standing
from adapters.web.pages.layout import problem_page
from adapters.web.pages.live import Watch
from adapters.web.pages.routes import router as pages
from adapters.web.problems import (
    ACCEPTED_AT_A_TIME,
    Door,
    Protocol,
    Refused,
    refuse_in_one_way,
)
from adapters.web.registers import Registers
from adapters.web.roles import identify
from application.followers import HasProgress
from application.ports import Stop

_log = structlog.get_logger("feed")

HOST, PORT = "127.0.0.1", 8414
STOP_SECONDS = 3
"""How long open requests may take when the server ends; streams end by themselves."""


REFUSED = "#/components/schemas/Refused"


class DescribedApp(FastAPI):
    """The application, whose description has the schema of refusals among its components."""

    def openapi(self) -> dict[str, Any]:
        """Return the description, made once."""
        if self.openapi_schema is None:
            described = super().openapi()
            schema = Refused.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas = described.setdefault("components", {}).setdefault("schemas", {})
            schemas |= {**schema.pop("$defs", {}), "Refused": schema}
        return super().openapi()


class Tree(Tiles):
    """The tiles and the last head of a register's tree."""

    def head(self) -> bytes | None: ...

    def get(self, path: str, /) -> bytes | None: ...


def create_app(
    source: Source,
    schemas: Mapping[str, Mapping[str, Any]],
    stop: Stop,
    register: Register | None = None,
    tree: Tree | None = None,
    relay: HasProgress | None = None,
    people: People | None = None,
) -> FastAPI:
    """Make the application: the feed; of a register its pages and API, of a tree its evidence.

    `relay` is a follower besides the read models, whose lag is told. Without `people` there is one
    clerk, at this machine.

    Its streams end when `stop` is set.
    """
    app = DescribedApp(
        title="Alliance Register",
        version="1",
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(identify)],
    )
    app.state.people = people
    signing_in = people is not None and people.provider is not None
    host = urlsplit(register.settings.public).netloc if register and signing_in else ""
    if register is not None and not signing_in and not any(register.settings.rates):
        app.add_middleware(KeptAnswers, head=register.log.head)
    refuse_in_one_way(app, host)
    followers = {} if relay is None else {"relay": relay}
    ask = None if register is None else partial(standing, register, followers)
    metrics = Metrics(ask)
    app.add_middleware(Measured, metrics=metrics)
    app.add_middleware(AnswersHead)
    app.include_router(operations(metrics, ask))
    said = {"application/problem+json": {"schema": {"$ref": REFUSED}}}
    refused: dict[int | str, dict[str, Any]] = {
        "default": {"description": "Refused", "content": said}
    }
    app.include_router(feed(source, schemas, stop), prefix="/feed", responses=refused)
    if register is not None:
        app.state.room = ReadingRoom(register)
        app.state.problem_page = problem_page
        app.state.negotiated = negotiated
        app.state.watch, app.state.stop = Watch(), stop
        app.include_router(memento, responses=refused)
        app.include_router(api, prefix="/api/v1", responses=refused)
        app.include_router(commands, prefix="/api/v1", responses=refused)
        app.include_router(pages)
    if tree is not None:
        routes = evidence(tree.head, tree.get)
        app.include_router(routes, prefix="/evidence", responses=refused)
    return app


def several(
    names: Callable[[], Sequence[str]], open_one: Callable[[str], ASGIApp], settings: Settings
) -> ASGIApp:
    """Make the application of several registers, each at `/{register}/…`."""
    host = urlsplit(settings.public).netloc if settings.oidc_issuer else ""
    return Door(Registers(names, open_one), host)


def read_schemas(folder: Path) -> dict[str, dict[str, Any]]:
    """The published documents, by file name."""
    return {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def configured(app: ASGIApp) -> uvicorn.Config:
    """How the application is served, on whichever socket."""
    return uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=STOP_SECONDS,
        backlog=ACCEPTED_AT_A_TIME,
        lifespan="off",
    )


class Server(uvicorn.Server):
    """A server that ends when `stop` is set; the command that runs it receives the signals."""

    def __init__(self, config: uvicorn.Config, stop: Stop) -> None:
        super().__init__(config)
        self._stop = stop

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self._stop.is_set()


def serve(app: ASGIApp, stop: Stop, host: str = HOST, port: int = PORT) -> None:
    """Serve until `stop` is set. Raises `OSError` if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listener:
        _log.info("serving", at=f"http://{host}:{port}")
        Server(configured(app), stop).run(sockets=[listener])
