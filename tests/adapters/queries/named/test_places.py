"""Places are called as of the day, from their own stream, whenever a change was entered."""

from __future__ import annotations

from pathlib import Path

from adapters.bootstrap import open_register
from domain.instruments import ClassifyPartnership
from domain.places import IdentifyPlaces, Place
from domain.proceedings.decisions import Decide, DecisionKind
from domain.proceedings.matter import OpenMatter
from domain.shared.dates import When
from tests.support.alliance import alliance
from tests.support.toronto import enter, recorded_2001


def test_a_rename_entered_late_reaches_lists_explanations_and_comparisons(tmp_path: Path) -> None:
    act = ClassifyPartnership(city="UA-KIEV", classification="International")
    later, renamed = When.parse("2007-06-19"), When.parse("2006-10-03")
    kyiv = Place(code="UA-KIEV", name="Kyiv", country="UA", country_name="Ukraine")
    with open_register(recorded_2001(tmp_path)) as register:
        decided = Decide(
            on=later,
            matter="m1",
            decision="d1",
            body="council",
            kind=DecisionKind.ADOPT,
            summary="International.",
            instruments=(act,),
        )
        enter(register, "class", OpenMatter(on=later, matter="m1", title="Kiev"), decided)
        enter(register, "name", IdentifyPlaces(on=renamed, places=(kyiv,)))

    def called(day: str) -> str:
        rows = alliance(tmp_path, "list", "partnerships", "--as-of", day, "-f", "json").rows
        return str(next(row["city"] for row in rows if row["code"] == "UA-KIEV"))

    days = ("1995-01-01", "2006-10-02", "2006-10-03", "2010-01-01")
    assert [called(day) for day in days] == ["Kiev", "Kiev", "Kyiv", "Kyiv"]
    why = alliance(tmp_path, "why", "partnership/kiev/classification", "--as-of", "2010-01-01")
    assert "Kyiv is International" in why.out
    assert "Kiev is Historical" in why.out
    differs = alliance(tmp_path, "compare", "2006-10-02", "2006-10-03", "-f", "json").rows
    (row,) = (r for r in differs if r["key"] == "UA-KIEV")
    assert (row["before"]["name"], row["after"]["name"]) == ("Kiev", "Kyiv")
