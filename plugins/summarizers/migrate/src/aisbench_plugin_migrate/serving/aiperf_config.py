"""aiperf's config file (schemaVersion 2.0), as the flags that say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aisbench_plugin_migrate.flags import Flags

_ENDPOINT = {
    "url": "--url",
    "urls": "--url",
    "type": "--endpoint-type",
    "streaming": "--streaming",
    "timeout": "--request-timeout-seconds",
    "path": "--endpoint",
    "apiKey": "--api-key",
}
_PHASE = {
    "concurrency": "--concurrency",
    "rate": "--request-rate",
    "requests": "--request-count",
    "sessions": "--num-conversations",
    "duration": "--benchmark-duration",
    "gracePeriod": "--benchmark-grace-period",
    "smoothness": "--arrival-smoothness",
    "concurrencyRamp": "--concurrency-ramp-duration",
    "rateRamp": "--request-rate-ramp-duration",
}
_LENGTHS = {"isl": "--isl", "osl": "--osl"}
_DATA = {
    "entries": "--num-dataset-entries",
    "path": "--input-file",
    "sampling": "--dataset-sampling-strategy",
    "name": "--public-dataset",
}
_ARRIVALS = ("constant", "poisson", "gamma")


def of_aiperf(document: Mapping[str, Any], flags: Flags) -> Flags:
    """The flags of a config; keys that have none are told by their own names."""
    for key, value in document.items():
        if key == "randomSeed":
            flags.add("--random-seed", value)
        elif key not in ("benchmark", "schemaVersion"):
            flags.add(f"--{key}", value)
    phases: list[Any] = []
    for key, value in dict(document["benchmark"]).items():
        phases += _part(flags, key, value)
    _phases(flags, [_table(one) for one in phases])
    return flags


def _part(flags: Flags, key: str, value: Any) -> list[Any]:
    """One key of a benchmark; returns the phases that it has."""
    if key == "phases":
        return value if isinstance(value, list) else [value]
    if key in ("profiling", "warmup"):
        return [{"excludeFromResults": key == "warmup", **_table(value)}]
    if key in ("model", "models"):
        flags.add("--model", value)
    elif key == "endpoint":
        _named(flags, value, _ENDPOINT, "endpoint")
    elif key in ("dataset", "datasets"):
        _dataset(flags, value[0] if isinstance(value, list) and value else value)
    elif key == "slos":
        flags.add("--goodput", [f"{name}:{one}" for name, one in _table(value).items()])
    elif key == "artifacts":
        _named(flags, value, {"dir": "--output-artifact-dir"}, "artifacts")
    else:
        flags.add(f"--{key}", value)
    return []


def _table(value: Any) -> dict[str, Any]:
    return {str(key): one for key, one in value.items()} if isinstance(value, Mapping) else {}


def _named(flags: Flags, given: Any, names: Mapping[str, str], within: str) -> None:
    for key, value in _table(given).items():
        flags.add(names.get(key, f"--{within}.{key}"), value)


def _dataset(flags: Flags, given: Any) -> None:
    table = _table(given)
    prompts = _table(table.pop("prompts", None))
    if table.pop("type", "synthetic") == "file":
        flags.add("--custom-dataset-type", table.pop("format", None))
    for key, name in _LENGTHS.items():
        value = prompts.pop(key, None)
        if isinstance(value, Mapping) and "mean" in value:
            flags.add(f"{name}-stddev", value.get("stddev"))
            value = value["mean"]
        if isinstance(value, (int, float)):
            flags.add(name, value)
        elif value is not None:
            flags.add(f"--dataset.prompts.{key}", value)
    _named(flags, table, _DATA, "dataset")
    _named(flags, prompts, {}, "dataset.prompts")


def _phases(flags: Flags, phases: list[dict[str, Any]]) -> None:
    """One is measured; those before it are warm-up."""
    measured = [one for one in phases if not one.get("excludeFromResults")]
    for one in phases:
        if one.get("excludeFromResults"):
            flags.add("--warmup-request-count", one.get("requests"))
    for phase in measured[:1]:
        kind = str(phase.pop("type", "concurrency"))
        if kind in _ARRIVALS:
            flags.add("--arrival-pattern", kind)
        elif kind == "fixed_schedule":
            flags.add("--fixed-schedule", True)
        elif kind != "concurrency":
            flags.add("--phase.type", kind)
        for key in ("name", "excludeFromResults"):
            phase.pop(key, None)
        _named(flags, phase, _PHASE, "phase")
    for phase in measured[1:]:
        flags.add("--phases", phase)
