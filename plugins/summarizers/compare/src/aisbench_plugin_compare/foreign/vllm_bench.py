"""The result of `vllm bench serve --save-result` (vllm/benchmarks/serve.py); times in s and ms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aisbench.api import DataError
from aisbench_plugin_compare.foreign.files import JsonRecord, read_json, read_lines
from aisbench_plugin_compare.foreign.loads import (
    MS,
    Measured,
    check_lengths,
    figures,
    quantities,
    tpot,
)
from aisbench_plugin_compare.foreign.sniffing import VLLM, SniffedFile
from aisbench_plugin_compare.foreign.spoken import texts
from aisbench_plugin_compare.sides.side import Facts, Load, Quantity

_STATISTIC = re.compile(r"^(mean|median|std|p\d+(?:\.\d+)?)_(ttft|tpot|itl|e2el)_ms$")
_NAMES = {"mean": "mean", "median": "p50", "std": "std"}
_THROUGHPUTS = {
    "request_throughput": "request_throughput",
    "output_throughput": "output_token_throughput",
    "total_token_throughput": "total_token_throughput",
    "duration": "benchmark_duration",
    "total_input_tokens": "total_input_tokens",
    "total_output_tokens": "total_output_tokens",
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
            texts().text(
                "it has no requests of its own (--save-detailed keeps them): its figures are "
                "compared without intervals"
            )
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
    kept = {name: [values[at] for at in good] for name, values in columns.items()}
    return quantities(_measured(record, kept))


def _measured(
    record: JsonRecord, columns: Mapping[str, Sequence[Any]]
) -> dict[str, list[Measured]]:
    """The columns of the completed requests in the dictionary's names and units."""
    ttft = _numbers(record, columns, "ttfts", MS)
    gaps = [_gaps(record, one) for one in columns.get("itls", [[]] * len(ttft))]
    e2el = (
        _numbers(record, columns, "latencies", MS)
        if "latencies" in columns
        else [first + sum(rest) for first, rest in zip(ttft, gaps, strict=True)]
    )
    found: dict[str, list[Measured]] = {
        "ttft": [*ttft],
        "e2el": [*e2el],
        "itl": [*gaps],
    }
    if "output_lens" in columns:
        tokens = _numbers(record, columns, "output_lens")
        found["tpot"] = [tpot(*one) for one in zip(e2el, ttft, tokens, strict=True)]
        found["output_tokens"] = [*tokens]
    if "input_lens" in columns:
        found["input_tokens"] = [*_numbers(record, columns, "input_lens")]
    return found


def _numbers(
    record: JsonRecord, columns: Mapping[str, Sequence[Any]], name: str, factor: float = 1.0
) -> list[float]:
    return [_number(record, name, one) * factor for one in columns[name]]


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
