"""One task of lm-eval, asked by `lm_eval` itself and by aisbench, of one server.

python benchmarks/against_lm_eval.py [--rows 2000] [--runs 3] [--concurrency 64]

Both are whole programs, from their start to their figures: lm-eval's import, the task's data and
prompts, requests, scoring, results on disk. The server is the simulator, which answers in 64 steps
of 5 ms. `asking` is its own clock's: from the first request that it had read to the last answer
that it had sent; the baseline is what all rows take at that concurrency if the client takes no
time. `CPU` is that of the client's processes: of the whole program, and of what remains of it when
it asks 8 rows, which is what the other rows cost. Each program runs twice with 8 rows first, so
that files are in memory; then both in turn, so that what else the machine does is shared; medians
count. Needs aisbench-plugin-lm-eval, tenacity and requests; takes about three minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

FEW = 8
"""Rows of a run that shows what a program costs beside asking."""
TOKENS = 64
STEP_MS = 5
ROWS = """
from datasets import Dataset


def rows(count=0, **_):
    texts = [f"Say something about the number {one}, at length." for one in range(int(count))]
    return {"test": Dataset.from_list([{"question": one, "answer": "no"} for one in texts])}
"""
TASK = """
task: talk
custom_dataset: !function talk_rows.rows
dataset_kwargs: {{count: {count}}}
test_split: test
doc_to_text: "{{{{question}}}}"
doc_to_target: "{{{{answer}}}}"
generation_kwargs: {{until: ["END"], max_gen_toks: 64}}
metric_list:
  - {{metric: exact_match, aggregation: mean, higher_is_better: true}}
"""
SUITE = """
[suite]
name = "talk"

[models.sim]
backend = "vllm-completions"
url = "{url}"
model = "simulator"
concurrency = {concurrency}
stream = false

[datasets.talk]
dataset = "lm-eval"
task = "./talk.yaml"
"""


@contextlib.contextmanager
def simulator(folder: Path) -> Iterator[str]:
    """Its url."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--ttft-ms", str(STEP_MS), "--tpot-ms", str(STEP_MS), "--output-tokens", str(TOKENS)]
    server = subprocess.Popen(
        [sys.executable, "-m", "aisbench_plugin_simulator", "--port", str(port), *words],
        stdout=(folder / "server.log").open("wb"),
        stderr=subprocess.STDOUT,
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@frozen
class Taken:
    """Seconds of one program: as a whole, while the server had requests of it, and of its CPU."""

    wall: float
    asking: float
    cpu: float


def fetched(url: str, path: str, method: str) -> bytes:
    """What a control of the simulator answers."""
    with urllib.request.urlopen(urllib.request.Request(url + path, method=method)) as answer:
        return bytes(answer.read())


def timed(words: list[str], folder: Path, url: str, rows: int) -> Taken:
    """Run a program; ends this one with its output where it fails, or asked another number of
    rows."""
    fetched(url, "/simulator/reset", "POST")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(folder / "cache")}
    begun = time.perf_counter()
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    wall = time.perf_counter() - begun
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    log = [json.loads(line) for line in fetched(url, "/simulator/log", "GET").splitlines()]
    if len(log) != rows:
        sys.exit(f"{' '.join(words[1:4])} asked {len(log)} requests of {rows} rows")
    asking = max(one["done_ns"] for one in log) - min(one["arrival_ns"] for one in log)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(wall, asking / 1e9, cpu)


def theirs(folder: Path, url: str, concurrency: int) -> list[str]:
    """`lm_eval`, at its most concurrent."""
    arguments = (
        f"model=simulator,base_url={url}/v1/completions,num_concurrent={concurrency},"
        "tokenizer_backend=none,tokenized_requests=False"
    )
    words = ["run", "--model", "local-completions", "--model_args", arguments]
    task = ["--tasks", str(folder / "talk.yaml"), "--output_path", str(folder / "theirs")]
    return [sys.executable, "-m", "lm_eval", *words, *task]


def ours(folder: Path, url: str, concurrency: int) -> list[str]:
    """`aisbench run`."""
    (folder / "suite.toml").write_text(SUITE.format(url=url, concurrency=concurrency))
    return [sys.executable, "-m", "aisbench", "run", "suite.toml"]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=64)
    asked = parser.parse_args()
    baseline = asked.rows / asked.concurrency * TOKENS * STEP_MS / 1000
    print(f"{asked.rows} rows at concurrency {asked.concurrency}: baseline {baseline:.1f} s")
    few: dict[str, Taken] = {}
    many: dict[str, list[Taken]] = {"lm_eval": [], "aisbench": []}
    with tempfile.TemporaryDirectory() as name, simulator(Path(name)) as url:
        folder = Path(name)
        (folder / "talk_rows.py").write_text(ROWS)
        words = {
            "lm_eval": theirs(folder, url, asked.concurrency),
            "aisbench": ours(folder, url, asked.concurrency),
        }
        for rows, runs in ((FEW, 2), (asked.rows, asked.runs)):
            (folder / "talk.yaml").write_text(TASK.format(count=rows))
            for _ in range(runs):
                for program, command in words.items():
                    taken = timed(command, folder, url, rows)
                    if rows == FEW:
                        few[program] = taken  # the second one, whose files are in memory
                    else:
                        many[program].append(taken)
    for program, taken in many.items():
        wall, asking, cpu = (
            statistics.median(getattr(one, name) for one in taken)
            for name in ("wall", "asking", "cpu")
        )
        each = (cpu - few[program].cpu) / (asked.rows - FEW) * 1000
        print(
            f"{program:9} wall {wall:5.1f} s, asking {asking:5.1f} s "
            f"({asking / baseline:.2f} of the baseline), CPU {cpu:5.1f} s, {each:.2f} ms a row; "
            f"{FEW} rows: wall {few[program].wall:.1f} s, CPU {few[program].cpu:.1f} s"
        )
        print(f"{'':9} asking in each run: {', '.join(f'{one.asking:.2f}' for one in taken)} s")
    for name in ("wall", "asking", "cpu"):
        their, our = (
            statistics.median(getattr(one, name) for one in many[program])
            for program in ("lm_eval", "aisbench")
        )
        print(f"{name}: lm_eval takes {their / our:.2f} times as much as aisbench")


if __name__ == "__main__":
    main()
