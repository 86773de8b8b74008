"""YAML and JSON configs, told apart by their keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
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
    if isinstance(given.get("perf"), Mapping):
        return from_document(given["perf"], name, place)
    if _is_task(given):
        flags = flags_of("lm_eval", {"tasks": [place], "model": "local-completions"}, place)
        return from_lm_eval(flags, name)
    for tool, (is_one, make) in _TOOLS.items():
        if is_one(given):
            return make(flags_in(tool, given, place), name)
    return None


def _is_new_guidellm(given: Mapping[str, Any]) -> bool:
    others = set(given) - {"spec", "benchmarks", "metadata"}
    return isinstance(given.get("spec"), Mapping) and not others


def _is_lm_eval(given: Mapping[str, Any]) -> bool:
    return "tasks" in given and bool(
        set(given) & {"model", "model_args", "num_fewshot", "gen_kwargs"}
    )


def _is_evalscope(given: Mapping[str, Any]) -> bool:
    return "datasets" in given and bool(
        set(given) & {"model", "api_url", "eval_type", "generation_config", "limit"}
    )


def _is_evalscope_perf(given: Mapping[str, Any]) -> bool:
    return bool(set(given) & {"parallel", "number"} and set(given) & {"url", "api"})


def _is_guidellm(given: Mapping[str, Any]) -> bool:
    keys = set(given)
    scenario = keys & {"profile", "rate_type", "rate-type"} and "data" in keys
    asked = "target" in keys and keys & {"rate", "data", "max_seconds", "profile"}
    return bool(scenario or asked) or _is_new_guidellm(given)


def _is_aiperf(given: Mapping[str, Any]) -> bool:
    keys = set(given)
    nested = isinstance(given.get("benchmark"), Mapping) and "endpoint" in given["benchmark"]
    return (
        nested or bool(keys & {"endpoint_type", "endpoint-type"}) or keys >= {"url", "concurrency"}
    )


_TOOLS: Mapping[str, tuple[Callable[[Mapping[str, Any]], bool], Callable[[Flags, str], Draft]]] = {
    "lm_eval": (_is_lm_eval, from_lm_eval),
    "evalscope": (_is_evalscope, from_evalscope),
    "evalscope-perf": (_is_evalscope_perf, from_evalscope_perf),
    "guidellm": (_is_guidellm, from_guidellm),
    "aiperf": (_is_aiperf, from_aiperf),
}
"""How a config file of a tool is known, and what makes a suite of it."""


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
