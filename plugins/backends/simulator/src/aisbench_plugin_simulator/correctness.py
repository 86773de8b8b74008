"""Which questions the simulated model answers correctly."""

from __future__ import annotations

from aisbench_plugin_simulator.chance import draw


def is_right(seed: int, question: str, accuracy: float, request_seed: int | None = None) -> bool:
    """Whether the model knows the answer; a test computes the exact expected score with it.

    True for the share ``accuracy`` (0..1) of all questions: the first 8 bytes of
    ``sha256(f"{seed}/{question}")``, as a fraction, are below it. ``question`` is the text in
    the answers file. ``request_seed`` is the request's own ``seed`` when the server runs with
    ``vary`` (the hash is then over ``f"{seed}/{question}/{request_seed}"``), else None.
    """
    if request_seed is None:
        return draw(seed, question) < accuracy
    return draw(seed, question, request_seed) < accuracy
