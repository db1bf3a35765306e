"""Processes for races and kills: forked from a server that has imported the code once.

A spawned process imports everything anew, which takes it longer than the race.
"""

from __future__ import annotations

from multiprocessing import get_context

FORKED = get_context("forkserver")
FORKED.set_forkserver_preload(
    [
        *("adapters.bootstrap", "adapters.store.event_log.open_log", "application.handlers.table"),
        *(
            "tests.drills.bus_processes",
            "tests.drills.test_last_place",
            "tests.drills.test_race",
            "tests.support.log_racing",
        ),
    ]
)
