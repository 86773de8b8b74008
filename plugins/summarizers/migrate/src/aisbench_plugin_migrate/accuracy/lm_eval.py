"""lm-evaluation-harness: its command line and its YAML config."""

from __future__ import annotations

from typing import Any

from aisbench_plugin_migrate.draft import Draft, DraftSection, without_none
from aisbench_plugin_migrate.flags import Flags, items, mapping_of, number, whole
from aisbench_plugin_migrate.models import add_headers, add_key, add_service
from aisbench_plugin_migrate.tables.reading import table
from aisbench_plugin_migrate.words import noted, words

_SEEDS = ("seed", "numpy_seed", None, "fewshot_seed")
_ON = ("", "true", "True", "1")
_HF = {
    "dtype": "dtype",
    "revision": "revision",
    "peft": "peft",
    "max_length": "max_length",
    "trust_remote_code": "trust_remote_code",
    "device_map": "device_map",
    "attn_implementation": "attention",
    "tokenizer": "tokenizer_path",
    "chat_template_args": "template_arguments",
}
_VLLM = {
    "dtype": "dtype",
    "revision": "revision",
    "max_model_len": "max_model_len",
    "tensor_parallel_size": "tensor_parallel_size",
    "quantization": "quantization",
    "gpu_memory_utilization": "gpu_memory_utilization",
    "enforce_eager": "enforce_eager",
    "max_num_seqs": "max_num_seqs",
    "trust_remote_code": "trust_remote_code",
    "tokenizer": "tokenizer_path",
    "lora_local_path": "lora",
}


_IN_PROCESS = ("hf", "hf-auto", "huggingface", "hf-multimodal", "vllm", "vllm-vlm")


def from_lm_eval(flags: Flags, source: str) -> Draft:
    """The suite of a call of lm_eval."""
    draft = Draft(tool="lm-eval", source=source)
    suite = draft.section("suite")
    suite.put("mode", "accuracy")
    if output := flags.one("--output_path"):
        suite.put("output", output)
    arguments = mapping_of(",".join(flags.all("--model_args")))
    longest = {key: arguments.pop(key, None) for key in ("max_gen_toks", "max_length")}
    if (flags.one("--model") or "hf") in _IN_PROCESS:
        arguments["max_length"] = longest.pop("max_length")
    chat = _model(draft, flags, {key: one for key, one in arguments.items() if one is not None})
    section = _tasks(draft, flags, chat)
    for key, value in longest.items():
        section.put_given(key, value if isinstance(value, int) else None)
    flags.told(draft)
    flags.leave_rest(draft, suite)
    return draft


def _model(draft: Draft, flags: Flags, arguments: dict[str, Any]) -> bool:
    """The model; returns whether it is asked in messages."""
    kind = flags.one("--model") or "hf"
    about = table("lm_eval")["models"].get(kind)
    if about is None:
        why = words().text("models of this kind are not known; local-completions is meant here")
        flags.leave(draft, draft.section("suite"), "--model", why)
        about = table("lm_eval")["models"]["local-completions"]
    named = str(arguments.pop("model", None) or arguments.pop("pretrained", None) or "")
    if about["backend"] in ("hf", "vllm-offline"):
        section = draft.section(
            "models", draft.free_name("models", named.rpartition("/")[2] or "model")
        )
        section.put("backend", about["backend"])
        section.put("path", named or "PATH-OF-THE-MODEL")
        _local(draft, flags, section, arguments, about["backend"])
    else:
        section = add_service(
            draft,
            about["backend"],
            str(arguments.pop("base_url", "") or about.get("url", "")),
            named,
        )
        _service(draft, flags, section, arguments, about)
    for key, value in arguments.items():
        why = words().text("there is nothing of the kind here")
        draft.leave(section, f"model_args.{key}", value, flags.place, why)
    return bool(about["form"] == "chat")


def _service(
    draft: Draft,
    flags: Flags,
    section: DraftSection,
    arguments: dict[str, Any],
    about: dict[str, Any],
) -> None:
    tokenizer = arguments.pop("tokenizer", None)
    if isinstance(tokenizer, str):
        section.put("tokenizer", tokenizer)
    key = arguments.pop("api_key", arguments.pop("auth_token", None))
    if key is None and "key" in about:
        section.put("api_key", f"env:{about['key']}")
    add_key(draft, section, None if key is None else str(key), flags.place, "OPENAI_API_KEY")
    concurrency = arguments.pop("num_concurrent", 1)
    section.put("concurrency", max(int(concurrency), 1) if isinstance(concurrency, int) else 1)
    tries = arguments.pop("max_retries", None)
    if isinstance(tries, int):
        section.put("retry", {"attempts": max(tries, 1)}, words().text("attempts in all"))
    timeout = arguments.pop("timeout", None)
    if isinstance(timeout, (int, float)):
        section.put("timeout", {"total": timeout})
    if arguments.pop("verify_certificate", None) is False:
        section.put("tls", {"verify": False})
    needless = table("lm_eval")["arguments"]
    for name, one in needless.items():
        value = arguments.pop(name, None)
        if value is not None:
            draft.leave(section, f"model_args.{name}", value, flags.place, noted(one["why"]))
    header = arguments.pop("header", None)
    if isinstance(header, dict):
        add_headers(draft, section, [f"{key}: {one}" for key, one in header.items()], flags)
    if flags.one("--batch_size"):
        flags.leave(draft, section, "--batch_size", noted(needless["batch_size"]["why"]))
    if flags.one("--device"):
        flags.leave(draft, section, "--device", words().text("the server has its own"))


def _local(
    draft: Draft, flags: Flags, section: DraftSection, arguments: dict[str, Any], backend: str
) -> None:
    for key, here in (_HF if backend == "hf" else _VLLM).items():
        value = arguments.pop(key, None)
        if value is not None:
            section.put(here, value)
    size = flags.one("--batch_size") or arguments.pop("batch_size", None)
    device = flags.one("--device")
    if backend == "hf":
        if (rows := whole(str(size))) is not None:
            section.put("batch_size", rows)
        elif size is not None:
            section.say(
                words().text("batch_size auto: hf halves its own by itself where memory runs out")
            )
        if device:
            section.put("device", device)
        if arguments.pop("parallelize", None):
            section.put("device_map", "auto")
        thinks = arguments.pop("enable_thinking", None)
        if isinstance(thinks, bool):
            before = section.get("template_arguments") or {}
            section.put("template_arguments", {**before, "enable_thinking": thinks})
    elif backend == "vllm-offline":
        engine = {key: arguments.pop(key) for key in list(arguments) if key != "max_gen_toks"}
        if engine := without_none(engine):
            section.put("engine", engine)


def _tasks(draft: Draft, flags: Flags, chat: bool) -> DraftSection:
    tasks = items(flags.all("--tasks"))
    section = draft.section("datasets", "lm-eval")
    section.put("dataset", "lm-eval")
    section.put(
        "task",
        tasks or ["gsm8k"],
        "" if tasks else words().text("no task was given: this one is a placeholder"),
    )
    _also_here(section, tasks)
    section.put_given("num_fewshot", whole(flags.one("--num_fewshot")))
    template = flags.all("--apply_chat_template") or (
        [""] if flags.has("--apply_chat_template") else []
    )
    if template:
        section.put("apply_chat_template", True)
        _ask_in_messages(draft)
        if template[-1] not in _ON:
            why = words().text("the server's own template is taken; hf: chat_template")
            flags.leave(draft, section, "--apply_chat_template", why)
    elif chat:
        section.put("apply_chat_template", True, words().text("a chat model is asked in messages"))
    section.put_given("fewshot_as_multiturn", flags.switch("--fewshot_as_multiturn"))
    section.put_given("system_instruction", flags.one("--system_instruction"))
    section.put_given("include_path", flags.all("--include_path"))
    sampling = mapping_of(",".join(flags.all("--gen_kwargs")))
    section.put_given("gen_kwargs", without_none(sampling))
    _rest_of_tasks(draft, flags, section)
    return section


def _ask_in_messages(draft: Draft) -> None:
    """lm-eval applies a chat template itself and sends plain text; here the server does it."""
    for name in draft.names("models"):
        model = draft.section("models", name)
        if model.get("backend") == "openai-completions":
            said = words().text(
                "openai-completions has no messages: with --apply_chat_template the server makes "
                "the prompt of them. Not every server scores log-probabilities so"
            )
            model.put("backend", "openai-chat", said)


def _also_here(section: DraftSection, tasks: list[str]) -> None:
    """Data sets of our own that ask the same."""
    known = table("lm_eval")["tasks"]
    for task in tasks:
        if task in known:
            section.say(
                words().text(
                    '{task} is also here as dataset = "{dataset}", which needs no lm-eval.',
                    task=task,
                    dataset=known[task],
                )
            )


def _rest_of_tasks(draft: Draft, flags: Flags, section: DraftSection) -> None:
    if metadata := mapping_of(",".join(flags.all("--metadata"))):
        section.put("metadata", without_none(metadata))
    limit = number(flags.one("--limit"))
    if limit is not None and limit > 0:
        if limit < 1:
            section.put("sample", limit, words().text("a share of the rows, drawn with the seed"))
        else:
            section.put("part_limit", int(limit), words().text("of each task, as lm-eval"))
    if (draws := whole(flags.one("--bootstrap_iters"))) is not None:
        section.put("bootstrap_iters", draws)
    if flags.has("--confirm_run_unsafe_code"):
        section.put("unsafe_code", True)
    if flags.has("--trust_remote_code"):
        section.put("trust_remote_code", True)
    seeds = items(flags.all("--seed"))
    for key, text in zip(_SEEDS, seeds * 4 if len(seeds) == 1 else seeds, strict=False):
        if key is not None and (seed := whole(text)) is not None:
            section.put(key, seed)
