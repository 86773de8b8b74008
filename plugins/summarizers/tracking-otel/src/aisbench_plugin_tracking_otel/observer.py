"""Telling an OpenTelemetry collector: figures as gauges, sessions as spans, over OTLP/HTTP."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from attrs import define, frozen

from aisbench.api import (
    Figure,
    PerformanceResult,
    RunEnd,
    RunProgress,
    RunStart,
    Secret,
    SuiteResult,
    TaskResult,
    above,
    setting,
)
from aisbench.tracking import keep, kept, parameters, tags

if TYPE_CHECKING:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.metrics import Meter
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from opentelemetry.trace import Span
    from opentelemetry.util.types import AttributeValue

log = logging.getLogger(f"aisbench.plugins.{__name__}")


@frozen
class OtelSettings:
    """Where it is sent."""

    endpoint: str = setting(
        default="",
        help="of a collector, without /v1/...; empty: OTEL_EXPORTER_OTLP_ENDPOINT of the "
        "environment, or http://localhost:4318",
        example="http://collector:4318",
    )
    headers: Mapping[str, Secret] = setting(
        factory=dict, help="sent along", example={"authorization": "env:OTLP_AUTHORIZATION"}
    )
    service: str = setting(
        default="aisbench", help="service.name of what is sent", example="nightly-evals"
    )
    attributes: Mapping[str, str] = setting(
        factory=dict, help="of all that is sent", example={"deployment.environment.name": "ci"}
    )
    timeout: float = setting(
        default=10.0, unit="s", check=above(0), help="when a request to the collector is given up"
    )


class ExportFailed(Exception):
    """The collector did not take what was sent."""


@define
class _Open:
    """What is open while a session lasts. It is sent when it is told to: no thread of the SDK
    works beside a load, and a collector that takes nothing is an error."""

    reader: InMemoryMetricReader
    metrics: OTLPMetricExporter
    spans: OTLPSpanExporter
    ended: InMemorySpanExporter
    meter: Meter
    span: Span
    gauges: dict[str, Any] = attrs.field(factory=dict)

    def set(self, name: str, value: float, unit: str, attributes: Mapping[str, str]) -> None:
        """Note a value, to be sent at the next :meth:`flush`."""
        if name not in self.gauges:
            self.gauges[name] = self.meter.create_gauge(name, unit=unit)
        known = {key: one for key, one in attributes.items() if one}
        self.gauges[name].set(value, known)

    def flush(self) -> None:
        """Send. Raises ExportFailed."""
        data = self.reader.get_metrics_data()
        if data is not None and self.metrics.export(data).name != "SUCCESS":
            raise ExportFailed("the collector does not take the metrics")

    def send_spans(self) -> None:
        """Send what has ended. Raises ExportFailed."""
        if self.spans.export(self.ended.get_finished_spans()).name != "SUCCESS":
            raise ExportFailed("the collector does not take the spans")


class OtelObserver:
    """Sends a session's figures as metrics, and the session as a span; all sessions of a run are
    one trace."""

    def __init__(self, settings: OtelSettings) -> None:
        self._settings = settings
        self._open: _Open | None = None

    def begin(self, start: RunStart) -> None:
        """Open the span of the session. Nothing is sent yet."""
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        own = self._settings
        named = {"service.name": own.service, **tags(start), **own.attributes}
        resource = Resource.create(dict(named))
        # What the exporter has to say is told by the errors here, once.
        logging.getLogger("opentelemetry").addHandler(logging.NullHandler())
        reader, ended = InMemoryMetricReader(), InMemorySpanExporter()
        meters = MeterProvider([reader], resource, shutdown_on_exit=False)
        tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        tracers.add_span_processor(SimpleSpanProcessor(ended))
        span = tracers.get_tracer("aisbench").start_span(
            "aisbench session", context=_earlier(start.folder), attributes=_attributes(start)
        )
        _keep_place(start.folder, span)
        self._open = _Open(
            reader=reader,
            metrics=self._metrics(),
            spans=self._spans(),
            ended=ended,
            meter=meters.get_meter("aisbench"),
            span=span,
        )
        log.info("sent to OpenTelemetry as trace %032x", span.get_span_context().trace_id)

    def progress(self, found: Sequence[RunProgress]) -> None:
        """The counts of each task or load."""
        if self._open is None:
            return
        for one in found:
            place = {"aisbench.task": one.label}
            self._open.set("aisbench.progress.done", one.done, "{answer}", place)
            self._open.set("aisbench.progress.failed", one.failed, "{answer}", place)
            if one.accuracy is not None:
                self._open.set("aisbench.progress.accuracy", one.accuracy, "1", place)
        self._open.flush()

    def task(self, result: TaskResult) -> None:
        """The figures of a task, and an event of the session's span."""
        if self._open is None:
            return
        place = {
            "aisbench.model": result.model,
            "aisbench.dataset": result.dataset,
            "aisbench.load": result.load,
        }
        for figure in result.figures:
            self._figure(figure, place)
        for name, count in attrs.asdict(result.counts).items():
            outcome = {**place, "aisbench.outcome": name}
            self._open.set("aisbench.answers", count, "{answer}", outcome)
        whole = {one.name: one.value for one in result.figures if not one.part}
        self._event("task", {**place, **whole})
        self._open.flush()

    def load(self, result: PerformanceResult) -> None:
        """The figures and quantities of a load, and an event of the session's span."""
        if self._open is None:
            return
        place = {
            "aisbench.model": result.model,
            "aisbench.dataset": result.dataset,
            "aisbench.load": result.load,
        }
        for part in result.populations[:1]:
            for figure in part.figures:
                self._open.set(f"aisbench.load.{figure.name}", figure.value, figure.unit, place)
            for one in part.statistics:
                spread = {"mean": one.mean, "min": one.min, "max": one.max, **one.percentiles}
                for name, value in spread.items():
                    statistic = {**place, "aisbench.statistic": name}
                    self._open.set(f"aisbench.load.{one.name}", value, one.unit, statistic)
        self._event("load", {**place, "complete": result.complete})
        self._open.flush()

    def summary(self, results: SuiteResult, files: Sequence[Path]) -> None:
        """The figures of groups; files are not sent."""
        for group in results.groups:
            if group.figure is not None:
                place = {"aisbench.model": group.model, "aisbench.group": group.name}
                self._figure(group.figure, {**place, "aisbench.load": group.load})

    def end(self, end: RunEnd) -> None:
        """Close the span, and send what is left."""
        from opentelemetry.trace import StatusCode

        if self._open is None:
            return
        span = self._open.span
        span.set_attributes({"aisbench.outcome": end.outcome, "aisbench.exit_code": end.exit_code})
        if end.outcome == "complete":
            span.set_status(StatusCode.OK)
        else:
            span.set_status(StatusCode.ERROR, end.message or end.outcome)
        span.end()
        try:
            self._open.flush()
        finally:
            opened, self._open = self._open, None
            opened.send_spans()

    def _figure(self, figure: Figure, place: Mapping[str, str]) -> None:
        assert self._open is not None
        named = {
            **place,
            "aisbench.figure": figure.name,
            "aisbench.part": figure.part,
            "aisbench.unit": figure.unit,
        }
        values = {
            "aisbench.figure": figure.value,
            "aisbench.figure.low": figure.low,
            "aisbench.figure.high": figure.high,
            "aisbench.figure.n": figure.n,
        }
        for name, value in values.items():
            if value is not None:
                self._open.set(name, value, "1", named)

    def _event(self, name: str, facts: Mapping[str, AttributeValue]) -> None:
        assert self._open is not None
        known = {key: one for key, one in facts.items() if one != ""}
        self._open.span.add_event(f"aisbench.{name}", known)

    def _metrics(self) -> OTLPMetricExporter:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

        return OTLPMetricExporter(
            endpoint=self._address("v1/metrics"),
            headers=self._headers(),
            timeout=self._settings.timeout,
        )

    def _spans(self) -> OTLPSpanExporter:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter(
            endpoint=self._address("v1/traces"),
            headers=self._headers(),
            timeout=self._settings.timeout,
        )

    def _address(self, path: str) -> str | None:
        """None: what the variables of OpenTelemetry say."""
        endpoint = self._settings.endpoint.rstrip("/")
        return f"{endpoint}/{path}" if endpoint else None

    def _headers(self) -> dict[str, str] | None:
        found = {name: one.reveal() or "" for name, one in self._settings.headers.items()}
        return found or None


def _attributes(start: RunStart) -> dict[str, AttributeValue]:
    found: dict[str, AttributeValue] = {
        f"aisbench.parameter.{name}": value for name, value in parameters(start).items()
    }
    found["aisbench.session"] = start.session
    found["aisbench.stages"] = list(start.stages)
    return found


def _earlier(folder: Path) -> Any:
    """The place of the first session's span in its trace; None in the first session."""
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    known = kept(folder)
    try:
        trace, span = int(known["trace"], 16), int(known["span"], 16)
    except (KeyError, ValueError):
        return None
    place = SpanContext(trace, span, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return set_span_in_context(NonRecordingSpan(place))


def _keep_place(folder: Path, span: Span) -> None:
    place = span.get_span_context()
    if not kept(folder):
        keep(folder, {"trace": f"{place.trace_id:032x}", "span": f"{place.span_id:016x}"})
