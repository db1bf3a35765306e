"""`alliance`: the register on a command line, for clerks, auditors and programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from io import TextIOWrapper

import typer

from adapters.cli.lazily import Table, lazily
from domain.text import unreadable

COMMANDS: Mapping[str, Table] = {
    "Recording": {
        "adapters.cli.recording": {
            "setup": "Create what the register is kept in: the log, read models and a key.",
            "record": "Record minutes: each file whole or not at all.",
        },
        "adapters.cli.correcting": {
            "correct": "Correct an entry of the log by a new one.",
        },
        "adapters.cli.schemas": {
            "schema": "Print the schema of a file, for an editor.",
        },
    },
    "What stands": {
        "adapters.cli.asking": {
            "list": "List what stands, on a day, as then known.",
            "show": "Show one partnership, matter or discrepancy, whole.",
        },
        "adapters.cli.policy": {
            "policy": "Show the policy or one provision of it; compare two states of it.",
        },
        "adapters.cli.year": {
            "plan": "Show a year's plan against the limits in force.",
            "requests": "List requests for a relationship, and how far each is.",
            "due": "List what is late or due, the year's letters included.",
        },
        "adapters.cli.missions": {
            "missions": "List missions, outbound and inbound, and how far each is.",
            "mission": "Show one mission with what the rules said to each step.",
        },
        "adapters.cli.owing": {
            "deadlines": "List what is due, overdue, and owed with no date stated.",
        },
        "adapters.cli.exporting": {
            "export": "Write what stands on a day to a file: CSV, JSON Lines, Akoma Ntoso.",
        },
    },
    "Why, and what was known": {
        "adapters.cli.reasons": {
            "why": "Explain a fact: who decided it, on what papers, and who recorded it.",
        },
        "adapters.cli.comparing": {
            "compare": "Compare the register on two days, or as known at two times.",
        },
        "adapters.cli.logbook": {
            "log": "Print the log, or the tree of what led to one event and what came of it.",
        },
        "adapters.cli.replaying": {
            "replay": "Fold the log up to a position or time, and print the state it comes to.",
        },
        "adapters.cli.keeping_views": {
            "verify": "Prove that read models say what the log says, and put them right from it.",
        },
    },
    "Passing it on": {
        "adapters.cli.bus": {
            "relay": "Publish what is recorded, until stopped.",
            "subscribe": "Receive events until stopped: each once, in order.",
            "subscribers": "List subscribers; add, reconcile, detach, replay what was set aside.",
            "feed": "Write events as JSON Lines, straight from the log.",
        },
        "adapters.cli.serving": {
            "serve": "Serve the feed on this machine: pages, server-sent events, schemas.",
        },
        "adapters.cli.hooks": {
            "webhooks": "Send signed events to addresses: add, list, run, replay, remove.",
        },
    },
    "Keeping the register": {
        "adapters.cli.keeping": {
            "status": "Say where the log ends and how far each read model has read.",
        },
        "adapters.cli.configuring": {
            "config": "Show and check the settings.",
        },
        "adapters.cli.backing_up": {
            "backup": "Back the log up into one file, while others go on writing.",
            "restore": "Make an empty log what a backup holds, in a new epoch.",
        },
        "adapters.cli.keeping_views": {
            "rebuild": "Build read models anew from the log.",
            "views": "Versions of read models: build, compare, switch, switch back, drop.",
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
    "not reachable.",
)


@app.callback()
def alliance() -> None:
    """Hold the commands together."""


def main() -> None:
    """Run the command line; a problem becomes a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # whatever the locale: names have accents
    if any(unreadable(argument) for argument in sys.argv[1:]):
        sys.stderr.write("An argument has a character that is no text.\n")
        sys.exit(2)
    # Pydantic looks through every package installed for its plug-ins; the register has none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        _run()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        from adapters.cli import errors  # noqa: PLC0415  (only where something went wrong)

        problem = errors.problem(error)
        if problem is None:
            raise
        errors.report(problem, as_json=_wants_json(sys.argv))
        sys.exit(errors.exit_code(problem))


def _run() -> None:
    """Call the command, and see that what it wrote has left us: the last of it may not fit."""
    try:
        app()
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
