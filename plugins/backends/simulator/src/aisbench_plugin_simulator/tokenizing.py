"""Ids of tokens for a text and back: vLLM's ``/tokenize`` and ``/detokenize``, and the first as
Text Generation Inference has it, whose text is called ``inputs``."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from aisbench_plugin_simulator.checking import json_object
from aisbench_plugin_simulator.conversation import whole_text
from aisbench_plugin_simulator.refusal import Refusal, error_body
from aisbench_plugin_simulator.simulator import SIMULATOR
from aisbench_plugin_simulator.tokens import fragments, id_of, raw, text_of


async def tokenize(request: web.Request) -> web.Response:
    """POST /tokenize: ``prompt``, ``messages`` or ``inputs``."""
    try:
        data = json_object(await request.read())
        if "inputs" in data:
            return _json(_pieces(str(data["inputs"])))
        pieces = fragments(_text(data))
        tokens = [id_of(token) for token in pieces]
    except Refusal as refusal:
        return _refused(refusal, request)
    length = request.app[SIMULATOR].settings.max_model_len
    told = [raw(token) for token in pieces] if data.get("return_token_strs") else None
    return _json(
        {"count": len(pieces), "max_model_len": length, "tokens": tokens, "token_strs": told}
    )


async def detokenize(request: web.Request) -> web.Response:
    """POST /detokenize."""
    try:
        ids = json_object(await request.read()).get("tokens")
        if not isinstance(ids, list) or not all(type(one) is int for one in ids):
            raise Refusal(400, "`tokens` must be a list of integers", param="tokens")
        text = text_of(ids)
        if text is None:
            raise Refusal(400, "an id is none of a token", param="tokens")
    except Refusal as refusal:
        return _refused(refusal, request)
    return _json({"prompt": text})


def _text(data: dict[str, Any]) -> str:
    messages, prompt = data.get("messages"), data.get("prompt")
    if isinstance(messages, list) and messages:
        begun = data.get("add_generation_prompt") is not False
        ended = bool(data.get("continue_final_message")) or not begun
        return whole_text(messages) + "\n" * (not ended)
    if not isinstance(prompt, str):
        raise Refusal(400, "`prompt` or `messages` must be given", param="prompt")
    return prompt


def _pieces(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at = 0
    for token in fragments(text):
        end = at + len(token)
        found.append({"id": id_of(token), "text": raw(token), "start": at, "stop": end})
        at = end
    return found


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


def _refused(refusal: Refusal, request: web.Request) -> web.Response:
    data = error_body(refusal, request.app[SIMULATOR].settings)
    return web.Response(body=data, status=refusal.status, content_type="application/json")
