"""On PostgreSQL the log may be another user's than what is derived from it (docs/operating.md)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.support.street import RECORDS, Street

OPERATING = Path(__file__).parents[3] / "docs" / "operating.md"
DENIED = 6


@pytest.fixture
def service(fresh_postgres_url: str) -> Generator[str]:
    """A role of its own, as docs/operating.md has it made for a service."""
    role = f"alliance_test_{secrets.token_hex(6)}"
    with psycopg.connect(fresh_postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        yield role
        connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(role)))
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def of_another(url: str, role: str) -> str:
    return re.sub(r"//[^@]*@", f"//{role}@", url)


def as_documented(part: int, url: str, role: str) -> None:
    """Run one of the blocks of SQL of docs/operating.md."""
    blocks = re.findall(r"```sql\n(.*?)```", OPERATING.read_text(encoding="utf-8"), re.DOTALL)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in blocks[part].replace("alliance_service", role).split(";"):
            if statement.strip() and "CREATE ROLE" not in statement and "DATABASE" not in statement:
                connection.execute(statement.encode())


def test_a_service_has_no_right_to_alter_the_log_and_does_all_its_work(
    fresh_postgres_url: str, service: str, tmp_path: Path
) -> None:
    owner = Street.on_postgres(fresh_postgres_url, tmp_path)
    street = Street.on_postgres(of_another(fresh_postgres_url, service), tmp_path)
    as_documented(0, fresh_postgres_url, service)
    owner.done("setup", "--log-only")
    as_documented(1, fresh_postgres_url, service)

    street.done("setup")
    street.done("record", RECORDS)
    street.done("rebuild")
    assert street.rows("verify", "projections") == []
    assert street.rows("subscribers") == []
    assert street.rows("webhooks", "list") == []
    with (
        psycopg.connect(of_another(fresh_postgres_url, service)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM stored_events")


@pytest.mark.parametrize(
    ("missing", "command"),
    [
        ("INSERT ON ALL TABLES IN SCHEMA public", ("record", RECORDS)),
        ("SELECT ON ALL TABLES IN SCHEMA public", ("status",)),
        ("USAGE, CREATE ON SCHEMA alliance_toronto", ("setup",)),
    ],
)
def test_what_a_user_may_not_do_is_no_fault_of_the_program(
    missing: str,
    command: tuple[object, ...],
    fresh_postgres_url: str,
    service: str,
    tmp_path: Path,
) -> None:
    Street.on_postgres(fresh_postgres_url, tmp_path).done("setup")
    granted = [
        f"GRANT {right} {schema} TO {service}"
        for schema in ("public", "alliance_toronto")
        for right in ("SELECT, INSERT ON ALL TABLES IN SCHEMA", "USAGE ON SCHEMA")
    ]
    with psycopg.connect(fresh_postgres_url, autocommit=True) as connection:
        for statement in (*granted, f"REVOKE {missing} FROM {service}"):
            connection.execute(statement.encode())

    ran = Street.on_postgres(of_another(fresh_postgres_url, service), tmp_path).run(*command)

    assert (ran.code, "(NotPermitted)" in ran.err) == (DENIED, True)


def test_the_log_alone_is_no_register(fresh_postgres_url: str, tmp_path: Path) -> None:
    street = Street.on_postgres(fresh_postgres_url, tmp_path)
    street.done("setup", "--log-only")

    assert "(NotSetUp)" in street.run("record", RECORDS).err
