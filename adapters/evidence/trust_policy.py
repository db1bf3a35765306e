"""Trust policies (C2SP tlog-policy): the signatures that a head needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from adapters.evidence.faults import BadNote, BadPolicy, BadSignature, NotTrusted
from adapters.evidence.signed_notes import (
    Head,
    KeyType,
    Note,
    VerifierKey,
    read_head,
    read_key,
)

MOST_LINES = 10_000
NONE = "none"

_LOG_KEYS = (KeyType.ED25519, KeyType.ML_DSA_44)
_WITNESS_KEYS = (KeyType.ED25519_COSIGNATURE, KeyType.ML_DSA_44)


class Group(NamedTuple):
    """A group of witnesses and groups, of which at least `needed` have to have cosigned."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Logs, witnesses by name, groups by name, and the name of what is needed (the quorum)."""

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, VerifierKey] = field(default_factory=dict[str, VerifierKey])
    groups: Mapping[str, Group] = field(default_factory=dict[str, Group])
    quorum: str = NONE
    addresses: Mapping[str, str] = field(default_factory=dict[str, str])
    """Addresses of witnesses, by their names here."""

    def met_by(self, cosigned: Collection[str]) -> bool:
        """True if these witnesses are enough."""
        return self.quorum == NONE or self._witnessed(self.quorum, cosigned)

    def _witnessed(self, name: str, cosigned: Collection[str]) -> bool:
        if name in self.witnesses:
            return name in cosigned
        group = self.groups[name]
        return sum(self._witnessed(m, cosigned) for m in group.members) >= group.needed


class Trusted(NamedTuple):
    """A head that a policy believes: who cosigned it, by their names in the policy, and when."""

    head: Head
    logs: tuple[VerifierKey, ...]
    cosigned: Mapping[str, int]
    """Seconds since 1970, by witness."""
    met: bool
    """True if the quorum is reached."""


def read_policy(content: bytes) -> Policy:
    """Read a policy file. Raises `BadPolicy`, which names the line."""
    reader = _Reader()
    lines = content.split(b"\n")
    if len(lines) > MOST_LINES:
        raise BadPolicy(why=f"the policy has more than {MOST_LINES} lines")
    for number, line in enumerate(lines, 1):
        if any((byte < 0x20 and byte != 0x09) or byte == 0x7F for byte in line):
            raise BadPolicy(why=f"line {number}: a control character other than a tab")
        words = line.decode("utf-8", "surrogateescape").replace("\t", " ").split(" ")
        words = [word for word in words if word]
        if not words or words[0].startswith("#"):
            continue
        try:
            reader.read(words[0], words[1:])
        except (BadNote, BadPolicy) as error:
            raise BadPolicy(why=f"line {number}: {error}") from None
    return reader.policy()


class _Reader:
    """A policy while its lines are read."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, Group] = {}
        self.addresses: dict[str, str] = {}
        self.quorum: str | None = None
        self._grouped: set[str] = set()

    def policy(self) -> Policy:
        if self.quorum is None:
            raise BadPolicy(why="the policy has no quorum line")
        return Policy(tuple(self.logs), self.witnesses, self.groups, self.quorum, self.addresses)

    def read(self, kind: str, words: list[str]) -> None:
        match kind, words:
            case "log", [vkey, *address] if len(address) <= 1:
                self.logs.append(_key(vkey, _LOG_KEYS, self.logs))
            case "witness", [name, vkey, *address] if len(address) <= 1:
                self._require_new(name)
                self.witnesses[name] = _key(vkey, _WITNESS_KEYS, self.witnesses.values())
                self.addresses |= dict.fromkeys([name], *address) if address else {}
            case "group", [name, needed, *members] if members:
                self._require_new(name)
                self._group(name, needed, members)
            case "quorum", [name]:
                if self.quorum is not None:
                    raise BadPolicy(why="a second quorum line")
                if name != NONE:
                    self._require_known(name)
                self.quorum = name
            case _:
                raise BadPolicy(why=f"{' '.join((kind, *words))[:80]!r} is not a line of a policy")

    def _group(self, name: str, needed: str, members: list[str]) -> None:
        for member in members:
            self._require_known(member)
            if member in self._grouped:
                raise BadPolicy(why=f"{member} is a member already")
            self._grouped.add(member)
        counted = {"any": 1, "all": len(members)}.get(needed)
        if counted is None:
            if not needed.isascii() or not needed.isdigit() or needed != str(int(needed)):
                raise BadPolicy(why=f"{needed[:40]!r} is neither any, all, nor a number")
            counted = int(needed)
        if not 1 <= counted <= len(members):
            raise BadPolicy(why=f"{counted} of {len(members)} members cannot be needed")
        self.groups[name] = Group(counted, tuple(members))

    def _require_new(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise BadPolicy(why=f"the name {name} is taken")

    def _require_known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise BadPolicy(why=f"no line above names a witness or group {name}")


def _key(vkey: str, kinds: tuple[KeyType, ...], others: Collection[VerifierKey]) -> VerifierKey:
    key = read_key(vkey)
    if key.kind not in kinds:
        raise BadPolicy(why=f"a key of type 0x{key.kind:02x} does not sign there")
    if any(other.public == key.public for other in others):
        raise BadPolicy(why=f"the key of {key.name} is listed twice")
    return key


def trusted_head(note: Note, policy: Policy, now: int | None = None) -> Trusted:
    """The head, where it is signed by a log of the policy.

    Every signature of a known key has to fit. A witness's time of 0 says nothing and does not
    count; with `now`, in seconds since 1970, neither does one more than a minute ahead.
    Raises `BadNote`, `BadSignature` and `NotTrusted`; whether the quorum is met is in the result.
    """
    head = read_head(note.text)
    logs = tuple(key for key in policy.logs if _signature_of(key, note, head) is not None)
    logs = tuple(key for key in logs if key.name == head.origin)
    if not logs:
        raise NotTrusted(why=f"no known key of {head.origin} signed this head")
    cosigned: dict[str, int] = {}
    for name, key in policy.witnesses.items():
        time = _signature_of(key, note, head)
        if time and (now is None or time <= now + LATEST_AHEAD):
            cosigned[name] = time
    return Trusted(head, logs, cosigned, policy.met_by(cosigned))


def signed_by(note: Note, keys: Collection[VerifierKey]) -> bool:
    """True if a signature line says that it is of one of these keys; says nothing of its truth."""
    return any(key.made(line) for key in keys for line in note.signatures)


LATEST_AHEAD = 60
"""Seconds by which a witness's clock may be ahead."""


def _signature_of(key: VerifierKey, note: Note, head: Head) -> int | None:
    """The time of the key's signature (0 for a type without one), `None` where it has not signed.

    Raises `BadSignature`, also where two signatures of a key that says no time differ.
    """
    times = [key.verify(head, line) or 0 for line in note.signatures if key.made(line)]
    if len(times) > 1:
        raise BadSignature(why=f"{key.name} signed twice")
    return times[0] if times else None
