"""Whether a load that was to be of one phase was: what the server computed of its prompts.

A cache of blocks never has a whole prompt: its last block, and the last token, are computed anew.
So a load of decode alone holds where no more than a block of each prompt was computed on the mean,
or a twentieth of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from attrs import frozen

from aisbench.store.recording.columns import ABSENT, Recording
from aisbench.types.server_metrics import Number
from aisbench.types.single_phase import SinglePhase

CACHED = 0.01
"""The share of prompts that may come from a cache where all are to be computed."""
COMPUTED = 0.05
"""The share that may be computed where all are to come from the cache."""
BLOCK = 16
"""Tokens of a block where the server does not tell."""


@frozen
class _Seen:
    requests: int
    prompt: int | None
    cached: int | None
    computed: int | None
    output: int | None
    longest: int
    """Of the answers, in tokens."""


def single_phase(
    recording: Recording,
    only: Literal["prefill", "decode"],
    counters: Mapping[str, Number],
    block: int | None,
) -> SinglePhase:
    """``counters`` are the server's own over the load, and ``block`` the tokens of its blocks."""
    seen = _seen(recording, counters)
    if not seen.requests:
        holds, why = None, "no request was answered"
    elif only == "prefill":
        holds, why = _prefill(seen)
    else:
        holds, why = _decode(seen, block or BLOCK)
    return SinglePhase(
        only=only,
        holds=holds,
        why=why,
        requests=seen.requests,
        prompt_tokens=seen.prompt,
        cached_tokens=seen.cached,
        computed_tokens=seen.computed,
        output_tokens=seen.output,
    )


def _prefill(seen: _Seen) -> tuple[bool | None, str]:
    if seen.longest > 1:
        return False, f"answers have up to {seen.longest} tokens: the server decoded as well"
    if seen.cached is None or not seen.prompt:
        return None, "the server does not tell how much of the prompts came from its cache"
    share = seen.cached / seen.prompt
    if share > CACHED:
        return False, (
            f"{share:.1%} of the {seen.prompt} prompt tokens came from the server's cache, and "
            "were not computed"
        )
    return True, (
        f"each answer is one token, and the server computed {seen.computed} of {seen.prompt} "
        "prompt tokens"
    )


def _decode(seen: _Seen, block: int) -> tuple[bool | None, str]:
    if seen.longest <= 1:
        return False, "no answer has a second token: nothing was decoded"
    if not seen.prompt:
        return None, "the server does not tell how long the prompts were"
    each = seen.prompt / seen.requests
    if each <= 2 * block:
        return True, f"prompts have {each:.1f} tokens on the mean: there is hardly any to compute"
    if seen.computed is None:
        return None, "the server does not tell how much of the prompts came from its cache"
    share, mean = seen.computed / seen.prompt, seen.computed / seen.requests
    held = mean <= block or share <= COMPUTED
    return held, (
        f"the server computed {seen.computed} of {seen.prompt} prompt tokens ({share:.1%}, "
        f"{mean:.1f} a request)"
    )


def _seen(recording: Recording, counters: Mapping[str, Number]) -> _Seen:
    columns = recording.columns
    rows = columns.succeeded

    def total(name: str) -> int | None:
        values = columns[name][rows]
        return None if not len(values) or (values == ABSENT).any() else int(values.sum())

    prompt, cached = total("prompt_tokens"), total("cached_tokens")
    output = total("completion_tokens")
    lengths = columns["completion_tokens"][rows]
    if cached is None:
        # Not every server tells it of each request; a server's cache counts all of them.
        found = counters.get("cached_tokens", counters.get("prefix_cache_hits"))
        cached = None if found is None else int(found)
    computed = counters.get("computed_prompt_tokens")
    if computed is None and prompt is not None and cached is not None:
        computed = max(0, prompt - cached)
    return _Seen(
        requests=int(np.count_nonzero(rows)),
        prompt=prompt,
        cached=cached,
        computed=None if computed is None else int(computed),
        output=output,
        longest=int(lengths.max()) if len(lengths) else 0,
    )
