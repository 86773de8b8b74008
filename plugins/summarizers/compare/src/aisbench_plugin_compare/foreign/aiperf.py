"""aiperf's profile_export files: figures as JSON, requests as JSON lines; times in ms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench_plugin_compare.foreign.files import JsonRecord, read_lines, read_object
from aisbench_plugin_compare.foreign.loads import Measured, figures, quantities
from aisbench_plugin_compare.foreign.sniffing import AIPERF, AIPERF_REQUESTS, SniffedFile
from aisbench_plugin_compare.foreign.spoken import texts
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
    "benchmark_duration": "benchmark_duration",
    "total_isl": "total_input_tokens",
    "total_osl": "total_output_tokens",
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
    config = whole.get("input_config") if whole is not None else None
    plan, client, model = _facts_of(config if isinstance(config, Mapping) else {})
    if warm_up:
        plan["warm-up requests"] = f"{warm_up}, left out"
    facts: Facts = {"load": plan, "client": {"tool": "aiperf", **client}}
    return Load(
        model=model,
        dataset="",
        label=f"concurrency={plan['concurrency']}" if "concurrency" in plan else "",
        quantities=requests,
        figures=figures(told, success),
        counts=_counts(rows is not None, good, failed, success),
        facts=facts,
        doubts=_doubts(whole, rows),
        source=str(folder),
    )


def _counts(known: bool, good: int, failed: int, success: int | None) -> dict[str, int]:
    """Of the requests where they are known, else as told."""
    if known:
        return {"total": good + failed, "success": good, "failed": failed}
    return {} if success is None else {"success": success}


def _doubts(whole: JsonRecord | None, rows: Sequence[JsonRecord] | None) -> list[str]:
    found = []
    if whole is not None and whole.get("was_cancelled"):
        found.append(texts().text("the load was cancelled"))
    if rows is None:
        found.append(
            texts().text("its requests are not here: its figures are compared without intervals")
        )
    return found


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
    columns: dict[str, list[Measured]] = {name: [] for name in _STATISTICS.values()}
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
                columns[name].append(_value(metrics.inside(key)))
    return quantities(columns), warm_up, failed


def _value(metric: JsonRecord) -> Measured:
    factor = _UNITS.get(str(metric.get("unit")))
    if factor is None:
        raise metric.error(f"the unit {metric.get('unit')!r} is not known")
    value = metric.need("value")
    if isinstance(value, list):
        return [JsonRecord({"value": one}, metric.place).number("value") * factor for one in value]
    return metric.number("value") * factor


def _facts_of(config: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str], str]:
    """Plan, client and model, in the forms of several versions."""
    endpoint = config.get("endpoint")
    endpoint = endpoint if isinstance(endpoint, Mapping) else {}
    client: dict[str, str] = {}
    if endpoint:
        counted = endpoint.get("use_server_token_count")
        client["streamed"] = str(bool(endpoint.get("streaming"))).lower()
        client["token counts"] = "server's usage" if counted else "the client's tokenizer"
    return _plan_of(config), client, _model_of(config, endpoint)


def _plan_of(config: Mapping[str, Any]) -> dict[str, str]:
    """Of the measured phase; older versions have one table of the load."""
    phases = config.get("phases")
    if isinstance(phases, Mapping):
        phases = phases.get("items", list(phases.values()))
    tables = phases if isinstance(phases, list) else []
    plan: dict[str, str] = {}
    for table in (*tables, config.get("loadgen")):
        if isinstance(table, Mapping) and "warm" not in str(table.get("name")):
            for key in ("concurrency", "request_rate", "rate", "requests", "request_count"):
                if isinstance(table.get(key), (int, float, str)):
                    plan[key] = str(table[key])
    return plan


def _model_of(config: Mapping[str, Any], endpoint: Mapping[str, Any]) -> str:
    models = config.get("models")
    items = models.get("items") if isinstance(models, Mapping) else None
    if isinstance(items, list) and items and isinstance(items[0], Mapping):
        return str(items[0].get("name") or "")
    names = endpoint.get("model_names")
    return str(names[0]) if isinstance(names, list) and names else ""
