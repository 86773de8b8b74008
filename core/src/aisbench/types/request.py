"""One request to a model."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from aisbench.types.json import JsonObject
from aisbench.types.prompt import Prompt

LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens")
"""The names that protocols have for the longest answer, in tokens."""


@frozen(kw_only=True)
class Request:
    """A prompt with everything else that decides its answer.

    ``key`` identifies the request by its content (sample, prompt, model, settings, seed), so
    that a stored answer is found again, whatever its row number. ``repeat`` counts the
    independent samples of one question and ``turn`` the requests of one conversation,
    both from 0. ``generation`` is what the suite asked for, in the suite's own names.

    ``labels`` are those of its sample and of its prompt, which say of which kind it is in the
    figures of a load, and are no part of the key. (1.3) Which LoRA adapter is to answer, if one
    is, ``generation["adapter_id"]`` says by its name; a backend that cannot say so to its server
    refuses the setting.
    """

    key: str
    sample_id: str
    repeat: int
    turn: int
    model: str
    prompt: Prompt
    generation: JsonObject
    stream: bool
    seed: int | None
    labels: Mapping[str, str] = field(factory=dict)
