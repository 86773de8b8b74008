"""BurstGPT's traces: CSV with lengths and times of requests to ChatGPT and GPT-4.

Format: ``Timestamp`` in s, ``Model``, ``Request tokens``, ``Response tokens`` (0: the request
failed), ``Total tokens``, ``Log Type`` ("Conversation log" or "API log")
(https://github.com/HPMLL/BurstGPT; Y. Wang et al., "BurstGPT: A Real-World Workload Dataset to
Optimize LLM Serving Systems", arXiv:2401.17644).
"""

from __future__ import annotations

from typing import ClassVar

from aisbench.api import DataError, JsonValue
from aisbench_plugin_traces.row_files import RecordedRequest, csv_rows, length_of, nanoseconds
from aisbench_plugin_traces.settings import BurstGptSettings
from aisbench_plugin_traces.trace_dataset import SECOND, TraceDataset

_TIME, _MODEL, _INPUT, _OUTPUT, _TYPE = _COLUMNS = (
    "Timestamp", "Model", "Request tokens", "Response tokens", "Log Type",
)  # fmt: skip


class BurstGpt(TraceDataset):
    """Lengths and times; every prompt is its own."""

    name: ClassVar[str] = "burstgpt"
    source: ClassVar[str] = "the traces are in github.com/HPMLL/BurstGPT"

    def __init__(self, settings: BurstGptSettings) -> None:
        super().__init__(settings)
        self._wanted = (settings.models, settings.log_types)

    def read(self, text: str) -> list[RecordedRequest]:
        return [
            RecordedRequest(
                line=place.line,
                at_ns=nanoseconds(row[_TIME], SECOND, _TIME, place),
                input_length=length_of(row[_INPUT], _INPUT, place),
                output_length=length_of(row[_OUTPUT], _OUTPUT, place, least=0),
                detail=(row[_MODEL], row[_TYPE]),
            )
            for place, row in csv_rows(text, self.settings.path, _COLUMNS, self.source)
        ]

    def chosen(self, rows: list[RecordedRequest]) -> list[RecordedRequest]:
        for index, (key, wanted) in enumerate(
            zip(("models", "log_types"), self._wanted, strict=True)
        ):
            if not wanted:
                continue
            known = dict.fromkeys(row.detail[index] for row in rows)
            if unknown := [name for name in wanted if name not in known]:
                raise DataError(
                    f"{self.settings.path}: no row of {key} {', '.join(map(repr, unknown))}",
                    hint=f"the rows that are left have {', '.join(map(repr, known))}",
                )
            rows = [row for row in rows if row.detail[index] in wanted]
        return rows

    def fields(self, row: RecordedRequest) -> dict[str, JsonValue]:
        return {"model": row.detail[0], "log_type": row.detail[1]}
