"""The JSON of vLLM's answers that are not streamed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import orjson

from aisbench_plugin_simulator.logprobs import as_completion, echoed, ids_of, made, of_prompt
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.settings import SimulatorSettings

FINGERPRINT = "simulator"

Choices = Sequence[tuple[ParsedRequest, SimulatedReply]]


def usage_of(
    prompts: Sequence[ParsedRequest], tokens: int, cached: int | None = None
) -> dict[str, Any]:
    """The ``usage`` of an answer with ``tokens`` tokens; a prompt counts once, however many
    choices it has."""
    given = sum(one.prompt_tokens for one in prompts)
    told = {} if cached is None else {"prompt_tokens_details": {"cached_tokens": cached}}
    return {
        "prompt_tokens": given,
        "total_tokens": given + tokens,
        "completion_tokens": tokens,
        **told,
    }


def whole_body(
    name: str, created: int, asked: ParsedRequest, choices: Choices, settings: SimulatorSettings
) -> bytes:
    """The body of the answer to ``asked``, whose choices are ``choices``."""
    make = _chat_choice if asked.chat else _text_choice
    listed = [make(index, *choice, settings) for index, choice in enumerate(choices)]
    tokens = sum(answer.tokens for _, answer in choices)
    told = [answer.cached for _, answer in choices if answer.cached is not None]
    nothing = {"prompt_tokens_details": None, "completion_tokens_details": None}
    usage = usage_of((asked, *asked.others), tokens, sum(told) if told else None)
    end: dict[str, Any] = {}
    if asked.chat:
        first = choices[0][1]
        end = {
            "prompt_logprobs": (
                of_prompt(asked.scored, first.scores) if asked.prompt_logprobs else None
            ),
            "prompt_token_ids": ids_of(asked.scored) if asked.token_ids else None,
            "prompt_text": None,
        }
    return orjson.dumps(
        {
            "id": name,
            "object": "chat.completion" if asked.chat else "text_completion",
            "created": created,
            "model": asked.model,
            "choices": listed,
            "service_tier": None,
            "system_fingerprint": FINGERPRINT,
            "usage": usage | nothing | usage,
            **end,
            "kv_transfer_params": None,
            "ec_transfer_params": None,
            "metrics": None,
        }
    )


def _chat_choice(
    index: int, asked: ParsedRequest, answer: SimulatedReply, settings: SimulatorSettings
) -> dict[str, Any]:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": "" if answer.calls else "".join(answer.content),
        "refusal": None,
        "annotations": None,
        "audio": None,
        "function_call": None,
    }
    if answer.calls:
        message["tool_calls"] = [
            {
                "id": f"chatcmpl-tool-{os.urandom(8).hex()}",
                "type": "function",
                "function": {"name": call.name, "arguments": "".join(call.arguments)},
            }
            for call in answer.calls
        ]
    message["reasoning"] = None
    if answer.reasoning:
        message[settings.reasoning.field or "reasoning"] = "".join(answer.reasoning)
    told = None
    if asked.own_logprobs is not None:
        tokens = [*answer.reasoning, *answer.content]
        told = {"content": made(settings.seed, tokens, 0, asked.own_logprobs)}
    return {"index": index, "message": message, **_ending(asked, answer, told)}


def _text_choice(
    index: int, asked: ParsedRequest, answer: SimulatedReply, settings: SimulatorSettings
) -> dict[str, Any]:
    text = "".join(answer.content)
    # vLLM leaves the prompt's text out where it sends its ids.
    shown = asked.question + text if asked.echo and not asked.token_ids else text
    told: dict[str, Any] | None = None
    if asked.logprobs is not None:
        told = echoed(asked.scored, answer.scores, asked.logprobs)
    if asked.own_logprobs is not None:
        entries = made(settings.seed, answer.content, 0, asked.own_logprobs)
        before = told or {}
        own = as_completion(entries, sum(map(len, before.get("tokens", ()))))
        told = {key: [*before.get(key, ()), *value] for key, value in own.items()}
    scored = asked.prompt_logprobs or asked.logprobs is not None
    scores = of_prompt(asked.scored, answer.scores) if scored else None
    ending = _ending(asked, answer, told)
    routed = ending.pop("routed_experts")
    return {
        "index": index,
        "text": shown,
        **ending,
        "prompt_logprobs": scores,
        "prompt_token_ids": ids_of(asked.scored) if asked.token_ids else None,
        "routed_experts": routed,
    }


def _ending(
    asked: ParsedRequest, answer: SimulatedReply, told: dict[str, Any] | None
) -> dict[str, Any]:
    ids = None
    if asked.token_ids:
        ids = ids_of("".join([*answer.reasoning, *answer.content]))
    return {
        "logprobs": told,
        "finish_reason": answer.finish,
        "stop_reason": answer.stop_reason,
        "token_ids": ids,
        "routed_experts": None,
    }
