"""All that a decision adopts: recommendations, the reports they adopt, and what all of them do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.instruments import AdoptReport, Instrument
from domain.proceedings.matter import Matter
from domain.proceedings.recommendations import Recommendation
from domain.shared.problems import Refusal


class UnknownReport(Refusal):
    """The matter has no report of this name to adopt."""

    rule = "A3"
    document: str
    known: tuple[str, ...]


def instruments_done_by(recommendations: Iterable[Recommendation]) -> tuple[Instrument, ...]:
    """Return the instruments of the recommendations, in order."""
    return tuple(i for recommendation in recommendations for i in recommendation.instruments)


def instruments_of(
    matter: Matter,
    instruments: Iterable[Instrument],
    adopted: Iterable[str] = (),
    *,
    known_only: bool = False,
) -> tuple[Instrument, ...]:
    """Return all that is done, reports that are adopted included, in order.

    A recommendation does what it does once, however many reports adopt the one that it stands in;
    `adopted` are those whose own acts are among the instruments. With `known_only` a report that
    was withdrawn is passed over. Raises `UnknownReport` otherwise.
    """
    return tuple(_all_done(matter, instruments, set(adopted), known_only))


def adopted_with(
    matter: Matter, names: Iterable[str], acts: Iterable[Instrument]
) -> frozenset[str]:
    """Return the adopted recommendations: those named, and those in the reports named."""
    reports = tuple(act.document for act in acts if isinstance(act, AdoptReport))
    return frozenset(names).union(reports, *(matter.reports[report] for report in reports))


def _all_done(
    matter: Matter, instruments: Iterable[Instrument], done: set[str], known_only: bool
) -> Iterator[Instrument]:
    for instrument in instruments:
        yield instrument
        if isinstance(instrument, AdoptReport):
            if instrument.document not in matter.reports:
                if known_only:
                    continue
                raise UnknownReport(document=instrument.document, known=tuple(matter.reports))
            inside = [name for name in matter.reports[instrument.document] if name not in done]
            done.update(inside)
            acts = instruments_done_by(matter.recommendations[name] for name in inside)
            yield from _all_done(matter, acts, done, known_only)
