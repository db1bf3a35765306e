"""A client made by openapi-python-client from `/openapi.json`: typed, and it answers as we do.

A program is written that asks the forty questions by the client's functions. mypy reads it with
`--strict`, and it prints the rows that the command line gives.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import open_register
from adapters.bus.messages.schemas import FOLDER
from adapters.web.app import create_app, read_schemas
from tests.adapters.web.test_api import STAGES, address
from tests.adapters.web.test_pages import settings_of
from tests.scenarios.questions_2001 import QUESTIONS, Question
from tests.support.served import Source, serving_app
from tests.support.street import Street

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PROGRAMS = Path(sys.prefix) / "client" / "bin"
"""The environment of the generator, as `make client` makes it."""
CONFIG = Path(__file__).parents[2] / "support" / "client" / "config.yaml"
ASKING = """
from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Protocol

from register_client.client import Client
from register_client.models.refused import Refused
{imports}

client = Client(base_url=sys.argv[1], raise_on_unexpected_status=True)


class Answer(Protocol):
    def to_dict(self) -> dict[str, object]: ...


def told(answer: Sequence[Answer] | Answer | Refused | None) -> None:
    assert answer is not None
    assert not isinstance(answer, Refused), answer
    rows = [each.to_dict() for each in answer] if isinstance(answer, Sequence) else answer.to_dict()
    print(json.dumps(rows))


"""


def made(folder: Path, description: Mapping[str, Any]) -> None:
    """Make the client in a folder. A warning of the generator fails the test."""
    (folder / "openapi.json").write_text(json.dumps(description))
    subprocess.run(
        [
            *(PROGRAMS / "openapi-python-client", "generate", "--meta", "none"),
            *("--path", folder / "openapi.json", "--config", CONFIG, "--fail-on-warning"),
            *("--output-path", folder / "register_client"),
        ],
        check=True,
        env={"PATH": str(PROGRAMS)},
    )


def call_of(description: Mapping[str, Any], question: Question, known: int) -> tuple[str, str]:
    """A question as a call of the client's function: the function's name, and the line."""
    path, query = address(question.command)
    query |= {"known_at": str(known), **({"as_of": question.on} if question.on else {})}
    for template, methods in description["paths"].items():
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(template))
        found = re.fullmatch(pattern, f"/api/v1/{path}")
        if found and "get" in methods:
            name: str = methods["get"]["operationId"]
            given = {**found.groupdict(), **query}
            days = ("as_of", "before", "after") if name == "compare" else ("as_of",)
            words = ", ".join(
                f"{key}=datetime.date.fromisoformat({value!r})"
                if key in days
                else f"{key}={value!r}"
                for key, value in given.items()
            )
            return name, f"told({name}.sync(client=client, {words}))"
    raise AssertionError(path)


def test_a_generated_client_answers_the_forty_questions(tmp_path: Path) -> None:
    if not (PROGRAMS / "openapi-python-client").exists():
        pytest.skip("the generator of clients is not installed: make client")
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    known: dict[str, int] = dict(zip(STAGES, street.record_2001(), strict=True))
    stop = threading.Event()
    with open_register(settings_of(street)) as register:
        app = create_app(Source(), read_schemas(FOLDER), stop, register)
        description = app.openapi()
        made(tmp_path, description)
        calls = [call_of(description, each, known[each.stage]) for each in QUESTIONS]
        names = sorted({name for name, _ in calls})
        imports = f"from register_client.api.default import {', '.join(names)}"
        program = tmp_path / "asking.py"
        program.write_text(ASKING.format(imports=imports) + "\n".join(line for _, line in calls))
        # the generator's own client.py passes `*args` to `__exit__`, which mypy refuses
        (tmp_path / "mypy.ini").write_text(
            "[mypy]\n[mypy-register_client.client]\nignore_errors = True\n"
        )
        checked = subprocess.run(
            [PROGRAMS / "mypy", "--strict", "asking.py", "register_client"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout
        with serving_app(app, stop) as port:
            asked = subprocess.run(
                [PROGRAMS / "python", program, f"http://127.0.0.1:{port}"],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
    assert asked.returncode == 0, asked.stderr
    answers = [json.loads(line) for line in asked.stdout.splitlines()]
    assert len(answers) == len(QUESTIONS) >= 40
    for question, answer in zip(QUESTIONS, answers, strict=True):
        assert question.look(answer) == question.answer, question.words
        on = ("--as-of", question.on) if question.on else ()
        rows = street.rows(*question.command, *on, "--known-at", known[question.stage])
        assert answer == rows, question.words
