"""Models of AISBench's and OpenCompass's configs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from aisbench_plugin_migrate.draft import Draft, DraftSection, without_none
from aisbench_plugin_migrate.keys import api_key_name, server_url
from aisbench_plugin_migrate.literal import fits
from aisbench_plugin_migrate.secret import is_no_key
from aisbench_plugin_migrate.static.values import Node, Unread, Value, plain
from aisbench_plugin_migrate.tables.reading import table
from aisbench_plugin_migrate.words import noted, words

_QUIET = (None, False, "", 0)
"""Values that ask for nothing: a key with one of them needs no counterpart."""


@frozen
class AskedModel:
    """What a model's config says of how it is asked."""

    name: str
    form: str
    """chat or text."""
    service: bool
    rate: float = 0
    traffic: Node | None = None
    timestamps: bool = False
    attempts: int = 1
    concurrency: int = 1
    repeats: int = 1
    tokenizer: str = ""
    tools: bool | None = None
    """Whether function calls are read from the answer's tool calls."""
    place: str = ""


@define
class Keys:
    """The keys of a dictionary, each taken once; what is left is told."""

    node: Node
    draft: Draft
    section: DraftSection
    reasons: Mapping[str, Mapping[str, Any]]
    taken: set[str] = field(factory=set)

    def take(self, key: str, default: Any = None) -> Any:
        """The value of a key, or ``default`` where it is not there or could not be read."""
        self.taken.add(key)
        value = self.node.entries.get(key)
        if isinstance(value, Unread):
            why = words().text("only running the file would tell it")
            self.draft.leave(self.section, key, value, self.place(key), why)
            return default
        return default if value is None else value

    def place(self, key: str) -> str:
        place = self.node.where(key)
        return str(place) if place.file else self.node.preset

    def carry(self, key: str, here: str) -> None:
        if key in self.node.entries:
            self.draft.carry(key, self.place(key), here)

    def rest(self) -> None:
        """Tell every key that nobody took and that asks for something."""
        for key, value in self.node.items():
            name = str(key)
            if name in self.taken or (not isinstance(value, (Node, list)) and value in _QUIET):
                continue
            if isinstance(value, (Node, list)) and not plain(value):
                continue
            reason = self.reasons.get(name, {}).get("why", "")
            why = noted(reason) if reason else words().text("there is nothing of the kind here")
            self.draft.leave(self.section, name, value, self.place(name), why)


def add_model(draft: Draft, value: Value, role: str = "") -> AskedModel | None:
    """A section for a model; None, and a reason, where it has no counterpart."""
    if not isinstance(value, Node):
        why = words().text("only running the file would tell it")
        draft.leave(draft.section("suite"), "models", value, getattr(value, "place", ""), why)
        return None
    known = table("aisbench-models")
    class_name = str(value.entries.get("type") or "").rpartition(".")[2]
    about = known["classes"].get(class_name)
    place = str(value.place) if value.place.file else value.preset
    if about is None or "missing" in about:
        why = (
            noted(about["missing"])
            if about
            else words().text(
                "models of this class are not known; a backend for its protocol may be among "
                "those of "
                "`aisbench plugins backends`"
            )
        )
        draft.leave(draft.section("suite"), "models", class_name or plain(value), place, why)
        return None
    wanted = role or str(value.entries.get("abbr") or class_name)
    name = draft.free_name("models", wanted)
    section = draft.section("models", name)
    keys = Keys(value, draft, section, known["keys"])
    section.put("backend", about["backend"])
    keys.carry("type", "backend")
    keys.carry("abbr", f"[models.{name}]")
    keys.taken |= {"type", "abbr", "attr"}
    if role:
        section.put("role", "judge")
    if "note" in about:
        section.say(noted(about["note"]))
    local = about["backend"] in ("hf", "vllm-offline")
    concurrency = _local(keys, about["backend"]) if local else _service(keys, about)
    repeats = _generation(keys, local)
    asked = _asked(keys, name, about["form"], local, concurrency, repeats)
    _postprocessor(keys)
    keys.rest()
    return asked


def _service(keys: Keys, about: Mapping[str, Any]) -> int:
    section, take = keys.section, keys.take
    section.put("url", _url(keys, about))
    named = take("model", "") or take("model_name", "")
    path = str(take("path", "") or "")
    if about.get("model") == "path":
        named, path = path, str(take("tokenizer_path", "") or "")
        keys.carry("path", "model")
    section.put_given("model", str(named))
    section.put_given("tokenizer", path)
    for key, here in (("model", "model"), ("model_name", "model"), ("stream", "stream")):
        keys.carry(key, here)
    if path:
        keys.carry("path", "tokenizer")
    _api_key(keys)
    stream = take("stream", about.get("stream"))
    section.put_given("stream", None if stream is None else bool(stream))
    concurrency = max(int(_number(take("batch_size", 1)) or 1), 1)
    section.put("concurrency", concurrency, words().text("batch_size there: requests in flight"))
    keys.carry("batch_size", "concurrency")
    return concurrency


def _url(keys: Keys, about: Mapping[str, Any]) -> str:
    take = keys.take
    scheme = "https" if take("enable_ssl") else "http"
    given = str(take("url", "") or take("openai_api_base", "") or about.get("url", ""))
    host, port = str(take("host_ip", "localhost")), take("host_port", 8080)
    for key in ("url", "openai_api_base", "host_ip", "host_port", "enable_ssl"):
        keys.carry(key, "url")
    return server_url(given or f"{scheme}://{_bracketed(host)}:{port}")


def _api_key(keys: Keys) -> None:
    for key in ("api_key", "key"):
        value = keys.node.entries.get(key)
        keys.taken.add(key)
        if value is None or (isinstance(value, str) and is_no_key(value)):
            continue
        written = isinstance(value, str) and value != "ENV"
        name = api_key_name("" if written else getattr(value, "variable", ""), value)
        comment = words().text(
            "a key was written in {place}; it is not copied: set {name}",
            place=keys.place(key),
            name=name,
        )
        keys.section.put("api_key", f"env:{name}", comment if written else "")
        keys.carry(key, "api_key")


def _local(keys: Keys, backend: str) -> int:
    section, take = keys.section, keys.take
    section.put("path", str(take("path", "") or "PATH-OF-THE-MODEL"))
    keys.carry("path", "path")
    peft = "lora" if backend == "vllm-offline" else "peft"
    for key, here in (("tokenizer_path", "tokenizer_path"), ("peft_path", peft)):
        if (value := take(key, "")) != section.get("path"):
            section.put_given(here, str(value))
        keys.carry(key, here)
    batch = int(_number(take("batch_size", 1)) or 1)
    if backend == "hf":
        section.put("batch_size", batch)
        section.put_given("max_length", _whole(take("max_seq_len")))
        section.put_given("truncate", "middle" if take("mode") == "mid" else None)
        keys.carry("max_seq_len", "max_length")
    keys.carry("batch_size", "batch_size")
    given = take("model_kwargs")
    for key, value in (plain(given) if isinstance(given, Node) else {}).items():
        _model_argument(keys, backend, str(key), value, given)
    _vision(keys, backend)
    return batch


def _vision(keys: Keys, backend: str) -> None:
    vision = keys.take("vision_kwargs")
    made = without_none(plain(vision)) if isinstance(vision, Node) else {}
    if backend == "hf":
        keys.section.put_given("processor", made)
    elif made:
        engine = dict(keys.section.get("engine") or {})
        keys.section.put("engine", {**engine, "mm_processor_kwargs": made})
    keys.carry("vision_kwargs", "processor")


_ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "hf": {
        "device_map": "device_map",
        "torch_dtype": "dtype",
        "dtype": "dtype",
        "attn_implementation": "attention",
        "trust_remote_code": "trust_remote_code",
        "revision": "revision",
    },
    "vllm-offline": dict.fromkeys(
        (
            "max_num_seqs",
            "max_model_len",
            "tensor_parallel_size",
            "gpu_memory_utilization",
            "quantization",
            "dtype",
            "enforce_eager",
            "trust_remote_code",
            "revision",
        ),
        "",
    ),
}


def _model_argument(keys: Keys, backend: str, key: str, value: Any, given: Node) -> None:
    here = _ARGUMENTS[backend].get(key)
    place = str(given.where(key))
    if here is None and backend == "vllm-offline" and fits(value):
        engine = dict(keys.section.get("engine") or {})
        keys.section.put("engine", {**engine, key: value})
    elif here is None or not fits(value):
        why = words().text("Transformers' own arguments are not passed through")
        keys.draft.leave(keys.section, f"model_kwargs.{key}", value, place, why)
        return
    else:
        known = {
            "torch.float16": "float16",
            "torch.bfloat16": "bfloat16",
            "torch.float32": "float32",
        }
        keys.section.put(here or key, known.get(str(value), value))
    keys.draft.carry(f"model_kwargs.{key}", place, here or key)


def _generation(keys: Keys, local: bool) -> int:
    """The sampling settings; returns how many answers are asked for."""
    made: dict[str, Any] = {}
    repeats = 1
    for source in ("generation_kwargs", "sample_kwargs"):
        given = keys.take(source)
        for key, value in given.items() if isinstance(given, Node) else ():
            place = str(given.where(key)) if given.where(key).file else given.preset
            if key in ("num_return_sequences", "n") and isinstance(value, int) and value > 0:
                repeats = value
                keys.draft.carry(key, place, "repeats")
            else:
                _sampling(keys, made, f"{source}.{key}", value, place)
    for key, here in (("temperature", "temperature"), ("stop_words", "stop")):
        if (value := keys.take(key)) is not None:
            made[here] = plain(value)
            keys.carry(key, f"generation.{here}")
    if isinstance(longest := keys.take("max_out_len"), int) and longest > 0:
        made["max_tokens"] = longest
        keys.carry("max_out_len", "generation.max_tokens")
    if made.get("do_sample") is False:
        made["temperature"] = 0
    keys.section.put_given("generation", made)
    return repeats


def _sampling(keys: Keys, made: dict[str, Any], name: str, value: Value, place: str) -> None:
    """One key of generation_kwargs."""
    key = name.rpartition(".")[2]
    if key == "seed" and isinstance(value, int):
        keys.draft.section("suite").put("seed", value)
        keys.draft.carry(key, place, "suite.seed")
    elif key == "lora_data_map_file":
        _lora(keys, value, place)
    elif isinstance(value, Unread) or (value is not None and not fits(plain(value))):
        why = words().text("only running the file would tell it")
        keys.draft.leave(keys.section, name, value, place, why)
    elif value is not None:
        made[key] = plain(value)
        keys.draft.carry(key, place, f"generation.{key}")


def _lora(keys: Keys, value: Value, place: str) -> None:
    """The map's rows are numbered there, and what it does not name is the model's itself."""
    if isinstance(value, str) and value:
        keys.section.put("adapters", {"map": value, "rest": ""})
        keys.draft.carry("lora_data_map_file", place, "adapters.map")
        return
    why = words().text("only running the file would tell it")
    keys.draft.leave(keys.section, "lora_data_map_file", value, place, why)


def _asked(
    keys: Keys, name: str, form: str, local: bool, concurrency: int, repeats: int
) -> AskedModel:
    take = keys.take
    attempts = int(_number(take("retry", 2 if not local else 1)) or 0)
    if not local:
        comment = words().text("attempts in all, as they are counted there")
        if attempts < 1:
            comment = words().text("AISBench with retry = 0 sends nothing at all")
        keys.section.put("retry", {"attempts": max(attempts, 1)}, comment)
        keys.carry("retry", "retry.attempts")
    traffic, tools = take("traffic_cfg"), take("returns_tool_calls")
    for key in ("request_rate", "use_timestamp", "traffic_cfg"):
        if keys.node.entries.get(key) not in _QUIET:
            keys.carry(key, "load")
    keys.carry("returns_tool_calls", "variant")
    return AskedModel(
        name=name,
        form=form,
        service=not local,
        rate=float(_number(take("request_rate", 0)) or 0),
        traffic=traffic if isinstance(traffic, Node) else None,
        timestamps=take("use_timestamp") is True,
        attempts=max(attempts, 1),
        concurrency=concurrency,
        repeats=repeats,
        tokenizer=str(keys.section.get("tokenizer") or keys.section.get("path") or ""),
        tools=tools if isinstance(tools, bool) else None,
        place=str(keys.node.place) if keys.node.place.file else keys.node.preset,
    )


def _postprocessor(keys: Keys) -> None:
    given = keys.take("pred_postprocessor")
    if not isinstance(given, Node):
        return
    named = str(given.entries.get("type"))
    if named == "extract_non_reasoning_content":
        keys.carry("pred_postprocessor", "reasoning")
        return
    why = words().text(
        "a function of its own; postprocess of a data set names steps that are here"
    )
    keys.draft.leave(
        keys.section, "pred_postprocessor", named, keys.place("pred_postprocessor"), why
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _whole(value: Any) -> int | None:
    found = _number(value)
    return None if found is None else int(found)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
