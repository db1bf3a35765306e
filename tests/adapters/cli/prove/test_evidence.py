"""The record of 2001 is sealed, proven at home, and what was altered is named."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint

from adapters.evidence.proofs import read_inclusion_proof
from adapters.evidence.signed_notes import KeyType, SigningKey
from adapters.evidence.trust_policy import read_policy
from tests.support.alliance import Ran
from tests.support.street import RECORDS, Street

ORIGIN = "register.example/toronto"


def seal(street: Street) -> Street:
    named = Street({**street.environment, "ALLIANCE_ORIGIN": ORIGIN})
    named.done("seal", "--once")
    return named


@pytest.fixture
def sealed(toronto: Street) -> Street:
    """The record of 2001 under a signed head, for tests that only read."""
    return seal(toronto)


@pytest.fixture
def altered(street: Street) -> Street:
    """The founding record under a signed head, for tests that alter it."""
    street.done("record", RECORDS / "founding.yaml")
    return seal(street)


@pytest.fixture
def policy(sealed: Street, tmp_path: Path) -> Path:
    return policy_of(sealed, tmp_path)


def policy_of(street: Street, tmp_path: Path) -> Path:
    path = tmp_path / "policy.txt"
    path.write_text(street.done("evidence", "key"))
    return path


def told(ran: Ran) -> tuple[int, str, str]:
    problem = json.loads(ran.err)
    return ran.code, problem["problem"], problem["details"]["why"]


def test_setup_makes_the_tables_of_the_tree_and_sealing_makes_none(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    (tmp_path / "toronto" / "evidence.sqlite").unlink()
    ran = Street({**street.environment, "ALLIANCE_ORIGIN": ORIGIN}).run("seal", "--once")
    assert (ran.code, "(NotSetUp)" in ran.err, "alliance setup" in ran.err) == (6, True, True)


def test_a_head_is_read_and_verified_by_another_program(sealed: Street) -> None:
    theirs = Checkpoint.from_text(sealed.done("evidence", "head"))
    assert (theirs.origin, theirs.size) == (ORIGIN, sealed.head())
    keys = [line.split()[1] for line in sealed.done("evidence", "key").splitlines()[:-1]]
    assert len(keys) == 2
    for key in keys:
        theirs.verify(Vkey.from_string(key))


def test_a_bundle_verifies_without_the_register(
    sealed: Street, policy: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "whole.zip"
    sealed.done("evidence", "bundle", bundle)
    nowhere = Street({})
    (row,) = json.loads(
        nowhere.done("evidence", "verify", bundle, "--policy", policy, "--format", "json")
    )
    assert (row["origin"], row["events"], row["disclosed"], row["withheld"]) == (
        ORIGIN,
        sealed.head(),
        sealed.head(),
        0,
    )


def test_a_bundle_of_one_city_shows_its_events_alone(
    sealed: Street, policy: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "kiev.zip"
    told = sealed.done("evidence", "bundle", bundle, "--stream", "partnership/kyiv")
    assert "of them only those of partnership/UA-KIEV are shown" in " ".join(told.split())
    (row,) = json.loads(
        sealed.done("evidence", "verify", bundle, "--policy", policy, "--format", "json")
    )
    events = sealed.run("log", "--stream", "partnership/UA-KIEV", "-f", "json").lines
    assert (row["disclosed"], row["withheld"]) == (len(events), sealed.head() - len(events))


def test_a_bundle_of_a_stream_that_nobody_knows_is_not_made(sealed: Street, tmp_path: Path) -> None:
    bundle = tmp_path / "kive.zip"
    ran = sealed.run("evidence", "bundle", bundle, "--stream", "partnership/UA-KIVE")
    assert (ran.code, ran.out, bundle.exists()) == (5, "", False)
    assert "stream: partnership/UA-KIVE" in ran.err
    assert "near: partnership/UA-KIEV" in ran.err


def test_a_bundle_takes_no_other_file_s_place(sealed: Street, tmp_path: Path) -> None:
    (tmp_path / "kept.zip").write_text("kept")
    ran = sealed.run("evidence", "bundle", tmp_path / "kept.zip")
    assert (ran.code, (tmp_path / "kept.zip").read_text()) == (6, "kept")
    assert "There is already a file where the bundle should be written." in ran.err


def test_a_proof_of_each_event_verifies(sealed: Street, policy: Path) -> None:
    trusted = read_policy(policy.read_bytes())
    for position in (1, 100, sealed.head()):
        proof = read_inclusion_proof(sealed.done("evidence", "proof", position).encode())
        assert proof.extra is not None
        assert json.loads(proof.extra)["pos"] == position
        assert proof.verify(proof.extra, trusted).head.size == sealed.head()


def test_what_was_recorded_since_is_not_proven_until_it_is_sealed(sealed: Street) -> None:
    beyond = sealed.head() + 1
    ran = sealed.run("evidence", "proof", beyond, "--help")
    assert ran.code == 0
    refused = sealed.run("evidence", "proof", beyond)
    assert refused.code == 5
    assert f"no event of this register at position {beyond} is sealed" in refused.err


def alter(street: Street, statement: str) -> None:
    """What a database's administrator can do who takes the triggers away first."""
    url = street.environment["ALLIANCE_DATABASE_URL"]
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            for name in ("stored_events_freeze", "stored_events_keep", "stored_events_replace"):
                connection.execute(f"DROP TRIGGER IF EXISTS {name}")
            connection.execute(statement)
        connection.close()
        return
    with psycopg.connect(url) as server:
        server.execute("ALTER TABLE stored_events DISABLE TRIGGER ALL")
        server.execute(statement.encode())


def test_an_altered_event_contradicts_its_bundle(altered: Street, tmp_path: Path) -> None:
    policy, bundle = policy_of(altered, tmp_path), tmp_path / "forged.zip"
    state = "CAST(replace(CAST(state AS TEXT), '2001', '2002') AS BLOB)"
    if altered.environment["ALLIANCE_DATABASE_URL"].startswith("postgres"):
        state = "convert_to(replace(convert_from(state, 'UTF8'), '2001', '2002'), 'UTF8')"
    alter(altered, f"UPDATE stored_events SET state = {state} WHERE notification_id = 20")  # noqa: S608
    altered.done("evidence", "bundle", bundle)
    ran = altered.run("evidence", "verify", bundle, "--policy", policy, "--format", "json")
    assert told(ran) == (4, "Altered", "entry 20: event is not what was sealed")


def test_a_lost_last_event_stops_the_sealer(altered: Street) -> None:
    last = altered.head()
    alter(altered, f"DELETE FROM stored_events WHERE notification_id = {last}")  # noqa: S608
    ran = altered.run("seal", "--once")
    assert ran.code == 4
    assert "is not the one that was sealed last" in ran.err


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "the policy has no quorum line"),
        ("quorum x", "line 1: no line above names a witness or group x"),
        ("log x\nquorum none", "line 1: 'x' is not a verifier key of a known type"),
    ],
)
def test_a_policy_that_cannot_be_used_ends_with_2(
    sealed: Street, tmp_path: Path, content: str, why: str
) -> None:
    bundle, bad = tmp_path / "whole.zip", tmp_path / "bad.txt"
    sealed.done("evidence", "bundle", bundle)
    bad.write_text(content)
    ran = sealed.run("evidence", "verify", bundle, "--policy", bad, "--format", "json")
    assert told(ran) == (2, "BadPolicy", why)


def test_without_a_name_nothing_is_sealed(street: Street) -> None:
    ran = street.run("seal", "--once")
    assert ran.code == 2
    assert "set `ALLIANCE_ORIGIN`" in ran.err


@pytest.mark.parametrize("command", [("evidence", "key"), ("seal", "--once")])
def test_a_second_machine_makes_no_keys_for_a_tree_that_was_signed(
    altered: Street, tmp_path: Path, command: tuple[str, ...]
) -> None:
    elsewhere = {
        "ALLIANCE_EVIDENCE_KEYS_FILE": str(tmp_path / "second.keys"),
        "ALLIANCE_EVIDENCE_HEAD_FILE": str(tmp_path / "second.head"),
    }
    ran = altered.run(*command, **elsewhere)
    assert "(BadKeyFile)" in ran.err
    assert "second.keys" in ran.err
    assert ran.code != 0
    assert list(tmp_path.glob("second.*")) == []


ALTERED = (
    "UPDATE stored_events SET topic = 'x.v1' WHERE notification_id = 20",
    "UPDATE stored_events SET recorded_at = 5 WHERE notification_id = 21",
    "UPDATE stored_events SET originator_id = 'x' WHERE notification_id = 22",
    "DELETE FROM stored_events WHERE notification_id = 23",
    "UPDATE stored_events SET notification_id = 100000 WHERE notification_id = 24",
    """INSERT INTO stored_events
    (originator_id, originator_version, topic, state, notification_id, recorded_at)
    SELECT 'toronto/new', 1, topic, state, -3, 1 FROM stored_events WHERE notification_id = 1""",
)


def test_verify_log_names_each_row_and_column_that_is_not_as_sealed(altered: Street) -> None:
    assert altered.rows("verify", "log") == []
    for statement in ALTERED:
        alter(altered, statement)
    ran = altered.run("verify", "log", "--format", "json")
    found = [(each["kind"], each["position"], each["columns"]) for each in json.loads(ran.out)]
    assert ran.code == 4
    assert found == [
        ("invented", -3, []),
        ("altered", 20, ["topic"]),
        ("altered", 21, ["recorded_at"]),
        ("altered", 22, ["stream"]),
        ("missing", 23, []),
        ("altered", 24, ["position"]),
    ]
    ran = altered.run("verify", "projections", "--format", "json")
    blamed = [(each["model"], each["known_from"]) for each in json.loads(ran.out)]
    assert (ran.code, blamed) == (4, [("log", at) for at in (-3, 20, 21, 22, 23, 24)])


def test_a_tree_altered_with_the_log_contradicts_the_head(altered: Street) -> None:
    forged = ("tile/entries/000.p/%d" % altered.head(), b'"ver":1', b'"ver":2')  # noqa: UP031
    url = altered.environment["ALLIANCE_DATABASE_URL"]
    if url.startswith("postgres"):
        with psycopg.connect(url) as server:
            table = "alliance_toronto.evidence_tiles"
            read = f"SELECT content FROM {table} WHERE path = %s"  # noqa: S608
            (content,) = server.execute(read.encode(), forged[:1]).fetchone() or (b"",)
            write = f"UPDATE {table} SET content = %s WHERE path = %s"  # noqa: S608
            server.execute(write.encode(), (content.replace(*forged[1:]), forged[0]))
    else:
        path = url.removeprefix("sqlite:///").replace("log.sqlite", "toronto/evidence.sqlite")
        with sqlite3.connect(path) as file:
            (content,) = file.execute(
                "SELECT content FROM evidence_tiles WHERE path = ?", forged[:1]
            ).fetchone()
            new = (content.replace(*forged[1:]), forged[0])
            file.execute("UPDATE evidence_tiles SET content = ? WHERE path = ?", new)
        file.close()
    ran = altered.run("verify", "log", "--format", "json")
    size = altered.head()
    why = f"the tree's first {size} entries are not those sealed"
    assert told(ran) == (4, "Altered", why)


def test_a_witness_that_is_away_is_told_and_delays_no_sealing(
    altered: Street, tmp_path: Path
) -> None:
    key = SigningKey("witness.example/w", KeyType.ED25519_COSIGNATURE, bytes(32)).verifier
    witnesses = tmp_path / "witnesses.txt"
    witnesses.write_text(f"witness w {key} http://127.0.0.1:9\nquorum w\n")
    named = {"ALLIANCE_EVIDENCE_POLICY_FILE": str(witnesses)}
    ran = altered.run("seal", "--once", **named)
    said = " ".join(ran.out.split())
    assert ran.code == 0
    assert "cosigned by: nobody away: http://127.0.0.1:9: " in said
    assert "The quorum of the policy is not met; the head is published all the same." in said
    altered.done("record", RECORDS / "2001-11-19-committee.yaml")
    before = altered.done("evidence", "head")
    ran = altered.run("seal", "--once", ALLIANCE_EVIDENCE_WITHOUT_QUORUM="hold", **named)
    assert "the head is held back until it is." in " ".join(ran.out.split())
    assert altered.done("evidence", "head") == before
    witnesses.write_text("witness w nothing\nquorum w\n")
    ran = altered.run("seal", **named)
    assert (ran.code, "line 1: 'nothing' is not a verifier key" in ran.err) == (2, True)


@contextmanager
def web_server(folder: Path) -> Generator[str]:
    """Any web server on a copied tree."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_auditor_watches_a_copied_tree_grow_and_notices_a_rollback(
    altered: Street, tmp_path: Path
) -> None:
    policy, copy = policy_of(altered, tmp_path), tmp_path / "copy"
    altered.done("evidence", "export-tiles", copy)
    first = (copy / "checkpoint").read_bytes()
    watch = ("evidence", "watch", "--policy", policy, "--folder", tmp_path / "seen", "--once")
    nowhere = Street({})
    with web_server(copy) as address:
        assert nowhere.rows(*watch, address) == []
        altered.done("record", RECORDS / "2001-11-19-committee.yaml")
        altered.done("seal", "--once")
        altered.done("evidence", "export-tiles", copy)
        assert nowhere.rows(*watch, address) == []
        (copy / "checkpoint").write_bytes(first)
        ran = nowhere.run(*watch, address, "--format", "json")
    assert (ran.code, [row["kind"] for row in json.loads(ran.out)]) == (4, ["rollback"])
