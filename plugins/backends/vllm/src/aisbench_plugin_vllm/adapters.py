"""LoRA adapters: how a request names one, and which a server lists.

vLLM serves an adapter as a model of its own name
(https://docs.vllm.ai/en/latest/features/lora.html). SGLang's OpenAI routes take it behind the
model's name and a colon, or in the key ``lora_path``, and answer with the base model where
``model`` is an adapter's name alone (its ``entrypoints/openai/serving_base.py``). Both list
adapters at ``/v1/models``, with the base as ``parent``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aisbench.api import AisbenchError, Request
from aisbench.codec import check_listed_adapters, openai_models
from aisbench_plugin_vllm.settings import AdapterForm


def model_keys(request: Request, form: AdapterForm) -> dict[str, Any]:
    """The keys of a body that say which model, and which adapter of it, is to answer."""
    model, adapter = request.model, request.generation.get("adapter_id")
    if not adapter:
        return {"model": model} if model else {}
    if form == "lora_path":
        return {**({"model": model} if model else {}), "lora_path": adapter}
    return {"model": adapter if form == "model" else f"{model}:{adapter}"}


def check_adapters(body: bytes, adapters: Sequence[str], form: AdapterForm) -> None:
    """See :class:`aisbench.api.AdapterBackend`; ``body`` is a list of models. Raises
    AisbenchError."""
    check_listed_adapters(body, adapters)
    if adapters and form == "model" and _of_sglang(body):
        raise AisbenchError(
            "is SGLang, which answers with its base model where `model` is an adapter's name",
            hint='set adapter_as = "lora_path" in the model\'s table',
        )


def _of_sglang(body: bytes) -> bool:
    return any(one.get("owned_by") == "sglang" for one in openai_models(body))
