"""Bodies over time: new, renamed, merged, split and abolished ones, on the charter's timeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import ClassVar

from pydantic import model_validator

from domain.council.bodies import (
    Body,
    BodyId,
    BodyNoMore,
    Charter,
    CharterInForce,
    CharterRecorded,
    RecordCharter,
    UnknownBody,
)
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding, Ruling
from domain.shared.history import History, fold
from domain.shared.messages import Basis, Command, DecisionRef, Event, Value, shared_fields
from domain.shared.problems import Refusal
from domain.shared.provisions import PolicyInForce, bodies_in, names_a_body
from domain.shared.timeline import Timeline


class BodyChanges(Value):
    """Bodies as they are from a day on, and those that end with it.

    `bodies` are new ones, or known ones under another name; the others stay as they are. One that
    `succeeds` another takes its place once that is no more.
    """

    bodies: tuple[Body, ...] = ()
    abolished: tuple[BodyId, ...] = ()
    residual_authority: BodyId | None = None

    def named(self) -> tuple[str, ...]:
        """Return every body that is new, changed, succeeded or abolished."""
        changed = (name for body in self.bodies for name in (body.id, *body.succeeds))
        return tuple(dict.fromkeys((*changed, *self.abolished)))


class ChangeBodies(BodyChanges, Command):
    """Enter that bodies were set up, renamed, merged, split or abolished."""

    KIND: ClassVar[str] = "change-bodies"

    authority: DecisionRef | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> ChangeBodies:
        if not (self.bodies or self.abolished or self.residual_authority):
            raise ValueError("name `bodies`, `abolished` ones or another `residual_authority`")
        return self

    @property
    def item(self) -> str:
        """The bodies that it names."""
        return "+".join((*(body.id for body in self.bodies), *self.abolished)) or self.KIND


class BodiesChanged(BodyChanges, Event):
    """Bodies were set up, renamed, merged, split or abolished.

    `findings` name provisions in force whose body is no more by it.
    """

    TOPIC: ClassVar[str] = "bodies-changed.v1"

    findings: tuple[Finding, ...] = ()


CharterEvent = CharterRecorded | BodiesChanged


class ResidualAuthorityEnds(Refusal):
    """The body that holds the residual authority ends: name the one that holds it from now on."""

    rule = "A1"
    body: str


class AlreadyThatBody(Refusal):
    """The bodies are already as the act would make them."""

    rule = "A1"
    bodies: tuple[str, ...]


def decide(
    state: CharterInForce | None,
    command: RecordCharter | ChangeBodies,
    policy: PolicyInForce,
    basis: Basis,
) -> Ruling:
    """Enter a charter or a change of bodies; a charter that is in force already changes nothing.

    Raises `UnknownBody`, `BodyNoMore`, `ResidualAuthorityEnds` and `AlreadyThatBody`.
    """
    event: CharterEvent
    if isinstance(command, RecordCharter):
        event = CharterRecorded(charter=command.charter, **basis)
        if evolve(state, event) == state:
            return Ruling(())
    else:
        event = BodiesChanged(**shared_fields(BodyChanges, command), **basis)
        if refusal := objection(state, event):
            raise refusal
    after = evolve(state, event)
    findings = (
        *_left_without(state, after, policy, event.effective_from),
        *_still_there(event, after),
    )
    return Ruling((event.model_copy(update={"findings": findings}),), findings)


def _left_without(
    before: Charter | None, after: Charter | None, policy: PolicyInForce, since: When
) -> Iterable[Finding]:
    """Apply rule A1 to provisions in force that name only bodies that no longer exist."""
    if before is None or after is None:
        return
    for address, provision in policy.provisions.items():
        for term, value in provision.draft.terms.items():
            named = bodies_in(value) if names_a_body(term) else ()
            held = any(before.now(body) for body in named)
            if held and not any(after.now(body) for body in named):
                yield Finding(
                    rule="A1",
                    answer=Answer.ADVISORY,
                    reason=f"{address} names {' or '.join(named)} ({term}), which is not a body "
                    f"from {since}: {after.residual_authority} acts until the provision is amended",
                    provision=provision.ref,
                )


def _still_there(event: CharterEvent, after: Charter | None) -> Iterator[Finding]:
    """Apply rule A1 to bodies that others succeed, and that go on: nothing passes on as yet."""
    if isinstance(event, CharterRecorded) or after is None:
        return
    for body in event.bodies:
        for former in body.succeeds:
            if former in after.names():
                yield Finding(
                    rule="A1",
                    answer=Answer.ADVISORY,
                    reason=f"{former} is still there: {body.id} takes its place once {former} is "
                    "among the abolished",
                )


def objection(state: CharterInForce | None, event: CharterEvent) -> Refusal | None:
    """Return why a change of bodies does not fit what was before; a whole charter always fits."""
    if isinstance(event, CharterRecorded):
        return None
    if state is None:
        return UnknownBody(body=(*event.abolished, *(b.id for b in event.bodies), "")[0], known=())
    known = state.names()
    for body in (*event.abolished, *_succeeded(event)):
        ended = state.ended(body)
        if body not in known and not (ended and body not in event.abolished):
            return (
                BodyNoMore(body=body, ended=ended, successors=state.now(body))
                if ended
                else UnknownBody(body=body, known=tuple(known))
            )
    after = evolve(state, event)
    if after == state:
        return AlreadyThatBody(bodies=tuple(body.id for body in event.bodies))
    if after is None or after.residual_authority not in after.names():
        return ResidualAuthorityEnds(body=state.residual_authority)
    for body in (each for new in event.bodies for each in new.acts_for):
        if body not in after.names():
            return UnknownBody(body=body, known=tuple(after.names()))
    return None


def _succeeded(event: BodiesChanged) -> tuple[str, ...]:
    return tuple(body for new in event.bodies for body in new.succeeds)


def evolve(state: CharterInForce | None, event: CharterEvent) -> CharterInForce | None:
    """Return the bodies after one more event."""
    if isinstance(event, CharterRecorded):
        return _with(state, event.charter, event.charter.bodies, event.effective_from)
    if state is None:
        return None
    changed = {body.id: body for body in event.bodies}
    stay = {body.id: changed.get(body.id, body) for body in state.bodies}
    bodies = {**stay, **changed}
    kept = tuple(body for name, body in bodies.items() if name not in event.abolished)
    residual = event.residual_authority or state.residual_authority
    changes = state.model_copy(update={"residual_authority": residual})
    return _with(state, changes, kept, event.effective_from)


def _with(
    state: CharterInForce | None, charter: Charter, bodies: tuple[Body, ...], since: When
) -> CharterInForce:
    before = {body.id: body for body in state.bodies} if state else {}
    successions = {body.id: body.succeeds for body in (*before.values(), *bodies)}
    there = {body.id for body in bodies}
    ended = {name: since for name in before if name not in there}
    gone = {**(state.gone if state else {}), **ended}
    fields = {name: getattr(charter, name) for name in Charter.model_fields}
    fields["bodies"] = tuple(
        body.model_copy(
            update={
                "succeeds": _all_succeeded(
                    (*(before[body.id].succeeds if body.id in before else ()), *body.succeeds),
                    successions,
                )
            }
        )
        for body in bodies
    )
    fields["gone"] = {name: day for name, day in gone.items() if name not in there}
    return CharterInForce.model_construct(**fields)


def _all_succeeded(
    succeeds: tuple[str, ...], successions: dict[str, tuple[str, ...]]
) -> tuple[str, ...]:
    found = dict.fromkeys(succeeds)
    for body in succeeds:
        found |= dict.fromkeys(successions.get(body, ()))
    return tuple(found)


def _ground(state: CharterInForce | None, event: CharterEvent) -> str:
    """Return the bodies that an act changes, as they were before it."""
    if isinstance(event, CharterRecorded) or state is None:
        return ""
    names = state.names()
    touched = dict.fromkeys((*event.abolished, *(body.id for body in event.bodies)))
    return "; ".join(f"{body}: {names.get(body, 'none')}" for body in touched)


TIMELINE: Timeline[CharterInForce | None, CharterEvent] = Timeline(
    rule="A1",
    nothing=None,
    evolve=evolve,
    objection=objection,
    ground=_ground,
    begins=(CharterRecorded,),
)
"""How the acts on a city's bodies follow one another."""


def charter_on(history: History[CharterEvent], day: date) -> CharterInForce | None:
    """Return the bodies that surely exist on a day; before the first charter, those of that one.

    The first is dated by whoever set the register up, and the bodies were there before it.
    """
    return fold(evolve, None, history.on(day) or history.standing()[:1])
