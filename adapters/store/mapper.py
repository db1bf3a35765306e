"""Facts to stored bytes and back: pydantic's JSON, nothing between, explicit stored names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent

from adapters.store.personal import holds_personal, set_apart
from adapters.store.rows import Draft, DraftEvent, PersonalValue
from adapters.store.upcasting import UPCASTERS, Upcaster, dead_ends, upcast
from application.ports import Unreadable
from domain.kernel import Fact

Encode: TypeAlias = Callable[[Fact], bytes]
Decode: TypeAlias = Callable[[bytes], Fact]


@dataclass(frozen=True, slots=True)
class Placed:
    """A fact at its place in a stream: what the library calls a domain event."""

    originator_id: str
    originator_version: int
    fact: Fact


class FactMapper(Mapper[str]):
    """Resolves topics by the catalogue and nothing else; never compresses, never encrypts.

    Raises `ValueError` for a catalogue whose names and classes do not agree, or an upcaster that
    leads nowhere.
    """

    def __init__(
        self, catalogue: Mapping[str, type[Fact]], upcasters: Mapping[str, Upcaster] = UPCASTERS
    ) -> None:
        super().__init__(transcoder=JSONTranscoder())
        wrong = sorted(topic for topic, kind in catalogue.items() if topic != kind.TOPIC)
        wrong += dead_ends(upcasters, catalogue)
        if wrong:
            raise ValueError(f"stored names that lead nowhere: {', '.join(wrong)}")
        self._encoders: Mapping[type[Fact], tuple[Encode, bool]] = {
            kind: (kind.__pydantic_serializer__.to_json, holds_personal(kind))
            for kind in catalogue.values()
        }
        decoders: dict[str, Decode] = {
            topic: kind.__pydantic_validator__.validate_json for topic, kind in catalogue.items()
        }
        for topic in upcasters:
            decoders[topic] = partial(_decode_old, topic, upcasters, catalogue)
        self.decoders: Mapping[str, Decode] = decoders
        """By topic, old ones included."""

    def draft(
        self, stream: str, version: int, fact: Fact
    ) -> tuple[Draft, Fact, list[PersonalValue]]:
        """The row to store, the fact as it will be read again, and values to be kept apart."""
        encoder = self._encoders.get(type(fact))
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
            fact = self.decoders[topic](stored_event.state)
        except (KeyError, ValueError) as error:
            raise self.explain(stream, version, topic, None, error) from error
        return Placed(stream, version, fact)


def _decode_old(
    topic: str,
    upcasters: Mapping[str, Upcaster],
    catalogue: Mapping[str, type[Fact]],
    state: bytes,
) -> Fact:
    newest, content = upcast(topic, state, upcasters)
    fact: Fact = catalogue[newest].__pydantic_validator__.validate_json(content)
    return fact
