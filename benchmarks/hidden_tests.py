"""What LiveCodeBench's hidden tests cost: time and memory of a file as large as the official one.

python benchmarks/hidden_tests.py [--megabytes 1300] [--rows 400] [--folder DIR]

Rows are made up in the official layout (code_generation_lite), their private tests packed as they
are there: pickle, zlib, base64. The file has as many bytes as test.jsonl, and one of its rows
twenty times as many as the others. Answers are given, of which one in eight is right: all of its
tests are run. Then the data are removed, the run is moved and evaluated again. Printed are seconds
and the most memory that any process had. The folder takes twice the size, and is
removed at the end.
"""

from __future__ import annotations

import argparse
import base64
import json
import pickle
import random
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

TESTS = 12
RIGHT = "import sys\nprint(sum(map(int, sys.stdin.read().split())))"
WRONG = "import sys\nprint(sum(map(int, sys.stdin.read().split())) + 1)"
PACKED = 0.61
"""Bytes in base64 for each byte of random digits."""
LARGE = 20
MOST_MB = 1000
MEASURED = """\
import resource, subprocess, sys, time
begun = time.perf_counter()
code = subprocess.run([sys.executable, "-m", "aisbench", *sys.argv[1:]]).returncode
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"{time.perf_counter() - begun:.1f} {most:.0f} {code}", file=sys.stderr)
"""


def packed(size: int, chance: random.Random, pool: list[str]) -> str:
    """Tests whose text in base64 has about ``size`` bytes."""
    words = max(1, int(size / PACKED / TESTS / 9))
    tests = []
    for _ in range(TESTS):
        at = chance.randrange(max(1, len(pool) - words))
        numbers = (pool[at:] + pool * (words // len(pool) + 1))[:words]
        given = f"{chance.randrange(10**8)} {' '.join(numbers)}\n"
        right = str(sum(map(int, given.split())))
        tests.append({"input": given, "output": f"{right}\n", "testtype": "stdin"})
    text = pickle.dumps(json.dumps(tests))
    return base64.b64encode(zlib.compress(text, 1)).decode("ascii")


def write(folder: Path, megabytes: int, rows: int) -> None:
    """The file of one version, and answers to its rows."""
    chance = random.Random(15)
    pool = [str(chance.randrange(10**7, 10**8)) for _ in range(600_000)]
    mean = megabytes * 1_000_000 // (rows + LARGE - 1)
    with (
        (folder / "test.jsonl").open("w", encoding="utf-8") as file,
        (folder / "answers.jsonl").open("w", encoding="utf-8") as answers,
    ):
        for number in range(rows):
            row = {
                "question_title": f"Sum {number}", "question_content": "Add the numbers.",
                "platform": "atcoder", "question_id": f"made_{number}", "contest_id": "made",
                "contest_date": "2024-09-01T00:00:00", "starter_code": "", "difficulty": "easy",
                "public_test_cases": json.dumps(
                    [{"input": "1 2\n", "output": "3\n", "testtype": "stdin"}]
                ),
                "private_test_cases": packed(
                    mean * (LARGE if number == rows // 2 else 1), chance, pool
                ),
                "metadata": "{}",
            }  # fmt: skip
            file.write(json.dumps(row) + "\n")
            said = f"```python\n{WRONG if number % 8 else RIGHT}\n```"
            answers.write(json.dumps({"id": f"made_{number}", "text": said}) + "\n")


def measured(what: str, *arguments: str) -> float:
    """The most memory of a process, in MB; prints its line."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments], capture_output=True, text=True
    )
    seconds, most, code = done.stderr.splitlines()[-1].split()
    if code != "0":
        sys.exit(done.stdout[-1000:] + done.stderr[-3000:])
    figure = next((one for one in done.stdout.splitlines() if "pass@1" in one), "no figure")
    print(f"  {what:18} {float(seconds):7.1f} s {float(most):6,.0f} MB   {figure.strip()}")
    return float(most)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=1300)
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--folder", type=Path, help="where it is made; default: a temporary one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as home:
        folder = Path(home)
        write(folder, asked.megabytes, asked.rows)
        size = (folder / "test.jsonl").stat().st_size / 1e6
        print(f"LiveCodeBench: {asked.rows} rows, {size:,.0f} MB")
        (folder / "suite.toml").write_text(
            f'[suite]\nname = "made"\noutput = "{folder}/outputs"\n'
            f'[models.m]\nbackend = "aisbench/answers"\nfile = "{folder}/answers.jsonl"\n'
            f'[datasets.set]\ndataset = "livecodebench"\npath = "{folder}"\nparts = ["v1"]\n'
            "evaluation = { run_code = true }\n",
            encoding="utf-8",
        )
        most = measured("aisbench run", "run", str(folder / "suite.toml"))
        (run,) = (folder / "outputs" / "made").iterdir()
        shutil.move(run, folder / "moved")
        (folder / "test.jsonl").unlink()
        most = max(most, measured("aisbench evaluate", "evaluate", str(folder / "moved")))
    print(f"the most memory of all: {most:,.0f} MB (to stay below {MOST_MB:,})")
    return 0 if most < MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main())
