"""The mapper: facts to stored bytes and back, as pydantic's JSON under explicit stored names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from types import MappingProxyType
from typing import TypeAlias

from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from pydantic import ValidationError
from pydantic_core import from_json

from adapters.store.event_log.personal_values import holds_personal, set_apart
from adapters.store.event_log.recorder import Draft, DraftEvent, PersonalPart
from adapters.store.event_log.upcasters import UPCASTERS, Upcaster, dead_ends, upcast
from application.ports import NotSetUp, Unreadable
from domain.shared.messages import Fact
from domain.shared.mistakes import mistake_in_words

Encode: TypeAlias = Callable[[Fact], bytes]
Decode: TypeAlias = Callable[[bytes], Fact]
Catalogue: TypeAlias = Mapping[str, type[Fact]]

Seal: TypeAlias = Callable[[bytes], PersonalPart]


def no_keys(value: bytes) -> PersonalPart:
    """Refuse a personal value where there are no keys to seal it with."""
    raise NotSetUp(keys="personal values are sealed, and this log was opened without keys")


ESCAPE = b"\\"
"""The mark before an escaped character in JSON: quickly looked for."""

_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def written_out(state: bytes) -> bytes:
    """Return a stored fact with each NUL in its texts as the six characters of its escape.

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
    to import every context takes longer than to answer from a read model. `light` is the part of it
    that is read without calling it. Raises `ValueError` where names and classes do not agree, or an
    upcaster leads nowhere.
    """

    def __init__(
        self,
        catalogue: Catalogue | Callable[[], Catalogue],
        upcasters: Mapping[str, Upcaster] = UPCASTERS,
        light: Catalogue = MappingProxyType({}),
        seal: Seal = no_keys,
    ) -> None:
        super().__init__(transcoder=JSONTranscoder())
        self._seal = seal
        self._given, self._light = catalogue, light
        self._upcasters = upcasters
        self._encoders: dict[type[Fact], tuple[Encode, bool]] = {}
        if not callable(catalogue):
            self._loaded = self._check(catalogue)

    @cached_property
    def _loaded(self) -> Catalogue:
        return self._check(self._given() if callable(self._given) else self._given)

    def _check(self, catalogue: Catalogue) -> Catalogue:
        wrong = sorted(topic for topic, kind in catalogue.items() if topic != kind.TOPIC)
        wrong += dead_ends(self._upcasters, catalogue)
        if wrong:
            raise ValueError(f"stored names that lead nowhere: {', '.join(wrong)}")
        return catalogue

    @cached_property
    def _known(self) -> frozenset[type[Fact]]:
        return frozenset(self._loaded.values())

    @cached_property
    def decoders(self) -> Mapping[str, Decode]:
        """By topic, old ones included; pydantic builds a type when the first of its rows is read.

        To build them all takes longer than to read a log of some hundred entries, and to import
        every context longer than to read what needs none.
        """
        decoders = _Decoders(self._light, lambda: self._loaded, self._upcasters)
        if not callable(self._given):
            decoders.load()
        return decoders

    def _encoder(self, kind: type[Fact]) -> tuple[Encode, bool] | None:
        """Return the encoder of a type, and whether the type may hold personal values."""
        if kind not in self._known:
            return None
        encoder = (kind.__pydantic_serializer__.to_json, holds_personal(kind))
        self._encoders[kind] = encoder
        return encoder

    def draft(
        self, stream: str, version: int, fact: Fact
    ) -> tuple[Draft, Fact, list[PersonalPart]]:
        """Return the row to store, the fact as it will be read, and parts to be kept apart."""
        encoder = self._encoders.get(type(fact)) or self._encoder(type(fact))
        if encoder is None:
            raise Unreadable(
                topic=fact.TOPIC, stream=stream, version=version, reason="not in the catalogue"
            )
        to_json, guarded = encoder
        personal: list[PersonalPart] = []
        if guarded:
            fact, personal = set_apart(fact, self._seal)
        return Draft(stream, version, fact.TOPIC, to_json(fact)), fact, personal

    def check(self, topic: str, state: bytes) -> None:
        """Raise `ValueError` for content that is not JSON or that its type refuses.

        A newer program may have written a topic that this one does not know.
        """
        try:
            decode = self.decoders[topic]
        except KeyError:
            from_json(state)
        else:
            decode(written_out(state))

    def explain(
        self, stream: str, version: int, topic: str, position: int | None, error: Exception
    ) -> Unreadable:
        """Return the problem behind a stored row that could not be decoded."""
        reason = _said(error) if topic in self.decoders else "no such topic is known"
        return Unreadable(
            topic=topic, stream=stream, version=version, position=position, reason=reason
        )

    def to_stored_event(self, domain_event: object) -> DraftEvent:
        """Return a stored event for a `Placed` fact; the library calls this to write."""
        if not isinstance(domain_event, Placed):
            raise TypeError(f"{type(domain_event).__name__} is not a fact placed in a stream")
        draft, _, personal = self.draft(
            domain_event.originator_id, domain_event.originator_version, domain_event.fact
        )
        return DraftEvent(*draft, personal=tuple(personal))

    def to_domain_event(self, stored_event: StoredEvent) -> Placed:
        """Return the fact of a stored event; the library calls this to read."""
        stream, version = str(stored_event.originator_id), stored_event.originator_version
        topic = stored_event.topic
        try:
            fact = self.decoders[topic](written_out(stored_event.state))
        except (KeyError, ValueError) as error:
            raise self.explain(stream, version, topic, None, error) from error
        return Placed(stream, version, fact)


class _Decoders(dict[str, Decode]):
    """Decoders by topic; a topic that is not there brings the whole catalogue in."""

    def __init__(
        self, light: Catalogue, whole: Callable[[], Catalogue], upcasters: Mapping[str, Upcaster]
    ) -> None:
        super().__init__()
        self._whole, self._upcasters = whole, upcasters
        self._add(light)

    def __missing__(self, topic: str) -> Decode:
        self.load()
        if topic not in self:
            raise KeyError(topic)
        return self[topic]

    def load(self) -> None:
        """Add the whole catalogue, and old topics."""
        catalogue, upcasters = self._whole(), self._upcasters
        self._add({topic: kind for topic, kind in catalogue.items() if topic not in self})
        for topic in upcasters:
            self[topic] = partial(_decode_old, topic, upcasters, catalogue)

    def _add(self, catalogue: Catalogue) -> None:
        for topic, kind in catalogue.items():
            self[topic] = partial(self._first, topic, kind)

    def _first(self, topic: str, kind: type[Fact], state: bytes) -> Fact:
        self[topic] = kind.__pydantic_validator__.validate_json
        return self[topic](state)


def _said(error: Exception) -> str:
    """Return the field and its mistake, without the library's page of help."""
    if not isinstance(error, ValidationError):
        return str(error)
    found = [(".".join(map(str, each["loc"])), mistake_in_words(each)) for each in error.errors()]
    return "; ".join(f"{field}: {mistake}" if field else mistake for field, mistake in found)


def _decode_old(
    topic: str,
    upcasters: Mapping[str, Upcaster],
    catalogue: Catalogue,
    state: bytes,
) -> Fact:
    newest, content = upcast(topic, state, upcasters)
    fact: Fact = catalogue[newest].__pydantic_validator__.validate_json(content)
    return fact
