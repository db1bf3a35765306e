"""Commands that are loaded when they are called: help and completion load none of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from inspect import cleandoc
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

Table = Mapping[str, Mapping[str, str]]
"""Modules, each with the commands that its `register(app)` adds and a line of help on each."""


@cache
def loaded(module: str) -> Mapping[str, Any]:
    """Return the commands of a module, by name."""
    holder = typer.Typer()
    import_module(module).register(holder)
    commands = get_group(holder).commands
    for command in commands.values():
        make_wrappable(command)
    return commands


LONGEST_CHOICE = 24
"""Letters of choices that stand in the column of values; longer ones stand in the help."""
KINDS_OF_VALUE: Mapping[str, str | None] = {
    "<str>": "TEXT",
    "<list[str]>": "TEXT ...",
    "<int>": "NUMBER",
    "<path>": "FILE",
    "<list[Path]>": "FILE ...",
    "<date>": "DATE",
    "<bool>": None,
}
"""The words in the column of values for types of Python; a switch takes no value."""


def _always(name: str | None) -> Callable[[object], str | None]:
    def named(ctx: object) -> str | None:
        return name

    return named


def make_wrappable(command: Any) -> None:
    """Make the help of a command break between words, and nowhere else.

    A paragraph of a docstring loses its line ends, and a long list of choices is told in words.
    """
    paragraphs = cleandoc(command.help or "").split("\n\n")
    command.help = "\n\n".join(" ".join(each.split()) for each in paragraphs)
    for parameter in command.params:
        names = [
            str(getattr(each, "value", each)) for each in parameter.type_descriptor.choices or ()
        ]
        if len("|".join(names)) > LONGEST_CHOICE:
            name = parameter.name.upper()
            parameter.display_type_rich = _always(name)
            said = (parameter.help or "").rstrip(".")
            parameter.help = f"{said}: {', '.join(names)}."
    format_help = command.format_help

    def name_values_first(ctx: Any, formatter: Any) -> None:
        name_values(command.get_params(ctx))
        format_help(ctx, formatter)

    command.format_help = name_values_first
    for inner in getattr(command, "commands", {}).values():
        make_wrappable(inner)


def name_values(parameters: Iterable[Any]) -> None:
    """Make the help say what kind of value each parameter takes, in words and not in Python's."""
    for parameter in parameters:
        kind = parameter.display_type_rich(None)
        if kind in KINDS_OF_VALUE:
            parameter.display_type_rich = _always(KINDS_OF_VALUE[kind])


def grouped(table: Table, line: str, *, unless_said: str | None = None) -> typer.Typer:
    """Return a command that is a group of these, with the line of help on it."""
    group = typer.Typer(
        cls=lazily({"Commands": table}, unless_said),
        no_args_is_help=unless_said is None,
        help=line,
    )

    @group.callback()
    def hold_together() -> None:
        pass

    return group


def lazily(headings: Mapping[str, Table], unless_said: str | None = None) -> type[TyperGroup]:
    """Return a group of these commands under headings; one may be meant where none is named."""
    module_of = {
        name: module
        for table in headings.values()
        for module, commands in table.items()
        for name in commands
    }

    class Lazily(TyperGroup):
        """Knows its commands by name and help, and loads the module of the one that is called."""

        _telling = False

        def __init__(self, **settings: Any) -> None:
            told = {
                name: TyperCommand(name, help=line, rich_help_panel=heading)
                for heading, table in headings.items()
                for commands in table.values()
                for name, line in commands.items()
            }
            settings["commands"] = told
            super().__init__(**settings)

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            named = (*self.commands, *ctx.help_option_names)
            if unless_said and (not args or args[0] not in named):
                args = [unless_said, *args]
            return super().parse_args(ctx, args)

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            if self._telling:
                return self.commands.get(cmd_name)
            module = module_of.get(cmd_name)
            return loaded(module)[cmd_name] if module else None

        def format_help(self, ctx: Any, formatter: Any) -> None:
            name_values(self.get_params(ctx))
            with self._names_only():
                super().format_help(ctx, formatter)

        def shell_complete(self, ctx: Any, incomplete: str) -> Any:
            with self._names_only():
                return super().shell_complete(ctx, incomplete)

        @contextmanager
        def _names_only(self) -> Generator[None]:
            self._telling = True
            try:
                yield
            finally:
                self._telling = False

    return Lazily
