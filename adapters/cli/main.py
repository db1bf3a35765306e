"""`alliance`: the register on a command line, for clerks, auditors and programs."""

from __future__ import annotations

import sys

import typer

from adapters.cli import asking, errors, keeping, recording
from domain.kernel import Problem

app = typer.Typer(
    name="alliance",
    help="The register of the city's international partnerships: what was decided, by whom, "
    "on what grounds, and what stands.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 2 unreadable command, 3 refused by a rule, 4 contradicts the "
    "record or lost a race, 5 invalid input or settings, 6 not set up or not reachable.",
)

for part in (recording, asking, keeping):
    part.register(app)


def main() -> None:
    """Run the command line; a problem becomes a message and an exit code."""
    try:
        app()
    except Problem as problem:
        errors.report(problem, as_json=_wants_json(sys.argv))
        sys.exit(errors.exit_code(problem))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _wants_json(arguments: list[str]) -> bool:
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    return any(
        a in ("--format=json", "-fjson") or (a in ("--format", "-f") and value == "json")
        for a, value in pairs
    )


if __name__ == "__main__":
    main()
