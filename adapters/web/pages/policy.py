"""The pages of the policy, of one provision, and of what changed between two states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.queries.policy.changes import ChangeRow, policy_changes, provision_history
from adapters.queries.policy.provisions import (
    ProvisionRow,
    WholeProvision,
    addresses,
    proposed_addresses,
    provision,
    provisions,
)
from adapters.queries.policy.states import Stages, stages
from adapters.web.asked import Ask, Asked
from adapters.web.pages.layout import Text, day_in_words, page
from adapters.web.roles import READS

router = APIRouter(include_in_schema=False, dependencies=[READS])


@router.get("/policy")
def policy(request: Request, asked: Ask) -> Response:
    """The policy in force on the day."""
    rows = provisions(asked.register, asked.at)
    proposed = [] if rows else proposed_addresses(asked.register, asked.at)
    groups = [(group, list(inside)) for group, inside in groupby(rows, _group)]
    return page(
        request,
        asked,
        "policy.html",
        "policy",
        "/provisions.csv",
        rows=rows,
        groups=groups,
        proposed=proposed,
    )


def _group(row: ProvisionRow) -> str:
    return row.address.partition("/")[0]


@router.get("/policy/{name:path}")
def show_provision(request: Request, asked: Ask, name: str) -> Response:
    """A provision: its text and terms, how it came to say so, and every text proposed for it.

    Of a group, such as `outbound`, each of its provisions.
    """
    found = provision(asked.register, name, asked.at)
    several = len({row.address for row in found}) > 1
    more: Mapping[str, Any] = {} if several or not found else _story(asked, found)
    return page(
        request,
        asked,
        "provision.html",
        "policy",
        found=found,
        name=name,
        alone=more,
        several=several,
    )


def _story(asked: Asked, found: Sequence[WholeProvision]) -> Mapping[str, Any]:
    """The parts that the page of one provision shows besides its text."""
    address = found[0].address
    history = provision_history(asked.register, address, asked.at)
    reached = stages(asked.register, asked.at, address)
    versions = [f"v{row.version}" for row in history]
    last = reached[-1] if reached else None
    rows: Sequence[ChangeRow] = ()
    if last and len(last.reached) > 1:
        rows, _ = policy_changes(asked.register, last.named(0), last.named(-1), asked.at, address)
    return {
        "address": address,
        "history": history,
        "states": [*_named(reached), *((v, f"Version {v[1:]}") for v in versions)],
        "stages": last,
        "changed": rows[0] if rows else None,
        "near": _neighbours(asked, address),
    }


def _named(reached: Sequence[Stages]) -> list[tuple[str, str]]:
    """The stages of each matter, as they are asked for and in words."""
    return [
        (stage.named(number), f"{each.capitalize()}, in {stage.matter}")
        for stage in reached
        for number, each in enumerate(stage.reached)
    ]


def _neighbours(asked: Asked, address: str) -> list[tuple[str, str]]:
    """The provisions before and after this one, with their headings."""
    known = [*addresses(asked.register, asked.at).items()]
    at = [name for name, _ in known].index(address)
    return [*known[max(0, at - 1) : at], *known[at + 1 : at + 2]]


@router.get("/redline")
def redline(
    request: Request,
    asked: Ask,
    before: Text = None,
    after: Text = None,
    provision: Text = None,
) -> Response:
    """The changes between two states of the policy: days, stages of a matter, versions."""
    today = asked.at.on.isoformat()
    rows, same = (
        policy_changes(asked.register, before, after or today, asked.at, provision or None)
        if before
        else ([], 0)
    )
    reached = stages(asked.register, asked.at)
    return page(
        request,
        asked,
        "redline.html",
        "policy",
        before=before or "",
        after=after or today,
        between=(_state(before or ""), _state(after or today)),
        provision=provision or "",
        rows=rows,
        same=same,
        states=_named(reached),
        reached=reached,
    )


def _state(name: str) -> str:
    """A state in words: the day, or the stage with its matter."""
    if name[:4].isdigit():
        return day_in_words(name)
    stage, _, matter = name.partition("@")
    if stage[:1] == "v" and stage[1:].isdigit():
        return f"version {stage[1:]}"
    return f"{stage} in {matter}" if matter else stage
