"""Decisions as an Atom feed (RFC 4287): for a reader of feeds that polls an address.

The same register gives the same bytes, and a decision keeps its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from adapters import clock
from adapters.bootstrap import Register
from adapters.queries.matters import ItemRow

ATOM = "http://www.w3.org/2005/Atom"
MOST = 100
"""Decisions in one feed: the last ones."""


def atom(
    register: Register, decisions: Sequence[ItemRow], address: str, evidence: str = ""
) -> bytes:
    """Return the feed of decisions, given in the order of days; `address` is the feed's own.

    `evidence` is the line that cites its head. An entry is `updated` at the end of its day; the
    feed when the register recorded last.
    """
    ET.register_namespace("", ATOM)
    name = register.settings.register_id
    _, recorded = register.log.recorder.last()
    feed = ET.Element(_tag("feed"))
    _add(feed, "id", f"urn:alliance-register:{name}:decisions")
    _add(feed, "title", f"Decisions in the register {name}")
    if evidence:
        _add(feed, "subtitle", evidence)
    _add(feed, "updated", clock.recorded_time_shown(recorded))
    ET.SubElement(feed, _tag("link"), rel="self", href=address)
    for decision in reversed(decisions[-MOST:]):
        entry = ET.SubElement(feed, _tag("entry"))
        _add(entry, "id", f"urn:alliance-register:{name}:{decision.matter}/{decision.item}")
        _add(entry, "title", decision.title)
        _add(entry, "updated", f"{decision.on.last}T00:00:00Z")
        author = ET.SubElement(entry, _tag("author"))
        _add(author, "name", decision.body or name)
        href = f"/matters/{decision.matter}#{decision.item}"
        ET.SubElement(entry, _tag("link"), rel="alternate", href=href)
        _add(entry, "summary", f"{decision.result or 'decided'}, {decision.on}")
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def _add(inside: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(inside, _tag(tag)).text = text


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"
