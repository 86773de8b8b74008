"""[load] and workloads, for all tools alike."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from aisbench_plugin_migrate.draft import Draft, DraftSection
from aisbench_plugin_migrate.words import words

_SLO = {
    "ttft": "ttft_ms",
    "time_to_first_token": "ttft_ms",
    "tpot": "tpot_ms",
    "inter_token_latency": "tpot_ms",
    "e2el": "e2el_ms",
    "e2e": "e2el_ms",
    "request_latency": "e2el_ms",
    "latency": "e2el_ms",
}
_PAIR = re.compile(r"([A-Za-z_0-9]+)\s*[:=]\s*(?:<=?)?\s*([0-9.]+)\Z")


def performance(draft: Draft) -> DraftSection:
    """[load] of a suite that measures speed."""
    draft.section("suite").put("mode", "performance")
    return draft.section("load")


def put_several(load: DraftSection, key: str, values: Sequence[float]) -> None:
    """A key of a load; several values are a sweep."""
    numbers = [int(one) if one == int(one) else one for one in values]
    if len(numbers) == 1:
        load.put(key, numbers[0])
    elif numbers:
        load.put("sweep", {**(load.get("sweep") or {}), key: numbers})
        if key in ("rate", "concurrency"):
            load.put(key, numbers[0], words().text("the sweep sets it"))


def goodput(draft: Draft, load: DraftSection, given: Sequence[str], place: str) -> None:
    """Limits of service: ``ttft:500`` in ms, as vllm bench and aiperf have them."""
    slo: dict[str, float] = {}
    for one in (part for text in given for part in text.split()):
        found = _PAIR.match(one)
        if found is None or found[1] not in _SLO:
            why = words().text("limits are ttft_ms, tpot_ms, e2el_ms, and percentiles of them")
            draft.leave(load, "--goodput", one, place, why)
            continue
        value = float(found[2])
        slo[_SLO[found[1]]] = int(value) if value == int(value) else value
    if slo:
        load.put("slo", slo)


def lengths(mean: float, stddev: float | None = None) -> Any:
    """A length of synthetic: fixed, or normal around a mean."""
    if not stddev:
        return max(int(mean), 1)
    return {
        "method": "normal",
        "mean": mean,
        "stddev": stddev,
        "min": 1,
        "max": max(int(mean + 4 * stddev), 1),
    }


def spread(mean: float, ratio: float, more: int = 0) -> Any:
    """vllm bench's random lengths: uniform, ``ratio`` of the mean down and up; ``more`` tokens
    stand before each."""
    if ratio <= 0:
        return max(int(mean) + more, 1)
    return {
        "method": "uniform",
        "min": max(math.floor(mean * (1 - ratio)) + more, 1),
        "max": max(math.ceil(mean * (1 + ratio)) + more, 1),
    }


def synthetic(draft: Draft, input_: Any, output: Any, tokenizer: str) -> DraftSection:
    """The data set of made prompts."""
    section = draft.section("datasets", "synthetic")
    section.put("dataset", "synthetic")
    section.put("input", input_)
    section.put("output", output)
    if tokenizer:
        section.put("tokenizer", tokenizer)
    else:
        section.put("unit", "words", words().text("with a tokenizer: exact numbers of tokens"))
    return section


def conversations(draft: Draft, path: str | None) -> DraftSection:
    """ShareGPT's conversations."""
    section = draft.section("datasets", "sharegpt")
    section.put("dataset", "sharegpt")
    section.put("turns", 1, words().text("the first question alone, as these tools ask it"))
    if path:
        section.put("path", path)
    else:
        section.say(words().text('Files: `aisbench datasets fetch sharegpt`, or path = "FILE".'))
    return section


def own_rows(draft: Draft, path: str | None, column: str = "") -> DraftSection:
    """Rows of a file of the user's own."""
    section = draft.section("datasets", "custom")
    section.put("dataset", "custom")
    section.put("path", path or "data.jsonl", "" if path else words().text("name your file"))
    if column:
        section.put("columns", {"question": column})
    return section
