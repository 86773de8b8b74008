"""How fast and how true the load engine is, against benchmarks/stream_server.c and its log.

python benchmarks/load_engine.py [throughput] [fidelity] [scale] [open-loop] [--runs 5]

Every run is a whole `aisbench run` in performance mode with everything recorded; client and
server share the machine. Needs a C compiler and Linux. The server sends one event at a time by an
absolute schedule.

1. throughput: 64 in flight, 4000 answers of 64 events, no delay; beside two bare asyncio.Protocol
   clients, in turn: one parses the JSON of each event, the other one counts events and parses
   nothing.
2. fidelity: 200 and 2000 in flight, TTFT 50 ms and 10 ms a token by the server's log; at 200
   beside the bare client that parses.
3. scale: 8000 in flight with the memory of all processes; 30,000 with two servers.
4. open-loop: Poisson arrivals at 500/s for 20 s, and a trace of 5000 rows, by the server's log.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from streaming import Run, aisbench, bare, built, server, spread, truth

MS = 1e6
PARSES, COUNTS = "bare Protocol that parses", "bare Protocol that counts"


def throughput(binary: Path, runs: int) -> None:
    """Interleaved runs of the three clients."""
    print(f"1. throughput: 64 in flight, 4000 answers of 64 events, no delay, {runs} runs each")
    ours: list[Any] = []
    bases: dict[str, list[dict[str, float]]] = {PARSES: [], COUNTS: []}
    for _ in range(runs):
        for name, found in bases.items():
            with server(binary, 0, 0) as url:
                found.append(bare(url, 4000, 64, 64, parse=name == PARSES))
        with server(binary, 0, 0) as url:
            ours.append(aisbench(url, 64, {"concurrency": 64, "requests": 4000}))
    rates = [run.events_rate / 1000 for run in ours]
    cpu = spread([run.cpu_per_1000 for run in ours])
    print(f"   {'aisbench':<28} {spread(rates)} thousand events/s, {cpu} ms CPU per 1000 events")
    for name, found in bases.items():
        base = [one["rate"] / 1000 for one in found]
        cpu = spread([one["cpu"] for one in found])
        ratio = statistics.median(rates) / statistics.median(base)
        print(f"   {name:<28} {spread(base)} thousand events/s, {cpu} ms CPU; ratio {ratio:.2f}")
    print()


def fidelity(binary: Path, runs: int) -> None:
    """What was reported, beside what the server did."""
    for in_flight, rounds in ((200, 5), (2000, 3)):
        print(f"2. fidelity: {in_flight} in flight, TTFT 50 ms, 10 ms a token, 32 tokens")
        gaps: dict[str, list[float]] = {}
        bare_gaps: dict[str, list[float]] = {}
        for _ in range(runs):
            if in_flight == 200:
                with server(binary, 50, 10) as url:
                    found = bare(url, in_flight * rounds, in_flight, 32, parse=True)
                    true = _true(truth(url)[-in_flight * rounds :])
                for name, values in true.items():
                    bare_gaps.setdefault(name, []).append(found[name] - float(values.mean()))
            with server(binary, 50, 10) as url:
                load = {"concurrency": in_flight, "requests": in_flight * rounds}
                run = aisbench(url, 32, load)
                log = truth(url)[-in_flight * rounds :]
            for name, values in _true(log).items():
                seen = run.statistic(name)
                gaps.setdefault(f"{name} mean", []).append(seen["mean"] - values.mean())
                tail = seen["percentiles"]["p99"] - float(np.percentile(values, 99))
                gaps.setdefault(f"{name} p99", []).append(tail)
            # Of that, what the client itself is to blame for: it read so late. The rest lies
            # between its write and the server's read.
            start = run.load["start_ns"]
            seen_first = np.sort(run.columns["first_token_ns"]) + start
            seen_done = np.sort(run.columns["done_ns"]) + start
            for name, seen_at, column in (("first", seen_first, 1), ("last", seen_done, 2)):
                late = (seen_at - np.sort(log[:, column])) / MS
                gaps.setdefault(f"{name} token read", []).append(float(late.mean()))
            sent = np.sort(run.columns["sent_ns"]) + start
            taken = float((np.sort(log[:, 0]) - sent).mean() / MS)
            gaps.setdefault("request read", []).append(taken)
            gaps.setdefault("next request", []).append(_pause(run))
        for name, values in gaps.items():
            what = "after it was written" if name.endswith("read") else "above the server's log"
            what = "after the answer before it" if name == "next request" else what
            print(f"   {name:<16} {spread(values)} ms {what}")
        for name, values in bare_gaps.items():
            print(f"   {name + ' mean':<16} {spread(values)} ms above it by the {PARSES}")
        print()


def _pause(run: Run) -> float:
    """Mean ms between being due, which is the end of the client's last answer, and being sent."""
    return float((run.columns["sent_ns"] - run.columns["scheduled_ns"]).mean() / MS)


def _true(log: Any) -> dict[str, Any]:
    """Of each request in the server's log, in ms."""
    return {
        "ttft": (log[:, 1] - log[:, 0]) / MS,
        "tpot": (log[:, 2] - log[:, 1]) / (log[:, 3] - 1) / MS,
        "e2el": (log[:, 2] - log[:, 0]) / MS,
    }


def scale(binary: Path, runs: int) -> None:
    """Many connections, few tokens."""
    print("3. scale: 8000 in flight, TTFT 2000 ms, 8 tokens at 250 ms")
    memory, gaps, failed = [], [], 0
    for _ in range(runs):
        with server(binary, 2000, 250) as url:
            run = aisbench(url, 8, {"concurrency": 8000, "requests": 8000})
            log = truth(url)[-8000:]
        memory.append(run.memory_mb)
        gaps.append(run.statistic("ttft")["mean"] - (log[:, 1] - log[:, 0]).mean() / MS)
        failed += run.summary["counts"].get("failed", 0)
    print(f"   memory of all processes {spread(memory)} MB, TTFT mean {spread(gaps)} ms above the "
          f"server's log, {failed} failed")  # fmt: skip
    print("   30,000 in flight, two servers, TTFT 5000 ms, 4 tokens at 1000 ms")
    with server(binary, 5000, 1000) as first, server(binary, 5000, 1000) as second:
        run = aisbench([first, second], 4, {"concurrency": 30000, "requests": 30000})
        gap = run.statistic("ttft")["mean"] - 5000
    figures = {one["name"]: one["value"] for one in run.summary["populations"][0]["figures"]}
    print(f"   {figures['max_concurrency']:.0f} in flight at once in {run.health['workers']:.0f} "
          f"workers, {figures['failed_requests']:.0f} failed, {run.memory_mb:.0f} MB, "
          f"TTFT mean {gap:.1f} ms above 5000 ms\n")  # fmt: skip


def open_loop(binary: Path, runs: int) -> None:
    """Are requests sent when they are due?"""
    print("4. open loop: Poisson arrivals at 500/s for 20 s, TTFT 20 ms, 8 tokens at 5 ms")
    rates, lags, variations = [], [], []
    for _ in range(runs):
        with server(binary, 20, 5) as url:
            run = aisbench(url, 8, {"shape": "poisson", "rate": 500, "duration": 20})
            log = truth(url)
        sent = len(run.columns["sent_ns"])
        arrivals = np.sort(log[:, 0])[-sent:]
        gaps = np.diff(arrivals)
        due = run.columns["scheduled_ns"]
        asked = (sent - 1) / (due.max() - due.min())
        rates.append((sent - 1) / (arrivals[-1] - arrivals[0]) / asked)
        lags.append(run.health["schedule_lag_ms_p99"])
        variations.append(float(gaps.std() / gaps.mean()))
    achieved = spread([rate * 100 for rate in rates])
    print(
        f"   achieved {achieved} % of the schedule, send lag p99 {spread(lags)} ms, variation of "
        f"the gaps at the server {spread(variations)}"
    )
    print("   a trace of 5000 rows in 20 s, each by its own due time")
    worst, share, stalls = [], [], []
    for number in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            trace = Path(folder) / "trace.jsonl"
            write_trace(trace, random.Random(number))
            dataset = {"dataset": "trace", "path": str(trace), "unit": "words"}
            with server(binary, 20, 5) as url:
                run = aisbench(url, 8, {"shape": "trace"}, dataset)
        late = (run.columns["sent_ns"] - run.columns["scheduled_ns"]) / MS
        worst.append(float(late.max()))
        share.append(float((late <= 5).mean() * 100))
        stalls.append(run.health["stall_ms_max"])
    print(
        f"   latest {spread(worst)} ms after it was due; {spread(share)} % within 5 ms; the "
        f"machine itself stood still for up to {spread(stalls)} ms\n"
    )


def write_trace(path: Path, source: random.Random) -> None:
    """5000 rows in 20 s at rates that change each second."""
    when = 0.0
    lines = []
    while len(lines) < 5000:
        rate = 150 + 200 * ((int(when) * 7919) % 11) / 10
        when += source.expovariate(rate)
        row = {"at_ms": round(when * 1000, 3), "prompt": f"row {len(lines)}", "output_tokens": 8}
        lines.append(json.dumps(row))
    path.write_text("\n".join(lines) + "\n")


PARTS = {
    "throughput": throughput,
    "fidelity": fidelity,
    "scale": scale,
    "open-loop": open_loop,
}


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", help=f"of: {', '.join(PARTS)}; none: all")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    with built() as binary:
        for name in args.parts or PARTS:
            PARTS[name](binary, args.runs)


if __name__ == "__main__":
    main()
