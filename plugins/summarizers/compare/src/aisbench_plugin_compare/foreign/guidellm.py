"""guidellm's benchmarks.json (guidellm/benchmark/schemas/generative, guidellm/schemas).

Its TPOT is the whole latency over all tokens, which is aisbench's normalised latency; what it
calls inter-token latency is aisbench's TPOT.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aisbench_plugin_compare.foreign.files import JsonRecord, read_object
from aisbench_plugin_compare.foreign.loads import MS, figures, quantities
from aisbench_plugin_compare.foreign.sniffing import GUIDELLM, SniffedFile
from aisbench_plugin_compare.foreign.spoken import texts
from aisbench_plugin_compare.sides.side import Facts, Load, Quantity

_DISTRIBUTIONS = {
    "time_to_first_token_ms": ("ttft", 1.0),
    "inter_token_latency_ms": ("tpot", 1.0),
    "time_per_output_token_ms": ("normalised_latency", 1.0),
    "request_latency": ("e2el", MS),
    "prompt_token_count": ("input_tokens", 1.0),
    "output_token_count": ("output_tokens", 1.0),
}
_RATES = {
    "requests_per_second": "request_throughput",
    "output_tokens_per_second": "output_token_throughput",
    "tokens_per_second": "total_token_throughput",
}
_OF_REQUESTS = {
    "ttft": ("time_to_first_token_ms", 1.0),
    "tpot": ("inter_token_latency_ms", 1.0),
    "normalised_latency": ("time_per_output_token_ms", 1.0),
    "e2el": ("request_latency", MS),
    "input_tokens": ("prompt_tokens", 1.0),
    "output_tokens": ("output_tokens", 1.0),
}


def read(files: Sequence[SniffedFile]) -> list[Load]:
    """A load for each benchmark. Raises DataError."""
    found = []
    for one in files:
        if one.kind == GUIDELLM:
            whole = read_object(one.path)
            arguments = whole.get("args")
            for number, benchmark in enumerate(whole.objects("benchmarks")):
                given = arguments if isinstance(arguments, Mapping) else {}
                found.append(_load(benchmark, given, number, str(one.path)))
    return found


def _load(benchmark: JsonRecord, given: Mapping[str, Any], number: int, source: str) -> Load:
    metrics = benchmark.inside("metrics")
    counts = _counts(metrics)
    told: dict[str, Any] = {}
    for key, (name, factor) in _DISTRIBUTIONS.items():
        for statistic, value in _statistics(metrics, key):
            told[f"{name}.{statistic}"] = value * factor
    for key, name in _RATES.items():
        means = [value for statistic, value in _statistics(metrics, key) if statistic == "mean"]
        if means:
            told[name] = means[0]
    success = counts.get("success")
    requests, doubts = _requests(benchmark, success)
    plan = _plan(benchmark)
    return Load(
        model=str(
            _deep(benchmark.cells, "config", "backend", "model") or given.get("model") or ""
        ),
        dataset="",
        label=_label(plan, number),
        quantities=requests,
        figures=figures(told, success),
        counts=counts,
        facts=_facts(plan, given),
        doubts=doubts,
        source=source,
    )


def _statistics(metrics: JsonRecord, key: str) -> Iterator[tuple[str, float]]:
    """Of the successful requests: mean, std, min, max and percentiles."""
    successful = _deep(metrics.cells, key, "successful")
    if not isinstance(successful, Mapping):
        return
    for theirs, ours in (("mean", "mean"), ("std_dev", "std"), ("min", "min"), ("max", "max")):
        if isinstance(successful.get(theirs), (int, float)):
            yield ours, float(successful[theirs])
    percentiles = successful.get("percentiles")
    if isinstance(percentiles, Mapping):
        for name, value in percentiles.items():
            if isinstance(value, (int, float)):
                yield _percentile(str(name)), float(value)


def _percentile(name: str) -> str:
    """p001 is the 0.1st, p01 the 1st, p999 the 99.9th."""
    digits = name.removeprefix("p")
    if len(digits) == 3:
        return f"p{int(digits) / 10:g}"
    return f"p{int(digits)}" if digits.isdecimal() else name


def _counts(metrics: JsonRecord) -> dict[str, int]:
    totals = metrics.get("request_totals")
    if not isinstance(totals, Mapping):
        return {}
    names = {
        "successful": "success", "errored": "failed", "incomplete": "cancelled", "total": "total",
    }  # fmt: skip
    return {
        ours: totals[theirs]
        for theirs, ours in names.items()
        if isinstance(totals.get(theirs), int)
    }


def _requests(benchmark: JsonRecord, success: int | None) -> tuple[list[Quantity], list[str]]:
    """What the requests were; guidellm may keep a sample of them alone."""
    kept = benchmark.get("requests")
    if not isinstance(kept, Mapping) or not isinstance(kept.get("successful"), list):
        return [], [
            texts().text("it kept no requests: its figures are compared without intervals")
        ]
    rows = list(JsonRecord(kept, f"{benchmark.place}: requests").objects("successful"))
    columns: dict[str, list[float | None]] = {name: [] for name in _OF_REQUESTS}
    for row in rows:
        for name, (key, factor) in _OF_REQUESTS.items():
            value = row.get(key)
            if value is not None:
                columns[name].append(row.number(key) * factor)
    if success is not None and len(rows) > success:
        # Those outside of the measured time are kept too, and not told apart.
        return [], [texts().text("its requests are more than those that its figures are of")]
    if success is not None and len(rows) < success:
        return quantities(columns), [
            texts().text("it kept {n} of {total} requests, by chance", n=len(rows), total=success)
        ]
    return quantities(columns), []


def _plan(benchmark: JsonRecord) -> dict[str, str]:
    strategy = _deep(benchmark.cells, "config", "strategy")
    if not isinstance(strategy, Mapping):
        strategy = _deep(benchmark.cells, "args", "strategy")
    found = {}
    if isinstance(strategy, Mapping):
        for key, value in strategy.items():
            if isinstance(value, (str, int, float)) and not isinstance(value, bool):
                found[str(key).rstrip("_")] = str(value)
    return found


def _label(plan: Mapping[str, str], number: int) -> str:
    shape = plan.get("type") or plan.get("type_") or f"benchmark {number}"
    for key in ("rate", "streams", "max_concurrency"):
        if key in plan:
            return f"{shape},{key}={plan[key]}"
    return shape


def _facts(plan: Mapping[str, str], given: Mapping[str, Any]) -> Facts:
    client = {"tool": "guidellm"}
    for key in ("processor", "backend"):
        if isinstance(given.get(key), str):
            client[key] = given[key]
    return {"load": dict(plan), "client": client}


def _deep(value: Any, *keys: str) -> Any:
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value
