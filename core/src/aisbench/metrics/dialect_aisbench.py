"""A run in AISBench's words: its two tables, with its formulas and its stable stage.

Formulas of ``base_perf_metric_calculator.py`` and ``stable_perf_metric_calculator.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from aisbench.metrics.peer_view import Answered, answered
from aisbench.metrics.plain_table import per, table
from aisbench.metrics.steady import aisbench_stable_stage
from aisbench.store.recording.columns import Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

STATISTICS = ("Average", "Min", "Max", "Median", "P75", "P90", "P99")


@frozen
class AisbenchTables:
    """AISBench's two tables of a load, as rows of texts: name, stage, and the seven statistics of
    ``STATISTICS`` with N; name, stage, value."""

    parameters: tuple[tuple[str, ...], ...]
    common: tuple[tuple[str, ...], ...]


def aisbench(recording: Recording, max_concurrency: int | None) -> str:
    """Both tables, as AISBench prints them."""
    made = aisbench_tables(recording, max_concurrency)
    return (
        table(["Performance Parameters", "Stage", *STATISTICS, "N"], made.parameters)
        + "\n"
        + table(["Common Metric", "Stage", "Value"], made.common)
    )


def aisbench_tables(recording: Recording, max_concurrency: int | None) -> AisbenchTables:
    """Both tables, with the stage "stable" where the asked concurrency is known and reached."""
    stages: dict[str, Answered] = {"total": answered(recording)}
    spans = {"total": stages["total"].span_success}
    if max_concurrency is not None:
        stage = aisbench_stable_stage(recording, max_concurrency)
        if stage is not None:
            begin, end, rows = stage
            stages["stable"] = answered(recording, rows)
            spans["stable"] = (end - begin) / 1e9
    parameters: list[list[str]] = []
    common: list[list[str]] = []
    rows_of: dict[str, list[list[str]]] = {}
    for stage_name, seen in stages.items():
        for row in _parameters(stage_name, seen):
            rows_of.setdefault(row[0], []).append(row)
        common += _common(stage_name, seen, spans[stage_name], max_concurrency)
    for group in rows_of.values():
        parameters += group
    order = {name: place for place, name in enumerate(dict.fromkeys(row[0] for row in common))}
    common.sort(key=lambda row: order[row[0]])
    return AisbenchTables(tuple(map(tuple, parameters)), tuple(map(tuple, common)))


def _parameters(stage: str, seen: Answered) -> list[list[str]]:
    output = np.nan_to_num(seen.output)
    several = output > 1
    # Theirs is 0 for a single token, and the zeros stay in the average.
    tpot = np.where(several, (seen.latency - seen.ttft) / np.maximum(output - 1, 1), 0.0)
    prefill = np.nan_to_num(seen.input / np.where(seen.ttft > 0, seen.ttft, np.nan))
    speed = output / np.where(seen.latency > 0, seen.latency, np.inf)
    n = len(seen.latency)
    decoding = int(np.count_nonzero(seen.decoding > 0))
    gaps = seen.gaps((50, 75, 90, 99))
    itl = [gaps[key] for key in ("mean", "min", "max", "p50", "p75", "p90", "p99")]
    rows = [
        _stat("E2EL", stage, _seven(seen.latency), n, " ms", 1e3),
        _stat("TTFT", stage, _seven(np.nan_to_num(seen.ttft)), n, " ms", 1e3),
        _stat("TPOT", stage, _seven(np.nan_to_num(tpot)), decoding, " ms", 1e3),
        _stat("ITL", stage, itl, decoding, " ms", 1e3),
        _stat("InputTokens", stage, _seven(np.nan_to_num(seen.input)), n),
        _stat("OutputTokens", stage, _seven(output), n),
        _stat("OutputTokenThroughput", stage, _seven(speed), n, " token/s"),
        _stat("PrefillTokenThroughput", stage, _seven(prefill), n, " token/s"),
    ]
    streamed = bool((np.nan_to_num(seen.ttft) > 0).any())
    only = ("TTFT", "TPOT", "ITL", "PrefillTokenThroughput")
    return [row for row in _told(rows, seen) if streamed or row[0] not in only]


def _told(rows: list[list[str]], seen: Answered) -> list[list[str]]:
    """Without output tokens, where answers have none at all."""
    return [row for row in rows if not (seen.silent and "Output" in row[0])]


def _seven(values: NDArray[np.float64]) -> list[float]:
    if not len(values):
        return [0.0] * 7
    ranks = np.percentile(values, [50, 75, 90, 99]).tolist()
    return [float(values.mean()), float(values.min()), float(values.max()), *ranks]


def _stat(
    name: str, stage: str, values: Sequence[float], n: int, unit: str = "", scale: float = 1.0
) -> list[str]:
    return [name, stage, *(f"{round(value * scale, 4)}{unit}" for value in values), str(n)]


def _common(
    stage: str, seen: Answered, span: float, max_concurrency: int | None
) -> list[list[str]]:
    n = len(seen.latency)
    total = seen.total if stage == "total" else n
    concurrency = per(float(seen.latency.sum()), span)
    if stage == "stable" and max_concurrency is not None:
        concurrency = min(concurrency, max_concurrency)
    read, wrote = float(np.nansum(seen.input)), float(np.nansum(seen.output))
    values = [
        ("Benchmark Duration", f"{round(span * 1e3, 4)} ms"),
        ("Total Requests", str(total)),
        ("Failed Requests", str(total - n)),
        ("Success Requests", str(n)),
        ("Concurrency", str(round(concurrency, 4))),
        ("Max Concurrency", "-" if max_concurrency is None else str(max_concurrency)),
        ("Request Throughput", f"{round(per(n, span), 4)} req/s"),
        ("Total Input Tokens", str(int(read))),
        ("Total Output Tokens", str(int(wrote))),
        ("Input Token Throughput", f"{round(per(read, span), 4)} token/s"),
        ("Output Token Throughput", f"{round(per(wrote, span), 4)} token/s"),
        ("Total Token Throughput", f"{round(per(read + wrote, span), 4)} token/s"),
    ]
    return _told([[name, stage, value] for name, value in values], seen)
