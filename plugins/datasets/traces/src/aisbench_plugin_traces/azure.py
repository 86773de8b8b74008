"""Azure's LLM inference traces: CSV with lengths and times of two production services.

Format: ``TIMESTAMP`` (date and time of day with seven decimals; the traces of 2024 name a time
zone), ``ContextTokens``, ``GeneratedTokens`` (https://github.com/Azure/AzurePublicDataset,
AzureLLMInferenceDataset2023.md; P. Patel et al., "Splitwise: Efficient Generative LLM Inference
Using Phase Splitting", ISCA 2024).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import ClassVar

from aisbench_plugin_traces.row_files import Place, RecordedRequest, csv_rows, length_of
from aisbench_plugin_traces.trace_dataset import SECOND, TraceDataset

_TIME, _INPUT, _OUTPUT = _COLUMNS = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")
# datetime alone holds six decimals; the traces have seven.
_STAMP = re.compile(
    r"(?P<second>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:\.(?P<part>\d{1,9}))?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Azure(TraceDataset):
    """Lengths and times; every prompt is its own."""

    name: ClassVar[str] = "azure-llm"
    source: ClassVar[str] = "the traces are in github.com/Azure/AzurePublicDataset, data"

    def read(self, text: str) -> list[RecordedRequest]:
        return [
            RecordedRequest(
                line=place.line,
                at_ns=_instant(row[_TIME], place),
                input_length=length_of(row[_INPUT], _INPUT, place),
                output_length=length_of(row[_OUTPUT], _OUTPUT, place, least=0),
            )
            for place, row in csv_rows(text, self.settings.path, _COLUMNS, self.source)
        ]

    def when(self, at_ns: int) -> str:
        second, part = divmod(at_ns, SECOND)
        return f"{_EPOCH + timedelta(seconds=second):%Y-%m-%d %H:%M:%S}.{part:09d}"


def _instant(text: str, place: Place) -> int:
    """ns since 1970, of a time without a zone as of UTC."""
    found = _STAMP.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError
        zone = (found["zone"] or "Z").replace("Z", "+00:00")
        whole = datetime.fromisoformat(found["second"] + zone)
    except ValueError as error:
        raise place.fault(
            f"{_TIME} is {text!r}, which is not a time",
            "write it like 2023-11-16 18:17:03.9799600",
        ) from error
    passed = whole - _EPOCH
    seconds = passed.days * 86_400 + passed.seconds
    return seconds * SECOND + int((found["part"] or "0").ljust(9, "0"))
