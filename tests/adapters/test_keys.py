"""A register's key: made once, proved on what was recorded with it, never made anew silently."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from adapters.keys import FileKeys
from tests.support.street import RECORDS, Street

FOUNDING = RECORDS / "founding.yaml"


@pytest.fixture(params=["sqlite", "postgres"])
def street(request: pytest.FixtureRequest, tmp_path: Path) -> Street:
    """A register with one file recorded."""
    if request.param == "sqlite":
        street = Street.on_sqlite(tmp_path)
    else:
        street = Street.on_postgres(str(request.getfixturevalue("fresh_postgres_url")), tmp_path)
    street.done("setup")
    street.done("record", FOUNDING)
    return street


def says(street: Street, what: str, **settings: str) -> str:
    """What `config check` says of one thing."""
    ran = street.run("config", "check", "--no-bus", "-f", "csv", **settings)
    return next(line for line in ran.out.splitlines() if line.startswith(f"{what},"))


def test_a_second_machine_makes_no_key_of_its_own(street: Street, tmp_path: Path) -> None:
    here = {"ALLIANCE_KEYS_FILE": str(tmp_path / "second" / "register.key")}

    ran = street.run("setup", **here)

    assert (ran.code, "(KeyAway)" in ran.err) == (6, True)
    assert f"keys: {here['ALLIANCE_KEYS_FILE']}" in ran.err
    assert not Path(here["ALLIANCE_KEYS_FILE"]).exists()
    assert "list" not in ran.err
    assert street.run("list", "partnerships", **here).code == 0, "questions need no key"

    shutil.copy(tmp_path / "register.key", here["ALLIANCE_KEYS_FILE"])
    assert street.run("setup", **here).code == 0
    assert street.run("record", FOUNDING, **here).code == 0


def test_a_key_is_proved_on_a_recorded_command(street: Street, tmp_path: Path) -> None:
    assert says(street, "key").startswith("key,true,")
    assert "founding/" in says(street, "key")
    other = tmp_path / "other.key"
    other.write_bytes(b"x" * 32)
    other.chmod(0o600)
    said = says(street, "key", ALLIANCE_KEYS_FILE=str(other))
    assert said.startswith("key,false,")
    assert "another key than the one that is here" in said


def test_a_repeat_under_another_key_is_no_contradiction(street: Street, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    other.write_bytes(b"x" * 32)
    head = street.head()

    ran = street.run("record", FOUNDING, ALLIANCE_KEYS_FILE=str(other))

    assert (ran.code, "(OtherKey)" in ran.err) == (6, True)
    assert "founding.yaml" in ran.err
    assert street.head() == head


def test_a_key_that_is_lost_for_good_is_made_anew_where_that_is_asked_for(
    street: Street, tmp_path: Path
) -> None:
    (tmp_path / "register.key").unlink()
    assert street.run("setup").code == 6
    street.done("setup", "--new-key")
    street.done("record", RECORDS / "2001-11-19-committee.yaml")
    assert says(street, "key").startswith("key,true,")
    assert street.run("record", FOUNDING).code == 6


def test_a_register_without_commands_gets_a_key(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    (tmp_path / "register.key").unlink()
    street.done("setup")
    assert "no command is recorded yet" in says(street, "key")


def test_a_key_is_named_by_a_digest_that_does_not_tell_it() -> None:
    one, other = FileKeys(b"a" * 32), FileKeys(b"b" * 32)
    # HMAC-SHA256 of nothing with 32 times "a", by `openssl dgst -sha256 -hmac`.
    assert one.name == "a5c44c366680c9ae"
    assert one.name != other.name
