"""Agents' traces as OpenTelemetry's conventions for generative AI have them.

``gen_ai.operation.name`` says what a span is (chat, text_completion, generate_content: a request;
execute_tool; invoke_agent, invoke_workflow: an agent), ``gen_ai.usage.input_tokens`` and
``output_tokens`` (before 1.27 ``prompt_tokens``, ``completion_tokens``) how long it was,
``gen_ai.conversation.id`` which traces are one conversation
(https://opentelemetry.io/docs/specs/semconv/gen-ai/).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import define, field

from aisbench.api import DataError
from aisbench_plugin_traces.row_files import RecordedRequest, length_of
from aisbench_plugin_traces.session_graph import Item, SessionCall, Thread, connect
from aisbench_plugin_traces.settings import OtelTraceSettings
from aisbench_plugin_traces.spans import Span, read_spans
from aisbench_plugin_traces.trace_dataset import TraceDataset

_REQUESTS = frozenset({"chat", "text_completion", "generate_content", "completion"})
_OTHERS = frozenset({"embeddings", "retrieval", "create_agent"})
_TOOL, _AGENTS = "execute_tool", frozenset({"invoke_agent", "invoke_workflow"})
_INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")
_OUTPUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")
_SKEW_NS = 1_000_000
"""Clocks of one host's threads may differ by so much without any being wrong."""


class OtelTrace(TraceDataset):
    """Each conversation, or trace, is a session; prompts of one agent in it begin alike."""

    name: ClassVar[str] = "otel"
    source: ClassVar[str] = (
        "export spans with gen_ai.* attributes as OTLP JSON, as the collector's file exporter does"
    )
    in_file_order: ClassVar[bool] = False

    def __init__(self, settings: OtelTraceSettings) -> None:
        super().__init__(settings)
        self._own = settings

    def read(self, text: str) -> list[RecordedRequest]:
        spans = read_spans(text, self.settings.path)
        by_trace: dict[str, dict[str, Span]] = defaultdict(dict)
        for one in spans:
            if one.id in by_trace[one.trace]:
                raise one.place.fault(
                    f"span {one.id} of trace {one.trace} comes twice", "drop one of them"
                )
            by_trace[one.trace][one.id] = one
        sessions: dict[str, _SpanSession] = {}
        for trace, found in by_trace.items():
            self._check_tree(found)
            name = _conversation(found) or trace
            sessions.setdefault(name, _SpanSession(name)).add(found, self)
        rows = [row for one in sessions.values() for row in one.rows(self)]
        if spans and not rows:
            raise DataError(
                f"{self.settings.path}: none of {len(spans)} spans is a request to a model",
                hint="such a span has gen_ai.operation.name = chat, or gen_ai.usage.input_tokens",
            )
        return rows

    def parts(self, row: RecordedRequest) -> list[tuple[str, int]]:
        return [(f"{row.session}/{row.detail}", row.input_length or 0)]

    def sized(self, span: Span) -> bool:
        """Whether the request is one to send. Raises DataError where it does not say how long it
        was."""
        missing = [
            names[0]
            for names in (_INPUT, _OUTPUT)
            if not any(one in span.attributes for one in names)
        ]
        if not missing:
            return True
        if self._own.without_tokens == "drop":
            return False
        raise span.place.fault(
            f"span {span.id} ({span.name}) is a request without {' and '.join(missing)}",
            'set without_tokens = "drop" to leave such requests out, as failed ones are, or let '
            "the instrumentation tell the usage",
        )

    def _check_tree(self, spans: dict[str, Span]) -> None:
        """Raises DataError for parents that are missing or go in a circle, and for clocks that
        do not agree."""
        for one in spans.values():
            parent = spans.get(one.parent)
            if one.parent and parent is None and self._own.missing_parents == "error":
                raise one.place.fault(
                    f"span {one.id} ({one.name}) has the parent {one.parent}, which is not in the "
                    "file",
                    'the trace is cut or sampled: set missing_parents = "root" to take such spans '
                    "as the beginning of what they are",
                )
            if parent is None or not self._own.check_clocks:
                continue
            if one.begin < parent.begin - _SKEW_NS:
                raise one.place.fault(
                    f"span {one.id} ({one.name}) begins {(parent.begin - one.begin) / 1e6:g} ms "
                    f"before its parent {parent.id} ({parent.name})",
                    "the clocks of two hosts differ: set check_clocks = false where that does not "
                    "matter",
                )
        fine: set[str] = set()
        for one in spans.values():
            path: list[str] = []
            at: Span | None = one
            while at is not None and at.id not in fine:
                if at.id in path:
                    circle = " -> ".join([*path[path.index(at.id) :], at.id])
                    raise at.place.fault(
                        f"the parents of spans go in a circle: {circle}",
                        "a span's parent must have begun before it; mend the file",
                    )
                path.append(at.id)
                at = spans.get(at.parent)
            fine.update(path)


@define
class _SpanSession:
    """One conversation, of one trace or several."""

    name: str
    top: Thread = field(factory=Thread)
    tools: list[tuple[int, int]] = field(factory=list)
    spans: dict[str, Span] = field(factory=dict)
    """Those of requests, by the name of their call."""

    def add(self, found: Mapping[str, Span], dataset: OtelTrace) -> None:
        threads: dict[str, tuple[Thread, str, int]] = {}
        holds = {one.parent for one in found.values() if _is_request(one)}
        outer = _ancestors(found, holds)

        def thread_of(span: Span) -> tuple[Thread, str, int]:
            """The agent that a span is of: its thread, its name and its depth."""
            at = found.get(span.parent)
            while at is not None and _operation(at) not in _AGENTS:
                at = found.get(at.parent)
            if at is None:
                return self.top, "", 0
            if at.id not in threads:
                above, path, depth = thread_of(at)
                made = Thread()
                above.items.append(made)
                called = str(at.attributes.get("gen_ai.agent.name") or at.id)
                # The outermost agent is the main one; each further one below it is a sub-agent.
                nested = above is not self.top
                name = f"{path}/{at.id}" if nested else called
                threads[at.id] = made, name, depth + 1 if nested else 0
            return threads[at.id]

        for one in sorted(found.values(), key=lambda span: (span.begin, span.end)):
            if _operation(one) == _TOOL:
                self.tools.append((one.begin, one.end))
            # Frameworks and the client below them tell one request twice: the inner one is it.
            if not _is_request(one) or one.id in outer or not dataset.sized(one):
                continue
            thread, agent, depth = thread_of(one)
            call = SessionCall(f"{one.trace}/{one.id}", one.begin, one.end, agent, depth)
            item: Item = call
            thread.items.append(item)
            self.spans[call.name] = one

    def rows(self, dataset: OtelTrace) -> Sequence[RecordedRequest]:
        rows = []
        for call in connect(self.top, self.tools):
            span = self.spans[call.name]
            rows.append(
                RecordedRequest(
                    line=span.place.line,
                    at_ns=call.begin,
                    input_length=_tokens(span, _INPUT, 1),
                    output_length=_tokens(span, _OUTPUT, 0),
                    detail=call.agent,
                    id=call.name,
                    session=self.name,
                    after=tuple(one.name for one in call.after),
                    pauses=call.pauses,
                    labels={"depth": str(call.depth), "kind": call.kind},
                )
            )
        return rows


def _operation(span: Span) -> str:
    found = span.attributes.get("gen_ai.operation.name")
    if isinstance(found, str) and found:
        return found
    return _TOOL if "gen_ai.tool.name" in span.attributes else ""


def _is_request(span: Span) -> bool:
    operation = _operation(span)
    if operation:
        return operation in _REQUESTS
    return any(name in span.attributes for name in _INPUT)


def _ancestors(spans: Mapping[str, Span], below: set[str]) -> set[str]:
    """The ids of spans that are above a request."""
    found: set[str] = set()
    for one in below:
        at = spans.get(one)
        while at is not None and at.id not in found:
            found.add(at.id)
            at = spans.get(at.parent)
    return found


def _conversation(spans: Mapping[str, Span]) -> str:
    named = (one.attributes.get("gen_ai.conversation.id") for one in spans.values())
    return next((one for one in named if isinstance(one, str) and one), "")


def _tokens(span: Span, names: Sequence[str], least: int) -> int:
    name = next(one for one in names if one in span.attributes)
    return length_of(span.attributes[name], f"span {span.id}: {name}", span.place, least=least)
