"""Provisions of the policy: `list provisions`, `policy [PROVISION]`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any

import typer

from adapters.bootstrap import Register, open_register
from adapters.cli.moments import AsOf, KnownAt, NothingRecorded, moment, uncertain
from adapters.cli.output import Format, FormatOption, console, show, tell
from adapters.moments import Moment
from projections.policy_text import POLICY_TEXT, PROPOSALS, Proposal, Provision
from projections.timeline import Held


def list_provisions(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List the provisions in force, or what was proposed before any were."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        rows = provisions(register, at)
        show(rows, {"address": "provision", "version": "version", "heading": "heading"}, form)
        if form is Format.TABLE:
            uncertain(rows, at)
            if not rows:
                only_proposed(register, at)


def provisions(register: Register, at: Moment) -> list[dict[str, Any]]:
    """Every provision in force, as flat rows."""
    held = register.reader(POLICY_TEXT).every(at.on, at.known, {"in_force": True})
    return [_row(h) for h in held]


def only_proposed(register: Register, at: Moment) -> None:
    """Say that nothing is in force, and what was proposed by then."""
    proposed = sorted({h.state.address for h in proposals(register, at)})
    said = ", ".join(proposed) if proposed else "nothing either"
    console().print(f"Nothing is in force on {at.on}; proposed: {said}.")


def proposals(register: Register, at: Moment) -> Iterable[Held[Proposal]]:
    """What every matter proposed for every provision."""
    return register.reader(PROPOSALS).every(at.on, at.known)


def text(
    provision: Annotated[
        str | None, typer.Argument(help="Its address, such as outbound/2; all unless said.")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show the policy in force, or one provision with how it came to say what it says."""
    if provision is None:
        if form is Format.TABLE:
            _whole(as_of, known_at)
        else:
            list_provisions(as_of, known_at, form)
        return
    with open_register() as register:
        at = moment(register, as_of, known_at)
        held = list(register.reader(POLICY_TEXT).every(at.on, at.known, {"address": provision}))
        every = (h.state for h in proposals(register, at) if h.state.address == provision)
        # On a day between two states, the later one has the texts of both.
        proposed = tuple({proposal.matter: proposal for proposal in every}.values())
        phases = register.reader(POLICY_TEXT).history(provision, at.known)
    if not held and not proposed:
        raise NothingRecorded(provision=provision)
    if form is not Format.TABLE:
        show([*map(_row, held), *([] if held else _not_in_force(proposed))], {}, form)
        return
    for h in held:
        _provision(h, at)
    if not any(h.state.in_force for h in held):
        console().print(f"{provision}: not in force on {at.on}.")
    so_far = [phase.state for phase in phases if phase.state and phase.first <= at.on]
    for proposal in proposed:
        _proposed(proposal, [h.state for h in held], so_far)


def _whole(as_of: date | None, known_at: str | None) -> None:
    """The policy as people read it: every provision in force with its text."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        held = list(register.reader(POLICY_TEXT).every(at.on, at.known, {"in_force": True}))
        for h in held:
            tell(f"{h.state.address}, {h.state.heading}", strong=True)
            _words(h.state)
        uncertain(map(_row, held), at)
        if not held:
            only_proposed(register, at)


def _row(held: Held[Provision]) -> dict[str, Any]:
    row = held.state.model_dump(mode="json")
    return {**row, "certain": held.certain, "proposed_in": None}


def _not_in_force(proposed: Iterable[Proposal]) -> Iterable[dict[str, Any]]:
    """Every text that was proposed, in the shape of a provision, where none is in force yet."""
    for proposal in proposed:
        for text in proposal.texts:
            if text.draft is not None:
                draft = text.draft.model_dump(mode="json")
                nothing = dict.fromkeys(("version", "decision", "computed"))
                yield {
                    **{name: draft.get(name) for name in Provision.model_fields},
                    **nothing,
                    "in_force": False,
                    "amended_by": [],
                    "certain": True,
                    "proposed_in": f"{proposal.matter}/{text.source}",
                }


def _provision(held: Held[Provision], at: Moment) -> None:
    say, row = console().print, held.state
    state = "in force" if row.in_force else "deleted"
    say(f"{row.address}, {row.heading} ({state} on {at.on}, version {row.version})")
    _words(row)
    say(f"  by decision {row.decision}")
    if row.amended_by:
        say(f"  as amended before adoption by {', '.join(row.amended_by)}")
    if row.computed:
        say(f"  the words as moved would read: {row.computed}")
    if not held.certain:
        say(f"  not determinate on {at.on}: decided at a meeting of several days")


def _words(row: Provision) -> None:
    tell(row.text, indent=2)
    for number, each in enumerate(row.items, 1):
        tell(f"{number}. {each}", indent=2)
    for name, value in row.terms.items():
        shown = ", ".join(value) if isinstance(value, tuple) else value
        tell(f"{name}: {shown}", indent=2)


def _proposed(
    proposal: Proposal, standing: Sequence[Provision], so_far: Sequence[Provision]
) -> None:
    now, ever = ({row.text for row in rows if row.in_force} for rows in (standing, so_far))
    for text in proposal.texts:
        by = f"motion {text.source} ({text.body})" if text.body else text.source
        if text.draft is None:
            tell(f"proposed by {by}: to delete it", indent=2)
            continue
        if not proposal.adopted:
            fate = "not decided"
        elif text.draft.text in now:
            fate = "adopted"
        else:
            fate = "in force before" if text.draft.text in ever else "never in force"
        tell(f"proposed by {by}, {fate}: {text.draft.text}", indent=2)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("provisions")(list_provisions)
    app.command("text")(text)
