"""`alliance`: the register on a command line, for clerks, auditors and programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from io import TextIOWrapper

import typer

from adapters.cli.common.lazy_commands import Table, lazily
from domain.shared.text import unreadable

COMMANDS: Mapping[str, Table] = {
    "Recording": {
        "adapters.cli.maintain.setup": {
            "setup": "Create a register, or what is missing of one: log, read models and key.",
        },
        "adapters.cli.record.record": {
            "record": "Record minutes: each file whole or not at all.",
        },
        "adapters.cli.record.documents": {
            "attach": "Attach the original of a paper, by its digest.",
        },
        "adapters.cli.record.correct": {
            "correct": "Correct an entry of the log by a new one.",
        },
        "adapters.cli.record.new": {
            "new": "Print a minutes file to fill in: of a city, or of one kind of item.",
        },
        "adapters.cli.record.schema": {
            "schema": "Print the schema of a minutes file, or of a type of message.",
        },
    },
    "What stands": {
        "adapters.cli.ask.list_and_show": {
            "list": "List what stands on a day (default: today, as known now).",
            "show": "Show one thing whole: a partnership, a matter, a mission.",
        },
        "adapters.cli.ask.policy": {
            "policy": "Show the policy or one provision of it; compare two states of it.",
        },
        "adapters.cli.ask.plan": {
            "plan": "Show a year's plan against the limits in force.",
        },
        "adapters.cli.ask.requests": {
            "requests": "List requests for a relationship, and how far each is.",
        },
        "adapters.cli.ask.due": {
            "due": "List what is late or due, the year's letters included.",
        },
        "adapters.cli.ask.missions": {
            "missions": "List missions, outbound and inbound, and how far each is.",
            "mission": "Show one mission with what the rules said to each step.",
        },
        "adapters.cli.ask.deadlines": {
            "deadlines": "List what is due, overdue, and owed with no date stated.",
        },
        "adapters.cli.ask.export": {
            "export": "Write what stands on a day to a file: CSV, JSON Lines, Akoma Ntoso.",
        },
    },
    "Why, and what was known": {
        "adapters.cli.explain.why": {
            "why": "Explain a fact: every event from which it follows, in order of days.",
        },
        "adapters.cli.explain.compare": {
            "compare": "Compare the register on two days, or as known at two times.",
        },
        "adapters.cli.explain.log": {
            "log": "Print the log, or the tree of what led to one event and what came of it.",
        },
        "adapters.cli.explain.replay": {
            "replay": "Fold the log up to a position or time, and print the state it comes to.",
        },
        "adapters.cli.maintain.verify": {
            "verify": "Prove that read models say what the log says, the log what a backup says.",
        },
    },
    "Proving it": {
        "adapters.cli.prove.seal": {
            "seal": "Seal what is recorded into a Merkle tree, and sign its head.",
        },
        "adapters.cli.prove.evidence": {
            "evidence": "Print heads, keys and proofs; write and verify bundles.",
        },
        "adapters.cli.prove.witness": {
            "witness": "Cosign the heads of other registers.",
        },
    },
    "Passing it on": {
        "adapters.cli.publish.relay": {
            "relay": "Publish recorded events on the bus until stopped.",
        },
        "adapters.cli.publish.subscribe": {
            "subscribe": "Receive events until stopped, each once and in order.",
        },
        "adapters.cli.publish.subscribers": {
            "subscribers": "List subscribers; add, reconcile, detach; parked events, dead letters.",
        },
        "adapters.cli.publish.feed": {
            "feed": "Write events as JSON Lines, straight from the log.",
        },
        "adapters.cli.publish.serve": {
            "serve": "Serve the feed on this machine: pages, server-sent events, schemas.",
        },
        "adapters.cli.publish.up": {
            "up": "Serve, relay and follow as one group; what dies is started again.",
        },
        "adapters.cli.publish.bus": {
            "bus": "Remove what `setup` declared on the bus.",
        },
        "adapters.cli.publish.webhooks": {
            "webhooks": "Post signed events to addresses: add, list, run, replay, remove.",
        },
    },
    "Keeping the register": {
        "adapters.cli.maintain.status": {
            "status": "Say where the log ends and how far each read model has read.",
        },
        "adapters.cli.maintain.registers": {
            "registers": "List the registers of a log: entries, size, and who is behind.",
        },
        "adapters.cli.maintain.config": {
            "config": "Show and check the settings.",
        },
        "adapters.cli.maintain.backup": {
            "backup": "Back the log up into one file, while others go on writing.",
            "restore": "Make an empty log what a backup holds, in a new epoch.",
        },
        "adapters.cli.maintain.destroy": {
            "destroy": "Destroy the personal values of one subject, by a decision.",
        },
        "adapters.cli.maintain.read_models": {
            "rebuild": "Build read models anew from the log.",
        },
    },
}
"""Every command, under its heading in the help, and the module it is in. Only the module of the
command that is called is loaded, so that help comes at once; whoever adds a command adds its line
here."""

app = typer.Typer(
    name="alliance",
    cls=lazily(COMMANDS),
    help="The register of the city's international partnerships: what was decided, by whom, "
    "on what grounds, and what stands.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 a fault of the program, 2 unreadable command, 3 refused by a "
    "rule, 4 contradicts the record or lost a race, 5 invalid input or settings, 6 not set up or "
    "not reachable, 7 stored, but what follows is not done.",
)


@app.callback()
def alliance() -> None:
    """Hold the commands together."""


def main() -> None:
    """Run the command line; a problem becomes a message and an exit code."""
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Whatever the locale: names have accents, and those of files may be no text.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if any(unreadable(argument) for argument in sys.argv[1:]):
        sys.stderr.write("An argument has a character that is not allowed.\n")
        sys.exit(2)
    # Pydantic looks through every package installed for its plug-ins; the register has none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        _run()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        from adapters.cli.common import errors  # noqa: PLC0415  (only where something went wrong)

        problem = errors.problem(error)
        if problem is None:
            raise
        errors.report(problem, as_json=_wants_json(sys.argv))
        sys.exit(errors.exit_code(problem))


def _open_streams() -> None:
    """Give a program that was started without standard streams the null device for them.

    A database file would be opened in their place, and what is printed would be written into it.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, closefd=False))


PAGED = frozenset(
    ("list", "show", "policy", "plan", "requests", "due", "missions", "mission", "deadlines")
) | {"why", "compare", "log"}
"""Commands whose answer is shown in a pager where it is longer than the screen."""


def _call() -> None:
    if sys.argv[1:2] and sys.argv[1] in PAGED and "--follow" not in sys.argv:
        from adapters.cli.common.pager import paged  # noqa: PLC0415  (only for what is read)

        with paged():
            app()
    else:
        app()


def _run() -> None:
    """Call the command, and see that what it wrote has left us: the last of it may not fit."""
    try:
        _call()
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):
            raise ended.__context__ from None  # Typer ends with 1 where a reader has had enough
        raise
    finally:
        try:
            sys.stdout.flush()
        except OSError as error:
            with suppress(OSError):
                sys.stdout.close()  # or the interpreter tries once more, and complains
            if not isinstance(error, BrokenPipeError):  # else the command ends as it did
                raise


def _wants_json(arguments: list[str]) -> bool:
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    return any(
        a in ("--format=json", "-fjson") or (a in ("--format", "-f") and value == "json")
        for a, value in pairs
    )


if __name__ == "__main__":
    main()
