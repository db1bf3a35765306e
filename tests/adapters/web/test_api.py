"""The API: what a command answers it answers, HEAD included, on every path that it describes."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from adapters.bootstrap import open_register
from adapters.web.app import create_app
from tests.adapters.web.test_pages import settings_of
from tests.scenarios import questions_of_a_reader
from tests.scenarios.questions_2001 import QUESTIONS, Question
from tests.support.served import Source
from tests.support.street import RECORDS, Street

STAGES = ("founding", "committee", "council")
DAY = "2001-12-06"


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Street:
    return Street.on_sqlite(tmp_path_factory.mktemp("street"))


@pytest.fixture(scope="module")
def known(street: Street) -> Mapping[str, int]:
    """The position at which each part of the record of 2001 ends."""
    street.done("setup")
    ends = dict(zip(STAGES, street.record_2001(), strict=True))
    street.done("record", RECORDS)  # what else is in the papers: where they disagree
    return {**ends, "all": street.head()}


@pytest.fixture(scope="module")
def client(street: Street, known: Mapping[str, int]) -> Iterator[TestClient]:
    assert known
    with open_register(settings_of(street)) as register:
        app = create_app(Source(), {}, threading.Event(), register)
        yield TestClient(app, base_url="http://127.0.0.1:8414")


def address(command: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """A question as it is asked of the API: its path, and its parameters."""
    words = [*command]
    given = {}
    while len(words) > 2 and words[-2].startswith("--"):
        given[words[-2].removeprefix("--")] = words[-1]
        del words[-2:]
    plurals = {"matter": "matters", "partnership": "partnerships", "study": "studies"}
    match words:
        case ["list", name]:
            return name, given
        case ["show", kind, name]:
            return f"{plurals.get(kind, 'discrepancies')}/{name}", given
        case ["compare", before, after]:
            return "compare", {"before": before, "after": after}
        case [kind, name]:
            return f"{kind}/{name}", given
        case _:
            raise AssertionError(command)


LATER = [each._replace(stage="all") for each in questions_of_a_reader.QUESTIONS]
EVERY = [*QUESTIONS, *LATER]


@pytest.mark.parametrize("question", EVERY, ids=lambda each: each.words[:60])
def test_the_api_answers_every_question_as_the_command_does(
    client: TestClient, known: Mapping[str, int], question: Question
) -> None:
    path, query = address(question.command)
    query["known_at"] = str(known[question.stage])
    if question.on:
        query["as_of"] = question.on
    answer = client.get(f"/api/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    assert question.look(answer.json()) == question.answer


@pytest.mark.parametrize("number", range(0, len(EVERY), 9))
def test_it_gives_the_same_rows(client: TestClient, street: Street, number: int) -> None:
    question = EVERY[number]
    path, query = address(question.command)
    told = client.get(f"/api/v1/{path}", params={**query, "as_of": DAY}).json()
    on = () if path == "compare" else ("--as-of", DAY)
    assert told == street.rows(*question.command, *on)


def paths(client: TestClient) -> list[str]:
    """Every path of the API that is asked, its names filled in."""
    names = {
        "{city}": "UA-KIEV",
        "{year}": "2002",
        "{position}": "100",
        "/why/{fact}": "/why/partnership/kiev",
        "/clocks/{fact}": "/clocks/partnership/kiev",
        "/matters/{name}": "/matters/2001-12-4",
        "/explorations/{name}": "/explorations/guerrero",
        "/studies/{name}": "/studies/gawc-research-bulletin-5",
        "/bodies/{name}": "/bodies/council",
        "/discrepancies/{name}": "/discrepancies/1",
        "/policy/{name}": "/policy/outbound/2",
        "/history/{name}": "/history/outbound/2",
    }
    described: Mapping[str, Any] = client.get("/openapi.json").json()["paths"]
    found = []
    for path, operations in described.items():
        if "get" not in operations or not path.startswith("/api/v1/"):
            continue
        filled = path
        for name, said in names.items():
            filled = filled.replace(name, said)
        if filled.rpartition("/")[2] in ("redline", "compare"):
            filled += "?before=2001-12-03"
        if "{" not in filled:
            found.append(filled)
    return found


def test_head_gives_the_headers_of_get_and_no_body(client: TestClient) -> None:
    asked = [*paths(client), "/partnerships", "/log/100", "/matters/none", "/health"]
    assert len(asked) > 60
    for path in asked:
        whole, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (whole.status_code, b""), path
        assert dict(head.headers) == dict(whole.headers), path
        assert whole.status_code in (200, 404), path


def test_a_list_as_a_sheet_has_the_rows_of_the_list(client: TestClient) -> None:
    asked = "?as_of=2001-12-06&known_at=200&country=china&sort=city"
    answer = client.get(f"/api/v1/partnerships.xlsx{asked}")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    names, *lines = book.get_sheet_by_name("partnerships").to_python()
    rows = client.get(f"/api/v1/partnerships{asked}").json()
    assert names == list(rows[0])
    assert [line[names.index("city")] for line in lines] == [row["city"] for row in rows]
    assert len(rows) == 5
    (register,), (at,), (cited,) = book.get_sheet_by_name("About").to_python()
    assert register == "Register toronto: partnerships"
    assert str(at).startswith("as of 2001-12-06, as known at position ")
    assert str(cited).startswith("Address: /api/v1/partnerships.xlsx?country=china")
    again = client.get(f"/api/v1/partnerships.xlsx{asked}")
    assert again.content == answer.content
    assert answer.headers["content-disposition"] == 'attachment; filename="partnerships.xlsx"'


def test_the_csv_of_the_api_is_that_of_the_command(client: TestClient, street: Street) -> None:
    told = client.get(f"/api/v1/partnerships.csv?as_of={DAY}").content
    assert told == street.run("list", "partnerships", "--as-of", DAY, "-f", "csv").raw


@pytest.mark.parametrize(
    ("filters", "options"),
    [
        ({"stream": "partnership/UA-KIEV"}, ("--stream", "partnership/UA-KIEV")),
        ({"stream": "partnership"}, ("--stream", "partnership")),
        ({"stream": "*/UA-*"}, ("--stream", "*/UA-*")),
        ({"kind": "decision-taken"}, ("--kind", "decision-taken")),
        ({"kind": "partnership-formed.v1"}, ("--kind", "partnership-formed.v1")),
        ({"kind": "decide"}, ("--kind", "decide")),
        (
            {"kind": "partnership-formed", "stream": "partnership/C*"},
            ("--kind", "partnership-formed", "--stream", "partnership/C*"),
        ),
        ({"grep": "gamma", "stream": "matter"}, ("--grep", "gamma", "--stream", "matter")),
        ({"about": "kiev"}, ("--about", "kiev")),
        (
            {"about": "germany", "kind": "partnership-formed"},
            ("--place", "Germany", "--kind", "partnership-formed"),
        ),
        (
            {"matter": "2001-12-4", "body": "council"},
            ("--matter", "2001-12-4", "--body", "council"),
        ),
        ({"year": "1991"}, ("--year", "1991")),
    ],
)
def test_the_log_is_filtered_by_the_database_as_entry_by_entry(
    client: TestClient, street: Street, filters: dict[str, str], options: tuple[str, ...]
) -> None:
    from adapters.queries.entries import log_entries, log_filter

    told = client.get("/api/v1/log", params=filters).json()
    asked: dict[str, Any] = dict(filters)
    kinds = (asked.pop("kind"),) if "kind" in asked else ()
    year = int(asked.pop("year")) if "year" in asked else None
    with open_register(settings_of(street)) as register:
        wanted = log_filter(register, kinds=kinds, year=year, **asked)
        one_by_one = [e.row().plain() for e in log_entries(register, 0) if wanted.keeps(e)]
    assert told == one_by_one != []
    assert told == street.run("log", *options, "-f", "json").lines


def test_a_name_of_another_kind_is_told_with_what_it_is(client: TestClient) -> None:
    answer = client.get("/api/v1/partnerships/germany")

    told = answer.json()
    assert (answer.status_code, told["details"]["this_is"]) == (404, ["a country"])
    assert told["detail"].endswith(": germany is a country")


def test_an_empty_filter_leaves_all(client: TestClient) -> None:
    for name in ("country", "region", "classification"):
        assert len(client.get(f"/api/v1/partnerships?{name}=").json()) == 26
    odd = client.get("/api/v1/why/partnership//classification")
    assert odd.status_code == 404
