"""Traces by OpenTelemetry: off unless its own settings name an exporter.

A trace begins at a request, goes on in the commit, and ends where the relay publishes.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from domain.shared.problems import Invalid

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
NAME = "alliance"
TRACEPARENT = "traceparent"
"""A trace and its last span as text (W3C Trace Context)."""


class NoTelemetry(Invalid):
    """Traces are asked for, and what sends them is not here.

    Details: the `setting` that asks for them, and what will `mend` it.
    """

    setting: str
    mend: str


class _State:
    on = False


def is_on() -> bool:
    """True where spans are kept."""
    return _State.on


def _asked() -> tuple[str, str]:
    """The exporter that the environment names, and the setting that does; empty for none."""
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return "", ""
    if named := os.environ.get("OTEL_TRACES_EXPORTER", ""):
        return ("" if named == "none" else named), "OTEL_TRACES_EXPORTER"
    setting = next((name for name in ENDPOINTS if os.environ.get(name)), "")
    return ("otlp" if setting else ""), setting


@contextmanager
def span_of_sending(process: str) -> Generator[None]:
    """Send the spans of a process, as the environment says; those that wait are sent at the end.

    Raises `NoTelemetry`.
    """
    named, setting = _asked()
    if not named:
        yield
        return
    from opentelemetry import trace  # noqa: PLC0415  (only where it is asked for)

    try:
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        exporter = _exporter(named, setting)
    except ImportError:
        mend = "pip install 'alliance-register[telemetry]'"
        raise NoTelemetry(setting=setting, mend=mend) from None
    service = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": f"{NAME}-{process}"}
    provider = TracerProvider(resource=Resource.create(service))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    _State.on = True
    try:
        yield
    finally:
        _State.on = False
        provider.shutdown()


def _exporter(named: str, setting: str) -> SpanExporter:
    match named:
        case "otlp":
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
                OTLPSpanExporter,
            )

            return OTLPSpanExporter()
        case "console":
            from opentelemetry.sdk.trace.export import ConsoleSpanExporter  # noqa: PLC0415

            return ConsoleSpanExporter()
        case _:
            raise NoTelemetry(setting=setting, mend=f"{named} is none of otlp, console, none")


@contextmanager
def span(name: str, parent: str = "", **attributes: int) -> Generator[str]:
    """Measure a part of the work, in the trace of its `parent`, else of what is going on.

    Yields its own `traceparent`, empty where telemetry is off.
    """
    if not _State.on:
        yield ""
        return
    from opentelemetry import trace  # noqa: PLC0415
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
        TraceContextTextMapPropagator,
    )

    words = TraceContextTextMapPropagator()
    context = words.extract({TRACEPARENT: parent}) if parent else None
    told: Mapping[str, int] = {f"{NAME}.{key}": value for key, value in attributes.items()}
    with trace.get_tracer(NAME).start_as_current_span(name, context, attributes=told):
        carried: dict[str, str] = {}
        words.inject(carried)
        yield carried.get(TRACEPARENT, "")
