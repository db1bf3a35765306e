"""What a database that SQLAlchemy speaks to says when it cannot be used, in the project's words."""

from __future__ import annotations

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError, ProgrammingError

from application.ports import NotSetUp, Unavailable


def tell_problems(engine: Engine) -> None:
    """Raise `NotSetUp` where a table is missing and `Unavailable` where the database is away."""
    event.listen(engine, "handle_error", _tell)


def _tell(context: ExceptionContext) -> None:
    error = context.sqlalchemy_exception
    said = str(context.original_exception).strip()
    if isinstance(error, OperationalError | ProgrammingError) and (
        "no such table" in said or "does not exist" in said
    ):
        raise NotSetUp(reason=said.splitlines()[0]) from context.original_exception
    if isinstance(error, OperationalError):
        raise Unavailable(reason=said.splitlines()[0]) from context.original_exception
