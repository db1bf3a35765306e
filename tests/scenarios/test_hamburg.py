"""A year in another city: Hamburg's record in German, and what its rules say in 2012."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.test_any_city import record, rows, stored
from tests.support.alliance import alliance

HAMBURG = Path(__file__).parents[2] / "records" / "hamburg-2012"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A register with the record of Hamburg."""
    assert alliance(tmp_path, "setup").code == 0
    ran = alliance(tmp_path, "record", HAMBURG)
    assert ran.code == 0, ran.err
    assert "no rule reads" not in ran.out
    return tmp_path


def refused(folder: Path, text: str) -> str:
    """The reason why a file is refused by a rule."""
    ran = record(folder, text)
    assert ran.code == 3, ran.out + ran.err
    return " ".join(ran.err.split())


def items(meeting: str, on: str, body: str, *lines: str, matter: str = "") -> str:
    """A minutes file of a meeting."""
    of = f", matter: {matter}" if matter else ""
    said = "\n".join(f"  - {line}" for line in lines)
    return f"meeting: {{ id: {meeting}, on: {on}, body: {body}{of} }}\nitems:\n{said}\n"


def test_the_record_answers_in_its_own_words(folder: Path) -> None:
    told = alliance(folder, "list", "partnerships", "--as-of", "2012-02-01").out
    assert told.startswith("9 partnerships on 2012-02-01: 7 Städtepartnerschaft, 2 Patenschaft.")
    assert "St. Petersburg" in alliance(folder, "show", "partnership", "Leningrad").out
    (shanghai, leon) = sorted(
        rows(folder, "list", "discrepancies", "--as-of", "2012-02-01"),
        key=lambda row: row["discrepancy"],
        reverse=True,
    )
    assert [sorted(p["figure"] for p in d["passages"]) for d in (shanghai, leon)] == [
        [1979, 1986],
        [1989, 1990],
    ]
    written = alliance(folder, "export", "policy", "--as-of", "2012-02-01").out
    assert '<FRBRcountry value="de" />' in written
    assert '<FRBRlanguage language="deu" />' in written
    assert "the register's own words, and not the paper's" in written


def mission(name: str, cities: str, *more: str) -> str:
    """A mission with all that the plan asks for, in euros and cents."""
    budget = "budget: { cents: { Fahrt: 840000, Unterkunft: 315050, Bewirtung: 0 } }"
    fields = (
        f"mission: {name}, direction: outbound, year: 2012, cities: [{cities}]",
        *(more or ("timing: 2012-09", "answers: { Begründung: Hafentage }", budget)),
    )
    return f"propose-mission: {{ {', '.join(fields)} }}"


def listed(name: str) -> str:
    """Its place in the plan."""
    return f"list-mission: {{ year: 2012, mission: {name} }}"


DRAFT = "draft-plan: { year: 2012 }"


@pytest.mark.rule("B3", "B4", "M2")
def test_a_plan_is_judged_by_the_words_and_figures_of_the_city(folder: Path) -> None:
    silent = mission("ostasien", "Osaka", "timing: 2012-09")
    why = refused(
        folder, items("a", "2012-02-01", "senatskanzlei", DRAFT, silent, listed("ostasien"))
    )
    assert "Refused by rule B3" in why
    assert "missing: Begründung, budget" in why

    short = "answers: { Begründung: Hafentage }", "budget: { cents: { Fahrt: 1 } }"
    why = refused(
        folder, items("b", "2012-02-01", "senatskanzlei", mission("ostasien", "Osaka", *short))
    )
    assert "Refused by rule B4" in why
    assert "missing: Unterkunft, Bewirtung" in why

    why = refused(folder, items("c", "2012-02-01", "senatskanzlei", mission("leon", "León")))
    assert "Refused by rule M2" in why
    assert "provision: programm (version 1)" in why
    assert "classification: Patenschaft" in why

    two = (
        mission("ostasien", "'Osaka', Shanghai"),
        listed("ostasien"),
        mission("prag", "Prag"),
        listed("prag"),
    )
    stored(folder, items("d", "2012-02-02", "senatskanzlei", DRAFT, *two))
    third = items(
        "e", "2012-02-03", "senatskanzlei", mission("chicago", "Chicago"), listed("chicago")
    )
    why = refused(folder, third)
    assert "Refused by rule B3" in why
    assert "listed: 2 most: 2" in why
    # 8,400.00 + 3,150.50 + 0
    found = {r["mission"]: r["budget"] for r in rows(folder, "missions", "--as-of", "2012-03-01")}
    assert found == {"ostasien": "EUR 11,550.50", "prag": "EUR 11,550.50"}

    # The Senate raises the figure from July on, by striking and declaring what is left.
    stored(
        folder,
        items(
            "senat-juni",
            "2012-06-05",
            "senat",
            "open-matter: { title: Mehr Reisen }",
            "move-motion: { motion: mehr, result: carried, operation: { operation: strike, "
            "target: provision/plan/1, words: höchstens zwei, enter: declared, declared: Der "
            "Jahresplan nennt eine bis drei Reisen., terms: { plan.outbound-missions.most: 3 } } }",
            "decide: { decision: mehr-reisen, kind: adopt as amended, summary: Drei Reisen., "
            "adopts: [motion/mehr], effective_from: 2012-07-01 }",
            matter="2012-2",
        ),
    )
    assert "most: 2" in refused(folder, third.replace("2012-02-03", "2012-06-30"))
    stored(folder, third.replace("2012-02-03", "2012-07-01").replace("{ id: e,", "{ id: f,"))
    plan = rows(folder, "plan", "2012", "--as-of", "2012-07-01")
    assert [row["mission"] for row in plan if row["row"] == "entry"] == [
        "chicago",
        "ostasien",
        "prag",
    ]
    (most,) = [r["reason"] for r in plan if r.get("rule") == "B3" and "at most" in r["reason"]]
    assert most == "3 of at most 3 in 2012"


@pytest.mark.rule("B1", "M3", "M4", "M9")
def test_a_journey_from_the_plan_to_its_report(folder: Path) -> None:
    stored(
        folder,
        items("a", "2012-02-01", "senatskanzlei", DRAFT, mission("prag", "Prag"), listed("prag")),
    )
    approve = "instruments: [ { instrument: approve-plan, year: 2012 } ]"
    decided = f"decide: {{ decision: plan, kind: adopt, summary: Gebilligt., {approve} }}"
    early = items(
        "b", "2012-02-07", "senat", "open-matter: { title: Plan }", decided, matter="2012-3"
    )
    assert "Refused by rule B1" in refused(folder, early)
    first = items(
        "c",
        "2012-02-06",
        "erster-buergermeister",
        "open-matter: { title: Plan }",
        decided,
        matter="2012-4",
    )
    stored(folder, first)
    stored(
        folder,
        items(
            "d", "2012-02-06", "senatskanzlei", "submit-plan: { year: 2012, document: plan-2012 }"
        ),
    )
    stored(
        folder,
        items("e", "2012-02-07", "senat", "open-matter: { title: Plan }", decided, matter="2012-5"),
    )

    def delegation(meeting: str, body: str, *travellers: str) -> str:
        who = ", ".join(travellers)
        act = f"{{ instrument: approve-delegation, mission: prag, travellers: [{who}] }}"
        decide = f"decide: {{ decision: delegation, kind: adopt, summary: Reise., instruments: [{act}] }}"
        return items(
            meeting,
            "2012-03-06",
            body,
            "open-matter: { title: Reise }",
            decide,
            matter=f"2012-{meeting}",
        )

    lead = "{ person: { office: Zweite Bürgermeisterin }, seat: lead, designate_of: Erster Bürgermeister }"
    senator = "{ person: { office: Senator }, seat: Mitglied des Senats }"
    member = "{ person: { office: Abgeordnete }, seat: mitglied der bürgerschaft }"
    guest = "{ person: { office: Präses }, seat: accompanying, pays: Handelskammer }"
    why = refused(folder, delegation("f", "senat", lead, senator, senator))
    assert "Refused by rule M3" in why
    assert "seat: Mitglied des Senats taken: 2 least: 0 most: 1" in why
    why = refused(
        folder, delegation("g", "senat", lead, senator.replace("Mitglied des Senats", "Ehrengast"))
    )
    assert "(NoSuchSeat)" in why
    assert "named: Mitglied des Senats, Mitglied der Bürgerschaft" in why
    why = refused(folder, delegation("h", "buergerschaft", lead))
    assert "Refused by rule M4" in why
    assert "by: senat" in why
    told = " ".join(stored(folder, delegation("i", "senat", lead, senator, member, guest)).split())
    assert "Mitglied der Bürgerschaft: 1 of 3 seats taken" in told

    stored(folder, items("j", "2012-09-03", "senatskanzlei", "start-mission: { mission: prag }"))
    stored(folder, items("k", "2012-09-06", "senatskanzlei", "complete-mission: { mission: prag }"))
    owed = [r for r in rows(folder, "due", "--as-of", "2012-10-01") if "Reisebericht" in str(r)]
    assert len(owed) == 1
    close = "close-mission: { mission: prag }"
    why = refused(folder, items("l", "2012-10-01", "senatskanzlei", close))
    assert "Refused by rule M9" in why
    assert "missing: Reisebericht" in why
    report = "file-mission-document: { mission: prag, kind: Reisebericht, document: bericht-prag }"
    stored(folder, items("m", "2012-10-02", "senatskanzlei", report, close))
    (row,) = rows(folder, "missions", "--as-of", "2012-10-02")
    assert row["step"] == "closed"


REQUEST = (
    "receive-request: { request: kapstadt, place: Kapstadt, group: { office: Afrika-Verein }, "
    "asks: Eine Partnerschaft der Häfen. }"
)
PLACE = (
    "identify-places: { places: [ { code: ZA-KAPSTADT, name: Kapstadt, country: ZA, "
    "country_name: Südafrika, other_names: [Cape Town] } ] }"
)


@pytest.mark.rule("N1", "N2", "N3", "N4")
def test_a_request_is_reported_on_within_twelve_weeks(folder: Path) -> None:
    stored(folder, items("a", "2012-03-01", "senatskanzlei", PLACE, REQUEST))
    # Twelve weeks are 84 days: 30 left of March, 30 of April, 24 of May.
    (due,) = [r for r in rows(folder, "due", "--as-of", "2012-05-24") if r["subject"] == "kapstadt"]
    assert (due["due"], due["status"]) == ("2012-05-24", "due")
    (late,) = [
        r for r in rows(folder, "due", "--as-of", "2012-05-25") if r["subject"] == "kapstadt"
    ]
    assert late["status"] == "overdue"

    consult = "consult-group: { request: kapstadt, objectives: Ausbildung im Hafen. }"
    advise = "advise-arrangement: { request: kapstadt, arrangement: Städtepartnerschaft, reason: Dauerhaft. }"
    stored(folder, items("b", "2012-04-02", "senatskanzlei", consult, advise))
    report = (
        "report-on-request: { request: kapstadt, document: bericht-kapstadt, recommends: true }"
    )
    assess = "assess-request: { request: kapstadt, criteria: { Nutzen für beide Städte: hoch }, goals: {} }"
    stored(folder, items("c", "2012-05-02", "senatskanzlei", assess))
    why = refused(folder, items("d", "2012-05-30", "senatskanzlei", report))
    assert "Refused by rule N3" in why
    assert "missing: Träger in der Stadtgesellschaft" in why
    rest = (
        "assess-request: { on: 2012-05-28, request: kapstadt, criteria: { Träger in der Stadtgesellschaft: "
        "Afrika-Verein }, goals: { Hafen und Handel: ja, Wissenschaft: nein, Kultur: ja, Jugend: ja } }"
    )
    told = " ".join(stored(folder, items("e", "2012-05-30", "senatskanzlei", rest, report)).split())
    assert "late: due on 2012-05-24" in told

    approve = "instruments: [ { instrument: approve-agreement, request: kapstadt } ]"
    decide = f"decide: {{ decision: kapstadt, kind: adopt, summary: Ja., {approve} }}"
    why = refused(
        folder,
        items(
            "f", "2012-06-12", "senat", "open-matter: { title: Kapstadt }", decide, matter="2012-9"
        ),
    )
    assert "Refused by rule N4" in why
    assert "missing: positive business case" in why
    case = "make-business-case: { request: kapstadt, document: kosten, positive: true }"
    stored(folder, items("g", "2012-06-11", "senatskanzlei", case))
    stored(
        folder,
        items(
            "h", "2012-06-12", "senat", "open-matter: { title: Kapstadt }", decide, matter="2012-9"
        ),
    )
    prepare = "prepare-agreement: { request: kapstadt, description: Städtepartnerschaft }"
    stored(
        folder,
        items(
            "i",
            "2012-07-02",
            "senatskanzlei",
            prepare,
            "sign-agreement: { on: 2012-08-20, request: kapstadt }",
        ),
    )
    told = alliance(
        folder, "list", "partnerships", "--as-of", "2012-08-20", "--search", "cape town"
    ).out
    assert "Kapstadt" in told


@pytest.mark.rule("C6", "R1")
def test_what_is_granted_every_year_is_due(folder: Path) -> None:
    # The policy is of 2012, and owes nothing for the part of that year before it.
    of_2012 = rows(folder, "due", "--as-of", "2012-12-31")
    assert [r for r in of_2012 if "Neujahrsgruß" in str(r)] == []
    greeting = "carry-out-activity: { year: 2013, place: Daressalam, activity: Neujahrsgruß }"
    owed = [r for r in rows(folder, "due", "--as-of", "2013-12-31") if "Neujahrsgruß" in str(r)]
    assert len(owed) == 9
    stored(folder, items("a", "2013-12-20", "senatskanzlei", greeting))
    owed = [r for r in rows(folder, "due", "--as-of", "2013-12-31") if "Neujahrsgruß" in str(r)]
    assert len(owed) == 8
    other = "carry-out-activity: { year: 2012, place: León, activity: Konzert }"
    told = " ".join(stored(folder, items("b", "2012-12-21", "senatskanzlei", other)).split())
    assert "outside the work plan, which grants Neujahrsgruß" in told
