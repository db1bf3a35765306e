"""Provisions found late: what was in force when the whole policy ended, ended with it."""

from __future__ import annotations

import json
from itertools import count

import pytest

from tests.scenarios.meetings.conftest import City

pytestmark = pytest.mark.rule("A2")

NUMBERS = count(1)


def adopting(*drafts: str) -> str:
    return "".join(f"{{ instrument: adopt-provision, draft: {{ {draft} }} }}, " for draft in drafts)


def decided(city: City, on: str, acts: str) -> list[str]:
    """Record one decision of Council; the reasons of its findings."""
    matter = f"late-find-{next(NUMBERS)}"
    items = "  - open-matter: {{ title: T }}\n  - decide: {{ decision: d, kind: adopt, summary: S., instruments: [ {} ] }}\n"
    city.recorded(matter, items.format(acts), on=on)
    return [finding["reason"] for finding in city.matter(matter)["d"]["findings"]]


@pytest.fixture
def part() -> str:
    return f"part-{next(NUMBERS)}"


def known(part: str) -> str:
    return adopting(f"address: {part}/1, heading: One, text: First.")


def late(part: str) -> str:
    return adopting(f"address: {part}/2, heading: Two, text: Second.")


def test_a_provision_found_late_ends_with_the_whole_policy(city: City, part: str) -> None:
    decided(city, "2003-02-04", known(part))
    decided(city, "2003-06-03", f"{{ instrument: repeal-policy, under: {part} }}")
    said = decided(city, "2003-03-04", late(part))

    assert city.text(f"{part}/2", "2003-06-02") is not None
    assert city.text(f"{part}/2", "2003-06-03") is None
    (reason,) = said
    assert reason.startswith(f"{part}/2 ended with the whole on 2003-06-03, by late-find-")


def test_one_adopted_after_the_repeal_stands(city: City, part: str) -> None:
    decided(city, "2003-02-04", known(part))
    decided(city, "2003-06-03", f"{{ instrument: repeal-policy, under: {part} }}")

    assert decided(city, "2003-07-01", late(part)) == []
    assert city.text(f"{part}/2", "2003-07-02") is not None


def test_a_provision_of_another_part_stands(city: City, part: str) -> None:
    decided(city, "2003-02-04", known(part))
    decided(city, "2003-06-03", f"{{ instrument: repeal-policy, under: {part} }}")

    assert decided(city, "2003-03-04", late(f"{part}-b")) == []
    assert city.text(f"{part}-b/2", "2003-07-02") is not None


def test_two_repeals_each_end_what_was_in_force_on_their_day(city: City, part: str) -> None:
    repeal = f"{{ instrument: repeal-policy, under: {part} }}"
    decided(city, "2003-02-04", known(part))
    decided(city, "2003-05-06", repeal)
    decided(city, "2003-06-03", known(part))
    decided(city, "2003-09-02", repeal)

    decided(city, "2003-07-01", late(part))
    assert city.text(f"{part}/2", "2003-09-01") is not None
    assert city.text(f"{part}/2", "2003-09-02") is None
    decided(city, "2003-03-04", adopting(f"address: {part}/3, heading: Three, text: Third."))
    assert city.text(f"{part}/3", "2003-05-05") is not None
    assert city.text(f"{part}/3", "2003-05-06") is None


def test_a_policy_that_was_replaced_as_a_whole_has_only_its_own_text(city: City, part: str) -> None:
    decided(city, "2003-02-04", known(part))
    new = f"{{ address: {part}/1, heading: One, text: New. }}, {{ address: {part}/3, heading: Three, text: Third. }}"
    whole = f"{{ instrument: replace-policy, under: {part}, provisions: [ {new} ] }}"
    decided(city, "2003-06-03", whole)

    decided(city, "2003-03-04", late(part))
    decided(city, "2003-04-01", adopting(f"address: {part}/3, heading: Old, text: Old third."))
    decided(city, "2003-05-06", f"{{ instrument: delete-provision, address: {part}/1 }}")

    def texts(day: str) -> list[object]:
        rows = [city.text(f"{part}/{number}", day) for number in (1, 2, 3)]
        return [row and row["text"] for row in rows]

    assert texts("2003-04-02") == ["First.", "Second.", "Old third."]
    assert texts("2003-06-02") == [None, "Second.", "Old third."]
    assert texts("2003-06-03") == ["New.", None, "Third."]


def replaced_and_repeated(city: City, part: str) -> None:
    """A policy that has another second provision from June on, and repeats its first."""
    decided(city, "2003-02-04", known(part) + late(part))
    same = f"{{ address: {part}/1, heading: One, text: First. }}"
    new = f"{{ address: {part}/2, heading: Two, text: New second. }}"
    whole = f"{{ instrument: replace-policy, under: {part}, provisions: [ {same}, {new} ] }}"
    decided(city, "2003-06-03", whole)


def test_an_amendment_found_late_holds_until_a_new_policy_repeats_the_text_of_before(
    city: City, part: str
) -> None:
    replaced_and_repeated(city, part)
    amended = f"{{ instrument: replace-provision, address: {part}/1, text: First, amended. }}"
    said = decided(city, "2003-03-04", amended.replace("First, amended.", '"First, amended."'))

    texts = [(city.text(f"{part}/1", day) or {})["text"] for day in ("2003-03-03", "2003-03-04")]
    assert texts == ["First.", "First, amended."]
    texts = [(city.text(f"{part}/1", day) or {})["text"] for day in ("2003-06-02", "2003-06-03")]
    assert texts == ["First, amended.", "First."]
    assert any(f"{part}/1 reads as the whole repeats it on 2003-06-03, by " in s for s in said)


def test_a_deletion_found_late_holds_until_a_new_policy_repeats_the_text(
    city: City, part: str
) -> None:
    replaced_and_repeated(city, part)
    decided(city, "2003-03-04", f"{{ instrument: delete-provision, address: {part}/1 }}")
    assert city.text(f"{part}/1", "2003-06-02") is None
    assert (city.text(f"{part}/1", "2003-06-03") or {})["text"] == "First."


def test_an_amendment_after_the_new_policy_stands(city: City, part: str) -> None:
    replaced_and_repeated(city, part)
    later = f"{{ instrument: replace-provision, address: {part}/1, text: Later. }}"
    assert decided(city, "2003-09-02", later) == []
    assert (city.text(f"{part}/1", "2003-09-02") or {})["text"] == "Later."


def test_a_slip_put_right_is_right_in_the_policy_that_repeats_it(city: City, part: str) -> None:
    replaced_and_repeated(city, part)
    stored = city.street.done("log", "--stream", "policy", "--format", "json").splitlines()
    (version,) = (
        row["version"]
        for row in map(json.loads, stored)
        if row["topic"] == "provision-adopted.v1"
        if row["fact"]["provision"]["address"] == f"{part}/1"
    )
    draft = f"{{ address: {part}/1, heading: One, text: The first. }}"
    slip = f"  - correct-record: {{ stream: policy, version: {version}, reason: A slip., authority: Clerk, changed: {{ draft: {draft} }} }}\n"
    city.recorded("none", slip, on="2003-10-01")
    assert (city.text(f"{part}/1", "2003-07-01") or {})["text"] == "The first."


def test_a_deletion_that_was_entered_by_mistake_leaves_the_repeal(city: City, part: str) -> None:
    decided(city, "2003-02-04", known(part) + late(part))
    decided(city, "2003-03-04", f"{{ instrument: delete-provision, address: {part}/2 }}")
    decided(city, "2003-06-03", f"{{ instrument: repeal-policy, under: {part} }}")

    stored = city.street.done("log", "--stream", "policy", "--format", "json").splitlines()
    (version,) = (
        row["version"]
        for row in map(json.loads, stored)
        if row["topic"] == "provision-deleted.v1" and row["fact"]["decided_on"] == "2003-03-04"
        if row["fact"]["provision"]["address"] == f"{part}/2"
    )
    withdraw = f"  - correct-record: {{ stream: policy, version: {version}, reason: A slip., authority: Clerk, withdraw: true }}\n"
    city.recorded("none", withdraw, on="2003-09-02")

    assert city.text(f"{part}/2", "2003-06-02") is not None
    assert city.text(f"{part}/2", "2003-06-03") is None
