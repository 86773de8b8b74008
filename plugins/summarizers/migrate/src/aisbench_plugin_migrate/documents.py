"""YAML and JSON configs, told apart by their keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aisbench_plugin_migrate.accuracy.evalscope import from_evalscope
from aisbench_plugin_migrate.accuracy.lm_eval import from_lm_eval
from aisbench_plugin_migrate.draft import Draft
from aisbench_plugin_migrate.flags import Flags, flags_of
from aisbench_plugin_migrate.serving.aiperf import from_aiperf
from aisbench_plugin_migrate.serving.aiperf_config import of_aiperf
from aisbench_plugin_migrate.serving.evalscope_perf import from_evalscope_perf
from aisbench_plugin_migrate.serving.guidellm import from_guidellm
from aisbench_plugin_migrate.serving.guidellm_run import of_scenario


def from_document(document: Mapping[str, Any], name: str, place: str) -> Draft | None:
    """The suite of a config file; None where its keys are those of no known tool."""
    given = {str(key): one for key, one in document.items()}
    keys = set(given)
    if isinstance(given.get("spec"), Mapping) and keys <= {"spec", "benchmarks", "metadata"}:
        return from_guidellm(flags_in("guidellm", given, place), name)
    if isinstance(given.get("benchmark"), Mapping) and "endpoint" in given["benchmark"]:
        return from_aiperf(flags_in("aiperf", given, place), name)
    if "tasks" in keys and keys & {"model", "model_args", "num_fewshot", "gen_kwargs"}:
        return from_lm_eval(flags_in("lm_eval", given, place), name)
    if _is_task(given):
        return from_lm_eval(
            flags_of("lm_eval", {"tasks": [place], "model": "local-completions"}, place), name
        )
    if "datasets" in keys and keys & {
        "model",
        "api_url",
        "eval_type",
        "generation_config",
        "limit",
    }:
        return from_evalscope(flags_of("evalscope", given, place), name)
    if "perf" in keys and isinstance(given["perf"], Mapping):
        return from_document(given["perf"], name, place)
    if keys & {"parallel", "number"} and keys & {"url", "api"}:
        return from_evalscope_perf(flags_of("evalscope-perf", given, place), name)
    scenario = keys & {"profile", "rate_type", "rate-type"} and "data" in keys
    if scenario or ("target" in keys and keys & {"rate", "data", "max_seconds", "profile"}):
        return from_guidellm(flags_of("guidellm", given, place), name)
    if keys & {"endpoint_type", "endpoint-type"} or (keys >= {"url", "concurrency"}):
        return from_aiperf(flags_of("aiperf", given, place), name)
    return None


def flags_in(tool: str, given: Mapping[str, Any], place: str) -> Flags:
    """The flags that a config file of ``tool`` is the same as."""
    if tool == "lm_eval":
        return flags_of(tool, _flat(given), place)
    if tool == "guidellm" and isinstance(given.get("spec"), Mapping):
        return of_scenario(given, Flags(tool, place))
    if tool == "aiperf" and isinstance(given.get("benchmark"), Mapping):
        return of_aiperf(given, Flags(tool, place))
    return flags_of(tool, given, place)


def _is_task(given: Mapping[str, Any]) -> bool:
    """Whether a YAML file is a task of lm-eval, which can be asked as it is."""
    return "task" in given and bool(
        set(given) & {"doc_to_text", "dataset_path", "output_type", "include"}
    )


def _flat(given: Mapping[str, Any]) -> dict[str, Any]:
    """lm-eval's config, whose tables are those of flags."""
    made = dict(given)
    tasks = made.get("tasks")
    if isinstance(tasks, list):
        made["tasks"] = [
            str(one.get("task", "")) if isinstance(one, Mapping) else str(one) for one in tasks
        ]
    for key in ("model_args", "gen_kwargs"):
        if isinstance(made.get(key), Mapping):
            made[key] = ",".join(f"{name}={_word(one)}" for name, one in made[key].items())
    return made


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
