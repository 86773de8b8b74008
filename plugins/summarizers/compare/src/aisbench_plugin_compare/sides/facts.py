"""What a run of aisbench was made with, by topic: what two runs may differ in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aisbench.api import PerformanceResult, TaskResult
from aisbench_plugin_compare.sides.side import Facts, Topic

_CLIENT = frozenset(
    {
        "concurrency", "stream", "timeout", "retry", "limits", "proxy", "tls", "headers",
        "wait_for_server", "url", "urls", "server", "usage", "media_limit",
    }
)  # fmt: skip
"""Keys of a model that say how it is asked; all others but ``generation`` say what it is."""

_SETTINGS = frozenset({"generation", "reasoning", "send_seed", "max_tokens_name"})
_SECRET = frozenset({"headers", "api_key", "key", "token", "auth"})
_PROMPT = frozenset(
    {
        "variant",
        "shots",
        "retriever",
        "retrieval",
        "template",
        "prompt",
        "prompt_tokens",
        "adapter",
        "adapters",
    }
)
_SCORING = frozenset({"evaluator", "evaluation", "metrics", "postprocess", "judge"})
_CHOICE = frozenset({"ids", "range", "part_range", "sample", "part_limit", "limit", "shuffle"})


def of_run(
    tables: Mapping[str, Any], environment: Mapping[str, Any], host: Mapping[str, Any]
) -> Facts:
    """Facts of the run as a whole; ``host`` is that of its last session."""
    plugins = environment.get("plugins", {})
    return {
        "versions": {str(name): str(version) for name, version in plugins.items()},
        "client": _flat(host, "host"),
        "settings": {"seed": str(tables.get("suite", {}).get("seed"))},
    }


def of_task(
    result: TaskResult, tables: Mapping[str, Any], environment: Mapping[str, Any]
) -> Facts:
    """Facts of one model on one data set."""
    found = _of_pair(result.model, result.dataset, tables, environment)
    if result.dataset_version is not None:
        found["data"]["version of the data set"] = str(result.dataset_version)
    if result.variant:
        found["prompt"]["variant"] = result.variant
    found["settings"]["repeats"] = str(result.repeats)
    return found


def of_load(
    result: PerformanceResult, tables: Mapping[str, Any], environment: Mapping[str, Any]
) -> Facts:
    """Facts of one load."""
    found = _of_pair(result.model, result.dataset, tables, environment)
    found["load"] = dict(_flat(result.settings))
    found["client"]["streamed"] = str(result.streamed).lower()
    return found


def _of_pair(
    model: str, dataset: str, tables: Mapping[str, Any], environment: Mapping[str, Any]
) -> dict[Topic, dict[str, str]]:
    own = tables.get("models", {}).get(model, {})
    rows = tables.get("datasets", {}).get(dataset, {})
    checksums = environment.get("data", {}).get(dataset, {})
    served = environment.get("served", {}).get(model)
    loaded = environment.get("loaded", {}).get(model, {})
    found: dict[Topic, dict[str, str]] = {
        "model": _flat(_without(own, _CLIENT | _SETTINGS | _SECRET)),
        "settings": {
            **_flat(_only(own, _SETTINGS)),
            **_flat(rows.get("generation", {}), "generation"),
        },
        "client": _flat(_only(own, _CLIENT - _SECRET)),
        "prompt": _flat(_only(rows, _PROMPT)),
        "scoring": _flat(_only(rows, _SCORING)),
        "data": {
            "data set": _bare(str(rows.get("dataset", dataset))),
            **_flat(_only(rows, _CHOICE)),
            **{f"sha256 of {name}": str(value)[:16] for name, value in checksums.items()},
        },
    }
    if served:
        found["model"]["served as"] = str(served)
    files = _flat(loaded.get("fingerprint", {}), "files")
    found["model"].update({name: value[:16] for name, value in files.items()})
    return found


def _bare(name: str) -> str:
    """A component's name without the distribution that offers it."""
    return name.rpartition("/")[2].removesuffix(".toml")


def _only(table: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key in names}


def _without(table: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in names}


def _flat(table: Mapping[str, Any], name: str = "") -> dict[str, str]:
    return dict(_pairs(table, name))


def _pairs(table: Mapping[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        name = f"{above}.{key}" if above else str(key)
        if key in _SECRET:
            continue
        if isinstance(value, Mapping):
            yield from _pairs(value, name)
        elif isinstance(value, bool):
            yield name, str(value).lower()
        elif value not in ("", [], None):
            yield name, str(value)
