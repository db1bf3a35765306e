"""Subjects are destroyed: nothing of them is left in any file, and every proof stands.

`DESTRUCTION_SUBJECTS=1000` runs it at the size that is promised; see `make drill-destruction`.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import threading
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, select

from adapters.bootstrap import open_bus
from adapters.evidence.entries import MOST_REDACTED
from adapters.people.drafts import Drafts
from adapters.people.erasure import erase_values
from adapters.people.refusals import Refusals
from adapters.people.roles import Person
from adapters.people.sessions import Sessions
from adapters.people.tables import create, metadata, open_people
from adapters.settings import Settings
from application.destruction import destroy
from application.ports import SubjectKeysAway
from domain.shared.log_facts import MOST_PARTS, PersonalDataDestroyed
from domain.shared.messages import DecisionRef
from tests.support.memory_log import MemoryLog
from tests.support.street import RECORDS, STORES, Street

SUBJECTS = int(os.environ.get("DESTRUCTION_SUBJECTS", "20"))
DECISION = "2001-12-4/council-adopts"
ORIGIN = "register.example/toronto"
KEPT = "Quentin Zebulon Stays"


def name(number: int) -> str:
    return f"Xanthippe Quiddity {number:04d}"


class Heard:
    """A register in which private persons spoke, sealed; and what was taken of it before."""

    def __init__(self, street: Street, folder: Path) -> None:
        settings = {
            "ALLIANCE_ORIGIN": ORIGIN,
            "ALLIANCE_PERSONAL_KEYS_FILE": str(folder / "personal-keys.sqlite"),
            "ALLIANCE_VIEWS_URL": f"sqlite:///{folder / 'views.sqlite'}",
            "ALLIANCE_BUS_URL": f"sqlite:///{folder / 'bus' / 'bus.sqlite'}",
        }
        self.folder = folder
        self.street = Street({**street.environment, **settings})
        self.street.done("setup")
        self.street.done("record", RECORDS)
        names = [*map(name, range(SUBJECTS)), KEPT]
        items = [
            f"  - hear-deputation: {{ deputation: d{number}, body: edp-committee, "
            f"speaker: {{ person: {{ value: {who} }} }} }}\n"
            for number, who in enumerate(names)
        ]
        minutes = folder / "heard.yaml"
        meeting = "meeting: { id: 2001-11-19-heard, on: 2001-11-19, matter: 2001-12-4 }\n"
        minutes.write_text(f"{meeting}items:\n{''.join(items)}")
        self.street.done("record", minutes)
        minutes.unlink()
        self.street.done("seal", "--once")
        self.policy = folder / "policy.txt"
        self.policy.write_text(self.street.done("evidence", "key"))
        self.backup = folder / "log.backup"
        self.street.done("backup", self.backup)

    def destroy(self, words: str) -> str:
        return self.street.done("destroy", words, "--decision", DECISION)

    def verified(self, bundle: str) -> dict[str, object]:
        path = self.folder / bundle
        self.street.done("seal", "--once")
        self.street.done("evidence", "bundle", path)
        rows = self.street.rows("evidence", "verify", path, "--policy", self.policy)
        found: dict[str, object] = rows[0]
        return found


def published(heard: Heard) -> None:
    """Publish the log on the bus, up to the event of who is kept."""
    stop = threading.Event()
    with open_bus(settings_of(heard.street)) as bus:
        relay = threading.Thread(target=bus.relay().run, args=(stop,))
        relay.start()
        deadline = time.monotonic() + 120
        last = f"d{SUBJECTS}".encode()
        while last not in everything(heard.folder / "bus") and time.monotonic() < deadline:
            time.sleep(0.1)
        stop.set()
        relay.join(60)
    assert last in everything(heard.folder / "bus")


def settings_of(street: Street) -> Settings:
    given = {
        name.removeprefix("ALLIANCE_").lower(): value for name, value in street.environment.items()
    }
    return Settings.model_validate(given)


@pytest.fixture(params=STORES)
def heard(request: pytest.FixtureRequest, tmp_path: Path) -> Heard:
    if request.param == "sqlite":
        return Heard(Street.on_sqlite(tmp_path), tmp_path)
    return Heard(
        Street.on_postgres(request.getfixturevalue("fresh_postgres_url"), tmp_path), tmp_path
    )


def stored(street: Street) -> list[tuple[str, str, bytes]]:
    """The personal parts in the database: digest, subject, sealed bytes."""
    url = street.environment["ALLIANCE_DATABASE_URL"]
    query = "SELECT digest, subject, sealed FROM personal_parts"
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            return connection.execute(query).fetchall()
    with psycopg.connect(url) as server:
        return server.execute(query.encode()).fetchall()


def remove_part(street: Street, digest: str) -> None:
    """Delete a part as whoever administers the database can, without an event."""
    url = street.environment["ALLIANCE_DATABASE_URL"]
    statement = f"DELETE FROM personal_parts WHERE digest = '{digest}'"  # noqa: S608
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute(statement)
        connection.close()
        return
    with psycopg.connect(url) as server:
        server.execute(statement.encode())


def add_part(street: Street, digest: str, subject: str, sealed: bytes) -> None:
    """Insert a part as whoever administers the database can."""
    url = street.environment["ALLIANCE_DATABASE_URL"]
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            values = (digest, subject, sealed)
            connection.execute("INSERT INTO personal_parts VALUES (?,?,?)", values)
        connection.close()
        return
    with psycopg.connect(url) as server:
        columns = "(digest, subject, sealed)"
        text = f"'{digest}', '{subject}', '\\x{sealed.hex()}'"
        server.execute(f"INSERT INTO personal_parts {columns} VALUES ({text})".encode())  # noqa: S608


def keys(folder: Path) -> list[tuple[str, bytes]]:
    with sqlite3.connect(folder / "personal-keys.sqlite") as connection:
        return connection.execute("SELECT subject, key FROM subjects").fetchall()


def everything(folder: Path, but: tuple[Path, ...] = ()) -> bytes:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path not in but]
    return b"".join(path.read_bytes() for path in files)


@pytest.mark.timeout(3600)
def test_of_destroyed_subjects_nothing_is_left_and_every_proof_stands(heard: Heard) -> None:
    street, folder = heard.street, heard.folder
    parts, sealing = stored(street), dict(keys(folder))
    assert (len(parts), len(sealing)) == (SUBJECTS + 1, SUBJECTS + 1)
    assert b"Quiddity" not in everything(folder), "no value stands anywhere, sealed as they are"
    assert heard.verified("before.zip")["personal_parts"] == SUBJECTS + 1

    told = [heard.destroy(name(number)) for number in range(SUBJECTS)]
    assert re.fullmatch(
        rf"person-[0-9a-f]{{16}}: 1 personal value and the key are destroyed, by {DECISION}\.\n",
        told[-1],
    )

    ((_, kept, _),) = stored(street)
    assert [subject for subject, _ in keys(folder)] == [kept]
    street.done("rebuild")
    street.done("seal", "--once")
    # What the operator has to remove: backups and bundles of before.
    left = everything(folder, but=(heard.backup, folder / "before.zip"))
    for _, subject, sealed in parts:
        if subject != kept:
            assert sealing[subject] not in left
            assert sealed not in left
            assert sealed[1:33] not in left, "the salt"
    assert b"Quiddity" not in left
    assert not any(key in heard.backup.read_bytes() for key in sealing.values())

    found = heard.verified("after.zip")
    destructions = found["destructions"]
    assert isinstance(destructions, list)
    assert len({each["subject"] for each in destructions}) == SUBJECTS
    assert {each["decision"] for each in destructions} == {DECISION}
    assert (found["personal_parts"], found["destroyed_parts"]) == (1, SUBJECTS)
    summary = street.done("evidence", "verify", folder / "after.zip", "--policy", heard.policy)
    lawfully = f"destroyed lawfully by {DECISION}: {SUBJECTS} parts of {SUBJECTS} subjects"
    assert lawfully in " ".join(summary.split())
    assert "1 personal values of person-" in street.done("log")
    for row in (1, street.head()):
        assert "c2sp.org/tlog-proof" in street.done("evidence", "proof", row)

    assert street.rows("verify", "log") == [], "what is missing was destroyed by an event"
    ((digest, _, _),) = stored(street)
    remove_part(street, digest)
    ran = street.run("verify", "log", "--format", "json")
    missing = [(row["kind"], row["stream"]) for row in json.loads(ran.out)]
    assert (ran.code, missing) == (4, [("missing", f"personal value {digest}")])


def test_a_part_that_is_said_to_be_of_another_subject_is_named_by_its_column(
    heard: Heard,
) -> None:
    street = heard.street
    assert street.rows("verify", "log") == []
    (first, one, sealed), (second, other, again) = stored(street)[:2]
    for digest, subject, held in ((first, other, sealed), (second, "person-0", again)):
        remove_part(street, digest)
        add_part(street, digest, subject, held)
    ran = street.run("verify", "log", "--format", "json")
    told = {(row["kind"], row["stream"], *row["columns"]) for row in json.loads(ran.out)}
    assert one != other
    assert (ran.code, told) == (
        4,
        {("altered", f"personal value {digest}", "subject") for digest in (first, second)},
    )


def test_drafts_refusals_names_and_queues_hold_nothing_of_who_was_destroyed(heard: Heard) -> None:
    street, folder, gone = heard.street, heard.folder, name(3)
    street.done("subscribers", "add", "auditor")
    published(heard)
    people = open_people(settings_of(street).people)
    create(people)
    drafts, refusals, sessions = Drafts(people), Refusals(people), Sessions(people)
    plain = drafts.add("clerk", f"speaker: {gone}", f"About {gone.lower()}")
    escaped = drafts.add("clerk", json.dumps({"speaker": gone}).replace("Q", "\\u0051"), "t")
    broken = drafts.add("clerk", f"speaker: >\n  {gone.replace(' ', chr(10) + '  ')}\n", "t")
    other = drafts.add("clerk", f"speaker: {KEPT}", "t")
    refusals.note(gone, "B2", f"/record/{gone}", f"{gone} was refused")
    sessions.remember(Person("person-a", gone, frozenset()))
    sessions.remember(Person("person-b", KEPT, frozenset()))
    assert len(plain_rows(people, "Quiddity")) == 4

    told = heard.destroy(gone)

    assert "erased beside the log: 5 drafts, refusals and names" in told
    assert plain_rows(people, "Quiddity") == []
    left = everything(folder, but=(heard.backup,))
    for word in (b"Quiddity", b"Xanthippe", b"quiddity", b"u0051uiddity"):
        assert word not in left
    found = {each.id: (each.text, each.title, each.state) for each in drafts.newest()}
    assert found == {
        plain: ("speaker: (erased)", "About (erased)", "withdrawn"),
        escaped: ("(erased)", "t", "withdrawn"),
        broken: ("speaker: >\n  (erased)\n", "t", "withdrawn"),
        other: (f"speaker: {KEPT}", "t", "waiting"),
    }
    assert [each[1:] for each in refusals.newest()] == [
        ("(erased)", "B2", "/record/(erased)", "(erased) was refused")
    ]
    assert sessions.names(["person-a", "person-b"]) == {"person-b": KEPT}
    people.dispose()


def plain_rows(people: Engine, word: str) -> list[str]:
    """Rows of the tables of people that have a word as it is."""
    with people.connect() as db:
        rows = [str(row) for table in metadata.sorted_tables for row in db.execute(select(table))]
    return [row for row in rows if word.lower() in row.lower()]


def test_a_short_name_is_erased_as_a_word_and_not_within_others(tmp_path: Path) -> None:
    people = open_people(f"sqlite:///{tmp_path / 'people.sqlite'}")
    create(people)
    Drafts(people).add("clerk", "council heard Li, and LI only; Lia not", "t")
    assert erase_values(people, ["Li", "--"]) == 1
    (draft,) = Drafts(people).newest()
    assert draft.text == "council heard (erased), and (erased) only; Lia not"
    people.dispose()


def test_a_backup_of_before_comes_back_without_what_was_destroyed(
    heard: Heard, tmp_path: Path
) -> None:
    street = heard.street
    before = stored(street)
    heard.destroy(name(3))
    gone = {row for row in before if row not in stored(street)}
    assert len(gone) == 1
    folder = tmp_path / "restored"
    folder.mkdir()
    (folder / "register.key").write_bytes(
        Path(street.environment["ALLIANCE_KEYS_FILE"]).read_bytes()
    )
    elsewhere = Street.on_sqlite(folder)
    again = Street(
        {
            **elsewhere.environment,
            "ALLIANCE_PERSONAL_KEYS_FILE": street.environment["ALLIANCE_PERSONAL_KEYS_FILE"],
        }
    )
    again.done("restore", heard.backup)
    assert {*stored(again)} == {*before} - gone
    rows = again.run("log", "--format", "json").lines
    told = [row for row in rows if row["topic"] == PersonalDataDestroyed.TOPIC]
    assert len(told) == 1
    again.done("setup")
    assert len(again.run("log", "--format", "json").lines) == len(rows), "told once"
    ((_, _, sealed),) = gone
    assert sealed not in everything(folder)


def test_keys_come_back_without_those_that_were_destroyed(heard: Heard) -> None:
    street, copy = heard.street, heard.folder / "keys.backup"
    street.done("backup", copy, "--personal-keys")
    assert copy.stat().st_mode & 0o077 == 0
    before = keys(heard.folder)
    heard.destroy(name(3))
    path = heard.folder / "personal-keys.sqlite"
    path.unlink()
    refused = street.run("setup")
    assert (refused.code, SubjectKeysAway.__name__ in refused.err) == (6, True)
    street.done("restore", copy, "--personal-keys")
    street.done("setup")  # the log knows what was destroyed
    assert len(keys(heard.folder)) == len(before) - 1


def test_a_name_is_found_however_it_is_written_and_an_unknown_one_is_refused(
    heard: Heard,
) -> None:
    assert "1 personal value" in heard.destroy(name(1).upper())
    before = heard.street.head()
    for words in (name(1), "Nobody"):
        refused = heard.street.run("destroy", words, "--decision", DECISION)
        assert (refused.code, "NothingKept" in refused.err) == (5, True)
    unknown = heard.street.run("destroy", name(2), "--decision", "2001-12-4/none")
    assert (unknown.code, "NoSuchDecision" in unknown.err) == (5, True)
    assert heard.street.head() == before


def test_a_destruction_cut_short_is_finished_by_asking_again(heard: Heard) -> None:
    subject = heard.destroy(name(1)).partition(":")[0]
    before = heard.street.head()
    assert "1 personal value" in heard.destroy(subject)
    assert heard.street.head() == before, "told once"


class Shelf(MemoryLog):
    """A log with the parts of one subject, and keys that remember nothing."""

    def __init__(self, parts: int) -> None:
        super().__init__()
        self.kept = {f"{number:064x}" for number in range(parts)}

    def parts_of(self, subject: str) -> list[str]:
        return sorted(self.kept)

    def erase(self, digests: object) -> None:
        assert isinstance(digests, list)
        self.kept -= {*digests}

    def digests(self) -> object:
        return iter(self.kept)

    def destroy(self, subject: str, parts: object, told: str) -> None:
        assert json.loads(told)["subject"] == subject

    def destroyed(self) -> list[object]:
        return []


def test_a_destruction_of_more_parts_than_an_entry_holds_is_split() -> None:
    assert MOST_PARTS == MOST_REDACTED == 974
    log = Shelf(2 * MOST_PARTS + 1)
    by = DecisionRef(matter="m", decision="d", body="council")
    done = destroy(log, log, "person-1", by, "a clerk")  # type: ignore[arg-type]
    events = [entry.event for entry in log.entries()]
    told = [event for event in events if isinstance(event, PersonalDataDestroyed)]
    assert [len(event.parts) for event in told] == [MOST_PARTS, MOST_PARTS, 1]
    assert (done, log.kept) == (2 * MOST_PARTS + 1, set())


def test_the_keys_lie_beside_the_log_unless_said(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/log.sqlite")
    assert settings.personal_keys == tmp_path / "toronto" / "personal-keys.sqlite"
