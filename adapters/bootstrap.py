"""The only wiring: opens a register with log, bus, tree and people; audits it and backs it up."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from adapters import clock, telemetry
from adapters import settings as configuration
from adapters.addresses import SQLITE
from adapters.folder import claim_folder
from adapters.keys import NoKey, last_command, open_keys, set_up_keys
from adapters.settings import Settings
from adapters.store.event_log.log import EventLog
from adapters.store.event_log.open_log import open_log, setup_log
from adapters.store.event_log.recorder import Epoch
from adapters.store.event_log.subject_keys import SubjectKeys
from adapters.store.event_log.upcasters import UPCASTERS
from adapters.store.read_models.reader import ViewReader
from adapters.store.read_models.store import Views
from application import followers
from application.ports import Log, NotSetUp, ReadOnly, StoredRow
from projections.engine.read_model import R, ReadModel

if TYPE_CHECKING:
    from adapters.bus.bus import Bus
    from adapters.evidence.audit import Audit
    from adapters.evidence.cited_heads import OnLine
    from adapters.evidence.entries import SealedRow
    from adapters.evidence.register_tree import RegisterTree
    from adapters.evidence.sealer import Sealer
    from adapters.evidence.signed_notes import Head, SigningKey, VerifierKey
    from adapters.evidence.tree_stores import TreeTables
    from adapters.evidence.trust_policy import Policy
    from adapters.evidence.verifier import Verified
    from adapters.evidence.witnesses.cosigner import Cosigner
    from adapters.evidence.witnesses.monitor import Monitor
    from adapters.evidence.witnesses.witness import Witness
    from adapters.people.people import People
    from adapters.store.backup.backup import Backup
    from adapters.store.backup.comparison import Comparison
    from application.command_bus import CommandBus
    from domain.shared.messages import DecisionRef, Fact


def _catalogue() -> Mapping[str, type[Fact]]:
    from domain.catalogue import catalogue  # noqa: PLC0415  (every context, only where one is read)

    return catalogue


def _open_log(settings: Settings) -> EventLog:
    """Return the log; places and bodies are read from it without importing every context."""
    from domain.council.bodies import CharterRecorded  # noqa: PLC0415
    from domain.council.succession import BodiesChanged  # noqa: PLC0415
    from domain.places import PlaceIdentified, PlacesReplaced  # noqa: PLC0415

    named: tuple[type[Fact], ...]
    named = (CharterRecorded, BodiesChanged, PlaceIdentified, PlacesReplaced)
    light = {kind.TOPIC: kind for kind in named}
    keys = SubjectKeys(settings.personal_keys)
    return open_log(settings.database_url, settings.register_id, _catalogue, light=light, keys=keys)


class Cited(NamedTuple):
    """The line by which an answer cites the head of evidence; empty where nothing is sealed.

    `whole` is true if the line will be the same for good.
    """

    line: str = ""
    whole: bool = True


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
    if log_only:
        return ()
    for url in {settings.views, settings.bus_state, settings.evidence, settings.people}:
        set_up_schema(url)
    with closing(_views(settings)) as views:
        views.setup()
        views.create(*MODELS)
        removed = views.maintenance.remove_others(*MODELS) if remove_old else ()
    with _open_log(settings) as log:
        subject_keys = SubjectKeys(settings.personal_keys)
        subject_keys.set_up(log.recorder.has_parts)
        destruction.replay(log, subject_keys)
        set_up_keys(settings.keys, lambda: not new_key and last_command(log) is not None)
        number = _number_of_tree(settings, log)
    with open_bus(settings) as bus:
        bus.setup()
    with _tree_tables(settings, number) as tree:
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
            configuration.secret_in(settings.oidc_secret_file),
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


@contextmanager
def open_register(settings: Settings | None = None) -> Generator[Register]:
    """Open the register that the environment names. Raises `NotSetUp` before `set_up`."""
    chosen = settings or configuration.load()
    log = _open_log(chosen)
    views = _views_in_camera(chosen) if chosen.in_camera else _views(chosen)
    with closing(log), closing(views), _citing(chosen, log) as cite, ExitStack() as at_end:
        shown = log.in_camera() if chosen.in_camera else log
        yield Register(chosen, shown, views, cite=cite, at_end=at_end)


@contextmanager
def _citing(settings: Settings, log: EventLog) -> Generator[Callable[[int], Cited]]:
    """Give what cites the tree's heads; its database is opened by the first question."""
    with ExitStack() as stack:
        opened: list[TreeTables] = []

        def cite(position: int) -> Cited:
            if not settings.origin:
                return Cited()
            from adapters.evidence.cited_heads import cite as citation  # noqa: PLC0415  (SQLAlchemy)

            if not opened:
                number = _number_of_tree(settings, log)
                opened.append(stack.enter_context(_tree_tables(settings, number)))
            try:
                note = opened[0].head()
            except NotSetUp:  # a register of before, whose tree has no tables yet
                note = None
            found = citation(note, opened[0].get, position) if note else None
            return Cited(str(found.head), found.whole) if found else Cited(whole=False)

        yield cite


@contextmanager
def open_bus(settings: Settings | None = None) -> Generator[Bus]:
    """Open the bus that the environment names. Raises `NotSetUp` before `set_up`."""
    from adapters.bus.bus import Bus as Opened  # noqa: PLC0415  (kombu, only where it is used)
    from adapters.bus.messages.cloud_event import Leaves  # noqa: PLC0415

    chosen = settings or configuration.load()
    log = _open_log(chosen)
    leaves = Leaves(log.count, _entry_text(log))
    bus = Opened(
        log, chosen.register_id, chosen.bus, chosen.bus_state, chosen.folder, leaves=leaves
    )
    try:
        yield bus
    finally:
        bus.close()
        log.close()


@contextmanager
def open_tree(settings: Settings | None = None) -> Generator[RegisterTree]:
    """Open the tree of sealed events. Raises `NoOrigin`, and `NotSetUp` before `set_up`."""
    from adapters.evidence.faults import NoOrigin  # noqa: PLC0415

    chosen = settings or configuration.load()
    if not chosen.origin:
        raise NoOrigin(why="ALLIANCE_ORIGIN is not set")
    with closing(_open_log(chosen)) as log:
        number = _number_of_tree(chosen, log)
        with _tree_tables(chosen, number) as store:
            yield _tree(chosen, log, number, store)


def _tree(settings: Settings, log: EventLog, number: int, store: TreeTables) -> RegisterTree:
    from adapters.evidence.register_tree import RegisterTree as Tree  # noqa: PLC0415
    from adapters.evidence.successions.new_tree import numbered  # noqa: PLC0415

    origin, prefix = numbered(settings.origin, number), f"{settings.register_id}/"
    return Tree(origin, prefix, store, _rows_to_seal(log), log.sealed_parts)


def _number_of_tree(settings: Settings, log: EventLog) -> int:
    """Return which of the register's trees the log says is the present one: 1 before a second."""
    from domain.shared.log_facts import EvidenceBegunAnew  # noqa: PLC0415

    kind = EvidenceBegunAnew.TOPIC.partition(".v")[0]
    rows = log.recorder.last_of(kind, log.head(), settings.register_id)
    if not rows:
        return 1
    from adapters.evidence.successions.new_tree import number_of_tree  # noqa: PLC0415

    told = EvidenceBegunAnew.model_validate_json(rows[0][3])
    return number_of_tree(settings.origin, told.origin) or 1


@contextmanager
def _tree_tables(settings: Settings, number: int = 1) -> Generator[TreeTables]:
    """Open the tables of a tree, in a database that `set_up` has made."""
    from adapters.database.state_database import open_database  # noqa: PLC0415  (SQLAlchemy)
    from adapters.evidence.tree_stores import TreeTables as Tables  # noqa: PLC0415

    engine = open_database(
        settings.evidence, "delete the file, then alliance setup and alliance seal --once"
    )
    try:
        yield Tables(engine, number)
    finally:
        engine.dispose()


def _rows_to_seal(log: EventLog) -> Callable[[int, int], Sequence[SealedRow]]:
    sealed = _as_sealed(log)

    def rows(after: int, limit: int) -> Sequence[SealedRow]:
        """Return rows of this register under their stored names."""
        return [sealed(row) for row in log.raw_after(after, limit).rows]

    return rows


def _as_sealed(log: EventLog) -> Callable[[StoredRow], SealedRow]:
    from adapters.evidence.destructions import redacted_digests  # noqa: PLC0415
    from adapters.evidence.entries import SealedRow as Row  # noqa: PLC0415
    from adapters.store.event_log.sealed_parts import parts_of  # noqa: PLC0415

    return lambda row: Row(
        log.stored_name(row.stream),
        row.version,
        row.topic,
        row.state,
        row.position,
        row.recorded_at,
        parts=parts_of(row.state),
        redacts=redacted_digests(row.topic, row.state),
    )


def _entry_text(log: EventLog) -> Callable[[StoredRow, int], str]:
    """Return what writes the entry of a row, by its count among the register's rows."""
    from adapters.evidence.entries import entry_of  # noqa: PLC0415

    sealed = _as_sealed(log)
    return lambda row, n: entry_of(sealed(row), n).text().decode()


def signing_keys(settings: Settings, tree: RegisterTree) -> Sequence[SigningKey]:
    """Return the keys that sign the tree's heads.

    They are made if nothing was signed yet, here or elsewhere.
    """
    from adapters.evidence.faults import BadKeyFile  # noqa: PLC0415
    from adapters.evidence.key_files import make_keys, read_keys  # noqa: PLC0415
    from adapters.evidence.successions.key_rotation import KINDS  # noqa: PLC0415

    path = settings.evidence_keys
    signed = settings.evidence_head.exists() or tree.store.head() is not None
    if not path.exists() and not signed:
        return make_keys(path, tree.origin, KINDS)
    keys = read_keys(path)
    if others := [key.verifier.name for key in keys if key.verifier.name != tree.origin]:
        raise BadKeyFile(why=f"{path} has keys of {others[0]}, and not of {tree.origin}")
    return keys


@contextmanager
def open_sealer(settings: Settings | None = None) -> Generator[Sealer]:
    """Open the sealer of the register that the environment names."""
    chosen = settings or configuration.load()
    with open_tree(chosen) as tree:
        signing_keys(chosen, tree)
        yield _sealer(chosen, tree)


def _sealer(settings: Settings, tree: RegisterTree) -> Sealer:
    return tree.sealer(
        lambda: signing_keys(settings, tree),
        settings.evidence_head,
        _seconds,
        hold=_holds(settings),
    )


def _seconds() -> int:
    return clock.now() // 1_000_000


def _holds(settings: Settings) -> bool:
    return settings.evidence_without_quorum == "hold" and bool(settings.evidence_policy_file)


def rotate_keys(settings: Settings, reason: str) -> Head:
    """Give the tree new keys, and return the head that old and new ones sign.

    Raises `ReadOnly`, `NotSealed` and `BadKeyFile`.
    """
    from adapters.evidence.successions import key_rotation  # noqa: PLC0415
    from application.evidence_facts import tell  # noqa: PLC0415
    from domain.shared.log_facts import EvidenceKeysRotated  # noqa: PLC0415

    if settings.read_only:
        raise ReadOnly(reason="ALLIANCE_READ_ONLY is set")
    with open_tree(settings) as tree, _open_log(settings) as log:

        def told(old: Sequence[VerifierKey], new: Sequence[VerifierKey]) -> None:
            fact = EvidenceKeysRotated(
                old=tuple(map(str, old)),
                new=tuple(map(str, new)),
                reason=reason,
                actor=settings.recorder,
            )
            tell(log, fact)

        keys, outside = settings.evidence_keys, settings.evidence_head
        return key_rotation.rotate_keys(tree, keys, outside, _seconds, told, hold=_holds(settings))


def begin_evidence_anew(settings: Settings, reason: str) -> Head:
    """Begin the next tree after a restore that lost sealed events, and return its first head.

    Safe to repeat where it was cut short. Raises `ReadOnly`, `NoOrigin`, `NothingLost`, `Altered`.
    """
    from adapters.evidence.faults import NoOrigin  # noqa: PLC0415
    from adapters.evidence.sealer import alone_with_head  # noqa: PLC0415
    from adapters.evidence.signed_notes import read_head, read_note  # noqa: PLC0415
    from adapters.evidence.successions import new_tree  # noqa: PLC0415
    from application.evidence_facts import tell  # noqa: PLC0415
    from domain.shared.log_facts import EvidenceBegunAnew  # noqa: PLC0415

    if settings.read_only:
        raise ReadOnly(reason="ALLIANCE_READ_ONLY is set")
    if not settings.origin:
        raise NoOrigin(why="ALLIANCE_ORIGIN is not set")
    outside = settings.evidence_head
    with _open_log(settings) as log, alone_with_head(outside):
        told = _number_of_tree(settings, log)
        signed = 0
        if outside.exists():
            origin = read_head(read_note(outside.read_bytes()).text).origin
            signed = new_tree.number_of_tree(settings.origin, origin)
        number = max(told, signed)
        with _tree_tables(settings, number) as store:
            store.setup()
            old = _tree(settings, log, number, store)
            last = new_tree.last_head(old, outside)
            if last is None and number == 1:
                raise new_tree.NothingLost(sealed=0)
            if last is not None:  # otherwise an earlier call has told it, and was cut short
                head = read_head(last.text)
                restores = [
                    new_tree.Epoch(epoch.epoch, epoch.restored_through)
                    for epoch in log.recorder.epochs()
                    if epoch.previous is not None
                ]
                restore = new_tree.require_lost(old, head, restores)
                number += 1
                fact = EvidenceBegunAnew(
                    origin=new_tree.numbered(settings.origin, number),
                    epoch=restore.name,
                    restored_through=restore.restored_through,
                    head=str(last),
                    reason=reason,
                    actor=settings.recorder,
                )
                new_tree.keep_head(outside, number - 1, last)
                tell(log, fact)
        with _tree_tables(settings, number) as store:
            store.setup()
            tree = _tree(settings, log, number, store)
            new_tree.retire(tree.origin, number - 1, outside, settings.evidence_keys)
    with open_sealer(settings) as sealer:
        while sealer.seal():
            pass
        return sealer.head()


def audit_log(settings: Settings) -> Audit:
    """Compare the log with what was sealed of it. Raises `NoOrigin`, `NotSealed`, `Altered`."""
    from adapters.evidence.audit import audit  # noqa: PLC0415
    from adapters.evidence.key_files import read_keys  # noqa: PLC0415
    from adapters.evidence.signed_notes import read_head, read_note  # noqa: PLC0415
    from adapters.evidence.trust_policy import Policy, trusted_head  # noqa: PLC0415
    from adapters.store.backup.backup import snapshot  # noqa: PLC0415  (both drivers)
    from adapters.store.event_log.sealed_parts import parts_of  # noqa: PLC0415

    with open_tree(settings) as tree:
        notes = [tree.note()]
        if settings.evidence_head.exists():
            notes.append(read_note(settings.evidence_head.read_bytes()))
        if settings.evidence_keys.exists():
            own = Policy(tuple(key.verifier for key in read_keys(settings.evidence_keys)))
            for note in notes:
                trusted_head(note, own)
        entries = tree.sealed([read_head(note.text) for note in notes])
        with snapshot(settings.database_url) as (_, rows, personal):
            return audit(entries, rows, personal, tree.prefix, parts_of)


def audit_if_sealed(settings: Settings) -> Audit | None:
    """Compare the log with what was sealed of it; `None` where nothing is."""
    from adapters.evidence.faults import NoOrigin, NotSealed  # noqa: PLC0415

    try:
        return audit_log(settings)
    except (NoOrigin, NotSealed):
        return None


def require_policy() -> None:
    """Read the policy file of the settings, if one is named. Raises `BadPolicy`."""
    if (path := configuration.load().evidence_policy_file) is not None:
        _policy(path)


@contextmanager
def open_cosigner(settings: Settings | None = None) -> Generator[Cosigner | None]:
    """Open the cosigner of the witnesses in the policy file; `None` where no setting names one.

    Raises `BadPolicy`, which names the line.
    """
    from adapters.evidence.witnesses.cosigner import Cosigner as Opened  # noqa: PLC0415
    from adapters.evidence.witnesses.cosigner import post  # noqa: PLC0415

    chosen = settings or configuration.load()
    path = chosen.evidence_policy_file
    if path is None:
        yield None
        return
    policy = _policy(path)
    with open_tree(chosen) as tree:
        hold = chosen.evidence_without_quorum == "hold"
        yield Opened(tree.store, chosen.evidence_head, policy, post, hold=hold)


def open_monitor(address: str, policy: Path, folder: Path, silence: int) -> Monitor:
    """Return a monitor of the tree at an address. Raises `BadPolicy`, which names the line."""
    from adapters.evidence.witnesses.cosigner import get  # noqa: PLC0415
    from adapters.evidence.witnesses.monitor import Monitor as Opened  # noqa: PLC0415

    trusted = _policy(policy)
    return Opened(address, folder, trusted, get, _seconds, silence)


def _policy(path: Path) -> Policy:
    from adapters.evidence.faults import BadPolicy  # noqa: PLC0415
    from adapters.evidence.trust_policy import read_policy  # noqa: PLC0415

    try:
        return read_policy(path.read_bytes())
    except OSError as error:
        raise BadPolicy(why=f"{path} cannot be read: {error}") from None


def readers_of_a_bundle() -> Mapping[str, bytes]:
    """Return files that help a bundle's reader: how to verify it, and the schemas of events."""
    from adapters.bus.messages.schemas import FOLDER  # noqa: PLC0415
    from adapters.evidence.bundle import README  # noqa: PLC0415

    schemas = {f"schemas/{path.name}": path.read_bytes() for path in sorted(FOLDER.glob("*.json"))}
    return {"README.txt": README.encode(), **schemas}


def verify_evidence(bundle: Path, policy: Path) -> Verified:
    """Verify a bundle by the user's policy. Raises an `EvidenceFault`."""
    from adapters.evidence.verifier import verify_bundle  # noqa: PLC0415

    return verify_bundle(bundle, _policy(policy), _seconds())


def verify_page(page: Path, source: str, policy: Path) -> Sequence[OnLine]:
    """Verify the heads that a file cites, by a bundle, tree or head. Raises an `EvidenceFault`."""
    from adapters.evidence.page_verifier import verify_page as verify  # noqa: PLC0415
    from adapters.evidence.witnesses.cosigner import OK, get  # noqa: PLC0415
    from application.ports import Unavailable  # noqa: PLC0415

    def fetch(address: str) -> bytes | None:
        try:
            answer = get(address)
        except OSError as error:
            raise Unavailable(reason=str(error)) from error
        return answer.body if answer.status == OK else None

    return verify(page, source, _policy(policy), _seconds(), fetch)


@contextmanager
def open_bundle(bundle: Path, policy: Path) -> Generator[tuple[Verified, Settings]]:
    """Verify a bundle, and give a register of its events alone: read-only, and gone afterwards.

    Raises an `EvidenceFault`, also `NotWhole` for a bundle of chosen streams.
    """
    from adapters.evidence.entries import EVENT, Entry  # noqa: PLC0415
    from adapters.evidence.faults import NotWhole  # noqa: PLC0415
    from adapters.evidence.verifier import verify_bundle  # noqa: PLC0415
    from adapters.store.backup.proven_copy import filling  # noqa: PLC0415

    trusted = _policy(policy)
    registers = set[str]()
    with TemporaryDirectory(prefix="alliance-open-") as folder:
        log = Path(folder) / "log.sqlite"
        setup_log(f"{SQLITE}{log}")
        with filling(log) as copy:

            def taken(entry: Entry, data: Mapping[str, bytes]) -> None:
                registers.add(entry.stream.partition("/")[0])
                state = data[EVENT]
                copy.add((entry.stream, entry.ver, entry.topic, state, entry.pos, entry.at))

            found = verify_bundle(bundle, trusted, _seconds(), taken)
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
        yield found, settings


def open_witness(policy: Path, keys: Path, state: Path, name: str) -> Witness:
    """Return a witness of the logs that a policy file names.

    Its keys are made at the first start.
    """
    from adapters.evidence.key_files import make_keys, read_keys  # noqa: PLC0415
    from adapters.evidence.signed_notes import KeyType  # noqa: PLC0415
    from adapters.evidence.witnesses.witness import Witness as Opened  # noqa: PLC0415

    kinds = (KeyType.ML_DSA_44, KeyType.ED25519_COSIGNATURE)
    signing = read_keys(keys) if keys.exists() else make_keys(keys, name, kinds)
    return Opened(signing, _policy(policy).logs, state, _seconds)


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
) -> tuple[str, int]:
    """Destroy what is kept of a subject, by name or pseudonym; the pseudonym, and how many parts.

    Raises `ReadOnly`, and `NothingKept`.
    """
    from application import destruction  # noqa: PLC0415

    settings = register.settings
    if settings.read_only:
        raise ReadOnly(reason="ALLIANCE_READ_ONLY is set")
    keys = SubjectKeys(settings.personal_keys)
    subject = keys.find(words) or words
    parts = destruction.destroy(register.log, keys, subject, authority, settings.recorder)
    return subject, parts


def back_up_personal_keys(settings: Settings, target: Path) -> int:
    """Copy the keys of personal values into a new file, and return how many they are."""
    return SubjectKeys(settings.personal_keys).copy_to(target)


def restore_personal_keys(settings: Settings, source: Path) -> int:
    """Take back keys from a copy, without those that were destroyed since."""
    return SubjectKeys(settings.personal_keys).take_back(source)
