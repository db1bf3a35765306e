"""A refusal names its rule and carries every figure that it is given; nothing has to be parsed."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from datetime import date
from enum import Enum
from importlib import import_module
from typing import Any, get_args, get_type_hints

import pytest

import domain
from domain.shared.dates import When
from domain.shared.messages import DecisionRef, ProvisionRef
from domain.shared.problems import Refusal
from tests.rules import RULES

SAMPLES: dict[Any, Any] = {
    int: 7,
    bool: True,
    str: "a word",
    date: date(2002, 3, 1),
    When: When.parse("2002-03"),
    ProvisionRef: ProvisionRef(address="outbound/2", version=3),
    DecisionRef: DecisionRef(matter="m", decision="d", body="council"),
    tuple[str, ...]: ("one", "other"),
}
BASE = get_type_hints(Refusal).keys()


def refusals() -> Iterator[type[Refusal]]:
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        for _, found in inspect.getmembers(import_module(module.name), inspect.isclass):
            own = found.__module__ == module.name
            if own and issubclass(found, Refusal) and found is not Refusal:
                yield found


def sample(kind: Any) -> Any:
    if kind in SAMPLES:
        return SAMPLES[kind]
    if inspect.isclass(kind) and issubclass(kind, Enum):
        return next(iter(kind))
    options = [option for option in get_args(kind) if option is not type(None)]
    if getattr(kind, "__origin__", None) is tuple:
        return (sample(options[0]),)
    return sample(options[0])


def as_carried(value: Any) -> list[Any]:
    """The forms in which a value may stand in a refusal's details."""
    forms = [value, str(value)]
    if isinstance(value, Enum):
        forms.append(value.value)
    if isinstance(value, tuple):
        forms.append(tuple(v.value if isinstance(v, Enum) else v for v in value))
    if isinstance(value, date):
        forms.append(value.isoformat())
    return forms


@pytest.mark.parametrize("refusal", list(refusals()), ids=lambda r: f"{r.__module__}.{r.__name__}")
def test_a_refusal_carries_its_rule_and_every_figure(refusal: type[Refusal]) -> None:
    fields = {name: kind for name, kind in get_type_hints(refusal).items() if name not in BASE}
    given = {name: sample(kind) for name, kind in fields.items()}

    raised = refusal(**given)

    assert raised.rule in RULES
    assert raised.details["rule"] == raised.rule
    assert raised.title
    for name, value in given.items():
        assert raised.details[name] in as_carried(value)
