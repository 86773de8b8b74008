"""What LongBench costs at its own lengths, and rows of 60,000 tokens: time and memory.

python benchmarks/long_rows.py [--words 45000] [--long 1000] [--scale 1.0]

Rows are made up in the official layout: as many of each of the 21 tasks as LongBench has, of the
mean lengths that its authors state (LongBench/task.md), the longest of each task four times as
long; then `--long` rows of one task, of `--words` words each (45,000 words are about 60,000
tokens). Of each are measured, in processes of their own: loading all rows and rendering their
prompts; scoring a stored answer to each (the 64 to 512 tokens that the tasks allow); and
`aisbench run` against a simulated server. Printed are seconds, rows a second, and the most memory
that the process had.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LENGTHS = {
    "narrativeqa": 18409, "qasper": 3619, "multifieldqa_en": 4559, "multifieldqa_zh": 6701,
    "hotpotqa": 9151, "2wikimqa": 4887, "musique": 11214, "dureader": 15768, "gov_report": 8734,
    "qmsum": 10614, "multi_news": 2113, "vcsum": 15380, "trec": 5177, "triviaqa": 8209,
    "samsum": 6258, "lsht": 22337, "passage_count": 11141, "passage_retrieval_en": 9289,
    "passage_retrieval_zh": 6745, "lcc": 1235, "repobench-p": 4206,
}  # fmt: skip
"""Mean length of each task, in words, or in characters of Chinese."""
ROWS = {"multifieldqa_en": 150, "lcc": 500, "repobench-p": 500}
"""Where there are not 200."""
CHINESE = frozenset({"multifieldqa_zh", "dureader", "vcsum", "lsht", "passage_retrieval_zh"})
SUMMARIES = frozenset({"gov_report", "qmsum", "multi_news", "vcsum"})
CLASSES = ["Place", "Person", "Person or group", "Number"]
PORT = 8751
SERVER = ["--ttft-ms", "0", "--tpot-ms", "0", "--max-model-len", "10000000"]
INSIDE = """\
import json, resource, sys, time
from aisbench.api import Answer, open_dataset
from aisbench.plugins.discovery import discover
from aisbench_testkit.checks.snapshots import prompts_of
from aisbench_plugin_longbench.scores import score
folder, what, parts = sys.argv[1], sys.argv[2], sys.argv[3:]
begun = time.perf_counter()
dataset = open_dataset("longbench", {"path": folder, **({"parts": parts} if parts else {})})
samples = dataset.samples()
characters = 0
if what == "render":
    catalog = discover()
    variant = dataset.variants()["0-shot-chat"]
    for one in samples:
        (prompt,) = prompts_of(variant, dataset, [one], catalog)
        characters += len(prompt.messages[-1].text)
else:
    answers = [(one, Answer.of(one.fields["said"])) for one in samples]
    begun = time.perf_counter()
    for one, answer in answers:
        score(one, answer)
print(json.dumps([
    time.perf_counter() - begun, len(samples), characters,
    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
]))
"""


def rows_of(task: str, many: int, mean: int, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of about ``mean`` words; every twentieth is four times as long."""
    chance = random.Random(f"{seed}-{task}")
    words = [
        "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randrange(2, 10)))
        for _ in range(4000)
    ]
    signs = [chr(0x4E00 + chance.randrange(3000)) for _ in range(2000)]

    def text(count: int) -> str:
        if task in CHINESE:
            return "".join(chance.choices(signs, k=count))
        return re.sub(r"((?:\S+ ){11}\S+) ", r"\1. ", " ".join(chance.choices(words, k=count)))

    for number in range(many):
        length = int(mean * (4 if number % 20 == 7 else 0.84 + 0.0001 * (number % 7)))
        size = 350 if task in SUMMARIES else 12
        answer = {"passage_count": "7", "trec": "Person", "lsht": "Place"}.get(task, text(size))
        answer = {"passage_retrieval_en": "Paragraph 3", "passage_retrieval_zh": "段落3"}.get(
            task, answer
        )
        yield {
            "input": text(20), "context": text(length), "answers": [answer], "length": length,
            "dataset": task, "language": "zh" if task in CHINESE else "en",
            "all_classes": CLASSES if task in ("trec", "lsht") else None,
            "_id": f"{task}-{number}", "said": f"{text(size)} {answer}",
        }  # fmt: skip


def write(folder: Path, task: str, many: int, mean: int) -> None:
    """A task's file."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    with (folder / "data" / f"{task}.jsonl").open("w", encoding="utf-8") as file:
        for row in rows_of(task, many, mean, 15):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def inside(folder: Path, what: str, parts: list[str]) -> list[float]:
    """Seconds, rows, characters and MB of a process that does ``what``."""
    done = subprocess.run(
        [sys.executable, "-c", INSIDE, str(folder), what, *parts],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found: list[float] = json.loads(done.stdout)
    return found


def whole_run(folder: Path, parts: list[str]) -> tuple[float, float]:
    """Seconds and MB of `aisbench run` against a simulated server, from start to figures."""
    server = subprocess.Popen(
        [sys.executable, "-m", "aisbench_plugin_simulator", "--port", str(PORT), *SERVER],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        server.stdout.readline()
        suite = folder / "suite.toml"
        suite.write_text(
            f'[suite]\nname = "long"\noutput = "{folder}/outputs"\n'
            f'[models.m]\nbackend = "vllm-chat"\nurl = "http://127.0.0.1:{PORT}"\n'
            "concurrency = 32\n"
            f'[datasets.longbench]\ndataset = "longbench"\npath = "{folder}"\n'
            + (f"parts = {json.dumps(parts)}\n" if parts else ""),
            encoding="utf-8",
        )
        script = (
            "import os, resource, subprocess, sys, time\n"
            "begun = time.perf_counter()\n"
            "code = subprocess.run([sys.executable, '-m', 'aisbench', 'run', sys.argv[1]],"
            " stdout=subprocess.DEVNULL).returncode\n"
            "most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024\n"
            "print(time.perf_counter() - begun, most, code)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(suite)], capture_output=True, text=True,
            env={**os.environ, "NO_COLOR": "1"},
        )  # fmt: skip
        seconds, most, code = done.stdout.split()
        if code != "0":
            sys.exit(done.stderr[-2000:])
        return float(seconds), float(most)
    finally:
        server.terminate()
        server.wait(10)


def measure(name: str, folder: Path, parts: list[str]) -> float:
    """Prints the lines of one set of rows; returns the most memory, in MB."""
    seconds, rows, characters, loaded = inside(folder, "render", parts)
    print(
        f"{name}: {rows:,.0f} rows, {characters / 1e6:,.0f} million characters of prompts\n"
        f"  load and render  {seconds:7.1f} s  {rows / seconds:8,.0f} rows/s  {loaded:6,.0f} MB"
    )
    seconds, rows, _, scored = inside(folder, "score", parts)
    print(f"  score            {seconds:7.1f} s  {rows / seconds:8,.0f} rows/s  {scored:6,.0f} MB")
    seconds, most = whole_run(folder, parts)
    print(f"  aisbench run     {seconds:7.1f} s  {rows / seconds:8,.0f} rows/s  {most:6,.0f} MB")
    return max(loaded, scored, most)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--words", type=int, default=45_000)
    parser.add_argument("--long", type=int, default=1000)
    parser.add_argument("--scale", type=float, default=1.0, help="share of LongBench's rows")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        whole = Path(home) / "longbench"
        for task, mean in LENGTHS.items():
            write(whole, task, max(1, int(asked.scale * ROWS.get(task, 200))), mean)
        most = measure("LongBench", whole, [])
        long = Path(home) / "long"
        write(long, "hotpotqa", asked.long, asked.words)
        most = max(most, measure(f"{asked.words:,} words a row", long, ["hotpotqa"]))
    print(f"the most memory of all: {most:,.0f} MB (to stay below 1,000)")
    return 0 if most < 1000 else 1


if __name__ == "__main__":
    sys.exit(main())
