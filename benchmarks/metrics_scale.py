"""Figures of a billion tokens: time and memory, from the files of a run.

python benchmarks/metrics_scale.py [--requests 250000] [--tokens 4096]

Writes requests.parquet and events.parquet as a load of that size would have left them (one event
a token, 512 in flight, gaps around 12 ms), which takes some minutes and gigabytes of disk; then
computes everything that `aisbench report` shows, in a process of its own. The size is the largest
that AISBench states (its own figures: 64 GB of memory, 150 s).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from aisbench.metrics.columns import MetricOptions
from aisbench.metrics.measure import measure
from aisbench.store.recording.columns import ABSENT, FIELDS, PLACE, AttemptOutcome, Phase
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.recording.parquet import (
    event_writer,
    read_recording,
    write_event_group,
    write_requests,
)

CLIENTS = 512
BASELINE_SECONDS, BASELINE_GB = 150, 64


def generate(folder: LoadFolder, requests: int, tokens: int) -> None:
    """A made-up load of that size, in blocks."""
    chance = np.random.default_rng(1)
    table = np.full((requests, len(FIELDS)), ABSENT, dtype=np.int64)
    numbers = np.arange(requests)
    free = np.zeros(CLIENTS, dtype=np.int64)
    block = max(1, 4_000_000 // tokens)
    with event_writer(folder.events) as writer:
        for first in range(0, requests, block):
            rows = numbers[first : first + block]
            count = len(rows)
            gaps = chance.normal(12e6, 2e6, size=(count, tokens)).clip(1e5).astype(np.int64)
            gaps[:, 0] = chance.normal(200e6, 40e6, size=count).clip(2e7).astype(np.int64)
            sent = np.empty(count, dtype=np.int64)
            ends = gaps.sum(axis=1)
            for place, row in enumerate(rows):
                client = row % CLIENTS
                sent[place] = free[client] + 50_000
                free[client] = sent[place] + ends[place]
            times = np.cumsum(gaps, axis=1) + sent[:, None]
            part = table[rows]
            for name, values in {
                "row": rows, "repeat": 0, "turn": 0, "conversation": rows, "attempt": 1,
                "final": 1, "phase": int(Phase.MEASURED), "worker": 0, "replica": 0,
                "outcome": int(AttemptOutcome.SUCCESS), "scheduled": sent - 50_000,
                "dispatched": sent - 20_000, "sent": sent, "first_byte": times[:, 0],
                "first_token": times[:, 0], "first_answer": times[:, 0],
                "last_token": times[:, -1], "done": times[:, -1] + 100_000, "connect": 0,
                "asked_tokens": tokens, "prompt_tokens": 1000, "completion_tokens": tokens,
                "events": tokens, "reads": tokens,
            }.items():  # fmt: skip
                part[:, PLACE[name]] = values
            table[rows] = part
            write_event_group(
                writer,
                np.repeat(rows.astype(np.int32), tokens),
                times.reshape(-1),
                np.ones(count * tokens, dtype=np.uint16),
            )
            print(f"\r  {first + count} of {requests} requests written", end="", flush=True)
    write_requests(folder, table)
    print()


def report(path: str) -> None:
    """Everything of the report, timed."""
    begun = time.monotonic()
    recording = read_recording(LoadFolder(Path(path)))
    populations = measure(recording, MetricOptions(max_concurrency=CLIENTS))
    seconds = time.monotonic() - begun
    statistics = {one.name: one for one in populations[0].statistics}
    print(
        json.dumps(
            {
                "seconds": seconds,
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
                "gaps": statistics["itl"].n,
                "itl": statistics["itl"].mean,
                "populations": [one.name for one in populations],
            }
        )
    )


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=250_000)
    parser.add_argument("--tokens", type=int, default=4096)
    parser.add_argument("--report", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.report:
        report(args.report)
        return
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:
        folder = LoadFolder(Path(scratch))
        begun = time.monotonic()
        generate(folder, args.requests, args.tokens)
        size = (folder.events.stat().st_size + folder.requests.stat().st_size) / 1e9
        print(f"  {size:.2f} GB of Parquet in {time.monotonic() - begun:.0f} s")
        words = [sys.executable, __file__, "--report", scratch]
        found = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    total = args.requests * args.tokens
    print(
        f"{args.requests:,} requests x {args.tokens} tokens = {total / 1e9:.3f} billion: "
        f"{found['seconds']:.1f} s, {found['memory']:.2f} GB of memory at most, "
        f"populations {', '.join(found['populations'])}"
    )
    share = total / (250_000 * 4096)
    print(
        f"baseline (AISBench's stated figures for this size): {BASELINE_SECONDS} s, "
        f"{BASELINE_GB} GB; ratio {BASELINE_SECONDS * share / found['seconds']:.1f} in time, "
        f"{BASELINE_GB * share / found['memory']:.0f} in memory"
    )


if __name__ == "__main__":
    main()
