"""Other cities with categories and states of their own, in their own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.partnerships.conftest import City, deciding
from tests.support.street import Street

PORTLAND = """
meeting: { id: founding, on: 1958-01-01 }
items:
  - record-charter:
      charter: { edition: portland-1913, city: Portland, country: US, languages: [en], residual_authority: city-council, bodies: [ { id: city-council, name: City Council }, { id: intl-relations, name: International Relations } ] }
  - identify-places:
      places:
        - { code: JP-SAPPORO, name: Sapporo, country: JP, country_name: Japan }
        - { code: GB-CORINTO, name: Corinto, country: NI, country_name: Nicaragua }
        - { code: IT-BOLOGNA, name: Bologna, country: IT, country_name: Italy }
        - { code: UA-LVIV, name: Lviv, country: UA, country_name: Ukraine }
"""
HAMBURG = """
meeting: { id: gruendung, on: 1957-01-01 }
items:
  - record-charter:
      charter: { edition: hamburg-1952, city: Hamburg, country: DE, languages: [de], currency: EUR, residual_authority: senat, bodies: [ { id: senat, name: Senat }, { id: buergerschaft, name: Bürgerschaft } ] }
  - identify-places:
      places:
        - { code: RU-LENINGRAD, name: Leningrad, country: RU, country_name: Sowjetunion }
        - { code: US-CHICAGO, name: Chicago, country: US, country_name: USA }
"""
YOKOHAMA = """
meeting: { id: founding, on: 1957-10-01 }
items:
  - record-charter:
      charter: { edition: yokohama, city: 横浜市, country: JP, languages: [ja], currency: JPY, residual_authority: mayor, bodies: [ { id: mayor, name: 市長 }, { id: council, name: 市会 } ] }
  - identify-places:
      places:
        - { code: US-SAN-DIEGO, name: サンディエゴ, country: US, country_name: アメリカ合衆国 }
        - { code: DE-FRANKFURT, name: フランクフルト, country: DE, country_name: ドイツ }
"""


def founded(folder: Path, founding: str) -> City:
    street = Street.on_sqlite(folder)
    street.done("setup")
    (folder / "founding.yaml").write_text(founding, encoding="utf-8")
    street.done("record", folder / "founding.yaml")
    return City(street, folder)


@pytest.mark.rule("C7", "C8")
def test_portland_has_sister_and_friendship_cities_and_an_emeritus(tmp_path: Path) -> None:
    portland = founded(tmp_path, PORTLAND)
    portland.stated(
        "{ states: partnership-exists, city: JP-SAPPORO, established: 1959, description: Sister City }",
        "{ states: partnership-exists, city: GB-CORINTO, established: 1988, description: Sister City }",
        on="2001-11-01",
    )
    council = {"body": "city-council"}
    portland.decided(
        "{ instrument: adopt-provision, draft: { address: section-iii, heading: Kinds, text: A friendship city is on trial for one year., terms: { category.sister.name: Sister City, category.sister.order: 1, category.friendship.name: Friendship City, category.friendship.order: 2 } } }",
        "{ instrument: classify-partnership, city: JP-SAPPORO, classification: Sister City }",
        "{ instrument: classify-partnership, city: GB-CORINTO, classification: Sister City }",
        on="2001-11-07",
        **council,
    )
    portland.decided(
        "{ instrument: enter-partnership, city: IT-BOLOGNA, established: 2003-06-04, description: Sister City }",
        "{ instrument: classify-partnership, city: IT-BOLOGNA, classification: Sister City }",
        on="2003-06-04",
        **council,
    )
    portland.decided(
        "{ instrument: set-partnership-state, city: GB-CORINTO, state: emeritus }",
        on="2010-01-06",
        **council,
    )
    portland.decided(
        "{ instrument: enter-partnership, city: UA-LVIV, established: 2022-09-14, description: Friendship City }",
        "{ instrument: classify-partnership, city: UA-LVIV, classification: friendship }",
        on="2022-09-14",
        **council,
    )
    assert portland.listed("2022-10-01") == (
        "4 partnerships on 2022-10-01: 3 Sister City, 1 Friendship City, 1 emeritus."
    )
    portland.decided(
        "{ instrument: classify-partnership, city: UA-LVIV, classification: sister }",
        on="2023-10-18",
        **council,
    )
    assert portland.classes("2023-10-18") == {
        "Bologna": "Sister City",
        "Corinto": "Sister City",
        "Lviv": "Sister City",
        "Sapporo": "Sister City",
    }


@pytest.mark.rule("C8")
def test_hamburg_lets_one_partnership_rest_until_the_war_ends(tmp_path: Path) -> None:
    hamburg = founded(tmp_path, HAMBURG)
    hamburg.stated(
        "{ states: partnership-exists, city: RU-LENINGRAD, established: 1957, description: Städtepartnerschaft }",
        "{ states: partnership-exists, city: US-CHICAGO, established: 1994, description: Städtepartnerschaft }",
        on="2002-01-02",
    )
    told = hamburg.street.done("list", "partnerships", "--as-of", "2022-03-01")
    assert "class" not in told.lower()
    hamburg.decided(
        "{ instrument: set-partnership-state, city: RU-LENINGRAD, state: suspended, condition: Ende des Krieges }",
        on="2022-03-02",
        body="senat",
    )
    assert hamburg.listed("2022-03-02") == "2 partnerships on 2022-03-02: 1 suspended."
    assert hamburg.due("2024-01-01") == [("end of a suspension", "RU-LENINGRAD", "owed")]
    other = deciding("{ instrument: set-partnership-state, city: RU-LENINGRAD, state: active }")
    assert "authority: senat" in hamburg.refused(other, on="2024-01-01", body="buergerschaft")


@pytest.mark.rule("C7", "C9")
def test_yokohama_has_sister_and_partner_cities_for_a_term(tmp_path: Path) -> None:
    yokohama = founded(tmp_path, YOKOHAMA)
    yokohama.stated(
        "{ states: partnership-exists, city: US-SAN-DIEGO, established: 1957-10-29, description: 姉妹都市 }",
        on="2010-01-01",
    )
    yokohama.decided(
        "{ instrument: adopt-provision, draft: { address: partner-cities, heading: パートナー都市, text: 期限を定めた分野別の提携とする。, terms: { category.shimai.name: 姉妹都市, category.shimai.order: 1, category.partner.name: パートナー都市, category.partner.order: 2 } } }",
        "{ instrument: classify-partnership, city: US-SAN-DIEGO, classification: 姉妹都市 }",
        "{ instrument: enter-agreement, agreement: frankfurt, kind: パートナー都市協定, description: 協定, partnership: true, expires: 2016-09-26, parties: [ { name: 横浜市, side: ours }, { name: フランクフルト市, side: theirs, place: DE-FRANKFURT } ] }",
        on="2011-09-01",
        body="mayor",
    )
    yokohama.recorded(
        "  - sign-for-party: { agreement: frankfurt, party: 横浜市 }\n"
        "  - sign-for-party: { agreement: frankfurt, party: フランクフルト市 }\n",
        on="2011-09-27",
        body="mayor",
    )
    yokohama.decided(
        "{ instrument: classify-partnership, city: DE-FRANKFURT, classification: パートナー都市 }",
        on="2011-09-28",
        body="mayor",
    )
    assert yokohama.listed("2012-01-01") == (
        "2 partnerships on 2012-01-01: 1 姉妹都市, 1 パートナー都市."
    )
    assert yokohama.due("2016-09-26") == [("last day of an agreement", "frankfurt", "due")]
    frankfurt = yokohama.partners("2016-09-27")["フランクフルト"]
    assert (frankfurt["state"], frankfurt["state_basis"]) == ("expired", "agreement")
    assert yokohama.partners("2016-09-26")["フランクフルト"]["state"] == "active"
    (row,) = yokohama.street.rows("list", "agreements", "--as-of", "2016-09-27")
    assert (row["status"], row["kind"]) == ("expired", "パートナー都市協定")


@pytest.mark.rule("A1", "N4")
def test_what_only_another_citys_policy_asks_is_not_asked_in_portland(tmp_path: Path) -> None:
    portland = founded(tmp_path, PORTLAND)
    steps = """
  - receive-request: { on: 2003-05-01, request: bologna, place: Bologna, group: { office: Association }, asks: A sister city. }
  - consult-group: { on: 2003-05-02, request: bologna, objectives: Exchange }
  - advise-arrangement: { on: 2003-05-03, request: bologna, arrangement: sister city, reason: Lasting }
  - report-on-request: { on: 2003-05-04, request: bologna, document: report, recommends: true }
  - prepare-agreement: { on: 2003-05-05, request: bologna, description: Sister City }
"""
    portland.recorded(steps, on="2003-05-05", body="intl-relations")
    portland.decided(
        "{ instrument: authorise-officials }", on="2003-06-04", body="city-council", matter="r"
    )
    sign = "  - sign-agreement: { request: bologna%s }\n"

    why = portland.refused(sign % "", on="2003-06-05", body="intl-relations")
    assert "Refused by rule A1" in why
    assert "(NoDecision)" in why
    decision = ", authority: { matter: r, decision: d, body: city-council }"
    portland.recorded(sign % decision, on="2003-06-05", body="intl-relations")
    assert str(portland.partners("2003-06-05")["Bologna"]["established"]) == "2003-06-05"


@pytest.mark.rule("B3")
def test_what_hamburgs_own_terms_ask_of_a_mission_must_be_said_in_its_words(tmp_path: Path) -> None:
    hamburg = founded(tmp_path, HAMBURG)
    terms = "{ plan.outbound-missions.most: 2, plan.outbound-missions.states: [Begründung, Ziele, Zeitpunkt, Kosten] }"
    hamburg.decided(
        f"{{ instrument: adopt-provision, draft: {{ address: reisen, heading: Reisen, text: Höchstens zwei., terms: {terms} }} }}",
        on="2002-01-15",
        body="senat",
    )
    mission = """
  - draft-plan: { year: 2002 }
  - propose-mission: { mission: piter, direction: outbound, year: 2002, cities: [Leningrad]%s }
  - list-mission: { year: 2002, mission: piter }
"""
    why = hamburg.refused(mission % "", on="2002-02-01", body="senat")
    assert "Refused by rule B3" in why
    assert "missing: Begründung, Ziele, Zeitpunkt, Kosten" in why
    three = "Begründung: Handel, Ziele: Hafen, Zeitpunkt: Mai"
    why = hamburg.refused(mission % f", answers: {{ {three} }}", on="2002-02-01", body="senat")
    assert "missing: Kosten" in why
    hamburg.recorded(
        mission % f", answers: {{ {three}, Kosten: keine }}", on="2002-02-01", body="senat"
    )
