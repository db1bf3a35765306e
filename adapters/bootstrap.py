"""The only wiring: which concrete log, read models and keys a register is made of."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from adapters import settings as configuration
from adapters.folder import claim
from adapters.keys import open_keys, set_up_keys
from adapters.settings import Settings
from adapters.store.log import EventLog
from adapters.store.opening import open_log, setup_log
from adapters.store.rows import Epoch
from adapters.store.upcasting import UPCASTERS
from adapters.store.views import Views
from adapters.store.views_read import ViewReader
from application import following
from application.ports import NotSetUp
from projections.timeline import R, ReadModel

if TYPE_CHECKING:
    from adapters.bus.bus import Bus
    from adapters.store.backup import Backup
    from application.handling import Desk
    from domain.kernel import Fact


def _catalogue() -> Mapping[str, type[Fact]]:
    from domain.catalogue import catalogue  # noqa: PLC0415  (every context, only where one is read)

    return catalogue


@dataclass(frozen=True)
class Register:
    """One register, open."""

    settings: Settings
    log: EventLog
    views: Views
    followed: set[str] = field(default_factory=set[str])

    @cached_property
    def desk(self) -> Desk:
        """Where commands are handed in. Raises `NotSetUp` where there is no key."""
        from application.handlers import HANDLERS  # noqa: PLC0415  (all rules, only where one acts)
        from application.handling import Desk  # noqa: PLC0415

        return Desk(self.log, open_keys(self.settings.keys), HANDLERS)

    def reader(self, model: ReadModel[R]) -> ViewReader[R]:
        """Answers from a read model, which is brought to the end of the log when first asked for.

        Whoever keeps a register open for longer calls `catch_up`, or runs the followers.
        """
        if model.name not in self.followed:
            following.catch_up(self.log, self.views.follower(model, self.log.read))
            self.followed.add(model.name)
        return self.views.reader(model)

    def catch_up(self, on_progress: Callable[[int, int], object] | None = None) -> None:
        """Bring every read model to the end of the log."""
        from projections.models import MODELS  # noqa: PLC0415

        for model in MODELS:
            follower = self.views.follower(model, self.log.read)
            following.catch_up(self.log, follower, on_progress=on_progress)


def set_up(settings: Settings, *, log_only: bool = False) -> None:
    """Create what a register is kept in, where it is missing; safe to repeat.

    `log_only` is for the owner of the log's tables, where what is derived has another owner.
    """
    from adapters.databases import set_up_schema  # noqa: PLC0415  (SQLAlchemy)
    from projections.models import MODELS  # noqa: PLC0415

    claim(settings)
    setup_log(settings.database_url)
    if log_only:
        return
    set_up_keys(settings.keys)
    for url in {settings.views, settings.bus_state}:
        set_up_schema(url)
    with closing(_views(settings)) as views:
        views.setup()
        views.create(*MODELS)
    with open_bus(settings) as bus:
        bus.setup()


@contextmanager
def open_register(settings: Settings | None = None) -> Generator[Register]:
    """Open the register that the environment names. Raises `NotSetUp` before `set_up`."""
    chosen = settings or configuration.load()
    log = open_log(chosen.database_url, chosen.register_id, _catalogue)
    views = _views(chosen)
    try:
        yield Register(chosen, log, views)
    finally:
        views.close()
        log.close()


@contextmanager
def open_bus(settings: Settings | None = None) -> Generator[Bus]:
    """Open the bus that the environment names. Raises `NotSetUp` before `set_up`."""
    from adapters.bus.bus import Bus as Opened  # noqa: PLC0415  (kombu, only where it is used)

    chosen = settings or configuration.load()
    log = open_log(chosen.database_url, chosen.register_id, _catalogue)
    bus = Opened(log, chosen.register_id, chosen.bus, chosen.bus_state, chosen.folder)
    try:
        yield bus
    finally:
        bus.close()
        log.close()


@contextmanager
def folded(register: Register, until: int) -> Generator[Views]:
    """Every read model folded anew from the log up to a position, in a file that is then gone."""
    from projections.models import MODELS  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="alliance-replay-") as folder:
        settings = register.settings.model_copy(
            update={"views_url": f"{configuration.SQLITE}{folder}/views.sqlite"}
        )
        views = _views(settings)
        try:
            views.setup()
            views.create(*MODELS)
            for model in MODELS:
                follower = views.follower(model, register.log.read)
                following.catch_up(register.log, follower, until=until)
            yield views
        finally:
            views.close()


def _views(settings: Settings) -> Views:
    return Views(settings.views, upcasting=",".join(sorted(UPCASTERS)))


def check_log(settings: Settings) -> str:
    """Open the log and say where it ends."""
    log = open_log(settings.database_url, settings.register_id, _catalogue)
    try:
        return f"epoch {log.epoch()}, position {log.head()}"
    finally:
        log.close()


def check_views(settings: Settings) -> str:
    """Open the read models and say how many there are."""
    views = _views(settings)
    try:
        return f"tables: {len(views.registered())}"
    finally:
        views.close()


def check_keys(settings: Settings) -> str:
    """Read the key, and say whose eyes its file is for."""
    open_keys(settings.keys)
    mode = settings.keys.stat().st_mode & 0o777
    if mode & 0o077:
        raise NotSetUp(keys=str(settings.keys), mode=oct(mode), expected="0o600")
    return f"{settings.keys}, for its owner only"


def check_bus(settings: Settings) -> str:
    """Reach the bus and say how many subscribers there are."""
    with open_bus(settings) as bus:
        return f"subscribers: {len(tuple(bus.situations()))}"


def back_up(settings: Settings, target: Path) -> Backup:
    """Copy the log into one file. Raises `BackupExists`, `NotSetUp` and `Unavailable`."""
    from adapters.store import backup  # noqa: PLC0415  (both drivers, only where it is used)

    return backup.back_up(settings.database_url, target)


def check_backup(source: Path) -> Backup:
    """Read a backup to its end. Raises `BrokenBackup` with the line where it is damaged."""
    from adapters.store import backup  # noqa: PLC0415  (both drivers, only where it is used)

    return backup.verify(source)


def restore_backup(settings: Settings, source: Path, reason: str) -> Epoch:
    """Make an empty log what a backup holds. Raises `BrokenBackup`, `NotEmpty`, `NewerLog`."""
    from adapters.store import backup  # noqa: PLC0415  (both drivers, only where it is used)

    return backup.restore(source, settings.database_url, reason)
