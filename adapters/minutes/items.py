"""Kinds of items: the fields of each, a short example of it, and a skeleton to fill in.

`python -m adapters.minutes.items` writes the tables of docs/minutes.md; `--check` says whether they
are stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from application.minutes import INHERITED
from domain.catalogue import commands

HERE = Path(__file__).parent
EXAMPLES = HERE / "examples.yaml"
CITY = HERE / "city.yaml"
DOCUMENT = HERE.parents[1] / "docs" / "minutes.md"
BEGIN, END = "<!-- kinds of items, generated -->", "<!-- end of the kinds of items -->"


class Field(NamedTuple):
    """A field of an item: its name, whether it is needed, and its type in words."""

    name: str
    needed: bool
    type: str


def fields_of(kind: str) -> tuple[Field, ...]:
    """Return the fields of a kind of item, those that are needed first."""
    schema = commands[kind].model_json_schema()
    names, needed = schema["properties"], schema.get("required", ())
    found = [Field(n, n in needed, _type(p, schema.get("$defs", {}))) for n, p in names.items()]
    return tuple(sorted(found, key=lambda field: not field.needed))


def about_item(kind: str) -> str:
    """Return the first sentence on a kind of item, in one line."""
    return (commands[kind].__doc__ or "").strip().splitlines()[0]


@cache
def example_minutes() -> Mapping[str, str]:
    """Return a minutes file with a short example of each kind. They record in this order."""
    _, *files = EXAMPLES.read_text(encoding="utf-8").split("\n---\n")
    found: dict[str, str] = {}
    for text in files:
        for line in text.splitlines():
            if line.startswith("  - ") and line.endswith((":", "}")):
                found.setdefault(line[4:].partition(":")[0], text.strip() + "\n")
    return found


def skeleton_of_item(kind: str) -> str:
    """Return a minutes file with an item of a kind: its fields as comments, and values to replace.

    Raises `KeyError` for what is no kind of item.
    """
    lines = [f"# {kind}: {about_item(kind)}", "#"]
    width = max(len(field.name) for field in fields_of(kind))
    for name, needed, told in fields_of(kind):
        head = " (default: that of `meeting`)" if name in INHERITED else ""
        lines.append(f"#   {name:{width}}  {'needed' if needed else '      '}  {told}{head}")
    lines += ["#", "# Put your own values in the place of these; docs/minutes.md has all kinds."]
    return "\n".join(lines) + "\n" + example_minutes()[kind]


def skeleton_of_city() -> str:
    """Return a minutes file that founds a register of another city, with comments."""
    return CITY.read_text(encoding="utf-8")


def tables_of_items() -> str:
    """Return the kinds of items for people: what each enters, its fields, and a short example."""
    return "\n".join(_section(kind) for kind in example_minutes())


def _section(kind: str) -> str:
    rows = "\n".join(
        f"| `{name}` | {'yes' if needed else ''} | {told.replace('|', chr(92) + '|')} |"
        for name, needed, told in fields_of(kind)
    )
    head = "| field | needed | |\n|---|---|---|"
    example = f"```yaml\n{example_minutes()[kind]}```"
    return f"### {kind}\n\n{about_item(kind)}\n\n{head}\n{rows}\n\n{example}\n"


_SIMPLE = {"boolean": "`true` or `false`", "integer": "whole number", "string": "text"}


def _type(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    """Return a type in words, such as `list of text`."""
    if "$ref" in schema:
        return _named(schema["$ref"].rpartition("/")[2], defs)
    if schema.get("title") == "When":
        return "date"
    if values := schema.get("enum", [schema["const"]] if "const" in schema else []):
        return ", ".join(f"`{value}`" for value in values)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return _alternatives(schema, several, defs)
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}), defs)}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"names, each with {_type(schema['additionalProperties'], defs)}"
    return _SIMPLE.get(schema.get("type", ""), "anything")


def _alternatives(schema: Mapping[str, Any], several: str, defs: Mapping[str, Any]) -> str:
    kinds = cast("Mapping[str, Any]", schema.get("discriminator", {})).get("mapping")
    if kinds:
        by = schema["discriminator"]["propertyName"]
        return f"an object with `{by}`: {', '.join(f'`{kind}`' for kind in kinds)}"
    parts = [part for part in schema[several] if part.get("type") != "null"]
    return " or ".join(dict.fromkeys(_type(part, defs) for part in parts))


def _named(name: str, defs: Mapping[str, Any]) -> str:
    schema = defs[name]
    if "properties" not in schema:
        return _type(schema, defs)
    needed = schema.get("required", ())
    return (
        f"{{ {', '.join(f'`{n}`' if n in needed else f'`{n}`?' for n in schema['properties'])} }}"
    )


def documented(text: str) -> str:
    """Return the page on minutes with its tables made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables_of_items()}\n{END}{after}"


def main(arguments: list[str]) -> Iterator[str]:
    """Write the tables, or only compare them and return a message where they are stale."""
    text = DOCUMENT.read_text(encoding="utf-8")
    if text == documented(text):
        return
    if "--check" in arguments:
        yield f"{DOCUMENT.name} is stale: run python -m adapters.minutes.items"
        return
    DOCUMENT.write_text(documented(text), encoding="utf-8")


if __name__ == "__main__":
    stale = list(main(sys.argv[1:]))
    sys.exit("\n".join(stale) or 0)
