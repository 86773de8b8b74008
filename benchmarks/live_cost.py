"""What the live view costs a load, and whether it disturbs it.

python benchmarks/live_cost.py [--runs 5] [--requests 6000]

A load of 64 in flight without delay, 64 events an answer, as fast as the engine goes, against
benchmarks/stream_server.c: in a terminal of 80x24, in one of 200x50, and with plain lines into a
pipe, in turn. The terminal is a pseudo-terminal that this script reads as fast as it can.

Two figures each. CPU time of the view itself: what the coordinator spends in drawing, in looking
at the counters and in writing progress.json, by its own clock, as a share of the CPU time of the
load engine (coordinator and workers, from the first fork to the last answer). And the CPU time of
all of that load beside the one with plain lines, which would show what the clock does not see.
Needs a C compiler and Linux.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import resource
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomli_w
from streaming import built, server, spread

SIZES = {"plain lines": None, "80x24": (80, 24), "200x50": (200, 50)}
LIMIT = 0.01
"""Of the engine's CPU time: what is asked for."""


def child(suite: str, file: str) -> None:
    """Run the suite in this process, and write down what was spent where."""
    from aisbench.cli import live_table, main
    from aisbench.loadgen.coordinator import LoadRun
    from aisbench.runs.progress_file import ProgressFile

    spent = {"view": 0, "file": 0, "engine": 0, "frames": 0}

    def timed(owner: Any, name: str, what: str) -> None:
        before: Callable[..., Any] = getattr(owner, name)

        def wrapped(*values: Any) -> Any:
            begun = time.thread_time_ns()
            try:
                return before(*values)
            finally:
                spent[what] += time.thread_time_ns() - begun
                spent["frames"] += what == "view"

        setattr(owner, name, wrapped)

    timed(live_table.LiveTable, "_show_now", "view")
    for name in ("_look", "now", "_replace"):
        timed(ProgressFile, name, "file")
    execute = LoadRun.execute

    def whole(run: Any, around: Any) -> None:
        begun = _cpu()
        execute(run, around)
        spent["engine"] += _cpu() - begun

    LoadRun.execute = whole  # type: ignore[method-assign]
    code = main(["run", suite])
    Path(file).write_text(json.dumps({**spent, "code": code}))


def _cpu() -> int:
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return int(sum(one.ru_utime + one.ru_stime for one in found) * 1e9)


def measured(url: str, requests: int, size: tuple[int, int] | None) -> dict[str, float]:
    """One run; ns of CPU, and events/s of the load."""
    with tempfile.TemporaryDirectory() as folder:
        suite = {
            "suite": {"name": "b", "mode": "performance"},
            "models": {
                "m": {
                    "backend": "vllm-chat",
                    "url": url,
                    "model": "fast",
                    "generation": {"max_tokens": 64},
                }
            },
            "datasets": {"d": {"dataset": "gsm8k-demo"}},
            "load": {"salt": True, "concurrency": 64, "requests": requests, "workers": 1},
            "summarizers": [],
        }
        (Path(folder) / "s.toml").write_text(tomli_w.dumps(suite))
        words = [sys.executable, __file__, "--child", "s.toml", "spent.json"]
        environment = {**os.environ, "AISBENCH_DATA": folder, "TERM": "xterm-256color"}
        environment.pop("CI", None)
        if size is None:
            subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)
        else:
            _in_terminal(words, folder, environment, size)
        found: dict[str, float] = json.loads((Path(folder) / "spent.json").read_text())
        (path,) = Path(folder).glob("outputs/b/*/performance/m/d/load/summary.json")
        figures = json.loads(path.read_text())["populations"][0]["figures"]
        values = {one["name"]: one["value"] for one in figures}
        found["rate"] = values["output_token_throughput"]
        return found


def _in_terminal(
    words: list[str], folder: str, environment: dict[str, str], size: tuple[int, int]
) -> None:
    """Run in a terminal of its own, and read what is drawn."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(words[0], words, environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    drawn = 0
    while True:
        if select.select([terminal], [], [], 0.5)[0]:
            try:
                drawn += len(os.read(terminal, 1 << 16))
            except OSError:  # it has ended
                break
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    if status:
        raise SystemExit(f"the run in a terminal ended with {status}")


def main_() -> None:
    """Interleave them and print them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--requests", type=int, default=6000)
    args = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {name: [] for name in SIZES}
    with built() as binary:
        for _ in range(args.runs):
            for name, size in SIZES.items():
                with server(binary, 0, 0) as url:
                    found[name].append(measured(url, args.requests, size))
    base = statistics.median(one["engine"] for one in found["plain lines"])
    print(f"{args.runs} loads each, 64 in flight, {args.requests} answers of 64 events")
    for name, runs in found.items():
        shares = [(one["view"] + one["file"]) / one["engine"] for one in runs]
        frames = [one["view"] / max(one["frames"], 1) / 1e6 for one in runs]
        ratio = statistics.median(one["engine"] for one in runs) / base
        print(
            f"{name:<12} {spread([share * 100 for share in shares])} % of the engine's CPU "
            f"(limit {LIMIT:.0%}, ratio {statistics.median(shares) / LIMIT:.2f}); a frame "
            f"{spread(frames)} ms; engine {spread([one['engine'] / 1e9 for one in runs])} s CPU, "
            f"ratio to plain lines {ratio:.3f}; "
            f"{spread([one['rate'] / 1000 for one in runs])} thousand tokens/s"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main_()
