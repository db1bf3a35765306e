"""One answer a day: tables, JSON, CSV, exports, differences and `show` say the same of every day.

`AGREEMENT_DAYS` says on how many random days; the days about the meeting of 2001 are always asked.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from adapters.bootstrap import Register, open_register
from adapters.cli.common.output import Format, show, shown
from adapters.exports.akoma_ntoso import AKN, TERMS, akoma_ntoso
from adapters.exports.sheets import as_csv
from adapters.minutes.files import read_files
from adapters.queries.lists import LISTS, ListName
from adapters.queries.matters import matter, matters
from adapters.queries.missions import mission, missions
from adapters.queries.moment import Moment
from adapters.queries.partnerships import PartnershipRow, partnership, partnerships, targeted
from adapters.queries.policy.changes import policy_changes
from adapters.queries.policy.document import NothingInForce, policy_document
from adapters.queries.policy.provisions import ProvisionRow, provision, provisions
from adapters.queries.requests import request, requests
from adapters.queries.rows import DatedRow
from tests.support.street import Street
from tests.support.toronto import recorded_2001, settings

DAYS = int(os.environ.get("AGREEMENT_DAYS", "25"))
pytestmark = pytest.mark.timeout(120 + 5 * DAYS)
SITTING = tuple(date(2001, 12, day) for day in (3, 4, 5, 6, 7))
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
LATER = (
    EXAMPLES / "2002",
    EXAMPLES / "2003-05-21-council.yaml",
    EXAMPLES / "2004-03-01-council.yaml",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of 2001, the year of 2002, and two later meetings that change both lists."""
    fresh = tmp_path_factory.mktemp("agreement")
    with open_register(recorded_2001(fresh)) as register:
        for file in read_files(LATER, "a clerk"):
            register.command_bus.handle(*file.minutes.envelopes)
        register.catch_up()
    return fresh


@pytest.fixture(scope="module")
def register(folder: Path) -> Iterator[Register]:
    with open_register(settings(folder)) as opened:
        yield opened


def days(seed: int) -> Sequence[date]:
    draw = random.Random(seed)
    first, last = date(2001, 10, 1), date(2004, 12, 31)
    return (
        *SITTING,
        *(first + timedelta(days=draw.randrange((last - first).days)) for _ in range(DAYS)),
    )


@pytest.mark.parametrize("name", list(ListName))
def test_json_csv_and_json_lines_of_a_list_have_the_same_rows(
    register: Register, name: ListName, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in days(1):
        rows = LISTS[name](register, Moment(day, None))
        show(rows, {}, Format.JSON)
        told = json.loads(capsys.readouterr().out)
        cells = list(csv.DictReader(io.StringIO(as_csv([row.plain() for row in rows]), newline="")))
        assert told == [row.plain() for row in rows]
        assert [_as_cells(row) for row in told] == cells


def _as_cells(row: dict[str, Any]) -> dict[str, str]:
    (cells,) = csv.DictReader(io.StringIO(as_csv([row]), newline=""))
    return cells


TABLES = (
    ("list", "partnerships"),
    ("list", "targeted"),
    ("list", "provisions"),
    ("list", "matters"),
    ("list", "decisions"),
    ("list", "explorations"),
    ("list", "discrepancies"),
    ("missions",),
    ("deadlines", "--all"),
)


@pytest.mark.parametrize("asked", TABLES)
def test_a_table_says_what_its_json_says(folder: Path, asked: tuple[str, ...]) -> None:
    street = Street.on_sqlite(folder)
    for day in days(2):
        at = (*asked, "--as-of", day)
        rows, table = street.rows(*at), _table(street.run(*at, COLUMNS="4000").out)
        assert len(rows) == len(table)
        for row, cells in zip(rows, table, strict=True):
            said = {re.sub(r"\s+", " ", shown(value)) for value in row.values()}
            assert set(cells.values()) <= said | {"uncertain"}
            assert ("uncertain" in cells.values()) is (row["certain"] is False)
            for heading in cells.keys() & row.keys() - {"certain"}:
                assert cells[heading] == shown(row[heading]), heading


def test_lines_of_what_is_due_count_the_cities_of_its_json(folder: Path) -> None:
    street = Street.on_sqlite(folder)
    told = ("status", "due", "says")
    for day in days(2):
        at = ("due", "--as-of", day)
        rows, table = street.rows(*at), _table(street.run(*at, COLUMNS="4000").out)
        lines = Counter[tuple[str, ...]]()
        for cells in table:
            number = re.fullmatch(r"(\d+) cities", cells["for"])
            cities = int(number[1]) if number else 1 + cells["for"].count(", ")
            lines[cells["what"], *(cells[each] for each in told)] += cities
        assert lines == Counter(
            (shown(row["kind"]), *(shown(row[each]) for each in told)) for row in rows
        )


def _table(out: str) -> list[dict[str, str]]:
    """The rows of the table after the summary, each cell by its heading."""
    summary, _, rest = out.partition("\n\n")
    head, *lines = rest.partition("\n\n")[0].splitlines() or [""]
    starts = [found.start() for found in re.finditer(r"(?:(?<=\s\s)|^)\S", head)]
    ends = [*starts[1:], 4001]
    assert summary
    return [
        {head[a:b].strip(): line[a:b].strip() for a, b in zip(starts, ends, strict=True)}
        for line in lines
    ]


def test_the_policy_is_the_same_in_list_show_and_document(register: Register) -> None:
    seen = {"nothing": 0, "uncertain": 0, "certain": 0}
    draw = random.Random(3)
    for day in days(3):
        at = Moment(day, None)
        rows = provisions(register, at)
        addresses = _addresses(rows)
        for address in draw.sample(addresses, min(3, len(addresses))):
            listed = [row for row in rows if row.address == address]
            assert _in_force(register, address, at) == [row.plain() for row in listed]
        if not rows:
            seen["nothing"] += 1
            with pytest.raises(NothingInForce):
                policy_document(register, at)
            continue
        document = policy_document(register, at)
        assert [written.row for written in document.provisions] == rows
        file = etree.fromstring(akoma_ntoso(document, "ca"))
        assert _written(file) == [(r.address, r.heading, r.text, r.certain) for r in rows]
        seen["certain" if all(row.certain for row in rows) else "uncertain"] += 1
    assert all(seen.values())


def _addresses(rows: Sequence[ProvisionRow]) -> list[str]:
    return list(dict.fromkeys(row.address for row in rows))


def _in_force(register: Register, address: str, at: Moment) -> list[dict[str, Any]]:
    rows = (row for row in provision(register, address, at) if row.address == address)
    whole = [row.plain() for row in rows if row.in_force]
    fields = ProvisionRow.model_fields
    return [{name: row[name] for name in fields if name in row} for row in whole]


def _written(file: Any) -> list[tuple[str, str, str, bool]]:
    names = {"a": AKN, "r": TERMS}
    uncertain = {mark.get("provision")[1:] for mark in file.iterfind(".//r:uncertain", names)}
    return [
        (
            section.findtext("a:num", namespaces=names),
            section.findtext("a:heading", namespaces=names),
            section.findtext("a:content/a:p", namespaces=names),
            section.get("eId") not in uncertain,
        )
        for section in file.iterfind(".//a:section", names)
    ]


def test_a_difference_is_what_two_days_say_differently(register: Register) -> None:
    drawn = days(4)
    for before, after in zip(drawn, (*drawn[2:], *drawn[:2]), strict=True):
        one, other = _possible(register, before), _possible(register, after)
        found = policy_changes(register, str(before), str(after), Moment(before, None))
        expected = {
            address: len(one.get(address, NONE)) == len(other.get(address, NONE)) == 1
            for address in one.keys() | other.keys()
            if one.get(address, NONE) != other.get(address, NONE)
        }
        assert {row.provision: row.certain for row in found.rows} == expected


NONE = frozenset({None})


def _possible(register: Register, day: date) -> dict[str, frozenset[str | None]]:
    """All that each provision may say on a day, by what `list provisions` says."""
    rows: dict[str, list[ProvisionRow]] = {}
    for row in provisions(register, Moment(day, None)):
        rows.setdefault(row.address, []).append(row)
    return {
        address: frozenset(
            {row.text for row in several}
            | ({None} if len(several) == 1 and not several[0].certain else set[str | None]())
        )
        for address, several in rows.items()
    }


def test_what_is_shown_of_one_thing_is_its_row_in_the_list(register: Register) -> None:
    draw, asked = random.Random(5), Counter[str]()
    for day in days(5):
        at = Moment(day, None)
        partners = partnerships(register, at)
        for city in draw.sample(["Kiev", "Chicago", "Milan", "Lisbon", "Haifa", "London"], 2):
            story = partnership(register, city, at)
            listed = [r for r in (*partners, *targeted(register, at)) if r.code == story.place.code]
            told = {_listed(r) for r in story.rows if r.established or r.targeted}
            assert told == {_listed(row) for row in listed}
        listed_matters = matters(register, at)
        for name in dict.fromkeys(row.matter for row in listed_matters):
            whole = [row for row in matter(register, name, at) if row.kind == "matter"]
            rows = [row for row in listed_matters if row.matter == name]
            assert all(_same(*pair) for pair in zip(rows, whole, strict=True))
        for listed_mission in missions(register, at):
            found = mission(register, listed_mission.mission, at)
            assert any(_same(listed_mission, row) for row in found)
            asked["mission"] += 1
        for listed_request in requests(register, at):
            several = request(register, listed_request.request, at)
            assert any(_same(listed_request, row) for row in several)
    assert asked["mission"]


def _listed(row: PartnershipRow) -> str:
    """A row less what only `show` has."""
    told = row.plain()
    return json.dumps({name: told[name] for name in PartnershipRow.model_fields if name in told})


def _same(row: DatedRow, shown_row: DatedRow) -> bool:
    told = shown_row.plain()
    return row.plain().items() <= told.items()
