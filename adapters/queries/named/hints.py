"""Hints for who asked for a thing by a name that no such thing has."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from adapters.bootstrap import Register
from adapters.queries.moment import InCamera, Moment, NothingRecorded, NotYet
from projections.engine.read_model import LAST_DAY

P = ParamSpec("P")
T = TypeVar("T")


def telling_kinds(question: Callable[P, T]) -> Callable[P, T]:
    """Add to a question's `NothingRecorded` what the name is of, and how to ask for that.

    Of a name that is of nothing, names of any kind that are like it. The question takes the
    register and, if it has one, its moment.
    """

    @wraps(question)
    def asked(*args: P.args, **more: P.kwargs) -> T:
        try:
            return question(*args, **more)
        except (NotYet, InCamera):
            raise
        except NothingRecorded as nothing:
            given: tuple[object, ...] = (*args, *more.values())
            register = next(each for each in given if isinstance(each, Register))
            moments = (each for each in given if isinstance(each, Moment))
            told = _told(register, nothing, next(moments, Moment(LAST_DAY, None)))
            if not told:
                raise
            fields: dict[str, Any] = {**nothing.details, **told}
            raise NothingRecorded(**fields) from None

    return asked


def _told(register: Register, nothing: NothingRecorded, at: Moment) -> dict[str, tuple[str, ...]]:
    from adapters.queries.named import kinds  # noqa: PLC0415  (reads every list)

    details = nothing.details
    name = next((str(value) for value in details.values()), "")
    if not name or "this_is" in details:
        return {}
    told = kinds.kinds_of(register, name, at)
    if told or {"near", "known"} & details.keys():
        return told
    near = kinds.all_names_like(register, name, at)
    return {"near": near} if near else {}
