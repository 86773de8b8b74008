"""Settings of generation under the names that tools give them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

_NAMES = {
    "max_gen_toks": "max_tokens",
    "max_new_tokens": "max_tokens",
    "max_out_len": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "until": "stop",
    "stop_sequences": "stop",
    "repetition_penalty": "repetition_penalty",
}
_TOLD = frozenset(
    {
        "temperature", "top_p", "top_k", "min_p", "max_tokens", "stop", "seed", "repeats",
        "frequency_penalty", "presence_penalty", "repetition_penalty",
    }
)  # fmt: skip
"""What changes an answer; other settings are of the tool's own."""


def settings_difference(left: Mapping[str, str], right: Mapping[str, str]) -> Iterator[str]:
    """Settings that both sides tell, and that differ."""
    ours, theirs = _named(left), _named(right)
    for name in sorted(set(ours) & set(theirs)):
        if not _equal(ours[name], theirs[name]):
            yield f"{name} {ours[name]} | {theirs[name]}"


def _named(settings: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for key, value in settings.items():
        plain = key.rpartition(".")[2]
        name = _NAMES.get(plain, plain)
        if name in _TOLD and value not in ("", "None", "null"):
            found[name] = value
    if settings.get("do_sample", "").casefold() == "false":
        found["temperature"] = "0"  # lm-eval: greedy, whatever else is sent
    return found


def _equal(left: str, right: str) -> bool:
    try:
        return math.isclose(float(left), float(right))
    except ValueError:
        return left == right
