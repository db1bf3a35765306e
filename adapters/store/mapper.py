"""Facts to stored bytes and back: pydantic's JSON, nothing between, explicit stored names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeAlias

from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent

from adapters.store.personal import holds_personal, set_apart
from adapters.store.rows import Draft, DraftEvent, PersonalValue
from adapters.store.upcasting import Upcaster, dead_ends, leading_to, upcast
from application.ports import Unreadable
from domain.kernel import Fact

Encode: TypeAlias = Callable[[Fact], bytes]
Decode: TypeAlias = Callable[[bytes], Fact]
Catalogue: TypeAlias = Mapping[str, type[Fact]]

ESCAPE = b"\\"
"""What JSON has before a character that it cannot hold as such: quickly looked for."""

_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def written_out(state: bytes) -> bytes:
    """A stored fact with each NUL in its texts as the six characters of its escape.

    What is recorded has none any more, but an older log may; no text of PostgreSQL can hold one.
    """
    return _NUL.sub(rb"\1\\\\u0000", state) if rb"\u0000" in state else state


@dataclass(frozen=True, slots=True)
class Placed:
    """A fact at its place in a stream: what the library calls a domain event."""

    originator_id: str
    originator_version: int
    fact: Fact


class FactMapper(Mapper[str]):
    """Resolves topics by the catalogue and nothing else; never compresses, never encrypts.

    A catalogue may be given as a function, which is called when the first fact is read or written:
    to import every context takes longer than to answer from a read model. Unless others are given,
    its upcasters are those that lead to what is in the catalogue. Raises `ValueError` where names
    and classes do not agree, or an upcaster leads nowhere.
    """

    def __init__(
        self,
        catalogue: Catalogue | Callable[[], Catalogue],
        upcasters: Mapping[str, Upcaster] | None = None,
    ) -> None:
        super().__init__(transcoder=JSONTranscoder())
        self._given = catalogue
        self._given_upcasters = upcasters
        self._encoders: dict[type[Fact], tuple[Encode, bool]] = {}
        if not callable(catalogue):
            self._loaded = self._check(catalogue)

    @cached_property
    def _loaded(self) -> tuple[Catalogue, Mapping[str, Upcaster]]:
        return self._check(self._given() if callable(self._given) else self._given)

    def _check(self, catalogue: Catalogue) -> tuple[Catalogue, Mapping[str, Upcaster]]:
        given = self._given_upcasters
        upcasters = leading_to(catalogue) if given is None else given
        wrong = sorted(topic for topic, kind in catalogue.items() if topic != kind.TOPIC)
        wrong += dead_ends(upcasters, catalogue)
        if wrong:
            raise ValueError(f"stored names that lead nowhere: {', '.join(wrong)}")
        return catalogue, upcasters

    @cached_property
    def _known(self) -> frozenset[type[Fact]]:
        return frozenset(self._loaded[0].values())

    @cached_property
    def decoders(self) -> Mapping[str, Decode]:
        """By topic, old ones included; pydantic builds a type when the first of its rows is read.

        To build them all takes longer than to read a log of some hundred entries.
        """
        catalogue, upcasters = self._loaded
        decoders: dict[str, Decode] = {}

        def first(topic: str, state: bytes) -> Fact:
            kind = catalogue[topic]
            decoders[topic] = kind.__pydantic_validator__.validate_json
            return decoders[topic](state)

        for topic in catalogue:
            decoders[topic] = partial(first, topic)
        for topic in upcasters:
            decoders[topic] = partial(_decode_old, topic, upcasters, catalogue)
        return decoders

    def _encoder(self, kind: type[Fact]) -> tuple[Encode, bool] | None:
        """How a type in the catalogue is written, and whether it may hold something personal."""
        if kind not in self._known:
            return None
        encoder = (kind.__pydantic_serializer__.to_json, holds_personal(kind))
        self._encoders[kind] = encoder
        return encoder

    def draft(
        self, stream: str, version: int, fact: Fact
    ) -> tuple[Draft, Fact, list[PersonalValue]]:
        """The row to store, the fact as it will be read again, and values to be kept apart."""
        encoder = self._encoders.get(type(fact)) or self._encoder(type(fact))
        if encoder is None:
            raise Unreadable(
                topic=fact.TOPIC, stream=stream, version=version, reason="not in the catalogue"
            )
        to_json, guarded = encoder
        personal: list[PersonalValue] = []
        if guarded:
            fact, personal = set_apart(fact)
        return Draft(stream, version, fact.TOPIC, to_json(fact)), fact, personal

    def explain(
        self, stream: str, version: int, topic: str, position: int | None, error: Exception
    ) -> Unreadable:
        """What it means that a stored row could not be decoded."""
        reason = str(error) if topic in self.decoders else "no such topic is known"
        return Unreadable(
            topic=topic, stream=stream, version=version, position=position, reason=reason
        )

    def to_stored_event(self, domain_event: object) -> DraftEvent:
        """The library's way in: for a `Placed` fact."""
        if not isinstance(domain_event, Placed):
            raise TypeError(f"{type(domain_event).__name__} is not a fact placed in a stream")
        draft, _, personal = self.draft(
            domain_event.originator_id, domain_event.originator_version, domain_event.fact
        )
        return DraftEvent(*draft, personal=tuple(personal))

    def to_domain_event(self, stored_event: StoredEvent) -> Placed:
        """The library's way out."""
        stream, version = str(stored_event.originator_id), stored_event.originator_version
        topic = stored_event.topic
        try:
            fact = self.decoders[topic](written_out(stored_event.state))
        except (KeyError, ValueError) as error:
            raise self.explain(stream, version, topic, None, error) from error
        return Placed(stream, version, fact)


def _decode_old(
    topic: str,
    upcasters: Mapping[str, Upcaster],
    catalogue: Catalogue,
    state: bytes,
) -> Fact:
    newest, content = upcast(topic, state, upcasters)
    fact: Fact = catalogue[newest].__pydantic_validator__.validate_json(content)
    return fact
