"""A run as other tools would have printed it: their formulas over our arrays, in their layout.

For comparing with reports that exist already. What our arrays do not hold is not imitated: role
and usage events, which AISBench takes for tokens, are not recorded, so its first chunk is our
first token. Formulas are those of vLLM 0.32's ``benchmarks/serve.py``, AISBench 3.1's
``calculators``, evalscope 1.14's ``perf`` and aiperf 0.13; docs/explanation/dialects.md says which
versions differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from aisbench.metrics.dialect_aiperf import aiperf
from aisbench.metrics.dialect_aisbench import aisbench
from aisbench.metrics.dialect_vllm import vllm
from aisbench.metrics.peer_view import answered
from aisbench.metrics.plain_table import per, table
from aisbench.store.recording.columns import Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

Dialect = Literal["vllm", "aisbench", "evalscope", "aiperf"]
DIALECTS: tuple[str, ...] = get_args(Dialect)


def print_as(recording: Recording, dialect: Dialect, max_concurrency: int | None = None) -> str:
    """The run in the words of ``dialect``; ``max_concurrency`` is the concurrency asked for."""
    printers: dict[str, Callable[[Recording, int | None], str]] = {
        "vllm": vllm,
        "aisbench": aisbench,
        "evalscope": _evalscope,
        "aiperf": aiperf,
    }
    return printers[dialect](recording, max_concurrency)


def _of_tokens(name: str) -> bool:
    """Whether a figure is of output tokens."""
    return any(
        word in name for word in ("utput", "first token", "inter-token", "ITL", "TTFT", "TPOT")
    )


def _ranked(values: NDArray[np.float64], ranks: Sequence[int]) -> dict[int, float]:
    """Percentiles; none without a value."""
    return {rank: float(np.percentile(values, rank)) for rank in ranks} if len(values) else {}


def _evalscope(recording: Recording, max_concurrency: int | None) -> str:
    seen = answered(recording)
    span, n = seen.span_all, len(seen.latency)
    output = np.nan_to_num(seen.output)
    several = output > 1
    # 0 for a single token, and part of the average.
    tpot = np.where(several, (seen.latency - seen.ttft) / np.maximum(output - 1, 1), 0.0)
    read = float(np.nansum(seen.input))
    ranks = (10, 25, 50, 66, 75, 80, 90, 95, 98, 99)
    gaps = seen.gaps(ranks)
    summary = [
        ("Time taken for tests (s)", span),
        ("Number of concurrency", max_concurrency if max_concurrency is not None else -1),
        ("Total requests", seen.total),
        ("Succeed requests", n),
        ("Failed requests", seen.total - n),
        ("Output token throughput (tok/s)", per(output.sum(), span)),
        ("Total token throughput (tok/s)", per(read + output.sum(), span)),
        ("Request throughput (req/s)", per(n, span)),
        ("Average latency (s)", per(seen.latency.sum(), n)),
        ("Average time to first token (s)", per(np.nansum(seen.ttft), n)),
        ("Average time per output token (s)", per(np.nansum(tpot), n)),
        ("Average inter-token latency (s)", gaps["mean"]),
        ("Average input tokens per request", per(read, n)),
        ("Average output tokens per request", per(output.sum(), n)),
    ]
    if seen.silent:
        summary = [row for row in summary if not _of_tokens(row[0])]
    speed = output / np.where(seen.latency > 0, seen.latency, np.inf)
    both = (np.nan_to_num(seen.input) + output) / np.where(seen.latency > 0, seen.latency, np.inf)
    columns: list[tuple[str, Mapping[int, float]]] = [
        ("ITL (s)", {rank: gaps[f"p{rank}"] for rank in ranks})
    ]
    columns += [
        (name, _ranked(values, ranks))
        for name, values in (
            ("TTFT (s)", np.nan_to_num(seen.ttft)),
            ("TPOT (s)", np.nan_to_num(tpot)),
            ("Latency (s)", seen.latency),
            ("Input tokens", np.nan_to_num(seen.input)),
            ("Output tokens", output),
            ("Output (tok/s)", speed),
            ("Total (tok/s)", both),
        )
    ]
    if seen.silent:
        columns = [one for one in columns if not _of_tokens(one[0])]
    rows = [
        [f"{rank}%", *(f"{values[rank]:.4f}" if values else "-" for _, values in columns)]
        for rank in ranks
    ]
    return (
        "Benchmarking summary:\n"
        + table(["Key", "Value"], [[key, f"{round(value, 4)}"] for key, value in summary])
        + "\nPercentile results:\n"
        + table(["Percentiles", *(name for name, _ in columns)], rows)
    )
