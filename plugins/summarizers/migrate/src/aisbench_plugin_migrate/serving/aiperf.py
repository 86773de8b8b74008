"""``aiperf profile`` (and ``genai-perf profile``)."""

from __future__ import annotations

from typing import Any

from aisbench_plugin_migrate.draft import Draft, Section
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
    synthetic,
)
from aisbench_plugin_migrate.words import words

_TYPES = {
    "chat": "openai-chat",
    "completions": "openai-completions",
    "responses": "openai-responses",
    "huggingface_generate": "tgi-generate",
    "template": "",
}
_TRACES = {"mooncake_trace": "mooncake", "burst_gpt_trace": "burstgpt", "bailian_trace": "trace"}


def from_aiperf(flags: Flags, source: str) -> Draft:
    """The suite of a call of aiperf profile."""
    draft = Draft(tool="aiperf", source=source)
    load = performance(draft)
    suite = draft.section("suite")
    for flag in ("--output-artifact-dir", "--artifact-dir"):
        if folder := flags.one(flag):
            suite.put("output", folder)
    if (seed := whole(flags.one("--random-seed"))) is not None:
        suite.put("seed", seed)
    model = _model(draft, flags)
    _dataset(draft, flags, model)
    _load(draft, flags, load)
    flags.told(draft)
    flags.leave_rest(draft, suite)
    return draft


def _model(draft: Draft, flags: Flags) -> Section:
    names = items(flags.all("--model") + flags.all("--model-names"))
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
    add_generation(section, _extra(flags.all("--extra-inputs")))
    return section


def _endpoint(draft: Draft, flags: Flags, model: str) -> Section:
    """Backend, addresses and route."""
    kind = flags.one("--endpoint-type") or "chat"
    backend = _TYPES.get(kind) or "openai-chat"
    urls = items(flags.all("--url")) or ["localhost:8000"]
    section = add_service(draft, backend, urls[0], model)
    if len(urls) > 1:
        section.put("url", [server_url(one) for one in urls])
    if not _TYPES.get(kind):
        why = words().text("this endpoint is not known here; openai-chat is put in its place")
        flags.leave(draft, section, "--endpoint-type", why)
    route = flags.first("--endpoint", "--custom-endpoint") or ""
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


def _dataset(draft: Draft, flags: Flags, model: Section) -> None:
    file, kind = flags.one("--input-file"), flags.one("--custom-dataset-type") or ""
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
        section = draft.section("datasets", _TRACES[kind])
        section.put("dataset", _TRACES[kind])
        section.put("path", file)
        section.put("tokenizer", tokenizer or "PATH-OF-THE-TOKENIZER")
        _offsets(flags, section)
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


def _made(flags: Flags, draft: Draft, tokenizer: str) -> Section:
    mean = number(flags.one("--isl")) or number(flags.one("--synthetic-input-tokens-mean")) or 550
    output = number(flags.one("--osl")) or number(flags.one("--output-tokens-mean"))
    spread = number(flags.one("--isl-stddev")) or number(
        flags.one("--synthetic-input-tokens-stddev")
    )
    wide = number(flags.one("--osl-stddev")) or number(flags.one("--output-tokens-stddev"))
    section = synthetic(draft, lengths(mean, spread), lengths(output or 128, wide), tokenizer)
    if output is None:
        section.say(words().text("no --osl was given: aiperf lets the model end; here 128 tokens"))
    rows = whole(flags.one("--num-prompts")) or whole(flags.one("--num-dataset-entries"))
    if rows is not None:
        section.put("rows", rows)
    prefix = whole(flags.one("--prefix-prompt-length")) or whole(
        flags.one("--shared-system-prompt-length")
    )
    if prefix:
        groups = whole(flags.one("--num-prefix-prompts")) or 1
        section.put("prefix", {"tokens": prefix, "groups": groups})
        section.put("input", lengths(mean + prefix, spread), words().text("with the prefix"))
    section.put(
        "ignore_eos", False, words().text("generation of the model says it, where it is to be")
    )
    return section


def _offsets(flags: Flags, section: Section) -> None:
    for flag, key in (
        ("--fixed-schedule-start-offset", "begin"),
        ("--fixed-schedule-end-offset", "end"),
    ):
        value = number(flags.one(flag))
        if value is not None:
            section.put(key, value / 1000, words().text("seconds; aiperf has ms"))


def _load(draft: Draft, flags: Flags, load: Section) -> None:
    rates = [one for one in map(number, items(flags.all("--request-rate"))) if one is not None]
    clients = [one for one in map(number, items(flags.all("--concurrency"))) if one is not None]
    mode = flags.one("--request-rate-mode") or flags.one("--arrival-pattern") or "poisson"
    smoothness = number(flags.one("--arrival-smoothness"))
    if flags.has("--fixed-schedule"):
        load.put("shape", "trace")
    elif rates:
        shape = {"constant": "constant", "gamma": "gamma"}.get(mode, "poisson")
        load.put("shape", shape)
        put_several(load, "rate", rates)
        if shape == "gamma" and smoothness is not None:
            load.put("burstiness", smoothness)
        if clients:
            load.put("max_concurrency", int(clients[0]))
    else:
        load.put("shape", "closed")
        put_several(load, "concurrency", [max(int(one), 1) for one in clients] or [1])
        ramp = number(flags.one("--concurrency-ramp-duration"))
        if ramp and len(clients) == 1:
            load.put("shape", "pressure")
            load.put("clients_per_second", round(clients[0] / ramp, 6))
    _ends(draft, flags, load)


def _ends(draft: Draft, flags: Flags, load: Section) -> None:
    requests = whole(
        flags.first("--request-count", "--num-requests", "--num-conversations", "--num-sessions")
    )
    seconds = number(flags.one("--benchmark-duration"))
    load.put_given("requests", requests or None)
    load.put_given("duration", seconds or None)
    load.put_given("grace", number(flags.one("--benchmark-grace-period")))
    load.put_given("window", number(flags.one("--slice-duration")))
    load.put_given("workers", whole(flags.one("--workers-max")))
    if not requests and not seconds:
        load.put("requests", 10, words().text("aiperf's own number where none is given"))
    warm_up = whole(flags.first("--warmup-request-count", "--num-warmup-requests"))
    load.put("warm_up", warm_up or 0)
    delay = number(flags.first("--session-turn-delay-mean", "--conversation-turn-delay-mean"))
    if delay:
        load.put("think", delay / 1000, words().text("seconds; aiperf has ms"))
    goodput(draft, load, flags.all("--goodput"), flags.place)
    flags.has("--no-server-metrics")
    if flags.has("--server-metrics"):
        load.put("scrape", True)
        urls = [one for one in items(flags.all("--server-metrics")) if "/" in one or ":" in one]
        load.put_given("scrape_urls", [one if "://" in one else f"http://{one}" for one in urls])
