"""Content of any depth for people: a line for each field, indented as it is nested."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from adapters.cli.common.output import Format, show, shown, tell
from adapters.queries.entries import StoryStep
from domain.shared.findings import Finding
from domain.shared.messages import DecisionRef, Replacement
from domain.shared.wordings import wording_in_words

NAMES = ("id", "instrument", "states", "operation", "document", "name")
"""Fields that name an object in a list; the first that it has counts."""

FIRST = ("reference", "summary", "heading", "text", "city", "subject", "rationale")
LAST = ("cites", "remarks")
LABELS = {
    "cites": "source",
    "made": "becomes",
    "failed": "because",
    "in_camera": "opened in camera",
}

ONE_LINE = 80
"""Longest text that stands on the line of its name."""


def tell_fields(content: Mapping[str, Any], indent: int = 0) -> None:
    """Print every field that is not empty."""
    for depth, line in lines(content):
        tell(line, indent=indent + 2 * depth)


def show_story(steps: Sequence[StoryStep]) -> None:
    """Print each step with its day, what it says and the decision behind it."""
    rows = [
        {
            **step.plain(),
            "entry": step.entry.replace("-", " "),
            "corrected": f"version {step.correction.version}: {step.correction.reason}"
            if step.correction
            else None,
        }
        for step in steps
    ]
    columns = {"on": "on", "entry": "step", "decision": "by decision"}
    if any(row["corrected"] for row in rows):
        columns["corrected"] = "corrects"
    show(rows, columns, Format.TABLE, title="\nSteps")


def tell_steps(steps: Iterable[StoryStep], known: Container[str]) -> None:
    """Print each step with all that it says, less the fields that are `known`."""
    for step in steps:
        by = f", by decision {step.decision}" if step.decision else ""
        tell(f"\n{step.on}  {step.entry.replace('-', ' ')}{by}", strong=True)
        tell_fields({n: v for n, v in step.content.items() if n not in known}, 4)
        tell_correction(step, 4)
        tell_findings(step.findings, 4)


def tell_correction(step: StoryStep, indent: int = 0) -> None:
    """Say of a correction what it replaces, why, and who answers for it."""
    if step.correction:
        tell(correcting(step.correction), indent=indent)


def correcting(correction: Replacement) -> str:
    """Return a correction's target, its reason, and the person who answers for it."""
    by = _answering(correction)
    return f"corrects version {correction.version}: {correction.reason.rstrip('.')}{by}"


def _answering(correction: Replacement) -> str:
    match correction.authority:
        case DecisionRef(matter=matter, decision=decision):
            return f" (by decision {matter}/{decision})"
        case None:
            return ""
        case office:
            return f" ({office} answers for it)"


def tell_findings(findings: Iterable[Finding], indent: int = 0) -> None:
    """Print what the rules said: a paragraph for each rule and answer."""
    told: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        told.setdefault((finding.rule, finding.answer.value), []).append(finding.reason)
    for (rule, answer), reasons in told.items():
        tell(f"rule {rule}, {answer}: {'; '.join(dict.fromkeys(reasons))}", indent=indent)


def lines(content: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[int, str]]:
    """Yield each line of content with its depth: words first, sources last."""
    for name in sorted(_stated(content), key=_rank):
        value, label = content[name], LABELS.get(name, name.replace("_", " "))
        match value:
            case dict():
                inner = cast("dict[str, Any]", value)
                short = "" if any(map(_nested, inner.values())) else one_line(inner)
                if short and len(short) < ONE_LINE:
                    yield depth, f"{label}: {short}"
                else:
                    yield depth, f"{label}:"
                    yield from lines(inner, depth + 1)
            case list() if name == "cites":
                yield depth, f"{label}: {'; '.join(_said('', each) for each in value)}"
            case list():
                yield from _several(label, value, depth)
            case _:
                yield depth, f"{label}: {shown(value)}"


def _several(label: str, values: Sequence[Any], depth: int) -> Iterator[tuple[int, str]]:
    if all(not isinstance(value, dict | list) and len(str(value)) < ONE_LINE for value in values):
        yield depth, f"{label}: {', '.join(map(shown, values))}"
        return
    yield depth, f"{label}:"
    for value in values:
        if not isinstance(value, dict):
            yield depth + 1, shown(value)
            continue
        each = cast("dict[str, Any]", value)
        nested = {n: v for n, v in each.items() if _nested(v) and n not in ("cites", "draft")}
        yield depth + 1, one_line({n: v for n, v in each.items() if n not in nested})
        yield from lines(nested, depth + 2)


def one_line(content: Mapping[str, Any]) -> str:
    """Return an object on one line: its name, what it says, and where that is found."""
    name = next((n for n in NAMES if content.get(n)), None)
    rest = [n for n in sorted(_stated(content), key=_rank) if n != name]
    if name is None:
        return ", ".join(filter(None, (_named(n, content[n]) for n in rest)))
    parts = [*filter(None, (_said(n, content[n]) for n in rest if n != "cites"))]
    said = ", ".join([*(part.removesuffix(".") for part in parts[:-1]), *parts[-1:]])
    told = f"{content[name]}: {said}" if said else str(content[name])
    return f"{told} {_said('cites', content['cites'])}" if content.get("cites") else told


def _named(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _said(name, value)
    return f"{name.replace('_', ' ')}: {_said('', value)}"


def _said(name: str, value: Any) -> str:
    match value:
        case {"document": document, "place": place}:
            return f"{document}, {place}" if place else str(document)
        case {"address": address, "heading": heading}:
            return f"{address}, {heading}"
        case dict():
            return one_line(cast("dict[str, Any]", value))
        case list() if name == "cites":
            return f"({'; '.join(_said('', each) for each in value)})"
        case list():
            return ", ".join(_said("", each) for each in value)
        case bool():
            return name.replace("_", " ") if value else ""
        case str() if name == "wording":
            return f"in {wording_in_words(value)}"
        case int() | float() if name:
            return f"{name.replace('_', ' ')} {value}"
        case _:
            return shown(value)


def _stated(content: Mapping[str, Any]) -> Iterator[str]:
    return (n for n, value in content.items() if value not in (None, "", [], {}) and n != "digest")


def _rank(name: str) -> int:
    return -1 if name in FIRST else 1 if name in LAST else 0


def _nested(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(each, dict) for each in value)
    )
