"""``aiperf profile`` (and ``genai-perf profile``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aisbench_plugin_migrate.draft import Draft, DraftSection
from aisbench_plugin_migrate.flags import Flags, items, mapping_of, number, scalar, whole
from aisbench_plugin_migrate.keys import server_url
from aisbench_plugin_migrate.models import add_generation, add_headers, add_key, add_service
from aisbench_plugin_migrate.serving.loads import (
    conversations,
    goodput,
    lengths,
    own_rows,
    performance,
    put_several,
    spread,
    synthetic,
)
from aisbench_plugin_migrate.words import words

_TYPES = {
    "chat": "openai-chat",
    "completions": "openai-completions",
    "responses": "openai-responses",
    "huggingface_generate": "tgi-generate",
}
_TRACES = {
    "mooncake_trace": "mooncake",
    "burst_gpt_trace": "burstgpt",
    "bailian_trace": "bailian",
    "weka_trace": "weka",
}


def from_aiperf(flags: Flags, source: str) -> Draft:
    """The suite of a call of aiperf profile."""
    draft = Draft(tool="aiperf", source=source)
    load = performance(draft)
    suite = draft.section("suite")
    suite.put_given("output", flags.one("--output-artifact-dir"))
    if (seed := whole(flags.one("--random-seed"))) is not None:
        suite.put("seed", seed)
    model = _model(draft, flags)
    _dataset(draft, flags, model)
    _load(draft, flags, load)
    share = number(flags.one("--failed-request-threshold"))
    if share is not None:
        said = words().text("aiperf ends a run above it; here it is the exit code's")
        suite.put("max_failed", min(max(share, 0), 1), said)
    flags.told(draft)
    flags.leave_rest(draft, suite)
    return draft


def _numbers(flags: Flags, name: str) -> list[float]:
    return [one for one in map(number, items(flags.all(name))) if one]


def _word(flags: Flags, name: str) -> str:
    """A choice, which may be written with - or _ within."""
    return (flags.one(name) or "").strip().lower().replace("-", "_")


def _model(draft: Draft, flags: Flags) -> DraftSection:
    names = items(flags.all("--model"))
    first = names[0] if names else ""
    section = _endpoint(draft, flags, first)
    for name in names[1:]:
        why = words().text("a further model is a section of its own")
        draft.leave(section, "--model", name, flags.place, why)
    streams = flags.has("--streaming")
    comment = "" if streams else words().text("aiperf streams with --streaming alone")
    section.put("stream", streams, comment)
    add_key(draft, section, flags.one("--api-key"), flags.place, "API_KEY")
    add_headers(draft, section, flags.all("--header"), flags)
    tokenizer = flags.one("--tokenizer") or first
    section.put_given("tokenizer", "" if tokenizer == "builtin" else tokenizer)
    if (timeout := number(flags.one("--request-timeout-seconds"))) is not None:
        section.put("timeout", {"total": timeout})
    wait = number(flags.one("--wait-for-model-timeout"))
    section.put_given("wait_for_server", f"{int(wait)}s" if wait else "")
    add_generation(section, _extra(flags.all("--extra-inputs")))
    if flags.has("--use-legacy-max-tokens") and str(section.get("backend")) == "openai-chat":
        section.put("max_tokens_name", "max_tokens")
    return section


def _endpoint(draft: Draft, flags: Flags, model: str) -> DraftSection:
    """Backend, addresses and route."""
    kind = _word(flags, "--endpoint-type") or "chat"
    backend = _TYPES.get(kind) or "openai-chat"
    urls = items(flags.all("--url")) or ["localhost:8000"]
    section = add_service(draft, backend, urls[0], model)
    if len(urls) > 1:
        section.put("url", [server_url(one) for one in urls])
    if not _TYPES.get(kind):
        why = words().text("this endpoint is not known here; openai-chat is put in its place")
        flags.leave(draft, section, "--endpoint-type", why)
    route = flags.one("--endpoint") or ""
    if route.startswith("/") and backend.startswith("openai"):
        section.put("path", route)
    return section


def _extra(given: list[str]) -> dict[str, Any]:
    """``name:value`` pairs, or JSON."""
    made: dict[str, Any] = {}
    for one in given:
        if one.strip().startswith("{"):
            made.update(mapping_of(one))
        else:
            key, _, value = one.partition(":")
            made[key.strip()] = scalar(value.strip())
    return made


def _dataset(draft: Draft, flags: Flags, model: DraftSection) -> None:
    file, kind = flags.one("--input-file"), _word(flags, "--custom-dataset-type")
    tokenizer = str(model.get("tokenizer") or "")
    public = flags.one("--public-dataset")
    if public:
        if public != "sharegpt":
            why = words().text("sharegpt is put in its place")
            flags.leave(draft, draft.section("suite"), "--public-dataset", why)
        section = conversations(draft, None)
        section.put("turns", None)
        section.lines = [line for line in section.lines if line.key != "turns"]
    elif file and kind in _TRACES:
        _trace(draft, flags, kind, file, tokenizer)
    elif file:
        section = own_rows(draft, file, "text" if kind in ("", "single_turn") else "")
        if kind not in ("", "single_turn"):
            why = words().text("rows of custom are questions or whole chats (columns.messages)")
            flags.leave(draft, section, "--custom-dataset-type", why)
    else:
        section = _made(flags, draft, tokenizer)
    order = flags.one("--dataset-sampling-strategy")
    if order in ("random", "shuffle"):
        draft.section("load").put("order", order)


def _trace(draft: Draft, flags: Flags, kind: str, file: str, tokenizer: str) -> None:
    section = draft.section("datasets", _TRACES[kind])
    section.put("dataset", _TRACES[kind])
    section.put("path", file)
    section.put("tokenizer", tokenizer or "PATH-OF-THE-TOKENIZER")
    block = whole(flags.one("--isl-block-size"))
    if _TRACES[kind] in ("mooncake", "bailian"):
        section.put_given("block_size", block)
    if _TRACES[kind] in ("bailian", "weka"):
        section.put_given("longest_input", whole(flags.one("--synthesis-max-isl")))
    _offsets(flags, section)


def _made(flags: Flags, draft: Draft, tokenizer: str) -> DraftSection:
    means, answers = _numbers(flags, "--isl"), _numbers(flags, "--osl")
    _several(draft, flags, "--isl", means)
    _several(draft, flags, "--osl", answers)
    mean, output = next(iter(means), 550.0), next(iter(answers), None)
    width, wide = number(flags.one("--isl-stddev")), number(flags.one("--osl-stddev"))
    ratio = number(flags.one("--random-range-ratio")) or 0
    prefix, groups = _prefix(flags)
    section = synthetic(
        draft,
        spread(mean, ratio, prefix) if ratio else lengths(mean + prefix, width),
        spread(output or 128, ratio) if ratio else lengths(output or 128, wide),
        tokenizer,
    )
    if not means:
        section.say(words().text("aiperf's own length of prompts where none is given: 550 tokens"))
    if output is None:
        section.say(words().text("no --osl was given: aiperf lets the model end; here 128 tokens"))
    rows = whole(flags.one("--num-dataset-entries"))
    section.put(
        "rows", rows or 100, "" if rows else words().text("aiperf's own number of prompts")
    )
    if prefix:
        said = words().text("input holds the prefix, too")
        section.put("prefix", {"tokens": prefix, "groups": groups}, said)
    section.put(
        "ignore_eos",
        False,
        words().text("aiperf asks for no fixed length; ignore_eos in generation does"),
    )
    return section


def _several(draft: Draft, flags: Flags, name: str, values: Sequence[float]) -> None:
    if len(values) > 1:
        why = words().text("the first is taken: a suite for each length")
        draft.leave(draft.section("load"), name, list(values), flags.place, why)


def _prefix(flags: Flags) -> tuple[int, int]:
    """Tokens and number of the beginnings that rows share; aiperf has none without a number."""
    pool = whole(flags.one("--num-prefix-prompts")) or 0
    tokens = (whole(flags.one("--prefix-prompt-length")) or 0) if pool else 0
    shared = whole(flags.one("--shared-system-prompt-length")) or 0
    return (shared, 1) if shared else (tokens, max(pool, 1))


def _offsets(flags: Flags, section: DraftSection) -> None:
    for flag, key in (
        ("--fixed-schedule-start-offset", "begin"),
        ("--fixed-schedule-end-offset", "end"),
    ):
        value = number(flags.one(flag))
        if value is not None:
            section.put(key, value / 1000, words().text("seconds; aiperf has ms"))


def _load(draft: Draft, flags: Flags, load: DraftSection) -> None:
    rates, clients = _numbers(flags, "--request-rate"), _numbers(flags, "--concurrency")
    mode = _word(flags, "--arrival-pattern") or "poisson"
    smoothness = number(flags.one("--arrival-smoothness"))
    if _by_times(flags):
        load.put("shape", "trace")
        _speed(flags, load)
    elif rates and mode != "concurrency_burst":
        shape = {"constant": "constant", "gamma": "gamma"}.get(mode, "poisson")
        load.put("shape", shape)
        put_several(load, "rate", rates)
        if shape == "gamma" and smoothness is not None:
            load.put("burstiness", smoothness)
        if len(clients) == 1:
            load.put("max_concurrency", int(clients[0]))
        elif clients:
            put_several(load, "max_concurrency", [max(int(one), 1) for one in clients])
    else:
        load.put("shape", "closed")
        put_several(load, "concurrency", [max(int(one), 1) for one in clients] or [1])
        ramp = number(flags.one("--concurrency-ramp-duration"))
        if ramp and len(clients) == 1:
            load.put("shape", "pressure")
            load.put("clients_per_second", round(clients[0] / ramp, 6))
    _ends(draft, flags, load)


def _by_times(flags: Flags) -> bool:
    """Whether a trace's times are kept: aiperf keeps them unless it is told not to."""
    off = flags.has("--no-fixed-schedule")
    trace = _word(flags, "--custom-dataset-type") in _TRACES
    return flags.has("--fixed-schedule") or (trace and not off)


def _speed(flags: Flags, load: DraftSection) -> None:
    speed = number(flags.first("--replay-speedup", "--synthesis-speedup-ratio")) or 1
    if _word(flags, "--custom-dataset-type") == "bailian_trace":
        speed /= 1000
    if speed != 1:
        load.put("speed", speed)


def _ends(draft: Draft, flags: Flags, load: DraftSection) -> None:
    talks = _numbers(flags, "--num-conversations")
    counts = _numbers(flags, "--request-count") or talks
    seconds = _numbers(flags, "--benchmark-duration")
    put_several(load, "requests", counts)
    put_several(load, "duration", seconds)
    grace = number(flags.one("--benchmark-grace-period"))
    if grace is None and seconds:
        load.put("grace", 30, words().text("aiperf's own after a duration"))
    load.put_given("grace", grace)
    load.put_given("window", number(flags.one("--slice-duration")))
    load.put_given("workers", whole(flags.one("--workers-max")))
    if not counts and not seconds and load.get("shape") != "trace":
        load.put("requests", 10, words().text("aiperf's own number where none is given"))
    load.put("warm_up", whole(flags.one("--warmup-request-count")) or 0)
    _more(flags, load)
    _limits(draft, flags, load)


def _more(flags: Flags, load: DraftSection) -> None:
    """What stands beside shape and ends."""
    delay = number(flags.one("--session-turn-delay-mean"))
    factor = number(flags.one("--session-delay-ratio"))
    if delay:
        waits = delay * (1 if factor is None else factor) / 1000
        load.put("think", waits, words().text("seconds; aiperf has ms"))
    if (_word(flags, "--cache-bust") or "none") != "none":
        load.put("salt", True)
    if flags.has("--export-outputs-json"):
        load.put("keep_answers", True)
    flags.has("--no-server-metrics")
    if flags.has("--server-metrics"):
        load.put("scrape", True)
        urls = [one for one in items(flags.all("--server-metrics")) if "/" in one or ":" in one]
        load.put_given("scrape_urls", [one if "://" in one else f"http://{one}" for one in urls])


def _limits(draft: Draft, flags: Flags, load: DraftSection) -> None:
    """--goodput, and the limits of searches: percentiles and means there, every request here."""
    goodput(draft, load, flags.all("--goodput"), flags.place)
    slo = dict(load.get("slo") or {})
    for flag, key in (
        ("--ttft-sla-ms", "ttft_ms"),
        ("--tpot-sla-ms", "tpot_ms"),
        ("--e2e-sla-ms", "e2el_ms"),
        ("--slo-attainment-fraction", "attainment"),
    ):
        if (limit := number(flags.one(flag))) is not None:
            slo[key] = limit
    load.put_given("slo", slo)
