"""What an endpoint that is no conversation answers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from aisbench_plugin_simulator.asking import are_ids, no_model
from aisbench_plugin_simulator.checking import missing, wrong_type
from aisbench_plugin_simulator.dialect import Writer
from aisbench_plugin_simulator.refusal import Refusal, error_body
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.tokens import count_tokens, text_of


@frozen(kw_only=True)
class EndpointReply:
    """A whole body; or, with a ``writer``, the tokens of ``reply`` in a stream.

    ``steps`` are what takes the time of a further token each, after the first: items, or tokens.
    """

    body: bytes = b""
    prompt_tokens: int = 0
    steps: int = 1
    tokens: int = 0
    """Tokens that were made."""
    verdict: str | None = None
    writer: Writer | None = None
    reply: SimulatedReply | None = None
    content_type: str = "application/json"
    """Of the whole body."""


def openai_error(refusal: Refusal, settings: SimulatorSettings) -> bytes:
    """The body of an error, as the settings say."""
    return error_body(refusal, settings)


def model_of(data: dict[str, Any], settings: SimulatorSettings) -> str:
    """The model that is asked. Raises Refusal for one that is not served."""
    model = data.get("model") or settings.model[0]
    if not isinstance(model, str):
        raise wrong_type("model", "str", model)
    if model not in settings.model:
        raise no_model(model, settings)
    return model


def texts_of(data: dict[str, Any], name: str, settings: SimulatorSettings) -> list[str]:
    """One text or a list of them. Raises Refusal, also for one beyond the context."""
    if (given := data.get(name)) is None:
        raise missing(data, name)
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise wrong_type(name, "str", given)
    if not texts:
        raise Refusal(400, f"`{name}` must not be an empty list", param=name)
    _check_length(name, max(map(count_tokens, texts)), settings)
    return texts


def inputs_of(
    data: dict[str, Any], name: str, settings: SimulatorSettings
) -> list[tuple[str, int]]:
    """Texts with their tokens: one text or ids of one, or a list of such. Ids that stand for no
    text are words of their own, so that equal ones are near. Raises Refusal."""
    given = data.get(name)
    many = [given] if are_ids(given) else given
    if not isinstance(many, list) or not all(map(are_ids, many)) or not many:
        return [(one, count_tokens(one)) for one in texts_of(data, name, settings)]
    _check_length(name, max(map(len, many)), settings)
    return [(text_of(ids) or " ".join(map(str, ids)), len(ids)) for ids in many]


def _check_length(name: str, longest: int, settings: SimulatorSettings) -> None:
    if longest > settings.max_model_len:
        raise Refusal(
            400,
            f"This model's maximum context length is {settings.max_model_len} tokens. However, "
            f"you requested {longest} tokens in the input. Please reduce the length of the input.",
            param=name,
        )


def usage(tokens: int) -> dict[str, int]:
    """As vLLM tells it of answers without output."""
    return {"prompt_tokens": tokens, "total_tokens": tokens, "completion_tokens": 0}


def counted(texts: Sequence[str]) -> int:
    """The tokens of all texts."""
    return sum(map(count_tokens, texts))


def listed(kind: str, model: str, data: list[dict[str, Any]], tokens: int) -> dict[str, Any]:
    """A list in OpenAI's form."""
    return {
        "id": kind,
        "object": "list",
        "created": int(time.time()),
        "model": model,
        "data": data,
        "usage": usage(tokens),
    }
