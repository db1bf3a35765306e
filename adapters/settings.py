"""Settings, read from the environment once; a name that nobody knows is an error."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from adapters.addresses import (
    POSTGRES,
    SQLITE,
    BadAddress,
    Server,
    brokers,
    locate,
)
from domain.shared.problems import Invalid
from domain.shared.text import unreadable

PREFIX = "ALLIANCE_"
LONGEST_ACTOR = 200
LONGEST_SCHEMA = 63
"""PostgreSQL cuts longer names off, so that two could become one."""

NAMED = "{register}"
"""Stands for the register's name in each setting of `OWN`."""
OWN = (
    "keys_file",
    "personal_keys_file",
    "evidence_keys_file",
    "evidence_head_file",
    "origin",
    "views_url",
    "evidence_url",
)
"""Settings that no two registers share."""

USUAL_RATES = (600, 60)
"""Requests a minute to read and to record with, for each person, where people sign in."""


class InvalidSettings(Invalid):
    """A setting is not what it should be."""

    mistakes: tuple[str, ...]


def _login() -> str:
    """Return the user's name; empty where the system has none for the user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


class Settings(BaseModel):
    """Settings of a deployment, each as `ALLIANCE_<NAME>`.

    Addresses are `sqlite:///relative/or//absolute/file` and `postgresql://user@host/database`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = Field(
        default=f"{SQLITE}var/alliance/log.sqlite", description="where the log is kept"
    )
    views_url: str = Field(
        default="", description="where read models are kept (default: beside the log)"
    )
    bus_url: str = Field(
        default="", description="amqp://… or a SQLite file (default: beside the log)"
    )
    keys_file: Path | None = Field(
        default=None, description="this register's key (default: beside the log)"
    )
    register_id: str = Field(
        default="toronto",
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=50,  # PostgreSQL cuts longer names of schemas off
        description="the register's name in the log",
    )
    registers: str = Field(
        default="",
        pattern=r"^(\*|[a-z0-9]+(-[a-z0-9]+)*(,[a-z0-9]+(-[a-z0-9]+)*)*)?$",
        description="registers that one process carries: a,b,c; * is all of the log",
    )
    in_camera: bool = Field(
        default=False,
        description="true for a clerk who may see what is in camera; pages and feed never show it",
    )
    read_only: bool = Field(
        default=False, description="true where nothing is to be recorded, such as on a copy"
    )
    actor: str = Field(default_factory=_login, description="who records (default: your login)")
    oidc_issuer: str = Field(
        default="",
        pattern=r"^(https?://[\x21-\x7e]{1,500})?$",
        description="the OpenID Connect provider where people sign in; none: one clerk, here",
    )
    oidc_client: str = Field(default="", description="the register's client id at the provider")
    oidc_secret_file: Path | None = Field(
        default=None,
        validate_default=True,
        description="the file with the client's secret at the provider",
    )
    oidc_roles_claim: str = Field(
        default="roles", description="the claim with a person's roles, such as realm_access.roles"
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[A-Za-z0-9.:\[\]-]{1,250})?$",
        description="the address by which browsers reach the server (default: ALLIANCE_LISTEN)",
    )
    four_eyes: bool | None = Field(
        default=None,
        description="whether drafts wait for a second person; so unless said where people sign in",
    )
    reads_per_minute: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000,
        description="requests that each person or address may read with; 0: no limit",
    )
    records_per_minute: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000,
        description="requests that each person or address may record with; 0: no limit",
    )
    listen: str = Field(
        default="127.0.0.1:8414", description="where pages and API are served, on this machine"
    )
    origin: str = Field(
        default="",
        pattern=r"^[\x21-\x2a\x2c-\x7e]{0,200}$",
        description="the name of the evidence, such as register.example.org/toronto",
    )
    personal_keys_file: Path | None = Field(
        default=None,
        description="the keys of personal values, with a backup apart (default: beside the log)",
    )
    evidence_url: str = Field(
        default="", description="where the tree is kept (default: beside the log)"
    )
    evidence_keys_file: Path | None = Field(
        default=None, description="the keys that sign its heads (default: beside the log)"
    )
    evidence_head_file: Path | None = Field(
        default=None, description="the last head, outside the database (default: beside the log)"
    )

    evidence_policy_file: Path | None = Field(
        default=None, description="the witnesses that are asked to cosign heads; none"
    )
    evidence_without_quorum: Literal["publish", "hold"] = Field(
        default="publish", description="a head that too few witnesses cosigned: publish or hold"
    )

    @model_validator(mode="before")
    @classmethod
    def _of_this_register(cls, given: Mapping[str, object]) -> Mapping[str, object]:
        """Put the register's name where a setting has `{register}`."""
        name = str(given.get("register_id", cls.model_fields["register_id"].default))
        return {
            setting: value.replace(NAMED, name)
            if setting in OWN and isinstance(value, str)
            else value
            for setting, value in given.items()
        }

    @field_validator("database_url", "views_url", "evidence_url")
    @classmethod
    def _of_a_database(cls, url: str, info: ValidationInfo) -> str:
        if url or info.field_name == "database_url":
            _read(locate, url)
        return url

    @field_validator("bus_url")
    @classmethod
    def _of_a_broker(cls, url: str) -> str:
        """Refuse an address for which a library would show a part of the password."""
        if url and not url.startswith(SQLITE):
            _read(brokers, url)
        return url

    @field_validator(
        "keys_file",
        "personal_keys_file",
        "evidence_keys_file",
        "evidence_head_file",
        "evidence_policy_file",
        "oidc_secret_file",
        mode="before",
    )
    @classmethod
    def _beside_the_log(cls, path: str | None) -> str | None:
        return path or None

    @field_validator("oidc_secret_file")
    @classmethod
    def _whole(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        """Refuse half a provider."""
        if info.data.get("oidc_issuer") and not (file and info.data.get("oidc_client")):
            raise ValueError(
                f"{PREFIX}OIDC_ISSUER is set: {PREFIX}OIDC_CLIENT and {PREFIX}OIDC_SECRET_FILE "
                "say who the register is there"
            )
        return file

    @field_validator("four_eyes")
    @classmethod
    def _told_apart(cls, wanted: bool | None, info: ValidationInfo) -> bool | None:
        """Refuse four eyes without sign-in: one clerk is never two persons."""
        if wanted and not info.data.get("oidc_issuer"):
            raise ValueError(f"two persons are told apart by signing in: set {PREFIX}OIDC_ISSUER")
        return wanted

    @field_validator("actor")
    @classmethod
    def _a_name(cls, actor: str) -> str:
        if not actor.strip() or len(actor.splitlines()) > 1 or len(actor) > LONGEST_ACTOR:
            raise ValueError(f"a name on one line, of {LONGEST_ACTOR} characters at most")
        return actor.strip()

    @field_validator("listen")
    @classmethod
    def _on_this_machine(cls, listen: str, info: ValidationInfo) -> str:
        """Refuse an address that others reach without sign-in: anyone could record."""
        host, port = _host_and_port(listen)
        if host == "localhost" or _is_loopback(host):
            pass
        elif not info.data.get("oidc_issuer"):
            raise ValueError(
                f"{listen!r} is reached from elsewhere, and nobody has to sign in: anyone could "
                f"record; set {PREFIX}OIDC_ISSUER, or listen on 127.0.0.1"
            )
        elif not str(info.data.get("public_url", "")).startswith("https://"):
            raise ValueError(
                f"{listen!r} is reached from elsewhere: {PREFIX}PUBLIC_URL must say by which "
                "address, and begin with https://, or sessions could be read on the way"
            )
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def public(self) -> str:
        """The address by which browsers reach the server."""
        return (self.public_url or f"http://{self.listen}").rstrip("/")

    @property
    def two_persons(self) -> bool:
        """True if a draft waits for another person than its author."""
        return bool(self.oidc_issuer) if self.four_eyes is None else self.four_eyes

    @property
    def rates(self) -> tuple[int, int]:
        """Requests a minute to read and to record with: limited where others than one clerk are."""
        usual = USUAL_RATES if self.oidc_issuer else (0, 0)
        own = (self.reads_per_minute, self.records_per_minute)
        read, record = (u if o is None else o for o, u in zip(own, usual, strict=True))
        return read, record

    @property
    def people(self) -> str:
        """URL of sessions and names: beside the log."""
        return self._own("people.sqlite")

    @property
    def address(self) -> tuple[str, int]:
        """Host and port where pages and API are served."""
        return _host_and_port(self.listen)

    @property
    def recorder(self) -> str:
        """The person who records. Raises `InvalidSettings` if no setting names one."""
        if not self.actor:
            mistake = f"{PREFIX}ACTOR: your login has no name on this machine; say who records"
            raise InvalidSettings(mistakes=(mistake,))
        return self.actor

    @property
    def folder(self) -> Path:
        """Folder of this register's own files: beside the log, by the register's name."""
        if self.database_url.startswith(SQLITE):
            return Path(self.database_url.removeprefix(SQLITE)).parent / self.register_id
        return Path("var/alliance") / self.register_id

    @property
    def views(self) -> str:
        """URL of the read models: a file of their own, or a schema of the register's."""
        return _in_schema(self.views_url, self.register_id) or self._own("views.sqlite")

    @property
    def views_in_camera(self) -> str:
        """URL of the read models that have what is in camera, too: apart from the public ones."""
        where = locate(self.views)
        if isinstance(where, Path):
            return f"{self.views.removesuffix('.sqlite')}-in-camera.sqlite"
        name = f"{where.schema}_in_camera"
        if len(name) > LONGEST_SCHEMA:
            name = f"alliance_{sha256(name.encode()).hexdigest()[:32]}"
        return where.in_schema(name).url

    @property
    def bus(self) -> str:
        """URL of the bus: a file of its own on one machine."""
        return self.bus_url or f"{SQLITE}{self.folder / 'bus.sqlite'}"

    @property
    def bus_state(self) -> str:
        """URL of the relay's position and the subscribers: beside the log."""
        return self._own("relay.sqlite")

    def _own(self, file: str) -> str:
        """Return a file of this register's own, or a PostgreSQL schema beside the log's."""
        where = locate(self.database_url)
        if isinstance(where, Path):
            return f"{SQLITE}{self.folder / file}"
        return where.in_schema(schema_of(self.register_id, where.schema)).url

    @property
    def evidence(self) -> str:
        """URL of the tree of sealed events: a file of its own, or a schema."""
        return _in_schema(self.evidence_url, self.register_id) or self._own("evidence.sqlite")

    @property
    def evidence_keys(self) -> Path:
        """The file of the keys that sign heads."""
        return self.evidence_keys_file or self.folder / "evidence.keys"

    @property
    def evidence_head(self) -> Path:
        """The file with the last head that was signed."""
        return self.evidence_head_file or self.folder / "evidence.head"

    @property
    def personal_keys(self) -> Path:
        """The file of the keys that personal values are sealed with."""
        return self.personal_keys_file or self.folder / "personal-keys.sqlite"

    @property
    def keys(self) -> Path:
        """The file of this register's key."""
        return self.keys_file or self.folder / "register.key"


def _host_and_port(listen: str) -> tuple[str, int]:
    """Return host and port of an address such as `[::1]:8414`. Raises `ValueError`."""
    host, colon, port = listen.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{listen!r} is not a host and port such as 127.0.0.1:8414")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def schema_of(register_id: str, log: str) -> str:
    """Return a schema name for data derived from a log; no two registers or logs share one."""
    if log == "public":
        return f"alliance_{register_id.replace('-', '_')}"
    name = f"{log}_{register_id}"
    if len(name.encode()) <= LONGEST_SCHEMA:
        return name
    return f"alliance_{sha256(name.encode()).hexdigest()[:32]}"


def load() -> Settings:
    """Read the environment. Raises `InvalidSettings` with every mistake."""
    return _valid(_given())


def _given() -> Mapping[str, str]:
    """Return what the environment says, by names in capitals as they are written."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper().startswith(PREFIX) and not name.startswith("ALLIANCE_TEST")
    }


def load_each(
    of_the_log: Callable[[Settings], Iterable[str]], default: str = ""
) -> Mapping[str, Settings]:
    """Return the settings of each register that `ALLIANCE_REGISTERS` names, or `default`.

    `of_the_log` gives the registers of a log, for `*`. Raises `InvalidSettings`, also for a file
    or name that two of them would share.
    """
    given = _given()
    settings = _valid(given)
    names = (settings.registers or default).split(",")
    found = list(of_the_log(settings) if names == ["*"] else filter(None, names))
    mistakes = [
        f"{PREFIX}{name.upper()}: each register has its own; write {NAMED} for its name"
        for name in OWN
        if (said := given.get(PREFIX + name.upper(), "")) and not _is_of_one(said)
    ]
    if mistakes and len(found) > 1:
        raise InvalidSettings(mistakes=tuple(mistakes))
    return {name: _valid({**given, f"{PREFIX}REGISTER_ID": name}) for name in found}


def _is_of_one(said: str) -> bool:
    """True if a setting has another value for each register, or a schema for each."""
    if NAMED in said or not said.startswith(POSTGRES):
        return NAMED in said
    where = locate(said)
    return isinstance(where, Server) and where.schema == "public"


def _valid(given: Mapping[str, str]) -> Settings:
    known = {PREFIX + name.upper(): name for name in Settings.model_fields}
    mistakes = [
        f"{name} is not a setting; known are {', '.join(sorted(known))}"
        for name in sorted(given.keys() - known)
    ]
    mistakes += [
        f"{name}: it has {wrong}, which is not text"
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
        raise InvalidSettings(mistakes=tuple(mistakes)) from None
    if mistakes:
        raise InvalidSettings(mistakes=tuple(mistakes))
    return settings


def secret_in_file(file: Path | None) -> str:
    """Return the secret in a file. Raises `InvalidSettings` if it cannot be read."""
    try:
        secret = file.read_text().strip() if file else ""
    except (OSError, UnicodeDecodeError) as error:
        mistake = f"{PREFIX}OIDC_SECRET_FILE: {file} cannot be read: {error}"
        raise InvalidSettings(mistakes=(mistake,)) from None
    if not secret:
        raise InvalidSettings(mistakes=(f"{PREFIX}OIDC_SECRET_FILE: {file} is empty",))
    return secret


def _read(reader: Callable[[str], object], url: str) -> None:
    try:
        reader(url)
    except BadAddress as bad:
        raise ValueError(str(bad.details["reason"])) from None


def _in_schema(url: str, register_id: str) -> str:
    """Return an address of its own; on PostgreSQL in the register's schema by default."""
    where = locate(url) if url else None
    if isinstance(where, Server) and where.schema == "public":
        return where.in_schema(schema_of(register_id, where.schema)).url
    return url
