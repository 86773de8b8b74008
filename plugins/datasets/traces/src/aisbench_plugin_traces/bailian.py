"""Alibaba's traces of Qwen on Bailian: one request a line, chats that lead to others.

Format: ``chat_id``, ``parent_chat_id`` (-1: a chat begins), ``timestamp`` in s, ``input_length``,
``output_length``, ``type`` (text, search, image, file), ``turn``, and ``hash_ids``, one for each
block of 16 tokens of the prompt (https://github.com/alibaba-edu/qwen-bailian-usagetraces-anon;
J. Wang et al., "KVCache Cache in the Wild", USENIX ATC 2025).
"""

from __future__ import annotations

from typing import Any, ClassVar

from aisbench_plugin_traces.row_files import (
    Place,
    RecordedRequest,
    block_parts,
    json_lines,
    length_of,
    nanoseconds,
)
from aisbench_plugin_traces.settings import BailianSettings
from aisbench_plugin_traces.trace_dataset import SECOND, TraceDataset

_KEYS = ("chat_id", "parent_chat_id", "timestamp", "input_length", "output_length", "hash_ids")


class Bailian(TraceDataset):
    """A chat and all that follow it are a session: each is sent when it was recorded, or when the
    one before it is answered, if that is later."""

    name: ClassVar[str] = "bailian"
    source: ClassVar[str] = (
        "the traces are in github.com/alibaba-edu/qwen-bailian-usagetraces-anon"
    )

    def __init__(self, settings: BailianSettings) -> None:
        super().__init__(settings)
        self._own = settings

    def read(self, text: str) -> list[RecordedRequest]:
        rows = [self._row(place, row) for place, row in json_lines(text, self.settings.path)]
        known: dict[str, RecordedRequest] = {}
        for row in rows:
            if row.id in known:
                raise self._fault(
                    row, f"chat {row.id} stands in line {known[row.id].line} too", "drop one"
                )
            known[row.id] = row
        for row in rows:
            self._tie(row, known)
        return rows

    def parts(self, row: RecordedRequest) -> list[tuple[str, int]]:
        return block_parts(
            row.detail["hash_ids"],
            self._own.block_size,
            row.input_length or 0,
            Place(self.settings.path, row.line),
        )

    def _tie(self, row: RecordedRequest, known: dict[str, RecordedRequest]) -> None:
        """Name the session of a row, and what it waits for."""
        path = [row]
        while (parent := str(path[-1].detail["parent_chat_id"])) != "-1":
            if parent not in known:
                if self._own.missing_parents == "root":
                    break
                raise self._fault(
                    path[-1],
                    f"chat {path[-1].id} follows chat {parent}, which is not in the file",
                    'the trace is cut: set missing_parents = "root" to let such chats begin',
                )
            before = known[parent]
            if before in path:
                circle = " -> ".join(one.id for one in [*path[path.index(before) :], before])
                raise self._fault(row, f"chats follow each other in a circle: {circle}", "mend it")
            if before.at_ns > path[-1].at_ns:
                raise self._fault(
                    path[-1],
                    f"chat {path[-1].id} came {(before.at_ns - path[-1].at_ns) / SECOND:g} s "
                    f"before chat {parent}, which it follows",
                    "the clock went backwards; mend or drop the row",
                )
            path.append(before)
            if before.session:
                break
        row.session = path[-1].session or path[-1].id
        row.after = (path[1].id,) if len(path) > 1 else ()

    def _fault(self, row: RecordedRequest, message: str, hint: str) -> Exception:
        return Place(self.settings.path, row.line).fault(message, hint)

    def _row(self, place: Place, row: dict[str, Any]) -> RecordedRequest:
        if missing := [key for key in _KEYS if key not in row]:
            raise place.fault(
                f"no {', '.join(missing)} (keys: {', '.join(row) or 'none'})",
                f"a line needs {', '.join(_KEYS)}; {self.source}",
            )
        length = length_of(row["input_length"], "input_length", place)
        block_parts(row["hash_ids"], self._own.block_size, length, place)
        return RecordedRequest(
            line=place.line,
            at_ns=nanoseconds(row["timestamp"], SECOND, "timestamp", place),
            input_length=length,
            output_length=length_of(row["output_length"], "output_length", place, least=0),
            detail={"hash_ids": row["hash_ids"], "parent_chat_id": row["parent_chat_id"]},
            id=str(row["chat_id"]),
            timed=True,
            labels={"depth": "0", "kind": "main", "type": str(row.get("type") or "text")},
        )
