"""The corpus: honest bundles, and forgeries with the reason and the exit of each."""

from __future__ import annotations

from tests.evidence_corpus.archives import ARCHIVES, LINES
from tests.evidence_corpus.case import Case, made_of
from tests.evidence_corpus.content import SEALED_CONTENT, TREES
from tests.evidence_corpus.entries import ENTRIES
from tests.evidence_corpus.heads import HEADS, POLICY, WITNESSES
from tests.evidence_corpus.honest import (
    NOW,
    SECOND,
    WITNESS,
    archived,
    chosen,
    cosigned,
    whole,
)

HONEST = (
    Case("whole", "every stream of 20 entries", lambda: archived(whole())),
    Case("chosen", "one stream of three", lambda: archived(chosen())),
    Case(
        "cosigned", "a witness cosigned", made_of(lambda m: cosigned(m, NOW, WITNESS)), "witnessed"
    ),
    Case(
        "cosigned-twice",
        "two witnesses cosigned",
        made_of(lambda m: cosigned(m, NOW, WITNESS, SECOND)),
        "two-of-two",
    ),
    Case(
        "unknown-signature",
        "a signature of a key that nobody knows says nothing",
        made_of(lambda m: cosigned(m, NOW, SECOND)),
    ),
)

FORGERIES = (
    *SEALED_CONTENT,
    *TREES,
    *ENTRIES,
    *HEADS,
    *WITNESSES,
    *POLICY,
    *ARCHIVES,
    *LINES,
)
