"""Five hundred listeners to the feed while decisions are recorded: none misses one."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from adapters.bootstrap import open_register
from adapters.bus.messages.feed import Feed
from adapters.settings import Settings
from adapters.web.app import create_app
from tests.support.served import serving_app
from tests.support.street import RECORDS, Street

LISTENERS = 500
SECONDS = 90.0
ASKING = "GET /feed/events/stream?after={after} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
LETTER = """
meeting: {{ id: 2002-03-{n:02}-letters, on: 2002-03-{n:02} }}
items:
  - receive-request:
      request: letter-{n}
      place: UA-KIEV
      group: {{ name: Friends of Kiev, office: Chair }}
      asks: To be an International partner.
      changes_existing: true
"""
LETTERS = range(1, 11)


async def heard(port: int, after: int, until: int, ready: asyncio.Semaphore) -> list[int]:
    """The positions that one listener is told, up to one of them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(ASKING.format(after=after).encode())
    assert b" 200 " in await reader.readline()
    ready.release()
    positions: list[int] = []
    while not positions or positions[-1] < until:
        line = await reader.readline()
        assert line, "the stream ended"
        if line.startswith(b"id: "):
            positions.append(int(line[4:]))
    writer.close()
    return positions


async def all_heard(port: int, after: int, until: int, begun: threading.Event) -> list[list[int]]:
    ready = asyncio.Semaphore(0)
    listeners = [asyncio.create_task(heard(port, after, until, ready)) for _ in range(LISTENERS)]
    for _ in range(LISTENERS):
        await ready.acquire()
    begun.set()
    return await asyncio.gather(*listeners)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_five_hundred_listeners_miss_nothing_and_hear_it_in_order(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    street.done("record", RECORDS)
    after = street.head()
    for n in LETTERS:
        (tmp_path / f"{n}.yaml").write_text(LETTER.format(n=n))
    own = {
        name.removeprefix("ALLIANCE_").lower(): value for name, value in street.environment.items()
    }
    stop, begun = threading.Event(), threading.Event()

    def record() -> None:
        begun.wait(SECONDS)
        for n in LETTERS:
            street.done("record", tmp_path / f"{n}.yaml")
            time.sleep(0.05)

    with open_register(Settings.model_validate(own)) as register:
        feed = Feed(register.log, register.settings.register_id)
        app = create_app(feed, {}, stop, register)
        with serving_app(app, stop) as port:
            clerk = threading.Thread(target=record)
            clerk.start()
            # a letter is two entries, its command and what was received; the feed has the latter
            last = after + 2 * len(LETTERS)
            told = asyncio.run(asyncio.wait_for(all_heard(port, after, last, begun), SECONDS))
            clerk.join()
        published = [message.position for message in feed.messages(after)]
    assert len(published) == len(LETTERS)
    assert len(told) == LISTENERS
    assert {tuple(each) for each in told} == {tuple(published)}
