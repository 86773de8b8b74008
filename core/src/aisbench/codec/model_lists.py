"""OpenAI's list of models, which servers of other protocols offer as well."""

from __future__ import annotations

from typing import Any

from aisbench.base.lenient import loads


def openai_models(body: bytes) -> list[dict[str, Any]]:
    """The entries of `/v1/models <https://platform.openai.com/docs/api-reference/models/list>`_,
    each with an ``id`` that is a text. Raises ValueError for another answer."""
    answer = loads(body)
    models = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(models, list):
        raise ValueError("the answer is not an OpenAI list of models")
    for one in models:
        name = one.get("id") if isinstance(one, dict) else None
        if not (isinstance(name, str) and name):
            raise ValueError("the list of models holds one without an id")
    return models
