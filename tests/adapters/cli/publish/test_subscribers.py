"""Subscribers that are programs of their own, as the command line registers and leaves them."""

from __future__ import annotations

from tests.support.street import Street


def test_a_subscriber_is_added_with_its_queue_and_takes_no_event(toronto: Street) -> None:
    asked = ("subscribers", "add", "books", "--topic", "partnership.#", "--from", "5")

    said = toronto.done(*asked)

    assert said == "The queue of subscriber books is alliance.toronto.for.books.\n"
    assert toronto.done(*asked) == said
    (row,) = toronto.rows("subscribers")
    assert (row["name"], row["topics"], row["position"]) == ("books", ["partnership.#"], 5)
    assert (row["attached"], row["handled"]) == (False, 0)
    toronto.done("subscribers", "detach", "books")


def test_who_is_not_known_is_not_detached_and_those_who_are_are_named(toronto: Street) -> None:
    toronto.done("subscribers", "add", "books")

    ran = toronto.run("subscribers", "detach", "boks")

    assert ran.code == 5
    assert "known: books" in ran.err
    toronto.done("subscribers", "detach", "books")
