"""A year of Montréal, in French, and of Honolulu: founded and entered in minutes files.

Montréal has boroughs that act for the city, and an executive committee that approves; Honolulu's
sister cities are made by resolution, with majorities of all members and budgets in yen as well.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.partnerships.conftest import City
from tests.support.street import Street

MONTREAL = """
meeting: { id: fondation, on: 2002-01-01 }
items:
  - record-charter:
      charter:
        edition: montreal-2002
        city: Montréal
        country: CA
        languages: [fr]
        time_zone: America/Montreal
        currency: CAD
        residual_authority: conseil
        bodies:
          - { id: conseil, name: Conseil municipal }
          - { id: comite-executif, name: Comité exécutif }
          - { id: bri, name: Bureau des relations internationales }
  - identify-places:
      places:
        - { code: FR-LYON, name: Lyon, country: FR, country_name: France, region: Europe }
        - { code: JP-HIROSHIMA, name: Hiroshima, country: JP, country_name: Japon, region: Asie }
        - { code: CN-SHANGHAI, name: Shanghai, country: CN, country_name: Chine, region: Asie }
"""
HONOLULU = """
meeting: { id: founding, on: 1959-08-21 }
items:
  - record-charter:
      charter:
        edition: honolulu-1959
        city: Honolulu
        country: US
        languages: [en]
        time_zone: Pacific/Honolulu
        currency: USD
        residual_authority: city-council
        bodies: [ { id: city-council, name: City Council }, { id: mayor, name: Mayor } ]
  - identify-places:
      places:
        - { code: JP-HIROSHIMA, name: Hiroshima, country: JP, country_name: Japan }
        - { code: JP-NAGAOKA, name: Nagaoka, country: JP, country_name: Japan }
"""


def founded(folder: Path, founding: str) -> City:
    street = Street.on_sqlite(folder)
    street.done("setup")
    (folder / "founding.yaml").write_text(founding, encoding="utf-8")
    street.done("record", folder / "founding.yaml")
    return City(street, folder)


def provision(address: str, heading: str, text: str, terms: str) -> str:
    draft = f"address: {address}, heading: {heading}, text: {text}, terms: {{ {terms} }}"
    return f"{{ instrument: adopt-provision, draft: {{ {draft} }} }}"


@pytest.mark.rule("A1", "B3", "B4", "C7")
def test_a_year_of_montreal_in_its_own_words(tmp_path: Path) -> None:
    city = founded(tmp_path, MONTREAL)
    city.stated(
        "{ states: partnership-exists, city: FR-LYON, established: 1979, description: Jumelage }",
        "{ states: partnership-exists, city: JP-HIROSHIMA, established: 1998, description: Jumelage }",
        on="2002-01-15",
    )
    city.decided(
        provision(
            "categories",
            "Catégories",
            "Villes jumelées et villes partenaires.",
            "category.jumelee.name: Ville jumelée, category.jumelee.order: 1, category.partenaire.name: Ville partenaire, category.partenaire.order: 2, category.partenaire.approver: comite-executif",
        ),
        provision(
            "missions",
            "Missions",
            "Deux missions par an au plus.",
            "plan.outbound-missions.most: 2, plan.outbound-missions.states: [Motifs, budget], budget.categories: [Transport, Hébergement]",
        ),
        "{ instrument: classify-partnership, city: FR-LYON, classification: Ville jumelée }",
        "{ instrument: classify-partnership, city: JP-HIROSHIMA, classification: ville jumelée }",
        on="2002-02-25",
        body="conseil",
    )
    assert (
        city.listed("2002-03-01")
        == "2 partnerships on 2002-03-01: 2 Ville jumelée, 0 Ville partenaire."
    )

    # The executive committee may make a partner city, and no twin of one.
    city.decided(
        "{ instrument: enter-partnership, city: CN-SHANGHAI, established: 2002-04-10, description: Entente }",
        on="2002-04-10",
        body="conseil",
    )
    shanghai = "{ instrument: classify-partnership, city: CN-SHANGHAI, classification: %s }"
    acts = "  - open-matter: { title: Shanghai }\n  - decide: { decision: d, kind: adopt, summary: Adopté., instruments: [ %s ] }\n"
    twin, partner = shanghai % "Ville jumelée", shanghai % "Ville partenaire"
    why = city.refused(acts % twin, on="2002-04-17", body="comite-executif")
    assert "authority: conseil" in why
    city.recorded(acts % partner, on="2002-04-17", body="comite-executif")
    assert city.classes("2002-05-01") == {
        "Lyon": "Ville jumelée",
        "Hiroshima": "Ville jumelée",
        "Shanghai": "Ville partenaire",
    }

    mission = """
  - draft-plan: { year: 2002 }
  - propose-mission: { mission: lyon, direction: outbound, year: 2002, cities: [Lyon], timing: 2002-09, budget: { cents: { Transport: 842050, Hébergement: 0 } }%s }
  - list-mission: { year: 2002, mission: lyon }
"""
    why = city.refused(mission % "", on="2002-05-02", body="bri")
    assert "Refused by rule B3" in why
    assert "missing: Motifs" in why
    city.recorded(mission % ", answers: { Motifs: Le design }", on="2002-05-02", body="bri")
    (row,) = city.street.rows("missions", "--as-of", "2002-06-01")
    assert (row["mission"], row["budget"]) == ("lyon", "CAD 8,420.50")


@pytest.mark.rule("V3", "C9", "B4")
def test_a_year_of_honolulu_with_majorities_of_all_members_and_a_budget_in_yen(
    tmp_path: Path,
) -> None:
    city = founded(tmp_path, HONOLULU)
    city.stated(
        "{ states: partnership-exists, city: JP-HIROSHIMA, established: 1959-06-15, description: Sister City }",
        on="2010-01-04",
    )
    city.decided(
        provision(
            "sister-cities/1",
            "Sister cities",
            "By resolution of a majority of all members.",
            "decision.majority.agreement: simple of all members, budget.categories: [travel, lodging]",
        ),
        on="2010-02-01",
        body="city-council",
    )

    enter = "{ instrument: enter-agreement, agreement: nagaoka, kind: sister city agreement, description: Sister City, partnership: true, parties: [ { name: City and County of Honolulu, side: ours }, { name: Nagaoka, side: theirs, place: JP-NAGAOKA } ] }"
    items = "  - open-matter: {{ title: Nagaoka }}\n  - decide: {{ decision: d, kind: adopt, summary: Adopted., instruments: [ {} ], vote: {{ in_favour: {}, against: 0, members: 9 }} }}\n"
    why = city.refused(items.format(enter, 4), on="2012-01-25", body="city-council")
    assert "needed: simple of all members" in why
    city.recorded(items.format(enter, 5), on="2012-01-25", body="city-council")
    signed = "  - sign-for-party: { agreement: nagaoka, party: City and County of Honolulu, by: { office: Mayor } }\n  - sign-for-party: { agreement: nagaoka, party: Nagaoka }\n"
    city.recorded(signed, on="2012-03-02", body="mayor")
    assert city.listed("2012-03-02") == "2 partnerships on 2012-03-02."

    mission = """
  - draft-plan: { year: 2012 }
  - propose-mission: { mission: fireworks, direction: outbound, year: 2012, cities: [Nagaoka], timing: 2012-08, budget: { currency: JPY, cents: { travel: 480000, lodging: 96500 } } }
  - list-mission: { year: 2012, mission: fireworks }
"""
    city.recorded(mission, on="2012-04-02", body="mayor")
    (row,) = city.street.rows("missions", "--as-of", "2012-09-01")
    assert row["budget"] == "JPY 576,500"
