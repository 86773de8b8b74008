"""``vllm bench serve``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aisbench_plugin_migrate.draft import Draft, DraftSection
from aisbench_plugin_migrate.flags import Flags, items, mapping_of, number, whole
from aisbench_plugin_migrate.models import add_generation, add_headers, add_service
from aisbench_plugin_migrate.serving.loads import (
    conversations,
    goodput,
    own_rows,
    performance,
    spread,
    synthetic,
)
from aisbench_plugin_migrate.words import words

_BACKENDS = {
    "openai-chat": "vllm-chat",
    "openai": "vllm-completions",
    "vllm": "vllm-completions",
    "sglang": "vllm-completions",
    "sglang-oai": "vllm-completions",
    "sglang-oai-chat": "vllm-chat",
    "lmdeploy": "vllm-completions",
    "openai-completions": "vllm-completions",
    "llama.cpp": "vllm-completions",
    "tgi": "tgi-generate",
    "tensorrt-llm": "triton-generate",
    "openai-responses": "openai-responses",
}
_SAMPLING = {
    "--temperature": "temperature",
    "--top-p": "top_p",
    "--top-k": "top_k",
    "--min-p": "min_p",
    "--frequency-penalty": "frequency_penalty",
    "--presence-penalty": "presence_penalty",
    "--repetition-penalty": "repetition_penalty",
}


def from_vllm(flags: Flags, source: str) -> Draft:
    """The suite of a call of vllm bench serve."""
    draft = Draft(tool="vllm bench serve", source=source)
    load = performance(draft)
    suite = draft.section("suite")
    for flag, key in (("--label", "name"), ("--result-dir", "output")):
        if value := flags.one(flag):
            suite.put(key, value)
    if (seed := whole(flags.one("--seed"))) is not None:
        suite.put("seed", seed)
    model = _model(draft, flags)
    _dataset(draft, flags, model)
    _load(draft, flags, load)
    flags.told(draft)
    flags.leave_rest(draft, suite)
    return draft


def _model(draft: Draft, flags: Flags) -> DraftSection:
    kind = flags.one("--backend") or "openai"
    route = flags.one("--endpoint") or ""
    backend = _BACKENDS.get(kind, "vllm-completions")
    if "chat" in route:
        backend = "vllm-chat"
    if kind not in _BACKENDS:
        why = words().text("this protocol is not known here; vllm-completions is put in its place")
        flags.leave(draft, draft.section("suite"), "--backend", why)
    url = _url(flags)
    weights = flags.one("--model") or ""
    section = add_service(draft, backend, url, flags.one("--served-model-name") or weights)
    if route and route not in ("/v1/completions", "/v1/chat/completions") and "vllm" in backend:
        section.put("path", route)
    section.put_given("tokenizer", flags.one("--tokenizer") or weights)
    add_headers(draft, section, flags.all("--header"), flags)
    _sampling(flags, section)
    if flags.has("--insecure"):
        section.put("tls", {"verify": False})
    wait = number(flags.one("--ready-check-timeout-sec"))
    if wait is not None and wait > 0:
        section.put("wait_for_server", f"{int(wait)}s")
    return section


def _sampling(flags: Flags, section: DraftSection) -> None:
    sampling = {key: number(flags.one(flag)) for flag, key in _SAMPLING.items()}
    add_generation(section, {**sampling, **mapping_of(flags.one("--extra-body") or "")})
    add_generation(section, {"logprobs": whole(flags.one("--logprobs"))})


def _url(flags: Flags) -> str:
    host, port = flags.one("--host") or "127.0.0.1", flags.one("--port") or 8000
    return flags.one("--base-url") or f"http://{host}:{port}"


def _random(draft: Draft, flags: Flags, model: DraftSection) -> DraftSection:
    given = number(flags.first("--input-len", "--random-input-len")) or 1024
    made = number(flags.first("--output-len", "--random-output-len")) or 128
    read, answered = _ratios(flags.one("--random-range-ratio") or "")
    prefix = whole(flags.one("--random-prefix-len")) or 0
    section = synthetic(
        draft,
        spread(given, read, prefix),
        spread(made, answered),
        str(model.get("tokenizer") or ""),
    )
    if prefix:
        section.put("prefix", {"tokens": prefix}, words().text("input holds the prefix, too"))
    return section


def _ratios(text: str) -> tuple[float, float]:
    """--random-range-ratio of prompts and of answers: one number, or a table of both."""
    table = mapping_of(text)
    if table:
        return number(str(table.get("input"))) or 0.0, number(str(table.get("output"))) or 0.0
    ratio = number(text) or 0.0
    return ratio, ratio


def _prefixes(draft: Draft, flags: Flags, model: DraftSection) -> DraftSection:
    prefix = whole(flags.one("--prefix-repetition-prefix-len")) or 256
    suffix = whole(flags.one("--prefix-repetition-suffix-len")) or 256
    section = synthetic(
        draft,
        prefix + suffix,
        whole(flags.first("--output-len", "--prefix-repetition-output-len")) or 128,
        str(model.get("tokenizer") or ""),
    )
    groups = whole(flags.one("--prefix-repetition-num-prefixes")) or 10
    section.put("prefix", {"tokens": prefix, "groups": groups})
    return section


def _sharegpt(draft: Draft, flags: Flags, model: DraftSection) -> DraftSection:
    section = conversations(draft, flags.one("--dataset-path"))
    longest = whole(flags.first("--output-len", "--sharegpt-output-len"))
    if longest is not None:
        section.put("generation", {"max_tokens": longest})
    else:
        section.put("limit_output", True)
        section.put("tokenizer", str(model.get("tokenizer") or "PATH-OF-THE-TOKENIZER"))
    return section


def _own(draft: Draft, flags: Flags, model: DraftSection) -> DraftSection:
    section = own_rows(draft, flags.one("--dataset-path"), "prompt")
    longest = whole(flags.first("--output-len", "--custom-output-len"))
    if longest is None:
        own = words().text("vllm bench's own limit where none is given")
        section.put("generation", {"max_tokens": 256}, own)
    elif longest > 0:
        section.put("generation", {"max_tokens": longest})
    else:
        section.put("columns", {"question": "prompt", "max_tokens": "output_tokens"})
    return section


def _hub(draft: Draft, flags: Flags, model: DraftSection) -> DraftSection:
    """A data set of a hub: its files are to be named, but for ShareGPT's, which is one here."""
    path = flags.one("--dataset-path") or ""
    if "sharegpt" in path.lower():
        section = conversations(draft, None)
    else:
        section = own_rows(draft, f"hf:{path}" if path else None)
        section.say(words().text("a data set of a hub: name its file, and its columns"))
    longest = whole(flags.first("--output-len", "--hf-output-len"))
    section.put_given("generation", {"max_tokens": longest} if longest else None)
    return section


def _burstgpt(draft: Draft, flags: Flags, model: DraftSection) -> DraftSection:
    section = draft.section("datasets", "burstgpt")
    section.put("dataset", "burstgpt")
    section.put("path", flags.one("--dataset-path") or "BurstGPT_1.csv")
    section.put("tokenizer", str(model.get("tokenizer") or "PATH-OF-THE-TOKENIZER"))
    return section


def _timed(draft: Draft, flags: Flags, model: DraftSection) -> DraftSection:
    """A trace that has times of its own."""
    section = draft.section("datasets", "mooncake")
    section.put("dataset", "mooncake")
    section.put("path", flags.one("--dataset-path") or "trace.jsonl")
    section.put("tokenizer", str(model.get("tokenizer") or "PATH-OF-THE-TOKENIZER"))
    section.put("block_size", whole(flags.one("--timed-trace-chunk-hash-size")) or 16)
    return section


_SETS: Mapping[str, Callable[[Draft, Flags, DraftSection], DraftSection]] = {
    "random": _random,
    "sharegpt": _sharegpt,
    "prefix_repetition": _prefixes,
    "custom": _own,
    "burstgpt": _burstgpt,
    "hf": _hub,
    "timed_trace": _timed,
}


def _dataset(draft: Draft, flags: Flags, model: DraftSection) -> None:
    name = flags.one("--dataset-name") or "random"
    make = _SETS.get(name)
    if make is None:
        why = words().text("this data set is not here; made prompts are put in its place")
        flags.leave(draft, draft.section("suite"), "--dataset-name", why)
        make = _random
    section = make(draft, flags, model)
    _adapters(flags, section)
    _ends_of_answers(flags, section, model)


def _adapters(flags: Flags, section: DraftSection) -> None:
    """Each of them gets as many requests, drawn or in turn."""
    if not (names := flags.all("--lora-modules")):
        return
    in_turn = flags.one("--lora-assignment") == "round-robin"
    said = words().text("vllm bench takes them in turn; here they are drawn") if in_turn else ""
    section.put("adapters", {"share": dict.fromkeys(names, 1)}, said)


def _ends_of_answers(flags: Flags, section: DraftSection, model: DraftSection) -> None:
    """--ignore-eos, which the data sets random and timed_trace imply."""
    kind = section.get("dataset")
    asked, off = flags.has("--ignore-eos"), flags.has("--disable-ignore-eos")
    name = flags.one("--dataset-name") or "random"
    if kind not in ("synthetic", "burstgpt", "mooncake"):
        if asked:
            add_generation(model, {"ignore_eos": True})
    elif off or not (asked or name in ("random", "random-mm", "timed_trace")):
        said = words().text("vllm bench lets these answers end early unless --ignore-eos is given")
        section.put("ignore_eos", False, said)
    elif not asked:
        section.say(
            words().text(
                "vllm bench asks for answers of the whole length here, also without --ignore-eos; "
                "older versions did not: ignore_eos = false"
            )
        )


def _load(draft: Draft, flags: Flags, load: DraftSection) -> None:
    cap, requests = (
        whole(flags.one("--max-concurrency")),
        whole(flags.one("--num-prompts")) or 1000,
    )
    _arrivals(flags, load, cap, requests)
    if cap is not None and load.get("shape") not in ("closed", "burst"):
        load.put("max_concurrency", cap)
    given = flags.has("--num-prompts")
    load.put("requests", requests, "" if given else words().text("vllm bench's own number"))
    _order(flags, load)
    load.put("warm_up", whole(flags.one("--num-warmups")) or 0)
    goodput(draft, load, flags.all("--goodput"), flags.place)
    ranks = [number(one) for one in items(flags.all("--metric-percentiles"))]
    if ranks := [one for one in ranks if one is not None]:
        load.put("percentiles", ranks)


def _arrivals(flags: Flags, load: DraftSection, cap: int | None, requests: int) -> None:
    rate = number(flags.one("--request-rate") or "inf")
    burstiness = number(flags.one("--burstiness"))
    ramp = flags.one("--ramp-up-strategy")
    if _self_timed(flags):
        load.put("shape", "trace")
        factor = number(flags.one("--timed-trace-sec-multiplier")) or 1
        speed = round(0.001 / factor, 9)
        if speed != 1:
            said = words().text("mooncake reads times as ms; these are of another unit")
            load.put("speed", speed, said)
    elif ramp in ("linear", "exponential"):
        load.put("shape", f"{ramp}-ramp")
        load.put("from_rate", number(flags.one("--ramp-up-start-rps")) or 1)
        load.put("to_rate", number(flags.one("--ramp-up-end-rps")) or 1)
    elif rate is None:
        _at_once(load, cap, requests)
    else:
        load.put("shape", "poisson" if burstiness in (None, 1) else "gamma")
        load.put("rate", rate)
        if burstiness not in (None, 1):
            load.put("burstiness", burstiness)
        load.put(
            "rescale", True, words().text("the last request is due at requests / rate, as there")
        )


def _self_timed(flags: Flags) -> bool:
    """Whether the times of a trace are kept."""
    off = flags.has("--no-self-timed")
    return flags.has("--self-timed") or (flags.one("--dataset-name") == "timed_trace" and not off)


def _order(flags: Flags, load: DraftSection) -> None:
    """Rows of files are shuffled, unless it is told otherwise."""
    off = flags.has("--disable-shuffle")
    if flags.one("--dataset-name") in ("sharegpt", "custom", "hf") and not off:
        load.put("order", "shuffle", words().text("vllm bench shuffles the rows of files"))


def _at_once(load: DraftSection, cap: int | None, requests: int) -> None:
    if cap is None:
        load.put("shape", "burst", words().text("request-rate inf without a bound: all at once"))
        load.put("size", requests)
    else:
        load.put("shape", "closed", words().text("request-rate inf with --max-concurrency"))
        load.put("concurrency", cap)
