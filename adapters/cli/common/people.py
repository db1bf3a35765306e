"""Names of people in what commands print: the log keeps pseudonyms, the names stand beside it."""

from __future__ import annotations

import re
from collections.abc import Callable

from adapters.bootstrap import Register, names_of_people

_PSEUDONYM = re.compile(r"\bperson-[0-9a-f]{16}\b")


def naming(register: Register) -> Callable[[str], str]:
    """Return what writes a line with the names of who signs in, for the pseudonyms that have one.

    Those of programs (JSON, CSV) stay pseudonyms: an erased name is then in no copy.
    """
    known: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        pseudonym = found[0]
        if pseudonym not in known:
            known[pseudonym] = names_of_people(register, [pseudonym]).get(pseudonym, pseudonym)
        return known[pseudonym]

    return lambda line: _PSEUDONYM.sub(named, line)
