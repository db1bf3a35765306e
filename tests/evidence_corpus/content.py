"""Forged content and forged trees: what is shown is not what was sealed."""

from __future__ import annotations

from adapters.evidence.entries import digest
from adapters.evidence.faults import (
    Altered,
    BadBundle,
    BrokenOrder,
)
from tests.evidence_corpus.case import Case, made_of, made_of_chosen
from tests.evidence_corpus.honest import (
    DESTROYED,
    b64,
    changed,
    part,
    renumbered,
    sealed_again,
    state,
    with_line,
)

SEALED_CONTENT = (
    Case(
        "state-byte",
        "a byte of a stored event differs",
        made_of(lambda m: with_line(m, 5, lambda x: x["data"].update(event=b64(b'{"number":6}')))),
        fault=Altered,
        why="entry 5: event is not what was sealed",
    ),
    Case(
        "event-left-out",
        "the data of one event is left out",
        made_of(lambda m: with_line(m, 5, lambda x: x["data"].pop("event"))),
        fault=Altered,
        why="entry 5: the event is left out",
    ),
    Case(
        "stream-event-missing",
        "of a chosen stream one event is not shown",
        made_of_chosen(lambda m: with_line(m, 4, lambda x: x["data"].clear())),
        fault=Altered,
        why="entry 4: the event is left out",
    ),
    Case(
        "part-changed",
        "a personal part differs",
        made_of(lambda m: with_line(m, 12, lambda x: x["data"].update(p1=b64(b"other")))),
        fault=Altered,
        why="entry 12: p1 is not what was sealed",
    ),
    Case(
        "part-left-out",
        "a personal part is missing that no event destroyed",
        made_of(lambda m: with_line(m, 12, lambda x: x["data"].pop("p1"))),
        fault=Altered,
        why="entry 12: a part is missing that no event destroyed",
    ),
    Case(
        "part-never-sealed",
        "a personal part is there that was never sealed",
        made_of(lambda m: with_line(m, 13, lambda x: x["data"].update(p1=b64(b"other")))),
        fault=Altered,
        why="entry 13: p1 was never sealed",
    ),
    Case(
        "destroyed-part-present",
        "a part is there that an event destroyed",
        made_of(lambda m: with_line(m, 7, lambda x: x["data"].update(p1=b64(part(7))))),
        fault=Altered,
        why="entry 7: a part is here that entry 15 destroyed",
    ),
    Case(
        "withheld-data-shown",
        "data of a stream that was not chosen is there",
        made_of_chosen(lambda m: with_line(m, 5, lambda x: x["data"].update(event=b64(state(5))))),
        fault=BadBundle,
        why="events.jsonl:5: data of a stream that was not chosen",
    ),
)

TREES = (
    Case(
        "topic-byte",
        "the topic of an entry differs",
        made_of(lambda m: sealed_again(m, changed(5, topic="u.v1"), sign=False)),
        fault=Altered,
        why="the entries do not give the root that was signed",
    ),
    Case(
        "version",
        "the version of an entry differs",
        made_of(lambda m: sealed_again(m, changed(5, ver=9), sign=False)),
        fault=BrokenOrder,
        why="entry 5: version 9 of toronto/partnership/lisbon follows 1",
    ),
    Case(
        "time",
        "the time of an entry lies before the one before",
        made_of(lambda m: sealed_again(m, changed(6, at=1001), sign=False)),
        fault=BrokenOrder,
        why="entry 6: its time is before that of entry 5",
    ),
    Case(
        "time-signed",
        "the same, signed by the log",
        made_of(lambda m: sealed_again(m, changed(8, at=5))),
        fault=BrokenOrder,
        why="entry 8: its time is before that of entry 7",
    ),
    Case(
        "last-row-deleted",
        "the last entry is gone, under the head that covers it",
        made_of(lambda m: sealed_again(m, lambda e: e[:-1], sign=False)),
        fault=BadBundle,
        why="tile/0/000.p/20 is missing",
    ),
    Case(
        "row-deleted",
        "an entry is gone and its number as well; signed by the log",
        made_of(lambda m: sealed_again(m, lambda e: [x for x in e if x.n != 5])),
        fault=BrokenOrder,
        why="entry 6 follows entry 4",
    ),
    Case(
        "row-deleted-renumbered",
        "an entry is gone and the others are counted anew; signed by the log",
        made_of(lambda m: sealed_again(m, lambda e: renumbered([x for x in e if x.n != 5]))),
        fault=BrokenOrder,
        why="entry 7: version 3 of toronto/partnership/lisbon follows 1",
    ),
    Case(
        "rows-swapped",
        "two entries have changed places; signed by the log",
        made_of(lambda m: sealed_again(m, lambda e: [*e[:9], e[10], e[9], *e[11:]])),
        fault=BrokenOrder,
        why="entry 11 follows entry 9",
    ),
    Case(
        "row-inserted",
        "an entry is invented and the others are counted anew; signed by the log",
        made_of(
            lambda m: sealed_again(
                m,
                lambda e: renumbered([*e[:5], e[4]._replace(stream="toronto/new", ver=1), *e[5:]]),
            )
        ),
        fault=BrokenOrder,
        why="entry 6: position 9 does not follow 9",
    ),
    Case(
        "first-version-missing",
        "a stream begins with its second version",
        made_of(lambda m: sealed_again(m, lambda e: renumbered(e[1:]))),
        fault=BrokenOrder,
        why="entry 3: version 2 of toronto/partnership/kiev follows 0",
    ),
    Case(
        "count-begins-at-two",
        "the first entry has the number 2",
        made_of(lambda m: sealed_again(m, lambda e: e[1:])),
        fault=BrokenOrder,
        why="entry 2 follows entry 0",
    ),
    Case(
        "redacts-event",
        "a destruction names an event",
        made_of(lambda m: sealed_again(m, changed(16, redacts=(digest(state(5)),)))),
        fault=BrokenOrder,
        why="entry 16 destroys what is not an earlier personal part",
    ),
    Case(
        "redacts-later-part",
        "a destruction names a part of a later entry",
        made_of(lambda m: sealed_again(m, changed(14, redacts=(digest(part(17)),)))),
        fault=BrokenOrder,
        why="entry 14 destroys what is not an earlier personal part",
    ),
    Case(
        "redacts-twice",
        "a part is destroyed by two entries",
        made_of(lambda m: sealed_again(m, changed(16, redacts=(digest(part(DESTROYED)),)))),
        fault=BrokenOrder,
        why="entry 16 destroys what entry 15 did",
    ),
    Case(
        "redacts-present",
        "a destruction names other parts than its event, one of them still there",
        made_of(lambda m: sealed_again(m, changed(15, redacts=(digest(part(12)),)))),
        fault=Altered,
        why="entry 15: it destroys other parts than its event says",
    ),
)
