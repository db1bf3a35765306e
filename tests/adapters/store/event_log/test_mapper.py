"""Facts to bytes and back, across versions, with what is personal left out."""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

import pytest
from eventsourcing.persistence import StoredEvent
from pydantic import Field

from adapters.store.event_log.mapper import Catalogue, FactMapper, Placed
from adapters.store.event_log.open_log import open_log
from adapters.store.event_log.personal_values import holds_personal, set_apart
from adapters.store.event_log.recorder import Draft, PersonalPart
from adapters.store.event_log.upcasters import UPCASTERS, Upcaster
from application.ports import StoredRow, Unreadable
from domain.catalogue import catalogue
from domain.shared.dates import When
from domain.shared.messages import Fact, Personal, StreamId, Value
from tests.support.log_stores import CATALOGUE, LetterReceived, Noted, Sender, StoredStore, note


class Class(StrEnum):
    INTERNATIONAL = "International"


class Reclassified(Fact):
    """A test's own third version of an event."""

    TOPIC: ClassVar[str] = "reclassified.v3"

    city: str
    classification: Class
    decided_on: When
    plan: int = Field(ge=1)


def name_the_day(content: dict[str, Any]) -> dict[str, Any]:
    """v1 had the year alone, as a number."""
    content["decided_on"] = str(content.pop("year"))
    return content


def add_the_plan(content: dict[str, Any]) -> dict[str, Any]:
    """v2 had no plan."""
    return {**content, "plan": 1}


OLD = {
    "reclassified.v1": Upcaster("reclassified.v2", name_the_day),
    "reclassified.v2": Upcaster("reclassified.v3", add_the_plan),
}
NEWEST = {Reclassified.TOPIC: Reclassified}
V1 = b'{"city":"UA-KIEV","classification":"International","year":2001}'
V2 = b'{"city":"UA-KIEV","classification":"International","decided_on":"2001-12"}'


# --- bytes ----------------------------------------------------------------------------------------


def test_a_fact_is_stored_as_its_own_json_under_its_own_name() -> None:
    mapper = FactMapper(CATALOGUE, {})
    draft, kept, personal = mapper.draft("toronto/a", 1, Noted(text="Köln"))
    assert draft == Draft("toronto/a", 1, "noted.v1", '{"text":"Köln"}'.encode())
    assert (kept, personal) == (Noted(text="Köln"), [])
    assert mapper.decoders["noted.v1"](draft.state) == kept


def test_a_catalogue_that_contradicts_its_facts_is_refused() -> None:
    with pytest.raises(ValueError, match=r"written\.v1"):
        FactMapper({"written.v1": Noted}, {})


def test_a_catalogue_given_as_a_function_is_asked_for_once_with_the_first_fact() -> None:
    asked: list[str] = []

    def catalogue() -> Catalogue:
        asked.append("asked")
        return CATALOGUE

    mapper = FactMapper(catalogue, {})
    assert asked == []
    draft, _, _ = mapper.draft("toronto/a", 1, Noted(text="x"))
    assert mapper.decoders["noted.v1"](draft.state) == Noted(text="x")
    assert asked == ["asked"]


def test_light_facts_are_read_without_the_catalogue_and_written_with_it() -> None:
    asked: list[str] = []

    def catalogue() -> Catalogue:
        asked.append("asked")
        return {**NEWEST, **CATALOGUE}

    mapper = FactMapper(catalogue, OLD, CATALOGUE)
    assert mapper.decoders["noted.v1"](b'{"text":"x"}') == Noted(text="x")
    assert asked == []
    assert isinstance(mapper.decoders["reclassified.v1"](V1), Reclassified)
    assert asked == ["asked"]
    with pytest.raises(KeyError):
        mapper.decoders["unknown.v1"]
    assert asked == ["asked"]


def test_a_function_that_gives_a_catalogue_that_contradicts_its_facts_is_refused() -> None:
    mapper = FactMapper(lambda: {"written.v1": Noted}, {})
    with pytest.raises(ValueError, match=r"written\.v1"):
        mapper.draft("toronto/a", 1, Noted(text="x"))


def test_the_registers_own_catalogue_and_upcasters_agree() -> None:
    assert set(catalogue) <= set(FactMapper(catalogue, UPCASTERS).decoders)


def test_the_library_is_given_and_gives_facts_at_their_places() -> None:
    mapper = FactMapper(CATALOGUE, {})
    placed = Placed("toronto/a", 3, Noted(text="x"))
    assert mapper.to_domain_event(mapper.to_stored_event(placed)) == placed
    with pytest.raises(TypeError, match="Noted"):
        mapper.to_stored_event(placed.fact)


# --- older versions -------------------------------------------------------------------------------


@pytest.mark.parametrize(("topic", "state"), [("reclassified.v1", V1), ("reclassified.v2", V2)])
def test_an_older_version_is_read_as_the_newest(topic: str, state: bytes) -> None:
    fact = FactMapper(NEWEST, OLD).decoders[topic](state)
    assert isinstance(fact, Reclassified)
    assert (fact.city, fact.classification, fact.plan) == ("UA-KIEV", Class.INTERNATIONAL, 1)
    assert fact.decided_on.first.year == 2001
    assert fact.decided_on.last == date(2001, 12, 31)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"a\u0000b", r"a\u0000b"),
        (r"\u0000\u0000", r"\u0000\u0000"),
        (r"a\\u0000b", r"a\u0000b"),
        (r"a\\\u0000b", r"a\\u0000b"),
        (r"\u0001\u00e9", "\u0001é"),
    ],
)
def test_a_nul_of_old_is_read_as_its_escape_and_stays_in_the_stored_bytes(
    stored: StoredStore, written: str, read: str
) -> None:
    log = stored.open()
    row = StoredRow(StreamId("toronto/a"), 1, "noted.v1", f'{{"text":"{written}"}}'.encode(), 1, 1)
    stored.insert(row)
    (entry,) = log.read(StreamId("a"))[StreamId("a")]
    assert entry.event == Noted(text=read)
    assert list(log.entries()) == [entry]
    assert list(log.raw_after(0, 10).rows) == [row._replace(stream=StreamId("a"))]
    placed = FactMapper(CATALOGUE, {}).to_domain_event(StoredEvent("a", 1, "noted.v1", row.state))
    assert placed.fact == entry.event


def test_an_upcaster_that_leads_nowhere_is_refused() -> None:
    for wrong in (
        {"reclassified.v1": Upcaster("reclassified.v2", name_the_day)},
        {"reclassified.v3": Upcaster("reclassified.v3", add_the_plan)},
        {"a.v1": Upcaster("b.v1", add_the_plan), "b.v1": Upcaster("a.v1", add_the_plan)},
    ):
        with pytest.raises(ValueError, match=r"lead nowhere: (reclassified\.v[13]|a\.v1)"):
            FactMapper(NEWEST, wrong)


def test_stored_bytes_stay_as_they_were_written_and_are_upcast_on_reading(
    stored: StoredStore,
) -> None:
    stored.open().append([note("a", 1)], {})
    row = StoredRow(StreamId("toronto/b"), 1, "reclassified.v1", V1, 2, 9_007_199_254_740_991)
    stored.insert(row)
    with open_log(stored.url, "toronto", {**CATALOGUE, **NEWEST}, OLD) as log:
        (entry,) = log.read(StreamId("b"))[StreamId("b")]
        assert isinstance(entry.event, Reclassified)
        assert list(log.raw_after(1, 10).rows) == [row._replace(stream=StreamId("b"))]


def test_an_upcaster_that_fails_is_told_with_the_row(stored: StoredStore) -> None:
    stored.open().append([note("a", 1)], {})
    wrong = {"noted.v1": Upcaster("reclassified.v3", name_the_day)}
    with open_log(stored.url, "toronto", NEWEST, wrong) as log, pytest.raises(Unreadable) as failed:
        list(log.entries())
    assert failed.value.details["position"] == 1
    assert "year" in str(failed.value.details["reason"])


# --- personal values ------------------------------------------------------------------------------


class Nested(Value):
    """Personal, below a dict, a tuple and a union."""

    people: dict[str, tuple[Sender | str, ...]]


class Deep(Fact):
    """A test's own."""

    TOPIC: ClassVar[str] = "deep.v1"

    nested: Nested | None


def test_which_facts_hold_personal_values_is_known_from_their_annotations() -> None:
    assert holds_personal(LetterReceived)
    assert holds_personal(Deep)
    assert not holds_personal(Noted)
    assert not holds_personal(Reclassified)


def kept_apart(value: bytes) -> PersonalPart:
    return PersonalPart(hashlib.sha256(value).hexdigest(), "somebody", value)


def test_values_are_found_wherever_they_are_nested() -> None:
    sender = Sender(name=Personal[str](value="Ada"), reachable=(Personal[str](value="by post"),))
    fact = Deep(nested=Nested(people={"x": ("nobody", sender)}))
    kept, parts = set_apart(fact, kept_apart)
    assert [part.sealed for part in parts] == [b'"Ada"', b'"by post"']
    shown = kept.model_dump_json(context={"reveal": True})
    assert "Ada" not in shown
    assert all(part.digest in shown for part in parts)
    assert fact.nested is not None
    assert fact.nested.people["x"][1] is sender, "the caller's fact is as it was"
    assert sender.name.value == "Ada"


def test_nothing_is_copied_where_there_is_nothing_to_take_out() -> None:
    fact = LetterReceived(
        subject="x", sender=Sender(name=Personal[str](digest="0" * 64)), helper=None
    )
    kept, parts = set_apart(fact, kept_apart)
    assert kept is fact
    assert parts == []


def test_facts_that_cannot_hold_personal_values_are_not_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mapper = FactMapper(CATALOGUE, {})

    def search(fact: Fact, seal: object) -> tuple[Fact, list[object]]:
        raise AssertionError

    monkeypatch.setattr("adapters.store.event_log.mapper.set_apart", search)
    mapper.draft("toronto/a", 1, Noted(text="x"))
    with pytest.raises(AssertionError):
        mapper.draft(
            "toronto/a", 1, LetterReceived(subject="", sender=Sender(name=Personal[str]()))
        )
