"""Read models built anew from the log: `rebuild`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.output import Format, FormatOption, show
from adapters.cli.common.progress import progress
from domain.shared.problems import Invalid
from projections.engine.read_model import ReadModel
from projections.models import MODELS

NameOrAll = Annotated[str | None, typer.Argument(help="One read model (default: all).")]


class UnknownReadModel(Invalid):
    """The register keeps no read model of this name."""

    name: str
    known: tuple[str, ...]


def rebuild(name: NameOrAll = None, form: FormatOption = Format.TABLE) -> None:
    """Build read models anew from the log, in the place of what is there."""
    rows: list[dict[str, object]] = []
    with open_register() as register:
        for model in models_named(name):
            with progress(f"rebuilding {model.name}") as told:
                position = register.views.maintenance.rebuild(model, register.log, told)
            count = sum(1 for _ in register.views.dump(model))
            rows.append({"model": model.name, "rows": count, "position": position})
    show(rows, {"model": "read model", "rows": "rows", "position": "as of position"}, form)


def models_named(name: str | None) -> Sequence[ReadModel[Any]]:
    """Return one read model, or all. Raises `UnknownReadModel`."""
    found = [model for model in MODELS if name in (None, model.name)]
    if name and not found:
        raise UnknownReadModel(name=name, known=tuple(model.name for model in MODELS))
    return found


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(rebuild)
