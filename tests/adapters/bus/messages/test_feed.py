"""The log as a reader of messages sees it, from wherever it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.bootstrap import open_register
from adapters.bus.messages.feed import Feed, start_of_commit
from tests.support.toronto import recorded_2001


@pytest.mark.slow
def test_a_message_is_the_same_wherever_in_the_record_reading_begins(tmp_path: Path) -> None:
    with open_register(recorded_2001(tmp_path)) as register:
        log = register.log
        every = list(Feed(log, "toronto").messages(0))
        commits = {0, *(log.position_at(message.recorded_at) for message in every)}
        for position in range(log.head() + 1):
            after = list(Feed(log, "toronto").messages(position))
            assert after == [message for message in every if message.position > position]
            start = max(commit for commit in commits if commit <= position)
            assert start_of_commit(log, position) == start
