"""A redline: whole words, both texts in it, and the same every time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.queries.policy.redline import Change, Segment, marked_text, redline, texts_differ

WORDS = st.lists(
    st.sampled_from(["the", "Mayor", "Council", "selects", "city-to-city", ".", " ", "\n", "é"])
).map(" ".join)


def test_words_are_replaced_whole() -> None:
    assert redline("The Mayor selects the delegation.", "The Council approves the delegation.") == (
        Segment(change=Change.KEPT, text="The "),
        Segment(change=Change.DELETED, text="Mayor selects"),
        Segment(change=Change.INSERTED, text="Council approves"),
        Segment(change=Change.KEPT, text=" the delegation."),
    )


def test_what_merely_coincides_is_taken_as_replaced() -> None:
    found = redline("selected by the Mayor of the City", "approved in a meeting of Council")
    assert [segment.change for segment in found] == [Change.DELETED, Change.INSERTED]


def test_changes_are_marked_for_pipes() -> None:
    assert marked_text(redline("two Councillors go", "three Councillors go")) == (
        "[-two-]{+three+} Councillors go"
    )


@given(WORDS, WORDS)
def test_both_texts_can_be_read_from_it(before: str, after: str) -> None:
    found = redline(before, after)
    assert "".join(s.text for s in found if s.change is not Change.INSERTED) == before
    assert "".join(s.text for s in found if s.change is not Change.DELETED) == after
    assert texts_differ(found) == (before != after)
    assert found == redline(before, after)


def test_a_long_text_takes_no_time_out() -> None:
    before = " ".join(f"word{n % 700}" for n in range(5_000))
    after = before.replace("word13 ", "other ").replace("word500", "")
    found = redline(before, after)
    assert "".join(s.text for s in found if s.change is not Change.DELETED) == after
