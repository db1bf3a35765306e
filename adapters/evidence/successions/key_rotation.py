"""New keys for a tree: an event names them, one head is signed by old and new, then the new alone.

Asked again, a rotation that was cut short is finished with the keys that it had made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from adapters.evidence.faults import BadKeyFile
from adapters.evidence.key_files import make_keys, read_keys
from adapters.evidence.register_tree import RegisterTree
from adapters.evidence.sealer import alone_with_head
from adapters.evidence.signed_notes import Head, KeyType, VerifierKey

KINDS = (KeyType.ED25519, KeyType.ML_DSA_44)
Told = Callable[[Sequence[VerifierKey], Sequence[VerifierKey]], object]
"""Records that old keys are followed by new ones; the same keys are told once."""


def next_keys(path: Path) -> Path:
    """The file of keys that are made and do not sign alone yet."""
    return path.with_name(f"{path.name}.next")


def rotate_keys(
    tree: RegisterTree, path: Path, outside: Path, now: Callable[[], int], told: Told, *, hold: bool
) -> Head:
    """Give a tree new keys, and return the head that both sign.

    `path` is the file of the keys that sign, `outside` that of the last head. The old private keys
    are gone at the end. Raises `NotSealed` before the first head, and `BadKeyFile`.
    """
    tree.note()
    with alone_with_head(outside):  # a second rotation finds the new keys, and follows them
        old, fresh = read_keys(path), next_keys(path)
        new = read_keys(fresh) if fresh.exists() else make_keys(fresh, tree.origin, KINDS)
        for file, keys in ((path, old), (fresh, new)):
            if others := [key.verifier.name for key in keys if key.verifier.name != tree.origin]:
                raise BadKeyFile(why=f"{file} has keys of {others[0]}, and not of {tree.origin}")
        told([key.verifier for key in old], [key.verifier for key in new])
        both = tree.sealer((*old, *new), outside, now, hold=hold)
        return both.sign_again(lambda: fresh.replace(path))
