"""A run in the words of `vllm bench serve`, by the formulas of vLLM 0.32.

``vllm/benchmarks/serve.py`` (``calculate_metrics``) and ``lib/endpoint_request_func.py``. A
request ends there with its last chunk that has a choice, with or without text; that is not
recorded, and the end of the stream, which follows it at once, stands for it. "Peak concurrent
requests" is no concurrency: the seconds since the first request are counted through, a request
counts in every second that it touches, and the fullest second is shown. So 4 in flight that take
0.3 s each may be "14".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from aisbench.metrics.peer_view import Answered, answered
from aisbench.metrics.plain_table import per
from aisbench.store.recording.columns import Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray


def vllm(recording: Recording, max_concurrency: int | None) -> str:
    """The report; ``max_concurrency`` is the concurrency asked for."""
    seen = answered(recording)
    span = seen.span_all
    # Without usage and tokenizer an answer counts as one token; of embeddings and scores its own
    # loop for them prints neither tokens nor what is made of them.
    output = np.where(np.isnan(seen.output), 0.0 if seen.silent else 1.0, seen.output)
    several = output > 1
    tpot = (seen.latency - seen.ttft)[several] / (output[several] - 1)
    lines = [f"{' Serving Benchmark Result ':=^50}"]

    def line(label: str, value: float, form: str = "") -> None:
        lines.append(f"{label:<40} {value:<10{form}}")

    line("Successful requests:", len(seen.latency))
    line("Failed requests:", seen.total - len(seen.latency))
    if max_concurrency is not None:
        line("Maximum request concurrency:", max_concurrency)
    line("Benchmark duration (s):", span, ".2f")
    line("Total input tokens:", int(np.nansum(seen.input)))
    if not seen.silent:
        line("Total generated tokens:", int(output.sum()))
    line("Request throughput (req/s):", per(len(output), span), ".2f")
    if not seen.silent:
        line("Output token throughput (tok/s):", per(output.sum(), span), ".2f")
        line("Peak output token throughput (tok/s):", seen.peak_events, ".2f")
        line("Peak concurrent requests:", _fullest_second(seen), ".2f")
    both = np.nansum(seen.input) + output.sum()
    line("Total token throughput (tok/s):", per(both, span), ".2f")
    gaps = seen.gaps((50, 99))
    blocks: tuple[tuple[str, str, Sequence[float]], ...] = (
        ("Time to First Token", "TTFT", _three(seen.ttft)),
        ("Time per Output Token (excl. 1st token)", "TPOT", _three(tpot)),
        ("Inter-token Latency", "ITL", (gaps["mean"], gaps["p50"], gaps["p99"])),
        ("End-to-end Latency", "E2EL", _three(seen.latency)),
    )
    for heading, name, values in blocks[-1:] if seen.silent else blocks:
        lines.append(f"{heading:-^50}")
        for statistic, value in zip(("Mean", "Median", "P99"), values, strict=True):
            line(f"{statistic} {name} (ms):", value * 1e3, ".2f")
    lines.append("=" * 50)
    return "\n".join(lines) + "\n"


def _fullest_second(seen: Answered) -> int:
    """Most requests that touched one second, counted from the first of them."""
    if not len(seen.begun):
        return 0
    first = seen.begun.astype(np.int64)
    last = (seen.begun + seen.latency).astype(np.int64)
    seconds = int(last.max()) + 2
    steps = np.bincount(first, minlength=seconds) - np.bincount(last + 1, minlength=seconds)
    return int(np.cumsum(steps).max())


def _three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    values = values[~np.isnan(values)]
    if not len(values):
        return 0.0, 0.0, 0.0
    return float(values.mean()), float(np.median(values)), float(np.percentile(values, 99))
