"""AISBench's workloads: synthetic rows, traces, conversations, rows of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aisbench_plugin_migrate.ais.models import AskedModel
from aisbench_plugin_migrate.draft import Draft, DraftSection
from aisbench_plugin_migrate.static.values import Node, SourcePlace, plain
from aisbench_plugin_migrate.words import words

_SHIPPED: dict[str, Any] = {
    "Type": "string",
    "RequestCount": 10,
    "StringConfig": {
        "Input": {"Method": "uniform", "Params": {"MinValue": 1, "MaxValue": 200}},
        "Output": {
            "Method": "gaussian",
            "Params": {"Mean": 100, "Var": 200, "MinValue": 1, "MaxValue": 100},
        },
    },
}
_SHIPPED_IDS: dict[str, Any] = {
    "Type": "tokenid",
    "RequestCount": 10,
    "TokenIdConfig": {"RequestSize": 10, "PrefixLen": 0},
}
_HISTORY = {"every": "real", "every_with_gt": "recorded", "last": "last"}


def workload(
    draft: Draft, section: DraftSection, family: str, node: Node, models: Sequence[AskedModel]
) -> None:
    """The settings of a workload's data set."""
    if family == "synthetic":
        _synthetic(draft, section, node, models)
    elif family == "mooncake_trace":
        _mooncake(draft, section, node, models)
    elif family in ("sharegpt", "mtbench"):
        _history(draft, section, node)


def _synthetic(
    draft: Draft, section: DraftSection, node: Node, models: Sequence[AskedModel]
) -> None:
    given = node.entries.get("config")
    config = plain(given) if isinstance(given, Node) else {}
    if not isinstance(config, dict) or not config:
        config = _SHIPPED_IDS if node.preset.endswith("tokenid") else _SHIPPED
        section.say(words().text("The lengths are those that AISBench ships: change them here."))
    place = given.place if isinstance(given, Node) else node.place
    section.put("rows", _whole(config.get("RequestCount"), 10))
    draft.carry("RequestCount", place, "rows")
    tokenizer = next((one.tokenizer for one in models if one.tokenizer), "")
    if tokenizer:
        section.put("tokenizer", tokenizer)
    else:
        section.put("unit", "words", words().text("with a tokenizer: exact numbers of tokens"))
    if str(config.get("Type", "string")).lower() == "tokenid":
        _token_ids(draft, section, config.get("TokenIdConfig") or {}, place, bool(tokenizer))
        return
    strings = config.get("StringConfig") or {}
    for key, here in (("Input", "input"), ("Output", "output")):
        lengths = _lengths(draft, section, key, strings.get(key) or {}, place)
        if lengths is not None:
            section.put(here, lengths)
            draft.carry(f"StringConfig.{key}", place, here)
    section.say(
        words().text(
            "AISBench repeats one letter, which caches and drafts find easy; here each row has "
            "words "
            "of its own, of exactly so many tokens. ignore_eos makes answers as long as they are "
            "to be."
        )
    )


def _token_ids(
    draft: Draft, section: DraftSection, config: dict[str, Any], place: SourcePlace, exact: bool
) -> None:
    size = _whole(config.get("RequestSize"), 10)
    section.put("input", size)
    draft.carry("TokenIdConfig.RequestSize", place, "input")
    shared = _whole(config.get("PrefixLen"), 0)
    if 0 < shared <= size:
        section.put("prefix", {"tokens": shared})
        draft.carry("TokenIdConfig.PrefixLen", place, "prefix.tokens")
    section.say(
        words().text(
            'The ids themselves go to a server by variant = "tokens" of a model with backend = '
            '"vllm-completions"; AISBench decodes them, and the server makes other ids of that '
            "text."
        )
    )


def _lengths(
    draft: Draft, section: DraftSection, key: str, given: dict[str, Any], place: SourcePlace
) -> Any:
    method, params = str(given.get("Method", "")).lower(), given.get("Params") or {}
    low, high = _whole(params.get("MinValue"), 1), _whole(params.get("MaxValue"), 1)
    bounds = {"min": max(low, 1), "max": max(high, low, 1)}
    if method == "uniform":
        return bounds["min"] if bounds["min"] == bounds["max"] else {"method": "uniform", **bounds}
    if method == "gaussian":
        spread = float(params.get("Var", 0) or 0) ** 0.5
        section.say(words().text("stddev is the root of AISBench's Var."))
        return {
            "method": "normal",
            "mean": params.get("Mean", low),
            "stddev": round(spread, 6),
            **bounds,
        }
    if method == "zipf":
        return {"method": "zipf", "alpha": params.get("Alpha", 1.5), **bounds}
    why = words().text("uniform, gaussian and zipf are known; percentages are there, too")
    draft.leave(section, f"StringConfig.{key}.Method", method, place, why)
    return None


def _whole(value: Any, default: int) -> int:
    return int(value) if isinstance(value, (int, float)) else default


def _mooncake(
    draft: Draft, section: DraftSection, node: Node, models: Sequence[AskedModel]
) -> None:
    tokenizer = next((one.tokenizer for one in models if one.tokenizer), "")
    if tokenizer:
        section.put("tokenizer", tokenizer)
    else:
        section.put("unit", "words", words().text("with a tokenizer: exact numbers of tokens"))
    entries = node.entries
    if isinstance(seed := entries.get("random_seed"), int):
        section.put("seed", seed)
        draft.carry("random_seed", node.where("random_seed"), "seed")
    for key, here in (
        ("fixed_schedule_start_offset", "begin"),
        ("fixed_schedule_end_offset", "end"),
    ):
        value = entries.get(key)
        if isinstance(value, (int, float)) and value > 0:
            section.put(here, value / 1000, words().text("seconds; AISBench has ms"))
            draft.carry(key, node.where(key), here)
    if entries.get("generated_prompts_path"):
        why = words().text("texts come from the seed and need no cache")
        draft.leave(
            section,
            "generated_prompts_path",
            entries["generated_prompts_path"],
            node.where("generated_prompts_path"),
            why,
        )
    section.say(
        words().text(
            "The trace begins at its first row's time, which is AISBench's "
            "fixed_schedule_auto_offset; "
            "without it AISBench waits twice that time first."
        )
    )


def _history(draft: Draft, section: DraftSection, node: Node) -> None:
    infer = node.entries.get("infer_cfg")
    inferencer = infer.entries.get("inferencer") if isinstance(infer, Node) else None
    mode = inferencer.entries.get("infer_mode") if isinstance(inferencer, Node) else "every"
    here = _HISTORY.get(str(mode), "real")
    section.put("history", here)
    if isinstance(inferencer, Node):
        draft.carry("infer_mode", inferencer.where("infer_mode"), "history")
    if node.preset.startswith("mtbench") and here != "real":
        section.put("history", "real")
        why = words().text("MT-Bench's file holds no answers; `answers` names a file with some")
        draft.leave(section, "infer_mode", mode, node.place, why)
