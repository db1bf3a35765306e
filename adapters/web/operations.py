"""Operations of the server, for whoever runs it: `/health`, `/ready` and `/metrics`.

`/health` says that the process answers; `/ready` that it can reach the register, and how far each
follower is behind the log; `/metrics` the same and more for Prometheus.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters import clock
from adapters.bootstrap import Register
from adapters.web.roles import ADMINISTERS, EVERYBODY
from application.followers import HasProgress, Lag, lag
from projections.models import MODELS

NO_STORE = {"Cache-Control": "no-store"}
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
UNKNOWN = "(none)"
"""The route of a request that no route answers: paths are not for labels."""


class Standing(NamedTuple):
    """The end of the log, and how far each follower is behind it, by name."""

    position: int
    behind: Mapping[str, Lag]


def standing(register: Register, others: Mapping[str, HasProgress]) -> Standing:
    """Ask the log and every follower. Raises `Unavailable` and `NotSetUp`."""
    now = clock.now()
    own = {model.name: register.views.follower(model, register.log.read) for model in MODELS}
    found = {name: lag(register.log, follower, now) for name, follower in {**own, **others}.items()}
    return Standing(register.log.head(), found)


class Metrics:
    """The measurements of one server; each has a registry of its own."""

    def __init__(self, ask: Callable[[], Standing] | None) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "alliance_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "alliance_http_request_seconds",
            "Time to answer.",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        if ask is not None:
            self.registry.register(_OfTheLog(ask))


class _OfTheLog(Collector):
    """The log's end and the lags, asked whenever they are read."""

    def __init__(self, ask: Callable[[], Standing]) -> None:
        self._ask = ask

    def describe(self) -> Iterator[Any]:
        return iter(())

    def collect(self) -> Iterator[Any]:
        found = self._ask()
        yield GaugeMetricFamily(
            "alliance_log_position", "The last position of the log.", value=found.position
        )
        entries = GaugeMetricFamily(
            "alliance_follower_behind_entries", "Entries not taken yet.", labels=("follower",)
        )
        seconds = GaugeMetricFamily(
            "alliance_follower_behind_seconds",
            "Age of the oldest entry not taken yet.",
            labels=("follower",),
        )
        for name, behind in found.behind.items():
            entries.add_metric((name,), behind.entries)
            seconds.add_metric((name,), behind.seconds)
        yield entries
        yield seconds


class Measured:
    """Counts and times each request by the route that answers it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", UNKNOWN)
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._metrics.requests.labels(method, route, str(status)).inc()
            self._metrics.seconds.labels(route).observe(time.perf_counter() - began)


METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


def operations(metrics: Metrics, ask: Callable[[], Standing] | None) -> APIRouter:
    """The routes; without a register there is nothing to be ready for."""
    router = APIRouter()

    @router.get("/health", response_class=PlainTextResponse, dependencies=[EVERYBODY])
    def health() -> Response:
        """Say that the process answers."""
        return PlainTextResponse("ok\n", headers=NO_STORE)

    @router.get("/metrics", response_class=PlainTextResponse, dependencies=[ADMINISTERS])
    def measured() -> Response:
        """The measurements, in the text format of Prometheus."""
        content = generate_latest(metrics.registry)
        return Response(content, 200, NO_STORE, CONTENT_TYPE_LATEST)

    if ask is not None:

        @router.get("/ready", dependencies=[EVERYBODY])
        def ready() -> Response:
            """The log's end, and each follower's lag in entries and seconds; 503 if it is away."""
            found = ask()
            told = {
                "position": found.position,
                "followers": [
                    {
                        "follower": name,
                        "behind": behind.entries,
                        "more": behind.more,
                        "seconds": round(behind.seconds, 3),
                    }
                    for name, behind in found.behind.items()
                ],
            }
            return JSONResponse(told, headers=NO_STORE)

    return router
