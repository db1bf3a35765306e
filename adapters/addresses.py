"""Database addresses: a file of SQLite, or a server of PostgreSQL as libpq reads its address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from domain.shared.problems import Invalid

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")
_FILE = re.compile(r"sqlite:///[^?#%\n\r]*[^?#%\n\r/]")
_WORD = r"(?:[^%:@/?#\s]|%[0-9A-Fa-f]{2})*"
_SERVER = re.compile(rf"[a-z]+://(?:{_WORD}(?::{_WORD})?@)?[^@\s]*")
"""No part of a user's name or password can be taken for a host."""
_SEARCH_PATH = re.compile(
    r"""(?:-c\s*|--)search[_-]path\s*=\s*  # -c search_path=x, -csearch_path=x, --search_path=x
        (?:"(?P<quoted>[^"]+)"|(?P<plain>[^\s,"]+))""",
    re.VERBOSE,
)
_PASSWORD = re.compile(r"(?<=password=)[^&]*")


class BadAddress(Invalid):
    """The address of a database cannot be read."""

    url: str
    reason: str


class Server(NamedTuple):
    """A database on a PostgreSQL server: libpq's parameters, and the name of the schema to use."""

    parameters: Mapping[str, str]
    schema: str

    @property
    def name(self) -> str:
        """Host, database and schema, for messages: never the password."""
        host, database = (self.parameters.get(name, "") for name in ("host", "dbname"))
        return f"{host}/{database}:{self.schema}"

    @property
    def url(self) -> str:
        """An address that reads as this server and schema."""
        path = f'-c search_path="{self.schema}"'
        options = f"{self.parameters.get('options', '')} {path}".strip()
        return (
            f"{POSTGRES[0]}?{urlencode({**self.parameters, 'options': options}, quote_via=quote)}"
        )

    def in_schema(self, schema: str) -> Server:
        """Return the address of the same database with another schema."""
        return self._replace(schema=schema)


def locate(url: str) -> Path | Server:
    """Return a file for `sqlite:///path` (four slashes when absolute), else the server it names.

    The schema of a server is the first of the last `search_path` in its `options`, else `public`.
    Raises `BadAddress`; its reason never shows a password.
    """
    shown = without_password(url)
    if _FILE.fullmatch(url):
        return Path(url.removeprefix(SQLITE))
    if not url.startswith(POSTGRES) or url in POSTGRES:
        raise BadAddress(
            url=shown,
            reason=f"{shown!r} is neither sqlite:///FILE, its path without ?, # and %, nor "
            "postgresql://user@host/database",
        )
    require_readable(url)
    # A log in a file has no need of the driver, which takes a tenth of a second to load.
    from psycopg import ProgrammingError  # noqa: PLC0415
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        given = conninfo_to_dict(url)
    except ProgrammingError as error:
        # What libpq says quotes the address, so only its first words are shown.
        said = str(error).partition('"')[0].strip().rstrip(":")
        raise BadAddress(url=shown, reason=f"{shown!r} cannot be read: {said}") from None
    parameters = {name: str(value) for name, value in given.items() if value}
    schema = "public"
    for found in _SEARCH_PATH.finditer(parameters.get("options", "").replace("\\ ", " ")):
        schema = found["quoted"] or found["plain"]
    return Server(parameters, schema)


def require_readable(url: str) -> None:
    """Raise `BadAddress` for an address in which a password could be taken for a host."""
    if not _SERVER.fullmatch(url):
        shown = without_password(url)
        raise BadAddress(
            url=shown,
            reason=f"{shown!r} cannot be read: in a user's name and password write each of "
            ": / ? # @ % and space as %40 for @",
        )


def brokers(url: str) -> tuple[str, ...]:
    """Return the address of each node that a broker's address names, such as `amqp://a:1,b:2//`.

    User, password and virtual host are the same for all. Raises `BadAddress`.
    """
    require_readable(url)
    scheme, _, rest = url.partition("://")
    before, slash, virtual_host = rest.partition("/")
    credentials, at, places = before.rpartition("@")
    found = tuple(
        f"{scheme}://{credentials}{at}{place}{slash}{virtual_host}" for place in places.split(",")
    )
    for one, place in zip(found, places.split(","), strict=True):
        if not _is_place(one) or (not place and len(found) > 1):
            shown = without_password(url)
            reason = f"{shown!r} cannot be read: its port is not a number, or a host is missing"
            raise BadAddress(url=shown, reason=reason)
    return found


def _is_place(url: str) -> bool:
    """True if host and port can be told apart."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def without_password(text: str) -> str:
    """Return an address as it may be shown, without its password."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        return text
    credentials, at, place = rest.rpartition("@")
    user, colon, _ = credentials.partition(":")
    return f"{scheme}://{user}{colon and ':…'}{at}{_PASSWORD.sub('…', place)}"
