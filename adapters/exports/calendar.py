"""Deadlines as iCalendar (RFC 5545): dated ones as all-day events, the others as tasks.

The same register gives the same bytes, and a duty keeps its UID, so that a calendar that imports
the file again updates its entries instead of doubling them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from icalendar import Calendar, Event, Todo

from projections.deadlines import Due, Status

PRODUCT = "-//Alliance Register//Deadlines//EN"


class Entry(NamedTuple):
    """A duty with its key and how it stands on the day asked about."""

    key: str
    due: Due
    status: Status


def calendar(entries: Iterable[Entry], register: str, evidence: str = "") -> bytes:
    """Return the calendar of a register's duties; `register` is its id, `evidence` a line."""
    file = Calendar()
    file.add("prodid", PRODUCT)
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    file.add("x-wr-calname", f"Deadlines of {register}")
    if evidence:
        file.add("x-wr-caldesc", evidence)
    for entry in sorted(entries, key=lambda e: e.key):
        file.add_component(_component(entry, register))
    return bytes(file.to_ical())


def _component(entry: Entry, register: str) -> Event | Todo:
    due, status = entry.due, entry.status
    component = Event() if due.due else Todo()
    component.add("uid", f"{entry.key.replace('/', '.')}@{register}.alliance-register")
    component.add("dtstamp", _midnight(due.since.first))
    component.add("summary", f"{due.kind.value}: {due.says}")
    component.add("description", "\n".join(_description(due, status)))
    component.add("categories", [due.kind.value])
    if due.due:
        component.add("dtstart", due.due.first)
        component.add("dtend", due.due.last + timedelta(days=1))
        component.add("transp", "TRANSPARENT")
        component.add("status", "CONFIRMED")
    else:
        component.add("dtstart", due.since.first)
        component.add("status", "COMPLETED" if status is Status.DONE else "NEEDS-ACTION")
    return component


def _description(due: Due, status: Status) -> Iterable[str]:
    yield f"Status: {status.value}" + ("" if due.due else ", no date is stated")
    yield f"Owed by: {due.owed_by or 'not stated'}"
    if due.owed_to:
        yield f"Owed to: {due.owed_to}"
    yield f"Since: {due.since}"
    if due.decision:
        yield f"Decision: {due.decision}"
    for cited in due.cites:
        yield f"Source: {', '.join(filter(None, (cited.document, cited.place)))}"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
