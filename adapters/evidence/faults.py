"""Every exception of evidence, a class each: its name for programs, and its exit code."""

from __future__ import annotations

from typing import ClassVar

from domain.shared.problems import Problem

UNUSABLE, CONTRADICTED, UNREADABLE = 2, 4, 5
"""Exit codes: a policy or key file that cannot be used; what contradicts the proof; what cannot be
read."""


class EvidenceFault(Problem):
    """Evidence is not what it must be. `why` says where and why."""

    fault: ClassVar[str]
    exit_code: ClassVar[int]
    why: str

    def __str__(self) -> str:
        return self.why


class BadNote(EvidenceFault):
    """A note, key or head is not written as its format says."""

    fault, exit_code = "note-malformed", UNREADABLE


class BadProof(EvidenceFault):
    """A proof or a request to a witness is not written as its format says."""

    fault, exit_code = "proof-malformed", UNREADABLE


class BadTile(EvidenceFault):
    """A tile or bundle is missing, has another length than it must, or holds other bytes."""

    fault, exit_code = "tile-broken", UNREADABLE


class BadSignature(EvidenceFault):
    """A signature of a known key does not fit the head."""

    fault, exit_code = "signature-wrong", CONTRADICTED


class NotTrusted(EvidenceFault):
    """No log that the policy names signed the head, or too few witnesses did."""

    fault, exit_code = "head-not-trusted", CONTRADICTED


class NotProven(EvidenceFault):
    """A proof does not bind what it is said to bind."""

    fault, exit_code = "proof-wrong", CONTRADICTED


class BadPolicy(EvidenceFault):
    """A line of a policy file is not as tlog-policy says."""

    fault, exit_code = "policy-unusable", UNUSABLE


class BadKeyFile(EvidenceFault):
    """A file of private keys is missing, readable by others, or not written as it must be."""

    fault, exit_code = "keys-unusable", UNUSABLE


class BadEntry(EvidenceFault):
    """An entry is not written exactly as entries are."""

    fault, exit_code = "entry-malformed", UNREADABLE


class BrokenOrder(EvidenceFault):
    """Entries do not follow one another: a count, position, time or version is wrong."""

    fault, exit_code = "order-broken", CONTRADICTED


class NotAnExtension(EvidenceFault):
    """The new head does not continue the last one that was signed."""

    fault, exit_code = "not-an-extension", CONTRADICTED


class BadBundle(EvidenceFault):
    """This cannot be read as a bundle: a zip archive with a bundle's members, and no more."""

    fault, exit_code = "bundle-malformed", UNREADABLE


class BadPage(EvidenceFault):
    """A file cites no head, or one later than the signed head that it is compared with."""

    fault, exit_code = "page-malformed", UNREADABLE


class NotWhole(EvidenceFault):
    """The bundle verifies, but shows only some streams: questions are answered from all of them."""

    fault, exit_code = "bundle-not-whole", UNREADABLE


class Altered(EvidenceFault):
    """The content of the bundle is not what was sealed."""

    fault, exit_code = "altered", CONTRADICTED


class NotSealed(EvidenceFault):
    """The event is under no head yet; run `alliance seal --once`."""

    fault, exit_code = "not-sealed", UNREADABLE


class NoOrigin(EvidenceFault):
    """The evidence has no name: set `ALLIANCE_ORIGIN`, such as register.example.org/toronto."""

    fault, exit_code = "no-origin", UNUSABLE
