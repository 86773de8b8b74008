"""What exporting a large run takes: seconds and memory, for 200,000 answers.

    python benchmarks/exporting.py [--answers 200000]

Prints of each form the time, the peak of resident memory, and that memory less what opening the
run takes alone.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

FORMS = {
    "opened alone": "",
    "csv": "--as csv --table samples -o {out}/samples.csv",
    "parquet": "--as parquet --table samples -o {out}",
    "lm-eval": "--as lm-eval -o {out}",
    "aisbench": "--as aisbench -o {out}",
    "json": "--as json -o {out}/run.json",
}
MAKING = f"""
import sys
sys.path.insert(0, {str(ROOT / "tests" / "support")!r})
from pathlib import Path
from stored_run import stored_run
stored_run(Path(sys.argv[1]), int(sys.argv[2]))
"""
OPENING = """
import sys
import aisbench
for one in aisbench.load_run(sys.argv[1]).samples():
    pass
"""


def main() -> None:
    """Make the run, and export it in every form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=200_000)
    answers = parser.parse_args().answers
    with tempfile.TemporaryDirectory() as name:
        run = Path(name) / "large" / "20260101_000000"
        # Elsewhere: the memory of a process at most begins with that of the one which forked it.
        subprocess.run([sys.executable, "-c", MAKING, str(run), str(answers)], check=True)
        size = sum(path.stat().st_size for path in run.rglob("*") if path.is_file())
        print(f"{answers:,} answers, {size / 1e6:,.0f} MB of files", flush=True)
        base = 0.0
        for form, words in FORMS.items():
            out = Path(name) / form.replace(" ", "-")
            out.mkdir()
            command = [sys.executable, "-c", OPENING, str(run)]
            if words:
                given = words.format(out=out).split()
                command = [sys.executable, "-m", "aisbench", "export", str(run), *given]
            seconds, peak = measured(command)
            base = base or peak
            print(
                f"{form}: {seconds:.1f} s, {peak:.0f} MB at most, {peak - base:+.0f} MB",
                flush=True,
            )


def measured(command: list[str]) -> tuple[float, float]:
    """Seconds and MB at most of a command, in a process whose children are it alone."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return time.monotonic() - begun, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
