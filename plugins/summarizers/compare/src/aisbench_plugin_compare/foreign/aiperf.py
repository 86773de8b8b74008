"""aiperf's profile_export files: figures as JSON, requests as JSON lines; times in ms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench_plugin_compare.foreign.files import JsonRecord, read_lines, read_object
from aisbench_plugin_compare.foreign.loads import figures, quantities
from aisbench_plugin_compare.foreign.sniffing import AIPERF, AIPERF_REQUESTS, SniffedFile
from aisbench_plugin_compare.sides.side import Facts, Load, Quantity

_STATISTICS = {
    "request_latency": "e2el",
    "time_to_first_token": "ttft",
    "time_to_first_output_token": "ttfa",
    "inter_token_latency": "tpot",
    "inter_chunk_latency": "itl",
    "input_sequence_length": "input_tokens",
    "output_sequence_length": "output_tokens",
}
"""aiperf's inter-token latency is (latency - ttft) / (tokens - 1) of a request: a TPOT."""
_TOTALS = {
    "request_throughput": "request_throughput",
    "output_token_throughput": "output_token_throughput",
    "total_token_throughput": "total_token_throughput",
    "benchmark_duration": "duration",
}
_UNITS = {"ms": 1.0, "tokens": 1.0, "sec": 1e3, "s": 1e3, "us": 1e-3, "ns": 1e-6}


def read(files: Sequence[SniffedFile]) -> list[Load]:
    """A load for each folder (or lone file). Raises DataError."""
    folders: dict[Path, dict[str, Path]] = {}
    for one in files:
        if one.kind in (AIPERF, AIPERF_REQUESTS):
            role = "figures" if one.kind == AIPERF else "requests"
            held = folders.setdefault(one.path.parent, {})
            if role in held:
                raise DataError(
                    f"{one.path}: is a second file of {role} beside {held[role].name}",
                    hint="name one of them",
                )
            held[role] = one.path
    return [_load(folder, held) for folder, held in folders.items() if not _phase(folder, folders)]


def _phase(folder: Path, folders: Mapping[Path, Any]) -> bool:
    """Whether a folder holds a part of what one above it holds: phases/warmup, phases/..."""
    return folder.parent.name == "phases" and folder.parent.parent in folders


def _load(folder: Path, held: Mapping[str, Path]) -> Load:
    whole = read_object(held["figures"]) if "figures" in held else None
    rows = read_lines(held["requests"]) if "requests" in held else None
    told, success = _told(whole)
    requests, warm_up, failed = _requests(rows)
    good = 0 if rows is None else len(rows) - warm_up - failed
    if rows is not None and success is not None and good != success:
        raise DataError(
            f"{held['requests']}: holds {good} measured requests, and {held['figures'].name} says "
            f"{success}",
            hint="one of both was cut, or they are of different runs",
        )
    counts = {}
    if rows is not None:
        counts = {"total": good + failed, "success": good, "failed": failed}
    elif success is not None:
        counts = {"success": success}
    config = whole.get("input_config") if whole is not None else None
    plan, client, model = _facts_of(config if isinstance(config, Mapping) else {})
    if warm_up:
        plan["warm-up requests"] = f"{warm_up}, left out"
    facts: Facts = {"load": plan, "client": {"tool": "aiperf", **client}}
    doubts = []
    if whole is not None and whole.get("was_cancelled"):
        doubts.append("the load was cancelled")
    if rows is None:
        doubts.append(
            "its requests are not here (profile_export.jsonl): its figures are compared without "
            "intervals"
        )
    return Load(
        model=model,
        dataset="",
        label=f"concurrency={plan['concurrency']}" if "concurrency" in plan else "",
        quantities=requests,
        figures=figures(told, success),
        counts=counts,
        facts=facts,
        doubts=doubts,
        source=str(folder),
    )


def _told(whole: JsonRecord | None) -> tuple[dict[str, Any], int | None]:
    """Figures by aisbench's names, and the number of requests that they are of."""
    if whole is None:
        return {}, None
    found: dict[str, Any] = {}
    for key, name in _STATISTICS.items():
        values = whole.get(key)
        if not isinstance(values, Mapping):
            continue
        factor = _UNITS.get(str(values.get("unit")))
        if factor is None:
            raise whole.error(f"{key} has the unit {values.get('unit')!r}, which is not known")
        for statistic, value in values.items():
            if isinstance(value, (int, float)) and statistic not in ("count", "sum"):
                ours = "mean" if statistic == "avg" else statistic
                found[f"{name}.{ours}"] = value * factor
    for key, name in _TOTALS.items():
        values = whole.get(key)
        if isinstance(values, Mapping):
            found[name] = values.get("avg")
    counted = whole.get("request_count")
    number = counted.get("avg") if isinstance(counted, Mapping) else None
    return found, int(number) if isinstance(number, (int, float)) else None


def _requests(rows: Sequence[JsonRecord] | None) -> tuple[list[Quantity], int, int]:
    """Quantities of the measured requests; how many warmed up, and how many failed."""
    columns: dict[str, list[float | None]] = {name: [] for name in _STATISTICS.values()}
    warm_up = failed = 0
    for row in rows or ():
        if row.inside("metadata").get("benchmark_phase") not in (None, "profiling"):
            warm_up += 1
            continue
        metrics = row.inside("metrics")
        if row.get("error") or "request_latency" not in metrics.cells:
            failed += 1
            continue
        for key, name in _STATISTICS.items():
            if key in metrics.cells:
                columns[name] += _values(metrics.inside(key))
    return quantities(columns), warm_up, failed


def _values(metric: JsonRecord) -> list[float | None]:
    factor = _UNITS.get(str(metric.get("unit")))
    if factor is None:
        raise metric.error(f"the unit {metric.get('unit')!r} is not known")
    value = metric.need("value")
    if isinstance(value, list):
        return [JsonRecord({"value": one}, metric.place).number("value") * factor for one in value]
    return [metric.number("value") * factor]


def _facts_of(config: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str], str]:
    """Plan, client and model, in the forms of several versions."""
    plan: dict[str, str] = {}
    client: dict[str, str] = {}
    phases = config.get("phases")
    if isinstance(phases, Mapping):
        phases = phases.get("items", list(phases.values()))
    profiling = [
        one
        for one in (phases if isinstance(phases, list) else [])
        if isinstance(one, Mapping) and "warm" not in str(one.get("name", one.get("kind", "")))
    ]
    known = [*profiling, config.get("loadgen", {})]
    for table in known:
        if isinstance(table, Mapping):
            for key in ("concurrency", "request_rate", "rate", "requests", "request_count"):
                if isinstance(table.get(key), (int, float, str)):
                    plan[key] = str(table[key])
    endpoint = config.get("endpoint")
    model = ""
    if isinstance(endpoint, Mapping):
        client["streamed"] = str(bool(endpoint.get("streaming"))).lower()
        client["token counts"] = (
            "server's usage"
            if endpoint.get("use_server_token_count")
            else "the client's tokenizer"
        )
        names = endpoint.get("model_names")
        model = str(names[0]) if isinstance(names, list) and names else ""
    items = config.get("models")
    items = items.get("items") if isinstance(items, Mapping) else None
    if isinstance(items, list) and items and isinstance(items[0], Mapping):
        model = str(items[0].get("name") or model)
    return plan, client, model
