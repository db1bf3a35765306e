"""A rename that is entered late reaches every answer, by the day that is asked about (rule C5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.street import RECORDS, Street

pytestmark = pytest.mark.rule("C5")

ASKED = """\
meeting: { id: 1994-03-04-clerk, on: 1994-03-04, matter: gabon }
items:
  - identify-places:
      places: [ { code: KZ-ALMATY, name: Alma-Ata, country: KZ, country_name: Kazakhstan } ]
  - open-matter: { title: Two cities }
  - receive-request: { request: steppe, place: Alma-Ata, group: { office: Friends }, asks: A pact. }
  - propose-mission:
      mission: east
      direction: outbound
      year: 1995
      cities: [Alma-Ata, Kiev]
"""
RENAMED = """\
meeting: { id: 1997-12-10-clerk, on: 1997-12-10 }
items:
  - identify-places:
      places: [ { code: KZ-ALMATY, name: Almaty, country: KZ, country_name: Kazakhstan } ]
"""
QUESTIONS = (
    ("requests",),
    ("missions",),
    ("deadlines",),
    ("due",),
    ("show", "request", "steppe"),
    ("show", "mission", "east"),
    ("why", "request/steppe"),
    ("why", "mission/east"),
)


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> Street:
    folder = tmp_path_factory.mktemp("renamed")
    street = Street.on_sqlite(folder)
    street.done("setup")
    street.done("record", RECORDS / "founding.yaml")
    for name, text in (("asked", ASKED), ("renamed", RENAMED)):
        (folder / f"{name}.yaml").write_text(text)
        street.done("record", folder / f"{name}.yaml")
    return street


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
@pytest.mark.parametrize(
    ("day", "called", "other"),
    [("1997-12-09", "Alma-Ata", "Almaty"), ("1997-12-10", "Almaty", "Alma-Ata")],
)
def test_what_is_so_on_a_day_is_told_by_the_names_of_the_day(
    question: tuple[str, ...], day: str, called: str, other: str, renamed: Street
) -> None:
    head = renamed.done(*question, "--as-of", day).split("\n1. ")[0]
    steps = head.find("\n19")  # what was done is told by the names of its own day
    told = head[:steps] if question[0] == "show" and steps > 0 else head
    assert called in " ".join(told.split())
    assert other not in " ".join(told.split())


@pytest.mark.parametrize("name", ["steppe", "alma-ata", "ALMATY", "KZ-ALMATY"])
@pytest.mark.parametrize("day", ["1995-01-01", "2001-12-06"])
def test_a_thing_is_found_by_any_name_of_its_place_on_any_day(
    name: str, day: str, renamed: Street
) -> None:
    assert "steppe" in renamed.done("show", "request", name, "--as-of", day)
    if name != "steppe":
        assert "east" in renamed.done("show", "mission", name, "--as-of", day)


def test_a_paper_is_read_by_the_names_of_its_day(renamed: Street, tmp_path: Path) -> None:
    """Two cities exchange a name: who is meant depends on the paper's day."""
    other = RENAMED.replace("KZ-ALMATY", "KZ-VERNY")
    first = other.replace("Almaty", "Verny").replace("1997-12-10", "1994-05-01")
    taken = other.replace("Almaty", "Alma-Ata").replace("1997-12-10", "1999-02-01")
    ask = """\
meeting: {{ id: {day}-ask, on: {day}, matter: m-{day} }}
items:
  - open-matter: {{ title: Another }}
  - receive-request: {{ request: r-{day}, place: Alma-Ata, group: {{ office: X }}, asks: A pact. }}
"""
    for name, text in (
        ("taken", taken),
        ("first", first),
        ("early", ask.format(day="1996-01-01")),
        ("late", ask.format(day="1999-03-01")),
    ):
        (tmp_path / f"{name}.yaml").write_text(text)
        renamed.done("record", tmp_path / f"{name}.yaml")
    codes = {row["request"]: row["code"] for row in renamed.rows("requests")}
    assert codes["r-1996-01-01"] == "KZ-ALMATY"
    assert codes["r-1999-03-01"] == "KZ-VERNY"
