"""Generation settings: which there are, and what they become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from aisbench.api import JsonValue, Request
from aisbench.codec import Names, stop_strings

NAMES = Names(
    protocol="the hf backend",
    known=frozenset(
        {
            "do_sample", "ignore_eos", "max_tokens", "min_p", "min_tokens", "repetition_penalty",
            "temperature", "top_k", "top_p",
        }
    ),
    renamed={"max_new_tokens": "max_tokens", "min_new_tokens": "min_tokens"},
    advice={
        "num_beams": "it has no beams: answers are sampled, or greedy",
        "num_return_sequences": "set `repeats` of the data set",
    },
)  # fmt: skip

DEFAULT_MAX_TOKENS = 512


@frozen(kw_only=True)
class Sampling:
    """How one request is answered. Requests that agree in all but their own limits share a batch.

    ``temperature`` 0 is greedy search.
    """

    temperature: float
    top_k: int
    top_p: float
    min_p: float
    repetition_penalty: float
    ignore_eos: bool


@frozen(kw_only=True)
class Limits:
    """What is the request's own."""

    max_tokens: int
    min_tokens: int
    stop: tuple[str, ...]
    seed: int


def read_sampling(request: Request, defaults: Any) -> tuple[Sampling, Limits]:
    """``defaults`` is the model's own GenerationConfig, which holds where the suite is silent, as
    in Transformers itself. Raises ValueError for a value that cannot be."""
    given: Mapping[str, JsonValue] = NAMES.translated(request.generation)

    def number(name: str, neutral: float, least: float) -> float:
        value = given.get(name)
        if value is None:
            value = getattr(defaults, name, None) if sampled else None
        value = neutral if value is None else value
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < least:
            raise ValueError(
                f"generation.{name} must be a number from {least:g} on, not {value!r}"
            )
        return float(value)

    sampled = bool(getattr(defaults, "do_sample", False))
    do_sample = given.get("do_sample")
    if do_sample is None:
        do_sample = sampled if "temperature" not in given else True
    temperature = number("temperature", 1.0, 0.0) if do_sample else 0.0
    sampling = Sampling(
        temperature=temperature,
        top_k=int(number("top_k", 0, 0)) if temperature else 0,
        top_p=number("top_p", 1.0, 0.0) if temperature else 1.0,
        min_p=number("min_p", 0.0, 0.0) if temperature else 0.0,
        repetition_penalty=number("repetition_penalty", 1.0, 0.01),
        ignore_eos=bool(given.get("ignore_eos", False)),
    )
    limits = Limits(
        max_tokens=int(number("max_tokens", DEFAULT_MAX_TOKENS, 1)),
        min_tokens=int(number("min_tokens", 0, 0)),
        stop=tuple(stop_strings(request)),
        seed=request.seed or 0,
    )
    return sampling, limits
