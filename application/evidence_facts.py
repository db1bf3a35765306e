"""Facts about a register's evidence, in the log's own stream: each is told once."""

from __future__ import annotations

from application.ports import Log, Pending, Stale
from domain.shared.log_facts import LOG, EvidenceBegunAnew, EvidenceKeysRotated


def tell(log: Log, fact: EvidenceKeysRotated | EvidenceBegunAnew) -> None:
    """Record a fact, unless the last one of its kind says the same."""
    while True:
        entries = log.read(LOG)[LOG]
        alike = [entry.event for entry in entries if type(entry.event) is type(fact)]
        if alike and _what(alike[-1]) == _what(fact):
            return
        version = entries[-1].version if entries else 0
        try:
            log.append([Pending(LOG, version + 1, fact)], {LOG: version})
        except Stale:
            continue
        return


def _what(fact: object) -> object:
    match fact:
        case EvidenceKeysRotated():
            return fact.new
        case EvidenceBegunAnew():
            return fact.origin
        case _:
            return fact
