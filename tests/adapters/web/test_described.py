"""The API against its own description: requests made of it meet no fault, and described answers.

`make fuzz EXAMPLES=200` sends as many requests to each operation; the suite sends few.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.openapi.checks import RejectedPositiveData

from adapters.bootstrap import open_register
from adapters.bus.messages.schemas import FOLDER
from adapters.web.app import create_app, read_schemas
from adapters.web.roles import READS
from tests.adapters.web.test_pages import settings_of
from tests.support.served import Source, serving_app
from tests.support.street import RECORDS, Street

EXAMPLES = int(os.environ.get("EXAMPLES", "1"))
SEED = int(os.environ.get("SEED", "1"))
SLOW = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
WORDS_OF_THE_RECORD = ("/redline", "/minutes", "/events")
"""Paths with parameters that no schema can describe: states, minutes, topics that are published."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200 if EXAMPLES > 10 else 300)]


@contextmanager
def served(folder: Path, breaks: bool = False) -> Generator[tuple[FastAPI, str]]:
    """The application on the record of 2001, and its address."""
    street = Street.on_sqlite(folder)
    street.done("setup")
    street.done("record", RECORDS)
    stop = threading.Event()
    with open_register(settings_of(street)) as register:
        app = create_app(Source(), read_schemas(FOLDER), stop, register)
        if breaks:
            app.router.routes.insert(0, _broken(app))
        with serving_app(app, stop) as port:
            yield app, f"http://127.0.0.1:{port}"


def _broken(app: FastAPI) -> Any:
    """A route with a fault, and an answer that the description does not have."""

    @app.get("/api/v1/broken", responses={200: {"model": list[int]}}, dependencies=[READS])
    def broken(which: bool) -> Any:
        if which:
            raise RuntimeError("a fault")
        return {"no": "list"}

    return app.router.routes.pop()


def wrong(app: FastAPI, address: str, paths: str = "", examples: int = EXAMPLES) -> dict[str, str]:
    """What is wrong with the answers, by operation and kind, the first of each."""
    found: dict[str, str] = {}
    asked: list[int] = []

    def ask(case: Any) -> None:
        answer = case.call(base_url=address)
        asked.append(answer.status_code)
        try:
            case.validate_response(answer)
        except BaseExceptionGroup as error:
            for each in error.exceptions:
                free = case.path.endswith(WORDS_OF_THE_RECORD)
                if not (free and isinstance(each, RejectedPositiveData)):
                    said = f"{case.as_curl_command()}: {answer.status_code} {each}"
                    kind = f"{case.operation.label}: {type(each).__name__}"
                    found.setdefault(kind, said[:800])

    for result in schemathesis.openapi.from_dict(app.openapi()).get_all_operations():
        operation: Any = cast("Any", result).ok()
        if operation.path.endswith("/stream") or paths not in operation.path:
            continue
        drawn: Any = given(operation.as_strategy())
        test: Any = cast("Any", seed(SEED))(drawn(ask))
        often: Any = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=SLOW,
        )
        often(test)()
    assert len(asked) > 60 or paths
    print(f"{len(asked)} requests, {len([s for s in asked if s < 300])} answered")  # noqa: T201
    return found


def test_requests_made_of_the_description_get_described_answers(tmp_path: Path) -> None:
    with served(tmp_path) as (app, address):
        assert wrong(app, address) == {}


def test_the_check_finds_a_fault_and_an_undescribed_answer(tmp_path: Path) -> None:
    with served(tmp_path, breaks=True) as (app, address):
        kinds = {name.rpartition(" ")[2] for name in wrong(app, address, "/broken", 10)}
    assert {"ServerError", "JsonSchemaError"} <= kinds
