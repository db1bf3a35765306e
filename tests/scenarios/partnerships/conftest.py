"""A city with four partners and two categories on both databases, one for each test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from tests import services
from tests.support.alliance import Ran
from tests.support.street import STORES, Street

PLACES = """
meeting: { id: founding, on: 1990-01-01 }
items:
  - record-charter:
      charter:
        edition: small
        residual_authority: council
        bodies: [ { id: council, name: Council }, { id: staff, name: Staff }, { id: committee, name: Committee } ]
  - identify-places:
      places:
        - { code: PT-PORTO, name: Porto, country: PT, country_name: Portugal }
        - { code: PL-LODZ, name: Lodz, country: PL, country_name: Poland }
        - { code: CL-TALCA, name: Talca, country: CL, country_name: Chile }
        - { code: RU-TVER, name: Tver, country: RU, country_name: Russia }
        - { code: IT-MILAN, name: Milan, country: IT, country_name: Italy }
"""

PARTNERS = """
  - open-matter: { title: Partners }
  - submit-report:
      document: r1
      by: { office: Clerk }
      title: Partners
      states:
        - { states: partnership-exists, city: PT-PORTO, established: 1980, description: Twinning }
        - { states: partnership-exists, city: PL-LODZ, established: 1985, description: Twinning }
        - { states: partnership-exists, city: CL-TALCA, established: 1990, description: Twinning }
        - { states: partnership-exists, city: RU-TVER, established: 1991, description: Twinning }
"""

CATEGORIES = """
  - open-matter: { title: Policy }
  - decide:
      decision: d
      kind: adopt
      summary: Adopts the policy.
      instruments:
        - instrument: adopt-provision
          draft:
            address: categories
            heading: Categories
            text: There are sister cities and friendship cities.
            terms: { category.sister.name: Sister City, category.sister.order: 1, category.friend.name: Friendship City, category.friend.order: 2, category.friend.approver: staff }
        - { instrument: classify-partnership, city: PT-PORTO, classification: Sister City }
        - { instrument: classify-partnership, city: PL-LODZ, classification: sister }
        - { instrument: classify-partnership, city: CL-TALCA, classification: friendship city }
"""


@dataclass(frozen=True)
class Founding:
    """A city that nobody records in; on PostgreSQL it is in a database of a server."""

    folder: Path
    server: str | None = None
    database: str = ""


@dataclass
class City:
    """A register, and a clerk who records one meeting after another in it."""

    street: Street
    folder: Path
    numbers: count[int] = field(default_factory=count)

    def minutes(self, items: str, *, on: str, body: str = "council", matter: str = "") -> Ran:
        """Record a meeting of a body on a day, on a matter of its own unless one is named."""
        number = next(self.numbers)
        meeting = f"{on[:10]}-{number}"
        head = f"meeting: {{ id: {meeting}, body: {body}, on: {on}, matter: {matter or f'm{number}'} }}"
        file = self.folder / f"{meeting}.yaml"
        file.write_text(f"{head}\nitems:\n{items}", encoding="utf-8")
        return self.street.run("record", file)

    def recorded(self, items: str, **meeting: str) -> str:
        """The same, where it must be recorded; the output."""
        ran = self.minutes(items, **meeting)
        assert ran.code == 0, f"{ran.out}\n{ran.err}"
        return ran.out

    def refused(self, items: str, **meeting: str) -> str:
        """The same, where a rule must refuse it; the reason."""
        ran = self.minutes(items, **meeting)
        assert ran.code == 3, f"{ran.code}\n{ran.out}\n{ran.err}"
        return " ".join(ran.err.split())

    def decided(self, *instruments: str, on: str, body: str = "council", matter: str = "") -> str:
        """Record a decision that does this."""
        return self.recorded(deciding(*instruments), on=on, body=body, matter=matter)

    def stated(self, *statements: str, on: str) -> str:
        """Record a report that states this."""
        states = "".join(f"\n        - {statement}" for statement in statements)
        return self.recorded(
            "  - open-matter: { title: Report }\n  - submit-report:\n      document: r\n"
            f"      by: {{ office: Clerk }}\n      title: Report\n      states:{states}\n",
            on=on,
        )

    def partners(self, on: str, *filters: str) -> dict[str, dict[str, Any]]:
        """The rows of the partners on a day, by city."""
        rows = self.street.rows("list", "partnerships", "--as-of", on, *filters)
        return {row["city"]: row for row in rows}

    def classes(self, on: str) -> dict[str, str | None]:
        """The category of each partner on a day."""
        return {city: row["classification"] for city, row in self.partners(on).items()}

    def listed(self, on: str) -> str:
        """The first line of the list of partners."""
        return self.street.done("list", "partnerships", "--as-of", on).splitlines()[0]

    def due(self, on: str) -> list[tuple[str, str, str]]:
        """Kind, subject and status of all that is owed on a day."""
        rows = self.street.rows("due", "--as-of", on)
        return [(row["kind"], row["subject"], row["status"]) for row in rows]


def deciding(*instruments: str) -> str:
    """A decision that does this, on a matter that it opens."""
    acts = "".join(f"\n        - {instrument}" for instrument in instruments)
    return (
        "  - open-matter: { title: A matter }\n"
        f"  - decide:\n      decision: d\n      kind: adopt\n      summary: Adopted.\n"
        f"      instruments:{acts}\n"
    )


@pytest.fixture(scope="session", params=STORES)
def founding(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Founding]:
    """The city with four partners on either database, which every test copies."""
    folder = tmp_path_factory.mktemp("founding")
    if request.param == "sqlite":
        _founded(Street.on_sqlite(folder), folder)
        yield Founding(folder)
        return
    server: str = request.getfixturevalue("postgres_server")
    with services.fresh_database(server) as url:
        _founded(Street.on_postgres(url, folder), folder)
        yield Founding(folder, server, url.rpartition("/")[2])


def _founded(street: Street, folder: Path) -> None:
    street.done("setup")
    (folder / "founding.yaml").write_text(PLACES)
    street.done("record", folder / "founding.yaml")
    City(street, folder).recorded(PARTNERS, on="2000-01-10")


@pytest.fixture
def bare(founding: Founding, tmp_path: Path) -> Iterator[City]:
    """A city with four partners, whose policy names no categories."""
    folder = tmp_path / "city"
    copytree(founding.folder, folder)
    numbers = count(1)
    if founding.server is None:
        yield City(Street.on_sqlite(folder), folder, numbers)
        return
    with services.fresh_database(founding.server, template=founding.database) as url:
        yield City(Street.on_postgres(url, folder), folder, numbers)


@pytest.fixture
def city(bare: City) -> City:
    """The same, with two categories since 1 February 2000: Porto and Lodz, Talca, and Tver in none."""
    bare.recorded(CATEGORIES, on="2000-02-01")
    return bare
