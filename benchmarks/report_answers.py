"""The HTML report of very many answers: time, memory, size, and what a small run pays for it.

python benchmarks/report_answers.py [--answers 250000] [--words 160]

A run of so many answers is made up (of `--words` words each, in a folder that is removed), and its
report is made in a process of its own, whose CPU seconds and memory are printed beside the seconds
on the clock. Wanted are 30 s, 1.5 GB and 15 MB at 250,000 answers. Then the same of a run of 200
answers: what every small run of somebody with the package takes longer.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
WANTED = {"seconds": 30.0, "memory": 1.5, "size": 15.0}
"""s, GB, MB."""
SMALL = 200


def report(run: str, folder: str) -> None:
    """The report of a run, timed from the moment at which the run is known."""
    import aisbench

    found = aisbench.load_run(Path(run), verify=False)
    begun, cpu = time.monotonic(), time.process_time()
    (page,) = aisbench.summarize(found, "html", Path(folder)).files
    told = {
        "seconds": time.monotonic() - begun,
        "cpu": time.process_time() - cpu,
        "memory": peak_gb(),
        "size": page.stat().st_size / 1e6,
    }
    print(json.dumps(told))


def peak_gb() -> float:
    """The most that this process had in memory. Not ru_maxrss: that begins with its parent's."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024 / 1e9


def measured(run: Path, folder: Path) -> dict[str, float]:
    """What it took."""
    words = [sys.executable, __file__, "--report", str(run), str(folder)]
    found: dict[str, float] = json.loads(
        subprocess.run(words, check=True, capture_output=True).stdout
    )
    return found


def main() -> None:
    """Make up, report, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--answers", type=int, default=250_000)
    parser.add_argument("--words", type=int, default=160)
    parser.add_argument("--report", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.report:
        report(*args.report)
        return
    from stored_run import stored_run

    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        scratch = Path(name)
        for answers in (args.answers, SMALL):
            run = stored_run(scratch / str(answers) / "20261120_153000", answers, words=args.words)
            measured(run, scratch)  # files into the page cache, Vega into the user's
            found = measured(run, scratch)
            print(
                f"{answers:,} answers of {args.words} words: {found['seconds']:.2f} s "
                f"({found['cpu']:.2f} s of CPU), {found['memory']:.2f} GB at most, "
                f"{found['size']:.2f} MB; others' load {os.getloadavg()[0]:.1f}"
            )
            if answers == args.answers:
                print(
                    f"wanted: {WANTED['seconds']:g} s, {WANTED['memory']:g} GB, "
                    f"{WANTED['size']:g} MB; ratio in time "
                    f"{found['seconds'] / WANTED['seconds']:.2f}"
                )


if __name__ == "__main__":
    main()
