"""The result of `vllm bench serve --save-result` (vllm/benchmarks/serve.py); times in s and ms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from aisbench.api import DataError
from aisbench_plugin_compare.foreign.files import JsonRecord, read_json, read_lines
from aisbench_plugin_compare.foreign.loads import MS, check_lengths, figures, quantities, tpot
from aisbench_plugin_compare.foreign.sniffing import VLLM, SniffedFile
from aisbench_plugin_compare.sides.side import Facts, Load, Quantity

_STATISTIC = re.compile(r"^(mean|median|std|p\d+(?:\.\d+)?)_(ttft|tpot|itl|e2el)_ms$")
_NAMES = {"mean": "mean", "median": "p50", "std": "std"}
_THROUGHPUTS = {
    "request_throughput": "request_throughput",
    "output_throughput": "output_token_throughput",
    "total_token_throughput": "total_token_throughput",
    "duration": "duration",
    "request_goodput": "goodput",
}
_COLUMNS = ("ttfts", "itls", "output_lens", "input_lens", "errors", "start_times", "latencies")
_CUT = "the file was changed, or written by a version that is not known here"


def read(files: Sequence[SniffedFile]) -> list[Load]:
    """A load for each result; a file may hold several, one a line. Raises DataError."""
    return [_load(record) for one in files if one.kind == VLLM for record in _results(one)]


def _results(one: SniffedFile) -> list[JsonRecord]:
    try:
        whole = read_json(one.path)
    except DataError:
        return read_lines(one.path)  # --append-result; what is damaged here is named
    return [JsonRecord(whole, str(one.path))]


def _load(record: JsonRecord) -> Load:
    completed = record.whole("completed")
    failed = record.cells.get("failed")
    told = {
        name: record.get(key) for key, name in _THROUGHPUTS.items() if record.get(key) is not None
    }
    for key, value in record.cells.items():
        if match := _STATISTIC.match(key):
            told[f"{match[2]}.{_NAMES.get(match[1], match[1])}"] = value
    asked = record.cells.get("num_prompts")
    if isinstance(failed, int) and isinstance(asked, int) and completed + failed != asked:
        raise record.error(f"{completed} completed and {failed} failed requests are not {asked}")
    counts = {"success": completed}
    total = asked if isinstance(asked, int) else None
    if total is not None:
        counts |= {"total": total, "failed": total - completed}
    return Load(
        model=str(record.get("model_id") or ""),
        dataset="",
        label=_label(record),
        quantities=_quantities(record, completed),
        figures=figures(told, completed),
        counts=counts,
        facts=_facts(record),
        doubts=[] if "ttfts" in record.cells else [
            "it has no requests of its own (--save-detailed keeps them): its figures are compared "
            "without intervals"
        ],
        source=record.place,
    )  # fmt: skip


def _label(record: JsonRecord) -> str:
    parts = []
    if record.get("request_rate") not in (None, "inf"):
        parts.append(f"rate={record.get('request_rate')}")
    if record.get("max_concurrency") is not None:
        parts.append(f"concurrency={record.get('max_concurrency')}")
    return ",".join(parts)


def _quantities(record: JsonRecord, completed: int) -> list[Quantity]:
    if "ttfts" not in record.cells:
        return []
    columns = {name: record.items(name) for name in _COLUMNS if name in record.cells}
    count = check_lengths(record.place, columns, _CUT)
    errors = columns.get("errors", [""] * count)
    good = [number for number in range(count) if not errors[number]]
    if len(good) != completed:
        raise record.error(f"{completed} requests completed, and {len(good)} have no error")
    ttft = [_number(record, "ttfts", one) * MS for one in columns["ttfts"]]
    gaps = [_gaps(record, one) for one in columns.get("itls", [[]] * count)]
    whole = (
        [_number(record, "latencies", one) * MS for one in columns["latencies"]]
        if "latencies" in columns
        else [first + sum(rest) for first, rest in zip(ttft, gaps, strict=True)]
    )
    tokens = [_number(record, "output_lens", one) for one in columns.get("output_lens", [])]
    found: dict[str, list[float | None]] = {
        "ttft": [ttft[at] for at in good],
        "e2el": [whole[at] for at in good],
        "itl": [gap for at in good for gap in gaps[at]],
    }
    if tokens:
        found["tpot"] = [tpot(whole[at], ttft[at], tokens[at]) for at in good]
        found["output_tokens"] = [tokens[at] for at in good]
    if "input_lens" in columns:
        found["input_tokens"] = [
            _number(record, "input_lens", columns["input_lens"][at]) for at in good
        ]
    return quantities(found)


def _number(record: JsonRecord, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise record.error(f"{name} must hold numbers, and has {value!r}")
    return float(value)


def _gaps(record: JsonRecord, value: Any) -> list[float]:
    if not isinstance(value, list):
        raise record.error(f"itls must hold lists, and has {value!r}")
    return [_number(record, "itls", one) * MS for one in value]


def _facts(record: JsonRecord) -> Facts:
    load = {
        key: str(record.cells[key])
        for key in ("request_rate", "burstiness", "max_concurrency", "num_prompts",
                    "ramp_up_strategy")
        if record.cells.get(key) is not None
    }  # fmt: skip
    return {
        "load": load,
        "model": {"name": str(record.get("model_id") or "")},
        "client": {
            "tool": "vllm bench",
            "backend": str(record.get("backend") or ""),
            "tokenizer": str(record.get("tokenizer_id") or ""),
        },
    }
