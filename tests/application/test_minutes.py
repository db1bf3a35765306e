"""A minutes file becomes requests, or a list of everything that is wrong with it."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from application.command_bus import Envelope
from application.minutes import InvalidMinutes, read_minutes, schema
from application.minutes_mistakes import WRITTEN
from domain.catalogue import commands
from domain.instruments import TargetCity
from domain.proceedings.decisions import DecisionKind
from domain.proceedings.matter import OpenMatter
from domain.proceedings.papers import HearDeputation
from domain.shared.dates import When
from domain.shared.messages import Citation
from tests.support.small_city import STAFF, decide

MINUTES: dict[str, Any] = {
    "meeting": {
        "id": "council-2001-12-04",
        "on": "2001-12-04/2001-12-06",
        "body": "council",
        "matter": "2001-12-4",
        "cites": [{"document": "minutes"}],
    },
    "items": [
        {"open-matter": {"title": "City partners", "on": "2001-11-07", "cites": []}},
        {
            "hear-deputation": {
                "deputation": "speaker",
                "body": "committee",
                "speaker": {"name": STAFF.name, "office": STAFF.office},
            }
        },
        {
            "decide": {
                "decision": "adoption",
                "kind": "adopt",
                "summary": "Council: adopt.",
                "instruments": [{"instrument": "target-city", "city": "IT-MILAN"}],
            }
        },
    ],
}
DAYS = When.parse("2001-12-04/2001-12-06")
CITED = (Citation(document="minutes"),)


def changed(**at: Any) -> dict[str, Any]:
    """The minutes with something else at dotted places, `...` for nothing."""
    content = copy.deepcopy(MINUTES)
    for place, value in at.items():
        *steps, last = (int(s) if s.isdigit() else s for s in place.split("__"))
        node: Any = content
        for step in steps:
            node = node[step.replace("_", "-") if isinstance(step, str) else step]
        if value is ...:
            del node[last]
        else:
            node[last] = value
    return content


def told(content: object) -> dict[str, str]:
    """What is said of each place in the items."""
    with pytest.raises(InvalidMinutes) as raised:
        read_minutes(content, "a clerk")
    return {"/".join(map(str, m.path[2:])): m.message for m in raised.value.mistakes}


def mistakes(content: object) -> list[tuple[Any, ...]]:
    with pytest.raises(InvalidMinutes) as raised:
        read_minutes(content, "a clerk")
    assert raised.value.details == {"mistakes": raised.value.mistakes}
    assert all(m.message for m in raised.value.mistakes)
    return [m.path for m in raised.value.mistakes]


def test_items_take_from_the_meeting_what_they_do_not_say() -> None:
    minutes = read_minutes(MINUTES, "a clerk")
    prefix = "council-2001-12-04"
    assert minutes.envelopes == (
        Envelope(
            f"{prefix}/open-matter/2001-12-4",
            OpenMatter(on=When.parse("2001-11-07"), matter="2001-12-4", title="City partners"),
            "a clerk",
        ),
        Envelope(
            f"{prefix}/hear-deputation/2001-12-4/speaker",
            HearDeputation(
                on=DAYS,
                matter="2001-12-4",
                deputation="speaker",
                body="committee",
                speaker=STAFF,
                cites=CITED,
            ),
            "a clerk",
        ),
        Envelope(
            f"{prefix}/decide/2001-12-4/adoption",
            decide(
                "adoption",
                DecisionKind.ADOPT,
                instruments=(TargetCity(city="IT-MILAN"),),
                cites=CITED,
            ),
            "a clerk",
        ),
    )
    assert minutes.places == {r.id: ("items", n) for n, r in enumerate(minutes.envelopes)}


def test_a_folder_goes_by_date_and_then_by_name() -> None:
    def meeting(name: str, on: str) -> tuple[str, str, str]:
        return read_minutes(changed(meeting__id=name, meeting__on=on), "a clerk").order

    days = ["2001-11-07", "2001-11", "2001", "2001-12-04/2001-12-06", "2001-12-04"]
    orders = [meeting("a", on) for on in days]
    assert [o[:2] for o in sorted(orders)] == [
        ("2001-01-01", "2001-12-31"),
        ("2001-11-01", "2001-11-30"),
        ("2001-11-07", "2001-11-07"),
        ("2001-12-04", "2001-12-04"),
        ("2001-12-04", "2001-12-06"),
    ]
    assert meeting("a", "2001") < meeting("b", "2001")


@pytest.mark.parametrize("content", [None, [], "minutes", 7, True, {}, {"items": []}], ids=repr)
def test_what_has_no_meeting_and_items_is_no_minutes_file(content: object) -> None:
    assert mistakes(content)


@pytest.mark.parametrize(
    ("at", "value", "path"),
    [
        ("minutes", {}, ("minutes",)),
        ("meeting", ..., ("meeting",)),
        ("meeting", [], ("meeting",)),
        ("meeting__id", "Council 2001", ("meeting", "id")),
        ("meeting__on", "yesterday", ("meeting", "on")),
        ("meeting__on", 2001.5, ("meeting", "on")),
        ("meeting__on", ..., ("meeting", "on")),
        ("meeting__chair", "x", ("meeting", "chair")),
        ("items", ..., ("items",)),
        ("items", {}, ("items",)),
        ("items", [], ("items",)),
        ("items__0", None, ("items", 0)),
        ("items__0", [], ("items", 0)),
        ("items__0", {}, ("items", 0)),
        ("items__0", {"open-matter": {}, "decide": {}}, ("items", 0)),
        ("items__0", {"close-matter": {}}, ("items", 0, "close-matter")),
        ("items__0", {"open-matter": []}, ("items", 0, "open-matter")),
        ("items__0__open-matter__title", ..., ("items", 0, "open-matter", "title")),
        ("items__0__open-matter__title", "", ("items", 0, "open-matter", "title")),
        ("items__0__open-matter__title", 7, ("items", 0, "open-matter", "title")),
        ("items__0__open-matter__colour", 7, ("items", 0, "open-matter", "colour")),
        ("items__2__decide__kind", "ponder", ("items", 2, "decide", "kind")),
        (
            "items__2__decide__instruments__0__city",
            "Milan",
            ("items", 2, "decide", "instruments", 0, "city"),
        ),
        (
            "items__2__decide__instruments__0__instrument",
            "rename-city",
            ("items", 2, "decide", "instruments", 0),
        ),
    ],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else str(value),
)
def test_a_mistake_names_its_place(at: str, value: object, path: tuple[object, ...]) -> None:
    assert mistakes(changed(**{at: value})) == [path]


def test_all_mistakes_are_told_at_once() -> None:
    content = changed(meeting__id="", extra=1, items__1={"x": 1}, items__2__decide__summary=...)
    assert mistakes(content) == [
        ("extra",),
        ("meeting", "id"),
        ("items", 1, "x"),
        ("items", 2, "decide", "summary"),
    ]


def test_a_misspelt_field_is_told_with_the_one_that_it_is_like() -> None:
    content = changed(items__2__decide__sumary="x", items__2__decide__colour="x")
    assert told(content) == {
        "decide/sumary": "no field has this name here; summary is one",
        "decide/colour": "no field has this name here",
    }


def test_a_name_that_is_not_written_so_is_told_how() -> None:
    said = told(changed(items__2__decide__instruments__0__city="Milan"))
    assert said == {
        "decide/instruments/0/city": "'Milan' must be written as a place's code, such as UA-KIEV"
    }


def test_how_it_is_written_is_told_of_every_pattern_but_that_of_days() -> None:
    patterns = set(re.findall(r'"pattern": ("[^"]*")', json.dumps(schema())))
    assert {json.loads(p) for p in patterns if "[0-9]{4}" not in p} == set(WRITTEN)


def test_an_unknown_instrument_is_told_with_those_that_are_known() -> None:
    said = told(changed(items__2__decide__instruments__0__instrument="reclassify"))
    assert said["decide/instruments/0"].startswith(
        "no instrument is called 'reclassify'; known are 'adopt-provision', "
    )


def test_of_several_kinds_that_may_stand_somewhere_the_nearest_is_told() -> None:
    speaker = "items__1__hear-deputation__speaker"
    private = {"person": "Jane", "represents": None}
    assert told(changed(**{speaker: {"name": "Jane"}})) == {
        "hear-deputation/speaker/office": "is needed"
    }
    assert told(changed(**{speaker: private})) == {
        "hear-deputation/speaker/person": "needs fields of its own below it, and not 'Jane'"
    }
    assert list(told(changed(**{speaker: "Jane"}))) == ["hear-deputation/speaker"]


def test_a_list_with_a_wrong_member_is_not_said_to_be_too_short() -> None:
    places = {"code": "IT-MILAN", "name": "Milan", "country": "Italy", "country_name": "Italy"}
    content = changed(items__1={"identify-places": {"places": [places]}})
    assert list(told(content)) == ["identify-places/places/0/country"]
    assert list(told(changed(items__1={"identify-places": {"places": []}}))) == [
        "identify-places/places"
    ]


def test_a_field_that_neither_item_nor_meeting_gives_is_the_items_mistake() -> None:
    assert mistakes(changed(meeting__matter=...)) == [
        ("items", n, kind, "matter")
        for n, kind in enumerate(("open-matter", "hear-deputation", "decide"))
    ]


def test_two_items_of_one_name_are_a_mistake_of_the_second() -> None:
    content = changed()
    content["items"].append(content["items"][2])
    assert mistakes(content) == [("items", 3)]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["meeting", "items", "id", "on", "body", *commands]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(content=anything | anything.map(lambda a: {"meeting": MINUTES["meeting"], "items": a}))
def test_whatever_it_is_it_is_read_or_refused_with_a_place(content: object) -> None:
    try:
        read_minutes(content, "a clerk")
    except InvalidMinutes as invalid:
        assert invalid.mistakes  # noqa: PT017 - either answer is right


@given(
    place=st.sampled_from(
        ["meeting", "items__0", "items__1__hear-deputation", "items__2__decide__instruments__0"]
    ),
    value=anything,
)
def test_whatever_stands_in_a_place_the_mistake_is_at_or_below_it(
    place: str, value: object
) -> None:
    steps = tuple(int(s) if s.isdigit() else s for s in place.split("__"))
    try:
        read_minutes(changed(**{place: value}), "a clerk")
    except InvalidMinutes as invalid:
        paths = [m.path[: len(steps)] for m in invalid.mistakes]
        assert steps in paths or (steps == ("meeting",) and paths)


# the published schema


def test_the_schema_is_one_and_takes_what_is_read() -> None:
    Draft202012Validator.check_schema(schema())
    assert Draft202012Validator(schema()).is_valid(MINUTES)


def test_every_kind_of_item_is_in_the_schema() -> None:
    choices = schema()["properties"]["items"]["items"]["anyOf"]
    assert {kind for choice in choices for kind in choice["required"]} == set(commands)


@pytest.mark.parametrize(
    "content",
    [
        {},
        changed(extra=1),
        changed(meeting__on="yesterday"),
        changed(items=[]),
        changed(items__0={"close-matter": {}}),
        changed(**{"items__0__open-matter__title": ...}),
        changed(items__2__decide__kind="ponder"),
    ],
    ids=range(7),
)
def test_the_schema_refuses_what_is_not_read(content: dict[str, Any]) -> None:
    assert not Draft202012Validator(schema()).is_valid(content)
    assert mistakes(content)


def test_two_matters_of_one_meeting_in_two_files_are_two_sets_of_items() -> None:
    """Shipped files call the decision of every matter council-adopts."""
    files = [
        read_minutes({**MINUTES, "meeting": {**MINUTES["meeting"], "matter": matter}}, "a clerk")
        for matter in ("first", "second")
    ]
    names = [{envelope.id for envelope in file.envelopes} for file in files]
    assert names[0].isdisjoint(names[1])
    assert "council-2001-12-04/decide/second/adoption" in names[1]
