"""What the prefix cache and speculative decoding make of one answer's times."""

from __future__ import annotations

import asyncio
import time

import attrs

from aisbench_plugin_simulator.journal import Record
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.prefix_cache import Tokens, model_of, tokens_of
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.schedule import Schedule
from aisbench_plugin_simulator.simulator import Simulator
from aisbench_plugin_simulator.speculation import kind_of, steps

_BEFORE = 1e-4
"""s before its first token is sent that a prompt is in the cache: who has seen the token may count
on it."""


def look_up(
    simulator: Simulator, body: bytes, answer: SimulatedReply, record: Record, schedule: Schedule
) -> tuple[SimulatedReply, Schedule]:
    """The prompt is looked up in the cache, and will be in it: the answer that tells of it, and
    the schedule with the time of its prefill."""
    settings, cache = simulator.settings, simulator.prefixes
    if not settings.block_size and not settings.prefill_ms:
        return answer, schedule
    # An adapter changes what is computed of the same tokens, wherever the request names it.
    model = record.adapter or model_of(body) or settings.model[0]
    tokens = tokens_of(body)
    found = cache.look_up(tokens, model)
    prefill = found.computed * settings.prefill_ms / 1000
    schedule = attrs.evolve(schedule, ttft=schedule.ttft + prefill)
    if not settings.block_size:
        return answer, schedule
    record.cached_tokens = found.cached
    # Of the last token that is made nothing is computed: it is only said.
    whole = [*tokens, *answer.reasoning, *answer.content][:-1]
    start = record.arrival_ns / 1e9
    _add(simulator, tokens, model, start + schedule.due(0))
    if answer.tokens:
        _add(simulator, whole, model, start + schedule.due(answer.tokens - 1))
    if settings.cached_usage:
        answer = attrs.evolve(answer, cached=found.cached)
    return answer, schedule


def _add(simulator: Simulator, tokens: Tokens, model: str, when: float) -> None:
    """``tokens`` come into the cache at ``when`` (s of the monotonic clock)."""
    cache = simulator.prefixes
    wait = when - time.monotonic() - _BEFORE
    if wait <= 0:
        cache.add(tokens, model)
    else:
        asyncio.get_running_loop().call_later(wait, cache.add, tokens, model)


def speculate(
    simulator: Simulator,
    asked: ParsedRequest,
    answer: SimulatedReply,
    record: Record,
    schedule: Schedule,
) -> Schedule:
    """The schedule with the steps in which a draft model lets the answer come, counted."""
    settings = simulator.settings
    if not settings.draft_tokens or answer.tokens < 1:
        return schedule
    about = (settings.seed, "speculation", record.body, record.attempt)
    made = steps(
        answer.tokens,
        settings.draft_tokens,
        settings.acceptance,
        kind_of(asked.question),
        about,
    )
    simulator.speculation.add(made, settings.draft_tokens)
    return attrs.evolve(schedule, ends=made.ends)
