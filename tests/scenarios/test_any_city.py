"""Registers of other cities: their currency, clock, words and rules, entered in minutes files."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.clock import today
from tests.support.alliance import Ran, alliance


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A register with nothing in it."""
    assert alliance(tmp_path, "setup").code == 0
    return tmp_path


def record(folder: Path, text: str) -> Ran:
    """Record a minutes file of these words."""
    path = folder / f"{len(list(folder.glob('*.yaml'))):03}.yaml"
    path.write_text(text, encoding="utf-8")
    return alliance(folder, "record", path)


def stored(folder: Path, text: str) -> str:
    """The report on a file that must be recorded."""
    ran = record(folder, text)
    assert ran.code == 0, ran.err
    return ran.out


def rows(folder: Path, *question: str) -> Any:
    """The answer to a question."""
    ran = alliance(folder, *question, "--format", "json")
    assert ran.code == 0, ran.err
    return ran.rows


def charter(edition: str, on: str, *more: str) -> str:
    """The charter of a city with one body; `more` are further fields of it."""
    fields = "\n        ".join(more)
    return f"""
meeting: {{ id: charter-{edition}, on: {on} }}
items:
  - record-charter:
      charter:
        edition: "{edition}"
        residual_authority: rat
        bodies: [{{ id: rat, name: Rat }}]
        {fields}
"""


PLACES = """
meeting: { id: places, on: 1990-01-01 }
items:
  - identify-places:
      places:
        - { code: JP-OSAKA, name: 大阪市, country: JP, country_name: 日本, other_names: [Osaka] }
        - { code: DE-BERLIN, name: Berlin, country: DE, country_name: Deutschland }
"""


def mission(name: str, budget: str, on: str = "2002-02-01") -> str:
    """A mission to Osaka with a budget."""
    return f"""
meeting: {{ id: {name}, on: {on} }}
items:
  - propose-mission:
      {{ mission: {name}, direction: outbound, year: 2002, cities: [Osaka], budget: {budget} }}
"""


@pytest.mark.parametrize(
    ("currency", "cents", "shown"),
    [
        ("JPY", 100_000, "JPY 100,000"),  # no minor unit
        ("KRW", 1_250, "KRW 1,250"),
        ("PLN", 100_000, "PLN 1,000.00"),
        ("CHF", 5, "CHF 0.05"),
        ("KWD", 1_250_005, "KWD 1,250.005"),  # a dinar has a thousand fils
        ("DEM", 99, "DEM 0.99"),  # withdrawn in 2002
    ],
)
@pytest.mark.rule("B4")
def test_a_budget_is_in_the_citys_currency_and_has_its_minor_units(
    folder: Path, currency: str, cents: int, shown: str
) -> None:
    stored(folder, charter("1", "1990-01-01", f"currency: {currency}"))
    stored(folder, PLACES)
    stored(folder, mission("trip", f"{{ cents: {{ travel: {cents} }} }}"))

    (row,) = rows(folder, "missions", "--as-of", "2002-03-01")
    assert (row["currency"], row["cents"], row["budget"]) == (currency, cents, shown)


@pytest.mark.rule("B4")
def test_a_budget_in_another_currency_is_recorded_and_said(folder: Path) -> None:
    stored(folder, charter("1", "1990-01-01", "currency: CHF"))
    stored(folder, PLACES)
    said = stored(folder, mission("trip", "{ currency: JPY, cents: { travel: 500 } }"))

    assert "B4, advisory" in said
    assert "the budget is in JPY, and the city's currency CHF" in " ".join(said.split())
    (row,) = rows(folder, "missions", "--as-of", "2002-03-01")
    assert row["budget"] == "JPY 500"


@pytest.mark.rule("B4")
def test_amounts_without_a_currency_are_refused_where_the_charter_names_none(folder: Path) -> None:
    stored(folder, charter("1", "1990-01-01"))
    stored(folder, PLACES)
    ran = record(folder, mission("trip", "{ cents: { travel: 500 } }"))

    assert ran.code == 3
    assert "Refused by rule B4" in ran.err
    assert "(NoCurrency)" in ran.err
    assert "amounts: budget" in ran.err
    stored(folder, mission("other", "{ currency: JPY, cents: { travel: 500 } }"))


@pytest.mark.rule("B4")
def test_a_budget_is_in_the_currency_of_its_day(folder: Path) -> None:
    stored(folder, charter("1", "1990-01-01", "currency: DEM"))
    stored(folder, charter("2", "2002-01-01", "currency: EUR"))
    stored(folder, PLACES)
    stored(folder, mission("old", "{ cents: { travel: 100 } }", on="2001-12-31"))
    stored(folder, mission("new", "{ cents: { travel: 100 } }", on="2002-01-01"))

    found = {r["mission"]: r["budget"] for r in rows(folder, "missions", "--as-of", "2002-03-01")}
    assert found == {"old": "DEM 1.00", "new": "EUR 1.00"}


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("currency: EURO", "'EURO' is not the ISO 4217 code of a currency"),
        ("currency: XAU", "'XAU' is not the ISO 4217 code of a currency"),  # an ounce of gold
        ("time_zone: Berlin", "'Berlin' is not a time zone such as Europe/Berlin"),
        ("time_zone: ../etc", "'../etc' is not a time zone such as Europe/Berlin"),
        ("country: Germany", "country"),
        ("languages: [deutsch!]", "languages"),
    ],
)
def test_a_charter_names_what_standards_have(folder: Path, field: str, said: str) -> None:
    ran = record(folder, charter("1", "1990-01-01", field))

    assert ran.code == 5
    assert said in ran.err


def test_today_is_the_day_in_the_city(folder: Path) -> None:
    # These two zones are 25 hours apart, so that they never have the same day.
    stored(folder, charter("east", "1990-01-01", "time_zone: Pacific/Kiritimati"))
    assert alliance(folder, "list", "partnerships").code == 0
    east = _as_of(folder)
    stored(folder, charter("west", "1990-01-02", "time_zone: Pacific/Pago_Pago"))
    west = _as_of(folder)

    assert east == today("Pacific/Kiritimati")
    assert east - west in (timedelta(1), timedelta(2))


def _as_of(folder: Path) -> date:
    (first, *_) = alliance(folder, "missions").out.splitlines()
    (day,) = (word for word in first.replace(":", " ").split() if word[:2] == "20")
    return date.fromisoformat(day.rstrip(".,"))


def test_the_policy_is_written_with_the_citys_country_language_and_name(folder: Path) -> None:
    said = charter("1", "1990-01-01", "city: Zürich", "country: CH", "languages: [de-CH]")
    stored(folder, said)
    stored(
        folder,
        """
meeting: { id: leitlinien, on: 2002-01-15, body: rat, matter: m-1 }
items:
  - open-matter: { title: Städtepartnerschaften }
  - decide:
      decision: d
      kind: adopt
      summary: Beschlossen.
      instruments:
        - instrument: adopt-provision
          draft: { address: reisen, heading: Reisen, text: Reisen. }
""",
    )
    written = alliance(folder, "export", "policy", "--as-of", "2002-02-01").out

    assert 'value="/akn/ch-zurich/act/policy/2002-01-15/stadtepartnerschaften"' in written
    assert '<FRBRcountry value="ch" />' in written
    assert '<FRBRlanguage language="deu" />' in written


FROM_JANUARY = """
meeting: { id: juni, on: 2002-06-05, body: rat, matter: m-1 }
items:
  - open-matter: { title: Reisen }
  - decide:
      decision: beschluss
      kind: adopt
      summary: Rückwirkend.
      effective_from: 2002-01-01
      instruments:
        - instrument: adopt-provision
          draft: { address: reisen, heading: Reisen, text: Höchstens zwei. }
        - instrument: enter-partnership
          city: JP-OSAKA
          established: 2002-01-01
          description: Städtepartnerschaft
"""


@pytest.mark.rule("A1")
def test_nothing_takes_hold_before_its_decision_unless_the_charter_allows_it(folder: Path) -> None:
    stored(folder, charter("1", "1990-01-01", "retroactive: [policy]"))
    stored(folder, PLACES)
    ran = record(folder, FROM_JANUARY)  # a partnership, too, of which the charter says nothing

    assert ran.code == 3
    assert "Refused by rule A1" in ran.err
    assert "(DecidedAfterwards)" in ran.err


@pytest.mark.rule("A3")
def test_a_charter_names_acts_that_there_are(folder: Path) -> None:
    ran = record(folder, charter("1", "1990-01-01", "retroactive: [politik]"))

    assert ran.code == 3
    assert "(UnknownAct)" in ran.err
    assert "acts: politik" in ran.err


@pytest.mark.rule("A3")
def test_what_reaches_back_says_so_on_the_days_between(folder: Path) -> None:
    stored(folder, charter("1", "1990-01-01", "retroactive: [policy, agreement]"))
    stored(folder, PLACES)
    stored(folder, FROM_JANUARY)

    for question in (("policy",), ("policy", "reisen"), ("list", "provisions")):
        told = alliance(folder, *question, "--as-of", "2002-03-01").out
        assert "not decided yet, and decided later to hold from before" in told
        assert "reisen (2002-06-05)" in told
        after = alliance(folder, *question, "--as-of", "2002-06-05").out
        assert "decided later" not in after
    (before,) = rows(folder, "list", "provisions", "--as-of", "2002-06-04")
    (since,) = rows(folder, "list", "provisions", "--as-of", "2002-06-05")
    assert before["decided_later"] == "2002-06-05"
    assert "decided_later" not in since
    assert rows(folder, "list", "provisions", "--as-of", "2001-12-31") == []

    told = alliance(folder, "list", "partnerships", "--as-of", "2002-03-01").out
    assert "decided later to hold from before: 大阪市 (2002-06-05)" in told
    shown = alliance(folder, "show", "partnership", "Osaka", "--as-of", "2002-03-01").out
    assert "decided later to hold from before: 大阪市 (2002-06-05)" in shown
    written = alliance(folder, "export", "policy", "--as-of", "2002-03-01").out
    assert "decided later to hold from before: reisen (2002-06-05)." in written


def test_a_body_decides_on_its_day_what_reaches_back(folder: Path) -> None:
    stored(folder, charter("1", "1990-01-01", "retroactive: [policy, agreement]"))
    stored(folder, PLACES)
    stored(folder, FROM_JANUARY)

    before = alliance(folder, "show", "matter", "m-1", "--as-of", "2002-06-04")
    assert (before.code, "nothing of it held on this day" in before.err) == (5, True)
    later = rows(folder, "show", "matter", "m-1", "--as-of", "2002-06-05")
    assert [row["item"] for row in later] == ["m-1", "beschluss"]


def test_a_statement_of_what_was_so_before_is_no_retroactive_decision(folder: Path) -> None:
    stored(folder, charter("1", "1990-01-01"))
    stored(folder, PLACES)
    stored(
        folder,
        """
meeting: { id: bericht, on: 2002-06-05, body: rat, matter: m-1 }
items:
  - open-matter: { title: Bericht }
  - submit-report:
      document: bericht
      title: Bericht
      by: { office: Kanzlei }
      states:
        - { states: partnership-exists, city: JP-OSAKA, established: 1989, description: Partner }
""",
    )
    (row,) = rows(folder, "list", "partnerships", "--as-of", "1995-01-01")
    assert "decided_later" not in row


def policy(*terms: str, on: str = "2000-01-10") -> str:
    """A policy of one provision that carries these terms."""
    return f"""
meeting: {{ id: leitlinien, on: {on}, body: rat, matter: leitlinien }}
items:
  - open-matter: {{ title: Leitlinien }}
  - decide:
      decision: beschluss
      kind: adopt
      summary: Beschlossen.
      instruments:
        - instrument: adopt-provision
          draft:
            address: leitlinien
            heading: Leitlinien
            text: Wie beschlossen.
            terms: {{ {", ".join(terms)} }}
"""


REQUEST = """
meeting: { id: anfrage, on: 2001-01-31, body: rat }
items:
  - receive-request:
      request: osaka
      place: Osaka
      group: { office: Gesellschaft }
      asks: Eine Partnerschaft.
"""


@pytest.mark.parametrize(
    ("term", "due"),
    [
        ("request.report-days: 45", "2001-03-17"),  # 28 days of February, 17 of March
        ("request.report-weeks: 2", "2001-02-14"),
        ("request.report-months: 1", "2001-02-28"),
        ("request.report-years: 2", "2003-01-31"),
    ],
)
@pytest.mark.rule("N2")
def test_a_report_is_due_after_days_weeks_months_or_years(
    folder: Path, term: str, due: str
) -> None:
    stored(folder, charter("1", "1990-01-01"))
    stored(folder, PLACES)
    stored(folder, policy(term))
    stored(folder, REQUEST)

    (row,) = rows(folder, "list", "requests", "--as-of", "2001-02-01")
    assert row["report_due"] == due
    day = date.fromisoformat(due)
    (then,) = rows(folder, "due", "--as-of", str(day))
    (late,) = rows(folder, "due", "--as-of", str(day + timedelta(1)))
    assert (then["due"], then["status"], late["status"]) == (due, "due", "overdue")


@pytest.mark.rule("A2")
def test_one_figure_is_not_carried_in_two_units_by_two_provisions(folder: Path) -> None:
    stored(folder, charter("1", "1990-01-01"))
    stored(folder, policy("request.report-months: 6"))
    ran = record(folder, policy("request.report-days: 45").replace("leitlinien", "frist"))

    assert ran.code == 3
    assert "(TermCarriedTwice)" in ran.err
    assert "provision: leitlinien (version 1)" in ran.err


def advice(arrangement: str) -> str:
    """Staff advise on the arrangement that the request should lead to."""
    return f"""
meeting: {{ id: rat-{arrangement[:1].lower()}, on: 2001-02-10, body: rat }}
items:
  - consult-group: {{ request: osaka, objectives: Austausch. }}
  - advise-arrangement: {{ request: osaka, arrangement: {arrangement}, reason: Passt. }}
"""


ASSESSED = """
meeting: { id: bewertung, on: 2001-02-20, body: rat }
items:
  - assess-request: { request: osaka, criteria: { nutzen: hoch } }
"""


@pytest.mark.rule("N1")
def test_the_policy_says_which_arrangements_there_are_and_which_are_formal(folder: Path) -> None:
    stored(folder, charter("1", "1990-01-01"))
    stored(folder, PLACES)
    stored(
        folder,
        policy(
            "request.arrangements: [Projekt, Städtepartnerschaft]",
            "request.formal-arrangements: [Städtepartnerschaft]",
        ),
    )
    stored(folder, REQUEST)
    unknown = record(folder, advice("Fachaustausch"))
    stored(folder, advice("Projekt"))
    informal = record(folder, ASSESSED)

    assert (unknown.code, "(NoSuchArrangement)" in unknown.err) == (3, True)
    assert "named: Projekt, Städtepartnerschaft" in unknown.err
    assert (informal.code, "(NotAPartnership)" in informal.err) == (3, True)
    assert "arrangement: Projekt" in informal.err


@pytest.mark.rule("N1")
def test_a_formal_arrangement_of_any_name_is_assessed(folder: Path) -> None:
    stored(folder, charter("1", "1990-01-01"))
    stored(folder, PLACES)
    stored(folder, policy("request.formal-arrangements: [Städtepartnerschaft]"))
    stored(folder, REQUEST)
    stored(folder, advice("städtepartnerschaft"))
    stored(folder, ASSESSED)

    (row,) = rows(folder, "list", "requests", "--as-of", "2001-02-20")
    assert (row["stage"], row["arrangement"]) == ("assessed", "städtepartnerschaft")


SEOUL = """
meeting: { id: jeongchaek, on: 2002-01-15, body: sijang, matter: m-1, wording: translation of en }
items:
  - open-matter: { title: 자매도시 정책 }
  - decide:
      decision: gyeoljeong
      kind: adopt
      summary: 채택함
      instruments:
        - instrument: adopt-provision
          draft:
            address: chuljang
            heading: 출장
            text: 출장은 한 해에 한 번이다.
            terms:
              category.jamae.name: 자매도시
              programming.outbound.jamae: [교대로 방문]
              plan.outbound-missions.most: 1
              plan.outbound-missions.states: [사유, budget]
              budget.categories: [교통비, 숙박비]
              delegation.lead: [시장]
              delegation.uiwon: 2
              delegation.uiwon.seat: 시의원
              request.report-days: 60
              지역: 아시아
"""


@pytest.mark.rule("A2")
def test_a_term_that_no_rule_reads_is_kept_in_whatever_script(folder: Path) -> None:
    stored(folder, SEOUL_CHARTER)
    assert "no rule reads 지역" in " ".join(stored(folder, SEOUL).split())
    (row,) = rows(folder, "list", "provisions", "--as-of", "2002-02-01")
    assert row["terms"]["지역"] == "아시아"
    shouted = record(folder, SEOUL.replace("지역: 아시아", "Région: Asie").replace("m-1", "m-2"))
    assert shouted.code == 5
    assert "a term is named in small letters such as goals, and not 'Région'" in shouted.err


SEOUL_CHARTER = """
meeting: { id: seoul, on: 1990-01-01 }
items:
  - record-charter:
      charter:
        edition: seoul-1990
        city: 서울특별시
        country: KR
        languages: [ko]
        time_zone: Asia/Seoul
        currency: KRW
        residual_authority: sijang
        bodies: [{ id: sijang, name: 시장 }, { id: uihoe, name: 시의회 }]
  - identify-places:
      places: [{ code: JP-OSAKA, name: 오사카, country: JP, country_name: 일본 }]
"""


@pytest.mark.rule("B3", "B4")
def test_rules_speak_in_a_script_without_capitals(folder: Path) -> None:
    stored(folder, SEOUL_CHARTER)
    stored(folder, SEOUL)

    def trip(name: str, *more: str) -> str:
        fields = ", ".join(
            (f"mission: {name}, direction: outbound, year: 2002, cities: [오사카]", *more)
        )
        plan = "" if name == "dul" else "\n  - draft-plan: { year: 2002 }"
        return f"""
meeting: {{ id: {name}, on: 2002-02-01, body: sijang }}
items:{plan}
  - propose-mission: {{ {fields} }}
  - list-mission: {{ year: 2002, mission: {name} }}
"""

    silent = record(folder, trip("hana", "budget: { cents: { 교통비: 1, 숙박비: 0 } }"))
    assert (silent.code, "(MissionNotDescribed)" in silent.err) == (3, True)
    assert "missing: 사유" in silent.err
    short = record(
        folder, trip("hana", "answers: { 사유: 항만 }", "budget: { cents: { 교통비: 1 } }")
    )
    assert (short.code, "missing: 숙박비" in short.err) == (3, True)
    whole = ("answers: { 사유: 항만 }", "budget: { cents: { 교통비: 1200000, 숙박비: 0 } }")
    stored(folder, trip("hana", *whole))
    second = record(folder, trip("dul", *whole))
    assert (second.code, "(MissionsExhausted)" in second.err) == (3, True)

    (row,) = rows(folder, "missions", "--as-of", "2002-03-01")
    assert row["budget"] == "KRW 1,200,000"
    written = alliance(folder, "export", "policy", "--as-of", "2002-03-01").out
    assert 'value="/akn/kr-seoul-1990/act/policy/2002-01-15/policy"' in written
    assert '<FRBRlanguage language="kor" />' in written
    assert "a translation of en" in written
