"""What is no text is refused before anything is stored, whichever road it comes by."""

from __future__ import annotations

import pytest

from application.command_bus import CommandBus, Envelope, NotText
from application.handlers.proceedings import HANDLERS
from application.unit_of_work import NameTooLong
from domain.proceedings.matter import OpenMatter
from domain.shared.dates import When
from tests.support.memory_log import MemoryLog, PlainKeys

DAY = When.parse("2002-02-13")


@pytest.mark.parametrize(
    ("title", "character"),
    [
        ("a\x00b", "U+0000"),
        ("\x1b[31mred", "U+001B"),
        ("\u202eevil", "U+202E"),
        ("\ud800", "U+D800"),
    ],
)
def test_a_control_character_is_named_and_nothing_is_stored(title: str, character: str) -> None:
    log = MemoryLog()
    command_bus = CommandBus(log, PlainKeys(), HANDLERS)
    command = OpenMatter(on=DAY, matter="m", title="x").model_copy(update={"title": title})
    with pytest.raises(NotText) as refused:
        command_bus.handle(Envelope("meeting/open-matter/m", command, "a clerk"))
    assert refused.value.details == {"character": character}
    assert refused.value.of_item == "meeting/open-matter/m"
    assert log.head() == 0


def test_a_name_that_no_index_keeps_is_refused() -> None:
    log = MemoryLog()
    command = OpenMatter(on=DAY, matter="m", title="x")
    with pytest.raises(NameTooLong) as refused:
        CommandBus(log, PlainKeys(), HANDLERS).handle(Envelope("x" * 600, command, "a clerk"))
    assert refused.value.details["most"] == 500
    assert log.head() == 0
