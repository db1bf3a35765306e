"""The register's tree over HTTP (C2SP tlog-tiles): `checkpoint`, tiles and entry bundles."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException

from adapters.web.roles import VERIFIES

SOON = "max-age=1"
FOR_GOOD = "public, max-age=31536000, immutable"


def evidence(
    checkpoint: Callable[[], bytes | None], tile: Callable[[str], bytes | None]
) -> APIRouter:
    """The routes, to be included under a prefix. A tile is never served before a head needs it."""
    router = APIRouter(dependencies=[VERIFIES])

    @router.get("/checkpoint", response_class=PlainTextResponse)
    def last_head() -> Response:
        """The last signed head."""
        note = checkpoint()
        if note is None:
            raise HTTPException(404, "nothing is sealed yet")
        return PlainTextResponse(note, headers={"Cache-Control": SOON})

    @router.get("/tile/{path:path}", response_class=Response)
    def one_tile(path: str) -> Response:
        """A tile or an entry bundle; both never change."""
        content = tile(f"tile/{path}")
        if content is None:
            raise HTTPException(404, "there is no such tile")
        return Response(content, 200, {"Cache-Control": FOR_GOOD}, "application/octet-stream")

    return router
