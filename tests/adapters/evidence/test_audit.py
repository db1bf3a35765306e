"""The audit names row and column, personal parts included, and passes other registers over."""

from __future__ import annotations

import json

from adapters.evidence.audit import Audit, Difference, StoredPart, StoredRow, audit
from adapters.evidence.destructions import redacted_digests
from adapters.evidence.entries import SealedRow, digest, entry_of
from adapters.store.event_log.sealed_parts import parts_of

SEALED = b"a sealed part"
NAMED = digest(SEALED)
PART: StoredPart = (NAMED, "person-1", SEALED)


def row(n: int, stream: str = "toronto/a", state: bytes = b"{}", topic: str = "x.v1") -> StoredRow:
    return (stream, n, topic, state, n, 100 + n)


def destroying(n: int) -> StoredRow:
    state = json.dumps({"parts": [NAMED]}).encode()
    return row(n, state=state, topic="personal-data-destroyed.v1")


STATE = b'{"name":{"digest":"%s"}}' % NAMED.encode()
ROWS = [row(1), row(2, state=STATE), row(3)]


def audited(rows: list[StoredRow], *personal: StoredPart, sealed: list[StoredRow] = ROWS) -> Audit:
    entries = [
        entry_of(
            SealedRow(s, v, t, state, at, when, parts_of(state), redacted_digests(t, state)),
            n,
        )
        for n, (s, v, t, state, at, when) in enumerate(sealed, 1)
    ]
    return audit(entries, rows, personal, "toronto/", parts_of)


def of_part(kind: str, named: str = NAMED, *columns: str) -> Difference:
    return Difference(kind, 0, f"personal value {named}", 0, columns)


def test_what_was_sealed_is_as_it_was() -> None:
    assert audited(ROWS, PART) == Audit(compared=3, personal=1)


def test_an_altered_part_is_named_by_its_digest() -> None:
    found = audited(ROWS, (NAMED, "person-1", b"another part")).differences
    assert found == [of_part("altered", NAMED, "sealed")]


def test_a_part_under_the_name_of_another_subject_is_altered() -> None:
    entries = [entry_of(SealedRow(*each, parts_of(each[3])), n) for n, each in enumerate(ROWS, 1)]

    def owns(subject: object, part: bytes) -> bool:
        return (subject, part) == ("person-1", SEALED)

    def differences(*personal: StoredPart) -> list[Difference]:
        return audit(entries, ROWS, personal, "toronto/", parts_of, owns).differences

    assert differences(PART) == []
    for other in ("person-2", "", None, 7):
        assert differences((NAMED, other, SEALED)) == [of_part("altered", NAMED, "subject")]


def test_a_part_of_another_type_is_altered() -> None:
    found = audited(ROWS, (NAMED, "person-1", "a text")).differences
    assert found == [of_part("altered", NAMED, "sealed")]


def test_a_part_that_no_event_destroyed_is_missing() -> None:
    assert audited(ROWS) == Audit(compared=3, differences=[of_part("missing")])


def test_a_part_of_a_row_that_is_missing_too_is_missing() -> None:
    found = audited([ROWS[0], ROWS[2]]).differences
    assert found == [Difference("missing", 2, "toronto/a", 2), of_part("missing")]


def test_a_part_that_an_event_destroyed_is_counted_and_no_difference() -> None:
    rows = [*ROWS, destroying(4)]
    assert audited(rows, sealed=rows) == Audit(compared=4, erased=1)
    assert audited(rows) == Audit(compared=3, since=1, erased=1)


def test_a_damaged_row_destroys_nothing() -> None:
    rows = [*ROWS, row(4, state=b"{", topic="personal-data-destroyed.v1")]
    found = audited(rows)
    assert found == Audit(compared=3, since=1, differences=[of_part("missing")])


def test_a_part_that_was_destroyed_and_is_back_is_invented() -> None:
    rows = [*ROWS, destroying(4)]
    assert audited(rows, PART, sealed=rows).differences == [of_part("invented")]


def test_a_part_that_no_event_names_is_invented() -> None:
    found = audited(ROWS, PART, ("00" * 32, "person-1", SEALED)).differences
    assert found == [of_part("invented", "00" * 32)]


def test_a_part_of_a_later_row_or_of_another_register_is_no_difference() -> None:
    more, others = b"a later part", b"a part of another register"
    named = [b'{"name":{"digest":"%s"}}' % digest(each).encode() for each in (more, others)]
    rows = [*ROWS, row(4, state=named[0]), row(5, "hamburg/a", named[1])]
    parts = [(digest(each), "person-2", each) for each in (more, others)]
    assert audited(rows, PART, *parts) == Audit(compared=3, since=1, personal=1)
    altered = (digest(more), "person-2", b"altered")
    assert audited(rows, PART, altered).differences == [of_part("altered", digest(more), "sealed")]


def test_a_row_of_another_register_and_a_later_row_are_no_differences() -> None:
    rows = [*ROWS, row(4, "hamburg/a"), row(4)]
    assert audited(rows, PART) == Audit(compared=3, since=1, personal=1)


def test_a_state_of_another_type_is_altered() -> None:
    damaged = [(*ROWS[0][:3], "{}", *ROWS[0][4:]), *ROWS[1:]]
    found = audited(damaged, PART).differences
    assert found == [Difference("altered", 1, "toronto/a", 1, ("state",))]


def test_two_rows_that_changed_places_are_both_named() -> None:
    swapped = [ROWS[0], (*ROWS[2][:4], 2, 102), (*ROWS[1][:4], 3, 103)]
    found = audited(swapped, PART).differences
    assert [(d.position, d.columns) for d in found] == [
        (2, ("version", "state")),
        (3, ("version", "state")),
    ]
