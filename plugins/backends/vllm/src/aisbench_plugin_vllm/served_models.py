"""What servers of this family tell of their models.

Prompt and answer together may have ``max_model_len`` tokens (vLLM's ModelCard, SGLang's),
``max_context_length`` (LM Studio) or ``context_length`` (OpenRouter, other gateways); an adapter
names its base as ``parent`` (vLLM). llama.cpp's server has ``meta.n_ctx_train`` there, which is
what the model was trained with, and tells the context of a request at ``/props``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aisbench.api import ServedModel
from aisbench.codec import count_of, loads, openai_models

_CONTEXTS = ("max_model_len", "context_length", "max_context_length")


def listed_models(body: bytes) -> Sequence[ServedModel]:
    """The models of ``/v1/models``. Raises ValueError for another answer."""
    return [
        ServedModel(name=model["id"], parent=_parent(model), context=_context(model))
        for model in openai_models(body)
    ]


def of_llama_cpp(body: bytes) -> bool:
    """Whether the list is llama.cpp's and does not tell the context itself."""
    try:
        entries = openai_models(body)
    except ValueError:
        return False
    return any(model.get("owned_by") == "llamacpp" and not _context(model) for model in entries)


def context_of_props(body: bytes) -> int | None:
    """``default_generation_settings.n_ctx`` of ``/props``: of one slot, so of one request."""
    answer = loads(body)
    settings = answer.get("default_generation_settings") if isinstance(answer, dict) else None
    return _positive(settings, "n_ctx") if isinstance(settings, dict) else None


def _parent(model: Any) -> str | None:
    parent = model.get("parent")
    return parent if isinstance(parent, str) and parent else None


def _context(model: Any) -> int | None:
    for key in _CONTEXTS:
        if found := _positive(model, key):
            return found
    meta = model.get("meta")
    return _positive(meta, "n_ctx") if isinstance(meta, dict) else None


def _positive(table: dict[str, Any], key: str) -> int | None:
    found = count_of(table, key)
    return found if found else None
