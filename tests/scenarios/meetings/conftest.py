"""A small city on both databases, whose meetings are recorded from minutes files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests import services
from tests.support.alliance import Ran
from tests.support.street import STORES, Street

FOUNDING = """
meeting: { id: founding, on: 2001-01-01 }
items:
  - record-charter:
      charter:
        edition: small
        residual_authority: council
        bodies:
          - { id: council, name: City Council }
          - { id: works, name: Works Committee }
          - { id: mayor, name: Mayor }
  - identify-places:
      places:
        - { code: PT-PORTO, name: Porto, country: PT, country_name: Portugal }
        - { code: PL-LODZ, name: Lodz, country: PL, country_name: Poland }
        - { code: CL-TALCA, name: Talca, country: CL, country_name: Chile }
"""


@dataclass
class City:
    """A register, and a clerk who records one meeting after another in it."""

    street: Street
    folder: Path
    numbers: Iterator[int]

    def minutes(
        self, matter: str, items: str, *, on: str = "2003-02-04", body: str = "council"
    ) -> Ran:
        """Record a meeting of a body on a matter, on a day."""
        meeting = f"{on[:10]}-{body}-{next(self.numbers)}"
        head = f"meeting: {{ id: {meeting}, body: {body}, on: {on}, matter: {matter} }}\nitems:\n"
        file = self.folder / f"{meeting}.yaml"
        file.write_text(head + items)
        return self.street.run("record", file)

    def recorded(self, matter: str, items: str, **meeting: str) -> str:
        """The same, where it must be recorded; the output."""
        ran = self.minutes(matter, items, **meeting)
        assert ran.code == 0, f"{ran.out}\n{ran.err}"
        return ran.out

    def refused(self, matter: str, items: str, **meeting: str) -> str:
        """The same, where a rule must refuse it; what the clerk reads."""
        ran = self.minutes(matter, items, **meeting)
        assert ran.code == 3, f"{ran.code}\n{ran.out}\n{ran.err}"
        return ran.err

    def matter(self, matter: str, on: str = "2003-12-31") -> dict[str, dict[str, Any]]:
        """A matter's rows, by item."""
        rows = self.street.rows("show", "matter", matter, "--as-of", on)
        return {row["item"]: row for row in rows}

    def text(self, address: str, on: str = "2003-12-31") -> dict[str, Any] | None:
        """A provision on a day, `None` where it is not in force."""
        ran = self.street.run("policy", address, "--as-of", on, "--format", "json")
        rows: list[dict[str, Any]] = json.loads(ran.out) if ran.code == 0 else []
        return next((row for row in rows if row["in_force"]), None)

    def due(self, on: str) -> list[dict[str, Any]]:
        """What is due on a day."""
        rows: list[dict[str, Any]] = self.street.rows("due", "--as-of", on)
        return rows


@pytest.fixture(scope="session", params=STORES)
def city(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """One city for all tests; each has matters and provisions of its own."""
    folder = tmp_path_factory.mktemp("meetings")
    if request.param == "sqlite":
        yield _founded(Street.on_sqlite(folder), folder)
        return
    with services.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield _founded(Street.on_postgres(url, folder), folder)


def _founded(street: Street, folder: Path) -> City:
    street.done("setup")
    file = folder / "founding.yaml"
    file.write_text(FOUNDING)
    street.done("record", file)
    return City(street, folder, count(1))
