"""Settings, read from the environment once; a name that nobody knows is an error."""

from __future__ import annotations

import getpass
import os
import re
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from domain.kernel import Invalid
from domain.text import unreadable

PREFIX = "ALLIANCE_"
SQLITE = "sqlite:///"
ADDRESS = re.compile(r"sqlite:///[^?#%\n\r]*[^?#%\n\r/]|postgresql://.+")
"""A file's path is taken as it is written: no character of it stands for another, or ends it."""
_WORD = r"(?:[^%:@/?#\s]|%[0-9A-Fa-f]{2})*"
SERVER = re.compile(rf"[a-z]+://(?:{_WORD}(?::{_WORD})?@)?[^@\s]*")
"""What a user and a password cannot be taken for a host by, or a host for a part of them."""
LONGEST_ACTOR = 200
SEARCH_PATH = "-csearch_path="
"""How a PostgreSQL URL names a schema in its options."""


class InvalidSettings(Invalid):
    """A setting is not what it should be."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        super().__init__(mistakes=mistakes)


class Settings(BaseModel):
    """What a deployment sets, each as `ALLIANCE_<NAME>`.

    Addresses are `sqlite:///relative/or//absolute/file` and `postgresql://user@host/database`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = Field(
        default=f"{SQLITE}var/alliance/log.sqlite", description="where the log is kept"
    )
    views_url: str = Field(default="", description="where read models are kept; beside the log")
    bus_url: str = Field(default="", description="amqp://… or a SQLite file; beside the log")
    keys_file: Path | None = Field(default=None, description="this register's key; beside the log")
    register_id: str = Field(
        default="toronto",
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=50,  # PostgreSQL cuts longer names of schemas off
        description="the register's name in the log",
    )
    actor: str = Field(default_factory=getpass.getuser, description="who records; your login")

    @field_validator("database_url", "views_url")
    @classmethod
    def _an_address(cls, url: str, info: ValidationInfo) -> str:
        if not url and info.field_name == "views_url":
            return url
        if not ADDRESS.fullmatch(url):
            raise ValueError(
                f"{without_password(url)!r} is neither sqlite:///FILE, its path without ?, # and "
                "%, nor postgresql://user@host/database"
            )
        return url

    @field_validator("database_url", "views_url", "bus_url")
    @classmethod
    def _of_a_server(cls, url: str) -> str:
        """Refuse here what a library would refuse by showing a part of the password."""
        if url and not url.startswith(SQLITE) and not (SERVER.fullmatch(url) and _has_host(url)):
            raise ValueError(
                f"{without_password(url)!r} cannot be read: in a user's name and password write "
                "each of : / ? # @ % and space as %40 for @"
            )
        return url

    @field_validator("keys_file", mode="before")
    @classmethod
    def _beside_the_log(cls, path: str | None) -> str | None:
        return path or None

    @field_validator("actor")
    @classmethod
    def _a_name(cls, actor: str) -> str:
        if not actor.strip() or len(actor.splitlines()) > 1 or len(actor) > LONGEST_ACTOR:
            raise ValueError(f"a name on one line, of {LONGEST_ACTOR} characters at most")
        return actor.strip()

    @property
    def folder(self) -> Path:
        """Where this register's own files are kept: beside the log, in a folder of its name."""
        if self.database_url.startswith(SQLITE):
            return Path(self.database_url.removeprefix(SQLITE)).parent / self.register_id
        return Path("var/alliance") / self.register_id

    @property
    def views(self) -> str:
        """Where read models are kept: a file of their own, or a schema of the log's database."""
        return self.views_url or self._own("views.sqlite")

    @property
    def bus(self) -> str:
        """Where messages go: a file of its own on one machine."""
        return self.bus_url or f"{SQLITE}{self.folder / 'bus.sqlite'}"

    @property
    def bus_state(self) -> str:
        """Where the relay's position and the subscribers are kept: beside the log."""
        return self._own("relay.sqlite")

    def _own(self, file: str) -> str:
        """A file of this register's, or on PostgreSQL the register's schema."""
        if self.database_url.startswith(SQLITE):
            return f"{SQLITE}{self.folder / file}"
        return in_schema(self.database_url, f"alliance_{self.register_id.replace('-', '_')}")

    @property
    def keys(self) -> Path:
        """The file of this register's key."""
        return self.keys_file or self.folder / "register.key"


def in_schema(url: str, schema: str) -> str:
    """The same PostgreSQL database with tables in a schema, unless the URL names one itself."""
    parts = urlsplit(url)
    if "options" in parse_qs(parts.query):
        return url
    query = "&".join(filter(None, (parts.query, f"options={quote(SEARCH_PATH + schema)}")))
    return parts._replace(query=query).geturl()


def load() -> Settings:
    """Read the environment. Raises `InvalidSettings` with every mistake."""
    known = {PREFIX + name.upper(): name for name in Settings.model_fields}
    given = {
        name: value
        for name, value in os.environ.items()
        if name.upper().startswith(PREFIX) and not name.startswith("ALLIANCE_TEST")
    }
    mistakes = [
        f"{name} is no setting; known are {', '.join(sorted(known))}"
        for name in sorted(given.keys() - known)
    ]
    mistakes += [
        f"{name}: it has {wrong}, which is no text"
        for name in sorted(given.keys() & known.keys())
        if (wrong := unreadable(given[name]))
    ]
    try:
        settings = Settings.model_validate(
            {known[name]: value for name, value in given.items() if name in known}
        )
    except ValidationError as error:
        mistakes += [
            f"{PREFIX}{'_'.join(str(part) for part in found['loc']).upper()}: {found['msg']}"
            for found in error.errors()
        ]
        raise InvalidSettings(tuple(mistakes)) from None
    if mistakes:
        raise InvalidSettings(tuple(mistakes))
    return settings


def _has_host(url: str) -> bool:
    """Whether host and port can be told apart; PostgreSQL's may be several."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "postgresql" or parts.port != 0
    except ValueError:
        return False


def without_password(text: str) -> str:
    """An address as it may be shown."""
    scheme, separator, rest = text.partition("://")
    credentials, at, place = rest.rpartition("@")
    user, colon, _ = credentials.partition(":")
    place = re.sub(r"(?<=password=)[^&]*", "…", place)
    return f"{scheme}{separator}{user}{colon and ':…'}{at}{place}" if separator else text
