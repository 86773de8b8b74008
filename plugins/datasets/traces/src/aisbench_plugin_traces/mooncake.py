"""Mooncake's traces: one JSON object a line, prompts as ids of blocks.

Format: ``timestamp`` in ms, ``input_length`` and ``output_length`` in tokens, and ``hash_ids``,
one for each block of 512 tokens of the prompt; the same id is the same text
(https://github.com/kvcache-ai/Mooncake, FAST25-release/traces; R. Qin et al., "Mooncake: Trading
More Storage for Less Computation", FAST 2025).
"""

from __future__ import annotations

from typing import Any, ClassVar

from aisbench_plugin_traces.row_files import (
    Place,
    RecordedRequest,
    json_lines,
    length_of,
    nanoseconds,
)
from aisbench_plugin_traces.settings import MooncakeSettings
from aisbench_plugin_traces.trace_dataset import TraceDataset

_MILLISECOND = 1_000_000
_KEYS = ("timestamp", "input_length", "output_length", "hash_ids")


class Mooncake(TraceDataset):
    """Blocks become texts: the same id, the same text."""

    name: ClassVar[str] = "mooncake"
    source: ClassVar[str] = (
        "the traces are in github.com/kvcache-ai/Mooncake, FAST25-release/traces"
    )

    def __init__(self, settings: MooncakeSettings) -> None:
        super().__init__(settings)
        self._block = settings.block_size

    def read(self, text: str) -> list[RecordedRequest]:
        return [self._row(place, row) for place, row in json_lines(text, self.settings.path)]

    def when(self, at_ns: int) -> str:
        return f"{at_ns / _MILLISECOND:.15g} ms"

    def parts(self, row: RecordedRequest) -> list[tuple[str, int]]:
        *whole, last = row.detail
        found = [(f"block/{one}", self._block) for one in whole]
        return [*found, (f"block/{last}", (row.input_length or 0) - len(whole) * self._block)]

    def _row(self, place: Place, row: dict[str, Any]) -> RecordedRequest:
        if missing := [key for key in _KEYS if key not in row]:
            raise place.fault(
                f"no {', '.join(missing)} (keys: {', '.join(row) or 'none'})",
                f"a line needs {', '.join(_KEYS)}; {self.source}",
            )
        length = length_of(row["input_length"], "input_length", place)
        blocks = row["hash_ids"]
        # Types as a set: a line can have hundreds of ids.
        if not isinstance(blocks, list) or set(map(type, blocks)) != {int}:
            raise place.fault(
                "hash_ids is not a list of whole numbers", "it needs one id at least"
            )
        rest = length - (len(blocks) - 1) * self._block
        if not 0 < rest <= self._block:
            raise place.fault(
                f"input_length {length} with {len(blocks)} hash_ids leaves {rest} tokens for the "
                f"last block; it must be 1 to {self._block}",
                "the trace may have blocks of another size: set block_size",
            )
        return RecordedRequest(
            line=place.line,
            at_ns=nanoseconds(row["timestamp"], _MILLISECOND, "timestamp", place),
            input_length=length,
            output_length=length_of(row["output_length"], "output_length", place, least=0),
            detail=blocks,
        )
