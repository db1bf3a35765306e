"""Settings: what is accepted, and what is refused before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.street import Street


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite://host/log.sqlite"),
        ("DATABASE_URL", "SQLITE:///log.sqlite"),
        ("DATABASE_URL", "sqlite:///a%20b/log.sqlite"),
        ("DATABASE_URL", "sqlite:///a?b/log.sqlite"),
        ("DATABASE_URL", "sqlite:///a#b/log.sqlite"),
        ("DATABASE_URL", "sqlite:///a\nb/log.sqlite"),
        ("DATABASE_URL", "sqlite:///a\udcffb/log.sqlite"),
        ("DATABASE_URL", "postgresql://"),
        ("DATABASE_URL", "postgresql://alliance:a secret@localhost/x"),
        ("DATABASE_URL", "postgresql://alliance:secret%zz@localhost/x"),
        ("DATABASE_URL", "postgresql://alliance:secret/more@localhost/x"),
        ("DATABASE_URL", "postgresql://alliance:secret@[::1/x"),
        ("VIEWS_URL", "views.sqlite"),
        ("VIEWS_URL", "postgresql://alliance:p@secret@localhost/x"),
        ("BUS_URL", "amqp://alliance:secret#more@localhost//"),
        ("BUS_URL", "amqp://alliance:secret@localhost:port//"),
        ("REGISTER_ID", "x" * 51),
        ("REGISTER_ID", "../x"),
        ("ACTOR", ""),
        ("ACTOR", "  "),
        ("ACTOR", "a clerk\nby Council"),
        ("ACTOR", "a clerk\x1b[2J"),
        ("ACTOR", "x" * 201),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = Street.on_sqlite(tmp_path).run("setup", **{f"ALLIANCE_{setting}": value})

    assert (ran.code, ran.out) == (5, "")
    assert ran.err.startswith(f"ALLIANCE_{setting}: ")
    assert "secret" not in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_password_in_a_wrong_address_is_not_shown(tmp_path: Path) -> None:
    wrong = {"ALLIANCE_DATABASE_URL": "mysql://alliance:s3cret@host/db"}
    assert "s3cret" not in Street.on_sqlite(tmp_path).run("setup", **wrong).err


@pytest.mark.parametrize("before", ["", "?password=s3cret&connect_timeout=10"])
def test_a_password_is_in_no_answer(tmp_path: Path, fresh_postgres_url: str, before: str) -> None:
    street = Street.on_postgres(_with_password(fresh_postgres_url, before), tmp_path)

    for command in (("setup",), ("status",), ("config", "show"), ("config", "check", "--no-bus")):
        ran = street.run(*command, ALLIANCE_VIEWS_URL="")
        assert ran.code == 0, ran.err
        assert "s3cret" not in ran.out + ran.err


def _with_password(url: str, query: str) -> str:
    """The address with a password that the server does not ask for."""
    if query:
        return url + query
    scheme, _, rest = url.partition("://")
    user, _, place = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}:s3cret@{place}"


def test_a_server_address_with_an_unknown_part_is_refused(tmp_path: Path) -> None:
    wrong = {"ALLIANCE_DATABASE_URL": "postgresql://localhost/x?nonsense=1"}
    assert Street.on_sqlite(tmp_path).run("setup", **wrong).code == 5


@pytest.mark.parametrize("content", [b"", b"no key"])
def test_a_file_that_is_no_key_is_found_when_setting_up(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "register.key").write_bytes(content)
    assert Street.on_sqlite(tmp_path).run("setup").code == 6


def test_a_folder_where_the_key_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "register.key").mkdir()
    ran = Street.on_sqlite(tmp_path).run("setup")
    assert ran.code == 6
    assert "register.key" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("file", ["log.sqlite", "toronto/views.sqlite", "bus.sqlite"])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, file: str) -> None:
    (tmp_path / "toronto").mkdir()
    (tmp_path / file).write_text("no database, though as long as a header of one " * 100)
    ran = Street.on_sqlite(tmp_path).run("setup")
    assert ran.code == 6
    assert file in ran.err
