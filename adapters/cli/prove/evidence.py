"""`evidence`: heads, keys, proofs, bundles, and their verification."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from adapters import bootstrap, bootstrap_evidence, settings
from adapters.cli.common.number_options import number
from adapters.cli.common.output import Format, FormatOption, console, number_of, show
from adapters.cli.prove.questions import answer, of_this_register, read_question
from adapters.cli.prove.watch import watch
from adapters.queries.entries import stream_recorded
from adapters.queries.moment import Moment
from adapters.queries.named.bodies import today

PolicyOption = Annotated[
    Path,
    typer.Option(
        "--policy", help="Whom you trust: a file with lines log, witness, group and quorum."
    ),
]

evidence = typer.Typer(no_args_is_help=True)


@evidence.command()
def head() -> None:
    """Print the last signed head."""
    with bootstrap_evidence.open_tree() as tree:
        typer.echo(str(tree.note()), nl=False)


@evidence.command()
def key() -> None:
    """Print the keys by which others verify, and a policy that trusts them."""
    chosen = settings.load()
    with bootstrap_evidence.open_tree(chosen) as tree:
        for signing in bootstrap_evidence.signing_keys(chosen, tree):
            typer.echo(f"log {signing.verifier}")
    typer.echo("quorum none")


@evidence.command()
def proof(
    position: Annotated[
        int, typer.Argument(parser=number(1), metavar="POSITION", help="As `alliance log` says it.")
    ],
) -> None:
    """Print the proof that the event at a position is under the last head (a .tlog-proof)."""
    with bootstrap_evidence.open_tree() as tree:
        typer.echo(str(tree.proof(position)), nl=False)


@evidence.command()
def consistency(
    old: Annotated[
        int, typer.Argument(parser=number(), metavar="SIZE", help="The size of an earlier head.")
    ],
) -> None:
    """Print the proof that the last head continues an earlier one: what a witness is sent."""
    with bootstrap_evidence.open_tree() as tree:
        typer.echo(str(tree.consistency(old)), nl=False)


@evidence.command()
def bundle(
    target: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    stream: Annotated[
        list[str] | None,
        typer.Option(
            "--stream",
            help="Only this stream's data, such as partnership/UA-KIEV. Repeat for several.",
        ),
    ] = None,
) -> None:
    """Write what an auditor verifies elsewhere: the tree, its heads, and the events."""
    streams = None if stream is None else _recorded(stream)
    with bootstrap_evidence.open_tree() as tree:
        chosen = None if streams is None else [tree.stored_name(each) for each in streams]
        made = tree.bundle(target, chosen, bootstrap_evidence.readers_of_a_bundle())
    entries = number_of(made.size, "event", "events")
    shown = f"; of them only those of {', '.join(streams)} are shown" if streams else ""
    console().print(f"{target}: {entries} under {made.origin}, root {made.root.hex()}{shown}.")


def _recorded(named: Sequence[str]) -> list[str]:
    with bootstrap.open_register() as register:
        at = Moment(today(register), None)
        return [stream_recorded(register, each, at) for each in named]


@evidence.command()
def verify(
    source: Annotated[
        str,
        typer.Argument(
            help="A bundle; with --page also a folder or address of tiles, or a signed head."
        ),
    ],
    policy: PolicyOption,
    page: Annotated[
        Path | None,
        typer.Option("--page", help="An export or a page: whether the head it cites is proven."),
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Verify a bundle; needs neither the register nor a network.

    With --page verify that a file was made of the history that SOURCE proves: exports and pages
    cite position, n and root in a line that begins with Evidence.

    Exit codes: 0 verified, 2 the policy cannot be used, 4 the bundle or page contradicts the proof,
    5 it cannot be read.
    """
    if page is not None:
        _verify_page(page, source, policy, form)
        return
    found = bootstrap_evidence.verify_evidence(Path(source), policy)
    row = {
        "origin": found.head.origin,
        "events": found.head.size,
        "root": found.head.root.hex(),
        "witnesses": sorted(found.cosigned),
        "heads": found.heads,
        "disclosed": found.disclosed,
        "withheld": found.withheld,
        "personal_parts": found.parts,
        "destroyed_parts": found.destroyed.total(),
        "destroyed_by": sorted(found.destroyed),
        "destructions": [each._asdict() for each in found.destructions],
    }
    if form is not Format.TABLE:
        show([row], {}, form)
        return
    say = console().print
    say(f"Verified: {number_of(found.head.size, 'event', 'events')} under {found.head.origin}.")
    say(f"  root: {row['root']}")
    say(
        f"  cosigned by: {', '.join(sorted(found.cosigned)) or 'nobody (the policy asks for none)'}"
    )
    say(f"  events shown: {found.disclosed}; withheld, of other streams: {found.withheld}")
    say(f"  personal parts shown: {found.parts}")
    subjects: dict[str, set[str]] = {}
    for each in found.destructions:
        subjects.setdefault(each.decision, set()).add(each.subject)
    for decision, who in sorted(subjects.items()):
        parts = sum(each.parts for each in found.destructions if each.decision == decision)
        say(
            f"  destroyed lawfully by {decision}: {number_of(parts, 'part')} of "
            f"{number_of(len(who), 'subject')}"
        )


@evidence.command()
def rotate(
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")] = "keys were renewed",
) -> None:
    """Replace the keys that sign heads: an event, one head signed by both, then the new alone.

    Hand the new keys (alliance evidence key) to auditors and witnesses, beside the old ones. Called
    again, it finishes what was cut short.
    """
    head = bootstrap_evidence.rotate_keys(settings.load(), reason)
    entries = number_of(head.size, "event", "events")
    console().print(
        f"Old and new keys signed the head of {entries}; the new ones sign alone from here on. "
        "alliance evidence key prints them."
    )


@evidence.command()
def anew(
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")] = "a backup was restored",
) -> None:
    """Begin a new tree after a restore that lost sealed events, under the next origin.

    The event that tells of it carries the last head of the old tree. Auditors and witnesses need
    the new keys (alliance evidence key). Refused where the log has every sealed event, and where
    no restore explains what differs. Called again, it finishes what was cut short.
    """
    head = bootstrap_evidence.begin_evidence_anew(settings.load(), reason)
    entries = number_of(head.size, "event", "events")
    console().print(f"{entries} sealed under {head.origin}, root {head.root.hex()}.")


def _verify_page(page: Path, source: str, policy: Path, form: Format) -> None:
    proven = bootstrap_evidence.verify_page(page, source, policy)
    if form is not Format.TABLE:
        rows = [
            {
                "page": str(page),
                "origin": each.cited.origin,
                "position": each.cited.position,
                "n": each.cited.size,
                "root": each.cited.root.hex(),
                "head": each.head.size,
                "unsealed": each.unsealed,
            }
            for each in proven
        ]
        show(rows, {}, form)
        return
    for each in proven:
        cited = each.cited
        console().print(
            f"{page}: position {cited.position}, n {cited.size} is on the line of "
            f"{number_of(each.head.size, 'entry', 'entries')} under {cited.origin}."
        )
        if each.unsealed:
            events = number_of(each.unsealed, "event")
            console().print(f"  {events} up to this position had not been sealed yet.")
        if each.unsealed is None:
            console().print("  The position is not proven: a head alone has no entries.")


@evidence.command("open")
def open_bundle(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="A bundle of every stream.")],
    policy: PolicyOption,
    question: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[-- QUESTION…]",
            help="A command that asks: `-- list partnerships`; `-- serve` for pages.",
        ),
    ] = None,
) -> None:
    """Verify a bundle and answer from its events alone: no register, no network.

    Without a question, lines of standard input are questions, until it ends. Nothing is recorded,
    and what was made for the answers is removed at the end.

    Exit codes: 2, 4 and 5 as of `evidence verify`; 5 also for a bundle of chosen streams. Where
    the bundle is proven, that of the question: of several, the last that is not 0.
    """
    asked = read_question(question) if question else ()
    with bootstrap.open_bundle(source, policy) as (found, opened):
        entries = number_of(found.head.size, "event", "events")
        typer.echo(
            f"Verified: {entries} under {found.head.origin}, root {found.head.root.hex()}. "
            "Answers come from them alone.",
            err=True,
        )
        with of_this_register(opened):
            code = answer(context.find_root().command, asked)
    raise typer.Exit(code)


@evidence.command("export-tiles")
def export_tiles(
    folder: Annotated[Path, typer.Argument(help="The folder; it may hold an earlier copy.")],
) -> None:
    """Copy the tree into a folder that any web server can serve (C2SP tlog-tiles)."""
    with bootstrap_evidence.open_tree() as tree:
        made = tree.export(folder)
    console().print(f"{folder}: the tree of {number_of(made.size, 'event', 'events')}.")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    evidence.command()(watch)
    app.add_typer(evidence, name="evidence", help="Heads, proofs and bundles of sealed events.")
