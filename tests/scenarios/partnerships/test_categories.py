"""Categories: named, renamed, merged, split and ended; partners in them on a day."""

from __future__ import annotations

import pytest

from tests.scenarios.partnerships.conftest import City, deciding

pytestmark = pytest.mark.rule("C7")

MERGE = (
    "{ instrument: delete-provision, address: categories }",
    "{ instrument: adopt-provision, draft: { address: kinds, heading: Kinds, text: One kind., terms: { category.partner.name: Partner City } } }",
    "{ instrument: move-partners, mapping: { Sister City: partner, friend: Partner City } }",
)


def test_a_record_without_categories_lists_partners_without_the_word_class(bare: City) -> None:
    told = bare.street.done("list", "partnerships", "--as-of", "2000-03-01")

    assert told.splitlines()[0] == "4 partnerships on 2000-03-01."
    assert "class" not in told.lower()
    assert bare.classes("2000-03-01") == dict.fromkeys(("Porto", "Lodz", "Talca", "Tver"))


def test_figures_and_filters_speak_of_the_categories_in_force_on_the_day(city: City) -> None:
    assert city.listed("2000-03-01") == (
        "4 partnerships on 2000-03-01: 2 Sister City, 1 Friendship City, 1 without a class."
    )
    assert list(city.partners("2000-03-01", "--classification", "sister")) == ["Lodz", "Porto"]
    assert city.listed("2000-01-31") == "4 partnerships on 2000-01-31: 4 without a class."


def test_a_renamed_category_has_its_name_of_the_day(city: City) -> None:
    city.decided(
        "{ instrument: replace-provision, address: categories, text: Sister becomes twin., terms: { category.sister.name: Twin Town } }",
        on="2003-05-01",
    )

    assert city.classes("2003-04-30")["Porto"] == "Sister City"
    assert city.classes("2003-05-01") == {
        "Porto": "Twin Town",
        "Lodz": "Twin Town",
        "Talca": "Friendship City",
        "Tver": None,
    }
    steps = city.street.rows("show", "partnership", "porto", "--as-of", "2003-06-01")[0]["steps"]
    assert [step["classification"] for step in steps] == [None, "Sister City"]


def test_merged_categories_take_all_partners_along_by_one_decision(city: City) -> None:
    told = city.decided(*MERGE, on="2005-12-05")

    assert "3 of 4 partners moved" not in told  # it is met, and no advice
    assert city.listed("2005-12-05") == (
        "4 partnerships on 2005-12-05: 3 Partner City, 1 without a class."
    )
    assert city.classes("2005-12-04")["Talca"] == "Friendship City"
    assert city.partners("2005-12-05")["Talca"]["decision"] == "m2/d"
    why = city.street.done("why", "partnership/talca/classification", "--as-of", "2006-01-01")
    assert "Partner City" in why
    assert "m2" in why


def test_a_category_is_split_by_the_cities_that_go_each_way(city: City) -> None:
    city.decided(
        "{ instrument: replace-provision, address: categories, text: Three kinds., terms: { category.sister.name: null, category.sister.order: null, category.trade.name: Trade, category.culture.name: Culture } }",
        "{ instrument: move-partners, mapping: { sister: trade }, cities: [PT-PORTO] }",
        "{ instrument: move-partners, mapping: { sister: culture }, cities: [PL-LODZ] }",
        on="2004-01-01",
    )

    assert city.classes("2004-01-01") == {
        "Talca": "Friendship City",
        "Porto": "Trade",
        "Lodz": "Culture",
        "Tver": None,
    }


def test_a_category_that_ends_leaves_its_partners_in_none_and_says_so(city: City) -> None:
    told = city.decided("{ instrument: delete-provision, address: categories }", on="2004-01-01")

    assert "Sister City is no longer a category, and was the last one of: Lodz, Porto" in " ".join(
        told.split()
    )
    porto = city.partners("2004-01-02")["Porto"]
    assert (porto["classification"], porto["former_category"]) == (None, "Sister City")
    assert city.listed("2004-01-02") == "4 partnerships on 2004-01-02: 4 without a class."


def test_a_city_is_put_into_a_category_that_is_in_force_and_into_no_other(city: City) -> None:
    said = city.refused(
        deciding("{ instrument: classify-partnership, city: RU-TVER, classification: Ally }"),
        on="2003-01-01",
    )
    assert "rule C7" in said
    assert "known: Sister City, Friendship City" in said
    city.decided(*MERGE, on="2005-12-05")
    again = city.refused(
        deciding("{ instrument: classify-partnership, city: RU-TVER, classification: sister }"),
        on="2006-01-01",
    )
    assert "known: Partner City" in again
    unknown = city.refused(
        deciding("{ instrument: move-partners, mapping: { partner: Ally } }"), on="2006-02-01"
    )
    assert "category: Ally" in unknown


@pytest.mark.rule("A1")
def test_the_provision_says_who_puts_a_city_into_a_category(city: City) -> None:
    friend = "{ instrument: classify-partnership, city: RU-TVER, classification: Friendship City }"
    sister = "{ instrument: classify-partnership, city: RU-TVER, classification: Sister City }"

    assert "authority: staff" in city.refused(deciding(friend), on="2003-01-01")
    assert "authority: council" in city.refused(deciding(sister), on="2003-01-02", body="staff")
    city.decided(friend, on="2003-01-03", body="staff")
    assert city.classes("2003-01-03")["Tver"] == "Friendship City"


def test_a_city_that_was_put_into_a_category_late_moves_with_it_all_the_same(city: City) -> None:
    city.decided(*MERGE, on="2005-12-05")
    city.decided(
        "{ instrument: classify-partnership, city: RU-TVER, classification: sister }",
        on="2004-03-01",
    )
    assert city.classes("2004-03-01")["Tver"] == "Sister City"
    assert city.classes("2005-12-05")["Tver"] == "Partner City"


def test_a_partner_that_is_entered_late_moves_with_its_category(city: City) -> None:
    city.decided(*MERGE, on="2005-12-05")
    city.decided(
        "{ instrument: enter-partnership, city: IT-MILAN, established: 2003-06-30, description: Twinning }",
        "{ instrument: classify-partnership, city: IT-MILAN, classification: sister }",
        on="2003-06-30",
    )
    assert city.classes("2003-07-01")["Milan"] == "Sister City"
    assert city.classes("2005-12-05")["Milan"] == "Partner City"


def test_a_partner_that_was_entered_with_too_late_a_day_moves_once_that_is_corrected(
    city: City,
) -> None:
    city.decided(*MERGE, on="2005-12-05")
    acts = (
        "{ instrument: enter-partnership, city: IT-MILAN, established: 2006-06-30, description: Twinning }",
        "{ instrument: classify-partnership, city: IT-MILAN, classification: partner }",
    )
    city.decided(*acts, on="2006-06-30", matter="milan")
    changed = (
        "changed: { effective_from: 2003-06-30, decided_on: 2003-06-30, established: 2003-06-30 }"
    )
    city.recorded(
        f"  - correct-record: {{ stream: matter/milan, version: 2, reason: A slip., authority: Clerk, {changed.replace(', established: 2003-06-30', '')} }}\n"
        f"  - correct-record: {{ stream: partnership/IT-MILAN, version: 1, reason: A slip., authority: Clerk, {changed} }}\n",
        on="2006-07-01",
    )
    stored = city.street.done("log", "--stream", "partnership/IT-MILAN")
    assert "partnership-moved" in stored


def test_a_partner_that_signs_late_moves_with_its_category(city: City) -> None:
    city.decided(*MERGE, on="2005-12-05")
    city.decided(
        "{ instrument: enter-agreement, agreement: a, kind: twinning, description: D, partnership: true, parties: [ { name: Us, side: ours }, { name: Milan, side: theirs, place: IT-MILAN } ] }",
        on="2003-06-01",
    )
    signed = "  - sign-for-party: { agreement: a, party: Us }\n  - sign-for-party: { agreement: a, party: Milan }\n"
    city.recorded(signed, on="2003-06-30")
    city.decided(
        "{ instrument: classify-partnership, city: IT-MILAN, classification: sister }",
        on="2003-07-01",
    )
    assert city.classes("2003-07-01")["Milan"] == "Sister City"
    assert city.classes("2005-12-05")["Milan"] == "Partner City"


def test_a_move_decided_for_a_later_day_holds_from_that_day(city: City) -> None:
    city.recorded(
        deciding(*MERGE).replace("summary:", "effective_from: 2006-01-01\n      summary:"),
        on="2005-12-05",
    )
    assert city.classes("2005-12-31")["Porto"] == "Sister City"
    assert city.classes("2006-01-01")["Porto"] == "Partner City"


def test_a_move_that_is_withdrawn_moves_nobody(city: City) -> None:
    city.decided("{ instrument: move-partners, mapping: { sister: friend } }", on="2005-12-05")
    assert city.classes("2005-12-06")["Porto"] == "Friendship City"
    slip = "reason: A slip., authority: City Clerk, withdraw: true"
    part = f"  - correct-record: {{ stream: partnership/PT-PORTO, version: 3, {slip} }}\n"
    whole = part.replace("partnership/PT-PORTO, version: 3", "moves, version: 1")

    assert "act: moves/1" in city.refused(part, on="2006-01-01")
    city.recorded(whole, on="2006-01-01")

    assert city.classes("2005-12-06") == city.classes("2005-12-04")


def test_partners_moved_into_none_have_none(city: City) -> None:
    city.decided("{ instrument: move-partners, mapping: { friend: null } }", on="2005-12-05")
    assert city.classes("2005-12-05")["Talca"] is None


def test_the_same_move_again_moves_nobody_and_says_so(city: City) -> None:
    act = "{ instrument: move-partners, mapping: { sister: friend } }"
    city.decided(act, on="2005-12-05")
    assert "0 of 4 partners moved" in " ".join(city.decided(act, on="2006-01-01").split())


def test_the_categories_of_a_day_are_listed_with_what_each_implies(city: City) -> None:
    rows = city.street.rows("list", "categories", "--as-of", "2000-03-01")
    assert [(row["name"], row["partners"], row["approver"], row["decision"]) for row in rows] == [
        ("Sister City", 2, None, "m1/d"),
        ("Friendship City", 1, "staff", "m1/d"),
    ]
    assert city.street.rows("list", "categories", "--as-of", "2000-01-31") == []
