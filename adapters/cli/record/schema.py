"""The schemas of files and messages: `schema minutes`, `schema messages`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from adapters import bootstrap

schemas = typer.Typer(no_args_is_help=True, help="Print the schema of a file or a message.")


@schemas.command("minutes")
def minutes() -> None:
    """Print the JSON Schema of minutes files, for an editor."""
    from adapters.minutes.schema import minutes_schema  # noqa: PLC0415  (only here)

    sys.stdout.write(minutes_schema())


@schemas.command("messages")
def messages(
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="[TYPE]", help="One type, such as partnership.formed.v1, or a topic: matter.#"
        ),
    ] = None,
) -> None:
    """List the types of messages that are published; of one type print the JSON Schema."""
    from adapters.topics import check_topics, topic_matches  # noqa: PLC0415  (only here)

    published = bootstrap.message_schemas()
    if topic is not None and topic in published:
        sys.stdout.write(published[topic]())
        return
    if topic:
        check_topics([topic], [*published])
    for type_ in published:
        if topic is None or topic_matches(topic, type_):
            sys.stdout.write(f"{type_}\n")


@schemas.callback()
def schema() -> None:
    """Hold the schemas together."""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(schemas, name="schema")
