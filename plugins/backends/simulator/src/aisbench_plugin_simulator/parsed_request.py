"""What a client asked for: its JSON checked, as vLLM checks and words it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import orjson
from attrs import frozen

from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.tokens import count_tokens, fragments

COMPLETION_MAX_TOKENS = 16
"""What vLLM takes for a completion that does not say max_tokens."""

_UNSUPPORTED = ("functions", "function_call")


@frozen(kw_only=True)
class ParsedRequest:
    """A request that the simulator can answer. ``question`` is where it looks for one."""

    chat: bool
    model: str
    question: str
    prompt_tokens: int
    max_tokens: int
    """The most tokens of the answer: what the client said, or what is left of the context."""
    min_tokens: int
    stop: tuple[str, ...]
    keep_stop: bool
    seed: int | None
    stream: bool
    usage: bool
    """A last event with the usage, as ``stream_options.include_usage`` asks."""
    usage_always: bool
    """The usage in every event, as ``continuous_usage_stats`` asks."""
    echo: bool = False
    """The prompt comes back before the answer."""
    logprobs: int | None = None
    """Log-probabilities of an echoed text, with so many alternatives."""
    own_logprobs: int | None = None
    """Log-probabilities of the answer's tokens, with so many alternatives."""
    prompt_logprobs: bool = False
    scored: str = ""
    """The whole text whose log-probabilities are asked for."""
    token_ids: bool = False
    """The ids of its tokens are sent too."""
    tools: tuple[str, ...] = ()
    """Names of the functions that may be called."""
    tool: str = ""
    """The one that must be called; empty: none must."""
    tool_named: bool = False
    """It was asked for by its name."""


def read_request(body: bytes, *, chat: bool, settings: SimulatorSettings) -> ParsedRequest:
    """Raises Refusal."""
    data = json_object(body)
    model = _model(data, settings)
    _check(data)
    question, prompt_tokens = _conversation(data) if chat else _prompt(data)
    stream = data.get("stream") is True
    echo = bool(data.get("echo")) and not chat
    logprobs, own_logprobs = _logprobs(data, chat, echo, stream)
    prompt_logprobs = _prompt_logprobs(data, stream)
    scored = whole_text(data["messages"]) if chat else question
    if scored and (logprobs is not None or prompt_logprobs):
        prompt_tokens = len(fragments(scored))
    most = _most_tokens(data, chat, settings, prompt_tokens, least=0 if echo else 1)
    tools, tool, named = _tools(data) if chat else ((), "", False)
    options = data.get("stream_options") or {}
    return ParsedRequest(
        chat=chat,
        model=model,
        question=question,
        prompt_tokens=prompt_tokens,
        max_tokens=most,
        min_tokens=most if data.get("ignore_eos") else min(most, data.get("min_tokens") or 0),
        stop=_stops(data.get("stop")),
        keep_stop=bool(data.get("include_stop_str_in_output")),
        seed=data.get("seed"),
        stream=stream,
        usage=stream and bool(options.get("include_usage")),
        usage_always=stream and bool(options.get("continuous_usage_stats")),
        echo=echo,
        logprobs=logprobs,
        own_logprobs=own_logprobs,
        prompt_logprobs=prompt_logprobs,
        scored=scored,
        token_ids=bool(data.get("return_token_ids")),
        tools=tools,
        tool=tool,
        tool_named=named,
    )


def _model(data: dict[str, Any], settings: SimulatorSettings) -> str:
    model = data.get("model") or settings.model[0]
    if model not in settings.model:
        raise Refusal(
            404,
            f"The model `{model}` does not exist. Valid aliases: {', '.join(settings.model)}.",
            kind="NotFoundError",
            param="model",
        )
    return str(model)


def _most_tokens(
    data: dict[str, Any], chat: bool, settings: SimulatorSettings, prompt_tokens: int, least: int
) -> int:
    """The longest answer: what was said, or as servers have it where nothing was."""
    said = _max_tokens(data, chat, settings, least)
    left = settings.max_model_len - prompt_tokens
    if left < (1 if said is None else said):
        raise Refusal(
            400,
            f"This model's maximum context length is {settings.max_model_len} tokens. However, "
            f"you requested {said or 1} output tokens and your prompt contains {prompt_tokens} "
            "input tokens. Please reduce the length of the input prompt or the number of "
            "requested output tokens.",
        )
    if said is not None:
        return said
    return left if chat else min(left, COMPLETION_MAX_TOKENS)


MOST_LOGPROBS = 20


def _logprobs(
    data: dict[str, Any], chat: bool, echo: bool, stream: bool
) -> tuple[int | None, int | None]:
    """How many alternatives are to be told to the tokens of an echo, and of the answer; None where
    log-probabilities are not asked for."""
    told = _alternatives(data, chat)
    if not echo:
        return None, told
    if told is not None and stream:
        raise Refusal(
            400, "echo with logprobs is not streamed by the simulator.", param="logprobs"
        )
    return told, None


def _alternatives(data: dict[str, Any], chat: bool) -> int | None:
    wanted, most = data.get("logprobs"), data.get("top_logprobs") or 0
    if chat and most and not wanted:
        raise Refusal(
            400, "when using `top_logprobs`, `logprobs` must be set to true.", param="top_logprobs"
        )
    if wanted is None or wanted is False:
        return None
    if chat and wanted is not True:
        raise _wrong_type("logprobs", "boolean")
    if chat:
        wanted = most
    if not isinstance(wanted, int):
        raise _wrong_type("logprobs", "integer")
    if not 0 <= wanted <= MOST_LOGPROBS:
        raise _bad_value(
            "logprobs",
            wanted,
            f"Requested sample logprobs of {wanted}, which is greater than max allowed: "
            f"{MOST_LOGPROBS}",
        )
    return int(wanted)


def _prompt_logprobs(data: dict[str, Any], stream: bool) -> bool:
    if data.get("prompt_logprobs") is None:
        return False
    if stream:
        raise Refusal(
            400, "`prompt_logprobs` are not available when `stream=True`.", param="prompt_logprobs"
        )
    return True


def whole_text(messages: Sequence[Any]) -> str:
    """All that was said, a line break behind each turn but the last, which is scored: that is this
    model's template. Where an answer is to begin, the last turn has its line break too."""
    return "\n".join(_content(one.get("content")) for one in messages if isinstance(one, dict))


def _tools(data: dict[str, Any]) -> tuple[tuple[str, ...], str, bool]:
    """Names, the one that must be called, and whether it was named."""
    names = []
    for place, tool in enumerate(data.get("tools") or ()):
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise _wrong_type(f"tools.{place}.function", "dictionary")
        names.append(function["name"])
    choice = data.get("tool_choice")
    if isinstance(choice, dict):
        named = choice.get("function")
        name = named.get("name") if isinstance(named, dict) else None
        if name not in names:
            raise Refusal(
                400,
                "The tool specified in `tool_choice` does not match any of the specified "
                f"`tools`: {name!r}",
                param="tool_choice",
            )
        return tuple(names), str(name), True
    if choice == "none":
        return (), "", False
    return tuple(names), names[0] if choice == "required" and names else "", False


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises Refusal."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        problem, at = "Expecting value", 0
        try:
            json.loads(body)
        except json.JSONDecodeError as error:
            problem, at = error.msg, error.pos
        except (ValueError, RecursionError) as error:
            problem = str(error)
        raise _invalid(
            f"{{'type': 'json_invalid', 'loc': 'body.{at}', 'msg': 'JSON decode error', "
            f"'input': '<dict of 0 items>', 'ctx': {{'error': '{problem}'}}}}",
            f"body.{at}",
        ) from None
    if not isinstance(data, dict):
        raise _invalid(
            "{'type': 'model_attributes_type', 'loc': 'body', 'msg': 'Input should be a valid "
            "dictionary or object to extract fields from'}",
            "body",
        )
    return data


def _invalid(error: str, param: str) -> Refusal:
    return Refusal(400, f"1 validation error:\n  {error}", kind="Bad Request", param=param)


def _bad_value(name: str, value: object, rule: str) -> Refusal:
    return Refusal(400, f"{rule} (parameter={name}, value={value})", param=name)


def _wrong_type(name: str, kind: str, article: str = "a valid") -> Refusal:
    return _invalid(
        f"{{'type': '{kind}_type', 'loc': 'body.{name}', 'msg': 'Input should be {article} "
        f"{kind}'}}",
        f"body.{name}",
    )


def _check(data: dict[str, Any]) -> None:
    for name in ("max_tokens", "max_completion_tokens", "min_tokens", "seed", "n"):
        value = data.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise _wrong_type(name, "integer")
    _check_stream_options(data)
    if not _is_stop(data.get("stop")):
        raise _wrong_type("stop", "list")
    _check_temperature(data.get("temperature"))
    if (data.get("n") or 1) != 1:
        raise _bad_value("n", data["n"], f"n={data['n']} is not supported by the simulator.")
    # Answering as if it had not been asked for would make a client's figures silently wrong.
    for name in _UNSUPPORTED:
        value = data.get(name)
        if value not in (None, False, [], {}):
            raise Refusal(400, f"{name} is not supported by the simulator.", param=name)


def _check_stream_options(data: dict[str, Any]) -> None:
    options = data.get("stream_options")
    if options is None:
        return
    if not isinstance(options, dict):
        raise _wrong_type("stream_options", "dictionary")
    if data.get("stream") is not True:
        raise Refusal(
            400,
            "Stream options can only be defined when `stream=True`.",
            param="stream_options",
        )


def _stops(value: str | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) and value else tuple(value or ())


def _is_stop(value: object) -> bool:
    if value is None or isinstance(value, str):
        return True
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _check_temperature(value: object) -> None:
    if value is None:
        return
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise _wrong_type("temperature", "number")
    if value < 0:
        rule = f"temperature must be non-negative, got {float(value)}."
        raise _bad_value("temperature", float(value), rule)


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
        raise _bad_value(name, value, f"{name} must be at least {least}, got {value}.")
    if value > settings.max_model_len:
        raise _bad_value(
            name,
            value,
            f"{name}={value} cannot be greater than max_model_len={settings.max_model_len}. "
            "Please request fewer output tokens.",
        )
    return value


def _conversation(data: dict[str, Any]) -> tuple[str, int]:
    messages = data.get("messages")
    if messages is None:
        raise _invalid(
            "{'type': 'missing', 'loc': 'body.messages', 'msg': 'Field required', "
            f"'input': '<dict of {len(data)} items>'}}",
            "body.messages",
        )
    if not isinstance(messages, list):
        raise _wrong_type("messages", "list")
    if not messages:
        raise Refusal(
            400,
            "Cannot apply chat template to an empty conversation. Provide at least one message.",
        )
    question, tokens = "", 0
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise _wrong_type(f"messages.{index}", "dictionary")
        text = _content(message.get("content"))
        tokens += count_tokens(text)
        if message["role"] == "user":
            question = text
    return question, tokens


def _content(content: object) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = [part.get("text") for part in content if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))


def _prompt(data: dict[str, Any]) -> tuple[str, int]:
    prompt = data.get("prompt")
    if isinstance(prompt, list) and len(prompt) == 1 and isinstance(prompt[0], (str, list)):
        prompt = prompt[0]
    if prompt is None or prompt == "" or prompt == []:
        raise Refusal(
            400,
            "Either prompt or prompt_embeds must be provided and non-empty. (parameter=prompt)",
            param="prompt",
        )
    if isinstance(prompt, str):
        return prompt, count_tokens(prompt)
    if isinstance(prompt, list) and all(isinstance(item, int) for item in prompt):
        return "", len(prompt)
    if isinstance(prompt, list) and all(isinstance(item, (str, list)) for item in prompt):
        raise Refusal(
            400, "A list of several prompts is not supported by the simulator.", param="prompt"
        )
    raise _wrong_type("prompt", "string")
