"""A run in the words of aiperf, by the formulas of aiperf 0.13 (``metrics/types``).

A request ends there with its last response that has content, and the run with the last of those.
Token counts are the server's, as with ``--use-server-token-count``; "Inter Token Latency" is a
request's mean, (latency - TTFT) / (tokens - 1).
"""

from __future__ import annotations

import numpy as np

from aisbench.metrics.peer_view import answered
from aisbench.metrics.plain_table import per, table
from aisbench.store.recording.columns import Recording

_HEADING = ["Metric", "avg", "min", "max", "p99", "p90", "p50", "std"]


def aiperf(recording: Recording, max_concurrency: int | None) -> str:
    """The table; aiperf does not print the concurrency asked for."""
    seen = answered(recording)
    span = float((seen.begun + seen.served).max()) if len(seen.begun) else 0.0
    several = (seen.output > 1) & (seen.ttft > 0)
    itl = (seen.served - seen.ttft)[several] / (seen.output[several] - 1)
    taken = np.where(seen.served > 0, seen.served, np.nan)
    metrics = [
        ("Time to First Token (ms)", seen.ttft * 1e3),
        ("Time to Second Token (ms)", seen.second * 1e3),
        ("Time to First Output Token (ms)", seen.first_answer * 1e3),
        ("Request Latency (ms)", seen.served * 1e3),
        ("Decode Duration (ms)", (seen.served - seen.ttft) * 1e3),
        ("Inter Token Latency (ms)", itl * 1e3),
        ("Output Token Throughput Per User (tokens/sec/user)", 1 / itl[itl > 0]),
        ("E2E Output Token Throughput (tokens/sec/user)", seen.output / taken),
        ("Output Sequence Length (tokens)", seen.output),
        ("Input Sequence Length (tokens)", seen.input),
    ]
    rows = []
    for name, column in metrics:
        values = column[~np.isnan(column)]
        if not len(values):
            continue
        ranks = np.percentile(values, [99, 90, 50]).tolist()
        shown = [values.mean(), values.min(), values.max(), *ranks, values.std()]
        rows.append([name, *(f"{value:,.2f}" for value in shown)])
    single = [
        ("Output Token Throughput (tokens/sec)", per(np.nansum(seen.output), span)),
        ("Input Token Throughput (tokens/sec)", per(np.nansum(seen.input), span)),
        ("Request Throughput (requests/sec)", per(len(seen.latency), span)),
        ("Completed Requests (Success + Error) (requests)", seen.total),
        ("Request Error Rate (%)", 100 * per(seen.total - len(seen.latency), seen.total)),
        ("Request Count (requests)", len(seen.latency)),
    ]
    if seen.silent:
        del single[0]
    rows += [[name, f"{value:,.2f}", *["N/A"] * 6] for name, value in single]
    return "NVIDIA AIPerf | LLM Metrics\n" + table(_HEADING, rows)
