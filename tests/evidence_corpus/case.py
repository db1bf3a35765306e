"""A case of the corpus: a bundle, its policy, and the answer of a verifier."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from adapters.evidence.faults import (
    EvidenceFault,
)
from tests.evidence_corpus.honest import (
    Members,
    archived,
    chosen,
    whole,
)


class Case(NamedTuple):
    """A bundle with its policy, and how a verifier answers: a fault and why, or none."""

    name: str
    says: str
    make: Callable[[], bytes]
    policy: str = "log"
    fault: type[EvidenceFault] | None = None
    why: str = ""


def made_of(change: Callable[[Members], object]) -> Callable[[], bytes]:
    def make() -> bytes:
        members = whole()
        change(members)
        return archived(members)

    return make


def bent(bend: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    return lambda: bend(archived(whole()))


def made_of_chosen(change: Callable[[Members], object]) -> Callable[[], bytes]:
    def make() -> bytes:
        members = chosen()
        change(members)
        return archived(members)

    return make


def put(**held: bytes) -> Callable[[Members], object]:
    return lambda m: m.update({name.replace("__", "/"): value for name, value in held.items()})


def replaced(member: str, old: bytes, new: bytes) -> Callable[[Members], object]:
    def change(members: Members) -> None:
        assert old in members[member], (member, old)
        members[member] = members[member].replace(old, new, 1)

    return change
