"""One task of lm-eval, asked by `lm_eval` itself and by aisbench, of one server.

python benchmarks/against_lm_eval.py [--rows 2000] [--runs 3] [--concurrency 64]

Both are whole programs, from their start to their figures: lm-eval's import, the task's data and
prompts, requests, scoring, results on disk. The server is the simulator, which answers in 64 steps
of 5 ms; the baseline is what it takes for all rows at that concurrency. `asking` is what remains
of the wall time when the same program asks 8 rows; of several runs the shortest counts. Needs
aisbench-plugin-lm-eval, tenacity and requests.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

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


def timed(words: list[str], folder: Path) -> tuple[float, float]:
    """Seconds that a program takes, and those of its CPU; ends this one with its output where it
    fails."""
    begun = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - begun, cpu


def theirs(folder: Path, url: str, concurrency: int) -> tuple[float, float]:
    """`lm_eval`, at its most concurrent."""
    arguments = (
        f"model=simulator,base_url={url}/v1/completions,num_concurrent={concurrency},"
        "tokenizer_backend=none,tokenized_requests=False"
    )
    words = ["run", "--model", "local-completions", "--model_args", arguments]
    task = ["--tasks", str(folder / "talk.yaml"), "--output_path", str(folder / "theirs")]
    return timed([sys.executable, "-m", "lm_eval", *words, *task], folder)


def ours(folder: Path, url: str, concurrency: int) -> tuple[float, float]:
    """`aisbench run`."""
    (folder / "suite.toml").write_text(SUITE.format(url=url, concurrency=concurrency))
    return timed([sys.executable, "-m", "aisbench", "run", "suite.toml"], folder)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=64)
    asked = parser.parse_args()
    programs: dict[str, Callable[[Path, str, int], tuple[float, float]]] = {
        "lm_eval": theirs,
        "aisbench": ours,
    }
    baseline = asked.rows / asked.concurrency * TOKENS * STEP_MS / 1000
    print(f"{asked.rows} rows at concurrency {asked.concurrency}: baseline {baseline:.1f} s")
    best = {}
    with tempfile.TemporaryDirectory() as name, simulator(Path(name)) as url:
        folder = Path(name)
        (folder / "talk_rows.py").write_text(ROWS)
        for program, run in programs.items():
            walls = {}
            for rows in (8, asked.rows):
                (folder / "talk.yaml").write_text(TASK.format(count=rows))
                times = [run(folder, url, asked.concurrency) for _ in range(asked.runs)]
                walls[rows] = min(times)
            (wall, cpu), (few, few_cpu) = walls[asked.rows], walls[8]
            best[program] = wall, wall - few
            print(
                f"{program:9} wall {wall:6.1f} s (CPU {cpu:5.1f}), 8 rows {few:5.1f} s "
                f"(CPU {few_cpu:5.1f}), asking {wall - few:6.1f} s (CPU {cpu - few_cpu:5.1f})"
            )
    for at, word in enumerate(("wall", "asking")):
        ratio = best["lm_eval"][at] / best["aisbench"][at]
        print(f"{word}: lm_eval takes {ratio:.2f} times as long as aisbench")
    print(f"asking, over the baseline: {best['aisbench'][1] / baseline:.2f}")


if __name__ == "__main__":
    main()
