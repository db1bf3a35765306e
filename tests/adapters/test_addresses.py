"""Addresses of databases: one parser, libpq's, and never a password in what is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.addresses import BadAddress, Server, locate, without_password

SECRET = "geheim"


def test_a_file_is_taken_as_it_is_written() -> None:
    assert locate("sqlite:///var/log.sqlite") == Path("var/log.sqlite")
    assert locate("sqlite:////srv/a b+c/log.sqlite") == Path("/srv/a b+c/log.sqlite")


@pytest.mark.parametrize(
    ("url", "parameters"),
    [
        ("postgresql://clerk@db/reg", {"user": "clerk", "host": "db", "dbname": "reg"}),
        ("postgres://db/reg", {"host": "db", "dbname": "reg"}),
        ("postgresql:///reg?host=/run/pg", {"host": "/run/pg", "dbname": "reg"}),
        ("postgresql://%2Frun%2Fpg/reg", {"host": "/run/pg", "dbname": "reg"}),
        ("postgresql://clerk@/reg?host=db", {"user": "clerk", "host": "db", "dbname": "reg"}),
        ("postgresql://a:1,b:2/reg", {"host": "a,b", "port": "1,2", "dbname": "reg"}),
        (
            "postgresql://a,b/reg?target_session_attrs=read-write",
            {"host": "a,b", "port": ",", "dbname": "reg", "target_session_attrs": "read-write"},
        ),
        (
            "postgresql://u:a+b%2Bc%25%40d@db/reg",
            {"user": "u", "password": "a+b+c%@d", "host": "db", "dbname": "reg"},
        ),
        ("postgresql://db/reg?password=a+b", {"password": "a+b", "host": "db", "dbname": "reg"}),
        ("postgresql://[::1]:5433/reg", {"host": "::1", "port": "5433", "dbname": "reg"}),
    ],
)
def test_a_server_is_what_libpq_reads(url: str, parameters: dict[str, str]) -> None:
    assert locate(url) == Server(parameters, "public")


@pytest.mark.parametrize(
    ("options", "schema"),
    [
        ("-csearch_path%3Dlogs", "logs"),
        ("-c%20search_path%3Dlogs%2Cpublic", "logs"),
        ("--search_path%3Dlogs", "logs"),
        ("-c%20statement_timeout%3D5s", "public"),
        ("-c%20statement_timeout%3D5s%20-c%20search_path%3Dlogs", "logs"),
        ("-csearch_path%3Dfirst%20-csearch_path%3Dlast", "last"),
        ("-csearch_path%3D%22a%20b%22", "a b"),
    ],
)
def test_the_schema_is_the_first_of_the_last_search_path(options: str, schema: str) -> None:
    found = locate(f"postgresql://db/reg?options={options}")
    assert isinstance(found, Server)
    assert found.schema == schema


def test_the_same_server_in_another_schema_has_an_address_of_its_own() -> None:
    url = "postgresql://u:a+b%25@a:1,b:2/reg?options=-c%20statement_timeout%3D5s"
    server = locate(url)
    assert isinstance(server, Server)
    there = locate(server.in_schema("alliance_toronto").url)
    assert isinstance(there, Server)
    assert there.schema == "alliance_toronto"
    kept = ("user", "password", "host", "port", "dbname")
    assert {n: there.parameters[n] for n in kept} == {n: server.parameters[n] for n in kept}
    assert "-c statement_timeout=5s" in there.parameters["options"]
    assert there.name == "a,b/reg:alliance_toronto"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "is neither"),
        ("sqlite://host/x", "is neither"),
        ("sqlite:///a%20b", "is neither"),
        ("mysql://host/x", "is neither"),
        ("log.sqlite", "is neither"),
        ("postgresql://", "is neither"),
        ("postgresql://db/\nreg", "write each of"),
        ("", "is neither"),
        (f"postgresql://u:{SECRET}/x@db/reg", "write each of"),
        (f"postgresql://u:{SECRET}%zz@db/reg", "write each of"),
        (f"postgresql://u:{SECRET}@x@db/reg", "write each of"),
        (f"postgresql://u@db/reg?password={SECRET} x", "write each of"),
        (f"postgresql://u@db/reg?password={SECRET}&x", "missing key/value separator"),
        (f"postgresql://u:{SECRET}@db/reg?hots=x", "invalid URI query parameter"),
        (f"postgresql://u:{SECRET}@[::1/reg", "end of string"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_its_password(
    url: str, says: str
) -> None:
    with pytest.raises(BadAddress) as bad:
        locate(url)
    assert says in str(bad.value.details["reason"])
    assert SECRET not in str(bad.value)
    assert SECRET not in str(bad.value.details)


def test_an_address_is_shown_without_its_password() -> None:
    assert without_password("postgresql://u:x@db/reg") == "postgresql://u:…@db/reg"
    assert without_password("postgresql://u:x@y@db/reg") == "postgresql://u:…@db/reg"
    assert without_password("postgresql://db/r?password=x&port=1") == (
        "postgresql://db/r?password=…&port=1"
    )
    assert without_password("log.sqlite") == "log.sqlite"
