"""The wiring of evidence: tree, sealer, keys, witnesses, monitor; audits and verification."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from adapters import clock
from adapters import settings as configuration
from adapters.bootstrap_log import open_log_of
from adapters.settings import Settings
from adapters.store.event_log.log import EventLog
from application.ports import NotSetUp, ReadOnly, StoredRow
from domain.shared.problems import Problem

if TYPE_CHECKING:
    from adapters.evidence.audit import Audit
    from adapters.evidence.cited_heads import OnLine
    from adapters.evidence.entries import Entry, RowToSeal
    from adapters.evidence.register_tree import RegisterTree
    from adapters.evidence.sealer import Sealer
    from adapters.evidence.signed_notes import Head, SigningKey, VerifierKey
    from adapters.evidence.tree_stores import TreeTables
    from adapters.evidence.trust_policy import Policy
    from adapters.evidence.verifier import Verified
    from adapters.evidence.witnesses.cosigner import Cosigner
    from adapters.evidence.witnesses.monitor import Monitor
    from adapters.evidence.witnesses.witness import Witness


class Cited(NamedTuple):
    """The line by which an answer cites the head of evidence; empty where nothing is sealed.

    `whole` is true if the line will be the same for good.
    """

    line: str = ""
    whole: bool = True


@contextmanager
def citing(settings: Settings, log: EventLog) -> Generator[Callable[[int], Cited]]:
    """Give what cites the tree's heads; its database is opened by the first question."""
    with ExitStack() as stack:
        opened: dict[int, TreeTables] = {}
        one_at_a_time = Lock()

        def tables() -> TreeTables:
            """Return those of the present tree: another process may have begun it since."""
            number = number_of_present_tree(settings, log)
            with one_at_a_time:
                if number not in opened:
                    opened[number] = stack.enter_context(tree_tables(settings, number))
                return opened[number]

        def cite(position: int) -> Cited:
            if not settings.origin:
                return Cited()
            from adapters.evidence.cited_heads import cite as citation  # noqa: PLC0415  (SQLAlchemy)

            found = None
            try:
                tree = tables()
                if note := tree.head():
                    found = citation(note, tree.get, position, _is_in(log))
            except NotSetUp:  # a register of before, whose tree has no tables yet
                pass
            except Problem as problem:  # the answer itself does not rest on the tree
                _warn("no head of evidence is cited", problem)
            return Cited(str(found.head), found.whole) if found else Cited(whole=False)

        yield cite


@contextmanager
def open_tree(settings: Settings | None = None) -> Generator[RegisterTree]:
    """Open the tree of sealed events. Raises `NoOrigin`, and `NotSetUp` before `set_up`."""
    from adapters.evidence.faults import NoOrigin  # noqa: PLC0415

    chosen = settings or configuration.load()
    if not chosen.origin:
        raise NoOrigin(why="ALLIANCE_ORIGIN is not set")
    with closing(open_log_of(chosen)) as log:
        number = number_of_present_tree(chosen, log)
        with tree_tables(chosen, number) as store:
            yield _tree(chosen, log, number, store)


def _tree(settings: Settings, log: EventLog, number: int, store: TreeTables) -> RegisterTree:
    from adapters.evidence.register_tree import RegisterTree as Tree  # noqa: PLC0415
    from adapters.evidence.successions.new_tree import numbered  # noqa: PLC0415

    origin, prefix = numbered(settings.origin, number), f"{settings.register_id}/"
    return Tree(origin, prefix, store, rows_to_seal(log), log.sealed_parts)


def number_of_present_tree(settings: Settings, log: EventLog) -> int:
    """Return which of the register's trees the log says is the present one: 1 before a second."""
    from domain.shared.log_facts import LOG, EvidenceBegunAnew  # noqa: PLC0415

    told = [each.event for each in log.read(LOG)[LOG] if isinstance(each.event, EvidenceBegunAnew)]
    if not told:
        return 1
    from adapters.evidence.successions.new_tree import number_of_tree  # noqa: PLC0415

    return number_of_tree(settings.origin, told[-1].origin) or 1


@contextmanager
def tree_tables(settings: Settings, number: int = 1) -> Generator[TreeTables]:
    """Open the tables of a tree, in a database that `set_up` has made."""
    from adapters.database.state_database import open_database  # noqa: PLC0415  (SQLAlchemy)
    from adapters.evidence.tree_stores import TreeTables as Tables  # noqa: PLC0415

    mend = "delete the file, then alliance setup and alliance seal --once"
    engine = open_database(settings.evidence, mend, derived=True)
    try:
        yield Tables(engine, number)
    finally:
        engine.dispose()


def rows_to_seal(log: EventLog) -> Callable[[int, int], Sequence[RowToSeal]]:
    """Return what reads the rows of a log's register, to be sealed, after a position."""
    from adapters.evidence.destructions import TOPIC, redacted_digests  # noqa: PLC0415
    from adapters.store.event_log.sealed_parts import MARK, parts_of  # noqa: PLC0415

    none: tuple[tuple[str, ...], tuple[str, ...]] = (), ()

    def rows(after: int, limit: int) -> Sequence[RowToSeal]:
        return [
            (*row, parts_of(row[3]), redacted_digests(row[2], row[3]))
            if MARK in row[3] or row[2].startswith(TOPIC)
            else row + none
            for row in log.rows_after(after, limit)
        ]

    return rows


def entry_text(log: EventLog) -> Callable[[StoredRow, int], str]:
    """Return what writes the entry of a row, by its count among the register's rows."""
    from adapters.evidence.destructions import redacted_digests  # noqa: PLC0415
    from adapters.evidence.entries import SealedRow as Row  # noqa: PLC0415
    from adapters.evidence.entries import entry_texts  # noqa: PLC0415
    from adapters.store.event_log.sealed_parts import parts_of  # noqa: PLC0415

    def text(row: StoredRow, n: int) -> str:
        state, topic = row.state, row.topic
        sealed = Row(
            log.stored_name(row.stream), *row[1:6], parts_of(state), redacted_digests(topic, state)
        )
        return entry_texts((sealed,), n - 1)[0].decode()

    return text


def _warn(what: str, problem: Problem) -> None:
    """Tell it on standard error: the answer of a short command is on standard output."""
    import structlog  # noqa: PLC0415  (no question waits for it)

    from adapters import logs  # noqa: PLC0415

    if not structlog.is_configured():
        logs.configure()
    structlog.get_logger("evidence").warning(what, problem=str(problem))


def _is_in(log: EventLog) -> Callable[[Entry], bool]:
    """Return what tells whether the log has the row of an entry, as it was sealed.

    After a restore it may have others in its place.
    """
    from adapters.evidence.entries import entry_of  # noqa: PLC0415

    rows = rows_to_seal(log)
    return lambda entry: any(entry_of(row, entry.n) == entry for row in rows(entry.pos - 1, 1))


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
        seconds_now,
        hold=_holds(settings),
    )


def seconds_now() -> int:
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
    with open_tree(settings) as tree, open_log_of(settings) as log:

        def told(old: Sequence[VerifierKey], new: Sequence[VerifierKey]) -> None:
            fact = EvidenceKeysRotated(
                old=tuple(map(str, old)),
                new=tuple(map(str, new)),
                reason=reason,
                actor=settings.recorder,
            )
            tell(log, fact)

        keys, outside = settings.evidence_keys, settings.evidence_head
        return key_rotation.rotate_keys(
            tree, keys, outside, seconds_now, told, hold=_holds(settings)
        )


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
    with open_log_of(settings) as log, alone_with_head(outside):
        told = number_of_present_tree(settings, log)
        signed = 0
        if outside.exists():
            origin = read_head(read_note(outside.read_bytes()).text).origin
            signed = new_tree.number_of_tree(settings.origin, origin)
        number = max(told, signed)
        with tree_tables(settings, number) as store:
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
                new_tree.keep_head_of_old_tree(outside, number - 1, last)
                tell(log, fact)
        with tree_tables(settings, number) as store:
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
    from adapters.store.event_log.subject_keys import SubjectKeys  # noqa: PLC0415

    with open_tree(settings) as tree:
        notes = [tree.note()]
        if settings.evidence_head.exists():
            notes.append(read_note(settings.evidence_head.read_bytes()))
        if settings.evidence_keys.exists():
            own = Policy(tuple(key.verifier for key in read_keys(settings.evidence_keys)))
            for note in notes:
                trusted_head(note, own)
        entries = tree.sealed([read_head(note.text) for note in notes])
        keys = settings.personal_keys
        owns = SubjectKeys(keys).owners() if keys.exists() else None
        with snapshot(settings.database_url) as log:
            return audit(entries, log.rows, log.personal, tree.prefix, parts_of, owns)


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
        policy_in(path)


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
    policy = policy_in(path)
    with open_tree(chosen) as tree:
        hold = chosen.evidence_without_quorum == "hold"
        yield Opened(tree.store, chosen.evidence_head, policy, post, hold=hold)


def open_monitor(address: str, policy: Path, folder: Path, silence: int) -> Monitor:
    """Return a monitor of the tree at an address. Raises `BadPolicy`, which names the line."""
    from adapters.evidence.witnesses.cosigner import get  # noqa: PLC0415
    from adapters.evidence.witnesses.monitor import Monitor as Opened  # noqa: PLC0415

    trusted = policy_in(policy)
    return Opened(address, folder, trusted, get, seconds_now, silence)


def open_witness(policy: Path, keys: Path, state: Path, name: str) -> Witness:
    """Return a witness of the logs that a policy file names.

    Its keys are made at the first start.
    """
    from adapters.evidence.key_files import make_keys, read_keys  # noqa: PLC0415
    from adapters.evidence.signed_notes import KeyType  # noqa: PLC0415
    from adapters.evidence.witnesses.witness import Witness as Opened  # noqa: PLC0415

    kinds = (KeyType.ML_DSA_44, KeyType.ED25519_COSIGNATURE)
    signing = read_keys(keys) if keys.exists() else make_keys(keys, name, kinds)
    return Opened(signing, policy_in(policy).logs, state, seconds_now)


def policy_in(path: Path) -> Policy:
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


def with_tree_of(bundle: Path, found: Verified, settings: Settings) -> Settings:
    """Copy the tree of a verified bundle beside the register made of it, which then cites heads.

    Return the settings with the origin that the register had.
    """
    from adapters.evidence.bundle import copy_tree  # noqa: PLC0415
    from domain.shared.log_facts import LOG, EvidenceBegunAnew  # noqa: PLC0415

    origin = found.head.origin
    with open_log_of(settings) as log:
        if any(isinstance(each.event, EvidenceBegunAnew) for each in log.read(LOG)[LOG]):
            origin = origin.rpartition("/")[0]
        settings = settings.model_copy(update={"origin": origin})
        number = number_of_present_tree(settings, log)
    with tree_tables(settings, number) as store:
        store.setup()
        copy_tree(bundle, store)
    return settings


def verify_evidence(bundle: Path, policy: Path) -> Verified:
    """Verify a bundle by the user's policy. Raises an `EvidenceFault`."""
    from adapters.evidence.verifier import verify_bundle  # noqa: PLC0415

    return verify_bundle(bundle, policy_in(policy), seconds_now())


def verify_page(page: Path, source: str, policy: Path) -> Sequence[OnLine]:
    """Verify the heads that a file cites, by a bundle, tree or head. Raises an `EvidenceFault`."""
    from adapters.evidence.page_verifier import verify_page as verify  # noqa: PLC0415
    from adapters.evidence.witnesses.cosigner import NOT_FOUND, OK, get  # noqa: PLC0415
    from application.ports import Unavailable  # noqa: PLC0415

    fetched: dict[str, bytes | None] = {}

    def fetch(address: str) -> bytes | None:
        if address not in fetched:
            try:
                answer = get(address)
            except OSError as error:
                raise Unavailable(reason=str(error)) from error
            if answer.status not in (OK, NOT_FOUND):
                raise Unavailable(reason=f"{address} answers {answer.status}")
            fetched[address] = answer.body if answer.status == OK else None
        return fetched[address]

    return verify(page, source, policy_in(policy), seconds_now(), fetch)
