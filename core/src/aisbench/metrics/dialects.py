"""A run as other tools would have printed it: their formulas over our arrays, in their layout.

For comparing with reports that exist already. What our arrays do not hold is not imitated: role
and usage events, which vLLM's client and AISBench take for tokens, are not recorded, so their
first chunk is our first token. Formulas are those of vLLM's ``benchmarks/serve.py``, AISBench
3.1's ``calculators``, evalscope 1.14's ``perf`` and aiperf 0.13.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from aisbench.metrics.answered import answered
from aisbench.metrics.dialect_aisbench import aisbench
from aisbench.metrics.plain_table import per, table
from aisbench.store.arrays import Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

Dialect = Literal["vllm", "aisbench", "evalscope", "aiperf"]
DIALECTS: tuple[str, ...] = get_args(Dialect)


def print_as(recording: Recording, dialect: Dialect, max_concurrency: int | None = None) -> str:
    """The run in the words of ``dialect``; ``max_concurrency`` is the concurrency asked for."""
    printers: dict[str, Callable[[Recording, int | None], str]] = {
        "vllm": _vllm,
        "aisbench": aisbench,
        "evalscope": _evalscope,
        "aiperf": _aiperf,
    }
    return printers[dialect](recording, max_concurrency)


def _vllm(recording: Recording, max_concurrency: int | None) -> str:
    seen = answered(recording)
    span = seen.span_all
    # Without usage and tokenizer an answer counts as one token.
    output = np.where(np.isnan(seen.output), 1.0, seen.output)
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
    line("Total generated tokens:", int(output.sum()))
    line("Request throughput (req/s):", per(len(output), span), ".2f")
    line("Output token throughput (tok/s):", per(output.sum(), span), ".2f")
    line("Peak output token throughput (tok/s):", seen.peak_events, ".2f")
    line("Peak concurrent requests:", seen.peak_requests, ".2f")
    both = np.nansum(seen.input) + output.sum()
    line("Total token throughput (tok/s):", per(both, span), ".2f")
    gaps = seen.gaps((50, 99))
    blocks: tuple[tuple[str, str, Sequence[float]], ...] = (
        ("Time to First Token", "TTFT", _three(seen.ttft)),
        ("Time per Output Token (excl. 1st token)", "TPOT", _three(tpot)),
        ("Inter-token Latency", "ITL", (gaps["mean"], gaps["p50"], gaps["p99"])),
        ("End-to-end Latency", "E2EL", _three(seen.latency)),
    )
    for heading, name, values in blocks:
        lines.append(f"{heading:-^50}")
        for statistic, value in zip(("Mean", "Median", "P99"), values, strict=True):
            line(f"{statistic} {name} (ms):", value * 1e3, ".2f")
    lines.append("=" * 50)
    return "\n".join(lines) + "\n"


def _three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    values = values[~np.isnan(values)]
    if not len(values):
        return 0.0, 0.0, 0.0
    return float(values.mean()), float(np.median(values)), float(np.percentile(values, 99))


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
    speed = output / np.where(seen.latency > 0, seen.latency, np.inf)
    both = (np.nan_to_num(seen.input) + output) / np.where(seen.latency > 0, seen.latency, np.inf)
    columns = [
        ("TTFT (s)", np.nan_to_num(seen.ttft)),
        ("TPOT (s)", np.nan_to_num(tpot)),
        ("Latency (s)", seen.latency),
        ("Input tokens", np.nan_to_num(seen.input)),
        ("Output tokens", output),
        ("Output (tok/s)", speed),
        ("Total (tok/s)", both),
    ]
    rows = [
        [
            f"{rank}%",
            f"{gaps[f'p{rank}']:.4f}",
            *(f"{np.percentile(values, rank):.4f}" if n else "-" for _, values in columns),
        ]
        for rank in ranks
    ]
    return (
        "Benchmarking summary:\n"
        + table(["Key", "Value"], [[key, f"{round(value, 4)}"] for key, value in summary])
        + "\nPercentile results:\n"
        + table(["Percentiles", "ITL (s)", *(name for name, _ in columns)], rows)
    )


def _aiperf(recording: Recording, max_concurrency: int | None) -> str:
    seen = answered(recording)
    span = seen.span_success
    several = (seen.output > 1) & (seen.ttft > 0)
    itl = (seen.latency - seen.ttft)[several] / (seen.output[several] - 1)
    metrics = [
        ("Time to First Token (ms)", seen.ttft * 1e3),
        ("Time to Second Token (ms)", seen.second * 1e3),
        ("Request Latency (ms)", seen.latency * 1e3),
        ("Inter Token Latency (ms)", itl * 1e3),
        ("Output Token Throughput Per User (tokens/sec/user)", 1 / itl[itl > 0]),
        ("Output Sequence Length (tokens)", seen.output),
        ("Input Sequence Length (tokens)", seen.input),
    ]
    rows = []
    for name, column in metrics:
        values = column[~np.isnan(column)]
        if not len(values):
            continue
        ranks = np.percentile(values, [99, 90, 75]).tolist()
        shown = [values.mean(), values.min(), values.max(), *ranks, values.std()]
        rows.append([name, *(f"{value:,.2f}" for value in shown)])
    single = [
        ("Output Token Throughput (tokens/sec)", per(np.nansum(seen.output), span)),
        ("Request Throughput (requests/sec)", per(len(seen.latency), span)),
        ("Request Count (requests)", len(seen.latency)),
    ]
    rows += [[name, f"{value:,.2f}", *["N/A"] * 6] for name, value in single]
    heading = ["Metric", "avg", "min", "max", "p99", "p90", "p75", "std"]
    return "NVIDIA AIPerf | LLM Metrics\n" + table(heading, rows)
