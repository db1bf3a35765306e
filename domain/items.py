"""What every act on a matter says of where it belongs."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from domain.kernel import Command, Value

MatterId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
ItemId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class OfMatter(Value):
    """Something about one matter."""

    matter: MatterId


class MatterCommand(OfMatter, Command):
    """An act on a matter."""

    @property
    def item(self) -> str:
        """The name of the document, motion or decision."""
        names = ("document", "deputation", "motion", "decision")
        return next((str(getattr(self, n)) for n in names if hasattr(self, n)), self.matter)


def content(kind: type[Value], of: Value) -> dict[str, Any]:
    """The fields that a command and its event share, to build the event from."""
    return {name: getattr(of, name) for name in kind.model_fields}
