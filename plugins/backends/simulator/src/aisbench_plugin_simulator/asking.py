"""Reads a request for a completion or a chat, checked and worded as by vLLM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from aisbench_plugin_simulator.adapters import adapter_of_model
from aisbench_plugin_simulator.checking import bad_value, check_types, json_object, wrong_type
from aisbench_plugin_simulator.constraint import read_constraint
from aisbench_plugin_simulator.conversation import MessagesRead, read_messages, whole_text
from aisbench_plugin_simulator.parsed_request import NO_TOOLS, ParsedRequest
from aisbench_plugin_simulator.refusal import OpenaiError, Refusal
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.tokens import count_tokens, fragments, text_of
from aisbench_plugin_simulator.tool_reading import read_tools

COMPLETION_MAX_TOKENS = 16
"""What vLLM takes for a completion that does not say max_tokens."""

MOST_LOGPROBS = 20
MOST_CHOICES = 16384
"""vLLM's limit (VLLM_MAX_N_SEQUENCES)."""

_BOTH = {
    "model": "str",
    "max_tokens": "int",
    "min_tokens": "int",
    "n": "int",
    "seed": "int",
    "top_k": "int",
    "temperature": "float",
    "top_p": "float",
    "min_p": "float",
    "presence_penalty": "float",
    "frequency_penalty": "float",
    "repetition_penalty": "float",
    "stream": "bool",
    "echo": "bool",
    "ignore_eos": "bool",
    "include_stop_str_in_output": "bool",
    "return_token_ids": "bool",
    "stream_options": "model",
    "stop": "stops",
    "user": "str",
}
_CHAT = {
    **_BOTH,
    "max_completion_tokens": "int",
    "logprobs": "bool",
    "top_logprobs": "int",
    "tools": "list",
    "parallel_tool_calls": "bool",
}
_COMPLETION = {**_BOTH, "logprobs": "int", "suffix": "str"}

_UNSUPPORTED = (
    "functions",
    "function_call",
    "best_of",
    "suffix",
    "use_beam_search",
    "prompt_embeds",
    "web_search_options",
    "audio",
)


def read_request(body: bytes, *, chat: bool, settings: SimulatorSettings) -> ParsedRequest:
    """Raises Refusal."""
    return read_data(json_object(body), chat=chat, settings=settings)


def read_data(data: dict[str, Any], *, chat: bool, settings: SimulatorSettings) -> ParsedRequest:
    """The same of a body that is read. Raises Refusal."""
    model = _model(data, settings)
    check_types(data, _CHAT if chat else _COMPLETION)
    _check_values(data)
    if chat:
        return _read(data, model, read_messages(data), True, settings)
    first, *rest = [
        _read(data, model, MessagesRead(text, count), False, settings)
        for text, count in _prompts(data)
    ]
    return attrs.evolve(first, others=tuple(rest)) if rest else first


def _read(
    data: dict[str, Any], model: str, said: MessagesRead, chat: bool, settings: SimulatorSettings
) -> ParsedRequest:
    stream = bool(data.get("stream"))
    echo = bool(data.get("echo")) and not chat
    told = _alternatives(data, chat)
    prompt_logprobs = _prompt_logprobs(data, stream)
    token_ids = bool(data.get("return_token_ids"))
    prompt_tokens, scored = said.tokens, ""
    if prompt_logprobs or token_ids or (echo and told is not None):
        scored = whole_text(data["messages"]) if chat else said.question
        if scored:
            prompt_tokens = len(fragments(scored))
    wanted = _max_tokens(data, chat, settings, least=0 if echo else 1)
    most = room(settings, prompt_tokens, wanted, chat)
    usage, usage_always = _usage(data, stream)
    return ParsedRequest(
        chat=chat,
        model=model,
        question=said.question,
        prompt_tokens=prompt_tokens,
        max_tokens=most,
        min_tokens=_least(data, most),
        stop=_stops(data.get("stop")),
        keep_stop=bool(data.get("include_stop_str_in_output")),
        seed=data.get("seed"),
        stream=stream,
        usage=usage,
        usage_always=usage_always,
        echo=echo,
        logprobs=told if echo else None,
        own_logprobs=told if most else None,
        prompt_logprobs=prompt_logprobs,
        scored=scored,
        token_ids=token_ids,
        tools=read_tools(data) if chat else NO_TOOLS,
        after_tool=said.after_tool,
        constraint=read_constraint(data),
        media=tuple(said.media),
        said=wanted,
        n=data.get("n") or 1,
    )


def _usage(data: dict[str, Any], stream: bool) -> tuple[bool, bool]:
    """Whether a stream's end has the usage, and each of its events."""
    options = data.get("stream_options") if stream else None
    if not options:
        return False, False
    return bool(options.get("include_usage")), bool(options.get("continuous_usage_stats"))


def _least(data: dict[str, Any], most: int) -> int:
    return most if data.get("ignore_eos") else min(most, data.get("min_tokens") or 0)


def _model(data: dict[str, Any], settings: SimulatorSettings) -> str:
    model = data.get("model") or settings.model[0]
    if model not in settings.model and not (
        isinstance(model, str) and adapter_of_model(model, settings)
    ):
        if not isinstance(model, str):
            raise wrong_type("model", "str", model)
        raise no_model(model, settings)
    return str(model)


def no_model(model: str, settings: SimulatorSettings) -> Refusal:
    """The error for a model that is not served."""
    return Refusal(
        404,
        f"The model `{model}` does not exist. Valid aliases: {', '.join(settings.model)}.",
        kind="NotFoundError",
        param="model",
        openai=OpenaiError(
            f"The model `{model}` does not exist or you do not have access to it.",
            "model_not_found",
        ),
    )


def room(settings: SimulatorSettings, prompt_tokens: int, said: int | None, chat: bool) -> int:
    """The longest answer: what was said, or as servers have it where nothing was. Raises
    Refusal where prompt and answer are longer than the context."""
    left = settings.max_model_len - prompt_tokens
    if left < (1 if said is None else said):
        message = (
            f"This model's maximum context length is {settings.max_model_len} tokens. However, "
            f"you requested {said or 1} output tokens and your prompt contains {prompt_tokens} "
            "input tokens. Please reduce the length of the input prompt or the number of "
            "requested output tokens."
        )
        openai = OpenaiError(
            f"This model's maximum context length is {settings.max_model_len} tokens. However, "
            f"you requested {prompt_tokens + (said or 1)} tokens ({prompt_tokens} in the "
            f"messages, {said or 1} in the completion). Please reduce the length of the messages "
            "or completion.",
            "context_length_exceeded",
            "messages" if chat else "prompt",
        )
        raise Refusal(400, message, openai=openai)
    if said is not None:
        return said
    return left if chat else min(left, COMPLETION_MAX_TOKENS)


def _alternatives(data: dict[str, Any], chat: bool) -> int | None:
    """How many alternatives are to be told to each token; None where log-probabilities are not
    asked for."""
    wanted, most = data.get("logprobs"), data.get("top_logprobs") or 0
    if chat and most and not wanted:
        raise Refusal(
            400, "when using `top_logprobs`, `logprobs` must be set to true.", param="top_logprobs"
        )
    if wanted is None or wanted is False:
        return None
    count = most if chat else int(wanted)
    name = "top_logprobs" if chat else "logprobs"
    if count < 0:
        raise bad_value(name, count, f"`{name}` must be a positive value or -1.")
    if count > MOST_LOGPROBS:
        raise bad_value(
            "logprobs",
            count,
            f"Requested sample logprobs of {count}, which is greater than max allowed: "
            f"{MOST_LOGPROBS}",
        )
    return count


def _prompt_logprobs(data: dict[str, Any], stream: bool) -> bool:
    value = data.get("prompt_logprobs")
    if value is None:
        return False
    if not isinstance(value, (int, float)):
        raise bad_value("prompt_logprobs", value, "`prompt_logprobs` must be an integer.")
    if stream:
        raise Refusal(
            400, "`prompt_logprobs` are not available when `stream=True`.", param="prompt_logprobs"
        )
    return True


_Rule = tuple[Callable[[Any], bool], str]
_RULES: dict[str, _Rule] = {
    "temperature": (lambda value: 0 <= value <= 2, "temperature must be in [0, 2], got {}."),
    "top_p": (lambda value: 0 < value <= 1, "top_p must be in (0, 1], got {}."),
    "top_k": (lambda value: value >= -1, "top_k must be 0 (disable), or at least 1, got {}."),
    "min_p": (lambda value: 0 <= value <= 1, "min_p must be in [0, 1], got {}."),
    "presence_penalty": (lambda v: -2 <= v <= 2, "presence_penalty must be in [-2, 2], got {}."),
    "frequency_penalty": (lambda v: -2 <= v <= 2, "frequency_penalty must be in [-2, 2], got {}."),
    "repetition_penalty": (
        lambda value: value > 0,
        "repetition_penalty must be greater than zero, got {}.",
    ),
    "min_tokens": (
        lambda value: value >= 0,
        "min_tokens must be greater than or equal to 0, got {}.",
    ),
    "n": (lambda value: 1 <= value <= MOST_CHOICES, "n must be at least 1, got {}."),
}


def _check_values(data: dict[str, Any]) -> None:
    for name, value in data.items():
        rule = _RULES.get(name)
        if rule is not None and value is not None and not rule[0](value):
            raise _out_of_range(name, value, rule[1])
    if "stream_options" in data and data["stream_options"] and not data.get("stream"):
        said = "Stream options can only be defined when `stream=True`."
        raise Refusal(400, said, param="stream_options")
    if (data.get("n") or 1) > 1 and data.get("temperature") == 0:
        raise Refusal(400, f"n must be 1 when using greedy sampling, got {data['n']}.")
    # Answering as if it had not been asked for would make a client's figures silently wrong.
    for name in _UNSUPPORTED:
        if name in data and data[name] not in (None, False, "", [], {}):
            raise Refusal(400, f"{name} is not supported by the simulator.", param=name)


def _out_of_range(name: str, value: Any, said: str) -> Refusal:
    if name == "temperature" and value < 0:
        value, said = float(value), "temperature must be non-negative, got {}."
    elif name == "n" and value > 0:
        said = f"n must be at most {MOST_CHOICES}, got {{}}."
    return bad_value(name, value, said.format(value))


def _stops(value: str | list[str] | None) -> tuple[str, ...]:
    if not value:
        return ()
    found = (value,) if isinstance(value, str) else tuple(value)
    if "" in found:
        raise Refusal(400, "stop cannot contain an empty string.", param="stop")
    return found


def _max_tokens(
    data: dict[str, Any], chat: bool, settings: SimulatorSettings, least: int
) -> int | None:
    name = "max_tokens"
    if chat and data.get("max_completion_tokens") is not None:
        name = "max_completion_tokens"
    value: int | None = data.get(name)
    if value is None:
        return None
    if value < least:
        said = f"{name} must be at least {least}, got {value}."
        raise bad_value(name, value, said, "integer_below_min_value")
    if value > settings.max_model_len:
        raise bad_value(
            name,
            value,
            f"{name}={value} cannot be greater than max_model_len={settings.max_model_len}. "
            "Please request fewer output tokens.",
        )
    shortest = data.get("min_tokens") or 0
    if shortest > value:
        raise Refusal(
            400,
            f"min_tokens must be less than or equal to max_tokens={value}, got {shortest}.",
            param="min_tokens",
        )
    return value


def _prompts(data: dict[str, Any]) -> list[tuple[str, int]]:
    """The text of each prompt, and how many tokens it has. Ids of this server's tokens are their
    text; other ids only count. Raises Refusal."""
    prompt = data.get("prompt")
    if prompt is None or prompt == "" or prompt == []:
        raise Refusal(
            400,
            "Either prompt or prompt_embeds must be provided and non-empty. (parameter=prompt)",
            param="prompt",
            openai=OpenaiError(
                "Missing required parameter: 'prompt'.", "missing_required_parameter", "prompt"
            ),
        )
    if isinstance(prompt, str):
        return [(prompt, count_tokens(prompt))]
    if not isinstance(prompt, list):
        raise wrong_type("prompt", "str", prompt)
    if are_ids(prompt):
        return [_of_ids(prompt)]
    found = []
    for at, one in enumerate(prompt):
        if isinstance(one, str):
            found.append((one, count_tokens(one)))
        elif are_ids(one):
            found.append(_of_ids(one))
        else:
            raise wrong_type(f"prompt.{at}", "str", one)
    return found


def are_ids(value: object) -> bool:
    """Whether it is a text as token ids."""
    return isinstance(value, list) and bool(value) and all(type(one) is int for one in value)


def _of_ids(ids: list[int]) -> tuple[str, int]:
    return text_of(ids) or "", len(ids)
