"""Weka's traces of agents that write code: one JSON object a conversation.

Format (github.com/callanjfox/kv-cache-tester; the same rows as JSONL are semianalysisai's
cc-traces-weka sets): ``id``, ``block_size``, ``requests``, of which each has ``t`` in s from the
beginning, ``type`` ("n", "s": a request; "subagent"), ``in`` and ``out`` in tokens, ``hash_ids``
(of this conversation alone, unless ``hash_id_scope`` is "global"), and maybe ``api_time``,
``think_time`` in s, ``input_types``, ``stop``. A "subagent" has ``requests`` of its own; the next
request waits for it, unless its ``status`` is "async_launched".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from attrs import define, field

from aisbench.api import DataError
from aisbench_plugin_traces.row_files import (
    Place,
    RecordedRequest,
    block_parts,
    json_objects,
    length_of,
    nanoseconds,
    read_trace,
)
from aisbench_plugin_traces.session_graph import SessionCall, Thread, connect
from aisbench_plugin_traces.settings import WekaSettings
from aisbench_plugin_traces.trace_dataset import SECOND, TraceDataset

_REQUEST = ("t", "in", "out")


class Weka(TraceDataset):
    """Each conversation is a session; sub-agents run beside each other, as they did."""

    name: ClassVar[str] = "weka"
    source: ClassVar[str] = "the traces are in github.com/callanjfox/kv-cache-tester, traces"
    in_file_order: ClassVar[bool] = False

    def __init__(self, settings: WekaSettings) -> None:
        super().__init__(settings)
        self._own = settings

    def trace_files(self) -> Sequence[Path]:
        path = self.settings.path
        if not path.is_dir():
            return [path]
        found = sorted(one for one in path.iterdir() if one.suffix in (".json", ".jsonl"))
        if not found:
            raise DataError(f"{path}: no .json or .jsonl file is in it", hint=self.source)
        return found

    def rows(self) -> list[RecordedRequest]:
        found: list[tuple[Place, dict[str, Any]]] = []
        for file in self.trace_files():
            found += json_objects(read_trace(file, self.source), file)
        relative = any(_is_relative(one) for _, one in found)
        rows: list[RecordedRequest] = []
        names: set[str] = set()
        for number, (place, one) in enumerate(found):
            trace = _Trace(str(one.get("id") or f"trace-{number}"), place, one, relative)
            if trace.name in names:
                raise place.fault(f"the conversation {trace.name} comes twice", "drop one of them")
            names.add(trace.name)
            rows += trace.rows(round(number * self._own.apart * SECOND))
        return rows

    def parts(self, row: RecordedRequest) -> list[tuple[str, int]]:
        ids, size, place, scope = row.detail
        return block_parts(ids, size, row.input_length or 0, place, scope, row.id)


@define
class _Trace:
    """One conversation."""

    name: str
    place: Place
    given: Mapping[str, Any]
    relative: bool
    """Whether a sub-agent's times count from its beginning."""
    requests: dict[str, Mapping[str, Any]] = field(factory=dict)

    def rows(self, begin_ns: int) -> Iterator[RecordedRequest]:
        size = length_of(self.given.get("block_size", 64), "block_size", self.place)
        scope = "" if self.given.get("hash_id_scope") == "global" else f"{self.name}/"
        top = self._thread(self.given.get("requests"), "", 0, 0)
        if not top.items:
            raise self.place.fault(f"{self.name}: it has no requests", "a conversation needs one")
        for call in connect(top):
            one = self.requests[call.name]
            ids = one.get("hash_ids") or []
            length = length_of(one["in"], f"{call.name}: in", self.place)
            block_parts(ids, size, length, self.place, "", call.name)
            yield RecordedRequest(
                line=self.place.line,
                at_ns=begin_ns + call.begin,
                input_length=length,
                output_length=length_of(one["out"], f"{call.name}: out", self.place, least=0),
                detail=(ids, size, self.place, scope),
                id=call.name,
                session=self.name,
                after=tuple(before.name for before in call.after),
                pauses=call.pauses,
                labels={"depth": str(call.depth), "kind": call.kind},
            )

    def _thread(self, given: object, agent: str, depth: int, origin: int) -> Thread:
        """The items of an agent, of which times count from ``origin`` (ns)."""
        where = f"{self.name}{agent}"
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise self.place.fault(f"{where}: requests is not a list of objects", "mend the file")
        thread, waiting, before = Thread(), [], 0
        stop = ""
        for number, one in enumerate(given):
            name = f"{where}/{number}"
            begin = origin + nanoseconds(one.get("t"), SECOND, f"{name}: t", self.place)
            if begin < before:
                raise self.place.fault(
                    f"{name} begins {(before - begin) / SECOND:g} s before the entry before it",
                    "the clock went backwards, or the entries are not in order; mend the file",
                )
            before = begin
            if one.get("type") == "subagent":
                called = f"{agent}/{one.get('agent_id') or number}"
                inner = self._sub_agent(one, called, depth, begin)
                if inner.items:
                    thread.items.append(inner)
                    waiting.append(inner)
                continue
            for inner in waiting:
                inner.until = max(inner.begin, begin)
            waiting = []
            thread.items.append(self._call(one, name, begin, agent, depth, stop))
            stop = str(one.get("stop") or "")
        return thread

    def _sub_agent(self, one: Mapping[str, Any], agent: str, depth: int, begin: int) -> Thread:
        origin = begin if self.relative else 0
        inner = self._thread(one.get("requests") or [], agent, depth + 1, origin)
        inner.joined = one.get("status") != "async_launched"
        return inner

    def _call(
        self, one: Mapping[str, Any], name: str, begin: int, agent: str, depth: int, stop: str
    ) -> SessionCall:
        if missing := [key for key in _REQUEST if key not in one]:
            raise self.place.fault(
                f"{name} has no {', '.join(missing)} (keys: {', '.join(one) or 'none'})",
                f"a request needs {', '.join(_REQUEST)}; {Weka.source}",
            )
        took, waited = one.get("api_time"), one.get("think_time")
        kinds = one.get("input_types") or ()
        self.requests[name] = one
        return SessionCall(
            name,
            begin,
            begin + (0 if took is None else nanoseconds(took, SECOND, "api_time", self.place)),
            agent,
            depth,
            # What a model that stopped for a tool is sent next is the tool's result.
            tool_result="tool_result" in kinds if kinds else stop == "tool_use",
            pause=None
            if waited is None
            else nanoseconds(waited, SECOND, "think_time", self.place),
        )


def _is_relative(trace: Mapping[str, Any]) -> bool:
    """Whether a sub-agent's requests are before it begins: their times then count from there."""
    found = trace.get("requests")
    for one in found if isinstance(found, list) else ():
        if not isinstance(one, dict) or one.get("type") != "subagent":
            continue
        inner = one.get("requests")
        first = inner[0].get("t") if isinstance(inner, list) and inner else None
        begin = one.get("t")
        if isinstance(first, (int, float)) and isinstance(begin, (int, float)) and first < begin:
            return True
    return False
