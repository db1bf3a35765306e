"""The wiring of a register: opened, set up, backed up; its log, bus, people and read models."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from adapters import settings as configuration
from adapters import telemetry
from adapters.addresses import SQLITE
from adapters.bootstrap_evidence import (
    Cited,
    audit_log,
    citing,
    entry_text,
    number_of_present_tree,
    policy_in,
    seconds_now,
    tree_tables,
    with_tree_of,
)
from adapters.bootstrap_log import open_log_of
from adapters.folder import claim_folder
from adapters.keys import NoKey, last_command, open_keys, set_up_keys
from adapters.settings import Settings
from adapters.store.event_log.log import EventLog
from adapters.store.event_log.open_log import setup_log
from adapters.store.event_log.recorder import Epoch
from adapters.store.event_log.subject_keys import SubjectKeys
from adapters.store.event_log.upcasters import UPCASTERS
from adapters.store.read_models.reader import ViewReader
from adapters.store.read_models.store import Views
from application import followers
from application.ports import Log, NotSetUp, ReadOnly
from domain.shared.problems import Problem
from projections.engine.read_model import R, ReadModel

if TYPE_CHECKING:
    from adapters.bus.bus import Bus
    from adapters.evidence.audit import Audit
    from adapters.evidence.verifier import Verified
    from adapters.people.people import People
    from adapters.store.attachments import Attached, Attachments
    from adapters.store.backup.backup import Backup
    from adapters.store.backup.comparison import Comparison
    from application.command_bus import CommandBus
    from domain.shared.messages import DecisionRef, Fact


@dataclass(frozen=True)
class Register:
    """One register, open."""

    settings: Settings
    log: EventLog
    views: Views
    followed: set[str] = field(default_factory=set[str])
    at_end: ExitStack = field(default_factory=ExitStack)
    cite: Callable[[int], Cited] = lambda _: Cited()
    """Cites the head of evidence for the state at a position."""

    @cached_property
    def command_bus(self) -> CommandBus:
        """The bus of all commands. Raises `ReadOnly`, `NotSetUp`, or `NoKey` without its file."""
        if self.settings.read_only:
            raise ReadOnly(reason="ALLIANCE_READ_ONLY is set")
        from application.command_bus import CommandBus  # noqa: PLC0415
        from application.handlers.table import HANDLERS  # noqa: PLC0415  (all rules, only where one acts)

        try:
            keys = open_keys(self.settings.keys)
        except NoKey:
            if last_command(self.log) is None:  # nothing needs that key: `setup` makes one
                raise NotSetUp(keys=str(self.settings.keys.absolute())) from None
            raise
        return CommandBus(self._commits_to(), keys, HANDLERS)

    @cached_property
    def attachments(self) -> Attachments:
        """The documents attached to the register, beside its log."""
        return self.at_end.enter_context(closing(_attachments(self.settings)))

    def attach(self, name: str, media_type: str, content: bytes, by: str) -> Attached:
        """Keep a document under its digest. Raises `ReadOnly`, `NotAttachable`, `NotSetUp`."""
        if self.settings.read_only:
            raise ReadOnly(reason="ALLIANCE_READ_ONLY is set")
        return self.attachments.attach(name, media_type, content, by)

    def _commits_to(self) -> Log:
        """The log that commands are decided on; its commits are measured where traces are sent."""
        log = self.log.in_camera()
        if not telemetry.is_on():
            return log
        from adapters.bus.traces import Traces, traced  # noqa: PLC0415

        return traced(log, self.at_end.enter_context(closing(Traces(self.settings.bus_state))))

    def reader(self, model: ReadModel[R]) -> ViewReader[R]:
        """Return the answers of a read model, after bringing it to the end of the log.

        This happens at the first request only: whoever keeps a register open for longer calls
        `catch_up`, or runs the followers.
        """
        if model.name not in self.followed:
            followers.catch_up(self.log, self.views.follower(model, self.log.read))
            self.followed.add(model.name)
        return self.views.reader(model)

    def catch_up(self, on_progress: Callable[[int, int], object] | None = None) -> None:
        """Bring every read model to the end of the log."""
        from projections.models import MODELS  # noqa: PLC0415

        for model in MODELS:
            follower = self.views.follower(model, self.log.read)
            followers.catch_up(self.log, follower, on_progress=on_progress)


def set_up(
    settings: Settings,
    *,
    log_only: bool = False,
    new_key: bool = False,
    remove_old: bool = False,
) -> Sequence[str]:
    """Create what a register is kept in, where it is missing; safe to repeat.

    `log_only` is for the owner of the log's tables, where what is derived has another owner. Raises
    `KeyAway` where the log was written with a key that is not here and no `new_key` is asked for.
    `remove_old` removes the tables of read models of other versions; their names are returned.
    """
    from adapters.database.sqlalchemy_engine import set_up_schema  # noqa: PLC0415  (SQLAlchemy)
    from application import destruction  # noqa: PLC0415
    from projections.models import MODELS  # noqa: PLC0415

    claim_folder(settings)
    setup_log(settings.database_url, settings.register_id)
    with closing(_attachments(settings)) as attachments:
        attachments.set_up()
    if log_only:
        return ()
    for url in {settings.views, settings.bus_state, settings.evidence, settings.people}:
        set_up_schema(url)
    with closing(_views(settings)) as views:
        views.setup()
        views.create(*MODELS)
        removed = views.maintenance.remove_others(*MODELS) if remove_old else ()
    with open_log_of(settings) as log:
        subject_keys = SubjectKeys(settings.personal_keys)
        subject_keys.set_up(log.recorder.has_parts)
        destruction.replay(log, subject_keys)
        set_up_keys(settings.keys, lambda: not new_key and last_command(log) is not None)
        number = number_of_present_tree(settings, log)
    with open_bus(settings) as bus:
        bus.setup()
    with tree_tables(settings, number) as tree:
        tree.setup()
    with open_people(settings):
        pass
    return removed


@contextmanager
def open_people(settings: Settings) -> Generator[People]:
    """Sessions of a register, and the provider where people sign in.

    Raises `InvalidSettings` if the file with the client's secret cannot be read.
    """
    from adapters.people import tables  # noqa: PLC0415  (SQLAlchemy)
    from adapters.people.people import People as Opened  # noqa: PLC0415
    from adapters.people.rate_limits import RateLimits, Rates  # noqa: PLC0415
    from adapters.people.sessions import Sessions  # noqa: PLC0415

    provider = None
    if settings.oidc_issuer:
        from adapters.people.openid import OpenID  # noqa: PLC0415  (heavy: only where people sign in)

        provider = OpenID(
            settings.oidc_issuer,
            settings.oidc_client,
            configuration.secret_in_file(settings.oidc_secret_file),
            f"{settings.public}/sign-in/back",
            settings.oidc_roles_claim,
            lambda content: open_keys(settings.keys).digest(content),
        )
    engine = tables.open_people(settings.people)
    try:
        tables.create(engine)
        secure = settings.public.startswith("https:")
        limits = RateLimits(engine, Rates(*settings.rates))
        yield Opened(engine, Sessions(engine), provider, limits, secure, settings.two_persons)
    finally:
        engine.dispose()


def names_of_people(register: Register, pseudonyms: Sequence[str]) -> Mapping[str, str]:
    """Return the names of who signs in, by pseudonym; none where nothing of people is kept."""
    from adapters.database.state_database import AWAY  # noqa: PLC0415  (SQLAlchemy)
    from adapters.people import tables  # noqa: PLC0415  (SQLAlchemy)
    from adapters.people.sessions import Sessions  # noqa: PLC0415

    engine = tables.open_people(register.settings.people)
    try:
        return Sessions(engine).names(pseudonyms)
    except (*AWAY, Problem):  # not set up, or away: the pseudonym tells who it was as well
        return {}
    finally:
        engine.dispose()


@contextmanager
def open_register(settings: Settings | None = None) -> Generator[Register]:
    """Open the register that the environment names. Raises `NotSetUp` before `set_up`."""
    chosen = settings or configuration.load()
    log = open_log_of(chosen)
    views = _views_in_camera(chosen) if chosen.in_camera else _views(chosen)
    with closing(log), closing(views), citing(chosen, log) as cite, ExitStack() as at_end:
        shown = log.in_camera() if chosen.in_camera else log
        yield Register(chosen, shown, views, cite=cite, at_end=at_end)


@contextmanager
def open_bus(settings: Settings | None = None) -> Generator[Bus]:
    """Open the bus that the environment names. Raises `NotSetUp` before `set_up`."""
    from adapters.bus.bus import Bus as Opened  # noqa: PLC0415  (kombu, only where it is used)
    from adapters.bus.messages.cloud_event import Leaves  # noqa: PLC0415

    chosen = settings or configuration.load()
    log = open_log_of(chosen)
    leaves = Leaves(log.count, entry_text(log))
    bus = Opened(
        log, chosen.register_id, chosen.bus, chosen.bus_state, chosen.folder, leaves=leaves
    )
    try:
        yield bus
    finally:
        bus.close()
        log.close()


@contextmanager
def open_bundle(bundle: Path, policy: Path) -> Generator[tuple[Verified, Settings]]:
    """Verify a bundle, and give a register of its events alone: read-only, and gone afterwards.

    Raises an `EvidenceFault`, also `NotWhole` for a bundle of chosen streams.
    """
    from adapters.evidence.entries import EVENT, Entry  # noqa: PLC0415
    from adapters.evidence.faults import NotWhole  # noqa: PLC0415
    from adapters.evidence.verifier import verify_bundle  # noqa: PLC0415
    from adapters.store.backup.proven_copy import filling  # noqa: PLC0415

    trusted = policy_in(policy)
    registers = set[str]()
    with TemporaryDirectory(prefix="alliance-open-") as folder:
        log = Path(folder) / "log.sqlite"
        setup_log(f"{SQLITE}{log}")
        with filling(log) as copy:

            def taken(entry: Entry, data: Mapping[str, bytes]) -> None:
                registers.add(entry.stream.partition("/")[0])
                state = data[EVENT]
                copy.add((entry.stream, entry.ver, entry.topic, state, entry.pos, entry.at))

            found = verify_bundle(bundle, trusted, seconds_now(), taken)
            if found.streams is not None:
                raise NotWhole(
                    why=f"{bundle} shows {len(found.streams)} streams, and withholds "
                    f"{found.withheld} events of others"
                )
        (register,) = registers
        settings = Settings(
            database_url=f"{SQLITE}{log}", register_id=register, read_only=True, actor="nobody"
        )
        set_up(settings, new_key=True)
        yield found, with_tree_of(bundle, found, settings)


@contextmanager
def replayed(register: Register, until: int) -> Generator[Views]:
    """Make every read model from the log up to a position, in a file that is removed afterwards."""
    from adapters.store.read_models.replay import replay  # noqa: PLC0415  (SQLAlchemy)
    from projections.models import MODELS  # noqa: PLC0415

    with replay(MODELS, register.log, until, _upcasting()) as views:
        yield views


@contextmanager
def open_views(settings: Settings) -> Generator[Views]:
    """Open the read models alone, even if the log cannot be reached."""
    views = _views(settings)
    try:
        yield views
    finally:
        views.close()


def _attachments(settings: Settings) -> Attachments:
    from adapters.store.attachments import Attachments as Opened  # noqa: PLC0415  (SQLAlchemy)

    return Opened(settings.database_url, settings.register_id)


def _views(settings: Settings) -> Views:
    return Views(settings.views, settings.register_id, _upcasting())


def _views_in_camera(settings: Settings) -> Views:
    """Return the read models that include what is in camera, for those who may see it.

    They are made when they are first asked for.
    """
    from adapters.database.sqlalchemy_engine import set_up_schema  # noqa: PLC0415  (SQLAlchemy)
    from projections.models import MODELS  # noqa: PLC0415

    set_up_schema(settings.views_in_camera)
    views = Views(settings.views_in_camera, settings.register_id, _upcasting())
    views.setup()
    views.create(*MODELS)
    return views


def _upcasting() -> str:
    return ",".join(sorted(UPCASTERS))


def back_up(settings: Settings, target: Path) -> Backup:
    """Copy the log into one file. Raises `BackupExists`, `NotSetUp` and `Unavailable`."""
    from adapters.store.backup import backup  # noqa: PLC0415  (both drivers, only where it is used)

    return backup.back_up(settings.database_url, target)


def compare_log(settings: Settings, backup: Path | None) -> Audit | Comparison:
    """Compare the log with a backup, or with what was sealed.

    Raises `BrokenBackup`, `BackupOfAnotherLog`, `NotSetUp`, and what `audit_log` raises.
    """
    from adapters.store.backup import comparison  # noqa: PLC0415  (both drivers)

    if backup is None:
        return audit_log(settings)
    return comparison.compare(settings.database_url, backup)


def check_backup(source: Path) -> Backup:
    """Read a backup to its end. Raises `BrokenBackup` with the line where it is damaged."""
    from adapters.store.backup import backup  # noqa: PLC0415  (both drivers, only where it is used)

    return backup.verify(source)


def restore_backup(settings: Settings, source: Path, reason: str) -> Epoch:
    """Fill an empty log from a backup. Raises `BrokenBackup`, `NotEmpty`, `NewerLog`."""
    from adapters.store.backup import backup  # noqa: PLC0415  (both drivers, only where it is used)

    destroyed = SubjectKeys(settings.personal_keys).destroyed()
    gone = {each.part for each in destroyed}
    return backup.restore(source, settings.database_url, reason, gone)


def destroy_personal_data(
    register: Register, words: str, authority: DecisionRef
) -> tuple[str, int, int]:
    """Destroy what is kept of a subject, by name or pseudonym.

    Return the pseudonym, how many parts, and how many drafts, refusals and names held a value.
    Raises `ReadOnly`, and `NothingKept`.
    """
    from application import destruction  # noqa: PLC0415

    settings, log = register.settings, register.log
    if settings.read_only:
        raise ReadOnly(reason="ALLIANCE_READ_ONLY is set")
    keys = SubjectKeys(settings.personal_keys)
    subject = keys.find(words)
    # First what stands in plain text: once the key is gone, nothing tells what to look for.
    erased = _erase_beside(settings, log.personal(log.parts_of(subject))) if subject else 0
    subject = subject or words
    parts = destruction.destroy(log, keys, subject, authority, settings.recorder)
    return subject, parts, erased


def _erase_beside(settings: Settings, values: Mapping[str, object]) -> int:
    from adapters.people import tables  # noqa: PLC0415  (SQLAlchemy)
    from adapters.people.erasure import erase_values  # noqa: PLC0415

    engine = tables.open_people(settings.people)
    try:
        tables.create(engine)
        return erase_values(engine, [each for each in values.values() if isinstance(each, str)])
    finally:
        engine.dispose()


def back_up_personal_keys(settings: Settings, target: Path) -> int:
    """Copy the keys of personal values into a new file, and return how many they are."""
    return SubjectKeys(settings.personal_keys).copy_to(target)


def restore_personal_keys(settings: Settings, source: Path) -> int:
    """Take back keys from a copy, without those that were destroyed since."""
    return SubjectKeys(settings.personal_keys).take_back(source)


def message_schemas() -> Mapping[str, Callable[[], str]]:
    """Return every type of message that is published, each with the maker of its JSON Schema."""
    from adapters.bus.messages import schemas  # noqa: PLC0415  (every context)
    from domain.catalogue import catalogue  # noqa: PLC0415

    def made(type_: str, fact: type[Fact]) -> str:
        return schemas.schema_text(schemas.message_schema(type_, fact))

    published = schemas.published_events(catalogue)
    return {type_: partial(made, type_, fact) for type_, fact in published.items()}
