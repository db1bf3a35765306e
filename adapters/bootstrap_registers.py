"""The wiring of several registers in one process: which they are, what is new, how each stands."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

import structlog

from adapters import settings as configuration
from adapters.addresses import locate
from adapters.bootstrap import open_bus, open_register
from adapters.clock import now
from adapters.settings import Settings
from adapters.store.event_log.open_log import open_set_up
from adapters.store.event_log.recorder import Recorder
from application.followers import HasProgress, Lag, lag
from application.ports import Stop
from application.turns import TURN_SECONDS, Turns
from domain.shared.problems import Problem
from projections.models import MODELS

_log = structlog.get_logger("registers")


class Standing(NamedTuple):
    """The standing of a register: its entries, their bytes, its end, and who is how far behind.

    `problem` says why it cannot be asked; the other values are then those of the log alone.
    """

    register: str
    events: int
    size: int
    position: int
    behind: Mapping[str, Lag]
    problem: str = ""


def carried(default: str = "") -> Mapping[str, Settings]:
    """Return the settings of each register that this process is to carry; none for one register.

    `default` is what stands for `ALLIANCE_REGISTERS` where it is not set. Raises `InvalidSettings`.
    """
    return configuration.load_each(registers_of_log, default)


def registers_of_log(settings: Settings) -> Sequence[str]:
    """Return the names of all registers of a log, sorted; of an older log the one that is set."""
    with _recorder(settings) as recorder:
        return recorder.registers() or (settings.register_id,)


def carry(
    settings: Settings,
    work: Callable[[Settings, Stop], bool],
    stop: Stop,
    turn_seconds: float = TURN_SECONDS,
) -> None:
    """Work for every register that the settings name, in turn, until told to stop.

    `work` returns true if something is left to do when its `Stop` is set. A register that fails is
    named on standard error and tried again, after a longer time each time; the others go on.
    """
    known: dict[str, Settings] = {}

    def names() -> Sequence[str]:
        known.update(carried())
        return list(known)

    def in_its_name(name: str, turn: Stop) -> bool:
        with structlog.contextvars.bound_contextvars(register=name):
            return work(known[name], turn)

    def on_problem(name: str, problem: Exception, seconds: float) -> None:
        said = problem.title if isinstance(problem, Problem) else type(problem).__name__
        _log.warning(
            "not carried", register=name, problem=f"{said} {problem}".strip(), again_in=seconds
        )

    with _recorder(settings) as recorder:
        turns = Turns(
            names,
            _News(recorder).registers,
            in_its_name,
            on_problem,
            turn_seconds=turn_seconds,
        )
        turns.run(stop)


def standings(settings: Mapping[str, Settings]) -> Generator[Standing]:
    """Ask each register how it stands; one that cannot be asked says why."""
    for name, own in settings.items():
        with _recorder(own) as recorder:
            position, _ = recorder.last(register=name)
            events, size = recorder.size(name)
        try:
            yield Standing(name, events, size, position, _lags(own))
        except Problem as problem:
            said = f"{problem.title} {problem}"
            yield Standing(name, events, size, position, {}, said)


def _lags(settings: Settings) -> Mapping[str, Lag]:
    with open_register(settings) as register, open_bus(settings) as bus:
        followers: dict[str, HasProgress] = {
            **{m.name: register.views.follower(m, register.log.read) for m in MODELS},
            "relay": bus.ledger,
        }
        moment = now()
        return {name: lag(register.log, each, moment) for name, each in followers.items()}


class _News:
    """Tells which registers have new entries since it was last asked; none the first time."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._seen: int | None = None

    def registers(self) -> Sequence[str]:
        head, _ = self._recorder.last()
        if self._seen is None:
            self._seen = head
        found = set[str]()
        while self._seen < head:
            rows = self._recorder.following(self._seen, self._recorder.page)
            found |= {stream.partition("/")[0] for stream, *_ in rows}
            self._seen = rows[-1][4] if rows else head
        self._seen = head  # a log that was restored may end earlier
        return sorted(found)


def _recorder(settings: Settings) -> closing[Recorder]:
    return closing(open_set_up(locate(settings.database_url)))
