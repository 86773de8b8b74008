"""guidellm: its command line, and its scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aisbench_plugin_migrate.draft import Draft, DraftSection, without_none
from aisbench_plugin_migrate.flags import Flags, items, mapping_of, number, whole
from aisbench_plugin_migrate.models import add_generation, add_headers, add_key, add_service
from aisbench_plugin_migrate.serving.guidellm_run import with_older_names
from aisbench_plugin_migrate.serving.loads import own_rows, performance, put_several, synthetic
from aisbench_plugin_migrate.words import words

_FORMS = {
    "text_completions": "vllm-completions",
    "/v1/completions": "vllm-completions",
    "completions": "vllm-completions",
    "chat_completions": "vllm-chat",
    "/v1/chat/completions": "vllm-chat",
    "responses": "openai-responses",
}
_HUB = "hf:"


def from_guidellm(flags: Flags, source: str) -> Draft:
    """The suite of a call of guidellm benchmark, or of guidellm run."""
    flags = with_older_names(flags)
    draft = Draft(tool="guidellm", source=source)
    load = performance(draft)
    suite = draft.section("suite")
    for flag in ("--output-path", "--output-dir"):
        if folder := flags.one(flag):
            suite.put(
                "output", folder.rpartition("/")[0] or "outputs" if "." in folder else folder
            )
    if (seed := whole(flags.one("--random-seed"))) is not None:
        suite.put("seed", seed)
    model = _model(draft, flags)
    _data(draft, flags, model)
    _load(draft, flags, load)
    for flag in ("--max-error-rate", "--max-global-error-rate"):
        share = number(flags.one(flag))
        if share is not None and share >= 0:
            said = words().text("guidellm ends a load above it; here it is the exit code's")
            suite.put("max_failed", min(share, 1), said)
    if (errors := whole(flags.one("--max-errors"))) is not None:
        said = words().text("in a row, of the same kind; guidellm counts all of a load")
        suite.put("abort_after", max(errors, 1), said)
    flags.told(draft)
    flags.leave_rest(draft, suite)
    return draft


def _model(draft: Draft, flags: Flags) -> DraftSection:
    arguments = mapping_of(flags.one("--backend-kwargs") or "")
    form = flags.one("--request-type") or str(
        arguments.pop("request_format", "") or arguments.pop("request_type", "")
    )
    kind = flags.one("--backend") or "openai_http"
    section = add_service(
        draft,
        _FORMS.get(form, "vllm-chat"),
        flags.one("--target") or "",
        flags.one("--model") or "",
    )
    if kind not in ("openai_http", "openai"):
        why = words().text("loads are sent to servers alone: `vllm serve` makes one of this model")
        draft.leave(section, "--backend", kind, flags.place, why)
    if form and form not in _FORMS:
        why = words().text("this form of requests is not known here; vllm-chat is in its place")
        draft.leave(section, "--request-format", form, flags.place, why)
    section.put_given("tokenizer", flags.first("--processor", "--model"))
    _arguments(draft, flags, section, arguments)
    return section


def _arguments(
    draft: Draft, flags: Flags, section: DraftSection, arguments: dict[str, Any]
) -> None:
    """--backend-kwargs."""
    add_key(draft, section, _text(arguments.pop("api_key", None)), flags.place, "API_KEY")
    extras = arguments.pop("extras", None) or arguments.pop("extra_body", None)
    if isinstance(extras, dict):
        body = extras.get("body", extras)
        add_generation(section, body if isinstance(body, dict) else {})
    headers = arguments.pop("headers", None)
    if isinstance(headers, dict):
        add_headers(draft, section, [f"{key}: {one}" for key, one in headers.items()], flags)
    times = {
        "connect": arguments.pop("timeout_connect", None),
        "total": arguments.pop("timeout", None),
    }
    times = {key: one for key, one in times.items() if isinstance(one, (int, float))}
    section.put_given("timeout", times)
    if (verify := arguments.pop("verify", None)) is not None and not verify:
        section.put("tls", {"verify": False})
    longest = arguments.pop("max_tokens", None) or arguments.pop("max_output_tokens", None)
    if isinstance(longest, int):
        add_generation(section, {"max_tokens": longest})
    if isinstance(stream := arguments.pop("stream", None), bool):
        section.put("stream", stream)
    for key, value in without_none(arguments).items():
        why = words().text("there is nothing of the kind here")
        draft.leave(section, f"backend-kwargs.{key}", value, flags.place, why)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _data(draft: Draft, flags: Flags, model: DraftSection) -> None:
    every = flags.all("--data")
    given = every[0].strip() if every else ""
    for one in every[1:]:
        why = words().text("a load asks the rows of one data set: a suite for each other")
        draft.leave(draft.section("suite"), "--data", one, flags.place, why)
    columns = _columns(flags)
    made = mapping_of(given)
    rows = whole(flags.one("--data-samples"))
    if flags.one("--data-sampler") in ("random", "shuffle"):
        draft.section("load").put("order", "shuffle")
    if not given or set(made) & {"prompt_tokens", "output_tokens"}:
        section = _synthetic(draft, flags, made, model)
    elif given.rpartition(".")[2].lower() in ("jsonl", "csv", "json", "txt", "parquet", "gz"):
        section = own_rows(draft, given, columns or "prompt")
    else:
        section = own_rows(draft, f"{_HUB}{given}" if "/" in given else given, columns)
        section.say(words().text("a data set of a hub: name its file, and its columns"))
    if rows is not None and rows > 0:
        section.put("rows" if section.get("dataset") == "synthetic" else "limit", rows)


def _columns(flags: Flags) -> str:
    """The column of the prompts, where it is named."""
    arguments = mapping_of(flags.one("--data-args") or "")
    mapper = mapping_of(flags.one("--data-column-mapper") or "")
    named = mapper.get("text_column") or arguments.get("prompt_column")
    return str(named[0] if isinstance(named, list) and named else named or "")


def _synthetic(
    draft: Draft, flags: Flags, made: dict[str, Any], model: DraftSection
) -> DraftSection:
    tokenizer = str(model.get("tokenizer") or "")
    prefix, groups = made.pop("prefix_tokens", None), made.pop("prefix_count", None)
    prefix = prefix if isinstance(prefix, int) and prefix > 0 else 0
    open_ended = "output_tokens" not in made
    section = synthetic(
        draft,
        _length(made, "prompt_tokens", 256, prefix),
        _length(made, "output_tokens", 128),
        tokenizer,
    )
    if open_ended:
        section.say(words().text("no output_tokens: guidellm lets the model end; here 128 tokens"))
        section.put("ignore_eos", False)
    if isinstance(samples := made.pop("samples", None), int):
        section.put("rows", samples)
    if prefix:
        section.put(
            "prefix",
            {"tokens": prefix, "groups": groups if isinstance(groups, int) else 1},
            words().text("input holds the prefix, too"),
        )
    for key, value in without_none(made).items():
        why = (
            words().text(
                "made conversations are not here; sharegpt and mtbench-turns have real ones"
            )
            if key == "turns"
            else words().text("there is nothing of the kind here")
        )
        if key != "source":
            draft.leave(section, f"data.{key}", value, flags.place, why)
    return section


def _length(made: dict[str, Any], key: str, usual: int, more: int = 0) -> Any:
    """A length; ``more`` tokens stand before each."""
    mean = made.pop(key, usual)
    parts = {one: made.pop(f"{key}_{one}", None) for one in ("stdev", "min", "max")}
    mean = mean if isinstance(mean, (int, float)) else usual
    low, high = parts["min"], parts["max"]
    if parts["stdev"]:
        return {
            "method": "normal",
            "mean": mean + more,
            "stddev": parts["stdev"],
            "min": int(low or 1) + more,
            "max": int(high or mean + 4 * parts["stdev"]) + more,
        }
    if low is not None and high is not None:
        return {"method": "uniform", "min": int(low) + more, "max": int(high) + more}
    return max(int(mean), 1) + more


def _load(draft: Draft, flags: Flags, load: DraftSection) -> None:
    profile = flags.one("--profile") or "sweep"
    rates = [
        one for one in (number(text) for text in items(flags.all("--rate"))) if one is not None
    ]
    make = _PROFILES.get(profile)
    if make is None:
        why = words().text(
            "this profile is not known here; a search for the limit is in its place"
        )
        flags.leave(draft, load, "--profile", why)
        make = _sweep
    make(load, rates)
    most = whole(flags.one("--max-concurrency"))
    load.put_given("max_concurrency", most if load.get("shape") != "closed" else None)
    ramp = number(flags.one("--rampup"))
    if (
        ramp
        and load.get("shape") == "closed"
        and isinstance(load.get("concurrency"), (int, float))
    ):
        load.put("shape", "pressure")
        load.put("clients_per_second", round(load.get("concurrency") / ramp, 6))
    seconds, requests = number(flags.one("--max-seconds")), whole(flags.one("--max-requests"))
    if seconds is not None:
        load.put("duration", seconds)
    if requests is not None:
        load.put("requests", requests)
    if seconds is None and requests is None:
        load.put("duration", 60, words().text("no end was given: a minute"))
    _ends(draft, flags, load, requests)


def _ends(draft: Draft, flags: Flags, load: DraftSection, requests: int | None) -> None:
    seconds = number(flags.one("--max-seconds"))
    if size := _phase(flags.one("--warmup")):
        share, count = size
        wanted = share * (requests or 100) if share else count
        said = words().text(
            "requests before the load; guidellm leaves out so much of the load itself"
        )
        load.put("warm_up", max(round(wanted), 1), said)
    else:
        load.put("warm_up", 0)
    if size := _phase(flags.one("--cooldown")):
        share, count = size
        wait = share * (seconds or 50) if share else count
        said = words().text(
            "seconds for which the load is kept up; guidellm leaves out so much of the load itself"
        )
        load.put("cool_down", round(wait, 3), said)


def _phase(text: str | None) -> tuple[float, float] | None:
    """--warmup and --cooldown: a share (below 1), or seconds or requests; None: none."""
    table = mapping_of(text or "")
    value = number(text) if not table else None
    share = value if value is not None and value < 1 else table.get("percent")
    count = value if value is not None and value >= 1 else table.get("value")
    pair = tuple(float(one) if isinstance(one, (int, float)) else 0.0 for one in (share, count))
    return (pair[0], pair[1]) if any(pair) else None


def _closed(load: DraftSection, rates: Sequence[float]) -> None:
    load.put("shape", "closed")
    put_several(load, "concurrency", [max(int(one), 1) for one in rates] or [1])


def _synchronous(load: DraftSection, rates: Sequence[float]) -> None:
    _closed(load, [1])


def _throughput(load: DraftSection, rates: Sequence[float]) -> None:
    _closed(load, list(rates) or [512])
    load.say(words().text("throughput: as many at once as guidellm lets be in flight"))


def _poisson(load: DraftSection, rates: Sequence[float]) -> None:
    load.put("shape", "poisson")
    put_several(load, "rate", list(rates) or [1])


def _constant(load: DraftSection, rates: Sequence[float]) -> None:
    load.put("shape", "constant")
    put_several(load, "rate", list(rates) or [1])


def _sweep(load: DraftSection, rates: Sequence[float]) -> None:
    load.put("shape", "closed")
    load.put("concurrency", 1, words().text("the sweep sets it"))
    load.put(
        "sweep",
        {"concurrency": [1, 2, 4, 8, 16, 32, 64, 128]},
        words().text(
            "guidellm sweeps rates between one at a time and all at once; search finds the limit "
            "of an slo"
        ),
    )


_PROFILES: Mapping[str, Callable[[DraftSection, Sequence[float]], None]] = {
    "synchronous": _synchronous,
    "concurrent": _closed,
    "throughput": _throughput,
    "poisson": _poisson,
    "async": _poisson,
    "constant": _constant,
    "sweep": _sweep,
}
