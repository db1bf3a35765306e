from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.unit_of_work import UnitOfWork
from domain.proceedings.requested_reports import ReportGiven
from domain.shared.dates import When
from domain.shared.history import fold
from domain.shared.messages import Replacement, StreamId
from tests.support.memory_log import MemoryLog

STREAM = StreamId("duties")
OTHER = StreamId("matter/m1")
FIRST = date(2003, 2, 4)
Labels = tuple[str, ...]
Drawn = tuple[int, int, bool]
"""The day an event takes hold, how many days later that may be, and whether it is a correction."""


NONE: Labels = ()


def labels(state: Labels, event: ReportGiven) -> Labels:
    return (*state, event.document)


def events(drawn: Sequence[Drawn]) -> tuple[ReportGiven, ...]:
    made: list[ReportGiven] = []
    for number, (day, days, corrects) in enumerate(drawn, 1):
        first = FIRST + timedelta(days=day)
        when = When.parse(f"{first}/{first + timedelta(days=days)}" if days else str(first))
        replaces = Replacement(version=number - 1, reason="a slip") if corrects and made else None
        made.append(
            ReportGiven(
                request="r",
                document=f"d{number}",
                decided_on=when,
                effective_from=when,
                replaces=replaces,
            )
        )
    return tuple(made)


@given(
    drawn=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), st.booleans()), max_size=8),
    day=st.integers(0, 8),
)
def test_a_state_that_grows_is_what_folding_all_of_it_gives(drawn: list[Drawn], day: int) -> None:
    """Whatever the order of the days, and whatever is corrected between two looks."""
    work = UnitOfWork(MemoryLog())
    on = FIRST + timedelta(days=day)
    for event in events(drawn):
        work.write(STREAM, event)
        history = work.read(STREAM)
        assert work.state(STREAM, labels, NONE) == fold(labels, NONE, history.as_recorded())
        assert work.state_on(STREAM, on, labels, NONE) == fold(labels, NONE, history.on(on))


def test_a_draft_sees_what_it_adds_and_the_unit_of_work_does_not() -> None:
    work = UnitOfWork(MemoryLog())
    first, second = events(((0, 0, False), (1, 0, False)))
    work.write(STREAM, first)
    draft = work.draft()
    draft.write(STREAM, second)
    assert draft.state(STREAM, labels, NONE) == ("d1", "d2")
    assert [(p.stream, p.version) for p in draft.pending] == [(STREAM, 2)]
    assert work.state(STREAM, labels, NONE) == ("d1",)
    assert [(p.stream, p.version) for p in work.pending] == [(STREAM, 1)]


def test_what_a_draft_wrote_is_taken_over_behind_what_was_written_meanwhile() -> None:
    work = UnitOfWork(MemoryLog())
    first, second = events(((0, 0, False), (1, 0, False)))
    draft = work.draft()
    draft.write(STREAM, first, second)
    assert draft.state(STREAM, labels, NONE) == ("d1", "d2")
    work.write(OTHER, first)
    work.take_over(draft)
    written = [(p.stream, p.version) for p in work.pending]
    assert written == [(OTHER, 1), (STREAM, 1), (STREAM, 2)]
    assert work.state(STREAM, labels, NONE) == ("d1", "d2")


def test_a_draft_is_not_taken_over_into_a_stream_that_has_grown() -> None:
    work = UnitOfWork(MemoryLog())
    (first,) = events(((0, 0, False),))
    draft = work.draft()
    draft.write(STREAM, first)
    work.write(STREAM, first)
    with pytest.raises(ValueError, match="outside its draft"):
        work.take_over(draft)


def test_what_a_draft_reads_is_guarded_in_the_commit() -> None:
    work = UnitOfWork(MemoryLog())
    work.draft().read(STREAM)
    assert work.expect == {STREAM: 0}
