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
