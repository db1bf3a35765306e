"""The policy on a day as Akoma Ntoso 3.0, by the OASIS schema.

Each provision in force is a section with its heading, text and items, and a period that begins
with the event which gave it this text. Every event of the policy up to the day is in the lifecycle,
with the decision behind it; terms stand as proprietary metadata. A decision of which the day is not
known is dated by the last day of its meeting, from which it surely holds; a provision that may hold
on the day is named as uncertain in the preface and in the metadata. Nothing in the file says when
it was made: the same policy gives the same bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple
from xml.etree import ElementTree as ET

from adapters.exports.languages import three_letters
from adapters.queries.policy.document import (
    PolicyDocument,
    PolicyEvent,
    SourceRow,
    WrittenProvision,
)
from adapters.queries.policy.provisions import ProvisionRow
from domain.shared.provisions import TermValue
from domain.shared.wordings import whose_words

AKN = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
TERMS = "urn:alliance-register:terms"
SOURCE = "#register"
UNKNOWN_COUNTRY = "zz"
"""ISO 3166-1 leaves it to users; CLDR says by it that nobody knows."""


def akoma_ntoso(policy: PolicyDocument, country: str | None = None, evidence: str = "") -> bytes:
    """Return the file; `country` (ISO 3166-1) is by default that of the city's charter.

    `evidence` is the line that cites its head.
    """
    country = (country or policy.country or UNKNOWN_COUNTRY).lower()
    ET.register_namespace("", AKN)
    ET.register_namespace("ar", TERMS)
    events, sections = policy.events, _sections(policy.provisions)
    root = ET.Element(_akn("akomaNtoso"))
    act = _add(root, "act", name="policy", contains="singleVersion")
    meta = _add(act, "meta")
    _identification(meta, policy, country)
    _lifecycle(meta, events)
    _references(meta, policy, country)
    _proprietary(meta, sections, policy.sources)
    preface = _add(act, "preface")
    _add(_add(preface, "longTitle"), "p", _text=policy.title)
    if names := [s.row.address for s in sections if not s.row.certain]:
        _add(preface, "p", _text=f"Uncertain on {policy.on}, may be in force: {', '.join(names)}.")
    rows = [s.row for s in sections if s.row.decided_later]
    if later := [f"{row.address} ({row.decided_later})" for row in rows]:
        told = f"On {policy.on} not decided yet, and decided later to hold from before: "
        _add(preface, "p", _text=f"{told}{', '.join(later)}.")
    for sentence in whose_words((s.row.address, s.row.wording) for s in sections):
        _add(preface, "p", _text=sentence)
    if evidence:
        _add(preface, "p", _text=evidence)
    _body(_add(act, "body"), sections, events)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _identification(meta: ET.Element, policy: PolicyDocument, country: str) -> None:
    first, last = (policy.events[at].last.isoformat() for at in (0, -1))
    work = f"/akn/{country}-{policy.locality}/act/policy/{first}/{policy.number}"
    language = three_letters(policy.language)
    expression = f"{work}/{language}@{last}"
    levels = (
        ("FRBRWork", f"{work}/!main", work, first, "Adoption"),
        ("FRBRExpression", f"{expression}/!main", expression, last, "In force"),
        ("FRBRManifestation", f"{expression}/!main.xml", f"{expression}.xml", last, "In force"),
    )
    identification = _add(meta, "identification", source=SOURCE)
    for level, this, whole, day, name in levels:
        element = _add(identification, level)
        _add(element, "FRBRthis", value=this)
        _add(element, "FRBRuri", value=whole)
        _add(element, "FRBRdate", date=day, name=name)
        _add(element, "FRBRauthor", href=f"#{policy.author}")
        if level == "FRBRWork":
            _add(element, "FRBRcountry", value=country)
            _add(element, "FRBRsubtype", value="policy")
            _add(element, "FRBRnumber", value=policy.number)
        elif level == "FRBRExpression":
            _add(element, "FRBRlanguage", language=language)


def _lifecycle(meta: ET.Element, events: Sequence[PolicyEvent]) -> None:
    lifecycle = _add(meta, "lifecycle", source=SOURCE)
    for number, event in enumerate(events, 1):
        _add(
            lifecycle,
            "eventRef",
            eId=f"event_{number}",
            date=event.last.isoformat(),
            type=event.kind,
            source=f"#{_decision(event.decision)}",
        )
    data = _add(meta, "temporalData", source=SOURCE)
    for number, _ in enumerate(events, 1):
        group = _add(data, "temporalGroup", eId=f"period_{number}")
        _add(group, "timeInterval", start=f"#event_{number}", refersTo="#in_force")


def _references(meta: ET.Element, policy: PolicyDocument, country: str) -> None:
    events = policy.events
    references = _add(meta, "references", source=SOURCE)
    for decision in dict.fromkeys(event.decision for event in events):
        href = f"/akn/{country}-{policy.locality}/act/decision/{_days(decision)}"
        reference = "passiveRef" if decision != events[0].decision else "original"
        _add(references, reference, eId=_decision(decision), href=href, showAs=decision)
    for body, name in sorted(policy.bodies.items()):
        href = f"/akn/ontology/organization/{country}/{body}"
        _add(references, "TLCOrganization", eId=body, href=href, showAs=name)
    register = "/akn/ontology/organization/register"
    _add(references, "TLCOrganization", eId="register", href=register, showAs="Alliance Register")
    concept = "/akn/ontology/concept/in-force"
    _add(references, "TLCConcept", eId="in_force", href=concept, showAs="in force")


def _days(decision: str) -> str:
    return decision.replace("/", "-")


def _proprietary(
    meta: ET.Element, sections: Sequence[_Section], sources: Sequence[SourceRow]
) -> None:
    """Add terms and wording of provisions, those that may hold, and digests of papers cited."""
    telling = [s for s in sections if s.row.terms or s.row.wording or not s.row.certain]
    if not (telling or sources):
        return
    proprietary = _add(meta, "proprietary", source=SOURCE)
    for original in sources:
        ET.SubElement(proprietary, f"{{{TERMS}}}source", original.plain())
    for section in telling:
        for name, value in sorted(section.row.terms.items()):
            term = ET.SubElement(proprietary, f"{{{TERMS}}}term")
            term.set("provision", f"#{section.name}")
            term.set("name", name)
            for each in _values(value):
                ET.SubElement(term, f"{{{TERMS}}}value").text = each
        if section.row.wording:
            wording = ET.SubElement(proprietary, f"{{{TERMS}}}wording")
            wording.set("provision", f"#{section.name}")
            wording.text = section.row.wording
        if not section.row.certain:
            uncertain = ET.SubElement(proprietary, f"{{{TERMS}}}uncertain")
            uncertain.set("provision", f"#{section.name}")
            uncertain.set("from", section.since.first.isoformat())
            uncertain.set("surely", section.since.last.isoformat())


def _values(value: TermValue) -> Iterable[str]:
    return value if isinstance(value, tuple) else (str(value),)


class _Section(NamedTuple):
    """A provision with the name of its section; of two that may hold, the second has a number."""

    name: str
    row: ProvisionRow
    since: PolicyEvent


def _sections(provisions: Sequence[WrittenProvision]) -> list[_Section]:
    seen: Counter[str] = Counter()
    sections: list[_Section] = []
    for row, since in provisions:
        seen[row.address] += 1
        further = f"__or_{seen[row.address]}" if seen[row.address] > 1 else ""
        sections.append(_Section(f"section_{_id(row.address)}{further}", row, since))
    return sections


def _body(body: ET.Element, sections: Sequence[_Section], events: Sequence[PolicyEvent]) -> None:
    for group, members in groupby(sections, key=lambda s: s.row.address.partition("/")[0]):
        within = list(members)
        inside = body
        if len(within) > 1 or "/" in within[0].row.address:
            inside = _add(body, "part", eId=f"part_{_id(group)}")
            _add(inside, "heading", _text=group.replace("-", " ").capitalize())
        for section in within:
            _written(inside, section, f"#period_{list(events).index(section.since) + 1}")


def _written(inside: ET.Element, written: _Section, period: str) -> None:
    provision, name = written.row, written.name
    section = _add(inside, "section", eId=name, period=period)
    _add(section, "num", _text=provision.address)
    _add(section, "heading", _text=provision.heading)
    content = _add(section, "content", eId=f"{name}__content")
    _add(content, "p", _text=provision.text)
    if provision.items:
        listed = _add(content, "blockList", eId=f"{name}__list")
        for number, text in enumerate(provision.items, 1):
            item = _add(listed, "item", eId=f"{name}__list__item_{number}")
            _add(item, "num", _text=f"{number}.")
            _add(item, "p", _text=text)


def _add(
    parent: ET.Element, tag: str, *, _text: str | None = None, **attributes: str
) -> ET.Element:
    element = ET.SubElement(parent, _akn(tag), attributes)
    element.text = _text
    return element


def _akn(tag: str) -> str:
    return f"{{{AKN}}}{tag}"


def _decision(decision: str) -> str:
    return f"decision_{_id(decision)}"


def _id(name: str) -> str:
    parts = (re.sub(r"[^a-z0-9]+", "_", part.casefold()).strip("_") for part in name.split("/"))
    return "__".join(parts)
