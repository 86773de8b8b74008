"""`dev.py test`: lint, then the tests in as many processes as there are cores, then those that are
bound to time, while nothing else runs. Standard library only."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tools.environment import PYTHON, ROOT
from tools.linting import lint
from tools.not_run import NotRun

UNITS = ("core/tests/unit", "testkit/tests", "plugins")
"""What --quick looks into; what takes seconds there is marked `not_quick`."""


def test(words: Sequence[str]) -> int:
    """Everything; with --quick lint and units; with other words just pytest. An exit code."""
    if list(words) not in ([], ["--quick"]):
        return _pytest(*words)
    begun = time.monotonic()
    lint()
    took = [f"lint {time.monotonic() - begun:.0f} s"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "not-run.json"

        def part(name: str, *words: str) -> int:
            begun = time.monotonic()
            # In one word: a path that stands alone would be taken for tests.
            code = _pytest("--part", name, f"--not-run={file}", *words)
            took.append(f"tests {name} {time.monotonic() - begun:.0f} s")
            return code

        if words:
            codes = [part("quick", *_workers(), *UNITS)]
        else:
            codes = [part("together", *_workers())]
            if alone := NotRun.read(file).alone:
                codes.append(part("alone", *alone))
        print("\n".join(NotRun.read(file).table()))
    print(", ".join((*took, f"in all {time.monotonic() - begun:.0f} s")))
    return next((code for code in codes if code), 0)


def _pytest(*words: str) -> int:
    # Without bytecode each of some thousand processes compiles all that it imports.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.call([str(PYTHON), "-m", "pytest", *words], cwd=ROOT, env=kept)


def _workers() -> tuple[str, ...]:
    """Options for pytest-xdist: a process for each core takes one file after the other.

    Files and not tests, since the servers of a file are started once; in the order in which they
    are found, since the longest ones come first there.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return ("-n", str(cores or 1), "--dist", "loadfile", "--no-loadscope-reorder")
