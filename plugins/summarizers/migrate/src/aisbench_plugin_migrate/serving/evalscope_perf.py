"""``evalscope perf``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aisbench_plugin_migrate.draft import Draft, DraftSection
from aisbench_plugin_migrate.flags import Flags, items, mapping_of, number, scalar, whole
from aisbench_plugin_migrate.models import add_generation, add_headers, add_key, add_service
from aisbench_plugin_migrate.serving.loads import (
    conversations,
    own_rows,
    performance,
    put_several,
    synthetic,
)
from aisbench_plugin_migrate.words import words

_APIS = {
    "openai": "openai-chat",
    "local": "openai-chat",
    "local_vllm": "openai-chat",
    "dashscope": "openai-chat",
    "custom": "openai-chat",
    "openai_responses": "openai-responses",
    "responses": "openai-responses",
}
_SAMPLING = {
    "--min-tokens": "min_tokens",
    "--top-k": "top_k",
    "--temperature": "temperature",
    "--top-p": "top_p",
    "--frequency-penalty": "frequency_penalty",
    "--repetition-penalty": "repetition_penalty",
}
_LIMITS = {
    "avg_latency": "e2el_mean_ms",
    "p99_latency": "e2el_p99_ms",
    "avg_ttft": "ttft_mean_ms",
    "p99_ttft": "ttft_p99_ms",
    "p90_ttft": "ttft_p90_ms",
    "p50_ttft": "ttft_p50_ms",
    "avg_tpot": "tpot_mean_ms",
    "p99_tpot": "tpot_p99_ms",
    "p90_tpot": "tpot_p90_ms",
    "p50_tpot": "tpot_p50_ms",
}
_SECONDS = {"latency": float("inf"), "ttft": 10.0, "tpot": 1.0}
"""Below these a limit without a unit is one in seconds."""
_LIMIT = re.compile(r"\s*(?:<=|<|≤)?\s*([0-9.]+(?:[eE][+-]?[0-9]+)?)\s*(ms|s)?\s*\Z")


def from_evalscope_perf(flags: Flags, source: str) -> Draft:
    """The suite of a call of evalscope perf."""
    draft = Draft(tool="evalscope perf", source=source)
    load = performance(draft)
    suite = draft.section("suite")
    for flag, key in (("--name", "name"), ("--outputs-dir", "output")):
        if value := flags.one(flag):
            suite.put(key, value)
    if (seed := whole(flags.one("--seed"))) is not None:
        suite.put("seed", max(seed, 0))
    model = _model(draft, flags)
    _dataset(draft, flags, model)
    _load(draft, flags, load)
    flags.told(draft)
    flags.leave_rest(draft, suite)
    return draft


def _model(draft: Draft, flags: Flags) -> DraftSection:
    api, url = flags.one("--api") or "openai", flags.one("--url") or ""
    backend = _APIS.get(api, "openai-chat")
    plain = url.rstrip("/").endswith("/completions") and "chat" not in url
    off = flags.has("--no-apply-chat-template")
    if plain or off or flags.switch("--apply-chat-template") is False:
        backend = "openai-completions"
    if backend == "openai-completions" and "chat/completions" in url:
        said = words().text("plain text goes to /v1/completions")
        url = url.replace("chat/completions", "completions")
    else:
        said = ""
    section = add_service(draft, backend, url, flags.one("--model") or "")
    if said:
        section.say(said)
    if api not in ("openai", "openai_responses", "responses"):
        why = words().text(
            "loads are sent to servers of the OpenAI API and those of `aisbench plugins backends`"
        )
        flags.leave(draft, section, "--api", why)
    add_key(draft, section, flags.one("--api-key"), flags.place, "API_KEY")
    add_headers(draft, section, flags.all("--headers"), flags)
    stream = flags.switch("--stream")
    section.put_given("stream", False if flags.has("--no-stream") else stream)
    section.put_given("tokenizer", flags.one("--tokenizer-path"))
    times = {
        "connect": number(flags.one("--connect-timeout")),
        "total": number(flags.first("--total-timeout", "--read-timeout")),
    }
    section.put_given("timeout", {key: one for key, one in times.items() if one})
    sampling = _sampling(flags, section)
    add_generation(section, {**sampling, **mapping_of(flags.one("--extra-args") or "")})
    return section


def _sampling(flags: Flags, section: DraftSection) -> dict[str, Any]:
    """What is sent with each request, evalscope's own values included."""
    sampling: dict[str, Any] = {key: number(flags.one(flag)) for flag, key in _SAMPLING.items()}
    if stops := flags.all("--stop"):
        sampling["stop"] = stops
    if ids := [one for one in map(whole, flags.all("--stop-token-ids")) if one is not None]:
        sampling["stop_token_ids"] = ids
    if flags.switch("--logprobs"):
        sampling["logprobs"] = True
    if sampling["temperature"] is None:
        sampling["temperature"] = 0
        section.say(
            words().text("temperature: evalscope perf sends 0 unless it is told otherwise")
        )
    longest = [one for one in map(whole, flags.all("--max-tokens")) if one]
    if len(longest) < 2:
        sampling["max_tokens"] = (longest or [2048])[0]
    if not longest:
        section.say(words().text("max_tokens: evalscope perf's own limit where none is given"))
    return sampling


def _dataset(draft: Draft, flags: Flags, model: DraftSection) -> None:
    name, path = flags.one("--dataset") or "openqa", flags.one("--dataset-path")
    if flags.has("--multi-turn") or name.startswith("share_gpt"):
        section = conversations(draft, path)
        if flags.has("--multi-turn") or "multi_turn" in name:
            section.lines = [line for line in section.lines if line.key != "turns"]
            section.put_given("turns", whole(flags.one("--max-turns")))
            section.put_given("min_turns", whole(flags.one("--min-turns")))
        return
    if name.startswith("random") or name == "speed_benchmark":
        _made(draft, flags, model)
        return
    if name in ("line_by_line", "longalpaca", "openqa", "custom") and path:
        section = own_rows(
            draft, path, {"openqa": "question", "longalpaca": "instruction"}.get(name, "")
        )
        if name == "line_by_line":
            section.say(
                words().text(
                    "evalscope sends each line as it is; here rows are JSON lines or CSV: "
                    '{{"question": "..."}}'
                )
            )
        return
    why = words().text("evalscope fetches this data set; name a file of rows, or take synthetic")
    flags.leave(draft, own_rows(draft, path, "question"), "--dataset", why)


def _made(draft: Draft, flags: Flags, model: DraftSection) -> None:
    low = max(whole(flags.one("--min-prompt-length")) or 1, 1)
    high = whole(flags.one("--max-prompt-length"))
    told = high is not None
    high = max(high or 131072, low)
    prefix = whole(flags.one("--prefix-length")) or 0
    given = (
        low + prefix
        if low == high
        else {"method": "uniform", "min": low + prefix, "max": high + prefix}
    )
    bounds = [one for one in map(whole, flags.all("--max-tokens")) if one]
    output: Any = (bounds or [2048])[0]
    if len(bounds) > 1:
        output = {"method": "uniform", "min": min(bounds), "max": max(bounds)}
    section = synthetic(draft, given, output, str(model.get("tokenizer") or ""))
    if not told:
        section.say(words().text("evalscope's own greatest length: --max-prompt-length 131072"))
    if prefix:
        groups = whole(flags.one("--prefix-count")) or 1
        said = words().text("input holds the prefix, too")
        section.put("prefix", {"tokens": prefix, "groups": groups}, said)
    exact = (model.get("generation") or {}).get("ignore_eos")
    section.put("ignore_eos", bool(exact))


def _numbers(flags: Flags, name: str) -> list[float]:
    found = map(number, items(flags.all(name)))
    return [one for one in found if one is not None and one > 0]


def _load(draft: Draft, flags: Flags, load: DraftSection) -> None:
    clients, rates = _numbers(flags, "--parallel"), _numbers(flags, "--rate")
    counts = [int(one) for one in _numbers(flags, "--number")]
    seconds = number(flags.one("--duration"))
    flags.has("--open-loop")
    if rates:
        load.put("shape", "poisson")
        put_several(load, "rate", rates)
        if not flags.has("--open-loop"):
            put_several(load, "max_concurrency", [max(int(one), 1) for one in clients or [1]])
            if not clients:
                load.say(words().text("max_concurrency: --parallel is 1 where it is not given"))
    else:
        load.put("shape", "closed")
        put_several(load, "concurrency", [max(int(one), 1) for one in clients] or [1])
    if counts:
        _counts(draft, flags, load, counts)
    load.put_given("duration", seconds or None)
    if not counts and not seconds:
        load.put("requests", 1000, words().text("evalscope's own number where none is given"))
    load.put("warm_up", _warm_up(flags, counts))
    if flags.has("--sla-auto-tune"):
        _search(draft, flags, load)


def _warm_up(flags: Flags, counts: list[int]) -> int:
    """Requests; below 1 it is a share of --number."""
    given = number(flags.one("--warmup-num")) or 0
    return max(int(given * max(counts or [1000])), 1) if 0 < given < 1 else int(given)


def _counts(draft: Draft, flags: Flags, load: DraftSection, counts: list[int]) -> None:
    """--number: one for each of --parallel."""
    load.put("requests", max(counts))
    if len(set(counts)) > 1:
        why = words().text(
            "all loads of a sweep have as many requests: the greatest number is taken"
        )
        draft.leave(load, "--number", counts, flags.place, why)


def _search(draft: Draft, flags: Flags, load: DraftSection) -> None:
    variable = flags.one("--sla-variable") or "parallel"
    key = "rate" if variable == "rate" else "concurrency"
    search = {
        "key": key,
        "low": number(flags.one("--sla-lower-bound")),
        "high": number(flags.one("--sla-upper-bound")),
        "trials": whole(flags.one("--sla-num-runs")),
    }
    load.put("search", {name: one for name, one in search.items() if one is not None})
    load.lines = [line for line in load.lines if line.key != "sweep"]
    fixed = whole(flags.one("--sla-fixed-parallel"))
    load.put_given("max_concurrency", fixed if key == "rate" else None)
    text = flags.one("--sla-params") or ""
    given = scalar(text)
    groups = given if isinstance(given, list) else [given]
    slo, rest = _limits(groups[0] if groups else {})
    if len(groups) > 1 or rest:
        why = words().text("limits are ttft_ms, tpot_ms, e2el_ms, and percentiles of them")
        draft.leave(
            load, "--sla-params", [one for one in (rest, *groups[1:]) if one], flags.place, why
        )
    if slo:
        said = words().text(
            "ms. A ttft or tpot without a unit was s in evalscope's older versions and is ms in "
            "1.14; small ones (ttft below 10, tpot below 1) are taken for s: look at it"
        )
        load.put("slo", slo, said)
    else:
        load.put(
            "slo",
            {"ttft_p99_ms": 1000, "tpot_p99_ms": 100},
            words().text("limits that could not be read: put yours in their place"),
        )
        draft.leave(
            load,
            "--sla-params",
            text,
            flags.place,
            words().text("limits are ttft_ms, tpot_ms, e2el_ms, and percentiles of them"),
        )


def _limits(group: Any) -> tuple[dict[str, float], dict[str, Any]]:
    """Limits in ms, and what of a group is none."""
    slo: dict[str, float] = {}
    rest: dict[str, Any] = {}
    for name, one in group.items() if isinstance(group, Mapping) else ():
        found = _LIMIT.match(str(one))
        if name not in _LIMITS or found is None:
            rest[str(name)] = one
            continue
        value = float(found[1])
        unit = found[2] or ("s" if value < _SECONDS[str(name).rpartition("_")[2]] else "ms")
        slo[_LIMITS[str(name)]] = value * (1000 if unit == "s" else 1)
    return slo, rest
