"""Read models kept: `rebuild`, `verify projections`, `views`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from adapters.bootstrap import Register, open_register
from adapters.cli.errors import CONFLICT
from adapters.cli.output import Format, FormatOption, Row, console, ending_in, number_of, show
from adapters.cli.progress import progress
from domain.kernel import Invalid
from projections.models import MODELS
from projections.timeline import ReadModel

verifying = typer.Typer(no_args_is_help=True, help="Prove that read models say what the log says.")
views = typer.Typer(
    no_args_is_help=True,
    help="Versions of read models: build one beside the live one, compare, switch, switch back.",
)
Name = Annotated[str, typer.Argument(help="The read model, such as register.")]
NameOrAll = Annotated[str | None, typer.Argument(help="One read model; all unless said.")]
CELLS = {"model": "read model", "kind": "row is", "key": "key", "from": "from", "says": "differs"}


class UnknownReadModel(Invalid):
    """The register keeps no read model of this name."""


class NoOtherVersion(Invalid):
    """There is no other version of this read model to compare with or to go back to."""


def rebuild(name: NameOrAll = None, form: FormatOption = Format.TABLE) -> None:
    """Build read models anew from the log, in the place of what is there."""
    rows: list[Row] = []
    with open_register() as register:
        for model in _models(name):
            with progress(f"rebuilding {model.name}") as told:
                position = register.views.upkeep.rebuild(model, register.log, told)
            count = sum(1 for _ in register.views.dump(model))
            rows.append({"model": model.name, "rows": count, "position": position})
    show(rows, {"model": "read model", "rows": "rows", "position": "as of position"}, form)


@verifying.command("projections")
def verify_projections(
    name: NameOrAll = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Put right from the log what differs.")
    ] = False,
    form: FormatOption = Format.TABLE,
) -> None:
    """Fold the log again and name every row that is altered, missing or invented."""
    rows: list[Row] = []
    with open_register() as register:
        for model in _models(name):
            upkeep = register.views.upkeep
            with progress(f"checking {model.name}"):
                act = upkeep.repair if repair else upkeep.verify
                rows += [_difference(model, each) for each in act(model, register.log)]
    with ending_in(typer.Exit(CONFLICT) if rows and not repair else None):
        show(rows, CELLS, form)
        if form is Format.TABLE:
            done = "put right from the log" if repair else "found"
            console().print(f"\n{number_of(len(rows), 'row')} differing from the log {done}.")


def _difference(model: ReadModel[Any], difference: Any) -> Row:
    row, kind = difference.row, str(difference.kind)
    columns = difference.columns() if kind == "altered" else {}
    return {
        "model": model.name,
        "kind": kind,
        "key": row["key"],
        "from": str(row["valid_from_first"]),
        "known_from": row["known_from"],
        "says": difference.says,
        "columns": {n: {"should": str(s), "found": str(f)} for n, (s, f) in columns.items()},
    }


@views.command("list")
def list_views(form: FormatOption = Format.TABLE) -> None:
    """List every version of every read model, and which is live."""
    with open_register() as register:
        ours = {register.views.table(model).name for model in MODELS}
        rows = [
            {
                "model": table.name,
                "table": table.table_name,
                "live": table.live,
                "this_program": table.table_name in ours,
                "position": table.position,
            }
            for table in register.views.registered()
        ]
    headings = {"model": "read model", "table": "version", "live": "live"}
    show(rows, {**headings, "this_program": "of this program", "position": "position"}, form)


@views.command("build")
def build(name: Name) -> None:
    """Build this program's version of a read model beside the live one."""
    with open_register() as register:
        (model,) = _models(name)
        register.views.create(model)
        with progress(f"building {name}") as told:
            register.catch_up(told)
        console().print(f"{register.views.table(model).name} is built.")


@views.command("compare")
def compare(name: Name, form: FormatOption = Format.TABLE) -> None:
    """Compare this program's version of a read model with the live one, row by row."""
    with open_register() as register:
        (model,) = _models(name)
        register.catch_up()
        mine = register.views.table(model).name
        other = _other(register, name, mine)
        found = register.views.upkeep.compare(mine, other)
        rows = [_difference(model, each) for each in found]
    show(rows, CELLS, form)
    if form is Format.TABLE:
        console().print(f"\n{number_of(len(rows), 'row')} of {other} differing from {mine}.")


@views.command("switch")
def switch(name: Name) -> None:
    """Make this program's version of a read model the live one, level with the log."""
    with open_register() as register:
        (model,) = _models(name)
        with progress(f"catching up {name}") as told:
            position = register.views.upkeep.switch(model, register.log, told)
        console().print(f"{register.views.table(model).name} is live, as of position {position}.")


@views.command("back")
def back(name: Name) -> None:
    """Make the other version the live one again, where it has read as far as the log goes."""
    with open_register() as register:
        (model,) = _models(name)
        other = _other(register, name, register.views.table(model).name)
        position = register.views.upkeep.back(other, register.log)
        console().print(f"{other} is live again, as of position {position}.")


@views.command("drop")
def drop(
    table: Annotated[str, typer.Argument(help="The version, as `views list` names it.")],
) -> None:
    """Remove a version that is not live."""
    with open_register() as register:
        if table not in {each.table_name for each in register.views.registered()}:
            raise UnknownReadModel(version=table)
        register.views.upkeep.drop(table)
    console().print(f"{table} is gone.")


def _models(name: str | None) -> Sequence[ReadModel[Any]]:
    found = [model for model in MODELS if name in (None, model.name)]
    if not found:
        raise UnknownReadModel(name=name, known=tuple(model.name for model in MODELS))
    return found


def _other(register: Register, name: str, mine: str) -> str:
    tables = [t for t in register.views.registered() if t.name == name and t.table_name != mine]
    if not tables:
        raise NoOtherVersion(name=name, only=mine)
    return max(tables, key=lambda t: (t.live, t.position)).table_name


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(rebuild)
    app.add_typer(verifying, name="verify")
    app.add_typer(views, name="views")
