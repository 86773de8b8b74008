"""Signals that end a command, and processes that its libraries fork."""

from __future__ import annotations

import subprocess
import sys

_FORKED = """
import os, signal, time
from aisbench.runs.signals import as_interrupts

as_interrupts()
as_interrupts()
pid = os.fork()
if not pid:
    while True:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            pass  # as a worker may do
os.kill(pid, signal.SIGTERM)
_, status = os.waitpid(pid, 0)
print(os.WTERMSIG(status) == signal.SIGTERM)
try:
    os.kill(os.getpid(), signal.SIGTERM)
except KeyboardInterrupt:
    print("stopped")
"""


def test_sigterm_ends_a_forked_process_whatever_it_swallows() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FORKED], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.split() == ["True", "stopped"]


_ENDLESS = """
import atexit, time
from aisbench.runs import signals

atexit.register(time.sleep, 60)  # as clients of trackers wait for programs of theirs
signals.END_SECONDS = 0.2
signals.end_soon(3, lambda seconds: print(f"waited {seconds} s", flush=True))
"""


def test_a_process_ends_whatever_a_library_left_for_its_end() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ENDLESS], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "waited 0.2 s\n", "")
