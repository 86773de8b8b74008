"""What to do about a failure, where its message or its status shows it.

The sentences that are looked for are those of vLLM, SGLang, llama.cpp, Text Generation Inference,
OpenAI, Anthropic and Azure. The words of other servers get no advice rather than wrong advice.
"""

from __future__ import annotations

import re

from aisbench.config.plan import Model
from aisbench.contract.service_backends import SigningBackend
from aisbench.types.response import Fault, FaultKind

CONTEXT = re.compile(
    r"(?:maximum|max)[ _](?:context|model|sequence)[ _]len(?:gth)?|context (?:length|size|window)"
    r"|exceed_context_size|max_total_tokens|longer than the model's context"
    r"|prompt is too long: \d+ tokens|exceed context limit"  # Anthropic
    r"|`inputs` tokens \+ `max_new_tokens`|context_length_exceeded",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(r"chat.?template", re.IGNORECASE)
_MODEL = re.compile(r"\bmodel\b.*(?:not exist|not found|does not|unknown)", re.IGNORECASE)
_HTTPS = re.compile(
    r"plain http request was sent to https|http request to an https", re.IGNORECASE
)
_LOADING = re.compile(r"load|warming|not ready|starting", re.IGNORECASE)


def advice(fault: Fault, model: Model, *, performance: bool = False) -> str:
    """A sentence about settings, or "". ``model`` is the one that the request was sent to."""
    words = f"{fault.message} {fault.body or ''}"
    mine = f"models.{model.name}"
    if fault.kind is FaultKind.TLS and "WRONG_VERSION_NUMBER" in words.upper().replace(" ", "_"):
        return f"the server does not speak TLS: write http:// in {mine}.url"
    if fault.kind is FaultKind.CONNECT:
        return f'is the server up? {mine}.wait_for_server = "10m" waits for it'
    if fault.kind is FaultKind.CUT and "before the answer" in fault.message:
        return f"does the server speak https? then write https:// in {mine}.url"
    if CONTEXT.search(words):
        return context_advice(model, performance=performance)
    if _HTTPS.search(words):
        return f"the server speaks TLS: write https:// in {mine}.url"
    return _by_status(fault, words, model, mine)


def key_advice(model: Model) -> str:
    """What to do where a server does not know who asks."""
    mine, key = f"models.{model.name}", model.service.api_key
    if key is not None:
        return f"check the value of {key.variable} ({mine}.api_key), and what it may use"
    if isinstance(model.codec, SigningBackend):
        return f"check the keys of {mine} by which its backend signs, or set {mine}.api_key"
    return f'set {mine}.api_key = "env:NAME" (or headers), and export NAME'


def context_advice(model: Model, *, performance: bool = False) -> str:
    """What to do when prompt and answer do not fit the context."""
    shorter = "shorter prompts (input of the data set)" if performance else "fewer shots"
    return (
        "prompt and max_tokens together are longer than the context: set a smaller "
        f"[datasets.NAME.generation] max_tokens or [models.{model.name}.generation] max_tokens "
        f"(output, in synthetic data sets), ask with {shorter}, or serve the model with a longer "
        "context (--max-model-len, -c)"
    )


def _by_status(fault: Fault, words: str, model: Model, mine: str) -> str:
    status = fault.status
    if 300 <= (status or 0) < 400:
        return f"set {mine}.url to where the redirect points, without the route"
    if status in (401, 403):
        return key_advice(model)
    if _TEMPLATE.search(words):
        return (
            "the model has no chat template: serve it with one (--chat-template), or ask it plain "
            "text: a backend that ends in -completions"
        )
    if status == 404 and _MODEL.search(words):
        return f"set {mine}.model to a name that the server lists, or leave it out"
    if status == 404:
        return f"the server has no such route: check {mine}.url, {mine}.backend and path, if set"
    if status == 405:
        return f"the route takes other requests: check {mine}.url and {mine}.backend"
    if status == 413:
        return "the prompt is larger than the server, or a proxy before it, takes"
    if status in (429, 529):
        return (
            f"the server admits fewer requests at once than are sent: lower {mine}.concurrency, "
            f"or raise {mine}.retry.attempts and .backoff_max"
        )
    if status == 503 and _LOADING.search(words):
        return f'the model is still being loaded: {mine}.wait_for_server = "10m" waits for it'
    if status in (502, 503, 504):
        return f'no server answers behind the gateway: {mine}.wait_for_server = "10m" waits for it'
    return ""
