"""Evidence goes on: under new keys, and after a restore that lost sealed events as a new tree."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import open_register
from adapters.bootstrap_evidence import begin_evidence_anew, open_sealer, rotate_keys
from adapters.evidence.signed_notes import read_head, read_key, read_note
from adapters.evidence.successions import key_rotation, new_tree
from adapters.settings import Settings
from domain.shared.log_facts import EvidenceBegunAnew, EvidenceKeysRotated
from tests.support.alliance import Ran
from tests.support.street import RECORDS, STORES, Street

ORIGIN = "register.example/toronto"


class House:
    """A register with its evidence: the founding record, sealed."""

    def __init__(self, street: Street, folder: Path) -> None:
        self.folder = folder
        self.street = Street({**street.environment, "ALLIANCE_ORIGIN": ORIGIN})
        self.done = self.street.done
        self.run = self.street.run
        self.done("setup")
        self.done("record", RECORDS / "founding.yaml")
        self.done("seal", "--once")
        self.keys, self.outside = folder / "evidence.keys", folder / "evidence.head"
        self.first = self.policy("first.txt")

    @property
    def settings(self) -> Settings:
        given = {
            name.removeprefix("ALLIANCE_").lower(): value
            for name, value in self.street.environment.items()
        }
        return Settings.model_validate(given)

    def policy(self, name: str) -> Path:
        path = self.folder / name
        path.write_text(self.done("evidence", "key"))
        return path

    def record_more(self) -> None:
        self.done("record", RECORDS / "2001-11-19-committee.yaml")

    def bundle(self, name: str) -> Path:
        path = self.folder / name
        self.done("evidence", "bundle", path)
        return path

    def verify(self, bundle: Path, policy: Path) -> Ran:
        return self.run("evidence", "verify", bundle, "--policy", policy, "--format", "json")

    def signers(self) -> set[int]:
        """The ids of the keys that signed the last head."""
        note = read_note(self.done("evidence", "head").encode())
        return {line.key_id for line in note.signatures}

    def told(self, kind: type[EvidenceKeysRotated | EvidenceBegunAnew]) -> list[Any]:
        with open_register(self.settings) as register:
            return [e.event for e in register.log.entries() if isinstance(e.event, kind)]


@pytest.fixture(params=STORES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    if request.param == "sqlite":
        return House(Street.on_sqlite(tmp_path), tmp_path)
    url = request.getfixturevalue("fresh_postgres_url")
    return House(Street.on_postgres(url, tmp_path), tmp_path)


@pytest.fixture
def local(tmp_path: Path) -> House:
    """The same on SQLite alone, for what no database changes."""
    return House(Street.on_sqlite(tmp_path), tmp_path)


def ids(policy: Path) -> set[int]:
    lines = [line.split() for line in policy.read_text().splitlines()]
    return {read_key(words[1]).key_id for words in lines if words[0] == "log"}


def why(ran: Ran) -> tuple[int, str, str]:
    problem = json.loads(ran.err)
    return ran.code, problem["problem"], problem["details"]["why"]


def test_a_rotation_is_an_event_then_a_head_of_both_then_the_new_alone(house: House) -> None:
    old = ids(house.first)
    house.done("evidence", "rotate", "--reason", "a clerk left")
    second = house.policy("second.txt")
    new = ids(second)
    assert not old & new
    assert house.signers() == old | new
    (told,) = house.told(EvidenceKeysRotated)
    assert (told.reason, told.actor) == ("a clerk left", "City Clerk")
    assert {read_key(key).key_id for key in told.old} == old
    assert {read_key(key).key_id for key in told.new} == new
    both = house.bundle("both.zip")
    assert house.verify(both, house.first).code == 0
    assert house.verify(both, second).code == 0
    house.record_more()
    house.done("seal", "--once")
    assert house.signers() == new
    after = house.bundle("after.zip")
    (row,) = json.loads(house.verify(after, second).out)
    assert row["heads"] == 3
    assert why(house.verify(after, house.first)) == (
        4,
        "NotTrusted",
        f"no known key of {ORIGIN} signed this head",
    )
    together = house.folder / "together.txt"
    together.write_text(house.first.read_text().replace("quorum none\n", "") + second.read_text())
    assert house.verify(after, together).code == 0


def test_the_new_keys_are_read_by_their_owner_alone_and_the_old_are_gone(local: House) -> None:
    before = local.keys.read_text()
    local.done("evidence", "rotate")
    assert local.keys.stat().st_mode & 0o777 == 0o600
    assert not {*before.splitlines()} & {*local.keys.read_text().splitlines()}
    assert not key_rotation.next_keys(local.keys).exists()


def test_a_rotation_that_was_cut_short_is_finished_with_the_same_keys(
    local: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: object, done: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr("adapters.evidence.sealer.Sealer.sign_again", gone)
        with pytest.raises(KeyboardInterrupt):
            rotate_keys(local.settings, "cut short")
    made = key_rotation.next_keys(local.keys).read_text()
    local.done("seal", "--once")
    assert local.signers() == ids(local.first)
    local.done("evidence", "rotate")
    assert local.keys.read_text() == made
    assert len(local.told(EvidenceKeysRotated)) == 1
    assert local.signers() == ids(local.first) | ids(local.policy("second.txt"))


def test_a_sealer_that_runs_signs_with_the_new_keys_from_then_on(local: House) -> None:
    with open_sealer(local.settings) as running:
        local.done("evidence", "rotate")
        local.record_more()
        assert running.seal() is not None
    assert local.signers() == ids(local.policy("second.txt"))


def test_next_keys_that_others_can_read_are_refused(local: House) -> None:
    fresh = key_rotation.next_keys(local.keys)
    fresh.write_text(local.keys.read_text())
    fresh.chmod(0o644)
    ran = local.run("evidence", "rotate", "--format", "json")
    assert ran.code == 2
    ran = local.run("evidence", "rotate")
    assert (ran.code, f"{fresh} can be read by others (mode 644); make it 600" in ran.err) == (
        2,
        True,
    )
    assert local.told(EvidenceKeysRotated) == []


def test_keys_are_not_rotated_before_the_first_head(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    ran = Street({**street.environment, "ALLIANCE_ORIGIN": ORIGIN}).run("evidence", "rotate")
    assert (ran.code, "nothing is sealed yet" in ran.err) == (5, True)
    assert not (tmp_path / "evidence.keys").exists()


def test_a_bundle_of_one_stream_has_no_heads_of_keys_whose_rotation_it_withholds(
    local: House,
) -> None:
    local.done("evidence", "rotate")
    local.record_more()
    local.done("seal", "--once")
    one = local.folder / "kiev.zip"
    local.done("evidence", "bundle", one, "--stream", "partnership/UA-KIEV")
    second = local.policy("second.txt")
    (row,) = json.loads(local.verify(one, second).out)
    assert row["heads"] == 2  # that of both keys, and that of the new
    (whole,) = json.loads(local.verify(local.bundle("whole.zip"), second).out)
    assert whole["heads"] == 3


def lose(house: House) -> None:
    """Restore a backup of before the last sealed events into an empty database."""
    backup = house.folder / "log.backup"
    house.done("backup", backup)
    house.record_more()
    house.done("seal", "--once")
    empty(house)
    house.done("restore", backup)
    house.done("rebuild")


def empty(house: House) -> None:
    url = house.street.environment["ALLIANCE_DATABASE_URL"]
    for suffix in ("", "-wal", "-shm"):
        Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)


def test_after_a_restore_that_lost_sealed_events_a_new_tree_begins(local: House) -> None:
    lose(local)
    ran = local.run("seal", "--once")
    assert (ran.code, "alliance evidence anew" in ran.err) == (4, True)
    old = local.outside.read_text()
    out = local.done("evidence", "anew", "--reason", "the disk broke")
    assert f"sealed under {ORIGIN}/2, root " in out
    (told,) = local.told(EvidenceBegunAnew)
    assert (told.origin, told.head, told.reason) == (f"{ORIGIN}/2", old, "the disk broke")
    with open_register(local.settings) as register:
        (restore,) = [e for e in register.log.recorder.epochs() if e.previous]
    assert (told.epoch, told.restored_through) == (restore.epoch, restore.restored_through)
    head = read_head(read_note(local.done("evidence", "head").encode()).text)
    assert (head.origin, head.size) == (f"{ORIGIN}/2", local.street.head())
    assert local.outside.with_name("evidence.head.1").read_text() == old
    second = local.policy("second.txt")
    assert local.verify(local.bundle("anew.zip"), second).code == 0
    local.record_more()
    local.done("seal", "--once")
    assert local.verify(local.bundle("later.zip"), second).code == 0
    local.done("verify", "log")
    ran = local.run("evidence", "anew")
    assert (ran.code, "(NothingLost)" in ran.err) == (5, True)


def test_after_such_a_restore_nothing_is_cited_until_the_new_tree(local: House) -> None:
    backup = local.folder / "log.backup"
    local.done("backup", backup)
    founded = local.street.head()
    local.done("record", RECORDS)
    local.done("seal", "--once")
    empty(local)
    local.done("restore", backup)
    local.done("rebuild")
    with open_register(local.settings) as register:
        assert f"position {founded} n {founded} " in register.cite(founded).line
        local.record_more()  # other events where the lost ones were
        at = local.street.head()
        for position in (founded + 1, at, at + 500):
            assert register.cite(position) == ("", False)
        local.done("evidence", "anew")
        end = local.street.head()
        assert f"{ORIGIN}/2 position {end} n {end} " in register.cite(end).line
    assert "Evidence: " in local.done("export", "partnerships")


def test_a_broken_tile_hinders_no_answer(local: House) -> None:
    path = local.settings.evidence.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM evidence_tiles")
        connection.commit()
    ran = local.run("export", "bodies")
    assert "Evidence:" not in ran.out
    assert (ran.code, "City Council" in ran.out) == (0, True)


def test_two_rotations_at_once_follow_one_another(local: House) -> None:
    with ThreadPoolExecutor(2) as both:
        heads = [*both.map(lambda n: rotate_keys(local.settings, n), ("first", "second"))]
    assert heads[0] != heads[1]
    assert len(local.told(EvidenceKeysRotated)) == 2
    local.record_more()
    local.done("seal", "--once")
    new = local.policy("after.txt")
    assert local.signers() == ids(new)
    assert local.verify(local.bundle("after.zip"), new).code == 0


def test_a_second_loss_begins_the_third_tree_even_if_the_second_is_forgotten(
    local: House,
) -> None:
    backup = local.folder / "log.backup"
    local.done("backup", backup)
    local.record_more()
    local.done("seal", "--once")
    for number in (2, 3):
        empty(local)
        local.done("restore", backup)
        assert f"under {ORIGIN}/{number}, root" in local.done("evidence", "anew")
    (told,) = local.told(EvidenceBegunAnew)
    assert told.head.startswith(f"{ORIGIN}/2\n")


@pytest.mark.parametrize("cut", ["keep_head_of_old_tree", "retire"])
def test_what_was_cut_short_is_finished(
    local: House, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(local)

    def gone(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(new_tree, cut, gone)
        with pytest.raises(KeyboardInterrupt):
            begin_evidence_anew(local.settings, "cut short")
    assert f"under {ORIGIN}/2, root" in local.done("evidence", "anew")
    assert len(local.told(EvidenceBegunAnew)) == 1
    assert local.verify(local.bundle("anew.zip"), local.policy("second.txt")).code == 0


def test_an_altered_log_is_no_reason_to_begin_anew(local: House) -> None:
    path = local.street.environment["ALLIANCE_DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER stored_events_freeze")
        altered = "CAST(replace(CAST(state AS TEXT), '2001', '2002') AS BLOB)"
        connection.execute(f"UPDATE stored_events SET state = {altered} WHERE notification_id = 20")  # noqa: S608
        connection.commit()
    ran = local.run("evidence", "anew")
    assert ran.code == 4
    assert (
        "entry 20: the log differs, and no restore explains it; alliance verify log names rows"
        in ran.err
    )
    assert local.outside.exists()


def test_a_tree_that_goes_on_is_not_begun_anew(local: House) -> None:
    local.record_more()
    ran = local.run("evidence", "anew")
    assert (ran.code, "(NothingLost)" in ran.err) == (5, True)
    assert local.told(EvidenceBegunAnew) == []
